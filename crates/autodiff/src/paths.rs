//! Why nothing flows from an input to a result: no path leads there, or each passes an op whose derivative is zero.
//!
//! Paths run through the tensors inside structures, one by one: a result that takes the other part of a tuple does not
//! depend on this one. They run through calls, too: a callee that ignores a parameter ends the path.

use std::sync::Arc;

use graph_core::op::Op;
use graph_core::{Function, Graph, NodeId, walk};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::absent::Absent;
use crate::class::{Class, class};
use crate::ends::is_real;
use crate::leaves::{self, Offsets};

/// How far one gets from an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// To no result.
    Nowhere,
    /// To this op, whose derivative is zero.
    Flat(NodeId),
    /// To a result.
    Through,
}

/// What is remembered of callees: how far one gets from a parameter, by position.
type Callees = FxHashMap<(*const Function, usize), Reach>;

/// The tensors inside a node that depend on the input.
type Touched = SmallVec<[bool; 1]>;

/// Why no derivative of `roots` by `inputs` is there, given that none is. It is zero by mathematics if one input has a
/// path that ends in a flat op, and else there is no path from any of them.
pub fn absence(g: &Graph, roots: &[NodeId], inputs: &[NodeId]) -> Absent {
    let mut callees = Callees::default();
    let mut disconnected = roots.first().copied();
    let piece = walk::Piece::of(g, roots);
    for &x in inputs.iter().rev() {
        match reach(g, &piece, roots, x, &mut callees) {
            Reach::Flat(at) => return Absent::Zero(at),
            Reach::Through => return Absent::Zero(x),
            Reach::Nowhere => disconnected = Some(x),
        }
    }
    Absent::Disconnected(disconnected.expect("there is a result or an input"))
}

/// Oldest first; the first flat op is the answer if nothing gets through.
fn reach(g: &Graph, piece: &walk::Piece, roots: &[NodeId], x: NodeId, callees: &mut Callees) -> Reach {
    let Some(start) = piece.position(x) else { return Reach::Nowhere };
    let mut offsets = Offsets::default();
    let mut touched: FxHashMap<NodeId, Touched> = FxHashMap::default();
    touched.insert(x, SmallVec::from_elem(true, leaves::count(g.ty(x))));
    let mut flat = None;
    for &id in &piece.nodes[start + 1..] {
        match step(g, id, &touched, &mut offsets, callees) {
            Step::Untouched => {}
            Step::Flat => flat = flat.or(Some(id)),
            Step::Touched(leaves) => _ = touched.insert(id, leaves),
        }
    }
    match roots.iter().any(|root| touched.get(root).is_some_and(|leaves| leaves.contains(&true))) {
        true => Reach::Through,
        false => flat.map_or(Reach::Nowhere, Reach::Flat),
    }
}

enum Step {
    Untouched,
    Flat,
    Touched(Touched),
}

fn step(
    g: &Graph,
    id: NodeId,
    touched: &FxHashMap<NodeId, Touched>,
    offsets: &mut Offsets,
    callees: &mut Callees,
) -> Step {
    let (op, operands) = (g.op(id), g.operands(id));
    let is_touched = |x: &NodeId| touched.get(x).is_some_and(|leaves| leaves.contains(&true));
    let edges: SmallVec<[usize; 4]> = (0..operands.len()).filter(|&i| is_touched(&operands[i])).collect();
    if edges.is_empty() {
        return Step::Untouched;
    }
    let steps: SmallVec<[Reach; 4]> = match op {
        Op::Tuple | Op::Record(_) => return Step::Touched(built(g, operands, touched)),
        Op::Get(index) => {
            let part = offsets.part(g, g.type_id(operands[0]), index as usize);
            let part: Touched = touched[&operands[0]][part].into();
            return match part.contains(&true) {
                true if is_real(g, id) => Step::Touched(part),
                true => Step::Flat,
                false => Step::Untouched,
            };
        }
        _ if class(op.code()) == Class::Zero || !is_real(g, id) => return Step::Flat,
        Op::Call(f) => edges.iter().map(|&i| through_call(&g[f], i, callees)).collect(),
        _ => edges.iter().map(|&i| if is_flat(op, i) { Reach::Flat(id) } else { Reach::Through }).collect(),
    };
    match () {
        () if steps.contains(&Reach::Through) => Step::Touched(SmallVec::from_elem(true, leaves::count(g.ty(id)))),
        () if steps.iter().all(|&step| step == Reach::Nowhere) => Step::Untouched,
        () => Step::Flat,
    }
}

fn built(g: &Graph, operands: &[NodeId], touched: &FxHashMap<NodeId, Touched>) -> Touched {
    let leaves =
        |x: &NodeId| touched.get(x).cloned().unwrap_or_else(|| SmallVec::from_elem(false, leaves::count(g.ty(*x))));
    operands.iter().flat_map(leaves).collect()
}

/// Whether an elementwise op has partial zero everywhere towards an operand, as `copysign` towards the sign.
fn is_flat(op: Op, operand: usize) -> bool {
    match op {
        Op::Unary(op) => op.partial(0.5, 0.5).is_none(),
        Op::Nth(op, n) => op.partial(n, 0.5).is_none(),
        Op::Binary(op) => op.partial(operand, 0.5, 0.5, 0.5).is_none(),
        _ => false,
    }
}

/// Nested as deep as calls are, which is limited.
fn through_call(f: &Arc<Function>, parameter: usize, callees: &mut Callees) -> Reach {
    let key = (Arc::as_ptr(f), parameter);
    if let Some(&known) = callees.get(&key) {
        return known;
    }
    let piece = walk::Piece::of(f.graph(), f.results());
    let found = reach(f.graph(), &piece, f.results(), f.params()[parameter].node, callees);
    callees.insert(key, found);
    found
}
