//! Random programs: a list of numbers read as a program, so that a shorter list is a smaller program and a property
//! test can shrink its counterexample.

use std::sync::Arc;

use graph_core::op::{Axes, Binary, Compare, DotSpec, Nth, Op, PadSpec, Reduce, Unary};
use graph_core::{DType, Function, Graph, NodeId, Shape, Type};

/// Number of elements of the parameters of every program: `x: f64[3]`, `y: f64[2,3]`, `s: f64`, `r: {a: f64, b: f64[2]}`.
pub const INPUTS: usize = 3 + 6 + 1 + 3;

/// The program that the numbers spell: each adds a node, chosen from ops that are smooth and bounded where the program
/// is (so that long programs have finite values), on operands that fit. The result is the sum of everything unused.
pub fn program(choices: &[u32]) -> Arc<Function> {
    let mut g = Graph::new();
    let record = Type::record([("a", Type::f64()), ("b", Type::tensor(DType::F64, &[2]))]);
    let params = [
        ("x", Type::tensor(DType::F64, &[3])),
        ("y", Type::tensor(DType::F64, &[2, 3])),
        ("s", Type::f64()),
        ("r", record),
    ];
    let [x, y, s, r] = params.map(|(name, ty)| g.param(name, ty).expect("distinct names"));
    let (a, b) = (g.node(Op::Get(0), &[r]), g.node(Op::Get(1), &[r]));
    let mut tensors = vec![x, y, s, a, b];
    for &choice in choices {
        let mut dice = Dice(choice);
        let operand = tensors[dice.roll(tensors.len())];
        let node = step(&mut g, &tensors, operand, &mut dice);
        tensors.push(node);
    }
    let used = graph_core::walk::use_counts(&g);
    let mut total = g.scalar(0.0);
    for &node in tensors.iter().filter(|&&node| used[node] == 0) {
        let axes = (0..g.shape(node).rank()).collect();
        let sum = g.reduce(Reduce::Sum, node, &axes);
        total = g.add(total, sum);
    }
    Arc::new(Function::new("random", &g, &[total]).expect("a small function"))
}

/// A point for every program: different numbers, none of them special.
pub fn point() -> Vec<f64> {
    (0..INPUTS).map(|i| 1.5 * (i as f64 * 0.618_033_988_7 + 0.21).fract() - 0.6).collect()
}

/// Draws from one number by repeated division.
struct Dice(u32);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        let sides = sides.max(1) as u32;
        let face = self.0 % sides;
        self.0 /= sides;
        face as usize
    }
}

/// Bounded functions of one argument, smooth or with a kink that a random point does not meet.
const BOUNDED: [Unary; 8] =
    [Unary::Sin, Unary::Cos, Unary::Tanh, Unary::Sigmoid, Unary::Relu, Unary::Softplus, Unary::Atan, Unary::Abs];

/// One more node.
fn step(g: &mut Graph, tensors: &[NodeId], x: NodeId, dice: &mut Dice) -> NodeId {
    let partner = partner(g, tensors, x, dice);
    match dice.roll(16) {
        0..=3 => g.unary(BOUNDED[dice.roll(BOUNDED.len())], x),
        4 => g.add(x, partner),
        5 => g.binary(Binary::Sub, x, partner),
        6 => {
            let (small, other) = (g.unary(Unary::Tanh, x), g.unary(Unary::Sin, partner));
            g.mul(small, other)
        }
        7 => {
            let positive = g.unary(Unary::Softplus, partner);
            g.binary(Binary::Div, x, positive)
        }
        8 => {
            let bounded = g.unary(Unary::Tanh, x);
            g.nth(Nth::Powi, dice.roll(4) as i32, bounded)
        }
        9 => {
            let condition = g.compare(Compare::ALL[dice.roll(6)], x, partner);
            g.select(condition, x, partner)
        }
        10 => summed(g, x, dice),
        11 => turned(g, x),
        12 => padded(g, x),
        13 => contracted(g, x, partner),
        14 => repeated(g, x),
        _ => halved(g, x, dice),
    }
}

/// Another tensor of the same shape, or a constant.
fn partner(g: &mut Graph, tensors: &[NodeId], x: NodeId, dice: &mut Dice) -> NodeId {
    let alike: Vec<NodeId> = tensors.iter().copied().filter(|&t| g.type_id(t) == g.type_id(x)).collect();
    match dice.roll(alike.len() + 1) {
        0 => g.splat_like(0.75, x),
        i => alike[i - 1],
    }
}

fn summed(g: &mut Graph, x: NodeId, dice: &mut Dice) -> NodeId {
    let rank = g.shape(x).rank();
    if rank == 0 {
        return g.unary(Unary::Sin, x);
    }
    let axis = dice.roll(rank);
    let op = [Reduce::Sum, Reduce::Prod, Reduce::Max][dice.roll(3)];
    let bounded = g.unary(Unary::Sin, x);
    g.reduce(op, bounded, &Axes::new(&[axis]))
}

fn turned(g: &mut Graph, x: NodeId) -> NodeId {
    let rank = g.shape(x).rank();
    let turned = g.permute(x, &(0..rank).rev().collect());
    g.reverse(turned, &(0..rank.min(1)).collect())
}

fn padded(g: &mut Graph, x: NodeId) -> NodeId {
    let each = |n: usize, rank: usize| -> Shape { (0..rank).map(|_| n).collect() };
    let rank = g.shape(x).rank();
    if g.shape(x).elements() > 64 {
        return g.neg(x);
    }
    let fill = g.scalar(0.5);
    g.pad(x, fill, PadSpec { low: each(1, rank), high: each(0, rank), interior: each(0, rank) })
}

fn contracted(g: &mut Graph, x: NodeId, partner: NodeId) -> NodeId {
    let rank = g.shape(x).rank();
    if rank == 0 {
        return g.mul(x, x);
    }
    let (small, other) = (g.unary(Unary::Tanh, x), g.unary(Unary::Tanh, partner));
    let all: Vec<usize> = (0..rank).collect();
    g.dot(small, other, DotSpec::contract(&all, &all))
}

fn repeated(g: &mut Graph, x: NodeId) -> NodeId {
    let shape = g.shape(x).clone();
    if shape.elements() > 32 || shape.rank() > 3 {
        return g.unary(Unary::Cos, x);
    }
    let larger = std::iter::once(2).chain(shape.iter().copied()).collect();
    g.broadcast(x, &larger, &(1..=shape.rank()).collect())
}

fn halved(g: &mut Graph, x: NodeId, dice: &mut Dice) -> NodeId {
    let shape = g.shape(x).clone();
    let start = shape.iter().map(|&n| usize::from(n > 1 && dice.roll(2) == 1)).collect();
    let stride = shape.iter().map(|_| 1).collect();
    let part = g.slice(x, &start, &shape, &stride);
    g.concat(&[part, part][..1 + usize::from(shape.rank() > 0)], 0)
}
