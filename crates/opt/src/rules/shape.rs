//! The algebra of movements: what moves elements without changing them composes, and identities vanish.
//!
//! Elementwise ops are done before a broadcast, on fewer elements.

use graph_core::op::{Axes, BroadcastSpec, PadSpec, SliceSpec};
use graph_core::smallvec::SmallVec;
use graph_core::{DType, Graph, Id, NodeId, Op, Opcode, Shape};

use crate::level::Class::Exact;
use crate::rule::{Rule, law};
use crate::rules::elementwise;

pub fn rules() -> Vec<Rule> {
    use Opcode::{Broadcast, Cast, Concat, Pad, Permute, Reshape, Reverse, Slice};
    let moves = [Broadcast, Reshape, Permute, Slice, Pad, Reverse, Cast];
    vec![
        law("move-nothing", Exact, moves, "m(x) = x, if m is an identity", identity),
        law("reshape-reshape", Exact, [Reshape], "reshape(reshape(x)) = reshape(x)", reshape_reshape).of(Reshape),
        law("permute-permute", Exact, [Permute], "permute(permute(x, p), q) = permute(x, p∘q)", permute_permute)
            .of(Permute),
        law("permute-units", Exact, [Permute], "permute(x) = reshape(x), if only extents of 1 pass", permute_units),
        law("broadcast-broadcast", Exact, [Broadcast], "broadcast(broadcast(x)) = broadcast(x)", broadcast_broadcast)
            .of(Broadcast),
        law("slice-slice", Exact, [Slice], "a window of a window = one window", slice_slice).of(Slice),
        law("slice-pad", Exact, [Slice], "slice(pad(x)) = x, if the window is x", slice_pad).of(Pad),
        law("slice-concat", Exact, [Slice], "slice(concat(…, x, …)) = slice(x), if the window lies in x", slice_concat)
            .of(Concat),
        law("slice-broadcast", Exact, [Slice], "slice(broadcast(x)) = broadcast(x), if x is whole", slice_broadcast)
            .of(Broadcast),
        law(
            "reverse-reverse",
            Exact,
            [Reverse],
            "reverse(reverse(x)) = reverse(x) along what is in one only",
            reverse_reverse,
        )
        .of(Reverse),
        law("reverse-units", Exact, [Reverse], "reverse(x) needs sorted axes of extent above 1", reverse_units),
        law("concat-one", Exact, [Concat], "concat(x) = x", concat_one),
        law(
            "concat-concat",
            Exact,
            [Concat],
            "concat(concat(x, y), z) = concat(x, y, z), along one axis",
            concat_concat,
        ),
        law("concat-slices", Exact, [Concat], "concat(x[a..b], x[b..c], …) = x[a..…], along one axis", concat_slices),
        law("cast-cast", Exact, [Cast], "cast(cast(x)) = cast(x), if the inner cast loses nothing", cast_cast).of(Cast),
        law(
            "elementwise-broadcast",
            Exact,
            elementwise(),
            "f(broadcast(x), …) = broadcast(f(x, …))",
            elementwise_broadcast,
        ),
    ]
}

/// Operand 0.
fn operand(g: &Graph, id: NodeId) -> NodeId {
    g.operands(id)[0]
}

/// Whether a movement keeps every element in its place.
fn identity(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let x = operand(g, id);
    let all = |list: &Axes, value: usize| list.iter().all(|&n| n == value);
    let nothing = g.type_id(x) == g.type_id(id)
        && match g.op(id) {
            Op::Reshape(_) | Op::Broadcast(_) | Op::Cast(_) => true,
            Op::Permute(axes) => g[axes].iter().copied().eq(0..g[axes].rank()),
            // a window as large as the operand is the operand
            Op::Slice(spec) => all(&g[spec].stride, 1) || g.shape(x).iter().all(|&extent| extent <= 1),
            Op::Pad(spec) => all(&g[spec].low, 0) && all(&g[spec].high, 0) && all(&g[spec].interior, 0),
            Op::Reverse(axes) => g[axes].rank() == 0,
            Op::Param(_) | Op::Const(_) | Op::Iota(_) | Op::Unary(_) | Op::Nth(..) | Op::Binary(_) => false,
            Op::Compare(_) | Op::Logic(_) | Op::Select | Op::Concat(_) | Op::Reduce(..) | Op::Dot(_) => false,
            Op::Gather(_) | Op::Scatter(..) => false,
            Op::Cumulate(..) | Op::Sort(_) => false,
            Op::Linalg(_) | Op::TriangularSolve(_) => false,
            Op::Integer(_) | Op::Test(_) | Op::Bitcast(_) => false,
            Op::Conv(_) | Op::ReduceWindow(..) => false,
            Op::Tuple | Op::Record(_) | Op::Get(_) | Op::Call(_) => false,
        };
    nothing.then_some(x)
}

