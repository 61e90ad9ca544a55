//! Finds arithmetic steps that are done at once ([`crate::run::fused`]): a number that only the next step reads goes to no
//! cell.

use graph_core::op::{Binary, Unary};
use graph_core::smallvec::{SmallVec, smallvec};
use graph_core::{DType, Function, Graph, NodeId, NodeMap, Op, walk};
use rustc_hash::FxHashMap;

use crate::alias::{Aliases, tensor};
use crate::run::fused::{Arithmetic, Fused};

/// What is fused, among the members of a region or the single numbers of a function.
pub struct Fusion {
    states: States,
    steps: Vec<Steps>,
}

/// Fused steps.
pub struct Steps {
    /// What is done.
    pub fused: Fused,
    /// What is read.
    pub operands: SmallVec<[NodeId; 4]>,
    /// The nodes that go to no cell.
    pub parts: SmallVec<[NodeId; 2]>,
}

/// For each node one of the three below, or one more than the position of its steps.
enum States {
    /// Of most nodes of a function.
    Dense(NodeMap<u32>),
    /// Of a few.
    Sparse(FxHashMap<NodeId, u32>),
}

const ALONE: u32 = 0;
/// Used once, by what may take it in.
const OPEN: u32 = u32::MAX;
/// Done with a later node.
const GONE: u32 = u32::MAX - 1;

impl States {
    fn get(&self, id: NodeId) -> u32 {
        match self {
            States::Dense(states) => states[id],
            States::Sparse(states) => states.get(&id).copied().unwrap_or(ALONE),
        }
    }

    fn set(&mut self, id: NodeId, state: u32) {
        match self {
            States::Dense(states) => states[id] = state,
            States::Sparse(states) => {
                states.insert(id, state);
            }
        }
    }
}

impl Fusion {
    fn none() -> Fusion {
        Fusion { states: States::Sparse(FxHashMap::default()), steps: Vec::new() }
    }

    /// Of the nodes of a function that are single numbers.
    pub fn of_numbers(f: &Function, aliases: &Aliases) -> Fusion {
        let g = f.graph();
        let is_number = |&id: &NodeId| {
            let makes = aliases.makes(id) && matches!(g.operands(id).len(), 1 | 2);
            makes && aliases.buffers[aliases.views(id)[0].buffer as usize] == 1
        };
        let numbers: Vec<NodeId> = g.nodes().iter().copied().filter(is_number).collect();
        if numbers.len() < 2 {
            return Fusion::none();
        }
        let mut uses = walk::use_counts(g);
        f.results().iter().for_each(|&y| uses[y] = u32::MAX);
        let mut fusion = Fusion { states: States::Dense(NodeMap::new(g.len(), ALONE)), steps: Vec::new() };
        fusion.find(g, &numbers, |id| uses[id] == 1);
        fusion
    }

    /// Of the members of a region, given which of them are used once, by another.
    pub fn of_region(g: &Graph, members: &[NodeId], is_used_once: impl Fn(NodeId) -> bool) -> Fusion {
        let mut fusion = Fusion::none();
        fusion.find(g, members, is_used_once);
        fusion
    }

    /// The steps whose last node this is.
    pub fn steps(&self, id: NodeId) -> Option<&Steps> {
        match self.states.get(id) {
            ALONE | OPEN | GONE => None,
            at => Some(&self.steps[at as usize - 1]),
        }
    }

    /// Whether a node is done with a later one.
    pub fn is_gone(&self, id: NodeId) -> bool {
        self.states.get(id) == GONE
    }

    /// What is read where a node is executed.
    pub fn operands<'a>(&'a self, g: &'a Graph, id: NodeId) -> &'a [NodeId] {
        self.steps(id).map_or_else(|| g.operands(id), |steps| &steps.operands)
    }

    /// Fuses some nodes, oldest first.
    fn find(&mut self, g: &Graph, nodes: &[NodeId], is_used_once: impl Fn(NodeId) -> bool) {
        for &id in nodes {
            let Some((outer, [x, y])) = arithmetic(g, id) else { continue };
            let part = |x: NodeId| if self.states.get(x) == OPEN { arithmetic(g, x) } else { None };
            let steps = match (part(x), part(y)) {
                (Some((left, [a, b])), Some((right, [c, d]))) => Steps {
                    fused: Fused::Pair { left, right, outer },
                    operands: smallvec![a, b, c, d],
                    parts: smallvec![x, y],
                },
                (Some((inner, [a, b])), None) => Steps {
                    fused: Fused::Chain { inner, outer, is_last: false },
                    operands: smallvec![a, b, y],
                    parts: smallvec![x],
                },
                (None, Some((inner, [a, b]))) => Steps {
                    fused: Fused::Chain { inner, outer, is_last: true },
                    operands: smallvec![a, b, x],
                    parts: smallvec![y],
                },
                (None, None) => {
                    if is_used_once(id) {
                        self.states.set(id, OPEN);
                    }
                    continue;
                }
            };
            steps.parts.iter().for_each(|&part| self.states.set(part, GONE));
            self.steps.push(steps);
            self.states.set(id, self.steps.len() as u32);
        }
    }
}

/// The operation of a node on two doubles.
fn arithmetic(g: &Graph, id: NodeId) -> Option<(Arithmetic, [NodeId; 2])> {
    let found = match (g.op(id), g.operands(id)) {
        (Op::Binary(Binary::Add), &[x, y]) => Some((Arithmetic::Add, [x, y])),
        (Op::Binary(Binary::Sub), &[x, y]) => Some((Arithmetic::Sub, [x, y])),
        (Op::Binary(Binary::Mul), &[x, y]) => Some((Arithmetic::Mul, [x, y])),
        (Op::Unary(Unary::Square), &[x]) => Some((Arithmetic::Mul, [x, x])),
        _ => None,
    };
    found.filter(|_| tensor(g, id).dtype == DType::F64)
}
