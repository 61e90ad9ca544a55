//! Formulas that overflow or cancel inside, and the op that does not.
//!
//! The right side is the true value where the left one has lost it: `log(1 + exp x)` is infinite from x = 710 on and 0
//! below −37. NaN operands still give NaN.
//!
//! Bottom-up rewriting meets the parts first: `log(1 - exp x)` arrives here as `log(-expm1 x)`.

use graph_core::op::{Axes, Binary, Linalg, Op, Reduce, Test, Unary};
use graph_core::{Graph, NodeId, Opcode};

use crate::level::Class::{Exact, Relaxed, Safe};
use crate::pattern::ops::*;
use crate::pattern::{X, Y};
use crate::rule::{Rule, law, rule};

pub fn rules() -> Vec<Rule> {
    [logarithms(), undone(), near_one_and_quotients(), laws()].into_iter().flatten().collect()
}

fn logarithms() -> Vec<Rule> {
    vec![
        // logarithms of sums
        rule("softplus", Safe, log(exp(X) + 1.0), softplus(X)),
        rule("log1p-exp", Safe, log1p(exp(X)), softplus(X)),
        rule("logaddexp", Safe, log(exp(X) + exp(Y)), logaddexp(X, Y)),
        rule("log1mexp", Safe, log(-expm1(X)), log1mexp(X)),
        rule("log1p-neg-exp", Safe, log1p(-exp(X)), log1mexp(X)),
        rule("log-sigmoid", Safe, log(sigmoid(X)), log_sigmoid(X)),
        rule("neg-softplus-neg", Exact, -softplus(-X), log_sigmoid(X)),
        rule("neg-log-sigmoid", Exact, -log_sigmoid(X), softplus(-X)),
        rule("log-cosh", Safe, log(cosh(X)), log_cosh(X)),
        rule("log-ndtr", Safe, log(ndtr(X)), log_ndtr(X)),
        rule("logit", Safe, log(X / (1.0 - X)), logit(X)),
        rule("logit-difference", Safe, log(X) - log1p(-X), logit(X)),
        rule("log-gamma", Relaxed, log(gamma(X)), lgamma(X)),
        rule("log1p", Safe, log(X + 1.0), log1p(X)),
        rule("log1p-neg", Safe, log(1.0 - X), log1p(-X)),
        rule("log1p-minus-one", Safe, log1p(X - 1.0), log(X)),
        rule("log-mul-exp", Safe, log(X * exp(Y)), log(X) + Y),
    ]
}

fn undone() -> Vec<Rule> {
    vec![
        // functions undone, where the outer one is defined on the whole range of the inner one
        rule("log-exp", Safe, log(exp(X)), X),
        rule("log2-exp2", Safe, log2(exp2(X)), X),
        rule("log10-exp10", Safe, log10(exp10(X)), X),
        rule("log1p-expm1", Safe, log1p(expm1(X)), X),
        rule("logit-sigmoid", Safe, logit(sigmoid(X)), X),
        rule("atanh-tanh", Safe, atanh(tanh(X)), X),
        rule("asinh-sinh", Safe, asinh(sinh(X)), X),
        rule("exp-log-sigmoid", Safe, exp(log_sigmoid(X)), sigmoid(X)),
        rule("exp-log-ndtr", Safe, exp(log_ndtr(X)), ndtr(X)),
        rule("recip-recip", Safe, recip(recip(X)), X),
    ]
}

