//! Running combinations yᵢ = f(yᵢ₋₁, xᵢ). The tangent solves a linear recurrence, ẏᵢ = aᵢ·ẏᵢ₋₁ + wᵢ·ẋᵢ with the partials
//! a = f₁ and w = f₂; the cotangent solves the same recurrence from the other end, b̄ⱼ = ȳⱼ + aⱼ₊₁·b̄ⱼ₊₁, and x̄ⱼ = wⱼ·b̄ⱼ.
//!
//! Recurrences are solved by doubling (Hillis and Steele, Data Parallel Algorithms, 1986): log₂ n steps, n elements each,
//! products and sums only. So a product has polynomial derivatives at every order, zeros included, and the weights of a
//! logarithm of a sum of exponentials are products of sigmoids, which neither overflow nor cancel.
//! A recurrence mixes elements, so a derivative is settled first; the result counts wherever something that was mixed does.

use graph_core::op::{Axes, Binary, Compare, Cumulate, CumulateSpec, PadSpec, Unary};
use graph_core::{DType, Graph, Id, NodeId, Shape};

use crate::masked::{Guard, Masked, fill};

/// ẏ from ẋ
pub fn push(g: &mut Graph, y: NodeId, op: Cumulate, spec: Id<CumulateSpec>, dx: Masked) -> Masked {
    let line = Line::of(g, y, spec);
    match op {
        Cumulate::Sum => line.mix(g, dx, line.reverse, |g, b| g.cumulate(Cumulate::Sum, b, line.axis, line.reverse)),
        Cumulate::Prod | Cumulate::LogSumExp if line.extent > 1 => {
            let Partials { link, weight } = line.partials(g, y, op);
            let weighted = dx.through(g, Binary::Mul, 0, weight);
            line.mix(g, weighted, line.reverse, |g, b| line.recur(g, link, b, line.reverse))
        }
        Cumulate::Max | Cumulate::Min if line.extent > 1 => {
            let Ties { link, attains, share } = line.ties(g, y, op);
            let attaining = dx.only(g, attains).settle(g);
            let total = line.recur(g, link, attaining, line.reverse);
            Masked::from(total).through(g, Binary::Mul, 0, share)
        }
        Cumulate::Prod | Cumulate::LogSumExp | Cumulate::Max | Cumulate::Min => dx,
    }
}

/// x̄ from ȳ
pub fn pull(g: &mut Graph, y: NodeId, op: Cumulate, spec: Id<CumulateSpec>, ct: Masked) -> Masked {
    let line = Line::of(g, y, spec);
    match op {
        Cumulate::Sum => line.mix(g, ct, !line.reverse, |g, b| g.cumulate(Cumulate::Sum, b, line.axis, !line.reverse)),
        Cumulate::Prod | Cumulate::LogSumExp if line.extent > 1 => {
            let Partials { link, weight } = line.partials(g, y, op);
            let total = line.mix(g, ct, !line.reverse, |g, b| line.recur(g, link, b, !line.reverse));
            total.through(g, Binary::Mul, 0, weight)
        }
        Cumulate::Max | Cumulate::Min if line.extent > 1 => {
            let Ties { link, attains, share } = line.ties(g, y, op);
            let shared = ct.through(g, Binary::Mul, 0, share);
            let total = line.mix(g, shared, !line.reverse, |g, b| line.recur(g, link, b, !line.reverse));
            total.only(g, attains)
        }
        Cumulate::Prod | Cumulate::LogSumExp | Cumulate::Max | Cumulate::Min => ct,
    }
}

/// The partials of one step of the recurrence as nodes (by the result before, by the element), for power series; `None`
/// where a series follows the rule of tangents, coefficient by coefficient: sums, and extrema, whose weights are constant
/// wherever a derivative exists.
pub fn series_partials(g: &mut Graph, y: NodeId, op: Cumulate, spec: Id<CumulateSpec>) -> Option<[NodeId; 2]> {
    let line = Line::of(g, y, spec);
    match op {
        Cumulate::Prod | Cumulate::LogSumExp if line.extent > 1 => match line.partials(g, y, op) {
            Partials { link: Link::Times(link), weight } => Some([link, weight]),
            Partials { link: Link::Where(_), .. } => None,
        },
        Cumulate::Prod | Cumulate::LogSumExp | Cumulate::Sum | Cumulate::Max | Cumulate::Min => None,
    }
}

