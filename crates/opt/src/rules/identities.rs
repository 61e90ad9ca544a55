//! Neutral elements, signs, and collected terms.
//!
//! Signs move outwards, through products and quotients, until a constant or a sum takes them up. Sums with constants are
//! written with `+`. Absorbing laws (`0·x = 0`, `x − x = 0`, `x/x = 1`) hide NaN and infinities and are `Relaxed`.

use graph_core::DType;

use crate::level::Class::{Exact, Relaxed, Safe};
use crate::pattern::ops::*;
use crate::pattern::{A, B, Match, X, Y};
use crate::rule::{Rule, rule};

pub fn rules() -> Vec<Rule> {
    vec![
        // neutral elements; only -0.0 is neutral for every x, as 0.0 + -0.0 is 0.0
        rule("add-minus-zero", Exact, X + -0.0, X),
        rule("add-zero", Safe, X + 0.0, X),
        rule("mul-one", Exact, X * 1.0, X),
        rule("div-one", Exact, X / 1.0, X),
        rule("zero-sub", Safe, 0.0 - X, -X),
        rule("minus-zero-sub", Exact, -0.0 - X, -X),
        // signs
        rule("mul-minus-one", Exact, X * -1.0, -X),
        rule("div-minus-one", Exact, X / -1.0, -X),
        rule("add-neg", Exact, X + -Y, X - Y),
        rule("sub-neg", Exact, X - -Y, X + Y),
        rule("sub-constant", Exact, X - A, X + -A),
        rule("mul-neg-neg", Exact, -X * -Y, X * Y),
        rule("div-neg-neg", Exact, -X / -Y, X / Y),
        rule("mul-neg-constant", Exact, -X * A, X * -A),
        rule("neg-mul-constant", Exact, -(X * A), X * -A),
        rule("neg-add-constant", Safe, -(X + A), -A - X),
        rule("neg-sub", Safe, -(X - Y), Y - X),
        rule("mul-neg", Exact, X * -Y, -(X * Y)),
        rule("neg-div", Exact, -X / Y, -(X / Y)),
        rule("div-neg", Exact, X / -Y, -(X / Y)),
        rule("recip-neg", Exact, recip(-X), -recip(X)),
        // even and odd functions; Safe, as no libm promises symmetry to the bit
        rule("abs-neg", Exact, abs(-X), abs(X)),
        rule("square-neg", Exact, square(-X), square(X)),
        // the least integer is its own negative
        rule("sign-neg", Exact, sign(-X), -sign(X)).when("x is real", real),
        rule("cos-neg", Safe, cos(-X), cos(X)),
        rule("cosh-neg", Safe, cosh(-X), cosh(X)),
        rule("cospi-neg", Safe, cospi(-X), cospi(X)),
        rule("sech2-neg", Safe, sech2(-X), sech2(X)),
        rule("log-cosh-neg", Safe, log_cosh(-X), log_cosh(X)),
        rule("sin-neg", Safe, sin(-X), -sin(X)),
        rule("sinpi-neg", Safe, sinpi(-X), -sinpi(X)),
        rule("tan-neg", Safe, tan(-X), -tan(X)),
        rule("asin-neg", Safe, asin(-X), -asin(X)),
        rule("atan-neg", Safe, atan(-X), -atan(X)),
        rule("sinh-neg", Safe, sinh(-X), -sinh(X)),
        rule("tanh-neg", Safe, tanh(-X), -tanh(X)),
        rule("asinh-neg", Safe, asinh(-X), -asinh(X)),
        rule("atanh-neg", Safe, atanh(-X), -atanh(X)),
        rule("erf-neg", Safe, erf(-X), -erf(X)),
        rule("cbrt-neg", Safe, cbrt(-X), -cbrt(X)),
        // idempotent functions; at kinks both sides have the derivative of the inner one
        rule("abs-abs", Exact, abs(abs(X)), abs(X)),
        rule("relu-relu", Exact, relu(relu(X)), relu(X)),
        rule("sign-sign", Exact, sign(sign(X)), sign(X)),
        rule("stop-gradient-twice", Exact, stop_gradient(stop_gradient(X)), stop_gradient(X)),
        // max and min of equals: the two halves of the derivative at a tie add up to the whole
        rule("max-self", Exact, max(X, X), X),
        rule("min-self", Exact, min(X, X), X),
        // like terms; coefficients of one sign, as 2x - x is NaN at infinity and x is not
        rule("add-self", Exact, X + X, X * 2.0),
        rule("collect-one", Safe, X * A + X, X * (A + 1.0)).when("a > 0, 1 + a finite", |m| positive_sum(m, 1.0)),
        rule("collect", Safe, X * A + X * B, X * (A + B)).when("a and b of one sign, a + b finite", one_sign),
        rule("collect-signed", Relaxed, X * A + X * B, X * (A + B)).when("a + b finite", finite_sum),
        rule("collect-one-signed", Relaxed, X * A + X, X * (A + 1.0)).when("a finite", |m| finite(m.number(&A))),
        rule("collect-difference", Relaxed, X * A - X, X * (A - 1.0)).when("a finite", |m| finite(m.number(&A))),
        // constants that meet
        rule("mul-mul-constants", Safe, (X * A) * B, X * (A * B))
            .when("a·b neither overflows nor underflows, and a and b are moderate or x·a is no larger", tame_product),
        rule("add-add-constants", Safe, (X + A) + B, X + (A + B)).when("a and b of one sign, a + b finite", one_sign),
        rule("add-add-constants-signed", Relaxed, (X + A) + B, X + (A + B)).when("a + b finite", finite_sum),
        rule("sub-add-constants", Safe, A - (X + B), (A - B) - X)
            .when("a and -b of one sign, a - b finite", opposite_signs),
        rule("add-sub-constants", Safe, (A - X) + B, (A + B) - X).when("a and b of one sign, a + b finite", one_sign),
        // absorption
        rule("mul-zero", Relaxed, X * 0.0, 0.0),
        rule("sub-self", Relaxed, sub(X, X), 0.0),
        rule("div-self", Relaxed, div(X, X), 1.0),
        rule("zero-div", Relaxed, 0.0 / X, 0.0),
        rule("mul-recip", Relaxed, X * recip(X), 1.0),
        rule("add-sub-cancel", Relaxed, (X - Y) + Y, X),
        rule("mul-div-cancel", Relaxed, (X / Y) * Y, X),
    ]
}

