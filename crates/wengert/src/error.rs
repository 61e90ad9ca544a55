//! Everything that can go wrong, with the line of the user's program where it did and a stable code.

use std::fmt;

use graph_core::Misfit;
use graph_core::provenance::Site;
use thiserror::Error as ThisError;

use crate::formula::FormulaError;

/// What went wrong.
#[derive(Clone, Debug, ThisError)]
pub enum Error {
    /// A node does not fit its operands.
    #[error("{source}{}", At(*site))]
    Build {
        /// What is wrong.
        source: graph_core::Error,
        /// The line that asked for the node.
        site: Option<Site>,
    },
    /// A derivative cannot be built.
    #[error("{source}{}", At(*site))]
    Derivative {
        /// What is wrong.
        source: autodiff::Error,
        /// The line that asked for the derivative.
        site: Option<Site>,
    },
    /// A result does not depend on inputs that a gradient was asked by.
    #[error("the result does not depend on {}; ask `grad_or_zeros` where zeros are what you want{}", inputs.join(", "), At(Some(site)))]
    Disconnected {
        /// The inputs, as the user named them.
        inputs: Vec<String>,
        /// The line that asked for the derivative.
        site: Site,
    },
    /// Shapes that do not broadcast together as NumPy's do.
    #[error("shapes {left} and {right} do not broadcast together in `{node}`: axis {axis} from the end is {} and {}; `reshape` or `permute` one, so that extents are equal or 1{}", extents.0, extents.1, At(Some(site)))]
    Broadcast {
        /// The node that was asked for, with its operand types.
        node: String,
        /// Shape of the left operand.
        left: String,
        /// Shape of the right operand.
        right: String,
        /// Axis, counted from the last (1).
        axis: usize,
        /// Extents of both.
        extents: (usize, usize),
        /// The line of the operation.
        site: Site,
    },
    /// An Einstein sum that cannot be read, or that does not fit its operands.
    #[error("einsum \"{spec}\" of {operands}: {why} (character {place}){}", At(Some(site)))]
    Einsum {
        /// The text.
        spec: String,
        /// The types of the operands, in order.
        operands: String,
        /// Where in the text, in characters from 1.
        place: usize,
        /// What is wrong and what to do.
        why: String,
        /// The line of the operation.
        site: Site,
    },
    /// Expressions of different graphs met.
    #[error(
        "expressions of two graphs met; build both sides in one graph, or wrap one in a `Function` and call it{}",
        At(Some(site))
    )]
    MixedGraphs {
        /// The line where they met.
        site: Site,
    },
    /// The graph of an expression no longer exists.
    #[error("the graph of this expression was dropped; keep its `Graph` alive{}", At(Some(site)))]
    Dropped {
        /// The line that used the expression.
        site: Site,
    },
    /// A number that belongs to no graph where a node is needed.
    #[error(
        "this needs a tensor of a graph, not numbers alone; start from a parameter or a constant of a graph{}",
        At(Some(site))
    )]
    OnlyNumbers {
        /// The line.
        site: Site,
    },
    /// A list has the wrong length.
    #[error("{what}: {expected} expected, {found} given")]
    Count {
        /// What was counted.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A point has no value for a variable.
    #[error("no value for {}", names.join(", "))]
    NoValue {
        /// The variables.
        names: Vec<String>,
    },
    /// A function has no parameter of this name.
    #[error("no parameter is named `{name}`; there are {}", known.join(", "))]
    NoParameter {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// A value for a parameter is of another type.
    #[error("parameter `{}`: {} expected, {} found", .0.path, .0.expected, .0.found)]
    Argument(
        /// Where, from the name of the parameter on.
        Misfit,
    ),
    /// A structure of another kind than what it stands for or is put together from.
    #[error("{misfit}{}", At(*site))]
    Structure {
        /// Where, from a word for the whole on.
        misfit: Misfit,
        /// The line that gave it.
        site: Option<Site>,
    },
    /// A setting that does not exist or does not work yet.
    #[error("{0}")]
    Unsupported(String),
    /// A program cannot be planned or run.
    #[error(transparent)]
    Run(#[from] interp::Error),
    /// Text that is not a formula.
    #[error(transparent)]
    Formula(#[from] FormulaError),
}

/// A line of the user's program, in parentheses.
struct At(Option<Site>);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(site) => write!(f, " (at {}:{}:{})", site.file(), site.line(), site.column()),
            None => Ok(()),
        }
    }
}

impl Error {
    /// A short stable name of the kind of mistake, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Build { source, .. } => source.code(),
            Error::Derivative { source, .. } => source.code(),
            Error::Disconnected { .. } => "disconnected",
            Error::Broadcast { .. } => "broadcast",
            Error::Einsum { .. } => "einsum",
            Error::MixedGraphs { .. } => "mixed-graphs",
            Error::Dropped { .. } => "dropped",
            Error::OnlyNumbers { .. } => "only-numbers",
            Error::Count { .. } => "count",
            Error::NoValue { .. } => "no-value",
            Error::NoParameter { .. } => "parameter",
            Error::Argument(_) => "argument",
            Error::Structure { .. } => "structure",
            Error::Unsupported(_) => "unsupported",
            Error::Run(e) => e.code(),
            Error::Formula(e) => e.code,
        }
    }

    /// The place in the text, where a text is not a graph.
    pub fn parse_error(&self) -> Option<&graph_core::text::ParseError> {
        match self {
            Error::Build { source: graph_core::Error::Parse(error), .. } => Some(error),
            _ => None,
        }
    }

    /// The line of the user's program, where one is known.
    pub fn site(&self) -> Option<Site> {
        match self {
            Error::Build { site, .. } | Error::Derivative { site, .. } | Error::Structure { site, .. } => *site,
            Error::Disconnected { site, .. } | Error::Broadcast { site, .. } | Error::MixedGraphs { site } => {
                Some(site)
            }
            Error::Einsum { site, .. } | Error::Dropped { site } | Error::OnlyNumbers { site } => Some(site),
            Error::Count { .. } | Error::NoValue { .. } | Error::Unsupported(_) => None,
            Error::NoParameter { .. } | Error::Argument(_) => None,
            Error::Run(_) | Error::Formula(_) => None,
        }
    }
}

impl From<graph_core::Error> for Error {
    fn from(source: graph_core::Error) -> Error {
        Error::Build { source, site: None }
    }
}

impl From<autodiff::Error> for Error {
    fn from(source: autodiff::Error) -> Error {
        Error::Derivative { source, site: None }
    }
}
