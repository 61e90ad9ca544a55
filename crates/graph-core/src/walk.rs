//! Walks over a graph, all iterative, and the copy of a piece of one graph into another.

use std::collections::HashMap;

use smallvec::SmallVec;

use crate::arena::{NodeId, NodeMap};
use crate::graph::Graph;
use crate::op::Op;
use crate::provenance::{Derived, Origin};

/// The nodes that `roots` depend on, themselves included, oldest first. The cost is that of the piece, not of the graph
/// (but for one sort of the piece).
pub fn ancestors(g: &Graph, roots: &[NodeId]) -> Vec<NodeId> {
    let mut seen = Reached::new(g);
    let mut found = Vec::new();
    let mut stack: Vec<NodeId> = roots.to_vec();
    while let Some(id) = stack.pop() {
        if seen.insert(id) {
            found.push(id);
            stack.extend(g.operands(id).iter().filter(|&&x| !seen.contains(x)));
        }
    }
    found.sort_unstable_by_key(|id| id.index());
    found
}

/// A set of nodes: hashed while small beside its graph, a bit for each node once it is not.
struct Reached {
    sparse: hashbrown::HashSet<NodeId, rustc_hash::FxBuildHasher>,
    dense: Option<NodeMap<bool>>,
    len: usize,
}

impl Reached {
    fn new(g: &Graph) -> Reached {
        Reached { sparse: hashbrown::HashSet::default(), dense: None, len: g.len() }
    }

    fn contains(&self, id: NodeId) -> bool {
        match &self.dense {
            Some(bits) => bits[id],
            None => self.sparse.contains(&id),
        }
    }

    fn insert(&mut self, id: NodeId) -> bool {
        if let Some(bits) = &mut self.dense {
            return !std::mem::replace(&mut bits[id], true);
        }
        let new = self.sparse.insert(id);
        if self.sparse.len() * 64 > self.len {
            let mut bits = NodeMap::new(self.len, false);
            self.sparse.iter().for_each(|&id| bits[id] = true);
            self.dense = Some(bits);
        }
        new
    }
}

/// How often each node is used as an operand.
pub fn use_counts(g: &Graph) -> NodeMap<u32> {
    let mut counts = NodeMap::new(g.len(), 0);
    for &id in g.nodes() {
        g.operands(id).iter().for_each(|&x| counts[x] += 1);
    }
    counts
}

/// A fresh graph with the parameters of `g` and the ancestors of `roots`, and where the roots went. Origins come
/// along; a node stays the derivative of another if that one is copied too.
pub fn compact(g: &Graph, roots: &[NodeId]) -> (Graph, Vec<NodeId>) {
    let mut target = Graph::new();
    let mut image = HashMap::new();
    for param in g.params() {
        let node = target.param(&param.name, g.ty(param.node).clone()).expect("parameters of a graph are distinct");
        image.insert(param.node, node);
    }
    let roots = copy(g, roots, &mut target, &mut image);
    (target, roots)
}

/// Copies the ancestors of `roots` from `g` into `target`; nodes in `image` (at least the parameters that occur) stand
/// for what they map to. Returns the images of the roots.
///
/// # Panics
/// If a parameter that occurs has no image, or an image has another type than its node.
pub fn copy(g: &Graph, roots: &[NodeId], target: &mut Graph, image: &mut HashMap<NodeId, NodeId>) -> Vec<NodeId> {
    let mut attributes = Translation::default();
    for id in ancestors(g, roots) {
        if image.contains_key(&id) {
            continue;
        }
        let operands: SmallVec<[NodeId; 4]> = g.operands(id).iter().map(|x| image[x]).collect();
        let op = attributes.translate(g, g.op(id), target);
        target.set_origin(copied_origin(g.origin(id), image));
        let copied = target.make(op, &operands).expect("a node that was made once can be made again");
        image.insert(id, copied);
    }
    target.set_origin(Origin::default());
    roots.iter().map(|root| image[root]).collect()
}

/// The origin of a copy: what it is the derivative of, as far as that was copied too.
fn copied_origin(origin: Origin, image: &HashMap<NodeId, NodeId>) -> Origin {
    let derived = origin.derived.and_then(|d| Some(Derived { primal: *image.get(&d.primal)?, ..d }));
    Origin { derived, ..origin }
}

/// Carries the attributes of ops from one graph to another; remembers functions, whose comparison is dear.
#[derive(Default)]
pub struct Translation {
    functions: HashMap<usize, Op>,
}

impl Translation {
    /// The op of `g` with its attributes interned in `target`.
    pub fn translate(&mut self, g: &Graph, op: Op, target: &mut Graph) -> Op {
        match op {
            Op::Const(id) => Op::Const(target.intern_literal(g[id].clone())),
            Op::Iota(id) => Op::Iota(target.intern_iota(g[id].clone())),
            Op::Broadcast(id) => Op::Broadcast(target.intern_broadcast(g[id].clone())),
            Op::Reshape(id) => Op::Reshape(target.intern_axes(g[id].clone())),
            Op::Permute(id) => Op::Permute(target.intern_axes(g[id].clone())),
            Op::Reverse(id) => Op::Reverse(target.intern_axes(g[id].clone())),
            Op::Reduce(kind, id) => Op::Reduce(kind, target.intern_axes(g[id].clone())),
            Op::Slice(id) => Op::Slice(target.intern_slice(g[id].clone())),
            Op::Pad(id) => Op::Pad(target.intern_pad(g[id].clone())),
            Op::Dot(id) => Op::Dot(target.intern_dot(g[id].clone())),
            Op::Record(id) => Op::Record(target.intern_fields(g[id].clone())),
            Op::Call(id) => *self.functions.entry(id.index()).or_insert_with(|| Op::Call(target.add_function(&g[id]))),
            Op::Param(_) | Op::Unary(_) | Op::Nth(..) | Op::Binary(_) | Op::Compare(_) | Op::Logic(_) => op,
            Op::Select | Op::Cast(_) | Op::Concat(_) | Op::Tuple | Op::Get(_) => op,
        }
    }
}
