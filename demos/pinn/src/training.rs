//! Trains, and looks at the error on a finer grid than the one that is learned from.

use wengert::prelude::*;

use crate::bfgs::Bfgs;
use crate::network::{Equations, grid, start};
use crate::problem::solution;

/// Points along a side of the grid of errors.
pub const FINE: usize = 41;

/// What is known after some steps.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Steps so far.
    pub steps: usize,
    /// Gradients so far.
    pub gradients: usize,
    /// Root of the mean squared residual of the training points.
    pub residual: f64,
    /// Largest error of the solution on the finer grid.
    pub error: f64,
}

/// Trains for `steps` steps, and reports at the start and after 1, 2, 5, 10, … and the last of them. Also gives the errors
/// of the solution on the finer grid, row by row.
///
/// # Errors
/// None, unless the engine is broken.
pub fn train(
    equations: &Equations,
    steps: usize,
    seed: i64,
    mut report: impl FnMut(Progress),
) -> Result<Vec<f64>, Error> {
    let program = equations.training.compile()?;
    let fine = grid(FINE);
    let solved = equations.u.vmap(&[None, None, None, Some(0)], fine.len())?.compile()?;
    let errors = |weights: &[f64]| -> Result<Vec<f64>, Error> {
        let u = solved.run(&[weights, fine.as_flattened()].concat())?;
        Ok(u.iter().zip(&fine).map(|(u, &[x, y])| u - solution(x, y)).collect())
    };

    let objective = |weights: &[f64]| program.run(weights).expect("as many as there are weights");
    let mut bfgs = Bfgs::new(objective, start(program.inputs(), seed)?);
    for step in 0..=steps {
        let stuck = step > 0 && !bfgs.step();
        if stuck || step == steps || is_round(step) {
            let error = errors(&bfgs.x)?.iter().fold(0.0, |a: f64, e| a.max(e.abs()));
            let (gradients, residual) = (bfgs.evaluations, bfgs.value.sqrt());
            report(Progress { steps: step, gradients, residual, error });
        }
        if stuck {
            break;
        }
    }
    errors(&bfgs.x)
}

/// 0, or 1, 2 or 5 times a power of ten.
fn is_round(step: usize) -> bool {
    let digits = step.to_string();
    matches!(digits.trim_end_matches('0'), "" | "1" | "2" | "5")
}
