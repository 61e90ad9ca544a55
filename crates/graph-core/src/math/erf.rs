//! Error functions and the normal distribution, relative accuracy in the tails.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use super::dd::Dd;
use super::erfcx::erfcx;

/// The error function (DLMF 7.2.1); 1 ulp (`libm`).
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// The complementary error function (DLMF 7.2.2); 2 ulp (`libm`), the tail to 27 included.
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// The normal distribution function `Phi(x) = erfc(-x / sqrt 2) / 2`; 4 ulp, the tail to -38 included.
pub fn ndtr(x: f64) -> f64 {
    if x < -1.0 {
        let (gauss, scaled) = half_erfc_scaled(-x);
        gauss * scaled
    } else {
        0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
    }
}

/// `ln Phi(x)`; 3 ulp, down to -x^2/2 - ln(-x sqrt(2 pi)) at -1e150 and up to -Phi(-x) at +38.
pub fn log_ndtr(x: f64) -> f64 {
    if x < -1.0 {
        (0.5 * erfcx(-x * FRAC_1_SQRT_2)).ln() - 0.5 * x * x
    } else if x < 0.0 {
        ndtr(x).ln()
    } else {
        (-ndtr(-x)).ln_1p()
    }
}

/// `exp(-x^2/2)` and `erfcx(x / sqrt 2) / 2` for x > 1; their product is `Phi(-x)`.
pub(super) fn half_erfc_scaled(x: f64) -> (f64, f64) {
    if x > 40.0 {
        return (0.0, 0.0);
    }
    let square = Dd::product(x, x);
    let gauss = (-0.5 * square.hi).exp();
    (gauss - gauss * (0.5 * square.lo), 0.5 * erfcx(x * FRAC_1_SQRT_2))
}

/// The inverse of `erf` on [-1, 1]: ±inf at the ends, NaN outside; 1 ulp.
///
/// Halley's iteration on `erf(y) = x` (on `erfc(y) = 1 - x` above 1/2), from a series or from Winitzki's approximation
/// (2008, "A handy approximation for the error function and its inverse").
pub fn erfinv(x: f64) -> f64 {
    let p = x.abs();
    if p == 1.0 {
        return x * f64::INFINITY;
    }
    if p.is_nan() || p > 1.0 {
        return f64::NAN;
    }
    if p < 1e-8 {
        return x / FRAC_2_SQRT_PI;
    }
    let mut y = erfinv_start(p);
    for _ in 0..3 {
        // erf'' = -2y erf', and the residual keeps its relative accuracy on both sides of 1/2.
        let residual = if p <= 0.5 { libm::erf(y) - p } else { (1.0 - p) - libm::erfc(y) };
        let step = residual * (y * y).exp() / FRAC_2_SQRT_PI;
        y -= step / (1.0 + y * step);
    }
    y.copysign(x)
}

/// `erfinv(p)` for p in (0, 1), to about 3 digits.
fn erfinv_start(p: f64) -> f64 {
    if p < 0.5 {
        return p * (1.0 + p * p * (0.2618 + p * p * 0.1439)) / FRAC_2_SQRT_PI;
    }
    const A: f64 = 0.147;
    let log = ((1.0 - p) * (1.0 + p)).ln();
    let b = 2.0 / (std::f64::consts::PI * A) + 0.5 * log;
    ((b * b - log / A).sqrt() - b).sqrt()
}
