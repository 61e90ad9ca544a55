//! Functions that exercise one op each, for tests that must hold for every op there is.
//!
//! A sample is y = Σ w·(z + z²/4) with z = op(u) and u = x + x²/10, so that the op is not alone: what flows into it and
//! out of it is curved, and derivatives of linear ops do not vanish at order two. The match over [`Opcode`] has no
//! wildcard: an op without a sample does not compile.

mod index;
mod linalg;
mod shapes;
mod window;

use std::sync::Arc;

use graph_core::op::{
    Axes, Binary, BroadcastSpec, Compare, Cumulate, DotSpec, Integer, IotaSpec, Logic, Nth, Op, PadSpec, Reduce,
    SliceSpec, Test, Unary,
};
use graph_core::{DType, Function, Graph, NodeId, Opcode, Shape, Type};

/// A function of real parameters with one real result, and a point at which it is smooth.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What it shows.
    pub name: String,
    /// The function.
    pub function: Arc<Function>,
    /// Elements of all parameters.
    pub at: Vec<f64>,
}

/// Functions that exercise the op, each at a point inside the op's smooth domain.
pub fn samples(op: Opcode) -> Vec<Sample> {
    let mut all = first(op);
    all.extend(shapes::variants(op));
    all
}

/// Of small vectors and scalars.
fn first(op: Opcode) -> Vec<Sample> {
    match op {
        Opcode::Param => vec![plain(op, &[2.0], |_, x| x)],
        Opcode::Const => vec![plain(op, &[0.7, -1.2], |g, x| {
            let weights = weights(g, x);
            g.add(x, weights)
        })],
        Opcode::Iota => vec![plain(op, &[0.7, -1.2, 0.4], iota)],
        Opcode::Unary(op) => inside(op.domain()).map(|at| elementwise1(op, at)).into(),
        Opcode::Nth(op) => members(op).iter().flat_map(|&n| inside(op.domain()).map(|at| nth(op, n, at))).collect(),
        Opcode::Binary(op) => pairs(op).into_iter().map(|at| elementwise2(op, at)).collect(),
        Opcode::Compare(compare) => vec![plain(op, &[0.7, -1.2, 0.4], move |g, x| masked(g, x, compare))],
        Opcode::Logic(logic) => vec![plain(op, &[0.7, -1.2, 0.4], move |g, x| connected(g, x, logic))],
        Opcode::Integer(integer) => vec![plain(op, &[0.7, -1.2, 0.4], move |g, x| stepped(g, x, integer))],
        Opcode::Test(test) => vec![plain(op, &[0.7, -1.2, 0.4], move |g, x| tested(g, x, test))],
        Opcode::Bitcast => vec![plain(op, &[0.7, -1.2, 0.4], exponent)],
        Opcode::Select => vec![plain(op, &[0.7, -1.2, 0.4], select)],
        Opcode::Cast => vec![plain(op, &[0.7, -1.2], cast)],
        Opcode::Broadcast => vec![plain(op, &[0.7, -1.2, 0.4], broadcast)],
        Opcode::Reshape => vec![plain(op, &SIX, matrix)],
        Opcode::Permute => vec![plain(op, &SIX, permute)],
        Opcode::Slice => vec![plain(op, &SIX, slice)],
        Opcode::Pad => vec![plain(op, &[0.7, -1.2, 0.4], pad)],
        Opcode::Concat => vec![plain(op, &[0.7, -1.2, 0.4], concat)],
        Opcode::Reverse => vec![plain(op, &SIX, reverse)],
        Opcode::Gather => index::gathers().into_iter().map(|build| plain(op, &SIX, build)).collect(),
        Opcode::Scatter(kind) => index::scatters(kind).into_iter().map(|build| plain(op, &SIX, build)).collect(),
        Opcode::Reduce(reduce) => vec![plain(op, &SIX, move |g, x| reduced(g, x, reduce))],
        Opcode::Cumulate(cumulate) => [false, true].map(|reverse| cumulated(op, cumulate, reverse)).into(),
        Opcode::Sort => [false, true].map(|descending| plain(op, &SIX, move |g, x| sorted(g, x, descending))).into(),
        Opcode::Dot => vec![plain(op, &SIX, dot), plain(op, &SIX, batched_dot)],
        Opcode::Conv => window::convolutions().into_iter().map(|build| plain(op, &SIX, build)).collect(),
        Opcode::ReduceWindow(kind) => {
            window::reductions(kind).into_iter().map(|build| plain(op, &SIX, build)).collect()
        }
        Opcode::Linalg(linalg) => linalg::linalg(linalg).into_iter().map(|build| numbered(op, build)).collect(),
        Opcode::TriangularSolve => linalg::triangles().into_iter().map(|build| numbered(op, build)).collect(),
        Opcode::Tuple | Opcode::Record | Opcode::Get => vec![plain(op, &[0.7, -1.2], move |g, x| structure(g, x, op))],
        Opcode::Call => vec![plain(op, &[0.7, -1.2], call)],
    }
}

