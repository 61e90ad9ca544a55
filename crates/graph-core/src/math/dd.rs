//! Double-double arithmetic and numbers with a wide exponent, for the few places where one `f64` is not enough.
//!
//! A [`Dd`] is an unevaluated sum `hi + lo` with `|lo| <= ulp(hi) / 2`, about 104 bits (Dekker 1971; Joldes, Muller and
//! Popescu 2017). It is meant for finite, moderate numbers. A [`Scaled`] is `m * 2^e`, so that `n!`, `pi^n` or `x^-n`
//! may be far outside the range of `f64` on the way to a result inside it.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// An unevaluated sum of two `f64`.
#[derive(Clone, Copy)]
pub(super) struct Dd {
    pub hi: f64,
    pub lo: f64,
}

/// A double-double with an exponent of its own, `m * 2^e`.
#[derive(Clone, Copy)]
pub(super) struct Scaled {
    m: Dd,
    e: i64,
}

impl Dd {
    pub const ONE: Dd = Dd { hi: 1.0, lo: 0.0 };
    pub const PI: Dd = Dd { hi: std::f64::consts::PI, lo: 1.2246467991473532e-16 };
    /// 1/e.
    pub const INV_E: Dd = Dd { hi: 0.36787944117144233, lo: -1.2428753672788363e-17 };
    /// 2/sqrt(pi).
    pub const FRAC_2_SQRT_PI: Dd = Dd { hi: std::f64::consts::FRAC_2_SQRT_PI, lo: 1.533545961316588e-17 };

    /// `a + b` exactly.
    pub fn sum(a: f64, b: f64) -> Dd {
        let hi = a + b;
        let bb = hi - a;
        Dd { hi, lo: (a - (hi - bb)) + (b - bb) }
    }

    /// `a * b` exactly, unless the low half underflows.
    pub fn product(a: f64, b: f64) -> Dd {
        let hi = a * b;
        Dd { hi, lo: a.mul_add(b, -hi) }
    }

    /// `hi + lo` where `|lo|` is at most about `|hi|`.
    fn fast_sum(hi: f64, lo: f64) -> Dd {
        let s = hi + lo;
        Dd { hi: s, lo: lo - (s - hi) }
    }
}

impl From<f64> for Dd {
    fn from(x: f64) -> Dd {
        Dd { hi: x, lo: 0.0 }
    }
}

impl Neg for Dd {
    type Output = Dd;
    fn neg(self) -> Dd {
        Dd { hi: -self.hi, lo: -self.lo }
    }
}

impl Add for Dd {
    type Output = Dd;
    fn add(self, y: Dd) -> Dd {
        let s = Dd::sum(self.hi, y.hi);
        let t = Dd::sum(self.lo, y.lo);
        let s = Dd::fast_sum(s.hi, s.lo + t.hi);
        Dd::fast_sum(s.hi, s.lo + t.lo)
    }
}

impl Sub for Dd {
    type Output = Dd;
    fn sub(self, y: Dd) -> Dd {
        self + -y
    }
}

impl Mul for Dd {
    type Output = Dd;
    fn mul(self, y: Dd) -> Dd {
        let p = Dd::product(self.hi, y.hi);
        Dd::fast_sum(p.hi, p.lo + self.hi.mul_add(y.lo, self.lo * y.hi))
    }
}

impl Div for Dd {
    type Output = Dd;
    fn div(self, y: Dd) -> Dd {
        let q = self.hi / y.hi;
        let r = self - y * Dd::from(q);
        Dd::fast_sum(q, r.hi / y.hi)
    }
}

impl Scaled {
    /// `self^n` by repeated squaring; the relative error is about `n * 2^-102`.
    pub fn powu(self, mut n: u64) -> Scaled {
        let mut base = self;
        let mut y = Scaled::from(Dd::ONE);
        while n > 0 {
            if n & 1 == 1 {
                y = y * base;
            }
            base = base * base;
            n >>= 1;
        }
        y
    }

    /// The nearest `f64`, infinite or zero out of range.
    pub fn to_f64(self) -> f64 {
        libm::scalbn(self.m.hi, self.e.clamp(-4000, 4000) as i32)
    }
}

impl From<Dd> for Scaled {
    fn from(x: Dd) -> Scaled {
        let (hi, e) = libm::frexp(x.hi);
        if hi == 0.0 || !hi.is_finite() {
            return Scaled { m: Dd::from(x.hi), e: 0 };
        }
        Scaled { m: Dd { hi, lo: libm::scalbn(x.lo, -e) }, e: i64::from(e) }
    }
}

impl From<f64> for Scaled {
    fn from(x: f64) -> Scaled {
        Scaled::from(Dd::from(x))
    }
}

impl Mul for Scaled {
    type Output = Scaled;
    fn mul(self, y: Scaled) -> Scaled {
        let p = Scaled::from(self.m * y.m);
        Scaled { m: p.m, e: p.e.saturating_add(self.e).saturating_add(y.e) }
    }
}

impl Div for Scaled {
    type Output = Scaled;
    fn div(self, y: Scaled) -> Scaled {
        let q = Scaled::from(self.m / y.m);
        Scaled { m: q.m, e: q.e.saturating_add(self.e).saturating_sub(y.e) }
    }
}
