//! Arithmetic and elementary functions with the conventions of the engine fixed: NaN propagates, signed zeros are kept,
//! `x^0` is 1.

/// `10^x`, exact for integers 0 to 22; 1 ulp (by `pow`, as exp(x ln 10) would lose the low bits of x ln 10).
pub fn exp10(x: f64) -> f64 {
    10f64.powf(x)
}

/// `x - y * trunc(x / y)`, exact, with the sign of `x` (C's `fmod`, Rust's `%`).
pub fn fmod(x: f64, y: f64) -> f64 {
    x % y
}

/// -1, 0 or 1; a zero keeps its sign.
pub fn sign(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        x
    }
}

/// The larger argument; NaN if either is NaN, and +0 is larger than -0 (IEEE 754-2019 `maximum`).
pub fn max(x: f64, y: f64) -> f64 {
    if x > y || x.is_nan() || (x == y && x.is_sign_positive()) { x } else { y }
}

/// The smaller argument; NaN if either is NaN, and -0 is smaller than +0 (IEEE 754-2019 `minimum`).
pub fn min(x: f64, y: f64) -> f64 {
    if x < y || x.is_nan() || (x == y && x.is_sign_negative()) { x } else { y }
}

/// The nearest integer, halves to the even one.
pub fn round_half_even(x: f64) -> f64 {
    x.round_ties_even()
}

/// The angle of the point `(x, y)` in (-pi, pi], `y` first; 0 at the origin of unsigned zeros.
pub fn atan2(y: f64, x: f64) -> f64 {
    y.atan2(x)
}

/// `sqrt(x^2 + y^2)` without overflow or underflow inside; NaN if either is NaN (IEEE 754 would hide one beside inf).
pub fn hypot(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() { f64::NAN } else { x.hypot(y) }
}

/// `x^y` with the limits of IEEE 754: 1 for `y = 0` or `x = 1`, NaN for a negative `x` and a `y` that is no integer.
pub fn pow(x: f64, y: f64) -> f64 {
    x.powf(y)
}

/// `x^n` for an integer `n`; 1 for `n = 0` and every `x`, NaN included; 2 ulp.
pub fn powi(n: i32, x: f64) -> f64 {
    match n {
        0 => 1.0,
        1 => x,
        2 => x * x,
        3 => x * x * x,
        4 => square(x * x),
        -1 => recip(x),
        n => x.powf(f64::from(n)),
    }
}

/// `1 / sqrt(x)`; infinite with the sign of the zero at 0; 1 ulp.
pub fn rsqrt(x: f64) -> f64 {
    1.0 / x.sqrt()
}

/// `1 / x`.
pub fn recip(x: f64) -> f64 {
    1.0 / x
}

/// `1 - x^2` as `(1 - x) * (1 + x)`, which keeps all digits near 1 and -1; 2 ulp.
pub fn one_minus_square(x: f64) -> f64 {
    (1.0 - x) * (1.0 + x)
}

/// `x * x`.
pub fn square(x: f64) -> f64 {
    x * x
}

/// The real cube root; 1 ulp.
pub fn cbrt(x: f64) -> f64 {
    x.cbrt()
}
