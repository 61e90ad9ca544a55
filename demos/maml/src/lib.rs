//! Learning to learn: gradients of what is left to lose after steps of gradient descent, by the weights that these start
//! from; exact, through the gradients inside, and to first order, past them.

mod closed;
mod learner;
mod models;
mod plot;
pub mod report;
mod tasks;
mod training;

pub use closed::meta_gradient;
pub use learner::{Learner, Meta};
pub use models::{NETWORK, POLYNOMIAL};
pub use plot::plot;
pub use tasks::sine_waves;
pub use training::{TASKS, held_out, start, train};
