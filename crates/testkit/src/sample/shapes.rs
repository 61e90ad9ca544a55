//! Each op on tensors of every rank from 0 to 4, with extents of 1 and of 0, along every axis, with every attribute.
//!
//! A sample here is y = Σ w·(z + z²/4) + Σ sin u, with z = op(t) and t as many of the elements of u as the shape has: the
//! second sum keeps derivatives of every order alive where the op has nothing to say, as on an empty tensor.

use graph_core::op::{
    Axes, Binary, BroadcastSpec, Compare, Cumulate, CumulateSpec, DotSpec, IotaSpec, Nth, Op, PadSpec, Reduce,
    SliceSpec, Unary,
};
use graph_core::{Buffer, DType, Graph, Literal, NodeId, Opcode, Shape, Type};

use super::{
    SIX, Sample, applied, cast, connected, curved, exponent, inside, masked, outside, pairs, sample, select, stepped,
    tested,
};

/// Of at most six elements.
const SHAPES: [&[usize]; 7] = [&[], &[6], &[2, 3], &[1, 6], &[3, 1, 2, 1], &[0], &[2, 0, 3]];

/// Samples of the op beyond the first ones of [`super::samples`].
pub fn variants(op: Opcode) -> Vec<Sample> {
    match op {
        Opcode::Unary(unary) => elementwise1(unary),
        Opcode::Nth(nth) => elementwise_nth(nth),
        Opcode::Binary(binary) => elementwise2(binary),
        Opcode::Compare(compare) => on_shapes(op, |g, x| masked(g, x, compare)),
        Opcode::Logic(logic) => on_shapes(op, |g, x| connected(g, x, logic)),
        Opcode::Integer(integer) => on_shapes(op, |g, x| stepped(g, x, integer)),
        Opcode::Test(test) => on_shapes(op, |g, x| tested(g, x, test)),
        Opcode::Bitcast => on_shapes(op, exponent),
        Opcode::Select => on_shapes(op, select),
        Opcode::Cast => on_shapes(op, cast),
        Opcode::Iota => along_axes(op, iota),
        Opcode::Broadcast => broadcasts(),
        Opcode::Reshape => on_shapes(op, reshape),
        Opcode::Permute => along_axes(op, rotate),
        Opcode::Slice => along_axes(op, slice),
        Opcode::Pad => along_axes(op, pad),
        Opcode::Concat => along_axes(op, concat),
        Opcode::Reverse => along_axes(op, |g, x, axis| g.reverse(x, &Axes::new(&[axis]))),
        Opcode::Reduce(reduce) => reductions(op, reduce),
        Opcode::Cumulate(cumulate) => cumulations(op, cumulate),
        Opcode::Sort => along_axes(op, sort),
        Opcode::Dot => contractions(),
        // Nothing here depends on a shape.
        Opcode::Param | Opcode::Const | Opcode::Tuple | Opcode::Record | Opcode::Get | Opcode::Call => Vec::new(),
        // Their own samples go through shapes and attributes.
        Opcode::Gather | Opcode::Scatter(_) | Opcode::Conv | Opcode::ReduceWindow(_) => Vec::new(),
        Opcode::Linalg(_) | Opcode::TriangularSolve => Vec::new(),
    }
}

/// One sample with the first elements of u in this shape.
fn on_shape(name: String, shape: &[usize], build: impl FnOnce(&mut Graph, NodeId) -> NodeId) -> Sample {
    on_shape_with(name, shape, |g, t, _| build(g, t))
}

/// The same for an op that wants u, too.
fn on_shape_with(name: String, shape: &[usize], build: impl FnOnce(&mut Graph, NodeId, NodeId) -> NodeId) -> Sample {
    let mut g = Graph::new();
    let x = g.param("x", Type::tensor(DType::F64, &[SIX.len()])).expect("a fresh name");
    let u = curved(&mut g, x, 0.1);
    let t = fitted(&mut g, u, shape);
    let z = build(&mut g, t, u);
    let y = with_sines(&mut g, z, u);
    sample(name, &g, y, &SIX)
}

