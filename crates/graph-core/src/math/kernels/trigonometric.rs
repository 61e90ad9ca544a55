//! Sine, cosine and tangent: multiples of π/2 are taken away in four parts (Cody and Waite), of which the first three have 33 bits,
//! so that products with integers below 2²⁰ are exact; what is left has a second part below its last bit.
//!
//! Source of the reduction: fdlibm's `e_rem_pio2.c` (Sun Microsystems 1993); here all parts are always taken.

use std::f64::consts::FRAC_2_PI;

use super::{below, kernel, nearest, series, two_difference};

/// π/2 as a sum.
const PARTS: [f64; 4] = [
    f64::from_bits(0x3ff9_21fb_5440_0000),
    f64::from_bits(0x3dd0_b461_1a60_0000),
    f64::from_bits(0x3ba3_198a_2e00_0000),
    f64::from_bits(0x397b_839a_2520_49c1),
];

/// 2¹⁹·π/2, rounded down
const LIMIT: f64 = 823_549.0;
/// Below π/4: no multiple is taken away, and nothing is left below the last bit.
const NEAR: f64 = 0.785;
/// Below, a sine is its argument.
const TINY: f64 = 1e-8;

kernel! {
    /// `sin x`; 1 ulp, next to multiples of pi too.
    Sin;
    usual |x| {
        let (quarter, y, tail) = reduced(x);
        below(x, TINY, x, quarter_turned(quarter, y, tail))
    };
    if x.abs() <= LIMIT;
    else libm::sin(x);
    short if x.abs() < NEAR => below(x, TINY, x, sin_near_0(x, 0.0))
}

kernel! {
    /// `cos x`; 1 ulp, next to odd multiples of pi/2 too.
    Cos;
    usual |x| {
        let (quarter, y, tail) = reduced(x);
        quarter_turned(quarter.wrapping_add(1), y, tail)
    };
    if x.abs() <= LIMIT;
    else libm::cos(x);
    short if x.abs() < NEAR => cos_near_0(x, 0.0)
}

kernel! {
    /// `tan x`; 2 ulp, next to multiples of pi/2 too.
    Tan;
    usual |x| {
        let (quarter, y, tail) = reduced(x);
        let (sin, cos) = (sin_near_0(y, tail), cos_near_0(y, tail));
        let value = if quarter & 1 == 0 { sin / cos } else { -cos / sin };
        below(x, TINY, x, value)
    };
    if x.abs() <= LIMIT;
    else libm::tan(x)
}

/// sin(y + tail + quarter·π/2)
#[inline(always)]
fn quarter_turned(quarter: u64, y: f64, tail: f64) -> f64 {
    let value = if quarter & 1 == 0 { sin_near_0(y, tail) } else { cos_near_0(y, tail) };
    f64::from_bits(value.to_bits() ^ ((quarter & 2) << 62))
}

/// x = k·π/2 + y + tail with |y| ≤ π/4 nearly; bits that end with k.
#[inline(always)]
fn reduced(x: f64) -> (u64, f64, f64) {
    let (k, bits) = nearest(x * FRAC_2_PI);
    let first = x - k * PARTS[0];
    let (second, lost) = two_difference(first, k * PARTS[1]);
    let (third, lost_again) = two_difference(second, k * PARTS[2]);
    let rest = lost + lost_again - k * PARTS[3];
    let y = third + rest;
    (bits, y, (third - y) + rest)
}

#[inline(always)]
fn sin_near_0(y: f64, tail: f64) -> f64 {
    let z = y * y;
    // (sin y − y + y³/6)/y⁵
    let rest = series(
        z,
        [
            1.0 / 120.0,
            -1.0 / 5_040.0,
            1.0 / 362_880.0,
            -1.0 / 39_916_800.0,
            1.0 / 6_227_020_800.0,
            -1.0 / 1_307_674_368_000.0,
            1.0 / 355_687_428_096_000.0,
        ],
    );
    let cube = z * y;
    y - ((z * (0.5 * tail - cube * rest) - tail) + cube * (1.0 / 6.0))
}

#[inline(always)]
fn cos_near_0(y: f64, tail: f64) -> f64 {
    let z = y * y;
    // (cos y − 1 + y²/2)/y⁴
    let rest = series(
        z,
        [
            1.0 / 24.0,
            -1.0 / 720.0,
            1.0 / 40_320.0,
            -1.0 / 3_628_800.0,
            1.0 / 479_001_600.0,
            -1.0 / 87_178_291_200.0,
            1.0 / 20_922_789_888_000.0,
        ],
    );
    let half = 0.5 * z;
    let base = 1.0 - half;
    base + (((1.0 - base) - half) + (z * z * rest - y * tail))
}
