//! Functions of wengert as problems of [`argmin`](https://docs.rs/argmin)'s solvers, on vectors `Vec<f64>`.
//!
//! [`Problem`] is what minimisers take: cost, gradient, Hessian. [`Residuals`] is what solvers of equations and of least
//! squares take: values and Jacobian. Every solver that works on `Vec<f64>` takes them; argmin counts the calls.
//!
//! ```
//! use argmin::core::{Executor, State};
//! use argmin::solver::linesearch::MoreThuenteLineSearch;
//! use argmin::solver::quasinewton::LBFGS;
//! use wengert::prelude::*;
//! use wengert_argmin::Problem;
//!
//! let f = Function::new("rosenbrock", &[("x", Type::tensor(DType::F64, &[2]))], |v| {
//!     let (x, y) = (v[0].at(0), v[0].at(1));
//!     (1.0 - x).square() + 100.0 * (y - x.square()).square()
//! })?;
//! let solver = LBFGS::new(MoreThuenteLineSearch::new(), 5);
//! let start = |state: argmin::core::IterState<_, _, (), (), (), f64>| state.param(vec![-1.2, 1.0]).max_iters(100);
//! let found = Executor::new(Problem::new(&f)?, solver).configure(start).run()?;
//! let best = found.state().get_best_param().expect("it ran");
//! assert!((best[0] - 1.0).abs() + (best[1] - 1.0).abs() < 1e-6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use argmin::core::{CostFunction, Error, Gradient, Hessian, Jacobian, Operator};
use wengert::Function;
use wengert::plain::{Mapping, Objective};

/// A real number to be made small.
#[derive(Debug)]
pub struct Problem(Objective);

impl Problem {
    /// Of all parameters of the function, one after the other as one vector.
    ///
    /// # Errors
    /// Those of [`Objective::new`].
    #[track_caller]
    pub fn new(f: &Function) -> Result<Problem, wengert::Error> {
        Objective::new(f).map(Problem)
    }

    /// The function, with its derivatives.
    pub fn objective(&self) -> &Objective {
        &self.0
    }
}

impl CostFunction for Problem {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, x: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.0.value(x)?)
    }
}

impl Gradient for Problem {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(self.0.gradient(x)?)
    }
}

impl Hessian for Problem {
    type Param = Vec<f64>;
    type Hessian = Vec<Vec<f64>>;

    fn hessian(&self, x: &Vec<f64>) -> Result<Vec<Vec<f64>>, Error> {
        Ok(rows(&self.0.hessian(x)?, self.0.inputs()))
    }
}

/// Real numbers that are to be 0, or as small as they can be together.
#[derive(Debug)]
pub struct Residuals(Mapping);

impl Residuals {
    /// Of all parameters of the function, one after the other as one vector; all its results are residuals.
    ///
    /// # Errors
    /// Those of [`Mapping::new`].
    #[track_caller]
    pub fn new(f: &Function) -> Result<Residuals, wengert::Error> {
        Mapping::new(f).map(Residuals)
    }

    /// The function, with its derivatives.
    pub fn mapping(&self) -> &Mapping {
        &self.0
    }
}

impl Operator for Residuals {
    type Param = Vec<f64>;
    type Output = Vec<f64>;

    fn apply(&self, x: &Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(self.0.values(x)?)
    }
}

impl Jacobian for Residuals {
    type Param = Vec<f64>;
    type Jacobian = Vec<Vec<f64>>;

    fn jacobian(&self, x: &Vec<f64>) -> Result<Vec<Vec<f64>>, Error> {
        Ok(rows(&self.0.jacobian(x)?, self.0.inputs()))
    }
}

fn rows(elements: &[f64], columns: usize) -> Vec<Vec<f64>> {
    elements.chunks(columns.max(1)).map(<[f64]>::to_vec).collect()
}
