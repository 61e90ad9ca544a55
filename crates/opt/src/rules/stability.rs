//! Formulas that overflow or cancel inside, and the op that does not.
//!
//! The right side is the true value where the left one has lost it: `log(1 + exp x)` is infinite from x = 710 on and 0
//! below −37. NaN operands still give NaN.
//!
//! Bottom-up rewriting meets the parts first: `log(1 - exp x)` arrives here as `log(-expm1 x)`.

use crate::level::Class::{Exact, Relaxed, Safe};
use crate::pattern::ops::*;
use crate::pattern::{X, Y};
use crate::rule::{Rule, rule};

pub fn rules() -> Vec<Rule> {
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
        // the norm of a pair, whose gradient at the origin is 0; an infinity beside a NaN is infinite, as IEEE 754 has it
        rule("hypot", Safe, sqrt(square(X) + square(Y)), hypot(X, Y)),
    ]
}
