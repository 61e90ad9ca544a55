//! The meta-gradients of the polynomial on paper. Its loss is a quadratic, with gradient Hθ − c for H = 2ΦᵀΦ/n and
//! c = 2Φᵀy/n, so k steps give θₖ with dθₖ/dθ = (1 − αH)ᵏ, and the meta-gradient is (1 − αH)ᵏ(H′θₖ − c′) with H′ and c′ of
//! the new examples. To first order the power is left out.

use crate::learner::Meta;
use crate::models::POLYNOMIAL;

type Vector = [f64; 3];

/// The meta-gradient after some steps; `examples` are x, y, x_new, y_new.
pub fn meta_gradient(theta: Vector, examples: [&[f64]; 4], steps: usize, meta: Meta) -> Vector {
    let [x, y, x_new, y_new] = examples;
    let rate = POLYNOMIAL.rate;
    let mut adapted = theta;
    for _ in 0..steps {
        let slope = slope(adapted, x, y);
        adapted = std::array::from_fn(|i| adapted[i] - rate * slope[i]);
    }
    let mut gradient = slope(adapted, x_new, y_new);
    if meta == Meta::Exact {
        for _ in 0..steps {
            let bent = slope(gradient, x, &vec![0.0; x.len()]); // H times the gradient
            gradient = std::array::from_fn(|i| gradient[i] - rate * bent[i]);
        }
    }
    gradient
}

/// Hθ − c
fn slope(theta: Vector, x: &[f64], y: &[f64]) -> Vector {
    let mut sum = [0.0; 3];
    for (x, y) in x.iter().zip(y) {
        let features = [1.0, *x, x * x];
        let error = features.iter().zip(theta).map(|(f, t)| f * t).sum::<f64>() - y;
        for (sum, feature) in sum.iter_mut().zip(features) {
            *sum += error * feature;
        }
    }
    sum.map(|s| 2.0 * s / x.len() as f64)
}
