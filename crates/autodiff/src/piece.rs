//! The piece of a graph that a sweep walks: ancestors of its roots, oldest first, with dense positions.

use graph_core::{Graph, NodeId, walk};
use rustc_hash::FxHashMap;

use crate::leaves;

/// Nodes by age, and for each the position of its first leaf in the sweep's table.
pub struct Piece {
    /// Ancestors of the roots, oldest first.
    pub nodes: Vec<NodeId>,
    slots: Vec<u32>,
    positions: Positions,
}

/// From node to position: a table over the span of ages where the piece fills much of it, else a hash map.
enum Positions {
    Dense { first: usize, table: Vec<u32> },
    Sparse(FxHashMap<NodeId, u32>),
}

const NOWHERE: u32 = u32::MAX;

/// A piece that fills less than one in this many ages of its span is hashed.
const SPARSE: usize = 8;

impl Piece {
    /// The ancestors of `roots`.
    pub fn new(g: &Graph, roots: &[NodeId]) -> Piece {
        let nodes = walk::ancestors(g, roots);
        let mut slots = Vec::with_capacity(nodes.len() + 1);
        let mut next = 0;
        for &id in &nodes {
            slots.push(next);
            next += leaves::count(g.ty(id)) as u32;
        }
        slots.push(next);
        let positions = Positions::new(&nodes);
        Piece { nodes, slots, positions }
    }

    /// Number of leaves of all nodes together.
    pub fn leaves(&self) -> usize {
        self.slots.last().map_or(0, |&n| n as usize)
    }

    /// Where a node stands, if it is in the piece.
    pub fn position(&self, id: NodeId) -> Option<usize> {
        let found = match &self.positions {
            Positions::Dense { first, table } => *table.get(id.index().checked_sub(*first)?)?,
            Positions::Sparse(map) => *map.get(&id)?,
        };
        (found != NOWHERE).then_some(found as usize)
    }

    /// The leaves of the node at a position.
    pub fn slots(&self, position: usize) -> std::ops::Range<usize> {
        self.slots[position] as usize..self.slots[position + 1] as usize
    }
}

impl Positions {
    fn new(nodes: &[NodeId]) -> Positions {
        let (Some(first), Some(last)) = (nodes.first(), nodes.last()) else {
            return Positions::Sparse(FxHashMap::default());
        };
        let span = last.index() - first.index() + 1;
        if span > nodes.len() * SPARSE {
            return Positions::Sparse(nodes.iter().enumerate().map(|(i, &id)| (id, i as u32)).collect());
        }
        let mut table = vec![NOWHERE; span];
        nodes.iter().enumerate().for_each(|(i, id)| table[id.index() - first.index()] = i as u32);
        Positions::Dense { first: first.index(), table }
    }
}