const SIX: [f64; 6] = [0.7, -1.2, 0.4, 1.1, -0.3, 0.9];

/// A sample of six elements whose results may be none, beside Σ sin x.
fn numbered(op: Opcode, build: impl FnOnce(&mut Graph, NodeId) -> NodeId) -> Sample {
    let mut g = Graph::new();
    let x = g.param("x", Type::tensor(DType::F64, &[SIX.len()])).expect("a fresh name");
    let u = curved(&mut g, x, 0.1);
    let z = build(&mut g, u);
    let y = shapes::with_sines(&mut g, z, u);
    sample(op.name().to_string(), &g, y, &SIX)
}

/// A sample of one vector (or, for one element, scalar) parameter.
fn plain(op: Opcode, at: &[f64], build: impl FnOnce(&mut Graph, NodeId) -> NodeId) -> Sample {
    let mut g = Graph::new();
    let ty = if at.len() == 1 { Type::f64() } else { Type::tensor(DType::F64, &[at.len()]) };
    let x = g.param("x", ty).expect("a fresh name");
    let u = curved(&mut g, x, 0.1);
    let z = build(&mut g, u);
    let y = outside(&mut g, z);
    sample(op.name().to_string(), &g, y, at)
}

fn sample(name: String, g: &Graph, y: NodeId, at: &[f64]) -> Sample {
    let function = Arc::new(Function::new("sample", g, &[y]).expect("a small function"));
    Sample { name, function, at: at.to_vec() }
}

/// x + c·x²
fn curved(g: &mut Graph, x: NodeId, c: f64) -> NodeId {
    let (square, c) = (g.unary(Unary::Square, x), g.splat_like(c, x));
    let bend = g.mul(c, square);
    g.add(x, bend)
}

/// Σ w·(z + z²/4)
fn outside(g: &mut Graph, z: NodeId) -> NodeId {
    let curved = curved(g, z, 0.25);
    let weights = weights(g, curved);
    let weighted = g.mul(weights, curved);
    let axes = (0..g.shape(weighted).rank()).collect();
    g.reduce(Reduce::Sum, weighted, &axes)
}

/// Different numbers of the shape of `like`.
fn weights(g: &mut Graph, like: NodeId) -> NodeId {
    let shape = g.shape(like).clone();
    let elements = (0..shape.elements()).map(|i| 1.0 + (i as f64 * 0.618).fract()).collect();
    let literal = graph_core::Literal::dense(graph_core::Buffer::F64(elements), shape);
    g.literal_node(literal.expect("as many elements as the shape has"))
}

/// Two points inside an open interval.
fn inside((low, high): (f64, f64)) -> [f64; 2] {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => [0.35, 0.8].map(|t| low + t * (high - low)),
        (true, false) => [0.6, 1.7].map(|t| low + t),
        (false, true) => [0.6, 1.7].map(|t| high - t),
        (false, false) => [-1.3, 0.6],
    }
}

/// Members of a family that differ in kind: the first, and each that has a formula of its own.
fn members(op: Nth) -> &'static [i32] {
    match op {
        Nth::Powi => &[-2, -1, 0, 1, 2, 3, 5],
        Nth::Polygamma | Nth::Sinc | Nth::Erfcx | Nth::Mills => &[0, 1, 2],
    }
}

/// Points away from ties and jumps.
fn pairs(op: Binary) -> Vec<[f64; 2]> {
    let [x, y] = op.domain().map(inside);
    let pairs = vec![[x[0], y[1]], [x[1], y[0]], [x[0], 0.7 * y[0] + 0.1]];
    // For `fmod`, quotients that are no integers.
    pairs.into_iter().filter(|[x, y]| op != Binary::Fmod || (x / y).fract().abs() > 0.05).collect()
}

/// An inner function that is the identity to first order at the point, so that the op sees the point itself.
fn around(g: &mut Graph, x: NodeId, at: f64) -> NodeId {
    let at = g.splat_like(at, x);
    let offset = g.binary(Binary::Sub, x, at);
    let bent = curved(g, offset, 0.1);
    g.add(at, bent)
}

fn elementwise1(op: Unary, at: f64) -> Sample {
    scalar(op.name(), &[at], |g, u| applied(g, op, u[0]))
}

/// The op; one that is flat to derivatives alone, on an operand that is flat to differences, too.
fn applied(g: &mut Graph, op: Unary, x: NodeId) -> NodeId {
    let x = if op == Unary::StopGradient { g.unary(Unary::Floor, x) } else { x };
    g.unary(op, x)
}

