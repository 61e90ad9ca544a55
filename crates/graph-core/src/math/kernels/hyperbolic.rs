//! Functions made of the exponential and the logarithm: the smooth steps and ramps.

use std::f64::consts::LN_2;

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
    /// `sinh x`; 2 ulp.
    Sinh;
    usual |x| {
        // (E + E/(E + 1))/2 with E = eᵃ − 1 in two parts.
        let (high, low) = expm1_parts(x.abs());
        let (power, of_power) = one_more(high, low);
        let quotient = high / power;
        let sum = high + quotient;
        let lost = quotient - (sum - high);
        let value = 0.5 * (sum + (lost + (low + (low - quotient * of_power) / power)));
        below(x, 1e-9, x, value.copysign(x))
    };
    if x.abs() <= LIMIT;
    else x.sinh()
}

kernel! {
    /// `cosh x`; 2 ulp.
    Cosh;
    usual |x| {
        let (high, low) = expm1_parts(x.abs());
        let (power, of_power) = one_more(high, low);
        let inverse = power.recip();
        let sum = power + inverse;
        let lost = inverse - (sum - power);
        0.5 * (sum + (lost + of_power * (1.0 - inverse * inverse)))
    };
    if x.abs() <= LIMIT;
    else x.cosh()
}

/// eᵃ from eᵃ − 1 in two parts: the sum with 1, and what it lost with the second part.
#[inline(always)]
fn one_more(high: f64, low: f64) -> (f64, f64) {
    let sum = high + 1.0;
    let lost = if high > 1.0 { (high - sum) + 1.0 } else { (1.0 - sum) + high };
    (sum, lost + low)
}

kernel! {
    /// `asinh x`; 2 ulp.
    Asinh;
    usual |x| {
        let a = x.abs();
        let ramp = a + a * (a / (1.0 + (1.0 + a * a).sqrt()));
        below(x, 1e-9, x, log1p(ramp).copysign(x))
    };
    if x.abs() <= 1e150;
    else (x.abs().ln() + LN_2).copysign(x)
}

kernel! {
    /// `acosh x`; 2 ulp.
    Acosh;
    usual |x| {
        let more = x - 1.0;
        log1p(more + (more * (more + 2.0)).sqrt()).abs()
    };
    if (1.0..=1e150).contains(&x);
    else if x < 1.0 { f64::NAN } else { x.ln() + LN_2 }
}

kernel! {
    /// `atanh x`; 2 ulp.
    Atanh;
    usual |x| {
        let a = x.abs();
        let rest = 1.0 - a;
        let lost = (1.0 - rest) - a;
        let ratio = 2.0 * a / rest;
        let value = 0.5 * log1p(ratio - ratio * (lost / rest));
        below(x, 1e-9, x, value.copysign(x))
    };
    if x.abs() < 1.0;
    else if x.abs() == 1.0 { f64::INFINITY.copysign(x) } else { f64::NAN }
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