fn reshape_reshape(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (x, shape) = (operand(g, operand(g, id)), g.shape(id).clone());
    Some(g.reshape(x, &shape))
}

fn permute_permute(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let inner = operand(g, id);
    let (Op::Permute(q), Op::Permute(p)) = (g.op(id), g.op(inner)) else { return None };
    let axes: Axes = g[q].iter().map(|&axis| g[p][axis]).collect();
    let x = operand(g, inner);
    Some(g.permute(x, &axes))
}

fn permute_units(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::Permute(axes) = g.op(id) else { return None };
    let x = operand(g, id);
    let real: SmallVec<[usize; 4]> = g[axes].iter().copied().filter(|&axis| g.shape(x)[axis] != 1).collect();
    let shape = g.shape(id).clone();
    real.is_sorted().then(|| g.reshape(x, &shape))
}

fn broadcast_broadcast(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let inner = operand(g, id);
    let (Op::Broadcast(outer), Op::Broadcast(first)) = (g.op(id), g.op(inner)) else { return None };
    let axes: Axes = g[first].axes.iter().map(|&axis| g[outer].axes[axis]).collect();
    let (x, shape) = (operand(g, inner), g[outer].shape.clone());
    Some(g.broadcast(x, &shape, &axes))
}

fn slice_slice(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let inner = operand(g, id);
    let (Op::Slice(outer), Op::Slice(first)) = (g.op(id), g.op(inner)) else { return None };
    let (o, i, shape) = (&g[outer], &g[first], g.shape(id));
    if shape.elements() == 0 {
        return None;
    }
    let axes = || 0..shape.rank();
    let start: Shape = axes().map(|axis| i.start[axis] + o.start[axis] * i.stride[axis]).collect();
    let stride: Shape = axes().map(|axis| i.stride[axis].checked_mul(o.stride[axis])).collect::<Option<_>>()?;
    // just behind the last element, which both windows contain
    let limit = axes().map(|axis| start[axis] + (shape[axis] - 1) * stride[axis] + 1).collect();
    let x = operand(g, inner);
    Some(g.slice(x, &start, &limit, &stride))
}

fn slice_pad(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let padded = operand(g, id);
    let (Op::Slice(window), Op::Pad(pad)) = (g.op(id), g.op(padded)) else { return None };
    let (x, SliceSpec { start, stride, .. }, PadSpec { low, interior, .. }) = (operand(g, padded), &g[window], &g[pad]);
    let step = |axis: usize| stride[axis] == interior[axis] + 1 || g.shape(x)[axis] <= 1;
    let is_it = start == low && g.shape(id) == g.shape(x) && (0..start.rank()).all(step);
    is_it.then_some(x)
}

fn slice_concat(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let joined = operand(g, id);
    let (Op::Slice(window), Op::Concat(along)) = (g.op(id), g.op(joined)) else { return None };
    let (axis, SliceSpec { start, limit, stride }) = (along as usize, g[window].clone());
    let mut before = 0;
    for x in g.operands_vec(joined) {
        let extent = g.shape(x)[axis];
        if before <= start[axis] && limit[axis] <= before + extent {
            let shift =
                |list: &Shape| list.iter().enumerate().map(|(a, &n)| if a == axis { n - before } else { n }).collect();
            return Some(g.slice(x, &shift(&start), &shift(&limit), &stride));
        }
        before += extent;
    }
    None
}

/// Only repeated axes are cut, so the result repeats the same elements fewer times.
fn slice_broadcast(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let inner = operand(g, id);
    let Op::Broadcast(spec) = g.op(inner) else { return None };
    let (x, axes, shape) = (operand(g, inner), g[spec].axes.clone(), g.shape(id).clone());
    let whole = axes.iter().all(|&axis| shape[axis] == g.shape(inner)[axis]);
    whole.then(|| g.broadcast(x, &shape, &axes))
}

fn reverse_reverse(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let inner = operand(g, id);
    let (Op::Reverse(p), Op::Reverse(q)) = (g.op(id), g.op(inner)) else { return None };
    let axes = (0..g.shape(id).rank()).filter(|axis| g[p].contains(axis) != g[q].contains(axis)).collect();
    let x = operand(g, inner);
    Some(g.reverse(x, &axes))
}

