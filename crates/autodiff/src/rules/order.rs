//! Sorts. Given its permutation p, a sort is linear in every operand: yᵢ = x at pᵢ, so ẏᵢ = ẋ at pᵢ, and x̄ at pᵢ is ȳᵢ.
//!
//! Both move elements to given positions, which is a sort of pairs by the position: no op of its own is needed, and the
//! derivative of a derivative is of the same form. The permutation itself is piecewise constant.
//!
//! Keys that are equal share: each passes the mean over the places at which they arrive, whichever way they came to lie
//! there, so the derivative by the key is A∘P with the averaging A over equal neighbours in the sorted key. A is its own
//! transpose. What is carried along has an order even so and passes the derivative of its own place. NaN equals nothing,
//! so a NaN passes that of its place, too.

use graph_core::op::{Binary, Compare, Cumulate, Op, PadSpec, SortSpec};
use graph_core::{DType, Graph, Id, NodeId, Shape};

use super::index::Windows;
use super::{Context, LeafValues};
use crate::masked::{Guard, Masked, fill};

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
        let ct = if operand == 0 { shared(g, y, axis, ct) } else { ct };
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
        let along = dx.moved(g, |g, dx| arranged(g, positions, dx, axis));
        if operand == 0 { shared(g, y, axis, along) } else { along }
    };
    let operands = dx.iter().enumerate().map(|(i, leaves)| leaves[0].map(|dx| along(i, dx)));
    operands.chain([None]).collect()
}

/// The mean over each group of equal keys of what lies beside the sorted key; exactly itself in a group of one.
fn shared(g: &mut Graph, y: NodeId, axis: usize, d: Masked) -> Masked {
    let key = g.get(y, 0);
    if g.shape(key)[axis] <= 1 {
        return d;
    }
    let groups = groups(g, key, axis);
    let windows = Windows::along(g, key, axis, groups);
    let (total, count) = (windows.total(g, d), windows.count(g));
    let (total, count) = (windows.gather(g, total), windows.gather(g, count));
    let dtype = g.ty(key).as_tensor().expect("a key is a tensor").dtype;
    let count = g.cast(dtype, count);
    let guard = d.guard.map(|guard| {
        let reached = windows.reached(g, guard.mask);
        Guard { mask: windows.gather(g, reached), clean: true }
    });
    Masked { value: g.binary(Binary::Div, total, count), guard }
}

/// 0, 1, 2 … for the groups of equal neighbours along an axis.
fn groups(g: &mut Graph, key: NodeId, axis: usize) -> NodeId {
    let shape = g.shape(key).clone();
    let at = |along: usize, others: &dyn Fn(usize) -> usize| -> Shape {
        (0..shape.rank()).map(|a| if a == axis { along } else { others(a) }).collect()
    };
    let (none, one) = (at(0, &|_| 0), at(1, &|_| 0));
    let (stride, last) = (at(1, &|_| 1), at(shape[axis] - 1, &|a| shape[a]));
    let before = g.slice(key, &none, &last, &stride);
    let after = g.slice(key, &one, &shape, &stride);
    let differ = g.compare(Compare::Ne, before, after);
    let steps = g.cast(DType::I64, differ);
    let zero = fill(g, steps);
    let steps = g.pad(steps, zero, PadSpec { low: one, high: none.clone(), interior: none });
    g.cumulate(Cumulate::Sum, steps, axis, false)
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
