//! What asking for a derivative gives: a node, or a reason why there is none that is not an error.

use graph_core::{Graph, NodeId};

use crate::leaves;

/// A derivative, or the mathematical reason for its absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derivative {
    /// The node that computes it, with the structure of what it is the derivative of or by.
    Node(NodeId),
    /// It is zero, and no node was built.
    Absent(Absent),
}

/// Why a derivative is zero without a node. (A derivative that does not exist, or is not implemented, is an
/// [`crate::Error`].)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// Zero by mathematics: every path from input to result passes an op whose derivative is zero everywhere, like
    /// `floor` or a comparison. The node is the first such op on the way from the input.
    Zero(NodeId),
    /// No path leads from this input to the result.
    Disconnected(NodeId),
}

impl Derivative {
    /// The node, if there is one.
    pub fn node(self) -> Option<NodeId> {
        match self {
            Derivative::Node(node) => Some(node),
            Derivative::Absent(_) => None,
        }
    }

    /// The node, or zeros with the structure of a derivative by (or of) `like`.
    pub fn or_zeros(self, g: &mut Graph, like: NodeId) -> NodeId {
        match self {
            Derivative::Node(node) => node,
            Derivative::Absent(_) => leaves::zeros(g, like),
        }
    }
}