fn finite(value: Option<f64>) -> bool {
    value.is_some_and(f64::is_finite)
}

fn real(m: &Match<'_>) -> bool {
    m.dtype(&X).is_some_and(DType::is_float)
}

fn pair(m: &Match<'_>) -> Option<(f64, f64)> {
    Some((m.number(&A)?, m.number(&B)?))
}

/// Whether a constant of the dtype of `a` can be this number without loss of precision; integers wrap in any order.
fn is_normal(m: &Match<'_>, value: f64) -> bool {
    use graph_core::DType::{Bool, F32, F64, I64};
    match m.dtype(&A) {
        Some(F64) => value.is_normal(),
        Some(F32) => (value as f32).is_normal(),
        Some(I64) => true,
        Some(Bool) | None => false,
    }
}

fn normal_product(m: &Match<'_>) -> bool {
    pair(m).is_some_and(|(a, b)| is_normal(m, a * b) && is_normal(m, a) && is_normal(m, b))
}

/// (x·2)·0.5 is x, also at 1e308, where x·2 overflows; (x·1e200)·1e-200 is not taken for x, as it is infinite at 1e109.
fn tame_product(m: &Match<'_>) -> bool {
    let moderate = |a: f64| (1e-20..=1e20).contains(&a.abs());
    let tame = |(a, b): (f64, f64)| a.abs() <= 1.0 || b.abs() >= 1.0 || moderate(a) && moderate(b);
    normal_product(m) && pair(m).is_some_and(tame)
}

fn finite_sum(m: &Match<'_>) -> bool {
    pair(m).is_some_and(|(a, b)| a.is_finite() && b.is_finite() && (a + b == 0.0 || is_normal(m, a + b)))
}

fn one_sign(m: &Match<'_>) -> bool {
    pair(m).is_some_and(|(a, b)| a * b > 0.0 && is_normal(m, a + b))
}

fn opposite_signs(m: &Match<'_>) -> bool {
    pair(m).is_some_and(|(a, b)| a * b < 0.0 && is_normal(m, a - b))
}

fn positive_sum(m: &Match<'_>, other: f64) -> bool {
    m.number(&A).is_some_and(|a| a > 0.0 && is_normal(m, a + other))
}
