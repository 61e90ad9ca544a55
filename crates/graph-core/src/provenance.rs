//! Where a node comes from. Not part of its identity: the first origin of a node stays.
//!
//! Stored in 12 bytes for each run of nodes with one origin and 4 for each node, because a derivative has a new origin
//! for nearly every edge it walks.

use std::panic::Location;
use std::sync::Arc;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use crate::arena::NodeId;
use crate::op::Opcode;

/// A user's source line.
pub type Site = &'static Location<'static>;

/// Which kind of derivative rule made a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// A partial derivative of an elementwise op.
    Pointwise,
    /// A linear op or its transpose.
    Linear,
    /// One side of a bilinear op.
    Bilinear,
    /// A rule of its own.
    General,
    /// The derivative of a function that is called.
    Region,
}

/// For a node that a differentiator made: which derivative of what it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derived {
    /// The node that was differentiated, as long as it is in the same graph.
    pub primal: Option<NodeId>,
    /// What that node does.
    pub op: Opcode,
    /// The operand towards which its derivative goes (counts to 255).
    pub operand: u32,
    /// The kind of rule.
    pub rule: Rule,
    /// 1 for a derivative, 2 for the derivative of one, … (counts to 255).
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

/// A stored origin: who asked, as an index, and the packed derivative (`order` 0: none).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Entry {
    user: u32,
    /// Age + 1; 0 if it is gone.
    primal: u32,
    op: u8,
    operand: u8,
    rule: u8,
    order: u8,
}

const _: () = assert!(size_of::<Entry>() == 12);

/// The part of an origin that the user gave.
type User = (Option<Arc<str>>, Option<Site>);

/// Origins by small id; 0 is "unknown". One entry serves all nodes built under it.
#[derive(Clone, Debug)]
pub(crate) struct Origins {
    users: Vec<User>,
    sites: HashMap<usize, u32, FxBuildHasher>,
    entries: Vec<Entry>,
    of_node: Vec<u32>,
    current: u32,
}

impl Default for Origins {
    fn default() -> Origins {
        Origins {
            users: vec![(None, None)],
            sites: HashMap::default(),
            entries: vec![Entry::default()],
            of_node: Vec::new(),
            current: 0,
        }
    }
}

const RULES: [Rule; 5] = [Rule::Pointwise, Rule::Linear, Rule::Bilinear, Rule::General, Rule::Region];

impl Origins {
    /// Nodes pushed from now on come from `origin`.
    pub fn set(&mut self, origin: Origin) {
        let entry = self.pack(origin);
        self.current = self.store(entry);
    }

    /// As [`Origins::set`], with the user's part of the origin of another node.
    pub fn set_derived(&mut self, derived: Derived) {
        let user = derived.primal.map_or(0, |primal| self.entries[self.of_node[primal.index()] as usize].user);
        let entry = Entry { user, ..pack_derived(derived) };
        self.current = self.store(entry);
    }

    /// As [`Origins::set`], for nothing but a line: a loop in the user's program comes back to few lines.
    pub fn set_site(&mut self, site: Site) {
        let address = std::ptr::from_ref(site).addr();
        self.current = match self.sites.get(&address) {
            Some(&entry) => entry,
            None => {
                let entry = self.pack(Origin { site: Some(site), ..Origin::default() });
                let stored = self.store(entry);
                self.sites.insert(address, stored);
                stored
            }
        };
    }

    fn store(&mut self, entry: Entry) -> u32 {
        if entry == Entry::default() {
            return 0;
        }
        if self.entries[self.current as usize] == entry {
            return self.current;
        }
        self.entries.push(entry);
        u32::try_from(self.entries.len() - 1).expect("fewer than 2^32 origins")
    }

    fn pack(&mut self, origin: Origin) -> Entry {
        let user = (origin.label, origin.site);
        let same = |at: &u32| self.users[*at as usize] == user;
        let recent = [0, self.entries[self.current as usize].user, self.users.len() as u32 - 1];
        let user = recent.into_iter().find(same).unwrap_or_else(|| {
            self.users.push(user);
            u32::try_from(self.users.len() - 1).expect("fewer than 2^32 origins")
        });
        Entry { user, ..origin.derived.map(pack_derived).unwrap_or_default() }
    }

    pub fn reserve(&mut self, nodes: usize) {
        self.of_node.reserve(nodes);
    }

    pub fn push_node(&mut self) {
        self.of_node.push(self.current);
    }

    /// The node's origin; `order` gives the nodes by age.
    pub fn of(&self, id: NodeId, order: &[NodeId]) -> Origin {
        self.unpack(self.entries[self.of_node[id.index()] as usize], order)
    }

    pub fn derived(&self, id: NodeId, order: &[NodeId]) -> Option<Derived> {
        unpack_derived(self.entries[self.of_node[id.index()] as usize], order)
    }

    fn unpack(&self, entry: Entry, order: &[NodeId]) -> Origin {
        let (label, site) = self.users[entry.user as usize].clone();
        Origin { label, site, derived: unpack_derived(entry, order) }
    }

    /// Gives one node an origin of its own.
    pub fn replace(&mut self, id: NodeId, origin: Origin) {
        let entry = self.pack(origin);
        self.entries.push(entry);
        self.of_node[id.index()] = u32::try_from(self.entries.len() - 1).expect("fewer than 2^32 origins");
    }

    pub fn bytes(&self) -> usize {
        self.users.capacity() * size_of::<User>()
            + self.entries.capacity() * size_of::<Entry>()
            + self.of_node.capacity() * size_of::<u32>()
    }
}

fn pack_derived(d: Derived) -> Entry {
    let primal = d.primal.map_or(0, |primal| primal.index() as u32 + 1);
    let operand = u8::try_from(d.operand).unwrap_or(u8::MAX);
    let op = u8::try_from(d.op.index()).expect("at most 256 ops");
    Entry { user: 0, primal, op, operand, rule: d.rule as u8, order: d.order.max(1) }
}

fn unpack_derived(entry: Entry, order: &[NodeId]) -> Option<Derived> {
    (entry.order > 0).then(|| Derived {
        primal: entry.primal.checked_sub(1).map(|age| order[age as usize]),
        op: Opcode::all()[entry.op as usize],
        operand: u32::from(entry.operand),
        rule: RULES[entry.rule as usize],
        order: entry.order,
    })
}
