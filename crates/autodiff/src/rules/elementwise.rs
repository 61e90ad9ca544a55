//! Elementwise ops: both modes multiply by the partial of the op's table row, built as nodes; an operand in which the op
//! is linear is replaced by its derivative instead.

use graph_core::op::{Binary, Op, Unary};
use graph_core::{Graph, NodeId, Terms};

use super::Context;
use crate::masked::Masked;

/// ∂y/∂x for one operand, as a node; `None` where it is zero by mathematics.
pub fn partial(g: &mut Graph, y: NodeId, operand: usize) -> Option<NodeId> {
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

/// ∂y/∂x·d, for a cotangent of y or a tangent of x: elementwise, both modes are this product.
pub fn pull(g: &mut Graph, y: NodeId, operand: usize, d: Masked) -> Option<Masked> {
    match g.op(y) {
        // One reciprocal serves both operands, all sweeps and all orders.
        Op::Binary(Binary::Div) if operand == 0 => {
            let recip = g.unary(Unary::Recip, g.operands(y)[1]);
            Some(d.through(g, Binary::Mul, 0, recip))
        }
        Op::Binary(op) if op.is_linear_in(operand) => {
            let other = g.operands(y)[1 - operand];
            Some(d.through(g, op, operand, other))
        }
        _ => {
            let partial = partial(g, y, operand)?;
            d.times(g, partial)
        }
    }
}

/// ẏ = Σ ∂y/∂x·ẋ
pub fn push(cx: &Context, g: &mut Graph, y: NodeId, dx: &[Option<Masked>]) -> Option<Masked> {
    let mut sum: Option<Masked> = None;
    for (operand, dx) in dx.iter().enumerate() {
        let Some(dx) = dx else { continue };
        super::attribute(cx, g, y, operand);
        let Some(product) = pull(g, y, operand, *dx) else { continue };
        sum = Some(match sum {
            Some(sum) => sum.plus(g, product),
            None => product,
        });
    }
    sum
}
