//! What is sampled: a potential U = −log density as a graph, its gradient by hand beside it, and quantities of a draw
//! whose exact mean and deviation are known.

use wengert::prelude::*;

/// U and ∇U at a point, written to a slice: first the value, then the gradient.
pub type Potential = dyn Fn(&[f64], &mut [f64]);

/// A density on ℝⁿ.
pub struct Density {
    /// What it is called.
    pub name: String,
    /// U: one parameter, the point.
    pub potential: Function,
    /// From a point to what is reported of it.
    pub quantities: Function,
    /// For each quantity: name, exact mean, exact standard deviation.
    pub exact: Vec<(String, f64, f64)>,
    /// Value and gradient as one writes them without a differentiator.
    pub by_hand: Box<Potential>,
    /// Most leapfrog steps of a trajectory.
    pub steps: usize,
}

impl Density {
    /// Value and gradient, differentiated, simplified and planned.
    ///
    /// # Errors
    /// None, unless the engine is broken.
    pub fn traced(&self) -> Result<Program, Error> {
        self.potential.value_and_grad(0)?.compile()
    }
}

/// A program as a potential.
pub fn potential(program: &Program) -> impl Fn(&[f64], &mut [f64]) {
    |q, out| program.run_into(q, out).expect("a potential takes a point and gives value and gradient")
}
