//! Elementwise ops: both modes multiply by the partial of the op's table row, built as nodes.

use graph_core::op::Op;
use graph_core::{Graph, NodeId, Terms};

use crate::masked::Masked;

/// ∂y/∂x for one operand, as a node; `None` where it is zero by mathematics.
fn partial(g: &mut Graph, y: NodeId, operand: usize) -> Option<NodeId> {
    let (op, operands) = (g.op(y), g.operands_vec(y));
    let terms = Terms::new(g);
    let term = |id: NodeId| terms.term(id);
    let cell = match op {
        Op::Unary(op) => op.partial(term(operands[0]), term(y)),
        Op::Nth(op, n) => op.partial(n, term(operands[0])),
        Op::Binary(op) => op.partial(operand, term(operands[0]), term(operands[1]), term(y)),
        _ => unreachable!("elementwise ops have table rows"),
    };
    cell.map(|term| term.id)
}

/// x̄ = ȳ·∂y/∂x
pub fn pull(g: &mut Graph, y: NodeId, operand: usize, ct: Masked) -> Option<Masked> {
    let partial = partial(g, y, operand)?;
    ct.times(g, partial)
}

/// ẏ = Σ ẋ·∂y/∂x
pub fn push(g: &mut Graph, y: NodeId, dx: &[Option<Masked>]) -> Option<Masked> {
    let mut sum: Option<Masked> = None;
    for (operand, dx) in dx.iter().enumerate() {
        let Some(dx) = dx else { continue };
        super::attribute(g, y, operand);
        let Some(product) = partial(g, y, operand).and_then(|partial| dx.times(g, partial)) else { continue };
        sum = Some(match sum {
            Some(sum) => sum.plus(g, product),
            None => product,
        });
    }
    sum
}
