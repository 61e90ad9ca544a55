//! Windows that indices choose. A gather is linear, and its transpose adds each window back into place, so repeated indices
//! accumulate. To first order a scatter is a weighted sum of the operand and of the updates that meet in an element:
//!
//! ```text
//! ẏ at p = v·ẋ at p + Σ w·u̇ over the updates u of p
//! ```
//!
//! `add` has the weights 1; `set` passes what is seen in the result (the operand where nothing is written, else the
//! update of the last window); `max` and `min` share equally among all that attain the extremum, the operand included;
//! `mul` weighs by the product of the others, never by a quotient. Indices have no derivative.
//!
//! Elements that no window reaches have derivative 0 whatever flows elsewhere, so they are guarded, as are windows that
//! are left out.

mod others;

use graph_core::op::{Binary, Compare, GatherSpec, OutOfRange, Scatter};
use graph_core::{DType, Graph, Id, Literal, NodeId, Scalar, Shape};

use super::shape::absent;
use crate::masked::{Guard, Masked, truth};

/// The windows of a node.
pub(super) struct Windows {
    spec: GatherSpec,
    indices: NodeId,
    /// The operand, which has the shape that the windows lie in.
    x: NodeId,
    /// A tensor of the shape of all windows.
    like: NodeId,
}

impl Windows {
    /// One element along an axis of `x` for each index, in a tensor of the same shape.
    pub(super) fn along(g: &Graph, x: NodeId, axis: usize, indices: NodeId) -> Windows {
        Windows { spec: GatherSpec::along(g.shape(x), axis), indices, x, like: x }
    }

    fn of_gather(g: &Graph, y: NodeId, spec: Id<GatherSpec>) -> Windows {
        Windows { spec: g[spec].clone(), indices: g.operands(y)[1], x: g.operands(y)[0], like: y }
    }

    fn of_scatter(g: &Graph, y: NodeId, spec: Id<GatherSpec>) -> Windows {
        Windows { like: g.operands(y)[2], ..Windows::of_gather(g, y, spec) }
    }

    pub(super) fn gather(&self, g: &mut Graph, x: NodeId) -> NodeId {
        g.gather(x, self.indices, self.spec.clone())
    }

    fn scatter(&self, g: &mut Graph, op: Scatter, x: NodeId, updates: NodeId) -> NodeId {
        g.scatter(op, x, self.indices, updates, self.spec.clone())
    }

    /// The windows of a derivative; those that are left out do not count.
    fn read(&self, g: &mut Graph, d: Masked) -> Masked {
        let guard = match self.spec.out {
            OutOfRange::Skip => Some(d.guard.unwrap_or_else(|| Guard { mask: truth(g, true, d.value), clean: true })),
            OutOfRange::Error | OutOfRange::Clamp => d.guard,
        };
        Masked { value: d.value, guard }.moved(g, |g, x| self.gather(g, x))
    }

    /// For each element of the operand the sum of a derivative over the windows that reach it.
    fn sum(&self, g: &mut Graph, d: Masked) -> Masked {
        let value = self.total(g, d);
        let mask = match d.guard {
            None => {
                let (nowhere, everywhere) = (truth(g, false, self.x), truth(g, true, self.like));
                self.scatter(g, Scatter::Set, nowhere, everywhere)
            }
            Some(guard) => self.reached(g, guard.mask),
        };
        Masked { value, guard: Some(Guard { mask, clean: true }) }
    }

    /// The sum itself.
    pub(super) fn total(&self, g: &mut Graph, d: Masked) -> NodeId {
        let (zeros, settled) = (g.splat_like(0.0, self.x), d.settle(g));
        self.scatter(g, Scatter::Add, zeros, settled)
    }

    /// The elements of the operand that a window reaches where a mask holds.
    pub(super) fn reached(&self, g: &mut Graph, mask: NodeId) -> NodeId {
        let (counts, nowhere) = (g.cast(DType::I64, mask), self.integers(g, 0));
        let count = self.scatter(g, Scatter::Max, nowhere, counts);
        g.compare(Compare::Gt, count, nowhere)
    }

    /// How many windows reach each element of the operand.
    pub(super) fn count(&self, g: &mut Graph) -> NodeId {
        let nowhere = self.integers(g, 0);
        let shape = g.shape(self.like).clone();
        let ones = g.literal_node(Literal::splat(Scalar::I64(1), shape));
        self.scatter(g, Scatter::Add, nowhere, ones)
    }

    /// An integer for each element of the operand.
    fn integers(&self, g: &mut Graph, value: i64) -> NodeId {
        let shape = g.shape(self.x).clone();
        g.literal_node(Literal::splat(Scalar::I64(value), shape))
    }

    /// 1, 2, 3 … over the elements of a tensor of this shape.
    fn numbers(g: &mut Graph, shape: &Shape) -> NodeId {
        let count = g.iota(DType::I64, &Shape::new(&[shape.elements()]), 0);
        let one = g.splat_like(1.0, count);
        let from_one = g.add(count, one);
        g.reshape(from_one, shape)
    }

    /// Where an update is the last one written to its element; `None` if there is one window only.
    fn last_written(&self, g: &mut Graph) -> Option<NodeId> {
        let positions = self.spec.positions(g.shape(self.indices));
        if positions.elements() <= 1 {
            return None;
        }
        let shape = g.shape(self.like).clone();
        let numbers = Windows::numbers(g, &positions);
        let numbers = g.broadcast(numbers, &shape, &self.spec.parallel(shape.rank()));
        let unwritten = self.integers(g, 0);
        let last = self.scatter(g, Scatter::Set, unwritten, numbers);
        let seen = self.gather(g, last);
        Some(g.compare(Compare::Eq, seen, numbers))
    }
}

