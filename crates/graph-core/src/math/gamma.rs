//! The gamma function, its logarithm, and the logarithm of the beta function.

use std::f64::consts::PI;

use super::dd::Dd;
use super::erfcx::chebyshev;
use super::polygamma::polygamma;
use super::trig::sinpi;

/// Half of ln(2 pi).
const HALF_LN_2_PI: f64 = 0.9189385332046728;
/// From here on Stirling's series has full accuracy.
const STIRLING: f64 = 10.0;

/// `Gamma(x)` (DLMF 5.2.1): ±inf at ±0, NaN at negative integers and at -inf; 3 ulp, 4 below -24 (`libm`'s has 6).
pub fn gamma(x: f64) -> f64 {
    if x == 0.0 {
        1.0 / x
    } else if x > 172.0 || x.is_nan() {
        x * f64::INFINITY
    } else if x < 0.0 && x == x.floor() {
        f64::NAN
    } else if x < -190.0 {
        0.0_f64.copysign(sinpi(x))
    } else if x.abs() > 24.0 {
        gamma_by_stirling(x)
    } else {
        gamma_by_product(x)
    }
}

/// `Gamma(1 + r)`, |r| <= 1/2, times or over the factors that lead from `1 + r` to `x` (DLMF 5.5.1), all of them exact.
fn gamma_by_product(x: f64) -> f64 {
    let steps = x.round();
    let r = x - steps;
    let reciprocal = chebyshev(&RECIPROCAL_GAMMA, 2.0 * r);
    let mut factors = Dd::ONE;
    let mut y = x;
    for _ in 1..steps as i32 {
        y -= 1.0;
        factors = factors * Dd::from(y);
    }
    if steps >= 1.0 {
        return factors.hi / reciprocal;
    }
    for _ in steps as i32..=0 {
        factors = factors * Dd::from(y);
        y += 1.0;
    }
    1.0 / (reciprocal * factors.hi)
}

/// Stirling's series for 24 < |x| < 190, and `Gamma(-a) = -pi / (a sin(pi a) Gamma(a))` (DLMF 5.5.3).
fn gamma_by_stirling(x: f64) -> f64 {
    let a = x.abs();
    let base = Dd::from(a) * Dd::INV_E;
    let root = base.hi.powf(0.5 * a); // (a/e)^(a/2), but for the low half of the base
    let excess = (stirling_rest(a) + a * (base.lo / base.hi)).exp_m1();
    let front = (2.0 * PI / a).sqrt();
    if x > 0.0 {
        let y = root * (front * root);
        y + y * excess
    } else {
        let front = x * sinpi(a) * front;
        PI / (front + front * excess) / root / root
    }
}

/// `ln |Gamma(x)|`: +inf at the poles and at ±inf; 2 ulp, at negative `x` relative to the larger of the value and its
/// sensitivity to `x` (`libm`).
pub fn lgamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// `ln |B(x, y)| = ln |Gamma(x) Gamma(y) / Gamma(x + y)|` (DLMF 5.12.1); 4 ulp of the larger of the value and 1 for
/// positive arguments of any size (Stirling's series in differences, after DiDonato and Morris 1992, TOMS 18, 360-373).
pub fn lbeta(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let (a, b) = if x < y { (x, y) } else { (y, x) };
    if a == 0.0 && b.is_finite() {
        f64::INFINITY
    } else if a <= 0.0 {
        lgamma(a) + (lgamma(b) - lgamma(a + b))
    } else if b.is_infinite() {
        f64::NEG_INFINITY
    } else if a >= STIRLING {
        lbeta_of_large(a, b)
    } else if b >= STIRLING {
        lgamma(a) + log_gamma_ratio(a, b)
    } else if a < 1e-30 {
        (a / b).ln_1p() - a.ln()
    } else {
        let sum = Dd::sum(a, b);
        (gamma(a) * (gamma(b) / gamma(sum.hi))).ln() - sum.lo * polygamma(0, sum.hi)
    }
}

/// Both arguments large, a <= b.
fn lbeta_of_large(a: f64, b: f64) -> f64 {
    let r = a / b;
    let log_share = (r / (1.0 + r)).ln(); // ln(a / (a + b))
    let correction = stirling_rest(a) + (stirling_rest(b) - stirling_rest(a + b));
    (a - 0.5) * log_share - b * r.ln_1p() + (HALF_LN_2_PI - 0.5 * b.ln() + correction)
}

/// `ln(Gamma(b) / Gamma(a + b))` for 0 < a < 10 <= b.
fn log_gamma_ratio(a: f64, b: f64) -> f64 {
    let sum = Dd::sum(a, b);
    let log = (a / b).ln_1p();
    let near = a - ((sum.hi - 0.5) + sum.lo) * log;
    near - a * b.ln() + (stirling_rest(b) - stirling_rest(sum.hi))
}

/// `ln Gamma(x) - (x - 1/2) ln x + x - ln(2 pi)/2` for x >= 10 (DLMF 5.11.1).
fn stirling_rest(x: f64) -> f64 {
    const C: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360360.0,
        1.0 / 156.0,
        -3617.0 / 122400.0,
    ];
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    C.iter().rev().fold(0.0, |sum, &c| c + square * sum) * inverse
}

/// Chebyshev coefficients of `1 / Gamma(1 + r)` in `2r`, |r| <= 1/2; by `tests/data/special/generate.py`.
const RECIPROCAL_GAMMA: [f64; 17] = [
    0.9218702936504527,
    0.28387654227602355,
    -0.07685284084478668,
    -0.0017063050710955563,
    0.0012719271366545622,
    -7.630959758590813e-05,
    -4.9717367041957395e-06,
    8.659207996139126e-07,
    -3.3126119768180853e-08,
    -1.7451364971382985e-09,
    2.42309579004827e-10,
    -9.160975093876865e-12,
    -1.702377664251273e-13,
    3.391907830536221e-14,
    -1.4943667065169001e-15,
    9.064290795755071e-18,
    2.3826220476859634e-18,
];
