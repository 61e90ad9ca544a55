//! Laws that hold because of what is known of an operand ([`facts`]): its sign, that it is finite, that it is whole. They
//! let at every level what real-number algebra alone may not do: `x·0` is 0, and `x − x`, where x is known to be finite.

use graph_core::op::{Binary, Compare, Op, Test, Unary};
use graph_core::{Graph, Literal, NodeId, Opcode, Scalar};

use crate::facts::{Facts, facts};
use crate::level::Class::{Exact, Safe};
use crate::rule::{Rule, law};

pub fn rules() -> Vec<Rule> {
    let unary = |op: Unary| [Opcode::Unary(op)];
    let binary = |op: Binary| [Opcode::Binary(op)];
    vec![
        law("abs-positive", Exact, unary(Unary::Abs), "abs(x) = x, if x > 0", if_positive),
        law("relu-positive", Exact, unary(Unary::Relu), "relu(x) = x, if x > 0", if_positive),
        law("sign-positive", Exact, unary(Unary::Sign), "sign(x) = 1, if x > 0 and not NaN", sign_positive),
        law(
            "rounding-whole",
            Exact,
            [Unary::Floor, Unary::Ceil, Unary::Trunc, Unary::Round].map(Opcode::Unary),
            "floor(x) = x, if x is whole; so for ceil, trunc, round",
            rounding_whole,
        ),
        law("max-apart", Exact, binary(Binary::Max), "max(x, y) = x, if x > y and neither is NaN", larger),
        law("min-apart", Exact, binary(Binary::Min), "min(x, y) = x, if x < y and neither is NaN", smaller),
        law("mul-zero-finite", Safe, binary(Binary::Mul), "x * 0 = 0, if x is finite", mul_zero),
        law("sub-self-finite", Exact, binary(Binary::Sub), "x - x = 0, if x is finite", sub_self),
        law("div-self-finite", Exact, binary(Binary::Div), "x / x = 1, if x is finite and not 0", div_self),
        law("exp-log-positive", Safe, unary(Unary::Exp), "exp(log(x)) = x, if x > 0", exp_log)
            .of(Opcode::Unary(Unary::Log)),
        law(
            "compare-apart",
            Exact,
            [Compare::Eq, Compare::Ne, Compare::Lt, Compare::Le, Compare::Gt, Compare::Ge].map(Opcode::Compare),
            "x < y = true, if all x are less than all y and neither is NaN; so for the other comparisons",
            compare_apart,
        ),
        law(
            "test-known",
            Exact,
            Test::ALL.iter().map(|&test| Opcode::Test(test)),
            "is_finite(x) = true, if x is finite; so for the other predicates",
            test_known,
        ),
    ]
}

fn operand(g: &Graph, id: NodeId, at: usize) -> Facts {
    facts(g, g.operands(id)[at])
}

fn if_positive(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    operand(g, id, 0).is_positive().then(|| g.operands(id)[0])
}

fn sign_positive(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let x = operand(g, id, 0);
    (x.is_positive() && !x.nan).then(|| g.splat_like(1.0, id))
}

fn rounding_whole(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    operand(g, id, 0).whole.then(|| g.operands(id)[0])
}

fn larger(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let at = place(operand(g, id, 0), operand(g, id, 1))?;
    Some(g.operands(id)[at])
}

fn smaller(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let at = place(operand(g, id, 0), operand(g, id, 1))?;
    Some(g.operands(id)[1 - at])
}

/// Which of two is larger everywhere.
fn place(x: Facts, y: Facts) -> Option<usize> {
    match (x.nan || y.nan, x.low > y.high, y.low > x.high) {
        (false, true, _) => Some(0),
        (false, _, true) => Some(1),
        _ => None,
    }
}

fn is_real(g: &Graph, id: NodeId) -> bool {
    g.ty(id).as_tensor().is_some_and(|t| t.dtype.is_float())
}

fn mul_zero(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let [x, y] = *g.operands(id) else { return None };
    (is_real(g, id) && g.known(y) == Some(0.0) && facts(g, x).is_finite()).then(|| g.splat_like(0.0, id))
}

fn sub_self(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let [x, y] = *g.operands(id) else { return None };
    (x == y && is_real(g, id) && facts(g, x).is_finite()).then(|| g.splat_like(0.0, id))
}

fn div_self(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let [x, y] = *g.operands(id) else { return None };
    let known = |g: &Graph| facts(g, x).is_finite() && facts(g, x).is_nonzero();
    (x == y && is_real(g, id) && known(g)).then(|| g.splat_like(1.0, id))
}

fn exp_log(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let x = g.operands(g.operands(id)[0])[0];
    facts(g, x).is_positive().then_some(x)
}

fn compare_apart(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::Compare(op) = g.op(id) else { return None };
    if g.operands(id).iter().any(|&x| !is_real(g, x)) {
        return None;
    }
    let holds = match place(operand(g, id, 0), operand(g, id, 1))? {
        0 => op.eval(&1.0, &0.0),
        _ => op.eval(&0.0, &1.0),
    };
    Some(truth(g, id, holds))
}

fn test_known(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::Test(test) = g.op(id) else { return None };
    // A finite number answers every predicate as any other does.
    operand(g, id, 0).is_finite().then(|| truth(g, id, test.eval(1.0)))
}

fn truth(g: &mut Graph, id: NodeId, holds: bool) -> NodeId {
    let shape = g.shape(id).clone();
    g.literal_node(Literal::splat(Scalar::Bool(holds), shape))
}
