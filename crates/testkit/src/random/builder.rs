//! A program under construction: what there is to compute with, and the ways to make an operand that fits.
//!
//! Invariant: every real tensor in the pool lies in its span (as far as it is known), so that the operands of each op can
//! be kept where the op is smooth and moderate.

use std::sync::Arc;

use graph_core::op::{Axes, Binary, Integer, Op, PadSpec, Unary};
use graph_core::{Buffer, DType, Function, Graph, Literal, NodeId, Shape, Type};

use super::domain::{self, Span};
use super::gene::{Dice, World};

/// No tensor that is made has more elements, but for the padding of one step.
pub const MOST: usize = 48;

/// A program, step by step.
#[derive(Debug)]
pub struct Builder {
    /// Its graph.
    pub g: Graph,
    /// Which ops there are.
    pub world: World,
    /// How deep inside callees this is.
    pub depth: usize,
    /// Real tensors, in the order in which they were made.
    pub reals: Vec<(NodeId, Span)>,
    /// Integers.
    pub integers: Vec<NodeId>,
    /// Truth values.
    pub truths: Vec<NodeId>,
    /// In single precision.
    pub singles: Vec<NodeId>,
    /// Tuples and records.
    pub structures: Vec<NodeId>,
    /// Functions to call again.
    pub callees: Vec<Arc<Function>>,
}

impl Builder {
    /// Nothing yet.
    pub fn new(world: World, depth: usize) -> Builder {
        let (reals, integers, truths) = (Vec::new(), Vec::new(), Vec::new());
        let (singles, structures, callees) = (Vec::new(), Vec::new(), Vec::new());
        Builder { g: Graph::new(), world, depth, reals, integers, truths, singles, structures, callees }
    }

    /// Adds a node to what there is, by its type; structures with their parts.
    pub fn push(&mut self, node: NodeId, span: Span) {
        match self.g.ty(node).clone() {
            Type::Tensor(t) => match t.dtype {
                DType::F64 => self.reals.push((node, span)),
                DType::F32 => self.singles.push(node),
                DType::I64 => self.integers.push(node),
                DType::Bool => self.truths.push(node),
            },
            ty @ (Type::Tuple(_) | Type::Record(_)) => {
                self.structures.push(node);
                for index in 0..ty.parts() {
                    let part = self.g.node(Op::Get(index as u32), &[node]);
                    self.push(part, span);
                }
            }
        }
    }

    /// One of the real tensors: any, or a recent one.
    pub fn any(&mut self, dice: &mut Dice<'_>) -> (NodeId, Span) {
        let all = self.reals.len();
        let window = if dice.roll(4) == 3 { all.min(4) } else { all };
        self.reals[all - 1 - dice.roll(window)]
    }

    /// One of the real tensors of at least this rank.
    pub fn ranked(&mut self, rank: usize, dice: &mut Dice<'_>) -> (NodeId, Span) {
        let (x, span) = self.any(dice);
        if self.g.shape(x).rank() >= rank {
            return (x, span);
        }
        let fits = |(x, _): &&(NodeId, Span)| self.g.shape(*x).rank() >= rank;
        let found: Vec<(NodeId, Span)> = self.reals.iter().filter(fits).copied().collect();
        if !found.is_empty() {
            return found[found.len() - 1 - dice.roll(found.len())];
        }
        let shape = Shape::new(&[2, 3, 2][..rank]);
        (self.fitted(x, &shape), span.join(Span::new(0.5, 0.5)))
    }

    /// Another real tensor of the same shape.
    pub fn partner(&mut self, x: NodeId, dice: &mut Dice<'_>) -> (NodeId, Span) {
        let ty = self.g.type_id(x);
        let alike: Vec<_> = self.reals.iter().filter(|(y, _)| self.g.type_id(*y) == ty).copied().collect();
        match dice.roll(alike.len() + 1) {
            0 => (self.g.splat_like(0.75, x), Span::new(0.75, 0.75)),
            i => alike[alike.len() - i],
        }
    }

    /// A function of x with values in a span: x itself if that is so.
    pub fn inside(&mut self, (x, span): (NodeId, Span), wanted: Span, dice: &mut Dice<'_>) -> (NodeId, Span) {
        if span.within(wanted) {
            return (x, span);
        }
        let center = 0.5 * (wanted.low + wanted.high);
        let half = (0.5 * (wanted.high - wanted.low)).min(2.5);
        let bounded = span.size() <= 50.0;
        let unit = match dice.roll(5) {
            0 if bounded => self.scaled(x, 1.0 / span.size().max(0.1)),
            1 if bounded => self.g.unary(Unary::Sin, x),
            2 if bounded => self.g.unary(Unary::Cos, x),
            3 => self.g.unary(Unary::Softsign, x),
            4 => self.g.unary(Unary::Erf, x),
            _ => self.g.unary(Unary::Tanh, x),
        };
        let unit = self.scaled(unit, half);
        let shift = self.g.splat_like(center, x);
        let y = if center == 0.0 { unit } else { self.g.add(unit, shift) };
        (y, Span::new(center - half, center + half))
    }

