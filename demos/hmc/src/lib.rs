//! Hamiltonian Monte Carlo with gradients by wengert: the posterior of the eight schools, Gaussians of 2 to 100
//! dimensions and Rosenbrock's banana, each beside its exact moments and beside a gradient written by hand.

mod density;
mod plot;
mod report;
mod sampler;
mod schools;
mod standard;
mod summary;
mod timing;

use wengert::prelude::*;

pub use density::{Density, Potential, potential};
pub use plot::plot;
pub use report::{comparison, posterior};
pub use sampler::{Chain, Plan, sample};
pub use schools::schools;
pub use standard::{gaussian, rosenbrock};
pub use summary::{Estimate, estimates};

/// Everything that the demo samples, the posterior first.
///
/// # Errors
/// None, unless the engine is broken.
pub fn densities() -> Result<Vec<Density>, Error> {
    Ok(vec![schools()?, gaussian(2)?, gaussian(10)?, gaussian(100)?, rosenbrock()?])
}
