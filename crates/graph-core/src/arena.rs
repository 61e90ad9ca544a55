//! The store of nodes: a slot map and the order in which its entries were made.
//!
//! Nodes are never removed, so the slot of a node is also its age: a node's operands have smaller indices than itself.
//! That makes a plain vector the side table of choice ([`NodeMap`]). This file alone knows which container holds nodes.

use std::ops::{Index, IndexMut};

use slotmap::{Key, KeyData, SlotMap, new_key_type};

use crate::graph::Node;

new_key_type! {
    /// A node of one graph: `Copy`, 8 bytes. Ids of different graphs must not be mixed.
    pub struct NodeId;
}

impl NodeId {
    /// Position in the order of creation, from 0.
    #[inline]
    pub fn index(self) -> usize {
        (self.data().as_ffi() & u64::from(u32::MAX)) as usize - 1
    }

    /// The placeholder for "no operand" inside a node.
    pub(crate) fn none() -> NodeId {
        NodeId(KeyData::default())
    }

    #[inline]
    pub(crate) fn is_none(self) -> bool {
        self.is_null()
    }
}

/// All nodes of a graph.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arena {
    nodes: SlotMap<NodeId, Node>,
    order: Vec<NodeId>,
}

impl Arena {
    pub fn push(&mut self, node: Node) -> NodeId {
        let id = self.nodes.insert(node);
        debug_assert_eq!(id.index(), self.order.len(), "slots are handed out in order, because none is ever freed");
        self.order.push(id);
        id
    }

    pub fn reserve(&mut self, nodes: usize) {
        self.nodes.reserve(nodes);
        self.order.reserve(nodes);
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    #[inline]
    pub fn order(&self) -> &[NodeId] {
        &self.order
    }

    pub fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id)
    }

    /// Bytes held, spare capacity included.
    pub fn bytes(&self) -> usize {
        self.nodes.capacity() * (size_of::<Node>() + size_of::<u32>()) + self.order.capacity() * size_of::<NodeId>()
    }
}

impl Index<NodeId> for Arena {
    type Output = Node;
    #[inline]
    fn index(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }
}

/// A dense side table: one `T` for each node, by index; nodes beyond its end read as the default.
#[derive(Clone, Debug)]
pub struct NodeMap<T> {
    entries: Vec<T>,
    default: T,
}

impl<T: Clone> NodeMap<T> {
    /// A table for a graph of `len` nodes, filled with `default`; it grows when written beyond.
    pub fn new(len: usize, default: T) -> NodeMap<T> {
        NodeMap { entries: vec![default.clone(); len], default }
    }
}

impl<T> Index<NodeId> for NodeMap<T> {
    type Output = T;
    #[inline]
    fn index(&self, id: NodeId) -> &T {
        self.entries.get(id.index()).unwrap_or(&self.default)
    }
}

impl<T: Clone> IndexMut<NodeId> for NodeMap<T> {
    fn index_mut(&mut self, id: NodeId) -> &mut T {
        if id.index() >= self.entries.len() {
            self.entries.resize(id.index() + 1, self.default.clone());
        }
        &mut self.entries[id.index()]
    }
}
