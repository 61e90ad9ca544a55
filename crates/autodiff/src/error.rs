//! Derivatives that cannot be built. Found before anything is built, all at once.

use std::fmt;

use graph_core::{NodeId, Opcode};
use thiserror::Error as ThisError;

/// Why a derivative cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum Error {
    /// Some derivatives that were asked for do not exist or are not implemented.
    #[error("{} derivative(s) cannot be built:\n{}", .0.len(), list(.0))]
    Missing(Vec<Missing>),
    /// A seed has another type than the derivative it stands for.
    #[error("the seed for {node}: {expected} expected, {found} found")]
    Seed {
        /// The result or input, printed.
        node: String,
        /// The type it needs.
        expected: String,
        /// The type it has.
        found: String,
    },
    /// An input is listed twice, as with two tangents.
    #[error("{node} is listed twice as an input; list it once, with the sum of its tangents")]
    Repeated {
        /// The input, printed.
        node: String,
    },
    /// A gradient was asked of something that is not one real number.
    #[error("a gradient needs one real number as the result, not {found}; sum it, or use `vjp` with a cotangent")]
    NotScalar {
        /// The type of the result, or how many results there are.
        found: String,
    },
    /// No parameter of this position.
    #[error("no parameter at position {index} (the first is 0); the function has {count}")]
    Parameter {
        /// The position asked for.
        index: usize,
        /// How many parameters there are.
        count: usize,
    },
    /// A series without coefficients, or of too many.
    #[error("a series of order {order} is not between 1 and {limit}")]
    Order {
        /// The order asked for.
        order: usize,
        /// The highest.
        limit: usize,
    },
    /// A derivative with more elements than the limit.
    #[error("{what} has {elements} columns; the limit is {limit}. Use products (`hvp`, `jvp`, `vjp`) instead")]
    Dense {
        /// Which derivative.
        what: &'static str,
        /// How many columns it would have.
        elements: usize,
        /// The limit.
        limit: usize,
    },
    /// All partial derivatives of an order are too many.
    #[error(
        "all partial derivatives of order {order} by {elements} elements take more than {limit} {what}; take them by fewer \
         elements, or derivatives along directions (`directional`, `taylor`)"
    )]
    Partials {
        /// The order.
        order: usize,
        /// How many elements they are by.
        elements: usize,
        /// What would be too many.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Another number of batch axes than of parameters.
    #[error("{found} batch axes for {expected} parameter(s); give one for each, or none where all share a value")]
    Axes {
        /// Number of parameters.
        expected: usize,
        /// Number of axes given.
        found: usize,
    },
    /// A batch along an axis that a tensor does not have.
    #[error("parameter `{name}` has no batch axis {axis}: with the batch it has {rank} axes, counted from 0")]
    Axis {
        /// Name of the parameter.
        name: String,
        /// The axis.
        axis: usize,
        /// Rank of the tensor with the batch axis.
        rank: usize,
    },
    /// A function that is to be transposed is not linear.
    #[error(
        "the function is not linear in the parameters that it is to be transposed by: {node} {reason}; transpose the \
         linear part of `linearize`, or give the function a rule of its own"
    )]
    NotLinear {
        /// The node, printed.
        node: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The graph refused a node or function.
    #[error(transparent)]
    Graph(#[from] graph_core::Error),
}

/// One derivative that cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It does not exist.
    Undefined {
        /// The node it was asked by or of.
        node: NodeId,
        /// The node, printed.
        shown: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The rule of an op has not been written.
    NotImplemented {
        /// The node that needs the rule.
        node: NodeId,
        /// Its op.
        op: Opcode,
    },
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::Undefined { shown, reason, .. } => write!(f, "{shown}: {reason}"),
            Missing::NotImplemented { op, .. } => write!(f, "`{}` has no derivative rule yet", op.name()),
        }
    }
}

fn list(missing: &[Missing]) -> String {
    missing.iter().map(|m| format!("  {m}")).collect::<Vec<_>>().join("\n")
}

impl Error {
    /// A short stable name of the kind of mistake, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Missing(missing) => match missing.first() {
                Some(Missing::NotImplemented { .. }) => "not-implemented",
                Some(Missing::Undefined { .. }) | None => "undefined",
            },
            Error::Seed { .. } => "seed",
            Error::Repeated { .. } => "repeated",
            Error::NotScalar { .. } => "not-scalar",
            Error::Parameter { .. } => "parameter",
            Error::Order { .. } | Error::Dense { .. } | Error::Partials { .. } => "limit",
            Error::NotLinear { .. } => "not-linear",
            Error::Axes { .. } | Error::Axis { .. } => "axis",
            Error::Graph(e) => e.code(),
        }
    }
}
