//! Contractions: permutations go into the axes that `dot` names; factors that are zero, constant, diagonal or one-hot are
//! seen as such; common factors are taken out; chains are associated by cost.

use graph_core::op::{Axes, Binary, Compare, DotSpec, GatherSpec, OutOfRange, Reduce, Scatter};
use graph_core::{Graph, NodeId, Op, Opcode, Shape};

use crate::level::Class::{Exact, Relaxed, Safe};
use crate::rule::{Rule, law};

pub fn rules() -> Vec<Rule> {
    let (dot, permute) = ([Opcode::Dot], [Opcode::Permute]);
    vec![
        law("dot-permute", Exact, dot, "dot(permute(x), y) = dot(x, y) along other axes", dot_permute),
        law(
            "permute-dot",
            Safe,
            permute,
            "permute(dot(x, y)) = dot(y, x), if left and right axes trade places",
            permute_dot,
        )
        .of(Opcode::Dot)
        .alone(),
        law("dot-zeros", Relaxed, dot, "dot(x, 0) = 0", dot_zeros),
        law(
            "dot-broadcast",
            Relaxed,
            dot,
            "dot(x, broadcast(y)) = sum(x) * y, if y repeats along what is contracted",
            dot_broadcast,
        ),
        law(
            "dot-diagonal",
            Relaxed,
            dot,
            "dot(x, I * y) = x * diagonal(y), if I is the unit matrix and y repeats a vector or a number",
            dot_diagonal,
        ),
        law("dot-one-hot", Relaxed, dot, "dot(one_hot(i), x) = x[i], on either side", dot_one_hot),
        law(
            "dot-common",
            Relaxed,
            [Opcode::Binary(Binary::Add)],
            "dot(x, y) + dot(x, z) = dot(x, y + z), on either side",
            dot_common,
        )
        .of(Opcode::Dot)
        .alone(),
        law(
            "dot-associate",
            Relaxed,
            dot,
            "dot(dot(x, y), z) = dot(x, dot(y, z)), and back, whichever multiplies less",
            dot_associate,
        )
        .alone(),
    ]
}

fn dot_zeros(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let is_zero = |&x: &NodeId| g.known(x) == Some(0.0);
    g.operands(id).iter().any(is_zero).then(|| g.splat_like(0.0, id))
}

/// One side at a time.
fn dot_broadcast(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::Dot(spec) = g.op(id) else { return None };
    let (spec, [x, y]) = (g[spec].clone(), [g.operands(id)[0], g.operands(id)[1]]);
    let shape = g.shape(id).clone();
    let left = spec.lhs_free(g.shape(x).rank()).rank();
    let (free_x, free_y) = (spec.lhs_free(g.shape(x).rank()), spec.rhs_free(g.shape(y).rank()));
    let from_right = Factor { x: y, contracted: &spec.rhs, free: &free_y, offset: left };
    let from_left = Factor { x, contracted: &spec.lhs, free: &free_x, offset: 0 };
    let is_plain = spec.lhs_batch.rank() == 0 && spec.lhs.rank() > 0;
    let (constant, other) = match is_plain {
        true if from_right.is_constant(g) => (from_right, from_left),
        true if from_left.is_constant(g) => (from_left, from_right),
        _ => return None,
    };
    let constant = constant.spread(g, &shape)?;
    let axes = (0..g.shape(other.x).rank()).filter(|axis| other.contracted.contains(axis)).collect();
    let sum = g.reduce(Reduce::Sum, other.x, &axes);
    let places = (other.offset..other.offset + other.free.rank()).collect();
    let sum = g.broadcast(sum, &shape, &places);
    Some(g.mul(sum, constant))
}

