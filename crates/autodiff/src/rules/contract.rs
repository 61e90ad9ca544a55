//! The contraction is bilinear: each side's derivative contracts with the other side.
//!
//! Guards end here: a contraction mixes elements, so a cotangent is settled first. An infinite weight beside a masked
//! zero is then inf·0, as in the value itself.

use graph_core::op::{Axes, DotSpec};
use graph_core::{Graph, Id, NodeId};

use super::Context;
use super::shape::inverse;
use crate::masked::Masked;

/// For y = a·b: ā contracts ȳ with b over b's free axes, b̄ contracts a with ȳ over a's free axes.
pub fn pull(g: &mut Graph, y: NodeId, spec: Id<DotSpec>, operand: usize, ct: Masked) -> Masked {
    let (a, b) = (g.operands(y)[0], g.operands(y)[1]);
    let spec = g[spec].clone();
    let (rank_a, rank_b) = (g.shape(a).rank(), g.shape(b).rank());
    let (free_a, free_b) = (spec.lhs_free(rank_a), spec.rhs_free(rank_b));
    let ct = ct.settle(g);
    let batch = spec.lhs_batch.rank();
    let range = |from: usize, len: usize| -> Axes { (from..from + len).collect() };
    if operand == 0 {
        let rows = range(batch + free_a.rank(), free_b.rank());
        let over = DotSpec { lhs: rows, rhs: free_b, lhs_batch: range(0, batch), rhs_batch: spec.rhs_batch.clone() };
        let product = product(g, ct, b, over);
        let layout = [&spec.lhs_batch[..], &free_a, &paired(&spec.rhs, &spec.lhs)].concat();
        g.permute(product, &inverse(&layout)).into()
    } else {
        let columns = range(batch, free_a.rank());
        let over = DotSpec { lhs: free_a, rhs: columns, lhs_batch: spec.lhs_batch.clone(), rhs_batch: range(0, batch) };
        let product = product(g, a, ct, over);
        let layout = [&spec.rhs_batch[..], &paired(&spec.lhs, &spec.rhs), &free_b].concat();
        g.permute(product, &inverse(&layout)).into()
    }
}

/// The partners in `to` of the axes in `from`, taken in increasing order of `from`: the order in which a contraction
/// leaves them.
fn paired(from: &Axes, to: &Axes) -> Vec<usize> {
    let mut pairs: Vec<_> = from.iter().copied().zip(to.iter().copied()).collect();
    pairs.sort_unstable();
    pairs.into_iter().map(|(_, partner)| partner).collect()
}

/// ẏ = ȧ·b + a·ḃ
pub fn push(cx: &Context, g: &mut Graph, y: NodeId, spec: Id<DotSpec>, dx: &[Option<Masked>]) -> Option<Masked> {
    let (a, b) = (g.operands(y)[0], g.operands(y)[1]);
    let spec = g[spec].clone();
    let left = dx[0].map(|da| {
        super::attribute(cx, g, y, 0);
        let da = da.settle(g);
        product(g, da, b, spec.clone())
    });
    let right = dx[1].map(|db| {
        super::attribute(cx, g, y, 1);
        let db = db.settle(g);
        product(g, a, db, spec.clone())
    });
    let sum = match (left, right) {
        (Some(left), Some(right)) => Some(g.add(left, right)),
        (one, other) => one.or(other),
    };
    sum.map(Masked::from)
}

/// The contraction, or an elementwise product where one side is a scalar.
fn product(g: &mut Graph, a: NodeId, b: NodeId, spec: DotSpec) -> NodeId {
    let (scalar, tensor) = match (g.shape(a).rank(), g.shape(b).rank()) {
        (0, _) => (a, b),
        (_, 0) => (b, a),
        _ => return g.dot(a, b, spec),
    };
    let shape = g.shape(tensor).clone();
    let factor = g.broadcast(scalar, &shape, &Axes::default());
    if g.known(factor) == Some(1.0) { tensor } else { g.mul(factor, tensor) }
}
