//! Digamma, trigamma and all further derivatives of `ln Gamma`.
//!
//! `psi^(n)(x) = (-1)^(n+1) n! zeta(n+1, x)` (DLMF 25.11.12), where Hurwitz' `zeta(s, x)` is summed term by term up to
//! `x + k >= s + 8` and closed by the Euler-Maclaurin formula (DLMF 25.11.43). What is computed is `x^s zeta(s, x)`, near
//! 1, and `n! / x^s` is kept with an exponent of its own, so nothing overflows before the result does.

use std::f64::consts::PI;

use super::dd::{Dd, Scaled};
use super::erfcx::chebyshev;
use super::trig::{cospi, sinpi};

/// `psi^(n)(x)`, the `n`-th derivative of digamma; 3 ulp for positive `x`, and for negative `x` relative to the
/// larger of the value and its sensitivity `x psi^(n+1)(x)`.
///
/// At ±0 the limit from that side, infinite; at negative integers +inf for odd `n` and NaN for even `n`, whose one-sided
/// limits differ; NaN at -inf; infinite with the right sign where it overflows.
pub fn polygamma(n: u32, x: f64) -> f64 {
    if x.is_nan() || x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    if x == 0.0 {
        let at_pole = if n % 2 == 1 { f64::INFINITY } else { f64::NEG_INFINITY };
        return if x.is_sign_negative() && n.is_multiple_of(2) { -at_pole } else { at_pole };
    }
    if x < 0.0 && x == x.floor() {
        return if n % 2 == 1 { f64::INFINITY } else { f64::NAN };
    }
    match (n, x > 0.0) {
        (0, true) => digamma_of_positive(x),
        (0, false) => digamma_of_negative(x),
        (_, true) => polygamma_of_positive(n, x),
        (_, false) => polygamma_of_negative(n, x),
    }
}

fn digamma_of_positive(x: f64) -> f64 {
    if x >= 9.0 {
        return digamma_asymptotic(x);
    }
    if x < 1.0 {
        return digamma_of_one_plus(x) - 1.0 / x;
    }
    // psi(x) = psi(x - m) + 1/(x-1) + ... + 1/(x-m), with exact differences and no cancellation.
    let (mut base, mut sum) = (x, Dd::from(0.0));
    while base > 2.0 {
        base -= 1.0;
        sum = sum + Dd::from(1.0 / base);
    }
    digamma_of_one_plus(base - 1.0) + sum.hi
}

/// `psi(1 + r)` for 0 <= r <= 1: the distance from the positive zero times a Chebyshev series.
fn digamma_of_one_plus(r: f64) -> f64 {
    // The zero is at 1.46163214496836234126...
    let distance = (r - 0.46163214496836236) + 1.5522348162858677e-17;
    distance * chebyshev(&DIGAMMA, 2.0 * r - 1.0)
}

/// `ln x - 1/(2x) - sum of B_2k / (2k x^2k)` (DLMF 5.11.2) for x >= 9.
fn digamma_asymptotic(x: f64) -> f64 {
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let mut factorial = 1.0; // (2k - 1)!
    let mut power = square;
    let mut sum = 0.0;
    for (k, &b) in (1_u8..).zip(&BERNOULLI[..11]) {
        let two_k = 2.0 * f64::from(k);
        sum += b * factorial * power;
        factorial *= two_k * (two_k + 1.0);
        power *= square;
    }
    x.ln() - (0.5 * inverse + sum)
}

/// `psi(x) = psi(1 - x) - pi cot(pi x)` (DLMF 5.5.4).
fn digamma_of_negative(x: f64) -> f64 {
    if x > -0.25 {
        return digamma_of_one_plus(1.0 + x) - (1.0 / x + 1.0 / (1.0 + x));
    }
    digamma_of_positive(1.0 - x) - PI * cospi(x) / sinpi(x)
}

fn polygamma_of_positive(n: u32, x: f64) -> f64 {
    let s = f64::from(n) + 1.0;
    if x.is_infinite() {
        return if n % 2 == 1 { 0.0 } else { -0.0 };
    }
    let y = (factorial_over_power(n, x) * Scaled::from(zeta_times_power(s, x))).to_f64();
    if n % 2 == 1 { y } else { -y }
}

/// `(-1)^s n!` times the sum of `(x + k)^-s`, k >= 0, for x < 0.
///
/// With `f` the offset from the nearest integer the sum is `f^-s + zeta(s, 1+f) + (-1)^s (zeta(s, 1-f) - zeta(s, 1-x))`:
/// all integers, less those to the left of x.
fn polygamma_of_negative(n: u32, x: f64) -> f64 {
    let s = f64::from(n) + 1.0;
    let f = x - x.round();
    let a = f.abs();
    let (right, left) = (Dd::sum(1.0, f), Dd::sum(1.0, -f));
    let part = |y: Dd| ratio_power(a, y, s) * zeta_times_power(s, y.hi);
    let beyond = part(left) - part(Dd::sum(1.0, -x));
    let sum = if n % 2 == 1 {
        1.0 + (part(right) + beyond)
    } else if f > 0.0 {
        -(1.0 + (part(right) - beyond))
    } else {
        1.0 - (part(right) - beyond)
    };
    (factorial_over_power(n, a) * Scaled::from(sum)).to_f64()
}

