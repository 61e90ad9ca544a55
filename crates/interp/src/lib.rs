//! Graphs in, numbers out. Two executors compute the same bits: [`evaluate`], one obvious function per op, is the
//! oracle; [`Program`] is planned once and then runs in a [`Workspace`] without allocating.
//!
//! ```
//! let f = graph_core::text::parse("graph @f(%x: f64) -> f64 { %0 = mul %x, %x : f64 %1 = sin %0 : f64 return %1 }")?;
//! let program = interp::Program::new(&f)?;
//! let mut ws = program.workspace();
//! let mut y = [0.0];
//! program.run_into(&mut ws, &[3.0], &mut y)?;
//! assert_eq!(y, [9f64.sin()]);
//! assert_eq!(interp::evaluate(&f, &[3.0.into()])?[0].as_scalar(), Some(y[0]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A node that fails when it runs (an index out of range, a singular matrix) does not end the run: the error is told at
//! the end, and [`attempt`], [`Program::attempt`] and [`Program::run_into`] give all results beside it.
//!
//! Reading order: [`Value`], [`evaluate`], [`Program`]. The reference's functions are in `kernels/`, by family of op;
//! those of the planned executor in `run/`.

mod value;
mod vector;

mod error;
mod fault;

mod callees;
mod kernels;
mod reference;
mod regions;

mod program;

mod plan;
mod planner;

mod alias;
mod cells;
mod fixed;
mod lines;
mod listing;
mod nest;
mod run;
mod schedule;
mod slots;

pub use callees::MAX_CALLS;
pub use error::Error;
pub use fault::Outcome;
pub use program::{Program, Settings, Workspace};
pub use reference::{attempt, evaluate, evaluate_within};
pub use regions::Tiling;
pub use value::{Tensor, Value};

/// Bytes that one evaluation may hold at a time, unless the caller sets another limit: 8 GiB.
pub const MAX_BYTES: usize = 8 << 30;
