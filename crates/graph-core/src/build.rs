//! Builders for code that knows its operands fit: rules, rewrites, tests. Each returns the node and panics, naming the
//! mistake, where [`Graph::make`] would return it. Trivial requests (a reshape to the same shape, a sum over no axes,
//! not of not) return the operand itself; a constant with equal elements is repeated or reshaped by making the larger constant.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::algebra::Algebra;
use crate::arena::NodeId;
use crate::graph::Graph;
use crate::literal::{Literal, Scalar};
use crate::op::{
    Axes, Binary, BroadcastSpec, Compare, DotSpec, IotaSpec, Logic, Nth, Op, PadSpec, Reduce, SliceSpec, Unary,
};
use crate::ty::{DType, Shape, TensorType};

mod cumulate;
mod index;
mod linalg;
mod order;
mod window;

impl Graph {
    /// [`Graph::make`] for operands that are known to fit.
    #[track_caller]
    pub fn node(&mut self, op: Op, operands: &[NodeId]) -> NodeId {
        match self.make(op, operands) {
            Ok(id) => id,
            Err(e) => panic!("a node that should fit: {e}"),
        }
    }

    /// Every element is `value`, converted to the dtype.
    pub fn splat(&mut self, value: f64, ty: &TensorType) -> NodeId {
        let scalar = Scalar::F64(value).cast(ty.dtype);
        let literal = self.intern_literal(Literal::splat(scalar, ty.shape.clone()));
        self.node(Op::Const(literal), &[])
    }

    /// Every element is `value`, of the type of `like` (a tensor).
    pub fn splat_like(&mut self, value: f64, like: NodeId) -> NodeId {
        let ty = self.ty(like).as_tensor().expect("a tensor node").clone();
        self.splat(value, &ty)
    }

    /// A scalar constant.
    pub fn scalar(&mut self, value: f64) -> NodeId {
        self.splat(value, &TensorType { dtype: DType::F64, shape: Shape::scalar() })
    }

    /// A constant tensor.
    pub fn literal_node(&mut self, literal: Literal) -> NodeId {
        let id = self.intern_literal(literal);
        self.node(Op::Const(id), &[])
    }

    /// The common element of a constant node, as a real number.
    pub fn known(&self, id: NodeId) -> Option<f64> {
        self.literal(id).and_then(Literal::as_splat).map(Scalar::as_f64)
    }

    /// A function of one argument.
    pub fn unary(&mut self, op: Unary, x: NodeId) -> NodeId {
        self.node(Op::Unary(op), &[x])
    }

    /// Member n of a family of functions.
    pub fn nth(&mut self, op: Nth, n: i32, x: NodeId) -> NodeId {
        self.node(Op::Nth(op, n), &[x])
    }

    /// A function of two arguments.
    pub fn binary(&mut self, op: Binary, x: NodeId, y: NodeId) -> NodeId {
        self.node(Op::Binary(op), &[x, y])
    }

    /// x + y
    pub fn add(&mut self, x: NodeId, y: NodeId) -> NodeId {
        self.binary(Binary::Add, x, y)
    }

    /// x·y
    pub fn mul(&mut self, x: NodeId, y: NodeId) -> NodeId {
        self.binary(Binary::Mul, x, y)
    }

    /// −x
    pub fn neg(&mut self, x: NodeId) -> NodeId {
        self.unary(Unary::Neg, x)
    }

    /// A comparison.
    pub fn compare(&mut self, op: Compare, x: NodeId, y: NodeId) -> NodeId {
        self.node(Op::Compare(op), &[x, y])
    }

    /// not c
    pub fn not(&mut self, c: NodeId) -> NodeId {
        match (self.op(c), self.operands(c)) {
            (Op::Logic(Logic::Not), &[inner]) => inner,
            _ => self.node(Op::Logic(Logic::Not), &[c]),
        }
    }

    /// a and b
    pub fn and(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if a == b { a } else { self.node(Op::Logic(Logic::And), &[a, b]) }
    }

    /// a or b
    pub fn or(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if a == b { a } else { self.node(Op::Logic(Logic::Or), &[a, b]) }
    }

    /// a where c, else b
    pub fn select(&mut self, c: NodeId, a: NodeId, b: NodeId) -> NodeId {
        if a == b { a } else { self.node(Op::Select, &[c, a, b]) }
    }

    /// Another dtype.
    pub fn cast(&mut self, dtype: DType, x: NodeId) -> NodeId {
        match self.ty(x).as_tensor().is_some_and(|t| t.dtype == dtype) {
            true => x,
            false => self.node(Op::Cast(dtype), &[x]),
        }
    }

    /// Numbers along an axis.
    pub fn iota(&mut self, dtype: DType, shape: &Shape, axis: usize) -> NodeId {
        let spec = self.intern_iota(IotaSpec { dtype, shape: shape.clone(), axis });
        self.node(Op::Iota(spec), &[])
    }

    /// Repeats along the axes of `shape` that are not among `axes`.
    pub fn broadcast(&mut self, x: NodeId, shape: &Shape, axes: &Axes) -> NodeId {
        if self.shape(x) == shape {
            return x;
        }
        if let Some(constant) = self.resized(x, shape) {
            return constant;
        }
        let spec = self.intern_broadcast(BroadcastSpec { shape: shape.clone(), axes: axes.clone() });
        self.node(Op::Broadcast(spec), &[x])
    }

    /// A constant with equal elements, in another shape.
    fn resized(&mut self, x: NodeId, shape: &Shape) -> Option<NodeId> {
        let value = self.literal(x)?.as_splat()?;
        Some(self.literal_node(Literal::splat(value, shape.clone())))
    }

