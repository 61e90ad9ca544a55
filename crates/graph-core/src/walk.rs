//! Walks over a graph, all iterative, and the copy of a piece of one graph into another.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

use crate::arena::{NodeId, NodeMap};
use crate::graph::{Graph, TypeId};
use crate::op::Op;
use crate::provenance::{Derived, Origin};

/// The nodes that `roots` depend on, themselves included, oldest first. The cost is that of the piece, not of the graph.
pub fn ancestors(g: &Graph, roots: &[NodeId]) -> Vec<NodeId> {
    ancestors_until(g, roots, |_| false)
}

/// As [`ancestors`], but for those behind nodes at which the walk `ends`: from node to operand while few have been reached,
/// else by one pass over all that are older.
fn ancestors_until(g: &Graph, roots: &[NodeId], ends: impl Fn(NodeId) -> bool) -> Vec<NodeId> {
    let mut seen: hashbrown::HashSet<NodeId, FxBuildHasher> = hashbrown::HashSet::default();
    let mut found = Vec::new();
    let mut stack: Vec<NodeId> = roots.to_vec();
    while let Some(id) = stack.pop() {
        if seen.insert(id) {
            found.push(id);
            if found.len() * FEW > g.len() {
                stack.extend(found);
                return older(g, stack, ends);
            }
            if !ends(id) {
                stack.extend(g.operands(id).iter().filter(|&x| !seen.contains(x)));
            }
        }
    }
    found.sort_unstable_by_key(|id| id.index());
    found
}

/// A walk from node to operand takes as long as a pass over about so many nodes.
const FEW: usize = 64;

/// These nodes and their ancestors by a pass from the newest to the oldest.
fn older(g: &Graph, nodes: Vec<NodeId>, ends: impl Fn(NodeId) -> bool) -> Vec<NodeId> {
    let newest = nodes.iter().map(|id| id.index()).max().map_or(0, |newest| newest + 1);
    let mut reached = vec![false; newest];
    nodes.into_iter().for_each(|id| reached[id.index()] = true);
    let all = &g.nodes()[..newest];
    let mut count = 0;
    for (age, &id) in all.iter().enumerate().rev() {
        if reached[age] {
            count += 1;
            if !ends(id) {
                g.operands(id).iter().for_each(|x| reached[x.index()] = true);
            }
        }
    }
    let mut found = Vec::with_capacity(count);
    found.extend(all.iter().zip(reached).filter(|(_, reached)| *reached).map(|(&id, _)| id));
    found
}

/// How many of the nodes that `roots` depend on compute something: all but parameters and constants.
pub fn operations(g: &Graph, roots: &[NodeId]) -> usize {
    ancestors(g, roots).into_iter().filter(|&id| !matches!(g.op(id), Op::Param(_) | Op::Const(_))).count()
}

/// How often each node is used as an operand.
pub fn use_counts(g: &Graph) -> NodeMap<u32> {
    let mut counts = NodeMap::new(g.len(), 0);
    for &id in g.nodes() {
        g.operands(id).iter().for_each(|&x| counts[x] += 1);
    }
    counts
}

/// Some nodes of a graph, oldest first, and where each stands among them.
pub struct Piece {
    /// The nodes, oldest first.
    pub nodes: Vec<NodeId>,
    positions: Positions,
}

/// From node to position: a table over the span of ages where the piece fills much of it, else a hash map.
enum Positions {
    Dense { first: usize, table: Vec<u32> },
    Sparse(hashbrown::HashMap<NodeId, u32, FxBuildHasher>),
}

const NOWHERE: u32 = u32::MAX;

/// A piece that fills less than one in this many ages of its span is sorted and hashed, not tabulated.
const SPARSE: usize = 8;

impl Piece {
    /// The ancestors of `roots`.
    pub fn of(g: &Graph, roots: &[NodeId]) -> Piece {
        Piece::new(ancestors(g, roots))
    }

    /// These nodes, oldest first.
    fn new(nodes: Vec<NodeId>) -> Piece {
        let positions = Positions::new(&nodes);
        Piece { nodes, positions }
    }

    /// Where a node stands, if it is in the piece.
    pub fn position(&self, id: NodeId) -> Option<usize> {
        let found = match &self.positions {
            Positions::Dense { first, table } => *table.get(id.index().checked_sub(*first)?)?,
            Positions::Sparse(map) => *map.get(&id)?,
        };
        (found != NOWHERE).then_some(found as usize)
    }
}

