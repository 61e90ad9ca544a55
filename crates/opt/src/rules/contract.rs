//! Contractions: permutations go into the axes that `dot` names.

use graph_core::op::{Axes, DotSpec};
use graph_core::{Graph, NodeId, Op, Opcode};

use crate::level::Class::{Exact, Safe};
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
    ]
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
