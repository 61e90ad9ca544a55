//! One order for the operands of commutative ops, so that equal values are equal nodes: older first, constants last.
//!
//! Age is relative to the graph and survives rewriting, so a second pass finds every node in order.

use graph_core::op::{Binary, Compare, Integer, Logic};
use graph_core::{Graph, NodeId, Op, Opcode};

use crate::level::Class::Exact;
use crate::pattern::commutes;
use crate::rule::{Rule, law};

pub fn rules() -> Vec<Rule> {
    let binary = Binary::ALL.iter().map(|&op| Op::Binary(op));
    let logic = Logic::ALL.iter().map(|&op| Op::Logic(op));
    let compare = Compare::ALL.iter().map(|&op| Opcode::Compare(op));
    let integer = Integer::ALL.iter().map(|&op| Op::Integer(op));
    let heads = binary.chain(logic).chain(integer).filter(|&op| commutes(op)).map(Op::code).chain(compare);
    vec![law("commute", Exact, heads, "x + y = y + x, x < y = y > x", commute)]
}

fn commute(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (mut op, mut operands) = (g.op(id), g.operands_vec(id));
    arrange(g, &mut op, &mut operands).then(|| g.node(op, &operands))
}

/// Puts the operands of a commutative op, or of a comparison, in order; whether they were not.
pub fn arrange(g: &Graph, op: &mut Op, operands: &mut [NodeId]) -> bool {
    let &mut [x, y] = operands else { return false };
    let key = |id: NodeId| (matches!(g.op(id), Op::Const(_)), id.index());
    let swapped = match *op {
        Op::Compare(compare) => Op::Compare(compare.swapped()),
        op if commutes(op) => op,
        _ => return false,
    };
    if key(x) <= key(y) {
        return false;
    }
    operands.swap(0, 1);
    *op = swapped;
    true
}
