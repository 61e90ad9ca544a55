//! The piece of a graph that a sweep walks, with room for one derivative for each tensor in it.

use std::ops::Range;

use graph_core::{Graph, NodeId, walk};

use crate::leaves;

/// Nodes by age, and for each the position of its first leaf in the sweep's table.
pub struct Piece {
    inner: walk::Piece,
    slots: Vec<u32>,
}

impl Piece {
    /// The ancestors of `roots`.
    pub fn new(g: &Graph, roots: &[NodeId]) -> Piece {
        let inner = walk::Piece::of(g, roots);
        let mut slots = Vec::with_capacity(inner.nodes.len() + 1);
        let mut next = 0;
        for &id in &inner.nodes {
            slots.push(next);
            next += u32::try_from(leaves::count(g.ty(id))).expect("types are limited in size");
        }
        slots.push(next);
        Piece { inner, slots }
    }

    /// The nodes, oldest first.
    pub fn nodes(&self) -> &[NodeId] {
        &self.inner.nodes
    }

    /// Number of leaves of all nodes together.
    pub fn leaves(&self) -> usize {
        self.slots.last().map_or(0, |&n| n as usize)
    }

    /// Where a node stands, if it is in the piece.
    pub fn position(&self, id: NodeId) -> Option<usize> {
        self.inner.position(id)
    }

    /// The leaves of the node at a position.
    pub fn slots(&self, position: usize) -> Range<usize> {
        self.slots[position] as usize..self.slots[position + 1] as usize
    }
}
