//! Tuples and records that are built to be taken apart, or taken apart to be built.

use graph_core::{Graph, NodeId, Op, Opcode};

use crate::level::Class::Exact;
use crate::rule::{Rule, law};

pub fn rules() -> Vec<Rule> {
    let built = [Opcode::Tuple, Opcode::Record];
    vec![
        law("get-of-built", Exact, [Opcode::Get], "get((x, y), 0) = x", get_of_built),
        law("built-of-gets", Exact, built, "(get(t, 0), get(t, 1)) = t, if t has these parts", built_of_gets)
            .of(Opcode::Get),
    ]
}

fn get_of_built(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (Op::Get(index), built) = (g.op(id), g.operands(id)[0]) else { return None };
    match g.op(built) {
        Op::Tuple | Op::Record(_) => Some(g.operands(built)[index as usize]),
        _ => None,
    }
}

fn built_of_gets(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let whole = g.operands(*g.operands(id).first()?)[0];
    let part = |(index, &x): (usize, &NodeId)| g.op(x) == Op::Get(index as u32) && g.operands(x)[0] == whole;
    let is_it = g.type_id(whole) == g.type_id(id) && g.operands(id).iter().enumerate().all(part);
    is_it.then_some(whole)
}
