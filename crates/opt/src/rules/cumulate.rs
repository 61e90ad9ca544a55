//! Running combinations: of one element, between reversals.

use graph_core::op::{Cumulate, CumulateSpec};
use graph_core::{Graph, NodeId, Op, Opcode};

use crate::level::Class::Exact;
use crate::rule::{Rule, law};

pub fn rules() -> Vec<Rule> {
    let all = || Cumulate::ALL.iter().map(|&op| Opcode::Cumulate(op));
    vec![
        law("cumulate-one", Exact, all(), "cum(x) = x, along at most one element", cumulate_one),
        law("reverse-cumulate", Exact, [Opcode::Reverse], "reverse(cum(reverse(x))) = cum(x) from the other end", turn),
    ]
}

fn cumulate_one(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::Cumulate(_, spec) = g.op(id) else { return None };
    (g.shape(id)[g[spec].axis] <= 1).then_some(g.operands(id)[0])
}

fn turn(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let cumulated = g.operands(id)[0];
    let (Op::Reverse(outer), Op::Cumulate(op, spec)) = (g.op(id), g.op(cumulated)) else { return None };
    let turned = g.operands(cumulated)[0];
    let CumulateSpec { axis, reverse } = g[spec];
    let is_it = g.op(turned) == Op::Reverse(outer) && g[outer][..] == [axis];
    is_it.then(|| g.cumulate(op, g.operands(turned)[0], axis, !reverse))
}
