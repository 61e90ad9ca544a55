//! Tuples, records and their parts: derivatives move between positions, no node is built.

use graph_core::{Graph, NodeId};
use smallvec::SmallVec;

use super::{Context, LeafValues};
use crate::masked::Masked;

/// Each part gets its leaves back.
pub fn pull_build(
    cx: &mut Context,
    g: &mut Graph,
    y: NodeId,
    ct: &LeafValues,
    send: &mut dyn FnMut(&mut Graph, usize, usize, Masked),
) {
    for operand in 0..g.operands(y).len() {
        for (leaf, at) in cx.offsets.part(g, g.type_id(y), operand).enumerate() {
            if let Some(ct) = ct[at] {
                send(g, operand, leaf, ct);
            }
        }
    }
}

/// The leaves go to the part's place in the structure.
pub fn pull_get(
    cx: &mut Context,
    g: &mut Graph,
    y: NodeId,
    index: usize,
    ct: &LeafValues,
    send: &mut dyn FnMut(&mut Graph, usize, usize, Masked),
) {
    let part = cx.offsets.part(g, g.type_id(g.operands(y)[0]), index);
    for (at, ct) in part.zip(ct) {
        if let Some(ct) = ct {
            send(g, 0, at, *ct);
        }
    }
}

/// The leaves of all parts.
pub fn push_build(dx: &[&[Option<Masked>]]) -> LeafValues {
    dx.iter().copied().flatten().copied().collect()
}

/// The leaves of one part.
pub fn push_get(cx: &mut Context, g: &Graph, y: NodeId, index: usize, dx: &[&[Option<Masked>]]) -> LeafValues {
    let part = cx.offsets.part(g, g.type_id(g.operands(y)[0]), index);
    SmallVec::from_slice(&dx[0][part])
}
