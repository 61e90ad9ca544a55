//! One rule for each op, in files by family. A rule states a fact from which both modes follow:
//! a partial derivative (pointwise), the op itself and its transpose (linear), both sides (bilinear), weights (general).
//!
//! [`pull`] is reverse mode: the contribution of a node's cotangent to one operand. [`push`] is forward mode: the tangent
//! of a node from those of its operands. Structures and calls carry several tensors and are handled by the sweeps with
//! `structure` and `call`.

mod call;
mod contract;
mod cumulate;
mod elementwise;
mod index;
pub mod linalg;
mod order;
mod reduce;
pub mod series;
pub mod shape;
mod structure;
mod window;

use graph_core::op::{Op, Reduce};
use graph_core::provenance::Derived;
use graph_core::{Graph, NodeId};
use smallvec::SmallVec;

pub use call::{CallCache, fresh_param};

use crate::class::class;
use crate::error::Error;
use crate::leaves::Offsets;
use crate::masked::Masked;

/// Tangents or cotangents of one node, leaf by leaf.
pub type LeafValues = SmallVec<[Option<Masked>; 1]>;

/// What rules need besides the graph: memory of layouts and of derivative functions, shared by all nested sweeps.
#[derive(Default)]
pub struct Context {
    /// Layout of structures of the graph that is swept.
    pub offsets: Offsets,
    /// Derivatives of called functions.
    pub calls: CallCache,
    /// The order of what the current sweep builds.
    pub order: u8,
}

/// Nodes built next serve the derivative of `y` towards an operand.
pub fn attribute(cx: &Context, g: &mut Graph, y: NodeId, operand: usize) {
    let op = g.op(y).code();
    g.set_derived(Derived { primal: Some(y), op, operand: operand as u32, rule: class(op).rule(), order: cx.order });
}

/// The cotangent that node `y` with cotangents `ct` sends to each operand for which `wanted` holds, leaf by leaf.
/// `send` receives operand, leaf and cotangent.
pub fn pull(
    cx: &mut Context,
    g: &mut Graph,
    y: NodeId,
    ct: &LeafValues,
    wanted: &[bool],
    send: &mut dyn FnMut(&mut Graph, usize, usize, Masked),
) -> Result<(), Error> {
    match g.op(y) {
        Op::Tuple | Op::Record(_) => structure::pull_build(cx, g, y, ct, send),
        Op::Get(index) => structure::pull_get(cx, g, y, index as usize, ct, send),
        Op::Call(_) => return call::pull(cx, g, y, ct, wanted, send),
        Op::Sort(spec) => order::pull(cx, g, y, spec, ct, wanted, send),
        Op::Linalg(_) | Op::TriangularSolve(_) => linalg::pull(cx, g, y, ct, wanted, send),
        _ => {
            let Some(ct) = ct[0] else { return Ok(()) };
            for operand in (0..wanted.len()).filter(|&i| wanted[i]) {
                attribute(cx, g, y, operand);
                if let Some(product) = pull_tensor(g, y, operand, ct) {
                    send(g, operand, 0, product);
                }
            }
        }
    }
    Ok(())
}

/// The cotangent of one operand of an op on tensors.
fn pull_tensor(g: &mut Graph, y: NodeId, operand: usize, ct: Masked) -> Option<Masked> {
    let product = match g.op(y) {
        Op::Unary(_) | Op::Nth(..) | Op::Binary(_) => return elementwise::pull(g, y, operand, ct),
        Op::Select => shape::pull_select(g, y, operand, ct),
        Op::Cast(_) => shape::pull_cast(g, y, ct),
        Op::Broadcast(spec) => shape::pull_broadcast(g, spec, ct),
        Op::Reshape(_) => shape::pull_reshape(g, y, ct),
        Op::Permute(axes) => shape::pull_permute(g, axes, ct),
        Op::Pad(spec) => shape::pull_pad(g, y, spec, operand, ct),
        Op::Concat(axis) => shape::pull_concat(g, y, axis as usize, operand, ct),
        Op::Reverse(axes) => shape::pull_reverse(g, axes, ct),
        Op::Gather(spec) => index::pull_gather(g, y, spec, ct),
        Op::Scatter(op, spec) => return index::pull_scatter(g, y, op, spec, operand, ct),
        Op::Reduce(Reduce::Sum, axes) => reduce::pull_sum(g, y, axes, ct),
        Op::Reduce(op @ (Reduce::Prod | Reduce::Max | Reduce::Min), axes) => {
            return reduce::pull_weighted(g, y, op, axes, ct);
        }
        Op::Cumulate(op, spec) => cumulate::pull(g, y, op, spec, ct),
        Op::Dot(spec) => contract::pull(g, y, spec, operand, ct),
        Op::Conv(spec) => window::pull_conv(g, y, spec, operand, ct),
        Op::ReduceWindow(op, spec) => return window::pull_reduce(g, y, op, spec, ct),
        Op::Param(_) | Op::Const(_) | Op::Iota(_) | Op::Compare(_) | Op::Logic(_) => return None,
        Op::Integer(_) | Op::Test(_) | Op::Bitcast(_) => return None,
        Op::Reduce(Reduce::Any | Reduce::All, _) => return None,
        Op::Slice(_) => unreachable!("its cotangents wait in `Parts`"),
        Op::Sort(_) | Op::Linalg(_) | Op::TriangularSolve(_) => unreachable!("handled by `pull`"),
        Op::Tuple | Op::Record(_) | Op::Get(_) | Op::Call(_) => unreachable!("handled by `pull`"),
    };
    Some(product)
}

