//! Logarithms of sums, differences and products, arranged so that nothing cancels or overflows.

use std::f64::consts::LN_2;

/// ln 2 minus its nearest `f64`.
const LN_2_LOW: f64 = 2.3190468138462996e-17;

/// `ln(1 - exp(x))` for `x < 0`; -inf at 0, NaN above; 2 ulp (Mächler 2012, "Accurately computing log(1 - exp(-|a|))").
pub fn log1mexp(x: f64) -> f64 {
    if x > -LN_2 { (-x.exp_m1()).ln() } else { (-x.exp()).ln_1p() }
}

/// `x ln x`, 0 at 0, NaN below; 2 ulp.
pub fn xlogx(x: f64) -> f64 {
    xlogy(x, x)
}

/// `x ln y`, 0 wherever `x = 0` and `y >= 0` (`y` infinite included), NaN for a negative or NaN `y`; 2 ulp.
pub fn xlogy(x: f64, y: f64) -> f64 {
    if x == 0.0 && y >= 0.0 { 0.0 } else { x * y.ln() }
}

/// `x ln(1 + y)`, 0 wherever `x = 0` and `y >= -1` (`y` infinite included), NaN for a NaN `y` or one below -1; 2 ulp.
pub fn xlog1py(x: f64, y: f64) -> f64 {
    if x == 0.0 && y >= -1.0 { 0.0 } else { x * y.ln_1p() }
}

/// `ln(p / (1 - p))`, ±inf at the ends of [0, 1], NaN outside; 3 ulp, also next to its zero 1/2.
pub fn logit(p: f64) -> f64 {
    if p < 0.25 {
        (p / (1.0 - p)).ln()
    } else if p < 0.5 {
        -((1.0 - 2.0 * p) / p).ln_1p()
    } else if p <= 0.75 {
        ((2.0 * p - 1.0) / (1.0 - p)).ln_1p()
    } else {
        -((1.0 - p) / p).ln()
    }
}

/// `ln(cosh(x))`, no overflow, relative accuracy near 0; 3 ulp.
pub fn log_cosh(x: f64) -> f64 {
    let a = x.abs();
    if a < 0.75 {
        // cosh a - 1 = (e^a - 1)(1 - e^-a) / 2
        (-0.5 * a.exp_m1() * (-a).exp_m1()).ln_1p()
    } else {
        (a - LN_2) + ((-2.0 * a).exp().ln_1p() - LN_2_LOW)
    }
}

/// `ln(e^x + e^y)` for all extended reals: -inf for two -inf, +inf if either is; 2 ulp of the larger of
/// the result and `max(x, y)`.
pub fn logaddexp(x: f64, y: f64) -> f64 {
    if x == y {
        return x + LN_2;
    }
    let (large, small) = if x > y { (x, y) } else { (y, x) };
    large + (small - large).exp().ln_1p()
}
