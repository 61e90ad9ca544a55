//! Derivatives under way: a value, and where it counts.
//!
//! A branch that is not taken must contribute exactly 0, whatever happens to its product with later partials: inf·0 is
//! NaN. So a mask is not multiplied in. It travels beside the value as a guard and is applied once, after the last
//! local product, by [`Masked::settle`]. That is one mechanism for `select`, for every partial of the form
//! `select(c, u, 0)` (relu, max, hypot at 0 …), and for elements that a slice drops or a pad adds.

use graph_core::op::{Axes, Binary, Logic, Op, Reduce, Unary};
use graph_core::{Graph, Literal, NodeId, Scalar, TensorType};

/// A cotangent or tangent of one tensor.
#[derive(Clone, Copy, Debug)]
pub struct Masked {
    /// The derivative wherever the guard holds; elsewhere anything, NaN included.
    pub value: NodeId,
    /// Where it holds; elsewhere the derivative is 0. `None`: everywhere.
    pub guard: Option<Guard>,
}

/// Where a derivative counts.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    /// `bool`, of the value's shape.
    pub mask: NodeId,
    /// The value is 0 already where the mask is false, so that settling costs nothing.
    pub clean: bool,
}

/// Masks that are constants of up to this many elements are combined when built, to keep them out of sight.
const FOLDED: usize = 1024;

impl From<NodeId> for Masked {
    fn from(value: NodeId) -> Masked {
        Masked { value, guard: None }
    }
}

impl Masked {
    /// The plain derivative: zero where it does not count.
    pub fn settle(self, g: &mut Graph) -> NodeId {
        match self.guard {
            Some(Guard { mask, clean: false }) => {
                let zero = g.splat_like(0.0, self.value);
                g.select(mask, self.value, zero)
            }
            Some(Guard { clean: true, .. }) | None => self.value,
        }
    }

    /// Counts only where `mask` holds, too.
    pub fn only(self, g: &mut Graph, mask: NodeId) -> Masked {
        let mask = match self.guard {
            Some(guard) => g.and(guard.mask, mask),
            None => mask,
        };
        Masked { value: self.value, guard: Some(Guard { mask, clean: false }) }
    }

    /// Its product with a partial derivative. A factor `select(c, u, 0)` moves c into the guard; a factor that is the
    /// constant 0 leaves nothing.
    pub fn times(mut self, g: &mut Graph, mut partial: NodeId) -> Option<Masked> {
        while let Some((holds, condition, inner)) = split_mask(g, partial) {
            let mask = if holds { condition } else { g.not(condition) };
            self = self.only(g, mask);
            partial = inner;
        }
        match g.known(partial) {
            Some(0.0) => None,
            Some(factor) => Some(self.scaled(g, factor, partial)),
            None => Some(self.through(g, Binary::Mul, 0, partial)),
        }
    }

    /// Takes the place of one operand of an op that is linear in it; `other` is the other operand.
    pub fn through(self, g: &mut Graph, op: Binary, operand: usize, other: NodeId) -> Masked {
        if let (Binary::Mul, Some(factor)) = (op, g.known(other).filter(|&factor| factor != 0.0)) {
            return self.scaled(g, factor, other);
        }
        let value = match (op, g.known(self.value)) {
            (Binary::Mul, Some(1.0)) => other,
            (Binary::Mul, Some(-1.0)) => g.neg(other),
            (Binary::Div, Some(1.0)) => g.unary(Unary::Recip, other),
            (Binary::Mul, _) => g.mul(self.value, other),
            _ => g.node(Op::Binary(op), &if operand == 0 { [self.value, other] } else { [other, self.value] }),
        };
        Masked { value, guard: self.guard.map(|guard| Guard { clean: false, ..guard }) }
    }

    /// Its product with a constant.
    fn scaled(mut self, g: &mut Graph, factor: f64, constant: NodeId) -> Masked {
        self.value = match (g.known(self.value), factor) {
            (Some(value), _) => g.splat_like(value * factor, self.value),
            (_, 1.0) => self.value,
            (_, -1.0) => g.neg(self.value),
            _ => g.mul(self.value, constant),
        };
        if let Some(guard) = &mut self.guard {
            guard.clean &= factor.is_finite();
        }
        self
    }

    /// The sum of two contributions.
    pub fn plus(self, g: &mut Graph, other: Masked) -> Masked {
        if let (Some(a), Some(b)) = (self.guard, other.guard)
            && a.mask == b.mask
        {
            let value = g.add(self.value, other.value);
            return Masked { value, guard: Some(Guard { mask: a.mask, clean: a.clean && b.clean }) };
        }
        if let (Some(a), Some(b)) = (self.guard, other.guard)
            && are_opposite(g, a.mask, b.mask)
        {
            return g.select(a.mask, self.value, other.value).into();
        }
        let guard = match (self.guard, other.guard) {
            (Some(a), Some(b)) => union(g, a.mask, b.mask).map(|mask| Guard { mask, clean: true }),
            (None, _) | (_, None) => None,
        };
        let (x, y) = (self.settle(g), other.settle(g));
        Masked { value: g.add(x, y), guard }
    }

