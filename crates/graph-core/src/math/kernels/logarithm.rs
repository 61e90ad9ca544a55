//! log x = k·log 2 + log(1 + f) with √½ ≤ 1 + f < √2, and log(1 + f) = 2·artanh(f/(2 + f)).
//!
//! Source of the arrangement: fdlibm's `e_log.c` and `s_log1p.c` (Sun Microsystems 1993).

use super::exponential::{LN_2_HIGH, LN_2_LOW};
use super::{below, kernel, series, two_difference};

kernel! {
    /// `ln x`; 1 ulp.
    Log;
    usual |x| {
        let (k, m) = split(x);
        of_split(k, m - 1.0, 0.0)
    };
    if (f64::MIN_POSITIVE..=f64::MAX).contains(&x);
    else x.ln()
}

kernel! {
    /// `ln (1 + x)`; 1 ulp.
    Log1p;
    usual |x| {
        let value = log1p(x);
        below(x, f64::EPSILON / 4.0, x, value)
    };
    if (-0.999..=1e300).contains(&x);
    else x.ln_1p()
}

/// log(1 + x) for x ≥ −0.999; 0 may lose its sign.
#[inline(always)]
pub(super) fn log1p(x: f64) -> f64 {
    let (sum, lost) = two_difference(x, -1.0);
    let (k, m) = split(sum);
    // Within one binade around 1 the argument itself is f, and nothing is lost.
    let (f, lost) = if k == 0.0 { (x, 0.0) } else { (m - 1.0, lost / sum) };
    of_split(k, f, lost)
}

/// x = 2ᵏ·m with √½ ≤ m < √2, for a positive normal number.
#[inline(always)]
fn split(x: f64) -> (f64, f64) {
    const ROOT_HALF: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    const ONE: u64 = 1f64.to_bits();
    let moved = x.to_bits().wrapping_add(ONE - ROOT_HALF);
    let m = f64::from_bits((moved & ((1 << 52) - 1)) + ROOT_HALF);
    // The exponent as the last bits of 2⁵² + exponent.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    let k = f64::from_bits(WHOLE.to_bits() | (moved >> 52)) - (WHOLE + 1023.0);
    (k, m)
}

/// k·log 2 + log(1 + f) + `lost`, the smallest terms first.
#[inline(always)]
fn of_split(k: f64, f: f64, lost: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    // 2·artanh(s) − 2s, over s
    let rest = z * series(
        z,
        [
            2.0 / 3.0,
            2.0 / 5.0,
            2.0 / 7.0,
            2.0 / 9.0,
            2.0 / 11.0,
            2.0 / 13.0,
            2.0 / 15.0,
            2.0 / 17.0,
            2.0 / 19.0,
            2.0 / 21.0,
        ],
    );
    // 2s = f − s·f, and s·f = f²/2 − s·f²/2
    let half = 0.5 * f * f;
    let base = k * LN_2_HIGH;
    let sum = base + f;
    let lost_in_sum = f - (sum - base);
    sum + (lost_in_sum - (half - (s * (half + rest) + (k * LN_2_LOW + lost))))
}