    /// c·x
    pub fn scaled(&mut self, x: NodeId, c: f64) -> NodeId {
        let c = self.g.splat_like(c, x);
        self.g.mul(c, x)
    }

    /// The first elements of x in another shape, with halves behind if they do not suffice.
    pub fn fitted(&mut self, x: NodeId, shape: &Shape) -> NodeId {
        let (had, wanted) = (self.g.shape(x).elements(), shape.elements());
        let flat = self.g.reshape(x, &Shape::new(&[had]));
        let (zero, one) = (Shape::new(&[0]), Shape::new(&[1]));
        let fitted = if had < wanted {
            let half = self.g.splat(0.5, &graph_core::TensorType { dtype: self.dtype(x), shape: Shape::scalar() });
            self.g.pad(flat, half, PadSpec { low: zero.clone(), high: Shape::new(&[wanted - had]), interior: zero })
        } else {
            self.g.slice(flat, &zero, &Shape::new(&[wanted]), &one)
        };
        self.g.reshape(fitted, shape)
    }

    fn dtype(&self, x: NodeId) -> DType {
        self.g.ty(x).as_tensor().expect("the pools of tensors hold tensors").dtype
    }

    /// A scalar: one of those there are, or the first element of a tensor.
    pub fn scalar(&mut self, dice: &mut Dice<'_>) -> (NodeId, Span) {
        let (x, span) = self.any(dice);
        (self.fitted(x, &Shape::scalar()), span.join(Span::new(0.5, 0.5)))
    }

    /// Integers of small magnitude, steps of x.
    pub fn steps(&mut self, (x, span): (NodeId, Span), dice: &mut Dice<'_>) -> NodeId {
        let (x, _) = self.inside((x, span), Span::new(-3.0, 3.0), dice);
        let stretched = self.scaled(x, 1.7);
        self.g.cast(DType::I64, stretched)
    }

    /// Integers of the shape of x: some there are, or steps of x.
    pub fn integers_like(&mut self, x: (NodeId, Span), dice: &mut Dice<'_>) -> NodeId {
        let shape = self.g.shape(x.0).clone();
        let alike: Vec<NodeId> = self.integers.iter().copied().filter(|&n| *self.g.shape(n) == shape).collect();
        match dice.roll(alike.len() + 1) {
            0 => self.steps(x, dice),
            i => alike[alike.len() - i],
        }
    }

    /// Truth values of the shape of x: some there are, or a comparison with x.
    pub fn truths_like(&mut self, x: (NodeId, Span), dice: &mut Dice<'_>) -> NodeId {
        let shape = self.g.shape(x.0).clone();
        let alike: Vec<NodeId> = self.truths.iter().copied().filter(|&c| *self.g.shape(c) == shape).collect();
        match dice.roll(alike.len() + 1) {
            0 => {
                let limit = self.g.splat_like(0.1, x.0);
                self.g.compare(dice.pick(graph_core::op::Compare::ALL), x.0, limit)
            }
            i => alike[alike.len() - i],
        }
    }

    /// The lowest three bits of integers, as real numbers.
    pub fn low_bits(&mut self, n: NodeId) -> (NodeId, Span) {
        let seven = self.g.splat_like(7.0, n);
        let low = self.g.node(Op::Integer(Integer::BitAnd), &[n, seven]);
        (self.g.cast(DType::F64, low), Span::new(0.0, 7.0))
    }

    /// Different numbers of the shape of `like`, from −1 to 1.
    pub fn numbers(&mut self, like: NodeId, offset: usize) -> NodeId {
        let shape = self.g.shape(like).clone();
        let number = |i: usize| 2.0 * ((i + offset + 1) as f64 * 0.618_034).fract() - 1.0;
        let elements = (0..shape.elements()).map(number).collect();
        let literal = Literal::dense(Buffer::F64(elements), shape);
        self.g.literal_node(literal.expect("as many elements as the shape has"))
    }

    /// Σ w·x over all elements, x kept small.
    pub fn weighed(&mut self, x: (NodeId, Span), offset: usize) -> NodeId {
        let (x, _) = self.inside(x, domain::WIDEST, &mut Dice::new(&[0; 16]));
        let weights = self.numbers(x, offset);
        let product = self.g.binary(Binary::Mul, x, weights);
        let axes: Axes = (0..self.g.shape(x).rank()).collect();
        self.g.reduce(graph_core::op::Reduce::Sum, product, &axes)
    }
}
