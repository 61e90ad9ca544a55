//! Where a node comes from. Not part of its identity: the first origin of a node stays.

use std::panic::Location;
use std::sync::Arc;

use crate::arena::NodeId;

/// A user's source line.
pub type Site = &'static Location<'static>;

/// For a node that a differentiator made: which derivative of what it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derived {
    /// The node that was differentiated.
    pub primal: NodeId,
    /// The operand towards which its derivative goes.
    pub operand: u32,
    /// The rule, by its class (`pointwise`, `linear` …).
    pub rule: &'static str,
    /// 1 for a derivative, 2 for the derivative of one, …
    pub order: u8,
}

/// The origin of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// A name that the user gave.
    pub label: Option<Arc<str>>,
    /// The user's line.
    pub site: Option<Site>,
    /// Present on nodes of derivatives.
    pub derived: Option<Derived>,
}

/// Origins by small id; 0 is "unknown". One entry serves all nodes built under it.
#[derive(Clone, Debug)]
pub(crate) struct Origins {
    entries: Vec<Origin>,
    of_node: Vec<u32>,
    current: u32,
}

impl Default for Origins {
    fn default() -> Origins {
        Origins { entries: vec![Origin::default()], of_node: Vec::new(), current: 0 }
    }
}

impl Origins {
    /// Nodes pushed from now on come from `origin`.
    pub fn set(&mut self, origin: Origin) {
        if self.entries[self.current as usize] == origin {
            return;
        }
        self.current = match origin == Origin::default() {
            true => 0,
            false => {
                self.entries.push(origin);
                u32::try_from(self.entries.len() - 1).expect("fewer than 2^32 origins")
            }
        };
    }

    pub fn push_node(&mut self) {
        self.of_node.push(self.current);
    }

    pub fn current(&self) -> &Origin {
        &self.entries[self.current as usize]
    }

    pub fn of(&self, id: NodeId) -> &Origin {
        &self.entries[self.of_node[id.index()] as usize]
    }

    /// Gives one node an origin of its own.
    pub fn replace(&mut self, id: NodeId, origin: Origin) {
        self.entries.push(origin);
        self.of_node[id.index()] = u32::try_from(self.entries.len() - 1).expect("fewer than 2^32 origins");
    }

    pub fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Origin>() + self.of_node.capacity() * size_of::<u32>()
    }
}
