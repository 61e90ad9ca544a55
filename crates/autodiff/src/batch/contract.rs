//! Contractions and convolutions: a batch that both operands have is one more batch axis or group; one that only one of
//! them has is one more free axis, folded into the batch or the features of a convolution.

use graph_core::op::{Axes, ConvSpec, DotSpec};
use graph_core::{Graph, Id, NodeId, Shape};

use super::Operand;
use super::shape::{behind_batch, shifted, widened};
use crate::units;

pub fn dot(g: &mut Graph, id: NodeId, spec: Id<DotSpec>, operands: &[Operand]) -> NodeId {
    let spec = g[spec].clone();
    let (a, b) = (operands[0], operands[1]);
    let known = match (a.1, b.1) {
        (Some(seeds), None) => units::dot(g, seeds, b.0, &spec, true),
        (None, Some(seeds)) => units::dot(g, seeds, a.0, &spec, false),
        _ => None,
    };
    if let Some(known) = known {
        return known;
    }
    let (left, right) = (a.1.unwrap_or(a.0), b.1.unwrap_or(b.0));
    let up = |axes: &Axes, batched: Option<NodeId>| if batched.is_some() { shifted(axes) } else { axes.clone() };
    let mut image = DotSpec {
        lhs: up(&spec.lhs, a.1),
        rhs: up(&spec.rhs, b.1),
        lhs_batch: up(&spec.lhs_batch, a.1),
        rhs_batch: up(&spec.rhs_batch, b.1),
    };
    if a.1.is_some() && b.1.is_some() {
        image.lhs_batch = behind_batch(&spec.lhs_batch);
        image.rhs_batch = behind_batch(&spec.rhs_batch);
        return g.dot(left, right, image);
    }
    // The axis of the batch is the first free one of its side.
    let before = match a.1 {
        Some(_) => spec.lhs_batch.rank(),
        None => spec.lhs_batch.rank() + spec.lhs_free(g.shape(a.0).rank()).rank(),
    };
    let product = g.dot(left, right, image);
    to_front(g, product, before, g.shape(id).rank() + 1)
}

/// Moves an axis to the front.
fn to_front(g: &mut Graph, x: NodeId, axis: usize, rank: usize) -> NodeId {
    let axes = std::iter::once(axis).chain((0..rank).filter(|&a| a != axis)).collect();
    g.permute(x, &axes)
}

/// Along an axis that holds `groups` groups one after the other, the batch goes between the group and what is in it.
/// From `[B, …, g·n, …]` to `[…, g·B·n, …]`; `axis` is counted without the batch.
fn fold(g: &mut Graph, x: NodeId, axis: usize, groups: usize) -> NodeId {
    let shape = g.shape(x).clone();
    let (size, inner) = (shape[0], &shape[1..]);
    let mut split = vec![size];
    split.extend(&inner[..axis]);
    split.extend([groups, inner[axis] / groups]);
    split.extend(&inner[axis + 1..]);
    let x = g.reshape(x, &Shape::new(&split));
    // Axis 0 moves behind the axis of the groups, which stands at 1 + axis.
    let order = (1..=axis + 1).chain([0]).chain(axis + 2..split.len()).collect();
    let x = g.permute(x, &order);
    let mut folded = inner.to_vec();
    folded[axis] *= size;
    g.reshape(x, &Shape::new(&folded))
}

/// The inverse of [`fold`]: from `[…, g·B·n, …]` to `[B, …, g·n, …]`.
fn unfold(g: &mut Graph, x: NodeId, axis: usize, groups: usize, size: usize) -> NodeId {
    let shape = g.shape(x).clone();
    let inside = shape[axis] / (groups * size);
    let mut split = shape[..axis].to_vec();
    split.extend([groups, size, inside]);
    split.extend(&shape[axis + 1..]);
    let x = g.reshape(x, &Shape::new(&split));
    let x = to_front(g, x, axis + 1, split.len());
    let mut whole = shape.to_vec();
    whole[axis] = groups * inside;
    g.reshape(x, &widened(&whole, size))
}

/// A base is `[batch, features, …]`, a kernel `[out features, features of a group, …]`, a result `[batch, out features, …]`;
/// groups, of whichever kind, divide the out features.
pub fn conv(g: &mut Graph, id: NodeId, spec: Id<ConvSpec>, operands: &[Operand]) -> NodeId {
    let spec = g[spec].clone();
    let (base, kernel) = (operands[0], operands[1]);
    let size = g.shape(base.1.or(kernel.1).expect("an operand is batched"))[0];
    match (base.1, kernel.1) {
        (Some(base), Some(kernel)) => grouped(g, base, kernel, &spec, size),
        (Some(base), None) => {
            let base = fold(g, base, 0, spec.batch_groups);
            let y = g.conv(base, kernel.0, spec);
            unfold(g, y, 0, 1, size)
        }
        (None, _) => {
            let groups = spec.feature_groups.max(spec.batch_groups);
            let kernel = fold(g, kernel.1.expect("an operand is batched"), 0, groups);
            let y = g.conv(base.0, kernel, spec);
            debug_assert_eq!(g.shape(y).rank(), g.shape(id).rank());
            unfold(g, y, 1, groups, size)
        }
    }
}

/// Both are batched: each member is a group of its own, of the kind that there is.
fn grouped(g: &mut Graph, base: NodeId, kernel: NodeId, spec: &ConvSpec, size: usize) -> NodeId {
    let by_batch = spec.batch_groups > 1;
    let base = fold(g, base, usize::from(!by_batch), 1);
    let kernel = fold(g, kernel, 0, 1);
    let groups = |there: usize, grows: bool| if grows { there * size } else { there };
    let image = ConvSpec {
        feature_groups: groups(spec.feature_groups, !by_batch),
        batch_groups: groups(spec.batch_groups, by_batch),
        ..spec.clone()
    };
    let y = g.conv(base, kernel, image);
    unfold(g, y, 1, 1, size)
}
