//! All unit tensors of a type side by side, the seeds of dense derivatives, and contractions with them.
//!
//! What such a contraction leaves is known: elements of the other side, and exact zeros. Multiplied out it would cost as
//! much as any, and turn an infinity beside a zero into NaN.

use graph_core::op::{Axes, Compare, DotSpec, Op};
use graph_core::{DType, Graph, MAX_RANK, NodeId, Shape, TensorType};

/// The unit tensors of a type along a new first axis, in row-major order.
pub fn units(g: &mut Graph, ty: &TensorType) -> NodeId {
    let n = ty.shape.elements();
    let diagonal = diagonal(g, n);
    let units = g.cast(ty.dtype, diagonal);
    let shape: Axes = [n].into_iter().chain(ty.shape.iter().copied()).collect();
    g.reshape(units, &shape)
}

/// Where row and column agree: `bool[n, n]`.
fn diagonal(g: &mut Graph, n: usize) -> NodeId {
    let square = Shape::new(&[n, n]);
    let (row, column) = (g.iota(DType::I64, &square, 0), g.iota(DType::I64, &square, 1));
    g.compare(Compare::Eq, row, column)
}

/// Whether a node is [`units`] of some type.
fn are_units(g: &Graph, node: NodeId) -> bool {
    let n = g.shape(node).first().copied().unwrap_or(0);
    let inner = if matches!(g.op(node), Op::Reshape(_)) { g.operands(node)[0] } else { node };
    let is_iota = |x: NodeId, along: usize| match g.op(x) {
        Op::Iota(spec) => g[spec].axis == along && **g.shape(x) == [n, n],
        _ => false,
    };
    match (g.op(inner), g.operands(inner)) {
        (Op::Cast(_), &[diagonal]) => match (g.op(diagonal), g.operands(diagonal)) {
            (Op::Compare(Compare::Eq), &[row, column]) => is_iota(row, 0) && is_iota(column, 1),
            _ => false,
        },
        _ => false,
    }
}

/// The contraction of all unit tensors with one other operand, the units first: of shape `[units, …]`, the rest as `dot`
/// leaves it. `spec` is that of one unit tensor, which stands on the left if `is_left`. `None` if `seeds` are something
/// else, or if the axes are too many.
pub fn dot(g: &mut Graph, seeds: NodeId, other: NodeId, spec: &DotSpec, is_left: bool) -> Option<NodeId> {
    if !spec.lhs_batch.is_empty() || !are_units(g, seeds) {
        return None;
    }
    let (of_unit, of_other) = if is_left { (&spec.lhs, &spec.rhs) } else { (&spec.rhs, &spec.lhs) };
    let unit: Axes = g.shape(seeds)[1..].iter().copied().collect();
    let rank = unit.len();
    let free: Vec<usize> = (0..rank).filter(|axis| !of_unit.contains(axis)).collect();
    let others: Vec<usize> = (0..g.shape(other).rank()).filter(|axis| !of_other.contains(axis)).collect();
    // The axes that count the units, then those that one unit and the other operand leave.
    let left = if is_left { 0 } else { others.len() };
    let full = rank + free.len() + others.len();
    if full > MAX_RANK {
        return None;
    }
    let mut shape = vec![0; full];
    shape[..rank].copy_from_slice(&unit);
    let free_at = |i: usize| rank + left + i;
    let other_at = |i: usize| rank + if is_left { free.len() } else { 0 } + i;
    free.iter().enumerate().for_each(|(i, &axis)| shape[free_at(i)] = unit[axis]);
    others.iter().enumerate().for_each(|(i, &axis)| shape[other_at(i)] = g.shape(other)[axis]);
    let shape = Shape::new(&shape);

    // Axis by axis of the other operand the place where it goes, in increasing order as `broadcast` wants it.
    let place = |axis: usize| match of_other.iter().position(|&contracted| contracted == axis) {
        Some(i) => of_unit[i],
        None => other_at(others.iter().position(|&other| other == axis).expect("contracted or free")),
    };
    let mut order: Vec<usize> = (0..g.shape(other).rank()).collect();
    order.sort_unstable_by_key(|&axis| place(axis));
    let moved = g.permute(other, &order.iter().copied().collect());
    let values = g.broadcast(moved, &shape, &order.iter().map(|&axis| place(axis)).collect());
    let values = match free.is_empty() {
        true => values,
        false => {
            let extents: Vec<usize> = free.iter().map(|&axis| unit[axis]).collect();
            let both = Shape::new(&[&extents[..], &extents[..]].concat());
            let diagonal = diagonal(g, extents.iter().product());
            let diagonal = g.reshape(diagonal, &both);
            let places = free.iter().copied().chain((0..free.len()).map(free_at)).collect();
            let counts = g.broadcast(diagonal, &shape, &places);
            let zero = g.splat_like(0.0, values);
            g.select(counts, values, zero)
        }
    };
    let count = [unit.iter().product()].into_iter().chain(shape[rank..].iter().copied()).collect();
    Some(g.reshape(values, &count))
}
