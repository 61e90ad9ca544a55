//! Random programs, and everything that must hold of every program.
//!
//! A [`Recipe`] is a list of genes, each of which spells one step of a program; a shorter list is a smaller program and a
//! gene with more zeros a simpler step, so a counterexample can be shrunk. Any list is a well-typed program.
//!
//! Reading order: [`Recipe`], [`Program`], `step`, [`check`], `explain`, [`shrink`], [`Campaign`].

mod arrays;
mod builder;
mod campaign;
mod check;
mod domain;
mod elementwise;
mod explain;
mod gene;
mod indexing;
mod linalg;
mod machine;
mod program;
mod shake;
mod shapes;
mod shrink;
mod step;
mod structure;

pub use campaign::{Campaign, Tally};
pub use check::{Check, Effort, Find, Reason, check};
pub use gene::{Gene, Recipe, World};
pub use program::Program;
pub use shrink::{case_file, shrink, shrink_while};