/// Adds the windows back into place.
pub fn pull_gather(g: &mut Graph, y: NodeId, spec: Id<GatherSpec>, ct: Masked) -> Masked {
    Windows::of_gather(g, y, spec).sum(g, ct)
}

/// The windows of the tangent.
pub fn push_gather(g: &mut Graph, y: NodeId, spec: Id<GatherSpec>, dx: Masked) -> Masked {
    Windows::of_gather(g, y, spec).read(g, dx)
}

/// The cotangent of the operand (0) or of the updates (2).
pub fn pull_scatter(
    g: &mut Graph,
    y: NodeId,
    op: Scatter,
    spec: Id<GatherSpec>,
    operand: usize,
    ct: Masked,
) -> Option<Masked> {
    let windows = Windows::of_scatter(g, y, spec);
    match (op, operand) {
        (Scatter::Add, 0) => Some(ct),
        (Scatter::Set, 0) => {
            let overwritten = absent(g, windows.like);
            Some(set(g, &windows, ct, overwritten))
        }
        (Scatter::Mul | Scatter::Max | Scatter::Min, 0) => {
            let weight = weights(g, y, op, spec)[0];
            ct.times(g, weight)
        }
        (Scatter::Add, _) => Some(windows.read(g, ct)),
        (Scatter::Set, _) => {
            let seen = windows.read(g, ct);
            Some(match windows.last_written(g) {
                Some(last) => seen.only(g, last),
                None => seen,
            })
        }
        (Scatter::Mul | Scatter::Max | Scatter::Min, _) => {
            let weight = weights(g, y, op, spec)[1];
            windows.read(g, ct).times(g, weight)
        }
    }
}

/// The tangent, from those of the operand and of the updates.
pub fn push_scatter(
    g: &mut Graph,
    y: NodeId,
    op: Scatter,
    spec: Id<GatherSpec>,
    dx: [Option<Masked>; 2],
) -> Option<Masked> {
    let windows = Windows::of_scatter(g, y, spec);
    match (op, dx) {
        (_, [None, None]) => None,
        (Scatter::Set, [dx, du]) => {
            let dx = dx.unwrap_or_else(|| absent(g, windows.x));
            let du = du.unwrap_or_else(|| absent(g, windows.like));
            Some(set(g, &windows, dx, du))
        }
        (Scatter::Add, dx) => total(g, y, spec, dx),
        (Scatter::Mul | Scatter::Max | Scatter::Min, [dx, du]) => {
            let [of_x, of_updates] = weights(g, y, op, spec);
            let terms = [dx.and_then(|d| d.times(g, of_x)), du.and_then(|d| d.times(g, of_updates))];
            total(g, y, spec, terms)
        }
    }
}

/// The sum of a term for the operand and of the terms of all updates.
pub fn total(
    g: &mut Graph,
    y: NodeId,
    spec: Id<GatherSpec>,
    [of_x, of_updates]: [Option<Masked>; 2],
) -> Option<Masked> {
    let sum = of_updates.map(|d| Windows::of_scatter(g, y, spec).sum(g, d));
    match (of_x, sum) {
        (Some(a), Some(b)) => Some(a.plus(g, b)),
        (one, other) => one.or(other),
    }
}

/// A derivative of the operand with that of the updates written into its windows.
fn set(g: &mut Graph, windows: &Windows, dx: Masked, du: Masked) -> Masked {
    let value = windows.scatter(g, Scatter::Set, dx.value, du.value);
    let guard = (dx.guard.is_some() || du.guard.is_some()).then(|| {
        let masks = [dx.mask(g), du.mask(g)];
        let clean = [dx, du].iter().all(|d| d.guard.is_none_or(|guard| guard.clean));
        Guard { mask: windows.scatter(g, Scatter::Set, masks[0], masks[1]), clean }
    });
    Masked { value, guard }
}

/// The weights of the operand and of the updates.
pub fn weights(g: &mut Graph, y: NodeId, op: Scatter, spec: Id<GatherSpec>) -> [NodeId; 2] {
    let windows = Windows::of_scatter(g, y, spec);
    match op {
        Scatter::Mul => {
            let (ones, others) = (g.splat_like(1.0, y), others::products(g, &windows));
            let (updates, x) = (windows.like, windows.gather(g, windows.x));
            [windows.scatter(g, Scatter::Mul, ones, updates), g.mul(x, others)]
        }
        Scatter::Max | Scatter::Min => shares(g, y, op, &windows),
        Scatter::Set | Scatter::Add => unreachable!("linear by class"),
    }
}

/// 1/k for each of k elements that attain the extremum, else 0; NaN where the extremum is NaN.
fn shares(g: &mut Graph, y: NodeId, op: Scatter, windows: &Windows) -> [NodeId; 2] {
    let seen = windows.gather(g, y);
    let pairs = [(windows.x, y), (windows.like, seen)];
    let attain = pairs.map(|(x, extremum)| g.compare(Compare::Eq, x, extremum));
    let dtype = g.ty(y).as_tensor().expect("a scatter is a tensor").dtype;
    let ones = attain.map(|attains| g.cast(dtype, attains));
    let count = windows.scatter(g, Scatter::Add, ones[0], ones[1]);
    let counts = [count, windows.gather(g, count)];
    let behind = if op == Scatter::Max { Compare::Lt } else { Compare::Gt };
    [0, 1].map(|i| {
        let (x, extremum) = pairs[i];
        let one = g.splat_like(1.0, x);
        let equal = g.binary(Binary::Div, one, counts[i]);
        let (nan, zero) = (g.splat_like(f64::NAN, x), g.splat_like(0.0, x));
        let weight = g.select(attain[i], equal, nan);
        let behind = g.compare(behind, x, extremum);
        g.select(behind, zero, weight)
    })
}