/// What coefficient k of the result before contributes: a·yₖ one place on.
pub fn carried(g: &mut Graph, y: NodeId, spec: Id<CumulateSpec>, a: Masked, coefficient: Masked) -> Masked {
    let line = Line::of(g, y, spec);
    let before = coefficient.moved(g, |g, y| line.before(g, y)).settle(g);
    let a = a.settle(g);
    let product = g.mul(a, before);
    let zero = fill(g, product);
    Masked::from(line.padded(g, product, zero, 1, line.reverse))
}

/// yₙ from what does not depend on it: yₙ at each place is `b` there and a₀·yₙ of the place before.
pub fn solve(g: &mut Graph, y: NodeId, spec: Id<CumulateSpec>, link: NodeId, b: Masked) -> Masked {
    let line = Line::of(g, y, spec);
    line.mix(g, b, line.reverse, |g, b| line.recur(g, Link::Times(link), b, line.reverse))
}

/// What an element takes over from its neighbour: for each pair of neighbours, one element.
#[derive(Clone, Copy)]
enum Link {
    /// A multiple.
    Times(NodeId),
    /// All or, where this is false, nothing.
    Where(NodeId),
}

/// The partials of one step.
struct Partials {
    /// By the result before, for all places but the first.
    link: Link,
    /// By the element; 1 at the first place, where there is nothing before.
    weight: NodeId,
}

/// How an extremum is attained: by one or more elements since it last changed, which share its derivative equally.
struct Ties {
    /// Where the extremum is what it was before.
    link: Link,
    /// Elements that attain the extremum of their place.
    attains: NodeId,
    /// 1/k, with k elements that attain it so far; NaN where the extremum is.
    share: NodeId,
}

/// The axis along which an op runs.
struct Line {
    axis: usize,
    extent: usize,
    reverse: bool,
}

impl Line {
    fn of(g: &Graph, y: NodeId, spec: Id<CumulateSpec>) -> Line {
        let CumulateSpec { axis, reverse } = g[spec];
        Line { axis, extent: g.shape(y)[axis], reverse }
    }

    /// Mixes elements along the line, from the first on or in reverse; a result counts where something mixed into it does.
    fn mix(&self, g: &mut Graph, d: Masked, reverse: bool, with: impl FnOnce(&mut Graph, NodeId) -> NodeId) -> Masked {
        let settled = d.settle(g);
        let guard = d.guard.map(|guard| {
            let ones = g.cast(DType::I64, guard.mask);
            let counted = g.cumulate(Cumulate::Max, ones, self.axis, reverse);
            Guard { mask: g.cast(DType::Bool, counted), clean: true }
        });
        Masked { value: with(g, settled), guard }
    }

    fn partials(&self, g: &mut Graph, y: NodeId, op: Cumulate) -> Partials {
        let (before, x) = (self.before(g, y), self.after(g, g.operands(y)[0]));
        let (link, weight) = match op {
            Cumulate::LogSumExp => {
                let result = self.after(g, y);
                shares(g, before, x, result)
            }
            Cumulate::Sum | Cumulate::Prod | Cumulate::Max | Cumulate::Min => (x, before),
        };
        let one = fill_with(g, 1.0, weight);
        Partials { link: Link::Times(link), weight: self.padded(g, weight, one, 1, self.reverse) }
    }

    fn ties(&self, g: &mut Graph, y: NodeId, op: Cumulate) -> Ties {
        let x = g.operands(y)[0];
        let beyond = if op == Cumulate::Max { Compare::Lt } else { Compare::Gt };
        let (before, after) = (self.before(g, y), self.after(g, y));
        let changed = g.compare(beyond, before, after);
        let link = Link::Where(g.not(changed));
        let behind = g.compare(beyond, x, y);
        let attains = g.not(behind);
        let (one, zero, nan) = (g.splat_like(1.0, y), g.splat_like(0.0, y), g.splat_like(f64::NAN, y));
        let each = g.select(behind, zero, one);
        let count = self.recur(g, link, each, self.reverse);
        let (share, is_number) = (g.unary(Unary::Recip, count), g.compare(Compare::Eq, y, y));
        Ties { link, attains, share: g.select(is_number, share, nan) }
    }

