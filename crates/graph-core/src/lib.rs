//! What a graph is: an arena of typed nodes that are interned as they are made, the ops they perform, functions,
//! verification and text. This crate knows no derivative, no rewriting and no run-time tensor; those extend or read
//! graphs through [`Graph::make`].
//!
//! Reading order: [`Graph`], [`Op`], [`Type`], [`Function`], [`text`].

mod algebra;
mod arena;
mod build;
mod error;
mod function;
mod graph;
mod infer;
mod intern;
mod literal;
pub mod math;
pub mod op;
pub mod path;
mod pool;
pub mod provenance;
pub mod text;
mod ty;
pub mod verify;
pub mod walk;

pub use algebra::{Algebra, BinaryFunctions, NthFunctions, UnaryFunctions};
pub use arena::{NodeId, NodeMap};
pub use build::{Term, Terms};
pub use error::Error;
pub use function::{CustomRule, Function, MAX_CALL_DEPTH};
pub use graph::{Graph, Param, TypeId};
pub use literal::{Buffer, Data, Literal, Scalar};
pub use op::{Op, Opcode};
pub use path::Misfit;
pub use pool::Id;
pub use smallvec;
pub use ty::{DType, MAX_ELEMENTS, MAX_NESTING, MAX_PARTS, MAX_RANK, Shape, TensorType, Type};
pub use verify::verify;