    /// Applies an op that moves elements without changing them, to value and mask alike. `with` must fill with zeros
    /// (`false`) what it adds.
    pub fn moved(self, g: &mut Graph, mut with: impl FnMut(&mut Graph, NodeId) -> NodeId) -> Masked {
        let value = with(g, self.value);
        let guard = self.guard.map(|guard| Guard { mask: with(g, guard.mask), clean: guard.clean });
        Masked { value, guard }
    }

    /// Values one after the other along an axis.
    pub fn concatenated(g: &mut Graph, parts: &[Masked], axis: usize) -> Masked {
        let values: Vec<NodeId> = parts.iter().map(|d| d.value).collect();
        let value = if let [one] = values[..] { one } else { g.concat(&values, axis) };
        let guard = parts.iter().any(|d| d.guard.is_some()).then(|| {
            let masks: Vec<NodeId> = parts.iter().map(|d| d.mask(g)).collect();
            let clean = parts.iter().all(|d| d.guard.is_none_or(|guard| guard.clean));
            Guard { mask: if let [one] = masks[..] { one } else { g.concat(&masks, axis) }, clean }
        });
        Masked { value, guard }
    }

    /// Zeros that do not count, of this type.
    pub fn absent(g: &mut Graph, ty: &TensorType) -> Masked {
        let mask = g.literal_node(Literal::splat(Scalar::Bool(false), ty.shape.clone()));
        Masked { value: g.splat(0.0, ty), guard: Some(Guard { mask, clean: true }) }
    }

    /// Its sum along axes: zero where nothing that was summed counts.
    pub fn summed(self, g: &mut Graph, axes: &Axes) -> Masked {
        let settled = self.settle(g);
        let value = g.reduce(Reduce::Sum, settled, axes);
        let guard = self.guard.map(|guard| Guard { mask: g.reduce(Reduce::Any, guard.mask, axes), clean: true });
        Masked { value, guard }
    }

    /// Where it counts, as a node.
    pub fn mask(self, g: &mut Graph) -> NodeId {
        match self.guard {
            Some(guard) => guard.mask,
            None => truth(g, true, self.value),
        }
    }
}

/// The constant mask with the shape of `like`.
pub fn truth(g: &mut Graph, value: bool, like: NodeId) -> NodeId {
    let shape = g.shape(like).clone();
    g.literal_node(Literal::splat(Scalar::Bool(value), shape))
}

/// A scalar zero (or `false`) of the dtype of `like`: what pads fill with.
pub fn fill(g: &mut Graph, like: NodeId) -> NodeId {
    let dtype = g.ty(like).as_tensor().expect("derivatives are tensors").dtype;
    g.literal_node(Literal::splat(Scalar::F64(0.0).cast(dtype), graph_core::Shape::scalar()))
}

/// For `select(c, u, 0)`: (true, c, u); for `select(c, 0, u)`: (false, c, u).
fn split_mask(g: &Graph, partial: NodeId) -> Option<(bool, NodeId, NodeId)> {
    match (g.op(partial), g.operands(partial)) {
        (Op::Select, &[c, u, zero]) if g.known(zero) == Some(0.0) => Some((true, c, u)),
        (Op::Select, &[c, zero, u]) if g.known(zero) == Some(0.0) => Some((false, c, u)),
        _ => None,
    }
}

/// Whether one mask is the negation of the other.
fn are_opposite(g: &Graph, a: NodeId, b: NodeId) -> bool {
    let negates = |a: NodeId, b: NodeId| g.op(a) == Op::Logic(Logic::Not) && g.operands(a)[0] == b;
    negates(a, b) || negates(b, a)
}

/// Where either mask holds; `None` where that is known to be everywhere.
fn union(g: &mut Graph, a: NodeId, b: NodeId) -> Option<NodeId> {
    let union = match (g.literal(a), g.literal(b)) {
        (Some(x), Some(y)) if x.ty.shape.elements() <= FOLDED => {
            let elements = (0..x.ty.shape.elements()).map(|i| x.get(i).as_bool() || y.get(i).as_bool());
            let literal = Literal::dense(graph_core::Buffer::Bool(elements.collect()), x.ty.shape.clone());
            g.literal_node(literal.expect("as many elements as the shape has"))
        }
        _ => g.or(a, b),
    };
    (g.known(union) != Some(1.0)).then_some(union)
}