fn reverse_units(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::Reverse(axes) = g.op(id) else { return None };
    let needed = (0..g.shape(id).rank()).filter(|axis| g[axes].contains(axis) && g.shape(id)[*axis] > 1).collect();
    let x = operand(g, id);
    (g[axes] != needed).then(|| g.reverse(x, &needed))
}

fn concat_one(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    match *g.operands(id) {
        [x] => Some(x),
        _ => None,
    }
}

fn concat_concat(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::Concat(axis) = g.op(id) else { return None };
    let is_inner = |x: NodeId| g.op(x) == Op::Concat(axis);
    if !g.operands(id).iter().any(|&x| is_inner(x)) {
        return None;
    }
    let flat: Vec<NodeId> = g
        .operands(id)
        .iter()
        .flat_map(|x| if is_inner(*x) { g.operands(*x) } else { std::slice::from_ref(x) })
        .copied()
        .collect();
    Some(g.concat(&flat, axis as usize))
}

/// All of them windows that follow each other, in steps of 1.
fn concat_slices(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::Concat(axis) = g.op(id) else { return None };
    let axis = axis as usize;
    let window = |g: &Graph, x: NodeId| match g.op(x) {
        Op::Slice(spec) if g[spec].stride[axis] == 1 => Some((operand(g, x), g[spec].clone())),
        _ => None,
    };
    let (&first, rest) = g.operands(id).split_first()?;
    let (base, mut whole) = window(g, first)?;
    for &x in rest {
        let (other, next) = window(g, x)?;
        if base != other || !follows(&whole, &next, axis) {
            return None;
        }
        whole.limit = next.limit;
    }
    Some(g.slice(base, &whole.start, &whole.limit, &whole.stride))
}

/// Whether a window starts where another ends along this axis, and is the same along all others.
fn follows(first: &SliceSpec, then: &SliceSpec, axis: usize) -> bool {
    let others = (0..first.start.rank()).filter(|&other| other != axis);
    let same = |list: fn(&SliceSpec) -> &Shape| others.clone().all(|other| list(first)[other] == list(then)[other]);
    first.limit[axis] == then.start[axis] && same(|s| &s.start) && same(|s| &s.limit) && same(|s| &s.stride)
}

fn cast_cast(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let inner = operand(g, id);
    let (Op::Cast(to), x) = (g.op(id), operand(g, inner)) else { return None };
    let (from, through) = (g.ty(x).as_tensor()?.dtype, g.ty(inner).as_tensor()?.dtype);
    let lossless = match (from, through) {
        (DType::Bool, DType::F64 | DType::F32 | DType::I64 | DType::Bool) => true,
        (DType::F32, DType::F64 | DType::F32) | (DType::F64, DType::F64) | (DType::I64, DType::I64) => true,
        (DType::F64, _) | (DType::F32, _) | (DType::I64, _) => false,
    };
    lossless.then(|| g.cast(to, x))
}

/// Operands are broadcasts of one kind, or splats; at least one is a broadcast. Broadcasts to no elements stay.
fn elementwise_broadcast(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let spec = g.operands(id).iter().find_map(|&x| match g.op(x) {
        Op::Broadcast(spec) => Some(spec),
        _ => None,
    })?;
    let inner =
        g.operands(id).iter().map(|&x| before_broadcast(g, x, spec)).collect::<Option<SmallVec<[Source; 3]>>>()?;
    let shape: Shape = g[spec].axes.iter().map(|&axis| g[spec].shape[axis]).collect();
    if shape.elements() > g[spec].shape.elements() {
        return None;
    }
    let operands: SmallVec<[NodeId; 3]> = inner.into_iter().map(|source| source.node(g, &shape)).collect();
    let BroadcastSpec { shape, axes } = g[spec].clone();
    let y = g.node(g.op(id), &operands);
    Some(g.broadcast(y, &shape, &axes))
}

/// What a broadcast repeats.
enum Source {
    Node(NodeId),
    Splat(graph_core::Scalar),
}

fn before_broadcast(g: &Graph, x: NodeId, spec: Id<BroadcastSpec>) -> Option<Source> {
    match g.op(x) {
        Op::Broadcast(other) if other == spec => Some(Source::Node(g.operands(x)[0])),
        _ => g.literal(x)?.as_splat().map(Source::Splat),
    }
}

impl Source {
    fn node(self, g: &mut Graph, shape: &Shape) -> NodeId {
        match self {
            Source::Node(x) => x,
            Source::Splat(value) => g.literal_node(graph_core::Literal::splat(value, shape.clone())),
        }
    }
}