/// The tangents of node `y`, leaf by leaf, from those of its operands.
pub fn push(cx: &mut Context, g: &mut Graph, y: NodeId, dx: &[&[Option<Masked>]]) -> Result<LeafValues, Error> {
    let first = || dx.iter().position(|leaves| leaves.iter().any(Option::is_some)).unwrap_or(0);
    attribute(cx, g, y, first());
    match g.op(y) {
        Op::Tuple | Op::Record(_) => Ok(structure::push_build(dx)),
        Op::Get(index) => Ok(structure::push_get(cx, g, y, index as usize, dx)),
        Op::Call(_) => call::push(cx, g, y, dx),
        Op::Sort(spec) => Ok(order::push(cx, g, y, spec, dx)),
        Op::Linalg(_) | Op::TriangularSolve(_) => Ok(linalg::push(g, y, dx)),
        _ => {
            let dx: SmallVec<[Option<Masked>; 3]> = dx.iter().map(|leaves| leaves[0]).collect();
            Ok(SmallVec::from_elem(push_tensor(cx, g, y, &dx), 1))
        }
    }
}

/// The tangent of an op on tensors.
fn push_tensor(cx: &Context, g: &mut Graph, y: NodeId, dx: &[Option<Masked>]) -> Option<Masked> {
    let linear = dx.first().copied().flatten();
    match g.op(y) {
        Op::Unary(_) | Op::Nth(..) | Op::Binary(_) => elementwise::push(cx, g, y, dx),
        Op::Select => shape::push_select(g, y, dx),
        Op::Cast(dtype) => linear.and_then(|dx| shape::push_cast(g, dtype, dx)),
        Op::Broadcast(_) | Op::Reshape(_) | Op::Permute(_) | Op::Slice(_) | Op::Reverse(_) => {
            linear.map(|dx| shape::push_move(g, y, dx))
        }
        Op::Pad(spec) => shape::push_pad(g, y, spec, dx),
        Op::Concat(axis) => shape::push_concat(g, y, axis as usize, dx),
        Op::Gather(spec) => linear.map(|dx| index::push_gather(g, y, spec, dx)),
        Op::Scatter(op, spec) => index::push_scatter(g, y, op, spec, [dx[0], dx[2]]),
        Op::Reduce(Reduce::Sum, axes) => linear.map(|dx| reduce::push_sum(g, axes, dx)),
        Op::Reduce(op @ (Reduce::Prod | Reduce::Max | Reduce::Min), axes) => {
            linear.and_then(|dx| reduce::push_weighted(g, y, op, axes, dx))
        }
        Op::Cumulate(op, spec) => linear.map(|dx| cumulate::push(g, y, op, spec, dx)),
        Op::Dot(spec) => contract::push(cx, g, y, spec, dx),
        Op::Conv(spec) => window::push_conv(cx, g, y, spec, dx),
        Op::ReduceWindow(op, spec) => linear.and_then(|dx| window::push_reduce(g, y, op, spec, dx)),
        Op::Param(_) | Op::Const(_) | Op::Iota(_) | Op::Compare(_) | Op::Logic(_) => None,
        Op::Integer(_) | Op::Test(_) | Op::Bitcast(_) => None,
        Op::Reduce(Reduce::Any | Reduce::All, _) => None,
        Op::Sort(_) | Op::Linalg(_) | Op::TriangularSolve(_) => unreachable!("handled by `push`"),
        Op::Tuple | Op::Record(_) | Op::Get(_) | Op::Call(_) => unreachable!("handled by `push`"),
    }
}

/// The order of a derivative of this piece: one more than the highest in it.
pub fn next_order(g: &Graph, piece: &[NodeId]) -> u8 {
    piece.iter().filter_map(|&id| g.derived(id)).map(|d| d.order).max().unwrap_or(0).saturating_add(1)
}
