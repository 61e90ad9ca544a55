//! Sorts: of lines that have one order only.

use graph_core::{DType, Graph, NodeId, Op, Opcode, TensorType};

use crate::level::Class::Exact;
use crate::rule::{Rule, law};

pub fn rules() -> Vec<Rule> {
    vec![law("sort-one", Exact, [Opcode::Sort], "sort(x, y) = (x, y, 0), along at most one element", sort_one)]
}

fn sort_one(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::Sort(spec) = g.op(id) else { return None };
    let mut parts = g.operands_vec(id);
    let shape = g.shape(parts[0]).clone();
    if shape[g[spec].axis] > 1 {
        return None;
    }
    parts.push(g.splat(0.0, &TensorType { dtype: DType::I64, shape }));
    Some(g.node(Op::Tuple, &parts))
}
