//! Convolutions: without spatial axes they are contractions.

use graph_core::op::DotSpec;
use graph_core::{Graph, NodeId, Op, Opcode};

use crate::level::Class::Safe;
use crate::rule::{Rule, law};

pub fn rules() -> Vec<Rule> {
    vec![law("conv-flat", Safe, [Opcode::Conv], "conv(x, k) = dot(x, k), if there is no spatial axis", conv_flat)]
}

fn conv_flat(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (Op::Conv(spec), &[x, kernel]) = (g.op(id), g.operands(id)) else { return None };
    let flat = g[spec].slides.is_empty() && g[spec].feature_groups == 1 && g[spec].batch_groups == 1;
    flat.then(|| g.dot(x, kernel, DotSpec::contract(&[1], &[1])))
}
