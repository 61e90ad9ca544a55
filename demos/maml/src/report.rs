//! The text that the program prints.

use std::fmt::Write as _;

use wengert::Level;
use wengert::prelude::*;

use crate::closed::meta_gradient;
use crate::learner::{Learner, Meta};
use crate::models::{NETWORK, POLYNOMIAL};
use crate::tasks::sine_waves;
use crate::training::{TASKS, held_out};

/// Weights of the polynomial where its meta-gradients are shown.
pub const THETA: [f64; 3] = [0.5, -1.0, 0.25];
/// Examples there: x, y, x_new, y_new.
pub const EXAMPLES: [[f64; 5]; 4] =
    [[-1.0, -0.5, 0.0, 0.5, 1.0], [1.2, 0.3, -0.1, 0.4, 0.9], [-0.8, -0.3, 0.2, 0.6, 0.9], [0.7, 0.1, 0.0, 0.5, 1.0]];

const FIRST: &str = "first order";

/// The meta-gradients of the polynomial after one step and five, beside those on paper.
///
/// # Errors
/// None, unless the engine is broken.
pub fn polynomial() -> Result<String, Error> {
    let mut out = String::new();
    let inputs = [&THETA[..], EXAMPLES.as_flattened()].concat();
    for steps in [1, 5] {
        for (name, meta) in [("exact", Meta::Exact), (FIRST, Meta::FirstOrder)] {
            let found = POLYNOMIAL.meta_loss(steps, meta)?.grad("theta")?.compile()?.run(&inputs)?;
            let on_paper = meta_gradient(THETA, EXAMPLES.each_ref().map(|row| &row[..]), steps, meta);
            let off = found.iter().zip(on_paper).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
            let numbers: String = found.iter().map(|x| format!("{x:>12.8}")).collect();
            let _ = writeln!(out, "{steps:>5}  {name:<12}{numbers}{off:>10.0e}");
        }
    }
    Ok(format!("{:>5}  {:<12}{:^36}{:>10}\n{out}", "steps", "gradient", "by the three weights", "on paper"))
}

/// How large both meta-gradients of the network are, as graphs and as vectors, and the angle between them.
///
/// # Errors
/// None, unless the engine is broken.
pub fn network(theta: &[f64]) -> Result<String, Error> {
    let mut out = format!(
        "{:>5}{:>14}{:>13}{:>15}{:>13}{:>8}\n",
        "steps", "nodes: exact", FIRST, "length: exact", FIRST, "angle"
    );
    let examples = sine_waves(TASKS, NETWORK.shots, 0)?.run(&[0.0])?;
    let inputs = [theta, &examples].concat();
    for steps in [1, 2, 5] {
        let gradient = |meta| -> Result<(usize, Vec<f64>), Error> {
            let f = NETWORK.mean_meta_loss(steps, meta, TASKS)?.grad("theta")?.optimize(Level::default()).0;
            Ok((f.nodes(), f.compile()?.run(&inputs)?))
        };
        let ((nodes, exact), (fewer, first)) = (gradient(Meta::Exact)?, gradient(Meta::FirstOrder)?);
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        let [long, short] = [&exact, &first].map(|v| dot(v, v).sqrt());
        let angle = (dot(&exact, &first) / (long * short)).acos().to_degrees();
        let _ = writeln!(out, "{steps:>5}{nodes:>14}{fewer:>13}{long:>15.3}{short:>13.3}{angle:>7.1}°");
    }
    Ok(out)
}

/// One line of the table of training: the losses of held-out tasks after 0, 1, 2, 5 and 10 steps on each.
///
/// # Errors
/// None, unless the engine is broken.
pub fn losses(learner: &Learner, name: &str, theta: &[f64]) -> Result<String, Error> {
    let mut out = format!("{name:<22}");
    for steps in AFTER {
        let _ = write!(out, "{:>8.3}", held_out(learner, theta, steps, 200)?);
    }
    Ok(out)
}

/// The head of the table of training.
pub fn heading() -> String {
    AFTER.iter().fold(format!("{:<22}", "trained for"), |out, steps| out + &format!("{steps:>8}"))
}

const AFTER: [usize; 5] = [0, 1, 2, 5, 10];
