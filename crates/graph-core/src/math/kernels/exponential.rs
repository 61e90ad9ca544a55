//! eˣ = 2ᵏ·eʳ with |r| ≤ (log 2)/2.

use std::f64::consts::LOG2_E;

use super::{below, kernel, nearest, series};

/// The upper 32 bits of log 2, so that products with exponents are exact.
pub(super) const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
/// log 2 − `LN_2_HIGH`
pub(super) const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Beyond, results are near the ends of the range of normal numbers.
const LIMIT: f64 = 708.0;

kernel! {
    /// `e^x`; 1 ulp.
    Exp;
    usual |x| {
        let (e, _) = parts(x);
        let sum = 1.0 + e.high;
        e.times_power(sum + ((e.high - (sum - 1.0)) + e.low))
    };
    if x.abs() <= LIMIT;
    else x.exp()
}

kernel! {
    /// `e^x - 1`; 2 ulp.
    Expm1;
    usual |x| {
        let (high, low) = expm1_parts(x);
        below(x, f64::EPSILON / 4.0, x, high + low)
    };
    if x.abs() <= LIMIT;
    else x.exp_m1()
}

/// eˣ − 1 as a sum of two numbers, for |x| ≤ 708; 0 may lose its sign.
#[inline(always)]
pub(super) fn expm1_parts(x: f64) -> (f64, f64) {
    let (e, power) = parts(x);
    // eʳ − 1 with what its rounding lost, times 2ᵏ; then 2ᵏ − 1 on top, the larger first.
    let sum = e.high + e.low;
    let (high, low) = (sum * power, (e.low - (sum - e.high)) * power);
    let base = power - 1.0;
    let (large, small) = if base.abs() > high.abs() { (base, high) } else { (high, base) };
    let all = large + small;
    (all, (small - (all - large)) + low)
}

/// eʳ − 1 as `high + low` with high = r nearly, and the bits of k.
struct Reduced {
    high: f64,
    low: f64,
    exponent: u64,
}

impl Reduced {
    /// `x`·2ᵏ for a normal result.
    #[inline(always)]
    fn times_power(&self, x: f64) -> f64 {
        f64::from_bits(x.to_bits().wrapping_add(self.exponent << 52))
    }
}

/// The reduced argument, and 2ᵏ.
#[inline(always)]
fn parts(x: f64) -> (Reduced, f64) {
    let (k, exponent) = nearest(x * LOG2_E);
    let high = x - k * LN_2_HIGH;
    let lost = k * LN_2_LOW;
    let r = high - lost;
    // (eʳ − 1 − r)/r²
    let rest = series(
        r,
        [
            1.0 / 2.0,
            1.0 / 6.0,
            1.0 / 24.0,
            1.0 / 120.0,
            1.0 / 720.0,
            1.0 / 5_040.0,
            1.0 / 40_320.0,
            1.0 / 362_880.0,
            1.0 / 3_628_800.0,
            1.0 / 39_916_800.0,
            1.0 / 479_001_600.0,
            1.0 / 6_227_020_800.0,
        ],
    );
    let reduced = Reduced { high, low: r * r * rest - lost, exponent };
    let power = reduced.times_power(1.0);
    (reduced, power)
}
