//! Reductions. A sum is linear. To first order every other reduction is a weighted sum: an extremum weighs the elements
//! that attain it, a product weighs each element by the product of the others (never by a quotient, so its derivatives
//! are polynomials at every order, zeros included).

use graph_core::op::{Axes, Binary, Compare, PadSpec, Reduce};
use graph_core::{Graph, Id, NodeId, Shape, TensorType};

use crate::masked::Masked;

/// Axes of `x` that survive a reduction along `axes`.
fn kept(rank: usize, axes: &Axes) -> Axes {
    (0..rank).filter(|axis| !axes.contains(axis)).collect()
}

/// Repeats a reduced tensor along the axes that were reduced.
pub fn spread(g: &mut Graph, reduced: NodeId, like: NodeId, axes: &Axes) -> NodeId {
    let shape = g.shape(like).clone();
    let kept = kept(shape.rank(), axes);
    g.broadcast(reduced, &shape, &kept)
}

/// Summing transposes to repeating.
pub fn pull_sum(g: &mut Graph, y: NodeId, axes: Id<Axes>, ct: Masked) -> Masked {
    let (x, axes) = (g.operands(y)[0], g[axes].clone());
    ct.moved(g, |g, ct| spread(g, ct, x, &axes))
}

/// The sum of the tangents.
pub fn push_sum(g: &mut Graph, axes: Id<Axes>, dx: Masked) -> Masked {
    let axes = g[axes].clone();
    dx.summed(g, &axes)
}

/// The weight of each element in its extremum: 1/k for each of k that attain it, else 0; NaN where the extremum is NaN.
/// Elements that are not present do not share in it.
fn share(g: &mut Graph, x: NodeId, y: NodeId, op: Reduce, axes: &Axes, present: Option<NodeId>) -> NodeId {
    let dtype = g.ty(x).as_tensor().expect("a reduction takes a tensor").dtype;
    let extremum = spread(g, y, x, axes);
    let attains = g.compare(Compare::Eq, x, extremum);
    let sharing = present.map_or(attains, |present| g.and(attains, present));
    let ones = g.cast(dtype, sharing);
    let count = g.reduce(Reduce::Sum, ones, axes);
    let count = spread(g, count, x, axes);
    let one = g.splat_like(1.0, x);
    let equal = g.binary(Binary::Div, one, count);
    let (nan, zero) = (g.splat_like(f64::NAN, x), g.splat_like(0.0, x));
    let weight = g.select(attains, equal, nan);
    let behind = if op == Reduce::Max { Compare::Lt } else { Compare::Gt };
    let behind = g.compare(behind, x, extremum);
    g.select(behind, zero, weight)
}

/// The weight of each element in its product: the product of all others.
fn others(g: &mut Graph, x: NodeId, axes: &Axes) -> NodeId {
    let shape = g.shape(x).clone();
    let kept = kept(shape.rank(), axes);
    let order: Axes = kept.iter().chain(axes.iter()).copied().collect();
    let extents = |axes: &Axes| -> Shape { axes.iter().map(|&axis| shape[axis]).collect() };
    let rows = Rows { outer: extents(&kept) };
    let n = extents(axes).elements();
    let permuted = g.permute(x, &order);
    let row = g.reshape(permuted, &rows.shape(n));
    let weights = rows.leave_one_out(g, row, n);
    let weights = g.reshape(weights, &extents(&order));
    g.permute(weights, &super::shape::inverse(&order))
}

/// Tensors whose last axis is folded; the others run along.
struct Rows {
    outer: Shape,
}

impl Rows {
    fn shape(&self, extent: usize) -> Shape {
        self.outer.iter().copied().chain([extent]).collect()
    }

    /// The elements `start..limit` of the last axis.
    fn slice(&self, g: &mut Graph, row: NodeId, start: usize, limit: usize) -> NodeId {
        let zeros: Shape = self.outer.iter().map(|_| 0).chain([start]).collect();
        let strides: Shape = zeros.iter().map(|_| 1).collect();
        g.slice(row, &zeros, &self.shape(limit), &strides)
    }

    /// For each of n elements the product of the others, in O(n): a row is folded in halves up to one element, and each
    /// half's weight is the weight of the fold times the other half.
    fn leave_one_out(&self, g: &mut Graph, row: NodeId, n: usize) -> NodeId {
        let mut halves = Vec::new();
        let mut extent = n.next_power_of_two();
        let mut level = self.fill_up(g, row, extent - n);
        while extent > 1 {
            let (first, second) = (self.slice(g, level, 0, extent / 2), self.slice(g, level, extent / 2, extent));
            halves.push((first, second));
            extent /= 2;
            level = if extent > 1 { g.mul(first, second) } else { level };
        }
        let Some((first, second)) = halves.pop() else { return g.splat_like(1.0, row) };
        let last = self.outer.rank();
        let mut weights = g.concat(&[second, first], last);
        for (first, second) in halves.into_iter().rev() {
            let (of_first, of_second) = (g.mul(weights, second), g.mul(weights, first));
            weights = g.concat(&[of_first, of_second], last);
        }
        self.slice(g, weights, 0, n)
    }

    /// Appends ones along the last axis.
    fn fill_up(&self, g: &mut Graph, row: NodeId, missing: usize) -> NodeId {
        let dtype = g.ty(row).as_tensor().expect("a tensor").dtype;
        let one = g.splat(1.0, &TensorType { dtype, shape: Shape::scalar() });
        let zeros: Shape = self.outer.iter().map(|_| 0).chain([0]).collect();
        let high = self.outer.iter().map(|_| 0).chain([missing]).collect();
        g.pad(row, one, PadSpec { low: zeros.clone(), high, interior: zeros })
    }
}

/// The weights of a general reduction.
pub fn weights(g: &mut Graph, y: NodeId, op: Reduce, axes: &Axes) -> NodeId {
    let x = g.operands(y)[0];
    weights_among(g, x, y, op, axes, None)
}

/// The weights of the elements of `x` in its reduction `y`; where elements are not `present`, they have no part in it.
pub fn weights_among(g: &mut Graph, x: NodeId, y: NodeId, op: Reduce, axes: &Axes, present: Option<NodeId>) -> NodeId {
    match op {
        Reduce::Max | Reduce::Min => share(g, x, y, op, axes, present),
        Reduce::Prod => others(g, x, axes),
        Reduce::Sum | Reduce::Any | Reduce::All => unreachable!("linear or zero by class"),
    }
}

/// x̄ = weight·ȳ
pub fn pull_weighted(g: &mut Graph, y: NodeId, op: Reduce, axes: Id<Axes>, ct: Masked) -> Option<Masked> {
    let (x, axes) = (g.operands(y)[0], g[axes].clone());
    let weights = weights(g, y, op, &axes);
    ct.moved(g, |g, ct| spread(g, ct, x, &axes)).times(g, weights)
}

/// ẏ = Σ weight·ẋ
pub fn push_weighted(g: &mut Graph, y: NodeId, op: Reduce, axes: Id<Axes>, dx: Masked) -> Option<Masked> {
    let axes = g[axes].clone();
    let weights = weights(g, y, op, &axes);
    dx.times(g, weights).map(|product| product.summed(g, &axes))
}
