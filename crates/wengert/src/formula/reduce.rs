//! Reductions of arrays along an axis or over all of them, and what is made of reductions: means, norms, softmaxes.
//!
//! A factor that only keeps numbers in range must not be seen by derivatives, so it is a power of two or an integer
//! under `floor`, whose derivative is 0 everywhere: exact at every order, and nothing to cancel.

use graph_core::op::{Axes, Binary, Compare, Reduce, Unary};
use graph_core::{Graph, NodeId, Shape};

use super::array::{Built, Misfit, axis, described, shape_error};
use crate::broadcast;

/// The axes that a reduction of an array runs over.
pub(super) struct Along {
    /// The shape of the array.
    shape: Shape,
    axes: Axes,
}

impl Along {
    pub fn new(g: &Graph, x: NodeId, along: Option<i32>) -> Result<Along, Misfit> {
        let shape = g.shape(x).clone();
        let axes = match along {
            Some(along) => Axes::new(&[axis(along, shape.rank(), || described(&shape))?]),
            None => (0..shape.rank()).collect(),
        };
        Ok(Along { shape, axes })
    }

    fn kept(&self) -> Axes {
        (0..self.shape.rank()).filter(|axis| !self.axes.contains(axis)).collect()
    }

    /// Number of elements that become one.
    fn count(&self) -> usize {
        self.axes.iter().map(|&axis| self.shape[axis]).product()
    }

    pub fn reduce(&self, g: &mut Graph, op: Reduce, x: NodeId) -> NodeId {
        g.reduce(op, x, &self.axes)
    }

    /// A reduced array, repeated along what was reduced.
    fn spread(&self, g: &mut Graph, reduced: NodeId) -> NodeId {
        g.broadcast(reduced, &self.shape, &self.kept())
    }

    /// `value` in the shape of a reduced array.
    fn constant(&self, g: &mut Graph, value: f64) -> NodeId {
        let shape: Shape = self.kept().iter().map(|&axis| self.shape[axis]).collect();
        let scalar = g.scalar(value);
        broadcast::stretch(g, scalar, &shape)
    }

    pub fn extremum(&self, g: &mut Graph, op: Reduce, x: NodeId) -> Built {
        if self.count() == 0 {
            let message = format!("an array of shape {} has no largest and no smallest element", self.shape);
            return Err(shape_error(message, "give it at least one"));
        }
        Ok(self.reduce(g, op, x))
    }

    /// NaN of no elements.
    pub fn mean(&self, g: &mut Graph, x: NodeId) -> NodeId {
        let sum = self.reduce(g, Reduce::Sum, x);
        let count = g.splat_like(self.count() as f64, sum);
        g.binary(Binary::Div, sum, count)
    }

    /// s·√Σ(xᵢ/s)² with s the power of two below the largest |xᵢ|, from 2⁻⁹⁶⁰ to 2¹⁰⁰⁰, so that neither squares nor
    /// 1/s leave the range; the value and all derivatives where every xᵢ is 0 are 0.
    pub fn norm(&self, g: &mut Graph, x: NodeId) -> NodeId {
        if self.count() == 0 {
            return self.constant(g, 0.0);
        }
        let size = g.unary(Unary::Abs, x);
        let largest = self.reduce(g, Reduce::Max, size);
        let scale = power_of_two_below(g, largest);
        let divisor = self.spread(g, scale);
        let scaled = g.binary(Binary::Div, x, divisor);
        let squares = g.unary(Unary::Square, scaled);
        let sum = self.reduce(g, Reduce::Sum, squares);
        let root = g.unary(Unary::Sqrt, sum);
        let norm = g.mul(root, scale);
        let zero = g.splat_like(0.0, norm);
        let vanishes = g.compare(Compare::Eq, largest, zero);
        g.select(vanishes, zero, norm)
    }

    /// ⌊max xᵢ⌋, or 0 where that is not finite: with it exp(xᵢ − shift) is at most e, and −∞ stays −∞.
    fn shift(&self, g: &mut Graph, x: NodeId) -> NodeId {
        let largest = self.reduce(g, Reduce::Max, x);
        let shift = g.unary(Unary::Floor, largest);
        let size = g.unary(Unary::Abs, shift);
        let (infinite, zero) = (g.splat_like(f64::INFINITY, size), g.splat_like(0.0, size));
        let finite = g.compare(Compare::Lt, size, infinite);
        g.select(finite, shift, zero)
    }

    /// x − shift, exp(x − shift), Σ exp(x − shift) and the shift.
    fn exponentials(&self, g: &mut Graph, x: NodeId) -> [NodeId; 4] {
        let shift = self.shift(g, x);
        let spread = self.spread(g, shift);
        let shifted = g.binary(Binary::Sub, x, spread);
        let exp = g.unary(Unary::Exp, shifted);
        let sum = self.reduce(g, Reduce::Sum, exp);
        [shifted, exp, sum, shift]
    }

    /// −∞ of nothing and of −∞ alone, with derivatives 0.
    pub fn logsumexp(&self, g: &mut Graph, x: NodeId) -> NodeId {
        let nothing = self.constant(g, f64::NEG_INFINITY);
        if self.count() == 0 {
            return nothing;
        }
        let [_, _, sum, shift] = self.exponentials(g, x);
        let log = g.unary(Unary::Log, sum);
        let result = g.add(log, shift);
        let zero = g.splat_like(0.0, sum);
        let vanishes = g.compare(Compare::Eq, sum, zero);
        g.select(vanishes, nothing, result)
    }

    pub fn softmax(&self, g: &mut Graph, x: NodeId) -> NodeId {
        if self.count() == 0 {
            return x;
        }
        let [_, exp, sum, _] = self.exponentials(g, x);
        let sum = self.spread(g, sum);
        g.binary(Binary::Div, exp, sum)
    }

    pub fn log_softmax(&self, g: &mut Graph, x: NodeId) -> NodeId {
        if self.count() == 0 {
            return x;
        }
        let [shifted, _, sum, _] = self.exponentials(g, x);
        let log = g.unary(Unary::Log, sum);
        let log = self.spread(g, log);
        g.binary(Binary::Sub, shifted, log)
    }
}

/// 2^⌊log₂ x⌋ for x ≥ 0, held within 2⁻⁹⁶⁰ and 2¹⁰⁰⁰; its derivative is 0.
fn power_of_two_below(g: &mut Graph, x: NodeId) -> NodeId {
    let log = g.unary(Unary::Log2, x);
    let exponent = g.unary(Unary::Floor, log);
    let (low, high) = (g.splat_like(-960.0, x), g.splat_like(1000.0, x));
    let exponent = g.binary(Binary::Max, exponent, low);
    let exponent = g.binary(Binary::Min, exponent, high);
    g.unary(Unary::Exp2, exponent)
}
