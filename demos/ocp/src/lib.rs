//! Optimal control by collocation: a pole on a cart is swung up with the least force, as in M. Kelly, "An introduction to
//! trajectory optimization", SIAM Review 59 (2017). The equations are written once, on arrays; Jacobian and Hessian are
//! sparse, and their cost does not depend on the number of intervals.

mod cartpole;
mod collocation;
mod plot;
mod report;
mod simulation;
mod solver;

pub use cartpole::{END, START, STATES, acceleration};
pub use collocation::{Collocation, Trajectory};
pub use plot::plot;
pub use report::{costs, iterations};
pub use simulation::simulate;
pub use solver::{Iterate, Solution, solve};
