//! The scaled complementary error function and its derivatives.
//!
//! With `F_n(x) = (-1)^n d^n/dx^n exp(x^2) erfc(x) = 2^n n! exp(x^2) i^n erfc(x)` (DLMF 7.18), every `F_n` is positive and
//!
//! ```text
//! F_{n+1} = 2n F_{n-1} - 2x F_n,   F_1 = 2/sqrt(pi) - 2x F_0                        (DLMF 7.18.7)
//! F_n     = 2^(n+1)/sqrt(pi) * integral of u^n exp(-u^2 - 2xu) over u > 0           (DLMF 7.18.2)
//! ```
//!
//! For x < 0 the recurrence adds positive terms. For x >= 0 it cancels, and `F_n` comes from its Taylor series in
//! double-double (small x), from the continued fraction of `F_n / F_{n-1}` (large x), or from the integral (large n).

use std::f64::consts::{FRAC_1_PI, FRAC_2_SQRT_PI};

use super::dd::{Dd, Scaled};

/// From this order on the integral is narrow enough for the trapezoidal rule.
const LARGE_ORDER: u32 = 13;

/// The `n`-th derivative of `exp(x^2) erfc(x)`; 4 ulp for every `n` and `x`; infinite with the sign `(-1)^n` where it overflows.
pub fn erfcx_n(n: u32, x: f64) -> f64 {
    let y = if x.is_nan() {
        x
    } else if n == 0 {
        erfcx(x)
    } else if x < 0.0 {
        by_recurrence(n, x)
    } else if x > 1e170 {
        0.0 // n! / x^(n+1) underflows
    } else if n >= LARGE_ORDER {
        by_integral(n, x)
    } else if x < 2.0 {
        by_series(n, x)
    } else {
        by_continued_fraction(n, x)
    };
    if n % 2 == 1 { -y } else { y }
}

/// `exp(x^2) erfc(x)`; 3 ulp.
///
/// For `x >= 1` the Chebyshev series of `(1 + 2x) exp(x^2) erfc(x)` in `(x - 3) / (x + 3)`, after Shepherd and
/// Laframboise (1981), Math. Comp. 36, 249-253; coefficients by `tests/data/special/generate.py`.
pub(super) fn erfcx(x: f64) -> f64 {
    if x < 0.0 {
        return if x < -26.63 { f64::INFINITY } else { 2.0 * exp_square(x) - erfcx_of_positive(-x) };
    }
    erfcx_of_positive(x)
}

fn erfcx_of_positive(x: f64) -> f64 {
    if x > 1e8 {
        return 0.5 * FRAC_2_SQRT_PI / x;
    }
    if x < 1.0 {
        return exp_square(x) * libm::erfc(x);
    }
    let t = (x - 3.0) / (x + 3.0);
    chebyshev(&ERFCX, t) / (1.0 + 2.0 * x)
}

/// `exp(x^2)`, with the rounding error of the square made good.
fn exp_square(x: f64) -> f64 {
    let square = Dd::product(x, x);
    let e = square.hi.exp();
    e + e * square.lo
}

/// The sum of `c[k] T_k(t)` by Clenshaw's recurrence.
pub(super) fn chebyshev(c: &[f64], t: f64) -> f64 {
    let (mut b1, mut b2) = (0.0, 0.0);
    for &ck in c[1..].iter().rev() {
        (b1, b2) = (ck + (2.0 * t * b1 - b2), b1);
    }
    c[0] + (t * b1 - b2)
}

/// `F_n` for x < 0, upwards from `F_0`: all terms are positive.
fn by_recurrence(n: u32, x: f64) -> f64 {
    let first = erfcx(x);
    if n > 400 || first.is_infinite() {
        return f64::INFINITY; // F_n(x) > F_n(0) = n! / (n/2)!
    }
    let slope = Dd::from(-2.0 * x);
    let mut before = Dd::from(first);
    let mut y = Dd::FRAC_2_SQRT_PI + slope * before;
    for k in 1..n {
        (before, y) = (y, Dd::from(2.0 * f64::from(k)) * before + slope * y);
    }
    // An overflow inside double-double is NaN or inf from there on.
    if y.hi.is_finite() { y.hi } else { f64::INFINITY }
}

/// `F_n` for 0 <= x < 2 as the sum of `F_{n+k}(0) (-x)^k / k!`: about 12 digits cancel out of 31.
fn by_series(n: u32, x: f64) -> f64 {
    let (mut even, mut odd) = (at_zero(n), at_zero(n + 1) * Dd::from(-x));
    let mut y = even + odd;
    let square = Dd::product(x, x);
    let order = f64::from(n);
    for j in 0..200 {
        // F_m(0) = 2(m-1) F_{m-2}(0)
        let k = 2.0 * f64::from(j);
        even = even * square * Dd::from(2.0 * (order + k + 1.0)) / Dd::from((k + 1.0) * (k + 2.0));
        odd = odd * square * Dd::from(2.0 * (order + k + 2.0)) / Dd::from((k + 2.0) * (k + 3.0));
        y = y + (even + odd);
        if even.hi < 1e-20 * y.hi {
            break;
        }
    }
    y.hi
}