/// The diagonal of a matrix that is known to be diagonal, as a vector; `None` inside stands for ones.
fn diagonal(g: &mut Graph, x: NodeId) -> Option<Option<NodeId>> {
    if is_unit_matrix(g, x) {
        return Some(None);
    }
    let (Op::Binary(Binary::Mul), &[a, b]) = (g.op(x), g.operands(x)) else { return None };
    let other = match (is_unit_matrix(g, a), is_unit_matrix(g, b)) {
        (true, _) => b,
        (_, true) => a,
        _ => return None,
    };
    let Op::Broadcast(spec) = g.op(other) else { return None };
    let (inner, rank) = (g.operands(other)[0], g[spec].axes.rank());
    let line = Shape::new(&g.shape(x)[..1]);
    Some(Some(match rank {
        0 => g.broadcast(inner, &line, &Axes::default()),
        _ => inner,
    }))
}

/// Ones where row and column agree.
fn is_unit_matrix(g: &Graph, x: NodeId) -> bool {
    let (Op::Cast(_), &[agree]) = (g.op(x), g.operands(x)) else { return false };
    let (Op::Compare(Compare::Eq), &[a, b]) = (g.op(agree), g.operands(agree)) else { return false };
    let axis = |x: NodeId| match g.op(x) {
        Op::Iota(spec) if g.shape(x).rank() == 2 => Some(g[spec].axis),
        _ => None,
    };
    let shape = g.shape(x);
    shape.rank() == 2 && shape[0] == shape[1] && matches!((axis(a), axis(b)), (Some(0), Some(1)) | (Some(1), Some(0)))
}

/// The right side is diagonal, or the left one is.
fn dot_diagonal(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (spec, x, y) = plain_dot(g, id)?;
    let (&[of_x], &[of_y]) = (&spec.lhs[..], &spec.rhs[..]) else { return None };
    let shape = g.shape(id).clone();
    let (other, contracted, diagonal, place) = match diagonal(g, y) {
        Some(found) => (x, of_x, found, shape.rank() - 1),
        None => (y, of_y, diagonal(g, x)?, 0),
    };
    // The axis that is contracted comes back at the place of the one that is left of the matrix.
    let mut order: Vec<usize> = (0..g.shape(other).rank()).filter(|&axis| axis != contracted).collect();
    order.insert(place, contracted);
    let moved = g.permute(other, &order.into_iter().collect());
    Some(match diagonal {
        Some(values) => {
            let values = g.broadcast(values, &shape, &[place].into_iter().collect());
            g.mul(moved, values)
        }
        None => moved,
    })
}

/// Along the axis in which ones stand.
fn dot_one_hot(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (spec, x, y) = plain_dot(g, id)?;
    let (&[of_x], &[of_y]) = (&spec.lhs[..], &spec.rhs[..]) else { return None };
    let left = one_hot(g, x).filter(|_| of_x + 1 == g.shape(x).rank());
    let right = one_hot(g, y).filter(|_| of_y + 1 == g.shape(y).rank());
    let ((indices, out), other, axis, first) = match (left, right) {
        (Some(found), _) => (found, y, of_y, g.shape(x).rank() - 1),
        (None, Some(found)) => (found, x, of_x, 0),
        (None, None) => return None,
    };
    let rank = g.shape(other).rank();
    let windows = GatherSpec {
        offset: (first..first + rank - 1).collect(),
        collapsed: Axes::new(&[axis]),
        start_map: Axes::new(&[axis]),
        index_axis: g.shape(indices).rank(),
        sizes: (0..rank).map(|at| if at == axis { 1 } else { g.shape(other)[at] }).collect(),
        out,
        ..GatherSpec::default()
    };
    Some(g.gather(other, indices, windows))
}

/// The indices of rows of zeros with a one each, along the last axis, and what becomes of an index that is in none.
fn one_hot(g: &Graph, x: NodeId) -> Option<(NodeId, OutOfRange)> {
    let (Op::Scatter(Scatter::Set, spec), &[zeros, indices, ones]) = (g.op(x), g.operands(x)) else { return None };
    let (spec, rows) = (&g[spec], g.shape(indices).rank());
    let last = Axes::new(&[rows]);
    let each = g.known(zeros) == Some(0.0) && g.known(ones) == Some(1.0);
    let of_rows = spec.operand_batch.rank() == rows && spec.collapsed == last && spec.start_map == last;
    (each && of_rows && spec.index_axis == rows).then_some((indices, spec.out))
}