/// The first elements of a vector in this shape.
fn fitted(g: &mut Graph, u: NodeId, shape: &[usize]) -> NodeId {
    let shape = Shape::new(shape);
    let one = Shape::new(&[1]);
    let first = g.slice(u, &Shape::new(&[0]), &Shape::new(&[shape.elements()]), &one);
    g.reshape(first, &shape)
}

pub fn with_sines(g: &mut Graph, z: NodeId, u: NodeId) -> NodeId {
    let y = outside(g, z);
    let sine = g.unary(Unary::Sin, u);
    let sines = g.reduce(Reduce::Sum, sine, &Axes::new(&[0]));
    g.add(y, sines)
}

fn on_shapes(op: Opcode, build: impl Fn(&mut Graph, NodeId) -> NodeId) -> Vec<Sample> {
    SHAPES.iter().map(|shape| on_shape(format!("{} of {shape:?}", op.name()), shape, &build)).collect()
}

/// Every axis of every shape.
fn along_axes(op: Opcode, build: impl Fn(&mut Graph, NodeId, usize) -> NodeId) -> Vec<Sample> {
    let places = SHAPES.iter().flat_map(|shape| (0..shape.len()).map(move |axis| (shape, axis)));
    let named = |shape: &[usize], axis: usize| format!("{} of {shape:?} along {axis}", op.name());
    places.map(|(shape, axis)| on_shape(named(shape, axis), shape, |g, x| build(g, x, axis))).collect()
}

fn literal(g: &mut Graph, elements: Vec<f64>, shape: &Shape) -> NodeId {
    let literal = Literal::dense(Buffer::F64(elements), shape.clone());
    g.literal_node(literal.expect("as many elements as the shape has"))
}

/// Elementwise ops on a tensor whose elements go round the points, and on nothing.
fn elementwise(name: &str, points: &[Vec<f64>], build: impl Fn(&mut Graph, &[NodeId]) -> NodeId) -> Vec<Sample> {
    let shapes: [&[usize]; 2] = [&[2, 1, 2], &[3, 0]];
    shapes.into_iter().map(|shape| elementwise_on(name, shape, points, &build)).collect()
}

fn elementwise_on(
    name: &str,
    shape: &[usize],
    points: &[Vec<f64>],
    build: impl Fn(&mut Graph, &[NodeId]) -> NodeId,
) -> Sample {
    let mut g = Graph::new();
    let (shape, parameters) = (Shape::new(shape), ["x", "y"]);
    let (mut at, mut operands, mut sines) = (Vec::new(), Vec::new(), g.scalar(0.0));
    for (operand, name) in parameters[..points[0].len()].iter().enumerate() {
        let here: Vec<f64> = (0..4).map(|i| points[i % points.len()][operand]).collect();
        let x = g.param(name, Type::tensor(DType::F64, &[4])).expect("a fresh name");
        let center = literal(&mut g, here.clone(), &Shape::new(&[4]));
        let offset = g.binary(Binary::Sub, x, center);
        let bent = curved(&mut g, offset, 0.1);
        let inner = g.add(center, bent);
        operands.push(fitted(&mut g, inner, &shape));
        let sine = g.unary(Unary::Sin, bent);
        let sum = g.reduce(Reduce::Sum, sine, &Axes::new(&[0]));
        sines = g.add(sines, sum);
        at.extend(here);
    }
    let z = build(&mut g, &operands);
    let y = outside(&mut g, z);
    let y = g.add(y, sines);
    sample(format!("{name} of {shape}"), &g, y, &at)
}

fn elementwise1(op: Unary) -> Vec<Sample> {
    let points = inside(op.domain()).map(|at| vec![at]);
    elementwise(op.name(), &points, |g, x| applied(g, op, x[0]))
}