/// `F_n(0) = n! / Gamma(n/2 + 1)`.
fn at_zero(n: u32) -> Dd {
    let mut y = if n.is_multiple_of(2) { Dd::ONE } else { Dd::FRAC_2_SQRT_PI };
    let mut m = 2 + n % 2;
    while m <= n {
        y = y * Dd::from(2.0 * f64::from(m - 1));
        m += 2;
    }
    y
}

/// `F_n` for x >= 2: `F_k / F_{k-1} = 2k / (2x + F_{k+1} / F_k)`, started at an `m` where `exp(-2x (sqrt(2m) - sqrt(2n)))`,
/// about the ratio of the two solutions of the recurrence, is below 2^-60, and ten terms beyond for `x^2 > 2m`.
fn by_continued_fraction(n: u32, x: f64) -> f64 {
    let start = ((2.0 * f64::from(n)).sqrt() + 21.0 / x).powi(2) / 2.0;
    let mut k = (start.ceil() as u32).max(n) + 10;
    let two_x = Dd::from(2.0 * x);
    let mut ratio = Dd::from(0.0);
    let mut product = Dd::ONE;
    while k > 0 {
        ratio = Dd::from(2.0 * f64::from(k)) / (two_x + ratio);
        if k <= n {
            product = product * ratio;
        }
        k -= 1;
    }
    (product * Dd::FRAC_2_SQRT_PI / (two_x + ratio)).hi
}

/// `F_n` for x >= 0 and a large n: the integral in `t = ln(u / c)` about its saddle point `c`, by the trapezoidal rule,
/// whose error is exponentially small (Trefethen and Weideman 2014).
fn by_integral(n: u32, x: f64) -> f64 {
    let m = f64::from(n) + 1.0;
    let saddle = m / (x + x.hypot((2.0 * m).sqrt()));
    let square = Dd::product(saddle, saddle);
    let linear = Dd::product(2.0 * saddle, x);
    // (2c)^m exp(-c^2 - 2xc) = (2c/e)^m exp(c^2 + (m - 2c^2 - 2xc)), where the bracket is 0 but for rounding.
    let rest = Dd::from(m) - square - linear;
    if rest.hi > 700.0 {
        return f64::INFINITY; // so is (2c/e)^m alone, with c > 26 and m > 1400
    }
    let scale = Scaled::from(Dd::from(2.0 * saddle) * Dd::INV_E).powu(u64::from(n) + 1);
    let gauss = rest.hi.exp() * (1.0 + rest.lo);
    let integrand = |t: f64| {
        let e = t.exp_m1();
        (m * linear_minus_expm1(t) - square.hi * (e * e) + (m - 2.0 * square.hi - linear.hi) * e).exp()
    };
    let step = 0.35 / (m + 2.0 * square.hi).sqrt();
    let mut sum = Dd::ONE;
    for direction in [step, -step] {
        for k in 1..200 {
            let term = integrand(direction * f64::from(k));
            sum = sum + Dd::from(term);
            if term < 1e-20 {
                break;
            }
        }
    }
    (scale * Scaled::from(gauss) * Scaled::from(step * sum.hi * FRAC_1_PI.sqrt())).to_f64()
}

/// `t - (e^t - 1)`, relative accuracy near 0.
fn linear_minus_expm1(t: f64) -> f64 {
    if t.abs() > 1.0 {
        return t - t.exp_m1();
    }
    let series = (3_u8..=20).rev().fold(1.0, |sum, k| 1.0 + t * sum / f64::from(k));
    -0.5 * t * t * series
}

/// Chebyshev coefficients of `(1 + 2x) exp(x^2) erfc(x)` in `(x - 3) / (x + 3)`.
const ERFCX: [f64; 27] = [
    1.17756257419656,
    0.005353904539615676,
    -0.09377550342284209,
    0.05436652555744322,
    -0.018976596707845208,
    0.004453426061462712,
    -0.0006335531710553147,
    1.7661719523171593e-05,
    1.2841532864056671e-05,
    -2.0072285659059913e-06,
    -1.807522790414837e-07,
    7.549828343825093e-08,
    1.885668523838603e-09,
    -2.699519049798364e-09,
    -1.460079119939105e-11,
    1.0361607445969489e-10,
    1.475715976623473e-12,
    -4.277340064396911e-12,
    -2.07922492859799e-13,
    1.8134502003176963e-13,
    1.973425574544739e-14,
    -7.287943737592673e-15,
    -1.5169878690228116e-15,
    2.3514112258781403e-16,
    1.0006111691821667e-16,
    -2.0572528169538546e-18,
    -5.608608218863183e-18,
];
