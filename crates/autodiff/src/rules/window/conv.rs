//! A convolution is bilinear. The cotangent of the base is the convolution of the result's cotangent with the reversed
//! kernel, group by group; that of the kernel is the convolution of the base with the result's cotangent, in which batch
//! and features change places: groups of features are groups of the batch there, and back (the forms of
//! `conv_general_dilated` in JAX). Guards end here, as in a contraction.

use graph_core::op::{Axes, ConvSpec};
use graph_core::{Graph, Id, NodeId, Shape};

use super::{Geometry, is_nothing};
use crate::masked::Masked;
use crate::rules::{Context, attribute};

/// Axes before the spatial ones.
const FIRST: usize = 2;

/// x̄ = ȳ ∗ reversed k, k̄ = x ∗ ȳ
pub fn pull(g: &mut Graph, y: NodeId, spec: Id<ConvSpec>, operand: usize, ct: Masked) -> Masked {
    let spec = g[spec].clone();
    let [x, kernel] = [0, 1].map(|i| g.operands(y)[i]);
    let geometry = geometry(g, y, &spec);
    let met = if operand == 0 { geometry.met_elements() } else { geometry.met_taps() };
    if is_nothing(&met) {
        let zero = g.splat_like(0.0, [x, kernel][operand]);
        return geometry.guarded(g, zero, &met);
    }
    let ct = ct.settle(g);
    let value =
        if operand == 0 { of_base(g, x, kernel, ct, &spec, &geometry) } else { of_kernel(g, x, ct, &spec, &geometry) };
    geometry.guarded(g, value, &met)
}

/// ẏ = ẋ ∗ k + x ∗ k̇
pub fn push(cx: &Context, g: &mut Graph, y: NodeId, spec: Id<ConvSpec>, dx: &[Option<Masked>]) -> Option<Masked> {
    let spec = g[spec].clone();
    let [x, kernel] = [0, 1].map(|i| g.operands(y)[i]);
    let mut side = |operand: usize| {
        let tangent = dx[operand]?;
        attribute(cx, g, y, operand);
        let tangent = tangent.settle(g);
        let [x, kernel] = if operand == 0 { [tangent, kernel] } else { [x, tangent] };
        Some(g.conv(x, kernel, spec.clone()))
    };
    let (of_x, of_kernel) = (side(0), side(1));
    let value = match (of_x, of_kernel) {
        (Some(a), Some(b)) => g.add(a, b),
        (one, other) => one.or(other)?,
    };
    let geometry = geometry(g, y, &spec);
    let met = geometry.met_places();
    Some(geometry.guarded(g, value, &met))
}

fn geometry(g: &Graph, y: NodeId, spec: &ConvSpec) -> Geometry {
    let spatial = |x: NodeId| Shape::new(&g.shape(x)[FIRST..]);
    let [base, window] = [0, 1].map(|i| spatial(g.operands(y)[i]));
    Geometry { first: FIRST, slides: spec.slides.clone(), base, window, places: spatial(y) }
}

/// With the groups of the batch as groups of features, which then go back to the batch.
fn of_base(g: &mut Graph, x: NodeId, kernel: NodeId, ct: NodeId, spec: &ConvSpec, geometry: &Geometry) -> NodeId {
    let groups = spec.feature_groups * spec.batch_groups;
    let turned = turn(g, kernel, groups);
    let spatial = geometry.window.iter().enumerate().filter(|(_, taps)| **taps > 1).map(|(axis, _)| FIRST + axis);
    let turned = g.reverse(turned, &spatial.collect());
    let slid = g.conv(ct, turned, ConvSpec { slides: geometry.backward(), feature_groups: groups, batch_groups: 1 });
    if spec.batch_groups == 1 {
        return slid;
    }
    let shape = g.shape(x).clone();
    let grouped: Shape = [shape[0] / groups, groups].into_iter().chain(shape[1..].iter().copied()).collect();
    let grouped = g.reshape(slid, &grouped);
    let leading = swapped(grouped_rank(&shape), 0);
    let leading = g.permute(grouped, &leading);
    g.reshape(leading, &shape)
}

/// A kernel with out- and in-features exchanged in each group.
fn turn(g: &mut Graph, kernel: NodeId, groups: usize) -> NodeId {
    let shape = g.shape(kernel).clone();
    let (outputs, inputs, taps) = (shape[0] / groups, shape[1], &shape[FIRST..]);
    if groups == 1 {
        return g.permute(kernel, &swapped(shape.rank(), 0));
    }
    let with = |lead: &[usize]| -> Shape { lead.iter().chain(taps).copied().collect() };
    let grouped = g.reshape(kernel, &with(&[groups, outputs, inputs]));
    let turned = g.permute(grouped, &swapped(grouped_rank(&shape), 1));
    g.reshape(turned, &with(&[groups * inputs, outputs]))
}

fn of_kernel(g: &mut Graph, x: NodeId, ct: NodeId, spec: &ConvSpec, geometry: &Geometry) -> NodeId {
    let exchange = swapped(g.shape(x).rank(), 0);
    let [features, outputs] = [x, ct].map(|x| g.permute(x, &exchange));
    let ConvSpec { feature_groups, batch_groups, .. } = *spec;
    let exchanged = ConvSpec { slides: geometry.across(), feature_groups: batch_groups, batch_groups: feature_groups };
    let slid = g.conv(features, outputs, exchanged);
    g.permute(slid, &exchange)
}

/// The groups have an axis of their own.
fn grouped_rank(shape: &Shape) -> usize {
    shape.rank() + 1
}

/// The permutation that exchanges an axis with its neighbour.
fn swapped(rank: usize, axis: usize) -> Axes {
    let other = |at: usize| {
        if at == axis {
            axis + 1
        } else if at == axis + 1 {
            axis
        } else {
            at
        }
    };
    (0..rank).map(other).collect()
}
