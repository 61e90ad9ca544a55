//! What both sweeps do at their ends: check what is asked, take seeds apart, put results together, explain absence.

use graph_core::{Graph, NodeId, Type, walk};

use crate::absent::{Absent, Derivative};
use crate::class::{Class, class};
use crate::error::{Error, Missing};
use crate::leaves;
use crate::masked::Masked;

/// A seed: node, leaf inside it, derivative.
pub type Seed = (NodeId, usize, Masked);

/// Whether a node can carry a derivative.
pub fn is_real(g: &Graph, id: NodeId) -> bool {
    match g.ty(id) {
        Type::Tensor(t) => t.dtype.is_float(),
        ty => ty.has_float(),
    }
}

/// Every node can carry a derivative; otherwise all that cannot are listed.
pub fn check_real(g: &Graph, nodes: impl Iterator<Item = NodeId>) -> Result<(), Error> {
    let mut missing = Vec::new();
    for node in nodes.filter(|&node| !is_real(g, node)) {
        let reason = format!("{} has no derivative; `cast` it to f64 before it is used", g.ty(node));
        missing.push(Missing::Undefined { node, shown: shown(g, node), reason });
    }
    missing.dedup();
    if missing.is_empty() { Ok(()) } else { Err(Error::Missing(missing)) }
}

/// A node as a user knows it.
pub fn shown(g: &Graph, node: NodeId) -> String {
    match g.params().iter().find(|p| p.node == node) {
        Some(param) => format!("parameter `{}`", param.name),
        None => format!("`{}`", graph_core::text::asked(g, g.op(node), g.operands(node))),
    }
}

/// A cotangent or tangent of a node, leaf by leaf.
pub fn seeds(g: &mut Graph, node: NodeId, seed: NodeId) -> Result<Vec<Seed>, Error> {
    let ty = g.ty(node).clone();
    let expected = ty.cotangent();
    if *g.ty(seed) != expected {
        let (node, found) = (shown(g, node), g.ty(seed).to_string());
        return Err(Error::Seed { node, expected: expected.to_string(), found });
    }
    let leaves = leaves::split(g, seed, &ty);
    Ok(leaves.into_iter().enumerate().filter_map(|(leaf, d)| Some((node, leaf, d?.into()))).collect())
}

/// A derivative with the structure of `like`, or `absent` if no leaf has one.
pub fn finish(
    g: &mut Graph,
    like: NodeId,
    leaves: &[Option<Masked>],
    absent: impl FnOnce(&Graph) -> Absent,
) -> Derivative {
    if leaves.iter().all(Option::is_none) {
        return Derivative::Absent(absent(g));
    }
    let settled: Vec<_> = leaves.iter().map(|leaf| leaf.map(|d| d.settle(g))).collect();
    let ty = g.ty(like).clone();
    Derivative::Node(leaves::join(g, &ty, &mut settled.into_iter()))
}

/// Why nothing flows from `x` to `roots`: no path, or an op with derivative zero on every path.
pub fn absence(g: &Graph, roots: &[NodeId], x: NodeId) -> Absent {
    let piece = walk::ancestors(g, roots);
    if !piece.contains(&x) {
        return Absent::Disconnected(x);
    }
    let mut reached = rustc_hash::FxHashSet::from_iter([x]);
    for &id in piece.iter().filter(|id| id.index() > x.index()) {
        if g.operands(id).iter().any(|operand| reached.contains(operand)) {
            if class(g.op(id).code()) == Class::Zero || !is_real(g, id) {
                return Absent::Zero(id);
            }
            reached.insert(id);
        }
    }
    Absent::Zero(x)
}
