//! Functions undone by their inverses.
//!
//! An inverse pair is `Exact` or `Safe` only where the inner function is defined everywhere: `exp(log x)` is NaN below 0
//! and `x` is not. Pairs that overflow inside stand in `stability`.

use crate::level::Class::{Exact, Relaxed, Safe};
use crate::pattern::X;
use crate::pattern::ops::*;
use crate::rule::{Rule, rule};

pub fn rules() -> Vec<Rule> {
    vec![
        rule("neg-neg", Exact, -(-X), X),
        rule("recip-rsqrt", Safe, recip(rsqrt(X)), sqrt(X)),
        rule("sinh-asinh", Safe, sinh(asinh(X)), X),
        // the inner function is defined on a part of the line
        rule("exp-log", Relaxed, exp(log(X)), X),
        rule("exp2-log2", Relaxed, exp2(log2(X)), X),
        rule("exp10-log10", Relaxed, exp10(log10(X)), X),
        rule("exp-log1p", Relaxed, exp(log1p(X)), X + 1.0),
        rule("expm1-log1p", Relaxed, expm1(log1p(X)), X),
        rule("square-sqrt", Relaxed, square(sqrt(X)), X),
        rule("sigmoid-logit", Relaxed, sigmoid(logit(X)), X),
        rule("tanh-atanh", Relaxed, tanh(atanh(X)), X),
        rule("cosh-acosh", Relaxed, cosh(acosh(X)), X),
        rule("sin-asin", Relaxed, sin(asin(X)), X),
        rule("cos-acos", Relaxed, cos(acos(X)), X),
        rule("erf-erfinv", Relaxed, erf(erfinv(X)), X),
        // |tan x| reaches 1e16 at most, so large numbers do not come back
        rule("tan-atan", Relaxed, tan(atan(X)), X),
        // derivatives at 0 differ
        rule("sqrt-square", Relaxed, sqrt(square(X)), abs(X)),
        rule("square-abs", Relaxed, square(abs(X)), square(X)),
        rule("abs-square", Relaxed, abs(square(X)), square(X)),
    ]
}
