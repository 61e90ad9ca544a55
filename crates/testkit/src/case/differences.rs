//! Central differences, extrapolated to step 0 by Richardson's scheme with Ridders' choice of the best entry
//! (C. J. F. Ridders, Advances in Engineering Software 4 (1982) 75).

/// Number of steps.
const STEPS: usize = 22;
/// Ratio of neighbouring steps.
const RATIO: f64 = 1.6;
/// The largest step, relative to the place (absolute below 1).
const FIRST: f64 = 0.03;

/// The derivative at `x` of each component of a function of one number.
pub fn derivative(x: f64, mut f: impl FnMut(f64) -> Vec<f64>) -> Vec<f64> {
    let mut quotients: Vec<Vec<f64>> = Vec::new();
    for step in 0..STEPS {
        let h = FIRST * x.abs().max(1.0) / RATIO.powi(step as i32);
        let (above, below) = (x + h, x - h);
        let pairs = f(above).into_iter().zip(f(below));
        quotients.push(pairs.map(|(a, b)| (a - b) / (above - below)).collect());
    }
    let components = quotients[0].len();
    (0..components).map(|at| extrapolate(quotients.iter().map(|q| q[at]).collect())).collect()
}

/// The entry of Richardson's tableau that differs least from its neighbours; NaN if there is none.
fn extrapolate(mut column: Vec<f64>) -> f64 {
    let (mut best, mut error) = (f64::NAN, f64::INFINITY);
    let mut factor = 1.0;
    while column.len() > 1 {
        factor *= RATIO * RATIO;
        let next: Vec<f64> = column.windows(2).map(|pair| (pair[1] * factor - pair[0]) / (factor - 1.0)).collect();
        for (pair, &entry) in column.windows(2).zip(&next) {
            let distance = (entry - pair[0]).abs().max((entry - pair[1]).abs());
            if distance < error {
                (best, error) = (entry, distance);
            }
        }
        column = next;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_functions_are_differentiated_to_ten_digits() {
        for x in [-3.0, 0.0, 0.2, 1.7, 40.0] {
            let found = derivative(x, |x| vec![x.exp(), x.sin(), x * x]);
            for (found, exact) in found.iter().zip([x.exp(), x.cos(), 2.0 * x]) {
                assert!((found - exact).abs() <= 1e-10 * exact.abs().max(1.0), "{found} {exact} at {x}");
            }
        }
    }

    #[test]
    fn a_function_without_numbers_has_no_differences() {
        assert!(derivative(1.0, |_| vec![f64::NAN])[0].is_nan());
    }
}
