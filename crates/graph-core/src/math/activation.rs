//! The smooth steps and ramps of statistics and neural networks, with full relative accuracy in both tails.

use super::dd::Dd;
use super::erf::{half_erfc_scaled, ndtr};

/// Below this the exponential is so near underflow that products with it are formed from its square root.
const SUBNORMAL_EXP: f64 = -700.0;
/// Below this the ramps `x * step(x)` are zero.
const ZERO_EXP: f64 = -800.0;

/// `1 / cosh(x)^2` for |x| > 300, down to underflow at 373.
pub(super) fn sech2_of_tail(x: f64) -> f64 {
    let t = 2.0 * (-x.abs()).exp();
    t * t
}

/// `x tanh(softplus(x))`, -0 at -inf; 3 ulp (Misra 2019).
pub fn mish(x: f64) -> f64 {
    // tanh(ln(1 + e)) = (e^2 + 2e) / (e^2 + 2e + 2), or with t = 1/e: (1 + 2t) / (1 + 2t + 2t^2)
    if x >= 0.0 {
        let t = (-x).exp();
        x * ((1.0 + 2.0 * t) / (1.0 + 2.0 * t * (1.0 + t)))
    } else if x < SUBNORMAL_EXP {
        ramp_tail(x)
    } else {
        let e = x.exp();
        let m = e * (e + 2.0);
        x * (m / (m + 2.0))
    }
}

/// `x exp(x)` far to the left, where exp(x) alone would be subnormal.
pub(super) fn ramp_tail(x: f64) -> f64 {
    if x < ZERO_EXP {
        return -0.0;
    }
    let root = (0.5 * x).exp();
    x * root * root
}

/// `x Phi(x)` with the normal distribution function `Phi`, -0 at -inf; 4 ulp in the tail too.
pub fn gelu(x: f64) -> f64 {
    if x < -40.0 {
        -0.0
    } else if x < -1.0 {
        let (gauss, scaled) = half_erfc_scaled(-x);
        gauss * (x * scaled)
    } else {
        x * ndtr(x)
    }
}

/// `x sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3))`, -0 at -inf; 4 ulp in the tail too (Hendrycks and Gimpel 2016).
pub fn gelu_tanh(x: f64) -> f64 {
    if x < -30.0 {
        return -0.0;
    }
    if x > 30.0 || x.is_nan() {
        return x;
    }
    // The argument reaches -745 where the result is still a number, so it needs 10 bits more than f64 has.
    const SLOPE: Dd = Dd { hi: 1.5957691216057308, lo: -9.96930880911092e-17 };
    const CUBIC: Dd = Dd { hi: 0.044715, lo: 2.1960211427085595e-18 };
    let z = SLOPE * Dd::from(x) * (Dd::ONE + CUBIC * Dd::product(x, x));
    if z.hi >= 0.0 {
        return x / (1.0 + (-z.hi).exp() * (1.0 - z.lo));
    }
    let low = 1.0 + z.lo;
    if z.hi < SUBNORMAL_EXP {
        let root = (0.5 * z.hi).exp();
        return x * low * root * root;
    }
    let e = z.hi.exp() * low;
    x * (e / (1.0 + e))
}

/// `x` for positive, `exp(x) - 1` for negative `x`; 1 ulp (Clevert, Unterthiner and Hochreiter 2015, alpha = 1).
pub fn elu(x: f64) -> f64 {
    if x > 0.0 { x } else { x.exp_m1() }
}

/// `max(x, 0)`: +0 at both zeros, NaN for NaN.
pub fn relu(x: f64) -> f64 {
    if x > 0.0 || x.is_nan() { x } else { 0.0 }
}

/// `x / (1 + |x|)`, ±1 at ±inf; 1 ulp.
pub fn softsign(x: f64) -> f64 {
    if x.is_infinite() { x.signum() } else { x / (1.0 + x.abs()) }
}
