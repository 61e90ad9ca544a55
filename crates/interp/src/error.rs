//! What can be wrong with a request to run a function, and with a node when it runs. Every variant has a stable code.

use graph_core::{Function, Misfit, Shape};
use thiserror::Error as ThisError;

use crate::value::Value;

/// Arguments that do not fit a function, a run that would not fit in memory, or a node that met what it cannot do.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum Error {
    /// The number of arguments is not that of the parameters.
    #[error("@{function} takes {expected} argument(s), got {found}")]
    Arguments {
        /// Name of the function.
        function: String,
        /// Number of its parameters.
        expected: usize,
        /// Number of arguments.
        found: usize,
    },
    /// An argument is of another type than its parameter.
    #[error("parameter `{}` of @{function}: {} expected, {} found", misfit.path, misfit.expected, misfit.found)]
    ArgumentType {
        /// Name of the function.
        function: String,
        /// Where, from the name of the parameter on.
        misfit: Misfit,
    },
    /// A tensor has more or fewer elements than its shape.
    #[error("a tensor of shape {shape} has {expected} element(s), got {found}")]
    Elements {
        /// The shape.
        shape: Shape,
        /// Product of the extents.
        expected: usize,
        /// Number of elements.
        found: usize,
    },
    /// A flat buffer of inputs or outputs has the wrong length.
    #[error("@{function} has {expected} {what} cell(s), the buffer has {found}")]
    Cells {
        /// Name of the function.
        function: String,
        /// `input` or `output`.
        what: &'static str,
        /// Number of scalar cells of all parameters or results.
        expected: usize,
        /// Length of the buffer.
        found: usize,
    },
    /// The values held at one time would exceed the limit; found before they are allocated.
    #[error("@{function} needs {bytes} bytes at a time, the limit is {limit}; raise the limit or split the work")]
    Memory {
        /// Name of the function.
        function: String,
        /// Bytes that would be held.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Functions that call each other so often that a run would not end.
    #[error("@{function} makes {calls} calls when run, the limit is {limit}")]
    Calls {
        /// Name of the function.
        function: String,
        /// Calls of one run, callees of callees included (saturating).
        calls: u64,
        /// The limit.
        limit: u64,
    },
    /// An index that a node met in the run lies outside of its operand, and the node says no other answer to that.
    #[error("index out of range at `{node}` of @{function}: {why}")]
    Index {
        /// Name of the function.
        function: String,
        /// The node as printed: its name and its op.
        node: String,
        /// Which index, along which axis, and what to do.
        why: String,
    },
    /// A matrix that a node met in the run is not positive definite.
    #[error(
        "matrix {element} of `{node}` of @{function} is not positive definite; add a positive multiple of the identity \
         to it, or use a factorisation that does not need it"
    )]
    NotPositiveDefinite {
        /// Name of the function.
        function: String,
        /// The node as printed: its name and its op.
        node: String,
        /// Which matrix of the batch, in row-major order from 0.
        element: usize,
    },
    /// A matrix that a node met in the run is singular.
    #[error(
        "matrix {element} of `{node}` of @{function} is singular; check that its rows are independent, or solve by \
         least squares"
    )]
    Singular {
        /// Name of the function.
        function: String,
        /// The node as printed: its name and its op.
        node: String,
        /// Which matrix of the batch, in row-major order from 0.
        element: usize,
    },
    /// The iteration of a node does not come to an end.
    #[error(
        "the iteration for matrix {element} of `{node}` of @{function} does not converge; check that its elements are \
         finite"
    )]
    NoConvergence {
        /// Name of the function.
        function: String,
        /// The node as printed: its name and its op.
        node: String,
        /// Which matrix of the batch, in row-major order from 0.
        element: usize,
    },
    /// A workspace of another program was given.
    #[error("the workspace belongs to another program than @{function}; make one with `Program::workspace`")]
    Workspace {
        /// Name of the function.
        function: String,
    },
}

impl Error {
    /// A short stable name of the kind of mistake, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Arguments { .. } => "arguments",
            Error::ArgumentType { .. } => "argument_type",
            Error::Elements { .. } => "elements",
            Error::Cells { .. } => "cells",
            Error::Memory { .. } => "memory",
            Error::Calls { .. } => "calls",
            Error::Index { .. } => "index",
            Error::NotPositiveDefinite { .. } => "not_positive_definite",
            Error::Singular { .. } => "singular",
            Error::NoConvergence { .. } => "no_convergence",
            Error::Workspace { .. } => "workspace",
        }
    }
}

/// Checks that arguments fit the parameters of a function in number, structure, shape and kind.
pub(crate) fn check_arguments(f: &Function, args: &[Value]) -> Result<(), Error> {
    if args.len() != f.params().len() {
        return Err(Error::Arguments { function: f.name().into(), expected: f.params().len(), found: args.len() });
    }
    for (index, arg) in args.iter().enumerate() {
        arg.leaves().into_iter().try_for_each(|leaf| leaf.check())?;
        f.param_type(index).fit(&arg.ty()).map_err(|misfit| {
            let misfit = misfit.within(&f.params()[index].name);
            Error::ArgumentType { function: f.name().into(), misfit }
        })?;
    }
    Ok(())
}