fn nth(op: Nth, n: i32, at: f64) -> Sample {
    scalar(&format!("{} n={n}", op.name()), &[at], |g, u| g.nth(op, n, u[0]))
}

fn elementwise2(op: Binary, at: [f64; 2]) -> Sample {
    scalar(op.name(), &at, |g, u| g.binary(op, u[0], u[1]))
}

fn scalar(name: &str, at: &[f64], build: impl FnOnce(&mut Graph, &[NodeId]) -> NodeId) -> Sample {
    let mut g = Graph::new();
    let names = ["x", "y"];
    let params: Vec<NodeId> =
        names[..at.len()].iter().map(|name| g.param(name, Type::f64()).expect("a fresh name")).collect();
    let inner: Vec<NodeId> = params.iter().zip(at).map(|(&x, &at)| around(&mut g, x, at)).collect();
    let z = build(&mut g, &inner);
    let y = curved(&mut g, z, 0.25);
    sample(format!("{name} at {at:?}"), &g, y, at)
}

fn iota(g: &mut Graph, x: NodeId) -> NodeId {
    let spec = g.intern_iota(IotaSpec { dtype: DType::F64, shape: Shape::new(&[3]), axis: 0 });
    let count = g.node(Op::Iota(spec), &[]);
    g.mul(x, count)
}

fn masked(g: &mut Graph, x: NodeId, compare: Compare) -> NodeId {
    let zero = g.splat_like(0.0, x);
    let mask = g.compare(compare, x, zero);
    let ones = g.cast(DType::F64, mask);
    let scaled = g.mul(ones, x);
    g.add(scaled, x)
}

fn connected(g: &mut Graph, x: NodeId, logic: Logic) -> NodeId {
    let (zero, half) = (g.splat_like(0.0, x), g.splat_like(0.5, x));
    let (a, b) = (g.compare(Compare::Gt, x, zero), g.compare(Compare::Lt, x, half));
    let mask = g.node(Op::Logic(logic), &[a, b][..logic.arity()]);
    let sine = g.unary(Unary::Sin, x);
    g.select(mask, sine, x)
}

/// x·n + x, where n is an integer op of trunc(3x) and 2: a step function.
fn stepped(g: &mut Graph, x: NodeId, op: Integer) -> NodeId {
    let three = g.splat_like(3.0, x);
    let scaled = g.mul(three, x);
    let integer = g.cast(DType::I64, scaled);
    let two = g.splat_like(2.0, integer);
    let n = g.node(Op::Integer(op), &[integer, two][..op.arity()]);
    let step = g.cast(DType::F64, n);
    let product = g.mul(x, step);
    g.add(product, x)
}

fn tested(g: &mut Graph, x: NodeId, test: Test) -> NodeId {
    let mask = g.node(Op::Test(test), &[x]);
    let sine = g.unary(Unary::Sin, x);
    g.select(mask, sine, x)
}

/// x·e + x, where e is the binary exponent of x as its bits say it: a step function.
fn exponent(g: &mut Graph, x: NodeId) -> NodeId {
    let bits = g.node(Op::Bitcast(DType::I64), &[x]);
    let (places, eleven_bits, bias) =
        (g.splat_like(52.0, bits), g.splat_like(2047.0, bits), g.splat_like(1023.0, bits));
    let shifted = g.node(Op::Integer(Integer::ShiftRight), &[bits, places]);
    let biased = g.node(Op::Integer(Integer::BitAnd), &[shifted, eleven_bits]);
    let exponent = g.binary(Binary::Sub, biased, bias);
    let exponent = g.cast(DType::F64, exponent);
    let product = g.mul(x, exponent);
    g.add(product, x)
}

fn select(g: &mut Graph, x: NodeId) -> NodeId {
    let zero = g.splat_like(0.0, x);
    let negative = g.compare(Compare::Lt, x, zero);
    let (exp, sqrt) = (g.unary(Unary::Exp, x), g.unary(Unary::Sqrt, x));
    g.select(negative, exp, sqrt)
}

/// To integers and back is a step function; to single precision and back is the identity but for rounding, which no
/// difference survives. So: x·trunc(x) + x.
fn cast(g: &mut Graph, x: NodeId) -> NodeId {
    let integers = g.cast(DType::I64, x);
    let truncated = g.cast(DType::F64, integers);
    let product = g.mul(x, truncated);
    g.add(product, x)
}

fn broadcast(g: &mut Graph, x: NodeId) -> NodeId {
    let spec = g.intern_broadcast(BroadcastSpec { shape: Shape::new(&[2, 3, 2]), axes: Axes::new(&[1]) });
    g.node(Op::Broadcast(spec), &[x])
}

/// Six elements as two rows.
fn matrix(g: &mut Graph, x: NodeId) -> NodeId {
    g.reshape(x, &Shape::new(&[2, 3]))
}