fn near_one_and_quotients() -> Vec<Rule> {
    vec![
        // one minus a number near one
        rule("expm1", Safe, exp(X) - 1.0, expm1(X)),
        rule("one-minus-exp", Safe, 1.0 - exp(X), -expm1(X)),
        rule("expm1-plus-one", Safe, expm1(X) + 1.0, exp(X)),
        rule("sech2", Safe, 1.0 - square(tanh(X)), sech2(X)),
        rule("sech2-minus", Safe, square(tanh(X)) - 1.0, -sech2(X)),
        rule("sech2-product", Safe, (1.0 - tanh(X)) * (tanh(X) + 1.0), sech2(X)),
        rule("recip-cosh-square", Safe, recip(square(cosh(X))), sech2(X)),
        rule("square-recip-cosh", Safe, square(recip(cosh(X))), sech2(X)),
        rule("one-minus-sigmoid", Safe, 1.0 - sigmoid(X), sigmoid(-X)),
        rule("one-minus-erf", Safe, 1.0 - erf(X), erfc(X)),
        rule("one-minus-erfc", Safe, 1.0 - erfc(X), erf(X)),
        rule("one-minus-ndtr", Safe, 1.0 - ndtr(X), ndtr(-X)),
        // quotients of exponentials
        rule("sigmoid", Safe, recip(exp(-X) + 1.0), sigmoid(X)),
        rule("sigmoid-neg", Safe, recip(exp(X) + 1.0), sigmoid(-X)),
        rule("exp-sigmoid-neg", Safe, exp(X) * sigmoid(-X), sigmoid(X)),
        rule("sigmoid-quotient", Safe, exp(X) / (exp(X) + 1.0), sigmoid(X)),
        rule("tanh-quotient", Safe, sinh(X) / cosh(X), tanh(X)),
        rule("tan-quotient", Safe, sin(X) / cos(X), tan(X)),
        rule("silu", Safe, X * sigmoid(X), silu(X)),
        rule("silu-quotient", Safe, X / (exp(-X) + 1.0), silu(X)),
        rule("gelu", Safe, X * ndtr(X), gelu(X)),
        rule("mish", Safe, X * tanh(softplus(X)), mish(X)),
    ]
}

fn laws() -> Vec<Rule> {
    vec![
        // sums of exponentials along axes, shifted by the whole part of the largest, which has no derivative
        law(
            "log-sum-exp",
            Safe,
            [Opcode::Unary(Unary::Log)],
            "log(sum(exp(x))) = m + log(sum(exp(x - m))), where m = floor(max(x)), or 0 if that is not finite",
            log_sum_exp,
        )
        .of(Opcode::Reduce(Reduce::Sum))
        .dearer(),
        law(
            "softmax",
            Safe,
            [Opcode::Binary(Binary::Div)],
            "exp(x) / sum(exp(x)) = exp(x - m) / sum(exp(x - m)), where m = floor(max(x)), or 0 if that is not finite",
            softmax,
        )
        .of(Opcode::Unary(Unary::Exp))
        .dearer(),
        law(
            "softmax-product",
            Safe,
            [Opcode::Binary(Binary::Mul)],
            "exp(x) * recip(sum(exp(x))) = exp(x - m) / sum(exp(x - m)), where m = floor(max(x)), or 0 if that is not finite",
            softmax_product,
        )
        .dearer(),
        // logarithms of what is a product inside
        law(
            "log-prod",
            Safe,
            [Opcode::Unary(Unary::Log)],
            "log(prod(x)) = sum(log(abs(x))) + log(prod(sign(x)))",
            log_prod,
        )
        .of(Opcode::Reduce(Reduce::Prod))
        .dearer(),
        law(
            "log-det",
            Safe,
            [Opcode::Unary(Unary::Log)],
            "log(det(x)) = log_magnitude + log(sign), where (sign, log_magnitude) = slogdet(x)",
            log_det,
        )
        .of(Opcode::Linalg(Linalg::Det))
        .dearer(),
        // the norm of a pair, whose gradient at the origin is 0; an infinity beside a NaN is infinite, as IEEE 754 has it
        rule("hypot", Safe, sqrt(square(X) + square(Y)), hypot(X, Y)),
    ]
}

/// The logarithm of the signs is 0, or no number, or that of zero.
fn log_prod(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let product = g.operands(id)[0];
    let Op::Reduce(Reduce::Prod, axes) = g.op(product) else { return None };
    let (x, axes) = (g.operands(product)[0], g[axes].clone());
    if !g.ty(x).as_tensor()?.dtype.is_float() || g.op(x) == Op::Unary(Unary::Sign) {
        return None;
    }
    let (magnitude, sign) = (g.unary(Unary::Abs, x), g.unary(Unary::Sign, x));
    let logs = g.unary(Unary::Log, magnitude);
    let (sum, sign) = (g.reduce(Reduce::Sum, logs, &axes), g.reduce(Reduce::Prod, sign, &axes));
    let of_sign = g.unary(Unary::Log, sign);
    Some(g.add(sum, of_sign))
}

fn log_det(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let det = g.operands(id)[0];
    let both = g.node(Op::Linalg(Linalg::SlogDet), &[g.operands(det)[0]]);
    let (sign, magnitude) = (g.get(both, 0), g.get(both, 1));
    let of_sign = g.unary(Unary::Log, sign);
    Some(g.add(magnitude, of_sign))
}

