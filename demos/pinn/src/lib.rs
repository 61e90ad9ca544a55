//! A network that solves a Poisson equation: its Laplacian by power series, the loss over a grid by `vmap`, the gradient
//! of that by reverse mode. All are functions made of functions.

mod bfgs;
mod network;
mod plot;
mod problem;
mod training;

pub use bfgs::Bfgs;
pub use network::{Equations, WEIGHTS, grid, start};
pub use plot::plot;
pub use problem::{solution, source, trial};
pub use training::{FINE, Progress, train};
