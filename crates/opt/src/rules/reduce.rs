//! Reductions: of nothing, of reductions, of what repeats, of multiples.

use graph_core::op::{Axes, Binary, BroadcastSpec, Nth, Reduce, Unary};
use graph_core::{Graph, NodeId, Op, Opcode, Shape};

use crate::level::Class::{Exact, Relaxed, Safe};
use crate::rule::{Rule, law};

pub fn rules() -> Vec<Rule> {
    let all = || Reduce::ALL.iter().map(|&op| Opcode::Reduce(op));
    let sum = [Opcode::Reduce(Reduce::Sum)];
    let broadcast = Opcode::Broadcast;
    vec![
        law("reduce-nothing", Exact, all(), "reduce(x, no axes) = x", reduce_nothing),
        law("reduce-units", Safe, all(), "reduce(x) = reshape(x), if the axes have extent 1", reduce_units),
        law("reduce-sorted", Exact, all(), "reduce(x, axes) = reduce(x, sorted axes)", reduce_sorted),
        law("reduce-reduce", Safe, summing(), "sum(sum(x, p), q) = sum(x, p and q); so for any and all", reduce_reduce),
        law(
            "reduce-broadcast",
            Exact,
            choosing(),
            "max(broadcast(x)) = broadcast(max(x)); so for min, any, all",
            repeat_chosen,
        )
        .of(broadcast),
        law("sum-broadcast", Safe, sum, "sum(broadcast(x)) = n * broadcast(sum(x))", sum_broadcast).of(broadcast),
        law(
            "prod-broadcast",
            Safe,
            [Opcode::Reduce(Reduce::Prod)],
            "prod(broadcast(x)) = broadcast(x)ⁿ",
            prod_broadcast,
        )
        .of(broadcast),
        law("sum-neg", Safe, sum, "sum(-x) = -sum(x)", sum_neg).of(Opcode::Unary(Unary::Neg)),
        law("sum-multiple", Safe, sum, "sum(x * c) = sum(x) * c, if |c| >= 1", sum_multiple)
            .of(Opcode::Binary(Binary::Mul)),
        law(
            "sum-factor",
            Relaxed,
            [Opcode::Reduce(Reduce::Sum)],
            "sum(x * broadcast(y)) = sum(x) * y, if y does not vary along the axes",
            sum_factor,
        )
        .of(Opcode::Binary(Binary::Mul)),
        law("sum-fraction", Relaxed, sum, "sum(x * c) = sum(x) * c", sum_fraction).of(Opcode::Binary(Binary::Mul)),
    ]
}

/// Reductions of which one over all axes is the same as one after the other, derivatives included. Of `max` and `min`
/// it is not: k tied elements share the derivative equally only if they are compared at once.
fn summing() -> impl Iterator<Item = Opcode> {
    [Reduce::Sum, Reduce::Any, Reduce::All].into_iter().map(Opcode::Reduce)
}

/// Reductions whose value is that of an element.
fn choosing() -> impl Iterator<Item = Opcode> {
    [Reduce::Max, Reduce::Min, Reduce::Any, Reduce::All].into_iter().map(Opcode::Reduce)
}

fn parts(g: &Graph, id: NodeId) -> Option<(Reduce, Axes, NodeId)> {
    match g.op(id) {
        Op::Reduce(op, axes) => Some((op, g[axes].clone(), g.operands(id)[0])),
        _ => None,
    }
}

/// What does not vary along the axes is a factor of the sum.
fn sum_factor(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (op, reduced, product) = parts(g, id)?;
    let [x, y] = *g.operands(product) else { return None };
    let constant = |y: NodeId| match g.op(y) {
        Op::Broadcast(spec) => !g[spec].axes.iter().any(|axis| reduced.contains(axis)),
        _ => false,
    };
    let (x, y) = match (constant(x), constant(y)) {
        (_, true) => (x, y),
        (true, _) => (y, x),
        _ => return None,
    };
    let Op::Broadcast(spec) = g.op(y) else { return None };
    let kept: Axes = (0..g.shape(product).rank()).filter(|axis| !reduced.contains(axis)).collect();
    let place = |axis: &usize| kept.iter().position(|old| old == axis);
    let (places, shape) = (g[spec].axes.iter().map(place).collect::<Option<Axes>>()?, g.shape(id).clone());
    let sum = g.reduce(op, x, &reduced);
    let factor = g.broadcast(g.operands(y)[0], &shape, &places);
    Some(g.mul(sum, factor))
}

