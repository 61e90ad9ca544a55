//! Arc tangent: the argument as it is, or (a − 1)/(a + 1) behind π/4, or −1/a behind π/2, so that a short series is enough.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

use super::{kernel, series};

/// tan(π/8) and tan(3π/8)
const MIDDLE: f64 = 0.414_213_562_373_095_03;
const FAR: f64 = 2.414_213_562_373_095;
/// π/2 minus its nearest `f64`; half of it for π/4.
const FRAC_PI_2_LOW: f64 = 6.123_233_995_736_766e-17;

kernel! {
    /// `atan x`; 2 ulp.
    Atan;
    usual |x| {
        let a = x.abs();
        let (over, under, base, base_low) = if a > FAR {
            (-1.0, a, FRAC_PI_2, FRAC_PI_2_LOW)
        } else if a > MIDDLE {
            (a - 1.0, a + 1.0, FRAC_PI_4, 0.5 * FRAC_PI_2_LOW)
        } else {
            (a, 1.0, 0.0, 0.0)
        };
        let z = over / under;
        let square = z * z;
        // (atan z − z)/z³
        let rest = series(
            square,
            [
                -1.0 / 3.0,
                1.0 / 5.0,
                -1.0 / 7.0,
                1.0 / 9.0,
                -1.0 / 11.0,
                1.0 / 13.0,
                -1.0 / 15.0,
                1.0 / 17.0,
                -1.0 / 19.0,
                1.0 / 21.0,
                -1.0 / 23.0,
                1.0 / 25.0,
                -1.0 / 27.0,
                1.0 / 29.0,
                -1.0 / 31.0,
                1.0 / 33.0,
                -1.0 / 35.0,
                1.0 / 37.0,
                -1.0 / 39.0,
                1.0 / 41.0,
                -1.0 / 43.0,
            ],
        );
        let sum = base + z;
        let lost = z - (sum - base);
        (sum + (lost + (z * (square * rest) + base_low))).copysign(x)
    };
    if !x.is_nan();
    else x
}
