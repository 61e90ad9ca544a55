//! What a derivative formula needs of its numbers.
//!
//! One formula, many readings: over `f64` it evaluates, over [`crate::Term`] it builds nodes, over truncated power
//! series it is Taylor mode.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::math::Function1;
use crate::op::{Binary, Compare, Nth, Unary};

/// Numbers closed under the elementwise ops.
pub trait Algebra:
    Copy
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// A constant of the kind of `self`.
    fn constant(self, value: f64) -> Self;
    /// A function of one argument.
    fn unary(self, op: Unary) -> Self;
    /// Member n of a family of functions.
    fn nth(self, op: Nth, n: i32) -> Self;
    /// A function of two arguments.
    fn binary(self, op: Binary, y: Self) -> Self;
    /// `yes` where `x cmp y` holds, else `no`.
    fn choose(cmp: Compare, x: Self, y: Self, yes: Self, no: Self) -> Self;
    /// The value, where it is the same whatever the program's inputs are.
    fn known(self) -> Option<f64> {
        None
    }
}

/// The ops as methods.
pub use crate::op::{BinaryFunctions, UnaryFunctions};

/// The integer families as methods.
pub trait NthFunctions: Algebra {
    /// xⁿ
    fn powi(self, n: i32) -> Self {
        self.nth(Nth::Powi, n)
    }
    /// ψ⁽ⁿ⁾(x)
    fn polygamma(self, n: i32) -> Self {
        self.nth(Nth::Polygamma, n)
    }
    /// n-th derivative of sin(πx)/(πx)
    fn sinc(self, n: i32) -> Self {
        self.nth(Nth::Sinc, n)
    }
    /// n-th derivative of exp(x²)·erfc(x)
    fn erfcx(self, n: i32) -> Self {
        self.nth(Nth::Erfcx, n)
    }
    /// n-th derivative of φ(x)/Φ(x)
    fn mills(self, n: i32) -> Self {
        self.nth(Nth::Mills, n)
    }
}
impl<A: Algebra> NthFunctions for A {}

impl Algebra for f64 {
    fn constant(self, value: f64) -> f64 {
        value
    }
    fn unary(self, op: Unary) -> f64 {
        op.eval(self)
    }
    fn nth(self, op: Nth, n: i32) -> f64 {
        op.eval(n, self)
    }
    fn binary(self, op: Binary, y: f64) -> f64 {
        op.eval(self, y)
    }
    fn choose(cmp: Compare, x: f64, y: f64, yes: f64, no: f64) -> f64 {
        if cmp.eval(x, y) { yes } else { no }
    }
}

struct Apply1(f64);
impl crate::op::Visit1 for Apply1 {
    type Out = f64;
    fn visit<F: Function1>(self, f: F) -> f64 {
        f.at(self.0)
    }
}

struct Apply2(f64, f64);
impl crate::op::Visit2 for Apply2 {
    type Out = f64;
    fn visit(self, f: impl Fn(f64, f64) -> f64 + Copy) -> f64 {
        f(self.0, self.1)
    }
}

impl Unary {
    /// The value at `x`.
    pub fn eval(self, x: f64) -> f64 {
        self.visit(Apply1(x))
    }
}

impl Binary {
    /// The value at `(x, y)`.
    pub fn eval(self, x: f64, y: f64) -> f64 {
        self.visit(Apply2(x, y))
    }
}
