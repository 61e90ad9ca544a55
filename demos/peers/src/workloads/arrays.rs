//! A mixture of Gaussians, and sparse Hessians of chains.

use wengert::{einsum, prelude::*};

use super::{Case, Failure, Made, made, tensor};
use crate::data::Inputs;

/// The logarithm of the posterior of a mixture of Gaussians (the definition of ADBench), and its gradient.
pub fn gmm(inputs: &Inputs) -> Result<Case, Failure> {
    let (n, k, d) = (inputs.shape("x")?[0], inputs.shape("mu")?[0], inputs.shape("mu")?[1]);
    let l = d * (d - 1) / 2;
    let at = inputs.arrays(&["alpha", "mu", "q", "l", "x"])?;
    // Where each element of a d×d matrix is among the strictly lower ones, column by column; elsewhere behind them.
    let lower = |i: usize, j: usize| if i > j { j * d - j * (j + 1) / 2 + i - j - 1 } else { l };
    let places: Vec<i64> = (0..d * d).map(|at| lower(at / d, at % d) as i64).collect();
    let constant = normalisation(n, k, d);
    Case::new(|| {
        let g = Graph::new();
        let (alpha, mu, q) = (g.tensor("alpha", &[k]), g.tensor("mu", &[k, d]), g.tensor("q", &[k, d]));
        let (below, x) = (g.tensor("l", &[k, l]), g.tensor("x", &[n, d]));
        let (scales, sums) = (q.exp(), q.sum_along(1));
        let zeros = g.constant(&[k, 1], &vec![0.0; k]);
        let triangle = concat(&[below, zeros], 1).take(1, g.integers(&[d * d], &places)).reshape(&[k, d, d]);
        let eye: Vec<f64> = (0..d * d).map(|at| f64::from(u8::from(at / d == at % d))).collect();
        let roots = triangle + scales.reshape(&[k, d, 1]) * g.constant(&[d, d], &eye);
        let moved = x.matmul(roots.reshape(&[k * d, d]).transpose()).reshape(&[n, k, d]);
        let away = moved - einsum("kij,kj->ki", &[roots, mu]);
        let terms = alpha + sums - 0.5 * away.square().sum_along(2);
        let prior = 0.5 * (scales.square().sum() + below.square().sum());
        let f = g.function("gmm", constant + terms.logsumexp(&[1]).sum() - n as f64 * alpha.logsumexp(&[0]) - prior)?;
        let gradient = f.grad(["alpha", "mu", "q", "l"])?;
        Ok(vec![made("primal", f, &at), made("deriv", gradient, &at)])
    })
}

/// The sum along one axis.
trait SumAlong {
    fn sum_along(self, axis: usize) -> Expr;
}

impl SumAlong for Expr {
    fn sum_along(self, axis: usize) -> Expr {
        self.reduce(wengert::Reduce::Sum, &[axis])
    }
}

/// What does not depend on the parameters, for γ = 1 and m = 0.
fn normalisation(n: usize, k: usize, d: usize) -> f64 {
    let degrees = d as f64 + 1.0;
    let pi = std::f64::consts::PI.ln();
    let log_gamma = 0.25 * (d * (d - 1)) as f64 * pi + (0..d).map(|j| lgamma_half(d + 1 - j)).sum::<f64>();
    let each = -degrees * d as f64 * 0.5 * 2f64.ln() - log_gamma;
    -((n * d) as f64) * 0.5 * (2.0 * std::f64::consts::PI).ln() + k as f64 * each
}

/// log Γ(m/2), by the recurrence from Γ(1/2) = √π and Γ(1) = 1.
fn lgamma_half(m: usize) -> f64 {
    let start = if m.is_multiple_of(2) { 0.0 } else { 0.5 * std::f64::consts::PI.ln() };
    let first = if m.is_multiple_of(2) { 2 } else { 1 };
    start + (first..m).step_by(2).map(|i| (i as f64 / 2.0).ln()).sum::<f64>()
}

/// The Hessian of Rosenbrock's chain, or of a band: its diagonals on and below the main one.
pub fn hessian(inputs: &Inputs, rosenbrock: bool) -> Result<Case, Failure> {
    let x = inputs.array("x")?;
    let n = x.len();
    Case::new(|| {
        let f = Function::new("f", &[("x", tensor(&[n]))], |v| {
            let part = |from: usize, to: usize| v[0].slice_along(0, from..to);
            if rosenbrock {
                let (a, b) = (part(0, n - 1), part(1, n));
                return (100.0 * (b - a.square()).square() + (1.0 - a).square()).sum();
            }
            let (a, b, c) = (part(0, n - 2), part(1, n - 1), part(2, n));
            let u = a - b * c;
            ((-u.square()).exp() + (a * b).sin() * c.cos()).sum()
        })?;
        let sparse = f.sparse_hessian("x")?;
        let entries: Vec<(usize, usize)> = sparse.pattern.coordinates().collect();
        let width = if rosenbrock { 2 } else { 3 };
        let diagonal = |d: usize| {
            let on = move |&(_, (i, j)): &(usize, (usize, usize))| i >= j && i - j == d;
            entries.iter().copied().enumerate().filter(on).map(|(at, _)| at).collect::<Vec<usize>>()
        };
        let chosen = (0..width).flat_map(diagonal).collect();
        let hessian = Made { name: "deriv", function: sparse.function, inputs: x.to_vec(), chosen: Some(chosen) };
        Ok(vec![made("primal", f, x), hessian])
    })
}
