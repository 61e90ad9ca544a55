//! Learning in the graph: a few steps of gradient descent on one task, and what is left to lose on new data of it.
//! (C. Finn, P. Abbeel and S. Levine, *Model-agnostic meta-learning for fast adaptation of deep networks*, 2017.)

use wengert::prelude::*;

/// What the derivative of a step of descent θ − α∇L is taken to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meta {
    /// 1 − α∇²L.
    Exact,
    /// 1, as if ∇L did not depend on θ.
    FirstOrder,
}

/// A model with the rule by which it learns.
#[derive(Clone, Copy, Debug)]
pub struct Learner {
    /// From the weights and k inputs to k outputs.
    pub predict: fn(Expr, Expr) -> Expr,
    /// How many weights.
    pub weights: usize,
    /// How many examples there are of a task.
    pub shots: usize,
    /// The step size α.
    pub rate: f64,
}

impl Learner {
    /// The mean squared error.
    fn loss(&self, theta: Expr, x: Expr, y: Expr) -> Expr {
        ((self.predict)(theta, x) - y).square().mean(&[0])
    }

    /// The weights after some steps on the examples (x, y). Each step adds its gradient to the graph.
    fn adapt(&self, mut theta: Expr, x: Expr, y: Expr, steps: usize, meta: Meta) -> Result<Expr, Error> {
        for _ in 0..steps {
            let [slope] = grad(self.loss(theta, x, y), [theta])?;
            let slope = if meta == Meta::Exact { slope } else { slope.stop_gradient() };
            theta -= self.rate * slope;
        }
        Ok(theta)
    }

    /// Weights `theta` and examples `x`, `y` to the weights after some steps.
    ///
    /// # Errors
    /// None, unless the engine is broken.
    pub fn adapted(&self, steps: usize) -> Result<Function, Error> {
        let g = Graph::new();
        let theta = g.tensor("theta", &[self.weights]);
        let [x, y] = ["x", "y"].map(|name| g.tensor(name, &[self.shots]));
        g.function("adapted", self.adapt(theta, x, y, steps, Meta::Exact)?)
    }

    /// Weights `theta` and this many inputs `x` to as many outputs.
    ///
    /// # Errors
    /// None, unless the engine is broken.
    pub fn prediction(&self, inputs: usize) -> Result<Function, Error> {
        let g = Graph::new();
        g.function("prediction", (self.predict)(g.tensor("theta", &[self.weights]), g.tensor("x", &[inputs])))
    }

    /// Weights `theta`, examples `x`, `y` and new ones `x_new`, `y_new` of one task, to the loss on the new ones after some
    /// steps on the others.
    ///
    /// # Errors
    /// None, unless the engine is broken.
    pub fn meta_loss(&self, steps: usize, meta: Meta) -> Result<Function, Error> {
        let g = Graph::new();
        let theta = g.tensor("theta", &[self.weights]);
        let [x, y, x_new, y_new] = ["x", "y", "x_new", "y_new"].map(|name| g.tensor(name, &[self.shots]));
        let adapted = self.adapt(theta, x, y, steps, meta)?;
        g.function("meta_loss", self.loss(adapted, x_new, y_new))
    }

    /// The mean of [`Learner::meta_loss`] over tasks; the examples have them along their first axis.
    ///
    /// # Errors
    /// None, unless the engine is broken.
    pub fn mean_meta_loss(&self, steps: usize, meta: Meta, tasks: usize) -> Result<Function, Error> {
        let each = self.meta_loss(steps, meta)?;
        let (g, _, losses) = each.vmap(&[None, Some(0), Some(0), Some(0), Some(0)], tasks)?.open();
        g.function("mean_meta_loss", losses[0].mean(&[0]))
    }
}
