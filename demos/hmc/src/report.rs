//! The text that the program prints.

use std::fmt::Write as _;
use std::time::Instant;

use wengert::prelude::*;

use crate::density::{Density, potential};
use crate::sampler::{Chain, Plan, sample};
use crate::summary::{Estimate, estimates};
use crate::timing::{CHAINS, costs};

/// The quantities of a posterior, one a line.
pub fn posterior(estimates: &[Estimate]) -> String {
    let mut out =
        format!("{:<8}{:>9}{:>8}{:>9}{:>7}{:>12}{:>9}\n", "", "mean", "+-", "exact", "z", "deviation", "exact");
    for e in estimates {
        let Estimate { name, mean, deviation, error, exact, exact_deviation } = e;
        let means = format!("{mean:>9.3}{error:>8.3}{exact:>9.3}{:>7.2}", e.z());
        let _ = writeln!(out, "{name:<8}{means}{deviation:>12.3}{exact_deviation:>9.3}");
    }
    out
}

/// Samples each density, and compares the cost of its gradient with that of one written by hand.
///
/// # Errors
/// None, unless the engine is broken.
pub fn comparison(densities: &[Density], draws: usize, seed: i64) -> Result<String, Error> {
    let mut out = format!(
        "{:<14}{:>5}{:>7}{:>8}{:>10}{:>8}{:>13}{:>9}{:>7}{:>8}{:>10}\n",
        "density",
        "dims",
        "step",
        "accept",
        "eff/1000",
        "worst z",
        "U, dU in ns",
        "by hand",
        "ratio",
        "of 64",
        "sampling"
    );
    for density in densities {
        let program = density.traced()?;
        let plan = Plan { warmup: draws / 4, draws, steps: density.steps, seed };
        let clock = Instant::now();
        let chain = sample(potential(&program), program.inputs(), &plan)?;
        let traced = clock.elapsed();
        sample(&density.by_hand, program.inputs(), &plan)?;
        let by_hand = clock.elapsed() - traced;
        let ratio = traced.as_secs_f64() / by_hand.as_secs_f64();
        let _ = writeln!(out, "{}{ratio:>10.1}", row(density, &chain)?);
    }
    let _ = writeln!(
        out,
        "eff/1000: fewest effective draws of 1000; worst z: error of a mean in standard errors; of 64: ratio with one\n\
         program for {CHAINS} points, by vmap; sampling: ratio of the time for all draws"
    );
    Ok(out)
}

fn row(density: &Density, chain: &Chain) -> Result<String, Error> {
    let found = estimates(density, chain)?;
    let worst = found.iter().map(Estimate::z).fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
    let fewest = found.iter().map(Estimate::effective).fold(f64::INFINITY, f64::min) / chain.draws.len() as f64;
    let cost = costs(density)?;
    let chained = format!("{:>7.3}{:>8.2}{:>10.0}{worst:>8.2}", chain.step, chain.acceptance, 1e3 * fewest);
    let [ratio, of_64] = [cost.traced, cost.batched].map(|time| time / cost.by_hand);
    let times = format!("{:>13.0}{:>9.1}{ratio:>7.1}{of_64:>8.1}", cost.traced, cost.by_hand);
    Ok(format!("{:<14}{:>5}{chained}{times}", density.name, chain.draws[0].len()))
}
