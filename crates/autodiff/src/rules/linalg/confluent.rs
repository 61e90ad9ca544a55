//! Quotients by differences of eigenvalues, where two are equal.
//!
//! A function that does not depend on the choice of eigenvectors has a numerator N with Nᵢⱼ = 0 wherever λᵢ = λⱼ, and
//! N/(λⱼ − λᵢ) has a limit there. Along the path λ − s·w, with w = (0, 1, 2, …), the pair (i, j) meets at
//! s = (λⱼ − λᵢ)/(wⱼ − wᵢ), whatever the others do, so Taylor's theorem from here to there says
//!
//! ```text
//! 0 = N − s·N' + s²/2·N'' − s³/6·N''' + …,   N/(λⱼ − λᵢ) = (N' − s/2·N'' + s²/6·N''' − …)/(wⱼ − wᵢ)
//! ```
//!
//! with derivatives along w, which are nodes as any others: L'Hôpital's rule, taken by the engine itself, for all pairs by
//! one direction. The sum is the quotient as a function, up to an order beyond its last term, so its own derivatives are
//! right as far. A sweep of order k takes as many terms as derivatives up to order [`ORDERS`] need. Where N does not vanish
//! the vectors themselves are meant, whose derivatives do not exist, and the quotient stays what it is. That is found out
//! at order one; from there on what does not exist is not finite, and a numerator may be nothing but rounding.

use graph_core::op::{Axes, Binary, Compare, Reduce, Unary};
use graph_core::{DType, Graph, NodeId};

use super::super::Context;
use super::factor::kept;
use super::spectrum::{along_columns, along_rows, differences};
use crate::forward;

/// The order up to which a function of equal eigenvalues has its derivatives.
const ORDERS: u8 = 4;
/// Values closer than this, relative to the larger, count as equal: the sum errs by the fourth power of the distance, the
/// quotient by rounding over it.
const NEAR: f64 = 1e-5;
/// How far from 0 a numerator may be of which it is expected, relative to the terms it is the difference of.
const NOISE: f64 = 1e-8;

/// A numerator of the header.
pub struct Numerator {
    pub value: NodeId,
    /// A bound on the terms that it is the difference of.
    pub size: NodeId,
    /// The order of the derivative that it is part of.
    pub order: u8,
}

/// N/(λⱼ − λᵢ) off the diagonal, 0 on it.
pub fn quotient(g: &mut Graph, Numerator { value: numerator, size, order }: Numerator, values: NodeId) -> NodeId {
    let shape = g.shape(numerator);
    if shape[shape.rank() - 1] < 2 {
        // nothing lies off the diagonal
        return g.splat_like(0.0, numerator);
    }
    let gaps = differences(g, values, numerator);
    let plain = over(g, numerator, gaps);
    let terms = usize::from((ORDERS + 1).saturating_sub(order).max(1));
    let limit = limit(g, numerator, gaps, values, terms, order);
    let mut taken = are_near(g, gaps, values);
    if order <= 1 {
        let vanishes = agrees(g, numerator, size, gaps, limit);
        taken = g.and(taken, vanishes);
    }
    let chosen = g.select(taken, limit, plain);
    kept(g, chosen, Compare::Ne)
}

/// Off the diagonal.
fn over(g: &mut Graph, x: NodeId, divisor: NodeId) -> NodeId {
    let (on, one) = (g.triangle_mask(x, Compare::Eq), g.splat_like(1.0, x));
    let divisor = g.select(on, one, divisor);
    let quotient = g.binary(Binary::Div, x, divisor);
    kept(g, quotient, Compare::Ne)
}

/// The sum of the header; 0 if the numerator does not depend on the values.
fn limit(g: &mut Graph, numerator: NodeId, gaps: NodeId, values: NodeId, terms: usize, order: u8) -> NodeId {
    let dtype = g.ty(values).as_tensor().map_or(DType::F64, |t| t.dtype);
    let shape = g.shape(values).clone();
    let path = g.iota(dtype, &shape, shape.rank() - 1);
    let steps = differences(g, path, numerator);
    let way = over(g, gaps, steps);
    let (mut derivative, mut total, mut factor) = (numerator, None, 1.0);
    for term in 0..terms {
        let Some(next) = along(g, derivative, values, path, order) else { break };
        derivative = next;
        factor *= if term == 0 { 1.0 } else { -1.0 / (term + 1) as f64 };
        let coefficient = g.splat_like(factor, derivative);
        let mut summand = g.mul(derivative, coefficient);
        for _ in 0..term {
            summand = g.mul(summand, way);
        }
        total = Some(total.map_or(summand, |total| g.add(total, summand)));
    }
    match total {
        Some(total) => over(g, total, steps),
        None => g.splat_like(0.0, numerator),
    }
}

/// The derivative of a node as the values move along a path and nothing else does.
fn along(g: &mut Graph, node: NodeId, values: NodeId, path: NodeId, order: u8) -> Option<NodeId> {
    let seeds = [(values, 0, path.into())];
    let mut cx = Context { order, ..Context::default() };
    let tangents = forward::sweep_within(&mut cx, g, &[node], &seeds).ok()?;
    tangents[0][0].map(|tangent| tangent.settle(g))
}

/// Which values are as good as equal: relative to the larger of both, or to rounding in the largest of all.
fn are_near(g: &mut Graph, gaps: NodeId, values: NodeId) -> NodeId {
    let size = g.unary(Unary::Abs, values);
    let (columns, rows) = (along_columns(g, size, gaps), along_rows(g, size, gaps));
    let larger = g.binary(Binary::Max, columns, rows);
    let shape = g.shape(values).clone();
    let (last, n) = (shape.rank() - 1, shape[shape.rank() - 1]);
    let largest = g.reduce(Reduce::Max, size, &Axes::new(&[last]));
    let all = g.shape(gaps).clone();
    let largest = g.broadcast(largest, &all, &(0..last).collect());
    let (near, noise) = (g.splat_like(NEAR, gaps), g.splat_like(16.0 * n as f64 * f64::EPSILON, gaps));
    let (near, noise) = (g.mul(larger, near), g.mul(largest, noise));
    let (bound, distance) = (g.add(near, noise), g.unary(Unary::Abs, gaps));
    g.compare(Compare::Le, distance, bound)
}

/// Whether the numerator is what the sum says.
fn agrees(g: &mut Graph, numerator: NodeId, size: NodeId, gaps: NodeId, limit: NodeId) -> NodeId {
    let predicted = g.mul(limit, gaps);
    let apart = g.binary(Binary::Sub, numerator, predicted);
    let (apart, noise) = (g.unary(Unary::Abs, apart), g.splat_like(NOISE, size));
    let bound = g.mul(size, noise);
    g.compare(Compare::Le, apart, bound)
}