    /// Another shape of as many elements.
    pub fn reshape(&mut self, x: NodeId, shape: &Shape) -> NodeId {
        if self.shape(x) == shape {
            return x;
        }
        if let Some(constant) = self.resized(x, shape) {
            return constant;
        }
        let shape = self.intern_axes(shape.clone());
        self.node(Op::Reshape(shape), &[x])
    }

    /// Axes in another order.
    pub fn permute(&mut self, x: NodeId, axes: &Axes) -> NodeId {
        if axes.iter().enumerate().all(|(i, &axis)| i == axis) {
            return x;
        }
        let axes = self.intern_axes(axes.clone());
        self.node(Op::Permute(axes), &[x])
    }

    /// A strided window.
    pub fn slice(&mut self, x: NodeId, start: &Shape, limit: &Shape, stride: &Shape) -> NodeId {
        let whole = limit == self.shape(x) && start.iter().all(|&s| s == 0) && stride.iter().all(|&s| s == 1);
        if whole {
            return x;
        }
        let spec = SliceSpec { start: start.clone(), limit: limit.clone(), stride: stride.clone() };
        let spec = self.intern_slice(spec);
        self.node(Op::Slice(spec), &[x])
    }

    /// Fill around and between elements.
    pub fn pad(&mut self, x: NodeId, fill: NodeId, spec: PadSpec) -> NodeId {
        if [&spec.low, &spec.high, &spec.interior].iter().all(|list| list.iter().all(|&n| n == 0)) {
            return x;
        }
        let spec = self.intern_pad(spec);
        self.node(Op::Pad(spec), &[x, fill])
    }

    /// Opposite order along axes.
    pub fn reverse(&mut self, x: NodeId, axes: &Axes) -> NodeId {
        if axes.rank() == 0 {
            return x;
        }
        let axes = self.intern_axes(axes.clone());
        self.node(Op::Reverse(axes), &[x])
    }

    /// One operand after the other.
    pub fn concat(&mut self, operands: &[NodeId], axis: usize) -> NodeId {
        match operands {
            [only] => *only,
            _ => self.node(Op::Concat(axis as u32), operands),
        }
    }

    /// Combines along axes.
    pub fn reduce(&mut self, op: Reduce, x: NodeId, axes: &Axes) -> NodeId {
        if axes.rank() == 0 {
            return x;
        }
        let axes = self.intern_axes(axes.clone());
        self.node(Op::Reduce(op, axes), &[x])
    }

    /// A contraction.
    pub fn dot(&mut self, x: NodeId, y: NodeId, spec: DotSpec) -> NodeId {
        let spec = self.intern_dot(spec);
        self.node(Op::Dot(spec), &[x, y])
    }

    /// Part of a structure; of one that is built by a node, the operand itself.
    pub fn get(&mut self, x: NodeId, index: usize) -> NodeId {
        match self.op(x) {
            Op::Tuple | Op::Record(_) => self.operands(x)[index],
            _ => self.node(Op::Get(index as u32), &[x]),
        }
    }
}

/// A graph under construction as an [`Algebra`]: formulas over its [`Term`]s build nodes.
pub struct Terms<'g>(RefCell<&'g mut Graph>);

impl<'g> Terms<'g> {
    /// Formulas from here on extend `g`.
    pub fn new(g: &'g mut Graph) -> Terms<'g> {
        Terms(RefCell::new(g))
    }

    /// A node as an operand of formulas.
    pub fn term(&self, id: NodeId) -> Term<'_, 'g> {
        Term { terms: self, id }
    }
}

/// A node of a graph under construction, with operators.
#[derive(Clone, Copy)]
pub struct Term<'t, 'g> {
    terms: &'t Terms<'g>,
    /// The node.
    pub id: NodeId,
}

impl Term<'_, '_> {
    fn build(self, make: impl FnOnce(&mut Graph) -> NodeId) -> Self {
        Term { terms: self.terms, id: make(&mut self.terms.0.borrow_mut()) }
    }
}

impl Algebra for Term<'_, '_> {
    fn constant(self, value: f64) -> Self {
        self.build(|g| g.splat_like(value, self.id))
    }
    fn unary(self, op: Unary) -> Self {
        self.build(|g| g.unary(op, self.id))
    }
    fn nth(self, op: Nth, n: i32) -> Self {
        self.build(|g| g.nth(op, n, self.id))
    }
    fn binary(self, op: Binary, y: Self) -> Self {
        self.build(|g| g.binary(op, self.id, y.id))
    }
    fn choose(cmp: Compare, x: Self, y: Self, yes: Self, no: Self) -> Self {
        x.build(|g| {
            let c = g.compare(cmp, x.id, y.id);
            g.select(c, yes.id, no.id)
        })
    }
    fn known(self) -> Option<f64> {
        self.terms.0.borrow().known(self.id)
    }
}

impl Neg for Term<'_, '_> {
    type Output = Self;
    fn neg(self) -> Self {
        self.unary(Unary::Neg)
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $op:ident;)*) => { $(
        impl $trait for Term<'_, '_> {
            type Output = Self;
            fn $method(self, y: Self) -> Self { self.binary(Binary::$op, y) }
        }
        impl $trait<f64> for Term<'_, '_> {
            type Output = Self;
            fn $method(self, y: f64) -> Self { self.binary(Binary::$op, self.constant(y)) }
        }
    )* };
}

operators! {
    Add add Add;
    Sub sub Sub;
    Mul mul Mul;
    Div div Div;
}
