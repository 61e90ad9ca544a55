//! The normalised sinc and its derivatives.
//!
//! With `y = pi x`, `sinc_n(x) = pi^n g_n(y)` where `g_n(y) = d^n/dy^n (sin y / y) = integral of t^n cos(yt + n pi/2)` over
//! [0, 1], and differentiating `y g_0(y) = sin y` gives
//!
//! ```text
//! y g_n + n g_{n-1} = sin(y + n pi/2).
//! ```
//!
//! Upwards the recurrence multiplies errors by n/y, downwards by y/n: it is run in the direction that damps them, from an
//! order so far away that the unknown start has been damped to nothing (Olver 1967).

use std::f64::consts::PI;

use super::dd::{Dd, Scaled};
use super::trig::{cospi, sinpi};

/// Where the product of damping factors is below this, the start of the recurrence is forgotten.
const FORGOTTEN: f64 = 1e-20;

/// The `n`-th derivative of `sin(pi x) / (pi x)`, 1 at `x = 0` for `n = 0`, 0 at ±inf; 3 ulp of its scale,
/// the smaller of `pi^n / (n + 1)` and `pi^(n-1) / |x|`.
pub fn sinc_n(n: u32, x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x.is_infinite() {
        return 0.0;
    }
    if x == 0.0 && n % 2 == 1 {
        return 0.0;
    }
    if x.abs() * PI > f64::from(n).max(0.5) { upwards(n, x) } else { downwards(n, x) }
}

/// `y g_n` from a smaller order, for |y| > n and not small.
fn upwards(n: u32, x: f64) -> f64 {
    let waves = [sinpi(x), cospi(x)];
    let (mut k, mut damping) = (n, 1.0);
    while k > 0 && damping > FORGOTTEN {
        damping *= f64::from(k) / PI / x.abs();
        k -= 1;
    }
    let mut w = wave(waves, k);
    while k < n {
        k += 1;
        w = wave(waves, k) - f64::from(k) / PI / x * w;
    }
    let power = Scaled::from(Dd::PI).powu(u64::from(n));
    (power * Scaled::from(w) / (Scaled::from(Dd::PI) * Scaled::from(x))).to_f64()
}

/// `g_n` from a larger order, for |y| <= n or small.
fn downwards(n: u32, x: f64) -> f64 {
    let waves = [sinpi(x), cospi(x)];
    let y = PI * x;
    let (mut k, mut damping) = (u64::from(n), 1.0);
    while damping > FORGOTTEN {
        k += 1;
        damping *= y.abs() / k as f64;
    }
    let mut g = 0.0;
    while k > u64::from(n) {
        g = (wave(waves, (k % 4) as u32) - y * g) / k as f64;
        k -= 1;
    }
    (Scaled::from(Dd::PI).powu(u64::from(n)) * Scaled::from(g)).to_f64()
}

/// `sin(y + k pi/2)` from `sin y` and `cos y`.
fn wave([sin, cos]: [f64; 2], k: u32) -> f64 {
    match k % 4 {
        0 => sin,
        1 => cos,
        2 => -sin,
        _ => -cos,
    }
}