/// `x^s zeta(s, x)` for x > 0, s >= 2.
fn zeta_times_power(s: f64, x: f64) -> f64 {
    let mut sum = Dd::from(0.0);
    let mut k = 0.0;
    while x + k < s + 8.0 {
        let y = Dd::sum(x, k);
        let term = ratio_power(x, y, s);
        sum = sum + Dd::from(term);
        if k > 0.0 && term * (1.0 + y.hi / (s - 1.0)) < 1e-18 {
            return sum.hi;
        }
        k += 1.0;
    }
    let y = Dd::sum(x, k);
    (sum + Dd::from(ratio_power(x, y, s) * zeta_tail(s, y.hi))).hi
}

/// `a^s zeta(s, a)` for a >= s + 8: `a/(s-1) + 1/2` and the terms of Euler and Maclaurin.
fn zeta_tail(s: f64, a: f64) -> f64 {
    let mut rising = s / a; // s (s+1) ... (s+2k-2) / a^(2k-1)
    let mut sum = 0.0;
    for (k, &b) in (1_u8..).zip(&BERNOULLI) {
        let two_k = 2.0 * f64::from(k);
        let term = b * rising;
        sum += term;
        if term.abs() < 1e-19 {
            break;
        }
        rising *= ((s + two_k - 1.0) / a) * ((s + two_k) / a);
    }
    a / (s - 1.0) + (0.5 + sum)
}

/// `(x / y)^s` for x <= y, with the rounding errors of `y` and of the quotient made good.
fn ratio_power(x: f64, y: Dd, s: f64) -> f64 {
    let q = x / y.hi;
    let power = q.powf(s);
    if power < 1e-30 {
        return power;
    }
    let rest = (-q).mul_add(y.hi, x) - q * y.lo;
    power + power * (s * (rest / x))
}

/// `n! / x^(n+1)` for n >= 1: factors one by one, or Stirling's series (DLMF 5.11.3) for large `n`.
fn factorial_over_power(n: u32, x: f64) -> Scaled {
    let m = f64::from(n);
    let inverse = Scaled::from(1.0) / Scaled::from(x);
    if n <= 40 {
        let mut y = inverse;
        for k in 1..=n {
            y = y * inverse * Scaled::from(f64::from(k));
        }
        return y;
    }
    let base = Scaled::from(Dd::from(m) * Dd::INV_E) * inverse;
    let r = 1.0 / (m * m);
    let correction = (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r / 1680.0))) / m;
    let root = Dd::PI * Dd::from(2.0 * m);
    base.powu(u64::from(n)) * inverse * Scaled::from(root.hi.sqrt()) * Scaled::from(correction.exp())
}

/// `B_2k / (2k)!`, k = 1, 2, ... (DLMF 24.2.1).
const BERNOULLI: [f64; 14] = [
    0.08333333333333333,
    -0.001388888888888889,
    3.306878306878307e-05,
    -8.267195767195768e-07,
    2.08767569878681e-08,
    -5.284190138687493e-10,
    1.3382536530684679e-11,
    -3.3896802963225827e-13,
    8.586062056277845e-15,
    -2.174868698558062e-16,
    5.5090028283602295e-18,
    -1.3954464685812522e-19,
    3.534707039629467e-21,
    -8.953517427037546e-23,
];

/// Chebyshev coefficients in `2r - 1` of `psi(1 + r)` over the distance of `1 + r` from the zero of psi;
/// by `tests/data/special/generate.py`.
const DIGAMMA: [f64; 22] = [
    0.983570260441567,
    -0.2270640863346444,
    0.03336889902393011,
    -0.005320077271596548,
    0.0008788656937820505,
    -0.00014773492650606044,
    2.5060543468359146e-05,
    -4.2721034029993324e-06,
    7.302769272465923e-07,
    -1.2502886813559594e-07,
    2.1425009322359472e-08,
    -3.673295918565179e-09,
    6.299717236108931e-10,
    -1.080593028883266e-10,
    1.853735192053638e-11,
    -3.18023536582553e-12,
    5.456147570322795e-13,
    -9.360993131036438e-14,
    1.606064636295075e-14,
    -2.7555431377438815e-15,
    4.727736178601912e-16,
    -8.11148420346509e-17,
];
