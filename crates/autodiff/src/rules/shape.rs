//! Ops that move elements. All linear: the tangent takes the same op, the cotangent its transpose, and guards move along.

use graph_core::op::{Axes, BroadcastSpec, PadSpec, SliceSpec};
use graph_core::{DType, Graph, Id, NodeId, Shape};

use crate::masked::{Guard, Masked, fill, truth};

/// The branch that is taken gets the cotangent.
pub fn pull_select(g: &mut Graph, y: NodeId, operand: usize, ct: Masked) -> Masked {
    let condition = g.operands(y)[0];
    let mask = if operand == 1 { condition } else { g.not(condition) };
    ct.only(g, mask)
}

/// The tangent of the branch that is taken.
pub fn push_select(g: &mut Graph, y: NodeId, dx: &[Option<Masked>]) -> Option<Masked> {
    let condition = g.operands(y)[0];
    match (dx[1], dx[2]) {
        (Some(a), Some(b)) => {
            let value = g.select(condition, a.value, b.value);
            let clean = |d: Masked| d.guard.is_none_or(|guard| guard.clean);
            let guard = (a.guard.is_some() || b.guard.is_some()).then(|| {
                let (in_a, in_b) = (a.mask(g), b.mask(g));
                Guard { mask: g.select(condition, in_a, in_b), clean: clean(a) && clean(b) }
            });
            Some(Masked { value, guard })
        }
        (Some(a), None) => Some(a.only(g, condition)),
        (None, Some(b)) => {
            let otherwise = g.not(condition);
            Some(b.only(g, otherwise))
        }
        (None, None) => None,
    }
}

/// Back to the dtype of the operand.
pub fn pull_cast(g: &mut Graph, y: NodeId, ct: Masked) -> Masked {
    let x = g.operands(y)[0];
    let dtype = g.ty(x).as_tensor().expect("a cast takes a tensor").dtype;
    Masked { value: g.cast(dtype, ct.value), guard: ct.guard }
}

/// A cast to integers has derivative zero.
pub fn push_cast(g: &mut Graph, dtype: DType, dx: Masked) -> Option<Masked> {
    dtype.is_float().then(|| Masked { value: g.cast(dtype, dx.value), guard: dx.guard })
}

/// The tangent of an op that moves elements of its only operand is the op itself on the tangent.
pub fn push_move(g: &mut Graph, y: NodeId, dx: Masked) -> Masked {
    let op = g.op(y);
    dx.moved(g, |g, x| g.node(op, &[x]))
}

/// Repeating transposes to summing.
pub fn pull_broadcast(g: &mut Graph, spec: Id<BroadcastSpec>, ct: Masked) -> Masked {
    let repeated = g[spec].repeated();
    ct.summed(g, &repeated)
}

/// Back to the operand's shape.
pub fn pull_reshape(g: &mut Graph, y: NodeId, ct: Masked) -> Masked {
    let shape = g.shape(g.operands(y)[0]).clone();
    ct.moved(g, |g, x| g.reshape(x, &shape))
}

/// The inverse permutation.
pub fn pull_permute(g: &mut Graph, axes: Id<Axes>, ct: Masked) -> Masked {
    let inverse = inverse(&g[axes]);
    ct.moved(g, |g, x| g.permute(x, &inverse))
}

/// The permutation that undoes `axes`.
pub fn inverse(axes: &[usize]) -> Axes {
    let position = |axis: usize| axes.iter().position(|&a| a == axis).expect("a permutation names every axis");
    (0..axes.len()).map(position).collect()
}

/// A reversal is its own transpose.
pub fn pull_reverse(g: &mut Graph, axes: Id<Axes>, ct: Masked) -> Masked {
    let axes = g[axes].clone();
    ct.moved(g, |g, x| g.reverse(x, &axes))
}

/// The pad that puts the elements of a slice back where they were.
pub fn unslice(spec: &SliceSpec, whole: &Shape, part: &Shape) -> PadSpec {
    let covered = |axis: usize| match part[axis] {
        0 => 0,
        n => (n - 1) * spec.stride[axis] + 1,
    };
    PadSpec {
        low: spec.start.clone(),
        high: (0..whole.rank()).map(|a| whole[a] - spec.start[a] - covered(a)).collect(),
        interior: spec.stride.iter().map(|s| s - 1).collect(),
    }
}

