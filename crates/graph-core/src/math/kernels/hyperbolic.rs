//! Functions made of the exponential and the logarithm: the smooth steps and ramps.

use super::exponential::{Exp, expm1_parts};
use super::logarithm::log1p;
use super::{below, kernel};
use crate::math::activation;

/// Beyond, tanh is ±1.
const SATURATED: f64 = 20.0;
/// Beyond, exponentials are near underflow.
const LIMIT: f64 = 700.0;

kernel! {
    /// `tanh x`; 2 ulp.
    Tanh;
    usual |x| {
        let a = if x.abs() < SATURATED { x.abs() } else { SATURATED };
        // E/(E + 2) with E = e²ᵃ − 1 in two parts, corrected to first order for the second part and for the rounding of E + 2.
        let (high, low) = expm1_parts(2.0 * a);
        let under = high + 2.0;
        let lost = if high > 2.0 { (high - under) + 2.0 } else { (2.0 - under) + high };
        let quotient = high / under;
        let value = quotient + (low - quotient * (low + lost)) / under;
        below(x, 1e-9, x, value.copysign(x))
    };
    if x.abs() <= f64::MAX;
    else x.tanh()
}

kernel! {
    /// `1 / cosh(x)^2`; 4 ulp, in the tails too.
    Sech2;
    usual |x| {
        let t = Exp.usual(-2.0 * x.abs());
        4.0 * t / ((1.0 + t) * (1.0 + t))
    };
    if x.abs() <= 300.0;
    else activation::sech2_of_tail(x)
}

kernel! {
    /// `1 / (1 + exp(-x))`; 3 ulp, the left tail exp(x) included.
    Sigmoid;
    usual |x| {
        let e = Exp.usual(-x.abs());
        (if x >= 0.0 { 1.0 } else { e }) / (1.0 + e)
    };
    if x.abs() <= LIMIT;
    else if x >= 0.0 { 1.0 } else { x.exp() }
}

kernel! {
    /// `ln(1 + exp(x))`; 2 ulp in both tails.
    Softplus;
    usual |x| {
        let tail = log1p_small(Exp.usual(-x.abs()));
        if x > 0.0 { x + tail } else { tail }
    };
    if x.abs() <= LIMIT;
    else if x > 0.0 { x } else { x.exp() }
}

kernel! {
    /// `ln(sigmoid(x)) = -softplus(-x)`; 2 ulp in both tails.
    LogSigmoid;
    usual |x| -Softplus.usual(-x);
    if x.abs() <= LIMIT;
    else -Softplus.at(-x)
}

kernel! {
    /// `x sigmoid(x)`, -0 at -inf; 3 ulp.
    Silu;
    usual |x| {
        let e = Exp.usual(-x.abs());
        if x >= 0.0 { x / (1.0 + e) } else { x * (e / (1.0 + e)) }
    };
    if x.abs() <= LIMIT;
    else if x >= 0.0 { x } else { activation::ramp_tail(x) }
}

/// log(1 + x) for 0 < x ≤ 1
#[inline(always)]
fn log1p_small(x: f64) -> f64 {
    below(x, f64::EPSILON / 4.0, x, log1p(x))
}