fn dot_common(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let [first, second] = *g.operands(id) else { return None };
    let (Op::Dot(a), Op::Dot(b)) = (g.op(first), g.op(second)) else { return None };
    let spec = g[a].clone();
    if first == second || spec != g[b] {
        return None;
    }
    let ([x, y], [z, w]) =
        ([g.operands(first)[0], g.operands(first)[1]], [g.operands(second)[0], g.operands(second)[1]]);
    match (x == z, y == w) {
        (true, _) => {
            let sum = g.add(y, w);
            Some(g.dot(x, sum, spec))
        }
        (_, true) => {
            let sum = g.add(x, z);
            Some(g.dot(sum, y, spec))
        }
        _ => None,
    }
}

/// One side of a contraction without batch axes.
struct Factor<'s> {
    x: NodeId,
    contracted: &'s Axes,
    free: &'s Axes,
    /// Where its free axes start in the result.
    offset: usize,
}

impl Factor<'_> {
    /// Whether it is the same all along what is contracted.
    fn is_constant(&self, g: &Graph) -> bool {
        let Op::Broadcast(spec) = g.op(self.x) else { return false };
        self.contracted.iter().all(|axis| !g[spec].axes.contains(axis))
    }

    /// What it repeats, in the shape of the result.
    fn spread(&self, g: &mut Graph, shape: &Shape) -> Option<NodeId> {
        let Op::Broadcast(spec) = g.op(self.x) else { return None };
        let place = |axis: &usize| Some(self.offset + self.free.iter().position(|free| free == axis)?);
        let places = g[spec].axes.iter().map(place).collect::<Option<Axes>>()?;
        Some(g.broadcast(g.operands(self.x)[0], shape, &places))
    }
}

/// A contraction without batch axes.
fn plain_dot(g: &Graph, id: NodeId) -> Option<(DotSpec, NodeId, NodeId)> {
    let Op::Dot(spec) = g.op(id) else { return None };
    let spec = g[spec].clone();
    (spec.lhs_batch.rank() == 0).then(|| (spec, g.operands(id)[0], g.operands(id)[1]))
}

fn dot_associate(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    to_the_right(g, id).or_else(|| to_the_left(g, id))
}

/// (x·y)·z as x·(y·z), if z meets y alone.
fn to_the_right(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (outer, product, z) = plain_dot(g, id)?;
    let (inner, x, y) = plain_dot(g, product)?;
    let before = inner.lhs_free(g.shape(x).rank()).rank();
    let free = inner.rhs_free(g.shape(y).rank());
    let met = outer.lhs.iter().map(|axis| axis.checked_sub(before).map(|at| free[at])).collect::<Option<Axes>>()?;
    let left: Axes = (0..g.shape(y).rank()).filter(|axis| !met.contains(axis)).collect();
    let again = inner.rhs.iter().map(|axis| left.iter().position(|old| old == axis)).collect::<Option<Axes>>()?;
    let work = |g: &Graph, id: NodeId, x: NodeId, axes: &Axes| multiplications(g.shape(id), g.shape(x), axes);
    let now = work(g, id, product, &outer.lhs).saturating_add(work(g, product, x, &inner.lhs));
    let first: Shape = left
        .iter()
        .map(|&axis| g.shape(y)[axis])
        .chain(outer.rhs_free(g.shape(z).rank()).iter().map(|&axis| g.shape(z)[axis]))
        .collect();
    let then =
        multiplications(&first, g.shape(y), &met).saturating_add(multiplications(g.shape(id), g.shape(x), &inner.lhs));
    (then < now).then(|| {
        let right = g.dot(y, z, DotSpec { lhs: met, rhs: outer.rhs, ..DotSpec::default() });
        g.dot(x, right, DotSpec { lhs: inner.lhs, rhs: again, ..DotSpec::default() })
    })
}