/// Pads with zeros that do not count.
pub fn padded(g: &mut Graph, d: Masked, spec: &PadSpec) -> Masked {
    let guard = d.guard.unwrap_or_else(|| Guard { mask: truth(g, true, d.value), clean: true });
    let guarded = Masked { value: d.value, guard: Some(guard) };
    guarded.moved(g, |g, x| {
        let zero = fill(g, x);
        g.pad(x, zero, spec.clone())
    })
}

/// The slice that reads the elements of a pad's operand.
fn unpad(spec: &PadSpec, inner: &Shape) -> SliceSpec {
    let covered = |axis: usize| match inner[axis] {
        0 => 0,
        n => (n - 1) * (spec.interior[axis] + 1) + 1,
    };
    SliceSpec {
        start: spec.low.clone(),
        limit: (0..inner.rank()).map(|a| spec.low[a] + covered(a)).collect(),
        stride: spec.interior.iter().map(|n| n + 1).collect(),
    }
}

/// The elements go back to the operand, the rest is summed into the fill.
pub fn pull_pad(g: &mut Graph, y: NodeId, spec: Id<PadSpec>, operand: usize, ct: Masked) -> Masked {
    let x = g.operands(y)[0];
    let spec = g[spec].clone();
    if operand == 0 {
        let window = unpad(&spec, g.shape(x));
        return ct.moved(g, |g, x| g.slice(x, &window.start, &window.limit, &window.stride));
    }
    let filled = outside(g, x, &spec);
    let rank = g.shape(y).rank();
    ct.only(g, filled).summed(g, &(0..rank).collect())
}

/// Where a pad of `x` shows the fill.
fn outside(g: &mut Graph, x: NodeId, spec: &PadSpec) -> NodeId {
    let element = truth(g, false, x);
    let filled = g.literal_node(graph_core::Literal::splat(graph_core::Scalar::Bool(true), Shape::scalar()));
    g.pad(element, filled, spec.clone())
}

/// The pad of the tangents; zeros where one is missing, which do not count.
pub fn push_pad(g: &mut Graph, y: NodeId, spec: Id<PadSpec>, dx: &[Option<Masked>]) -> Option<Masked> {
    let (x, spec) = (g.operands(y)[0], g[spec].clone());
    let inner = dx[0].map(|d| padded(g, d, &spec));
    let fill = dx[1].map(|d| {
        let (shape, filled) = (g.shape(y).clone(), outside(g, x, &spec));
        d.moved(g, |g, fill| g.broadcast(fill, &shape, &Shape::scalar())).only(g, filled)
    });
    match (inner, fill) {
        (Some(a), Some(b)) => Some(a.plus(g, b)),
        (one, other) => one.or(other),
    }
}

/// Each operand gets its stretch back.
pub fn pull_concat(g: &mut Graph, y: NodeId, axis: usize, operand: usize, ct: Masked) -> Masked {
    let extent = |g: &Graph, i: usize| g.shape(g.operands(y)[i])[axis];
    let before = (0..operand).map(|i| extent(g, i)).sum();
    let (mut start, mut limit) = (Shape::new(&vec![0; g.shape(y).rank()]), g.shape(y).clone());
    let end = before + extent(g, operand);
    start = start.iter().enumerate().map(|(a, &s)| if a == axis { before } else { s }).collect();
    limit = limit.iter().enumerate().map(|(a, &l)| if a == axis { end } else { l }).collect();
    let stride = limit.iter().map(|_| 1).collect();
    ct.moved(g, |g, x| g.slice(x, &start, &limit, &stride))
}

/// The tangents one after the other; zeros where one is missing, which do not count.
pub fn push_concat(g: &mut Graph, y: NodeId, axis: usize, dx: &[Option<Masked>]) -> Option<Masked> {
    let operands = g.operands_vec(y);
    let parts: Vec<Masked> = operands.iter().zip(dx).map(|(&x, d)| d.unwrap_or_else(|| absent(g, x))).collect();
    Some(Masked::concatenated(g, &parts, axis))
}

/// Zeros that do not count.
pub fn absent(g: &mut Graph, like: NodeId) -> Masked {
    let ty = g.ty(like).as_tensor().expect("derivatives are tensors").clone();
    Masked::absent(g, &ty)
}