/// A sum of exponentials along axes.
struct Exponentials {
    x: NodeId,
    axes: Axes,
}

impl Exponentials {
    /// That of this node, if nothing has been subtracted yet.
    fn of(g: &Graph, sum: NodeId) -> Option<Exponentials> {
        let Op::Reduce(Reduce::Sum, axes) = g.op(sum) else { return None };
        let exp = g.operands(sum)[0];
        let x = g.operands(exp).first().copied().filter(|_| g.op(exp) == Op::Unary(Unary::Exp))?;
        (!is_shifted(g, x)).then(|| Exponentials { x, axes: g[axes].clone() })
    }

    /// The whole part of the largest, for each sum.
    fn shift(&self, g: &mut Graph) -> NodeId {
        let largest = g.reduce(Reduce::Max, self.x, &self.axes);
        let whole = g.unary(Unary::Floor, largest);
        let (finite, zero) = (g.node(Op::Test(Test::IsFinite), &[largest]), g.splat_like(0.0, largest));
        g.select(finite, whole, zero)
    }

    /// The exponentials of what is left without the shift, and their sum.
    fn shifted(&self, g: &mut Graph, shift: NodeId) -> (NodeId, NodeId) {
        let shape = g.shape(self.x).clone();
        let kept: Axes = (0..shape.rank()).filter(|axis| !self.axes.contains(axis)).collect();
        let shift = g.broadcast(shift, &shape, &kept);
        let rest = g.node(Op::Binary(Binary::Sub), &[self.x, shift]);
        let exp = g.unary(Unary::Exp, rest);
        let sum = g.reduce(Reduce::Sum, exp, &self.axes);
        (exp, sum)
    }
}

/// Whether a shift was subtracted: by these laws, by the builders, or the largest itself by a user.
fn is_shifted(g: &Graph, x: NodeId) -> bool {
    let (Op::Binary(Binary::Sub), Some(&shift)) = (g.op(x), g.operands(x).get(1)) else { return false };
    let shift = if matches!(g.op(shift), Op::Broadcast(_)) { g.operands(shift)[0] } else { shift };
    matches!(g.op(shift), Op::Select | Op::Reduce(Reduce::Max, _) | Op::Unary(Unary::Floor | Unary::StopGradient))
}

fn log_sum_exp(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let sums = Exponentials::of(g, g.operands(id)[0])?;
    let shift = sums.shift(g);
    let (_, sum) = sums.shifted(g, shift);
    let log = g.unary(Unary::Log, sum);
    Some(g.add(shift, log))
}

/// The sum stands under the quotient, repeated along its axes.
fn softmax(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let [exp, below] = *g.operands(id) else { return None };
    quotient(g, exp, inner(g, below), below, None)
}

/// The reciprocal of the sum stands beside it, as in the derivative of the logarithm of a sum.
fn softmax_product(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let [x, y] = *g.operands(id) else { return None };
    [(x, y), (y, x)].into_iter().find_map(|(exp, factor)| {
        let recip = inner(g, factor);
        let sum = g.operands(recip).first().copied().filter(|_| g.op(recip) == Op::Unary(Unary::Recip))?;
        quotient(g, exp, sum, factor, Some(recip))
    })
}

/// What a broadcast repeats, or the node itself.
fn inner(g: &Graph, x: NodeId) -> NodeId {
    if matches!(g.op(x), Op::Broadcast(_)) { g.operands(x)[0] } else { x }
}

/// exp(x)/sum(exp(x)) with x shifted; `repeated` is the sum, or its reciprocal, repeated along the axes of the sum.
fn quotient(g: &mut Graph, exp: NodeId, sum: NodeId, repeated: NodeId, recip: Option<NodeId>) -> Option<NodeId> {
    if g.op(exp) != Op::Unary(Unary::Exp) {
        return None;
    }
    let sums = Exponentials::of(g, sum).filter(|sums| sums.x == g.operands(exp)[0])?;
    let shape = g.shape(exp).clone();
    let kept: Axes = (0..shape.rank()).filter(|axis| !sums.axes.contains(axis)).collect();
    if g.broadcast(recip.unwrap_or(sum), &shape, &kept) != repeated {
        return None;
    }
    let shift = sums.shift(g);
    let (exp, sum) = sums.shifted(g, shift);
    let below = g.broadcast(sum, &shape, &kept);
    Some(g.node(Op::Binary(Binary::Div), &[exp, below]))
}