fn reduce_nothing(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (_, axes, x) = parts(g, id)?;
    (axes.rank() == 0).then_some(x)
}

fn reduce_units(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (_, axes, x) = parts(g, id)?;
    let shape = g.shape(id).clone();
    axes.iter().all(|&axis| g.shape(x)[axis] == 1).then(|| g.reshape(x, &shape))
}

fn reduce_sorted(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (op, axes, x) = parts(g, id)?;
    let sorted = (0..g.shape(x).rank()).filter(|axis| axes.contains(axis)).collect();
    (axes != sorted).then(|| g.reduce(op, x, &sorted))
}

fn reduce_reduce(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (op, outer, inner) = parts(g, id)?;
    let (same, first, x) = parts(g, inner)?;
    if same != op {
        return None;
    }
    let kept: Axes = (0..g.shape(x).rank()).filter(|axis| !first.contains(axis)).collect();
    let axes = first.iter().copied().chain(outer.iter().map(|&axis| kept[axis])).collect();
    Some(g.reduce(op, x, &axes))
}

/// A reduction of a broadcast, taken apart.
struct Repeated {
    op: Reduce,
    /// How often each element of `x` occurs.
    times: usize,
    /// Axes of `x` to reduce.
    axes: Axes,
    x: NodeId,
    /// How what is left is repeated.
    spec: BroadcastSpec,
}

fn repeated(g: &Graph, id: NodeId) -> Option<Repeated> {
    let (op, reduced, y) = parts(g, id)?;
    let Op::Broadcast(spec) = g.op(y) else { return None };
    let BroadcastSpec { shape, axes: placed } = &g[spec];
    let times: usize = reduced.iter().filter(|axis| !placed.contains(axis)).map(|&axis| shape[axis]).product();
    let axes = (0..placed.rank()).filter(|&i| reduced.contains(&placed[i])).collect();
    let kept: Axes = (0..shape.rank()).filter(|axis| !reduced.contains(axis)).collect();
    let new_place = |axis: &usize| kept.iter().position(|old| old == axis);
    let spec = BroadcastSpec {
        shape: kept.iter().map(|&axis| shape[axis]).collect(),
        axes: placed.iter().filter_map(new_place).collect(),
    };
    (times > 0).then_some(Repeated { op, times, axes, x: g.operands(y)[0], spec })
}

impl Repeated {
    fn once(&self, g: &mut Graph) -> NodeId {
        g.reduce(self.op, self.x, &self.axes)
    }

    fn spread(&self, g: &mut Graph, y: NodeId) -> NodeId {
        g.broadcast(y, &self.spec.shape, &self.spec.axes)
    }
}

fn repeat_chosen(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let r = repeated(g, id)?;
    let once = r.once(g);
    Some(r.spread(g, once))
}

fn sum_broadcast(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let r = repeated(g, id)?;
    let once = r.once(g);
    let multiple = match r.times {
        1 => once,
        n => {
            let n = g.splat_like(n as f64, once);
            g.mul(once, n)
        }
    };
    Some(r.spread(g, multiple))
}

fn prod_broadcast(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let r = repeated(g, id)?;
    let n = i32::try_from(r.times).ok().filter(|_| g.ty(r.x).has_float())?;
    let once = r.once(g);
    let power = g.nth(Nth::Powi, n, once);
    Some(r.spread(g, power))
}

fn sum_neg(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (op, axes, negated) = parts(g, id)?;
    let x = g.operands(negated)[0];
    let sum = g.reduce(op, x, &axes);
    Some(g.neg(sum))
}

/// With |c| ≥ 1 the sum of `x` overflows only where the sum of multiples does.
fn sum_multiple(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    multiple(g, id, |c| c.abs() >= 1.0 && c.is_finite())
}

fn sum_fraction(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    multiple(g, id, f64::is_finite)
}

fn multiple(g: &mut Graph, id: NodeId, fits: impl Fn(f64) -> bool) -> Option<NodeId> {
    let (op, axes, product) = parts(g, id)?;
    let [x, factor] = *g.operands(product) else { return None };
    let value = g.literal(factor)?.as_splat().filter(|c| fits(c.as_f64()))?;
    let (sum, shape): (NodeId, Shape) = (g.reduce(op, x, &axes), g.shape(id).clone());
    let factor = g.literal_node(graph_core::Literal::splat(value, shape));
    Some(g.mul(sum, factor))
}