fn permute(g: &mut Graph, x: NodeId) -> NodeId {
    let x = matrix(g, x);
    g.permute(x, &Axes::new(&[1, 0]))
}

fn slice(g: &mut Graph, x: NodeId) -> NodeId {
    let spec = SliceSpec { start: Shape::new(&[1]), limit: Shape::new(&[6]), stride: Shape::new(&[2]) };
    let spec = g.intern_slice(spec);
    g.node(Op::Slice(spec), &[x])
}

/// The fill is an element too.
fn pad(g: &mut Graph, x: NodeId) -> NodeId {
    let one = Shape::new(&[1]);
    let first = g.slice(x, &Shape::new(&[0]), &one, &one);
    let fill = g.reshape(first, &Shape::scalar());
    g.pad(x, fill, PadSpec { low: one.clone(), high: Shape::new(&[2]), interior: one })
}

fn concat(g: &mut Graph, x: NodeId) -> NodeId {
    let (sine, constant) = (g.unary(Unary::Sin, x), g.splat_like(0.3, x));
    g.concat(&[x, constant, sine], 0)
}

fn reverse(g: &mut Graph, x: NodeId) -> NodeId {
    let x = matrix(g, x);
    g.reverse(x, &Axes::new(&[1]))
}

fn reduced(g: &mut Graph, x: NodeId, reduce: Reduce) -> NodeId {
    let x = matrix(g, x);
    if !reduce.is_logical() {
        return g.reduce(reduce, x, &Axes::new(&[1]));
    }
    let zero = g.splat_like(0.0, x);
    let positive = g.compare(Compare::Gt, x, zero);
    let mask = g.reduce(reduce, positive, &Axes::new(&[0]));
    let (sine, sum) = (g.unary(Unary::Sin, x), g.reduce(Reduce::Sum, x, &Axes::new(&[0])));
    let sines = g.reduce(Reduce::Sum, sine, &Axes::new(&[0]));
    g.select(mask, sines, sum)
}

/// Rows by their elements, with their sines in tow, in a product with the rows as they were.
fn sorted(g: &mut Graph, x: NodeId, descending: bool) -> NodeId {
    let x = matrix(g, x);
    let sine = g.unary(Unary::Sin, x);
    let sorted = g.sort(&[x, sine], 1, descending);
    let (keys, sines) = (g.get(sorted, 0), g.get(sorted, 1));
    let product = g.mul(keys, sines);
    g.mul(product, x)
}

/// Along the longer axis, then along five elements of one row.
fn cumulated(op: Opcode, cumulate: Cumulate, reverse: bool) -> Sample {
    plain(op, &SIX, move |g, x| {
        let x = matrix(g, x);
        let once = g.cumulate(cumulate, x, 1, reverse);
        let row = g.reshape(once, &Shape::new(&[6]));
        let one = Shape::new(&[1]);
        let five = g.slice(row, &one, &Shape::new(&[6]), &one);
        g.cumulate(cumulate, five, 0, reverse)
    })
}

fn dot(g: &mut Graph, x: NodeId) -> NodeId {
    let x = matrix(g, x);
    let sine = g.unary(Unary::Sin, x);
    g.dot(x, sine, DotSpec::contract(&[1], &[1]))
}

/// A contraction of a tensor with itself over one axis, along another.
fn batched_dot(g: &mut Graph, x: NodeId) -> NodeId {
    let a = g.reshape(x, &Shape::new(&[2, 1, 3]));
    let b = g.unary(Unary::Exp, a);
    let axes = |axis: usize| Axes::new(&[axis]);
    g.dot(a, b, DotSpec { lhs: axes(0), rhs: axes(0), lhs_batch: axes(2), rhs_batch: axes(2) })
}

fn structure(g: &mut Graph, x: NodeId, op: Opcode) -> NodeId {
    let sine = g.unary(Unary::Sin, x);
    let built = match op {
        Opcode::Record => {
            let names = g.intern_fields(["first".into(), "second".into()].into());
            g.node(Op::Record(names), &[x, sine])
        }
        _ => g.node(Op::Tuple, &[x, sine]),
    };
    let (first, second) = (g.node(Op::Get(0), &[built]), g.node(Op::Get(1), &[built]));
    g.mul(first, second)
}

/// One function called twice, the second time on the result of the first.
fn call(g: &mut Graph, x: NodeId) -> NodeId {
    let mut body = Graph::new();
    let a = body.param("a", Type::tensor(DType::F64, &[2])).expect("a fresh name");
    let sine = body.unary(Unary::Sin, a);
    let product = body.mul(a, sine);
    let f = Arc::new(Function::new("inner", &body, &[product]).expect("a small function"));
    let id = g.add_function(&f);
    let once = g.node(Op::Call(id), &[x]);
    g.node(Op::Call(id), &[once])
}
