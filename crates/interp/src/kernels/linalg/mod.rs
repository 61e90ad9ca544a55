//! Factorisations of one matrix and functions of it: row-major slices of `f64` in and out, with scratch from the caller.
//!
//! The textbook methods, chosen for accuracy: Householder reflections for QR, Jacobi rotations for eigenvalues and
//! singular values, Padé approximants for the exponential. They allocate nothing, take any extents (0 included), any
//! scale (a power of two is moved out first), and are deterministic. Where an element of the operand is not finite, all
//! results are NaN. Signs are fixed so that results are unique where mathematics makes them so up to sign.

pub mod eigh;
pub mod expm;
pub mod lu;
pub mod qr;
pub mod svd;
pub mod triangular;

mod problem;
mod reference;

#[cfg(feature = "faer")]
pub mod faer;

mod jacobi;
mod vector;

#[cfg(test)]
mod trial;
#[cfg(test)]
mod witness;

pub use jacobi::NoConvergence;
pub use problem::Problem;
pub use reference::linalg;