fn elementwise_nth(op: Nth) -> Vec<Sample> {
    let points = inside(op.domain()).map(|at| vec![at]);
    elementwise(op.name(), &points, |g, x| g.nth(op, 2, x[0]))
}

fn elementwise2(op: Binary) -> Vec<Sample> {
    let points: Vec<Vec<f64>> = pairs(op).into_iter().map(|pair| pair.to_vec()).collect();
    elementwise(op.name(), &points, |g, x| g.binary(op, x[0], x[1]))
}

fn iota(g: &mut Graph, x: NodeId, axis: usize) -> NodeId {
    let shape = g.shape(x).clone();
    let spec = g.intern_iota(IotaSpec { dtype: DType::F64, shape, axis });
    let count = g.node(Op::Iota(spec), &[]);
    g.mul(x, count)
}

/// New axes before, between and behind; extents of 1 and 0 among them.
fn broadcasts() -> Vec<Sample> {
    let cases: [(&[usize], &[usize], &[usize]); 8] = [
        (&[], &[], &[]),
        (&[], &[2, 1], &[]),
        (&[3], &[3, 2], &[0]),
        (&[3], &[1, 3], &[1]),
        (&[2, 3], &[2, 2, 3, 1], &[1, 2]),
        (&[2, 3], &[2, 4, 3], &[0, 2]),
        (&[6], &[0, 6], &[1]),
        (&[0], &[2, 0], &[1]),
    ];
    let sample = |(from, to, axes): (&[usize], &[usize], &[usize])| {
        on_shape(format!("broadcast of {from:?} to {to:?}"), from, |g, x| {
            let spec = g.intern_broadcast(BroadcastSpec { shape: Shape::new(to), axes: Axes::new(axes) });
            g.node(Op::Broadcast(spec), &[x])
        })
    };
    cases.map(sample).into()
}

/// All extents in one, with a one beside it.
fn reshape(g: &mut Graph, x: NodeId) -> NodeId {
    let spec = g.intern_axes(Shape::new(&[1, g.shape(x).elements()]));
    g.node(Op::Reshape(spec), &[x])
}

/// This axis first.
fn rotate(g: &mut Graph, x: NodeId, axis: usize) -> NodeId {
    let rank = g.shape(x).rank();
    let axes = (0..rank).map(|i| (i + axis) % rank).collect();
    let spec = g.intern_axes(axes);
    g.node(Op::Permute(spec), &[x])
}

/// Every second element but the first, which may be none.
fn slice(g: &mut Graph, x: NodeId, axis: usize) -> NodeId {
    let limit = g.shape(x).clone();
    let each = |here: usize, elsewhere: usize| -> Shape {
        (0..limit.rank()).map(|a| if a == axis { here } else { elsewhere }).collect()
    };
    let start = each(limit[axis].min(1), 0);
    let spec = g.intern_slice(SliceSpec { start, limit: limit.clone(), stride: each(2, 1) });
    g.node(Op::Slice(spec), &[x])
}

fn pad(g: &mut Graph, x: NodeId, axis: usize) -> NodeId {
    let rank = g.shape(x).rank();
    let along = |n: usize| -> Shape { (0..rank).map(|a| if a == axis { n } else { 0 }).collect() };
    let all = (0..rank).collect();
    let fill = g.reduce(Reduce::Sum, x, &all);
    g.pad(x, fill, PadSpec { low: along(1), high: along(2), interior: along(1) })
}

/// With its own sines, and nothing, and itself again.
fn concat(g: &mut Graph, x: NodeId, axis: usize) -> NodeId {
    let sine = g.unary(Unary::Sin, x);
    let shape = g.shape(x);
    let limit = shape.iter().enumerate().map(|(a, &n)| if a == axis { 0 } else { n }).collect();
    let [zeros, ones] = [0, 1].map(|n| shape.iter().map(|_| n).collect());
    let none = g.slice(x, &zeros, &limit, &ones);
    g.concat(&[x, none, sine, x], axis)
}

