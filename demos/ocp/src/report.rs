//! The text that the program prints.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use wengert::prelude::*;

use crate::collocation::Collocation;
use crate::solver::Iterate;

/// One line for each iterate.
pub fn iterations(path: &[Iterate]) -> String {
    let mut out =
        format!("{:>4}{:>14}{:>12}{:>12}{:>10}{:>10}\n", "step", "cost", "violation", "slope", "shift", "length");
    for (step, it) in path.iter().enumerate() {
        let Iterate { cost, violation, slope, shift, length } = it;
        let _ = writeln!(out, "{step:>4}{cost:>14.8}{violation:>12.1e}{slope:>12.1e}{shift:>10.1e}{length:>10.1e}");
    }
    out
}

/// What the derivatives cost on some grids.
///
/// # Errors
/// None, unless the engine is broken.
pub fn costs(grids: &[usize]) -> Result<String, Error> {
    let mut out = format!(
        "{:>9}{:>10}{:>10}{:>9}{:>7}{:>9}{:>7}{:>12}{:>12}{:>12}\n",
        "intervals",
        "decisions",
        "equations",
        "entries",
        "passes",
        "entries",
        "passes",
        "set-up",
        "Jacobian",
        "Hessian"
    );
    for &n in grids {
        let start = Instant::now();
        let problem = Collocation::new(n)?;
        let setup = start.elapsed();
        let x = problem.straight();
        let both = [&x[..], &vec![1.0; problem.equations]].concat();
        let jacobian = best(|| problem.jacobian.at(&x).map(drop))?;
        let hessian = best(|| problem.hessian.at(&both).map(drop))?;
        let times = [setup, jacobian, hessian].map(|t| format!("{:>9.1} µs", t.as_secs_f64() * 1e6)).concat();
        let _ = write!(out, "{n:>9}{:>10}{:>10}", problem.decisions, problem.equations);
        for (program, passes) in [&problem.jacobian, &problem.hessian].into_iter().zip(problem.passes) {
            let _ = write!(out, "{:>9}{passes:>7}", program.pattern().entries());
        }
        let _ = writeln!(out, "{times}");
    }
    Ok(out)
}

fn best(mut work: impl FnMut() -> Result<(), Error>) -> Result<Duration, Error> {
    let mut best = Duration::MAX;
    for _ in 0..30 {
        let start = Instant::now();
        work()?;
        best = best.min(start.elapsed());
    }
    Ok(best)
}
