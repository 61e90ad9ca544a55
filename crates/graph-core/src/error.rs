//! What can be wrong with a node, a name or a piece of text. Every variant has a stable code.

use thiserror::Error as ThisError;

use crate::text::ParseError;

/// A node that cannot be built, or text that is not a graph.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum Error {
    /// An op got the wrong number of operands.
    #[error("`{op}` takes {expected}, got {found}")]
    Arity {
        /// The node that was asked for, with its operand types.
        op: String,
        /// How many it takes.
        expected: String,
        /// How many there were.
        found: usize,
    },
    /// The element kinds of the operands do not fit the op.
    #[error("dtype mismatch in `{node}`: {why}")]
    DType {
        /// The node that was asked for, with its operand types.
        node: String,
        /// What is wrong and what to do.
        why: String,
    },
    /// The shapes or structures of the operands do not fit the op.
    #[error("shape mismatch in `{node}`: {why}")]
    Shape {
        /// The node that was asked for, with its operand types.
        node: String,
        /// What is wrong and what to do.
        why: String,
    },
    /// An attribute (axis, extent, index …) does not fit the operands.
    #[error("bad attribute in `{node}`: {why}")]
    Attribute {
        /// The node that was asked for, with its operand types.
        node: String,
        /// What is wrong and what to do.
        why: String,
    },
    /// A name is missing, malformed, or taken.
    #[error("name `{name}` {why}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A documented limit on size.
    #[error("{what}: more than the limit of {limit}")]
    Limit {
        /// What is too large.
        what: String,
        /// The limit.
        limit: usize,
    },
    /// A derivative rule that does not fit its function.
    #[error("the {word} rule of @{function}: {what}")]
    Rule {
        /// The function.
        function: String,
        /// Which kind of rule.
        word: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// A graph violates its own invariants; all violations, each at a printed node.
    #[error("{} violation(s):\n{}", .0.len(), .0.join("\n"))]
    Invalid(Vec<String>),
    /// Text that is not a graph.
    #[error(transparent)]
    Parse(#[from] ParseError),
}

impl Error {
    /// The same of a node that is shown like this.
    pub(crate) fn in_words(self, node: String) -> Error {
        match self {
            Error::DType { why, .. } => Error::DType { node, why },
            Error::Shape { why, .. } => Error::Shape { node, why },
            Error::Attribute { why, .. } => Error::Attribute { node, why },
            Error::Arity { .. } | Error::Name { .. } | Error::Limit { .. } => self,
            Error::Rule { .. } | Error::Invalid(_) | Error::Parse(_) => self,
        }
    }

    /// A short stable name of the kind of mistake, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Arity { .. } => "arity",
            Error::DType { .. } => "dtype",
            Error::Shape { .. } => "shape",
            Error::Attribute { .. } => "attribute",
            Error::Name { .. } => "name",
            Error::Limit { .. } => "limit",
            Error::Rule { .. } => "rule",
            Error::Invalid(_) => "invalid",
            Error::Parse(_) => "parse",
        }
    }

    /// The same, of the type of a parameter.
    pub(crate) fn of_parameter(self, parameter: &str) -> Error {
        match self {
            Error::Limit { what, limit } => Error::Limit { what: format!("{what} of parameter `{parameter}`"), limit },
            Error::Name { name, why } => Error::Name { name, why: format!("{why}, in the type of `{parameter}`") },
            other => other,
        }
    }

    pub(crate) fn limit(what: &str, limit: usize) -> Error {
        Error::Limit { what: what.to_string(), limit }
    }
}
