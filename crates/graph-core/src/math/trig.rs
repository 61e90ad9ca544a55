//! Sine and cosine of multiples of pi, with an exact argument reduction.

use super::dd::Dd;

/// `sin(pi x)`, exactly 0 at integers (with the sign of `x`) and ±1 at half-integers; 1 ulp; NaN at ±inf.
pub fn sinpi(x: f64) -> f64 {
    let r = x.abs() % 2.0;
    let (r, flipped) = if r >= 1.0 { (r - 1.0, true) } else { (r, false) };
    // sin(pi r) for r in [0, 1) is symmetric about 1/2, and the differences are exact.
    let r = if r > 0.5 { 1.0 - r } else { r };
    if r == 0.0 {
        return r.copysign(x);
    }
    let s = if r > 0.25 { cos_of_pi_times(0.5 - r) } else { sin_of_pi_times(r) };
    if flipped == x.is_sign_negative() { s } else { -s }
}

/// `cos(pi x)`, exactly ±1 at integers and 0 at half-integers; 1 ulp; NaN at ±inf.
pub fn cospi(x: f64) -> f64 {
    let r = x.abs() % 2.0;
    let r = if r > 1.0 { 2.0 - r } else { r };
    let (r, negative) = if r > 0.5 { (1.0 - r, true) } else { (r, false) };
    let c = if r > 0.25 { sin_of_pi_times(0.5 - r) } else { cos_of_pi_times(r) };
    if negative { -c } else { c }
}

/// `sin(pi r)` for 0 <= r <= 1/4, from `pi r` in two parts.
fn sin_of_pi_times(r: f64) -> f64 {
    let (t, low) = pi_times(r);
    t.sin() + low * t.cos()
}

/// `cos(pi r)` for 0 <= r <= 1/4.
fn cos_of_pi_times(r: f64) -> f64 {
    let (t, low) = pi_times(r);
    t.cos() - low * t.sin()
}

fn pi_times(r: f64) -> (f64, f64) {
    let t = Dd::PI * Dd::from(r);
    (t.hi, t.lo)
}
