//! One generic function that computes numbers and traces itself.

use std::ops::{Add, Div, Mul, Neg, Sub};

use graph_core::op::{Binary, Compare, Nth, Unary};

use crate::expr::Expr;

/// What a formula needs of its numbers: implemented by `f64`, `f32` and [`Expr`].
pub trait Scalar:
    Copy + Neg<Output = Self> + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// A number.
    fn constant(value: f64) -> Self;
    /// A function of one argument.
    #[track_caller]
    fn unary(self, op: Unary) -> Self;
    /// Member n of a family of functions.
    #[track_caller]
    fn nth(self, op: Nth, n: i32) -> Self;
    /// A function of two arguments.
    #[track_caller]
    fn binary(self, op: Binary, y: Self) -> Self;
    /// `yes` where `x cmp y` holds, else `no`.
    #[track_caller]
    fn choose(cmp: Compare, x: Self, y: Self, yes: Self, no: Self) -> Self;

    /// xⁿ for an integer n
    #[track_caller]
    fn powi(self, n: i32) -> Self {
        self.nth(Nth::Powi, n)
    }
    /// Natural logarithm.
    #[track_caller]
    fn ln(self) -> Self {
        self.unary(Unary::Log)
    }
}

macro_rules! methods1 {
    ($($op:ident $name:ident,)*) => {
        /// The functions of one argument, for every [`Scalar`].
        pub trait ScalarUnary: Scalar { $(
            #[doc = concat!("`", stringify!($name), "`")]
            #[track_caller]
            fn $name(self) -> Self { self.unary(Unary::$op) }
        )* }
    };
}

macro_rules! methods2 {
    ($($op:ident $name:ident,)*) => {
        /// The functions of two arguments, for every [`Scalar`].
        pub trait ScalarBinary: Scalar { $(
            #[doc = concat!("`", stringify!($name), "`")]
            #[track_caller]
            fn $name(self, y: Self) -> Self { self.binary(Binary::$op, y) }
        )* }
    };
}

graph_core::for_each_unary!(methods1);
graph_core::for_each_binary!(methods2);
impl<S: Scalar> ScalarUnary for S {}
impl<S: Scalar> ScalarBinary for S {}

impl Scalar for f64 {
    fn constant(value: f64) -> f64 {
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

/// Each function in double precision, rounded.
impl Scalar for f32 {
    fn constant(value: f64) -> f32 {
        value as f32
    }
    fn unary(self, op: Unary) -> f32 {
        op.eval(f64::from(self)) as f32
    }
    fn nth(self, op: Nth, n: i32) -> f32 {
        op.eval(n, f64::from(self)) as f32
    }
    fn binary(self, op: Binary, y: f32) -> f32 {
        op.eval(f64::from(self), f64::from(y)) as f32
    }
    fn choose(cmp: Compare, x: f32, y: f32, yes: f32, no: f32) -> f32 {
        if cmp.eval(x, y) { yes } else { no }
    }
}

impl Scalar for Expr {
    fn constant(value: f64) -> Expr {
        Expr::from(value)
    }
    #[track_caller]
    fn unary(self, op: Unary) -> Expr {
        Expr::unary(self, op)
    }
    #[track_caller]
    fn nth(self, op: Nth, n: i32) -> Expr {
        Expr::nth(self, op, n)
    }
    #[track_caller]
    fn binary(self, op: Binary, y: Expr) -> Expr {
        Expr::binary(self, op, y)
    }
    #[track_caller]
    fn choose(cmp: Compare, x: Expr, y: Expr, yes: Expr, no: Expr) -> Expr {
        x.compare(cmp, y).select(yes, no)
    }
}
