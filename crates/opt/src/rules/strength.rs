//! Cheaper ops for the same function: powers, quotients, roots.

use graph_core::op::{Binary, Nth, Unary};
use graph_core::{Graph, NodeId, Op, Opcode};

use crate::level::Class::{Exact, Relaxed, Safe};
use crate::pattern::ops::*;
use crate::pattern::{A, Match, X, Y};
use crate::rule::{Rule, law, rule};

pub fn rules() -> Vec<Rule> {
    vec![
        rule("mul-self", Exact, X * X, square(X)),
        // powers; x⁰ is 1 for every x, NaN included, in both ops
        rule("powi-zero", Exact, powi(X, 0), 1.0),
        rule("powi-one", Exact, powi(X, 1), X),
        rule("powi-two", Exact, powi(X, 2), square(X)),
        rule("powi-minus-one", Exact, powi(X, -1), recip(X)),
        law(
            "pow-integer",
            Safe,
            [Opcode::Binary(Binary::Pow)],
            "pow(x, n) = powi(x, n), if n is a constant integer",
            pow_integer,
        ),
        rule("pow-half", Relaxed, pow(X, 0.5.into()), sqrt(X)),
        law(
            "mul-powers",
            Safe,
            [Opcode::Binary(Binary::Mul)],
            "xᵐ * xⁿ = xᵐ⁺ⁿ, if m, n > 0 and no multiplication is lost",
            mul_powers,
        ),
        // quotients
        rule("one-div", Exact, 1.0 / X, recip(X)),
        rule("div-power-of-two", Exact, X / A, X * recip(A)).when("1/a is exact", is_exact_reciprocal),
        rule("div-constant", Relaxed, X / A, X * recip(A)).when("1/a is finite", has_reciprocal),
        rule("div-div", Relaxed, (X / Y) / A, X / (Y * A)),
        // roots
        // derivatives of high order lose digits by it
        rule("recip-sqrt", Relaxed, recip(sqrt(X)), rsqrt(X)),
        rule("log-sqrt", Safe, log(sqrt(X)), log(X) * 0.5),
        rule("mul-sqrt", Relaxed, sqrt(X) * sqrt(Y), sqrt(X * Y)),
        rule("mul-exp", Relaxed, exp(X) * exp(Y), exp(X + Y)),
        // squares of circular and hyperbolic functions
        rule("sin-cos-squares", Relaxed, square(sin(X)) + square(cos(X)), 1.0),
        rule("cosh-sinh-squares", Relaxed, square(cosh(X)) - square(sinh(X)), 1.0),
    ]
}

fn is_exact_reciprocal(m: &Match<'_>) -> bool {
    let exact = |a: f64| a.to_bits() << 12 == 0 && a.is_normal() && a.recip().is_normal();
    m.number(&A).is_some_and(exact)
}

fn has_reciprocal(m: &Match<'_>) -> bool {
    m.number(&A).is_some_and(|a| a.is_normal() && a.recip().is_normal())
}

fn pow_integer(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let [x, y] = *g.operands(id) else { return None };
    let n = g.known(y).filter(|n| n.fract() == 0.0 && n.abs() <= f64::from(i32::MAX))?;
    Some(g.nth(Nth::Powi, n as i32, x))
}

/// Positive exponents alone: x³·x⁻² is NaN at 0, and x is not. Powers above 4 are not products, so they are made only
/// of one that is there. Powers are of reals.
fn mul_powers(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    if !g.ty(id).as_tensor()?.dtype.is_float() {
        return None;
    }
    let [x, y] = *g.operands(id) else { return None };
    let ((base, m), (other, n)) = (power(g, x), power(g, y));
    let sum = m.checked_add(n)?;
    let gains = sum >= 3 && (sum <= 4 || m.max(n) > 4);
    (base == other && m > 0 && n > 0 && gains).then(|| g.nth(Nth::Powi, sum, base))
}

fn power(g: &Graph, id: NodeId) -> (NodeId, i32) {
    match (g.op(id), g.operands(id)) {
        (Op::Nth(Nth::Powi, n), &[x]) => (x, n),
        (Op::Unary(Unary::Square), &[x]) => (x, 2),
        _ => (id, 1),
    }
}
