//! Exact derivatives to any order, as graphs: build a program with plain operators, differentiate it into the same
//! graph, print it, simplify it, run it, differentiate it again.
//!
//! ```
//! use wengert::prelude::*;
//!
//! fn main() -> Result<(), Error> {
//!     let g = Graph::new();
//!     let (x1, x2) = (g.scalar("x1"), g.scalar("x2"));
//!     let y = x1.ln() + x1 * x2 - x2.sin();
//!     let [d1, d2] = grad(y, [x1, x2])?;
//!     let [d11, d12] = grad(d1, [x1, x2])?;
//!     let p = g.compile([y, d1, d2, d11, d12])?;
//!     let out = p.run(&[2.0, 5.0])?;
//!     assert!((out[0] - 11.652071455223084).abs() < 1e-12);
//!     assert_eq!(&out[1..], &[5.5, 1.7163378145367738, -0.25, 1.0]);
//!     Ok(())
//! }
//! ```
//!
//! Reading order: [`Expr`] and [`Graph`], [`grad`], [`Function`], [`Program`]; [`trait@Structure`] for parameters and results
//! that are structs; [`formula`] for formulas given as text,
//! [`partials`] for all mixed partials of one, [`numeric`] and [`symbolic`] for the older methods.

mod broadcast;
mod check;
mod cumulate;
mod derivatives;
mod diagonals;
mod einsum;
mod error;
mod expr;
pub mod formula;
mod function;
mod graph;
mod indexing;
mod integer;
mod linalg;
mod mode;
pub mod numeric;
mod operators;
mod order;
pub mod partials;
mod picture;
pub mod plain;
mod points;
mod program;
pub mod random;
mod registry;
mod scalar;
mod shape;
mod sparse;
mod statistics;
pub mod structure;
pub mod symbolic;
mod window;

pub use check::{Checked, GradientCheck, check_gradient};
pub use derivatives::{Dependence, dependence, explain, grad, grad_or_zeros, hessian, hvp, jvp, vjp};
pub use einsum::einsum;
pub use error::Error;
pub use expr::Expr;
pub use function::{Checkpoint, Function, Keep, Wrt};
pub use graph::Graph;
pub use graph_core::op::{
    Compare, ConvSpec, Cumulate, DotSpec, GatherSpec, Integer, Logic, OutOfRange, Reduce, ReduceWindow, Scatter, Slide,
    Test, Triangle, WindowSpec,
};
pub use graph_core::{Buffer, DType, Misfit, Shape, Type, path, text};
pub use interp::{Outcome, Tensor, Value, Workspace};
pub use mode::{MAX_TAYLOR_ORDER, Mode, Sweep};
pub use numeric::Verdict;
pub use opt::{Explanation, Level, Report, Stage, Step, Work};
pub use order::sort_together;
pub use picture::svg;
pub use points::Points;
pub use program::Program;
pub use scalar::{Scalar, ScalarBinary, ScalarUnary};
pub use shape::{concat, record, same, stack, tuple};
pub use sparse::{Pattern, Sparse};
pub use structure::Structure;
/// See [`trait@Structure`].
pub use wengert_derive::Structure;

/// Everything that a program which differentiates usually needs.
pub mod prelude {
    pub use crate::{
        DType, Error, Expr, Function, Graph, Program, Scalar, ScalarBinary, ScalarUnary, Structure, Tensor, Type, Value,
    };
    pub use crate::{check_gradient, concat, grad, grad_or_zeros, hessian, hvp, jvp, record, stack, tuple, vjp};
}

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