/// x·(y·z) as (x·y)·z, if x meets y alone.
fn to_the_left(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (outer, x, product) = plain_dot(g, id)?;
    let (inner, y, z) = plain_dot(g, product)?;
    let free = inner.lhs_free(g.shape(y).rank());
    let met = outer.rhs.iter().map(|&axis| free.get(axis).copied()).collect::<Option<Axes>>()?;
    let left: Axes = (0..g.shape(y).rank()).filter(|axis| !met.contains(axis)).collect();
    let kept = outer.lhs_free(g.shape(x).rank());
    let again = |axis: &usize| Some(kept.rank() + left.iter().position(|old| old == axis)?);
    let again = inner.lhs.iter().map(again).collect::<Option<Axes>>()?;
    let work = |g: &Graph, id: NodeId, x: NodeId, axes: &Axes| multiplications(g.shape(id), g.shape(x), axes);
    let now = work(g, id, x, &outer.lhs).saturating_add(work(g, product, y, &inner.lhs));
    let first: Shape =
        kept.iter().map(|&axis| g.shape(x)[axis]).chain(left.iter().map(|&axis| g.shape(y)[axis])).collect();
    let then = multiplications(&first, g.shape(x), &outer.lhs).saturating_add(multiplications(
        g.shape(id),
        g.shape(y),
        &inner.lhs,
    ));
    (then < now).then(|| {
        let first = g.dot(x, y, DotSpec { lhs: outer.lhs, rhs: met, ..DotSpec::default() });
        g.dot(first, z, DotSpec { lhs: again, rhs: inner.rhs, ..DotSpec::default() })
    })
}

/// Of a contraction with this result, along these axes of an operand.
fn multiplications(result: &Shape, operand: &Shape, axes: &Axes) -> usize {
    axes.iter().fold(result.elements(), |work, &axis| work.saturating_mul(operand[axis]))
}

/// One side at a time; axes that stay must stay in order.
fn dot_permute(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::Dot(spec) = g.op(id) else { return None };
    let (spec, [x, y]) = (g[spec].clone(), [g.operands(id)[0], g.operands(id)[1]]);
    if let Some((inner, axes)) = permuted(g, x)
        && spec.lhs_free(axes.rank()).iter().map(|&axis| axes[axis]).is_sorted()
    {
        let (lhs, lhs_batch) = (through(&spec.lhs, &axes), through(&spec.lhs_batch, &axes));
        return Some(g.dot(inner, y, DotSpec { lhs, lhs_batch, ..spec }));
    }
    let (inner, axes) = permuted(g, y)?;
    let (rhs, rhs_batch) = (through(&spec.rhs, &axes), through(&spec.rhs_batch, &axes));
    let in_order = spec.rhs_free(axes.rank()).iter().map(|&axis| axes[axis]).is_sorted();
    in_order.then(|| g.dot(x, inner, DotSpec { rhs, rhs_batch, ..spec }))
}

fn permuted(g: &Graph, x: NodeId) -> Option<(NodeId, Axes)> {
    match g.op(x) {
        Op::Permute(axes) => Some((g.operands(x)[0], g[axes].clone())),
        _ => None,
    }
}

fn through(list: &Axes, axes: &Axes) -> Axes {
    list.iter().map(|&axis| axes[axis]).collect()
}

fn permute_dot(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let product = g.operands(id)[0];
    let (Op::Permute(axes), Op::Dot(spec)) = (g.op(id), g.op(product)) else { return None };
    let (spec, [x, y]) = (g[spec].clone(), [g.operands(product)[0], g.operands(product)[1]]);
    let batch = spec.lhs_batch.rank();
    let left = spec.lhs_free(g.shape(x).rank()).rank();
    let rank = g.shape(id).rank();
    let traded = (0..batch).chain(batch + left..rank).chain(batch..batch + left);
    let turned = DotSpec { lhs: spec.rhs, rhs: spec.lhs, lhs_batch: spec.rhs_batch, rhs_batch: spec.lhs_batch };
    g[axes].iter().copied().eq(traded).then(|| g.dot(y, x, turned))
}
