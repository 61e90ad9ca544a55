//! The eight schools (D. B. Rubin, *Estimation in parallel randomized experiments*, J. Educational Statistics 6, 1981;
//! A. Gelman et al., *Bayesian Data Analysis*, section 5.5): by how many points did coaching raise the scores at each?
//!
//! yⱼ ~ N(θⱼ, σⱼ), θⱼ = μ + τ·zⱼ, zⱼ ~ N(0, 1), μ ~ N(0, 5), τ ~ half-Cauchy(5). The point is (μ, log τ, z).

use wengert::prelude::*;

use crate::density::Density;

/// Estimated effect of each school.
pub const EFFECT: [f64; 8] = [28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0];
/// Its standard error.
pub const ERROR: [f64; 8] = [15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0];

/// Posterior means and deviations. θ and μ are integrated in closed form and τ by quadrature with 30 digits (mpmath).
const EXACT: [(&str, f64, f64); 10] = [
    ("mu", 4.39682071383, 3.31770446314),
    ("tau", 3.5977054841, 3.21995841466),
    ("theta A", 6.21188420406, 5.59312619533),
    ("theta B", 4.94017841951, 4.67426846217),
    ("theta C", 3.92700440253, 5.2626151055),
    ("theta D", 4.75709829128, 4.78029733682),
    ("theta E", 3.6154770154, 4.65745258584),
    ("theta F", 4.04261263583, 4.82686559157),
    ("theta G", 6.29672412757, 5.07784875631),
    ("theta H", 4.85425331988, 5.29080106455),
];

/// The posterior.
///
/// # Errors
/// None, unless the engine is broken.
pub fn schools() -> Result<Density, Error> {
    let g = Graph::new();
    let q = g.tensor("q", &[10]);
    let (mu, log_tau, z) = (q.at(0), q.at(1), q.slice_along(0, 2..10));
    let tau = log_tau.exp();
    let theta = mu + tau * z;
    let misfit = (theta - g.constant(&[8], &EFFECT)) / g.constant(&[8], &ERROR);
    let squares = (mu / 5.0).square() + z.square().sum() + misfit.square().sum();
    let u = squares / 2.0 + (tau / 5.0).square().log1p() - log_tau; // the last is the Jacobian of τ = exp(log τ)
    Ok(Density {
        name: "eight schools".to_string(),
        potential: g.function("schools", u)?,
        quantities: g.function("quantities", (mu, tau, theta))?,
        exact: EXACT.map(|(name, mean, deviation)| (name.to_string(), mean, deviation)).to_vec(),
        by_hand: Box::new(by_hand),
        steps: 20,
    })
}

fn by_hand(q: &[f64], out: &mut [f64]) {
    let (mu, log_tau, z) = (q[0], q[1], &q[2..]);
    let tau = log_tau.exp();
    let ratio = (tau / 5.0).powi(2);
    let (mut u, mut d_mu, mut d_log_tau) = (mu * mu / 50.0 + ratio.ln_1p() - log_tau, mu / 25.0, 0.0);
    for j in 0..8 {
        let misfit = (mu + tau * z[j] - EFFECT[j]) / ERROR[j];
        let d_theta = misfit / ERROR[j];
        u += (z[j] * z[j] + misfit * misfit) / 2.0;
        d_mu += d_theta;
        d_log_tau += d_theta * tau * z[j];
        out[3 + j] = z[j] + tau * d_theta;
    }
    (out[0], out[1], out[2]) = (u, d_mu, d_log_tau + 2.0 * ratio / (1.0 + ratio) - 1.0);
}
