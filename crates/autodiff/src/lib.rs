//! Differentiation by graph extension: graph in, larger graph out.
//!
//! [`reverse`], [`forward`] and [`taylor`] add the nodes of a derivative to the graph that holds the program, so a derivative can be
//! printed, simplified, run and differentiated again. [`function`] wraps them as transforms of closed functions.
//!
//! Invariants: a rule builds ordinary ops only; both modes of an op follow from one fact stated in `rules/`; a
//! derivative that does not exist is an [`Absent`] or an [`Error`], never a silent zero; the cost of a sweep is that of
//! the piece between results and inputs, not of the graph.
//!
//! [`batch`] adds nodes too: the same program for many inputs at once.
//!
//! Reading order: [`Derivative`], [`reverse`], [`forward`], `rules`, `masked`.

mod absent;
mod batch;
pub mod checkpoint;
mod class;
pub mod dense;
mod ends;
mod error;
mod forward;
pub mod function;
mod inline;
mod leaves;
pub mod linear;
mod masked;
pub mod mixed;
mod parts;
mod paths;
mod piece;
mod reverse;
mod rules;
mod second;
mod taylor;
mod units;

pub use absent::{Absent, Derivative};
pub use batch::{batch, batch_all, batched_type, vmap};
pub use class::{Class, class};
pub use error::{Error, Missing};
pub use forward::{Steps, forward};
pub use inline::inline;
pub use masked::Masked;
pub use reverse::{gradient, reverse};
pub use second::{hessian_product, prefers_reverse};
pub use taylor::{MAX_SERIES_ORDER, taylor};
