//! Densities whose moments are known on paper: a Gaussian of any dimension, and Rosenbrock's banana.

use wengert::prelude::*;

use crate::density::Density;

/// Correlation of neighbours in [`gaussian`].
const RHO: f64 = 0.8;

/// A stationary chain of n standard normals, each correlated with the one before.
///
/// # Errors
/// None, unless the engine is broken.
pub fn gaussian(n: usize) -> Result<Density, Error> {
    let g = Graph::new();
    let q = g.tensor("q", &[n]);
    let (before, after) = (q.slice_along(0, 0..n - 1), q.slice_along(0, 1..n));
    let u = (q.at(0).square() + (after - RHO * before).square().sum() / (1.0 - RHO * RHO)) / 2.0;
    Ok(Density {
        name: format!("gaussian {n}"),
        potential: g.function("gaussian", u)?,
        quantities: g.function("quantities", [q.at(0), q.at(n - 1), q.at(n - 1).square()])?,
        exact: vec![
            ("first".to_string(), 0.0, 1.0),
            ("last".to_string(), 0.0, 1.0),
            ("last^2".to_string(), 1.0, 2f64.sqrt()),
        ],
        by_hand: Box::new(gaussian_by_hand),
        steps: 16,
    })
}

fn gaussian_by_hand(q: &[f64], out: &mut [f64]) {
    let n = q.len();
    let mut u = q[0] * q[0] / 2.0;
    out[1] = q[0];
    for i in 1..n {
        let residual = q[i] - RHO * q[i - 1];
        let slope = residual / (1.0 - RHO * RHO);
        u += residual * slope / 2.0;
        out[i] -= RHO * slope;
        out[i + 1] = slope;
    }
    out[0] = u;
}

/// exp(−(10(y − x²)² + (1 − x)²)/2): x is N(1, 1), and y given x is N(x², √0.1). Curved and ever narrower, so steps are
/// short for its tails and long for its length.
///
/// # Errors
/// None, unless the engine is broken.
pub fn rosenbrock() -> Result<Density, Error> {
    let g = Graph::new();
    let q = g.tensor("q", &[2]);
    let (x, y) = (q.at(0), q.at(1));
    let u = (10.0 * (y - x.square()).square() + (1.0 - x).square()) / 2.0;
    Ok(Density {
        name: "rosenbrock".to_string(),
        potential: g.function("rosenbrock", u)?,
        quantities: g.function("quantities", [x, y])?,
        exact: vec![("x".to_string(), 1.0, 1.0), ("y".to_string(), 2.0, 6.1f64.sqrt())],
        by_hand: Box::new(rosenbrock_by_hand),
        steps: 100,
    })
}

fn rosenbrock_by_hand(q: &[f64], out: &mut [f64]) {
    let (x, y) = (q[0], q[1]);
    let off = y - x * x;
    out[0] = (10.0 * off * off + (1.0 - x) * (1.0 - x)) / 2.0;
    out[1] = x - 1.0 - 20.0 * off * x;
    out[2] = 10.0 * off;
}
