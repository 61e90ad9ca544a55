//! Sorts. Given its permutation p, a sort is linear in every operand: yᵢ = x at pᵢ, so ẏᵢ = ẋ at pᵢ, and x̄ at pᵢ is ȳᵢ.
//!
//! Both move elements to given positions, which is a sort of pairs by the position: no op of its own is needed, and the
//! derivative of a derivative is of the same form. Equal keys keep their order, so each passes the derivative of the
//! place at which it arrives; the permutation itself is piecewise constant.

use graph_core::op::{Op, SortSpec};
use graph_core::{Graph, Id, NodeId};

use super::{Context, LeafValues};
use crate::masked::Masked;

/// The cotangent of each sorted operand, moved back.
pub fn pull(
    cx: &Context,
    g: &mut Graph,
    y: NodeId,
    spec: Id<SortSpec>,
    ct: &LeafValues,
    wanted: &[bool],
    send: &mut dyn FnMut(&mut Graph, usize, usize, Masked),
) {
    let axis = g[spec].axis;
    for operand in (0..wanted.len()).filter(|&i| wanted[i]) {
        let Some(ct) = ct[operand] else { continue };
        super::attribute(cx, g, y, operand);
        let positions = permutation(g, y);
        let back = ct.moved(g, |g, ct| arranged(g, positions, ct, axis));
        send(g, operand, 0, back);
    }
}

/// The tangent of each operand, moved along; the permutation has none.
pub fn push(cx: &Context, g: &mut Graph, y: NodeId, spec: Id<SortSpec>, dx: &[&[Option<Masked>]]) -> LeafValues {
    let axis = g[spec].axis;
    let mut along = |operand: usize, dx: Masked| {
        super::attribute(cx, g, y, operand);
        let source = permutation(g, y);
        let sorted = g.sort(&[source], axis, false);
        let positions = permutation(g, sorted);
        dx.moved(g, |g, dx| arranged(g, positions, dx, axis))
    };
    let operands = dx.iter().enumerate().map(|(i, leaves)| leaves[0].map(|dx| along(i, dx)));
    operands.chain([None]).collect()
}

/// Element i moves to position `positions[i]`.
fn arranged(g: &mut Graph, positions: NodeId, x: NodeId, axis: usize) -> NodeId {
    let sorted = g.sort(&[positions, x], axis, false);
    g.get(sorted, 1)
}

/// The permutation of a sort. That of a permutation is its inverse, and the inverse of an inverse is not built again.
fn permutation(g: &mut Graph, y: NodeId) -> NodeId {
    match inverted(g, y).and_then(|inner| inverted(g, inner).map(|_| inner)) {
        Some(inner) => g.operands(inner)[0],
        None => g.get(y, g.operands(y).len()),
    }
}

/// The sort whose permutation this sort inverts.
fn inverted(g: &Graph, y: NodeId) -> Option<NodeId> {
    let key = g.operands(y)[0];
    let Op::Get(part) = g.op(key) else { return None };
    let inner = g.operands(key)[0];
    let (Op::Sort(outer), Op::Sort(spec)) = (g.op(y), g.op(inner)) else { return None };
    let is_permutation = g.operands(inner).len() == part as usize && g[outer].axis == g[spec].axis;
    (is_permutation && !g[outer].descending).then_some(inner)
}
