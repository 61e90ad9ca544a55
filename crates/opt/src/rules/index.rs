//! Windows that indices choose: what is known before the run. A window that is out of range stays where it is, because its
//! error belongs to the run.

use graph_core::op::SliceSpec;
use graph_core::{Graph, NodeId, Op, Opcode, Shape};

use crate::level::Class::Exact;
use crate::rule::{Rule, law};

pub fn rules() -> Vec<Rule> {
    vec![
        law(
            "gather-one",
            Exact,
            [Opcode::Gather],
            "gather(x, c) = slice(x), one window at a constant place",
            gather_one,
        ),
        law(
            "scatter-none",
            Exact,
            Opcode::all().iter().copied().filter(|code| matches!(code, Opcode::Scatter(_))),
            "scatter(x, i, u) = x, if there is no window",
            scatter_none,
        ),
    ]
}

fn gather_one(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::Gather(spec) = g.op(id) else { return None };
    let (x, spec) = (g.operands(id)[0], g[spec].clone());
    let literal = g.literal(g.operands(id)[1])?;
    let indices = &literal.ty.shape;
    let positions = spec.positions(indices);
    if positions.elements() != 1 {
        return None;
    }
    let strides = indices.strides();
    let read = |at: &[usize]| literal.get(at.iter().zip(&strides).map(|(i, stride)| i * stride).sum()).as_i64();
    let start = spec.start(g.shape(x), indices, &positions.unravel(0), read).ok()?;
    let shape = g.shape(id).clone();
    let Some(start) = start else { return Some(g.splat_like(0.0, id)) };
    let limit = start.iter().zip(spec.sizes.iter()).map(|(start, size)| start + size).collect();
    let stride = spec.sizes.iter().map(|_| 1).collect();
    let slice = g.intern_slice(SliceSpec { start: start.into_iter().collect::<Shape>(), limit, stride });
    let window = g.node(Op::Slice(slice), &[x]);
    Some(g.reshape(window, &shape))
}

fn scatter_none(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::Scatter(_, spec) = g.op(id) else { return None };
    let positions = g[spec].positions(g.shape(g.operands(id)[1]));
    (positions.elements() == 0).then(|| g.operands(id)[0])
}
