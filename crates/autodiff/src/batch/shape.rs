//! Ops with axes as attributes: the batch comes first, so every axis moves up by one.

use graph_core::op::{
    Axes, BroadcastSpec, Cumulate, CumulateSpec, Op, PadSpec, Reduce, ReduceWindow, SliceSpec, Slide, SortSpec,
    WindowSpec,
};
use graph_core::{Graph, Id, Literal, NodeId, Scalar, Shape, TensorType};

use super::{Operand, batched_type};

/// A shape with a leading axis of this extent.
pub fn widened(shape: &[usize], size: usize) -> Shape {
    std::iter::once(size).chain(shape.iter().copied()).collect()
}

/// The axes behind the batch.
pub fn shifted(axes: &[usize]) -> Axes {
    axes.iter().map(|axis| axis + 1).collect()
}

/// The axis of the batch, then these.
pub fn behind_batch(axes: &[usize]) -> Axes {
    widened(&shifted(axes), 0)
}

/// The image of a tensor for a batch of nothing.
pub fn empty(g: &mut Graph, id: NodeId) -> NodeId {
    let ty = batched_type(g.ty(id), 0);
    let ty = ty.as_tensor().expect("the batch of a tensor is a tensor");
    g.splat(0.0, ty)
}

/// New axes stay where they are behind the batch.
pub fn broadcast(g: &mut Graph, spec: Id<BroadcastSpec>, x: NodeId, size: usize) -> NodeId {
    let BroadcastSpec { shape, axes } = g[spec].clone();
    g.broadcast(x, &widened(&shape, size), &behind_batch(&axes))
}

pub fn reshape(g: &mut Graph, id: NodeId, x: NodeId, size: usize) -> NodeId {
    let shape = widened(g.shape(id), size);
    g.reshape(x, &shape)
}

pub fn permute(g: &mut Graph, axes: Id<Axes>, x: NodeId) -> NodeId {
    let axes = behind_batch(&g[axes]);
    g.permute(x, &axes)
}

pub fn slice(g: &mut Graph, spec: Id<SliceSpec>, x: NodeId, size: usize) -> NodeId {
    let SliceSpec { start, limit, stride } = g[spec].clone();
    g.slice(x, &widened(&start, 0), &widened(&limit, size), &widened(&stride, 1))
}

pub fn reverse(g: &mut Graph, axes: Id<Axes>, x: NodeId) -> NodeId {
    let axes = shifted(&g[axes]);
    g.reverse(x, &axes)
}

pub fn reduce(g: &mut Graph, kind: Reduce, axes: Id<Axes>, x: NodeId) -> NodeId {
    let axes = shifted(&g[axes]);
    g.reduce(kind, x, &axes)
}

pub fn cumulate(g: &mut Graph, kind: Cumulate, spec: Id<CumulateSpec>, x: NodeId) -> NodeId {
    let CumulateSpec { axis, reverse } = g[spec].clone();
    g.cumulate(kind, x, axis + 1, reverse)
}

pub fn sort(g: &mut Graph, spec: Id<SortSpec>, operands: &[NodeId]) -> NodeId {
    let SortSpec { axis, descending } = g[spec].clone();
    g.sort(operands, axis + 1, descending)
}

/// The window has one element along the batch.
pub fn reduce_window(g: &mut Graph, kind: ReduceWindow, spec: Id<WindowSpec>, x: NodeId) -> NodeId {
    let WindowSpec { window, slides } = g[spec].clone();
    let slides = std::iter::once(Slide::default()).chain(slides).collect();
    g.reduce_window(kind, x, WindowSpec { window: widened(&window, 1), slides })
}

/// A fill of its own for each member of the batch is chosen where there is no element.
pub fn pad(g: &mut Graph, spec: Id<PadSpec>, x: NodeId, (fill, fills): Operand) -> NodeId {
    let PadSpec { low, high, interior } = g[spec].clone();
    let spec = PadSpec { low: widened(&low, 0), high: widened(&high, 0), interior: widened(&interior, 0) };
    let Some(fills) = fills else { return g.pad(x, fill, spec) };
    let TensorType { dtype, shape } = g.ty(x).as_tensor().expect("a tensor is padded").clone();
    let zero = g.splat(0.0, &TensorType { dtype, shape: Shape::scalar() });
    let elements = g.pad(x, zero, spec.clone());
    let truth = |g: &mut Graph, value: bool, shape: Shape| g.literal_node(Literal::splat(Scalar::Bool(value), shape));
    let (yes, no) = (truth(g, true, shape), truth(g, false, Shape::scalar()));
    let inside = g.pad(yes, no, spec);
    let shape = g.shape(elements).clone();
    let fills = g.broadcast(fills, &shape, &Axes::new(&[0]));
    g.node(Op::Select, &[inside, elements, fills])
}
