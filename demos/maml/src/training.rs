//! Trains the weights from which all tasks are learned fast.

use wengert::prelude::*;
use wengert::random;

use crate::learner::{Learner, Meta};
use crate::tasks::sine_waves;

/// Tasks of a batch.
pub const TASKS: usize = 25;
/// Step size of Adam at the start; it falls to zero along a line.
const RATE: f64 = 0.005;
/// Of the held-out tasks; training has others.
const HELD_OUT: i64 = 0;

/// Weights to start from: small normal numbers.
///
/// # Errors
/// None, unless the engine is broken.
pub fn start(learner: &Learner, seed: i64) -> Result<Vec<f64>, Error> {
    let g = Graph::new();
    g.compile(0.5 * random::normal(random::key(&g, seed), &[learner.weights]))?.run(&[])
}

/// The weights after training for `batches` batches, with this many steps on each task.
///
/// # Errors
/// None, unless the engine is broken.
pub fn train(learner: &Learner, theta: &[f64], steps: usize, meta: Meta, batches: usize) -> Result<Vec<f64>, Error> {
    let program = learner.mean_meta_loss(steps, meta, TASKS)?.value_and_grad("theta")?.compile()?;
    let tasks = sine_waves(TASKS, learner.shots, HELD_OUT + 1)?;
    let mut theta = theta.to_vec();
    let mut adam = Adam::new(theta.len());
    for batch in 0..batches {
        let examples = tasks.run(&[batch as f64])?;
        let value_and_grad = program.run(&[&theta[..], &examples].concat())?;
        let rate = RATE * (1.0 - batch as f64 / batches as f64);
        adam.step(&mut theta, &value_and_grad[1..], rate);
    }
    Ok(theta)
}

/// The mean loss of held-out tasks after this many steps on each.
///
/// # Errors
/// None, unless the engine is broken.
pub fn held_out(learner: &Learner, theta: &[f64], steps: usize, tasks: usize) -> Result<f64, Error> {
    let examples = sine_waves(tasks, learner.shots, HELD_OUT)?.run(&[0.0])?;
    let program = learner.mean_meta_loss(steps, Meta::Exact, tasks)?.compile()?;
    Ok(program.run(&[theta, &examples].concat())?[0])
}

/// D. P. Kingma and J. Ba, *Adam: a method for stochastic optimization*, 2015; constants of the paper.
struct Adam {
    mean: Vec<f64>,
    square: Vec<f64>,
    count: i32,
}

impl Adam {
    fn new(len: usize) -> Adam {
        Adam { mean: vec![0.0; len], square: vec![0.0; len], count: 0 }
    }

    fn step(&mut self, x: &mut [f64], gradient: &[f64], rate: f64) {
        self.count += 1;
        let [unbias_mean, unbias_square] = [0.9f64, 0.999].map(|beta| 1.0 / (1.0 - beta.powi(self.count)));
        for (k, g) in gradient.iter().enumerate() {
            self.mean[k] += 0.1 * (g - self.mean[k]);
            self.square[k] += 0.001 * (g * g - self.square[k]);
            x[k] -= rate * self.mean[k] * unbias_mean / ((self.square[k] * unbias_square).sqrt() + 1e-8);
        }
    }
}