    /// zᵢ = bᵢ + link·zᵢ₋₁, or from the other end: zᵢ = bᵢ + link·zᵢ₊₁. Links over 1, 2, 4, … places are products of
    /// shorter ones; each doubles the stretch that has been taken into account.
    fn recur(&self, g: &mut Graph, mut link: Link, b: NodeId, reverse: bool) -> NodeId {
        let (mut z, mut step) = (b, 1);
        while step < self.extent {
            let rest = self.extent - step;
            let source = if reverse { self.part(g, z, step, self.extent) } else { self.part(g, z, 0, rest) };
            let taken = link.apply(g, source);
            let zero = fill(g, taken);
            let moved = self.padded(g, taken, zero, step, reverse);
            z = g.add(z, moved);
            if 2 * step < self.extent {
                link = link.map(g, |g, node| (self.part(g, node, 0, rest - step), self.part(g, node, step, rest)));
            }
            step *= 2;
        }
        z
    }

    /// For all places but the first: the element one place before.
    fn before(&self, g: &mut Graph, y: NodeId) -> NodeId {
        self.neighbours(g, y, !self.reverse)
    }

    /// For all places but the first: the element there.
    fn after(&self, g: &mut Graph, y: NodeId) -> NodeId {
        self.neighbours(g, y, self.reverse)
    }

    /// All elements but the last (`low`), or all but that of index 0.
    fn neighbours(&self, g: &mut Graph, y: NodeId, low: bool) -> NodeId {
        if low { self.part(g, y, 0, self.extent - 1) } else { self.part(g, y, 1, self.extent) }
    }

    /// Elements from `start` to `limit` along the axis.
    fn part(&self, g: &mut Graph, x: NodeId, start: usize, limit: usize) -> NodeId {
        let shape = g.shape(x).clone();
        let along = |at: usize, other: &dyn Fn(usize) -> usize| -> Shape {
            (0..shape.rank()).map(|axis| if axis == self.axis { at } else { other(axis) }).collect()
        };
        let (first, end) = (along(start, &|_| 0), along(limit, &|axis| shape[axis]));
        g.slice(x, &first, &end, &along(1, &|_| 1))
    }

    /// Adds elements before or, in reverse, behind.
    fn padded(&self, g: &mut Graph, x: NodeId, with: NodeId, count: usize, reverse: bool) -> NodeId {
        let rank = g.shape(x).rank();
        let none: Axes = (0..rank).map(|_| 0).collect();
        let some: Axes = (0..rank).map(|axis| if axis == self.axis { count } else { 0 }).collect();
        let (low, high) = if reverse { (none.clone(), some) } else { (some, none.clone()) };
        g.pad(x, with, PadSpec { low, high, interior: none })
    }
}

impl Link {
    /// What is taken over from these neighbours.
    fn apply(self, g: &mut Graph, z: NodeId) -> NodeId {
        match self {
            Link::Times(factor) => g.mul(factor, z),
            Link::Where(holds) => {
                let zero = g.splat_like(0.0, z);
                g.select(holds, z, zero)
            }
        }
    }

    /// The link over two stretches from that over each.
    fn map(self, g: &mut Graph, stretches: impl Fn(&mut Graph, NodeId) -> (NodeId, NodeId)) -> Link {
        match self {
            Link::Times(factor) => {
                let (first, second) = stretches(g, factor);
                Link::Times(g.mul(first, second))
            }
            Link::Where(holds) => {
                let (first, second) = stretches(g, holds);
                Link::Where(g.and(first, second))
            }
        }
    }
}

/// The weights of two terms in the logarithm of the sum of their exponentials: sigmoids of their difference, 1/2 each
/// where both are −∞ (their difference would be NaN, and would outlive finite terms that follow).
fn shares(g: &mut Graph, before: NodeId, x: NodeId, result: NodeId) -> (NodeId, NodeId) {
    let (nothing, zero) = (g.splat_like(f64::NEG_INFINITY, result), g.splat_like(0.0, result));
    let is_empty = g.compare(Compare::Eq, result, nothing);
    let difference = g.binary(Binary::Sub, before, x);
    let difference = g.select(is_empty, zero, difference);
    let opposite = g.neg(difference);
    (g.unary(Unary::Sigmoid, difference), g.unary(Unary::Sigmoid, opposite))
}

/// A scalar of the dtype of `like`.
fn fill_with(g: &mut Graph, value: f64, like: NodeId) -> NodeId {
    let dtype = g.ty(like).as_tensor().expect("derivatives are tensors").dtype;
    g.splat(value, &graph_core::TensorType { dtype, shape: Shape::scalar() })
}
