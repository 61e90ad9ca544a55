//! Hamiltonian Monte Carlo (R. M. Neal, *MCMC using Hamiltonian dynamics*, 2011) with the step size found by dual
//! averaging (M. D. Hoffman and A. Gelman, *The No-U-Turn Sampler*, JMLR 15, 2014, algorithm 5).
//!
//! Noise is a program of a counter: draw k has the same numbers whatever was drawn before.

use wengert::prelude::*;
use wengert::random;

/// Rate of acceptance that the step size is tuned to.
const ACCEPTANCE: f64 = 0.8;

/// How long to sample.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Draws that tune the step size, and are forgotten.
    pub warmup: usize,
    /// Draws that are kept.
    pub draws: usize,
    /// Most leapfrog steps of a trajectory. Each has a random number of them, so that none resonates, of random size, so
    /// that some are short enough for narrow tails.
    pub steps: usize,
    /// Of the noise.
    pub seed: i64,
}

/// What was drawn.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The points.
    pub draws: Vec<Vec<f64>>,
    /// The largest step size.
    pub step: f64,
    /// Mean probability of acceptance.
    pub acceptance: f64,
    /// How many gradients that took, warm-up included.
    pub gradients: usize,
}

/// Samples exp(−U), from the origin; `potential` writes U and ∇U.
///
/// # Errors
/// None, unless the engine is broken.
pub fn sample(potential: impl Fn(&[f64], &mut [f64]), dims: usize, plan: &Plan) -> Result<Chain, Error> {
    let noise = noise(dims, plan.seed)?;
    let mut numbers = vec![0.0; dims + 3];
    let mut state = State::new(&potential, vec![0.0; dims]);
    let mut tuning = Tuning::new(0.1);
    let mut chain = Chain { draws: Vec::with_capacity(plan.draws), step: 0.0, acceptance: 0.0, gradients: 1 };
    for draw in 0..plan.warmup + plan.draws {
        let warm = draw >= plan.warmup;
        let step = if warm { tuning.average.exp() } else { tuning.step.exp() };
        noise.run_into(&[draw as f64], &mut numbers)?;
        let (momentum, choices) = numbers.split_at(dims);
        let [length, size, luck] = [choices[0], choices[1], choices[2]];
        let steps = 1 + (length * plan.steps as f64) as usize;
        let (proposal, energy) = leapfrog(&potential, &state, momentum, step * (0.2 + 0.8 * size), steps);
        let before = state.u() + kinetic(momentum);
        let ratio = (before - energy).exp();
        let probability = if ratio.is_nan() { 0.0 } else { ratio.min(1.0) }; // NaN where the trajectory diverged
        if luck < probability {
            state = proposal;
        }
        chain.gradients += steps;
        if warm {
            chain.draws.push(state.q.clone());
            chain.acceptance += probability / plan.draws as f64;
        } else {
            tuning.learn(probability);
        }
    }
    chain.step = tuning.average.exp();
    Ok(chain)
}

/// From the number of a draw to its momentum (standard normal) and three uniform numbers.
fn noise(dims: usize, seed: i64) -> Result<Program, Error> {
    let g = Graph::new();
    let draw = g.param("draw", Type::tensor(DType::I64, &[]));
    let [momentum, choices] = random::split(random::fold_in(random::key(&g, seed), draw));
    g.compile((random::normal(momentum, &[dims]), random::uniform(choices, &[3])))
}

/// A point, with U and ∇U there.
#[derive(Clone)]
struct State {
    q: Vec<f64>,
    value_and_grad: Vec<f64>,
}

impl State {
    fn new(potential: impl Fn(&[f64], &mut [f64]), q: Vec<f64>) -> State {
        let mut value_and_grad = vec![0.0; q.len() + 1];
        potential(&q, &mut value_and_grad);
        State { q, value_and_grad }
    }

    fn u(&self) -> f64 {
        self.value_and_grad[0]
    }

    fn gradient(&self) -> &[f64] {
        &self.value_and_grad[1..]
    }
}

fn kinetic(p: &[f64]) -> f64 {
    p.iter().map(|p| p * p).sum::<f64>() / 2.0
}

/// Half a kick, drift and kick by turns, half a kick; the point at the end, and its energy.
fn leapfrog(
    potential: impl Fn(&[f64], &mut [f64]),
    start: &State,
    momentum: &[f64],
    step: f64,
    steps: usize,
) -> (State, f64) {
    let (mut state, mut p) = (start.clone(), momentum.to_vec());
    let kick = |p: &mut [f64], state: &State, by: f64| {
        p.iter_mut().zip(state.gradient()).for_each(|(p, slope)| *p -= by * slope);
    };
    kick(&mut p, &state, step / 2.0);
    for k in 1..=steps {
        state.q.iter_mut().zip(&p).for_each(|(q, p)| *q += step * p);
        potential(&state.q, &mut state.value_and_grad);
        kick(&mut p, &state, if k < steps { step } else { step / 2.0 });
    }
    let energy = state.u() + kinetic(&p);
    (state, energy)
}

/// Dual averaging of the logarithm of the step size.
struct Tuning {
    toward: f64,
    step: f64,
    average: f64,
    error: f64,
    count: f64,
}

impl Tuning {
    fn new(step: f64) -> Tuning {
        Tuning { toward: (10.0 * step).ln(), step: step.ln(), average: 0.0, error: 0.0, count: 0.0 }
    }

    /// The constants are those of the paper: t₀ = 10, γ = 0.05, κ = 0.75.
    fn learn(&mut self, probability: f64) {
        self.count += 1.0;
        self.error += (ACCEPTANCE - probability - self.error) / (self.count + 10.0);
        self.step = self.toward - self.count.sqrt() / 0.05 * self.error;
        let weight = self.count.powf(-0.75);
        self.average += weight * (self.step - self.average);
    }
}
