//! NumPy's broadcasting, by nodes that can be seen: shapes are aligned at the last axis, extents are equal or 1, and an
//! axis of extent 1 or a missing one is repeated.

use graph_core::op::Axes;
use graph_core::{Graph, NodeId, Shape};

/// Two shapes that have no common one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// The axis, counted from the last one, which is 1.
    pub axis: usize,
    /// The extents there.
    pub extents: (usize, usize),
}

/// The shape that both broadcast to.
pub(crate) fn common_shape(left: &[usize], right: &[usize]) -> Result<Shape, Mismatch> {
    let rank = left.len().max(right.len());
    let extent = |shape: &[usize], from_end: usize| shape.len().checked_sub(from_end).map_or(1, |axis| shape[axis]);
    let mut extents = Vec::with_capacity(rank);
    for axis in (1..=rank).rev() {
        extents.push(match (extent(left, axis), extent(right, axis)) {
            (a, b) if a == b => a,
            (1, b) => b,
            (a, 1) => a,
            extents => return Err(Mismatch { axis, extents }),
        });
    }
    Ok(Shape::new(&extents))
}

/// Repeats `x` to a shape that it broadcasts to: axes of extent 1 that must grow are dropped first.
pub(crate) fn stretch(g: &mut Graph, x: NodeId, shape: &Shape) -> NodeId {
    let own = g.shape(x).clone();
    if own == *shape {
        return x;
    }
    let offset = shape.rank() - own.rank();
    let stays: Vec<usize> = (0..own.rank()).filter(|&axis| own[axis] == shape[axis + offset]).collect();
    let kept: Shape = stays.iter().map(|&axis| own[axis]).collect();
    let axes: Axes = stays.iter().map(|&axis| axis + offset).collect();
    let dropped = g.reshape(x, &kept);
    g.broadcast(dropped, shape, &axes)
}
