//! What both sweeps do at their ends: check what is asked, take seeds apart, put results together.

use graph_core::text::{known_as, known_at};
use graph_core::{Graph, Misfit, NodeId, Type};

use crate::absent::{Absent, Derivative};
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
        missing.push(Missing::Undefined { node, shown: known_as(g, node), reason: not_real(g.ty(node)) });
    }
    missing.dedup();
    if missing.is_empty() { Ok(()) } else { Err(Error::Missing(missing)) }
}

/// Why a type has no derivative.
pub fn not_real(ty: &Type) -> String {
    format!("{ty} has no derivative; declare or compute it as f64 or f32 where it is to have one")
}

/// Each input has one tangent: of two, one would be lost.
pub fn check_distinct(g: &Graph, inputs: &[(NodeId, NodeId)]) -> Result<(), Error> {
    let mut seen = rustc_hash::FxHashSet::default();
    match inputs.iter().find(|&&(x, _)| !seen.insert(x)) {
        Some(&(x, _)) => Err(Error::Repeated { node: known_as(g, x) }),
        None => Ok(()),
    }
}

/// A cotangent or tangent of a node, leaf by leaf.
pub fn seeds(g: &mut Graph, node: NodeId, seed: NodeId) -> Result<Vec<Seed>, Error> {
    let ty = g.ty(node).clone();
    ty.cotangent().fit(g.ty(seed)).map_err(|Misfit { path, expected, found }| {
        let node = known_at(g, node, &path);
        Error::Seed { node, expected, found }
    })?;
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
