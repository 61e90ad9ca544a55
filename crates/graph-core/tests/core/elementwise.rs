//! The partial cells of the elementwise tables against numeric differences: of the values at order 1, and at order 2
//! of the cells themselves, whose own derivatives come from reading them over dual numbers.

use std::ops::{Add, Div, Mul, Neg, Sub};

use graph_core::Algebra;
use graph_core::op::{Binary, Compare, Nth, Unary};

use crate::Random;

const SAMPLES: usize = 40;
const TOLERANCE: f64 = 1e-7;

/// A number and its derivative.
#[derive(Clone, Copy, Debug)]
struct Dual {
    v: f64,
    d: f64,
}

fn dual(v: f64, d: f64) -> Dual {
    Dual { v, d }
}

macro_rules! operators {
    ($($trait:ident $method:ident |$x:ident, $y:ident| $v:expr, $d:expr;)*) => { $(
        impl $trait for Dual {
            type Output = Dual;
            fn $method(self, other: Dual) -> Dual {
                let ($x, $y) = (self, other);
                dual($v, $d)
            }
        }
        impl $trait<f64> for Dual {
            type Output = Dual;
            fn $method(self, y: f64) -> Dual { self.$method(dual(y, 0.0)) }
        }
    )* };
}

operators! {
    Add add |x, y| x.v + y.v, x.d + y.d;
    Sub sub |x, y| x.v - y.v, x.d - y.d;
    Mul mul |x, y| x.v * y.v, x.d * y.v + x.v * y.d;
    Div div |x, y| x.v / y.v, (x.d - x.v / y.v * y.d) / y.v;
}

impl Neg for Dual {
    type Output = Dual;
    fn neg(self) -> Dual {
        dual(-self.v, -self.d)
    }
}

impl Algebra for Dual {
    fn constant(self, value: f64) -> Dual {
        dual(value, 0.0)
    }
    fn unary(self, op: Unary) -> Dual {
        let f = op.eval(self.v);
        dual(f, op.partial(self.v, f).map_or(0.0, |p| p * self.d))
    }
    fn nth(self, op: Nth, n: i32) -> Dual {
        dual(op.eval(n, self.v), op.partial(n, self.v).map_or(0.0, |p| p * self.d))
    }
    fn binary(self, op: Binary, y: Dual) -> Dual {
        let f = op.eval(self.v, y.v);
        let part = |operand, d: f64| match op.partial(operand, self.v, y.v, f) {
            Some(p) if d != 0.0 => p * d,
            _ => 0.0,
        };
        dual(f, part(0, self.d) + part(1, y.d))
    }
    fn choose(cmp: Compare, x: Dual, y: Dual, yes: Dual, no: Dual) -> Dual {
        if cmp.eval(x.v, y.v) { yes } else { no }
    }
}

/// A number inside an open interval, away from its ends.
fn inside((low, high): (f64, f64), u: f64) -> f64 {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => low + (high - low) * (0.1 + 0.8 * u),
        (true, false) => low + 0.25 + 2.5 * u,
        (false, true) => high - 0.25 - 2.5 * u,
        (false, false) => 5.0 * u - 2.5,
    }
}

/// Richardson's extrapolation of central differences; `None` where a kink or a jump is near.
fn slope(f: impl Fn(f64) -> f64, x: f64) -> Option<f64> {
    let difference = |h: f64| (f(x + h) - f(x - h)) / (2.0 * h);
    let (wide, narrow) = (difference(2e-3), difference(1e-3));
    let agree = (wide - narrow).abs() <= 1e-3 * (1.0 + narrow.abs());
    agree.then(|| (4.0 * narrow - wide) / 3.0)
}

/// Compares at random points of `domain`; at most one in ten may lie near a kink.
fn check(name: &str, domain: (f64, f64), f: impl Fn(f64) -> f64, derivative: impl Fn(f64) -> f64) {
    let mut random = Random(7);
    let mut compared = 0;
    for _ in 0..SAMPLES {
        let x = inside(domain, random.unit());
        let Some(expect) = slope(&f, x) else { continue };
        let found = derivative(x);
        assert!((found - expect).abs() <= TOLERANCE * (1.0 + expect.abs()), "{name} at {x}: {found}, not {expect}");
        compared += 1;
    }
    assert!(compared * 10 >= SAMPLES * 9, "{name}: {compared} of {SAMPLES} samples are smooth");
}

#[test]
fn unary_cells_are_the_derivatives_to_order_two() {
    // What is flat to derivatives alone has differences that are not.
    for &op in Unary::ALL.iter().filter(|&&op| op != Unary::StopGradient) {
        let first = |x: f64| op.partial(x, op.eval(x)).unwrap_or(0.0);
        check(op.name(), op.domain(), |x| op.eval(x), first);
        let second = |x: f64| {
            let x = dual(x, 1.0);
            op.partial(x, x.unary(op)).map_or(0.0, |p| p.d)
        };
        check(&format!("{}''", op.name()), op.domain(), first, second);
    }
}

#[test]
fn members_of_families_are_the_derivatives_of_their_neighbours() {
    for &op in Nth::ALL {
        for n in (-3..6).filter(|&n| op.has(n)) {
            let first = |x: f64| op.partial(n, x).unwrap_or(0.0);
            check(&format!("{} {n}", op.name()), op.domain(), |x| op.eval(n, x), first);
            let second = |x: f64| op.partial(n, dual(x, 1.0)).map_or(0.0, |p| p.d);
            check(&format!("{} {n}''", op.name()), op.domain(), first, second);
        }
    }
}

#[test]
fn binary_cells_are_the_derivatives_to_order_two() {
    let mut random = Random(11);
    for &op in Binary::ALL {
        let at = |x, y, operand| op.partial(operand, x, y, op.eval(x, y)).unwrap_or(0.0);
        let seconds = |x: f64, y: f64, towards: usize, operand: usize| {
            let (x, y) = (dual(x, f64::from(towards == 0)), dual(y, f64::from(towards == 1)));
            op.partial(operand, x, y, x.binary(op, y)).map_or(0.0, |p: Dual| p.d)
        };
        for _ in 0..8 {
            let [x, y] = op.domain().map(|domain| inside(domain, random.unit()));
            let (in_x, in_y) = (op.domain()[0], op.domain()[1]);
            let name = |d: &str| format!("{} {d} at x = {x}, y = {y}", op.name());
            check(&name("/dx"), in_x, |x| op.eval(x, y), |x| at(x, y, 0));
            check(&name("/dy"), in_y, |y| op.eval(x, y), |y| at(x, y, 1));
            for operand in [0, 1] {
                check(&name("/dx²"), in_x, |x| at(x, y, operand), |x| seconds(x, y, 0, operand));
                check(&name("/dy²"), in_y, |y| at(x, y, operand), |y| seconds(x, y, 1, operand));
            }
        }
    }
}