/// Along one axis, along none, along all.
fn reductions(op: Opcode, reduce: Reduce) -> Vec<Sample> {
    let mut found = Vec::new();
    for shape in SHAPES {
        let mut choices: Vec<Axes> = (0..shape.len()).map(|axis| Axes::new(&[axis])).collect();
        choices.extend([Axes::new(&[]), (0..shape.len()).collect()]);
        // There is no largest of nothing.
        let defined = |axes: &Axes| !matches!(reduce, Reduce::Max | Reduce::Min) || axes.iter().all(|&a| shape[a] > 0);
        for axes in choices.into_iter().filter(defined) {
            let name = format!("{} of {shape:?} along {axes}", op.name());
            found.push(on_shape(name, shape, |g, x| reduced(g, x, reduce, axes)));
        }
    }
    found
}

/// A truth value chooses between two sums.
fn reduced(g: &mut Graph, x: NodeId, reduce: Reduce, axes: Axes) -> NodeId {
    let spec = g.intern_axes(axes.clone());
    if !reduce.is_logical() {
        return g.node(Op::Reduce(reduce, spec), &[x]);
    }
    let zero = g.splat_like(0.0, x);
    let positive = g.compare(Compare::Gt, x, zero);
    let mask = g.node(Op::Reduce(reduce, spec), &[positive]);
    let sine = g.unary(Unary::Sin, x);
    let [sines, sum] = [sine, x].map(|t| g.reduce(Reduce::Sum, t, &axes));
    g.select(mask, sines, sum)
}

fn cumulations(op: Opcode, cumulate: Cumulate) -> Vec<Sample> {
    let cumulated = |reverse: bool| {
        along_axes(op, move |g, x, axis| {
            let spec = g.intern_cumulate(CumulateSpec { axis, reverse });
            g.node(Op::Cumulate(cumulate, spec), &[x])
        })
    };
    [false, true].map(cumulated).into_iter().flatten().collect()
}

/// With the sines in tow.
fn sort(g: &mut Graph, x: NodeId, axis: usize) -> NodeId {
    let sine = g.unary(Unary::Sin, x);
    let sorted = g.sort(&[x, sine], axis, axis == 1);
    let (keys, sines) = (g.get(sorted, 0), g.get(sorted, 1));
    g.mul(keys, sines)
}

/// Operands, and which axes are contracted and which run in parallel: with extents of 1 and 0 in every role.
fn contractions() -> Vec<Sample> {
    type Axis<'a> = &'a [usize];
    let cases: [(Axis<'_>, Axis<'_>, [Axis<'_>; 4]); 9] = [
        (&[], &[], [&[], &[], &[], &[]]),
        (&[], &[2, 3], [&[], &[], &[], &[]]),
        (&[3], &[3], [&[0], &[0], &[], &[]]),
        (&[2], &[3], [&[], &[], &[], &[]]),
        (&[2, 3], &[3, 2], [&[1, 0], &[0, 1], &[], &[]]),
        (&[2, 3], &[2, 3], [&[], &[], &[0, 1], &[0, 1]]),
        (&[1, 2, 3], &[3, 1, 2], [&[2], &[0], &[1], &[2]]),
        (&[2, 0], &[0, 3], [&[1], &[0], &[], &[]]),
        (&[0, 2], &[0, 2], [&[1], &[1], &[0], &[0]]),
    ];
    let sample = |(lhs, rhs, axes): (Axis<'_>, Axis<'_>, [Axis<'_>; 4])| {
        let [l, r, lhs_batch, rhs_batch] = axes.map(Axes::new);
        on_shape_with(format!("dot of {lhs:?} and {rhs:?} over {l}"), lhs, |g, x, u| {
            let sine = g.unary(Unary::Sin, u);
            let other = fitted(g, sine, rhs);
            g.dot(x, other, DotSpec { lhs: l, rhs: r, lhs_batch, rhs_batch })
        })
    };
    cases.map(sample).into()
}