impl Positions {
    fn new(nodes: &[NodeId]) -> Positions {
        let (Some(first), Some(last)) = (nodes.first(), nodes.last()) else {
            return Positions::Sparse(Default::default());
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

/// A fresh graph with the parameters of `g` and the ancestors of `roots`, and where the roots went. Origins come
/// along; a node of a derivative keeps the node it is the derivative of if that one is copied too.
pub fn compact(g: &Graph, roots: &[NodeId]) -> (Graph, Vec<NodeId>) {
    let live = ancestors(g, roots);
    if !are_all(g, &live) {
        return dropped(g, roots, live);
    }
    let mut target = g.clone();
    target.set_origin(Origin::default());
    (target, roots.to_vec())
}

/// As [`compact`], of a graph that is given away: itself, if it is compact.
pub fn compacted(mut g: Graph, roots: &[NodeId]) -> (Graph, Vec<NodeId>) {
    let live = ancestors(&g, roots);
    if !are_all(&g, &live) {
        return dropped(&g, roots, live);
    }
    g.set_origin(Origin::default());
    (g, roots.to_vec())
}

/// The copy without dead nodes.
fn dropped(g: &Graph, roots: &[NodeId], live: Vec<NodeId>) -> (Graph, Vec<NodeId>) {
    let (mut target, given) = with_params(g);
    let roots = copy_piece(g, roots, live, &mut target, &given);
    (target, roots)
}

/// Whether a graph is what [`compact`] makes of it, given the live nodes: parameters first, and no other that is dead.
fn are_all(g: &Graph, live: &[NodeId]) -> bool {
    let params = g.params().len();
    let leads = g.nodes()[..params].iter().zip(g.params()).all(|(&id, param)| id == param.node);
    let live_params = live.partition_point(|id| id.index() < params);
    leads && g.functions().is_empty() && live.len() - live_params == g.len() - params
}

/// A graph with the parameters of `g` and no other node, and which parameter stands for which.
pub fn with_params(g: &Graph) -> (Graph, Vec<(NodeId, NodeId)>) {
    let mut target = Graph::new();
    let mut given = Vec::with_capacity(g.params().len());
    for param in g.params() {
        target.set_origin(Origin { derived: None, ..g.origin(param.node) });
        let node = target.param(&param.name, g.ty(param.node).clone()).expect("parameters of a graph are distinct");
        given.push((param.node, node));
    }
    target.set_origin(Origin::default());
    (target, given)
}

/// Copies the ancestors of `roots` from `g` into `target`; a node that is `given` (at least the parameters that occur)
/// stands for its partner, and what it depends on is not copied for its sake. Returns the images of the roots.
///
/// # Panics
/// If a parameter that occurs is not given, or a partner has another type than its node.
pub fn copy(g: &Graph, roots: &[NodeId], target: &mut Graph, given: &[(NodeId, NodeId)]) -> Vec<NodeId> {
    let is_given: hashbrown::HashSet<NodeId, FxBuildHasher> = given.iter().map(|&(node, _)| node).collect();
    let nodes = ancestors_until(g, roots, |id| is_given.contains(&id));
    copy_piece(g, roots, nodes, target, given)
}

/// [`copy`], given the nodes that are copied, those that are given included.
fn copy_piece(
    g: &Graph,
    roots: &[NodeId],
    nodes: Vec<NodeId>,
    target: &mut Graph,
    given: &[(NodeId, NodeId)],
) -> Vec<NodeId> {
    let piece = Piece::new(nodes);
    let mut images: Vec<Option<NodeId>> = vec![None; piece.nodes.len()];
    for &(node, image) in given {
        if let Some(position) = piece.position(node) {
            assert_eq!(g.ty(node), target.ty(image), "a partner has the type of its node");
            images[position] = Some(image);
        }
    }
    target.reserve(piece.nodes.len());
    let mut attributes = Translation::default();
    let mut types: HashMap<TypeId, TypeId, FxBuildHasher> = HashMap::default();
    for (position, &id) in piece.nodes.iter().enumerate() {
        if images[position].is_some() {
            continue;
        }
        let image = |x: NodeId| piece.position(x).and_then(|at| images[at]);
        let operands: SmallVec<[NodeId; 4]> =
            g.operands(id).iter().map(|&x| image(x).expect("operands are older, so they have been copied")).collect();
        assert!(!matches!(g.op(id), Op::Param(_)), "a parameter that occurs is not given");
        let op = attributes.translate(g, g.op(id), target);
        target.set_origin(moved_origin(g.origin(id), image));
        let ty = *types.entry(g.type_id(id)).or_insert_with(|| target.intern_type(g.ty(id).clone()));
        images[position] = Some(target.make_again(op, &operands, ty));
    }
    target.set_origin(Origin::default());
    let image = |root: &NodeId| images[piece.position(*root).expect("roots are in the piece")];
    roots.iter().map(|root| image(root).expect("the piece was copied")).collect()
}

/// An origin in another graph: the node that was differentiated is named as far as it has an image there.
pub fn moved_origin(origin: Origin, image: impl Fn(NodeId) -> Option<NodeId>) -> Origin {
    let derived = origin.derived.map(|d| Derived { primal: d.primal.and_then(image), ..d });
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
            Op::Gather(id) => Op::Gather(target.intern_gather(g[id].clone())),
            Op::Scatter(kind, id) => Op::Scatter(kind, target.intern_gather(g[id].clone())),
            Op::Cumulate(kind, id) => Op::Cumulate(kind, target.intern_cumulate(g[id].clone())),
            Op::Sort(id) => Op::Sort(target.intern_sort(g[id].clone())),
            Op::Slice(id) => Op::Slice(target.intern_slice(g[id].clone())),
            Op::Pad(id) => Op::Pad(target.intern_pad(g[id].clone())),
            Op::Dot(id) => Op::Dot(target.intern_dot(g[id].clone())),
            Op::Conv(id) => Op::Conv(target.intern_conv(g[id].clone())),
            Op::ReduceWindow(kind, id) => Op::ReduceWindow(kind, target.intern_window(g[id].clone())),
            Op::Record(id) => Op::Record(target.intern_fields(g[id].clone())),
            Op::Call(id) => *self.functions.entry(id.index()).or_insert_with(|| Op::Call(target.add_function(&g[id]))),
            Op::Param(_) | Op::Unary(_) | Op::Nth(..) | Op::Binary(_) | Op::Compare(_) | Op::Logic(_) => op,
            Op::Integer(_) | Op::Test(_) | Op::Bitcast(_) => op,
            Op::Linalg(_) | Op::TriangularSolve(_) => op,
            Op::Select | Op::Cast(_) | Op::Concat(_) | Op::Tuple | Op::Get(_) => op,
        }
    }
}
