//! Operators on expressions, owned and borrowed, with numbers on either side.

use std::iter::{Product, Sum};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};
use std::panic::Location;

use graph_core::op::{Binary, Unary};

use crate::expr::{Expr, binary_at};

macro_rules! operator {
    ($trait:ident $method:ident $assign:ident $assign_method:ident: $($left:ty, $right:ty;)*) => {
        $( impl $trait<$right> for $left {
            type Output = Expr;
            #[track_caller]
            fn $method(self, y: $right) -> Expr {
                let (x, y) = (Expr::from(self), Expr::from(y));
                x.binary(Binary::$trait, y)
            }
        } )*
        impl<T: Into<Expr>> $assign<T> for Expr {
            #[track_caller]
            fn $assign_method(&mut self, y: T) {
                *self = self.binary(Binary::$trait, y);
            }
        }
    };
}

macro_rules! operators {
    ($($trait:ident $method:ident $assign:ident $assign_method:ident;)*) => { $(
        operator! { $trait $method $assign $assign_method:
            Expr, Expr; Expr, &Expr; &Expr, Expr; &Expr, &Expr;
            Expr, f64; &Expr, f64; Expr, &f64; &Expr, &f64;
            f64, Expr; f64, &Expr; &f64, Expr; &f64, &Expr;
        }
    )* };
}

operators! {
    Add add AddAssign add_assign;
    Sub sub SubAssign sub_assign;
    Mul mul MulAssign mul_assign;
    Div div DivAssign div_assign;
}

impl From<&Expr> for Expr {
    fn from(x: &Expr) -> Expr {
        *x
    }
}

impl From<&f64> for Expr {
    fn from(x: &f64) -> Expr {
        Expr::from(*x)
    }
}

impl Neg for Expr {
    type Output = Expr;
    #[track_caller]
    fn neg(self) -> Expr {
        self.unary(Unary::Neg)
    }
}

impl Neg for &Expr {
    type Output = Expr;
    #[track_caller]
    fn neg(self) -> Expr {
        self.unary(Unary::Neg)
    }
}

/// An iterator does not tell who sums it, so a mistake is at the line of the term that does not fit.
fn chained(op: Binary, x: Expr, y: Expr) -> Expr {
    let site = y.site().or_else(|| x.site()).unwrap_or_else(Location::caller);
    binary_at(site, op, x, y)
}

impl Sum for Expr {
    fn sum<I: Iterator<Item = Expr>>(terms: I) -> Expr {
        terms.reduce(|x, y| chained(Binary::Add, x, y)).unwrap_or_else(|| Expr::from(0.0))
    }
}

impl Product for Expr {
    fn product<I: Iterator<Item = Expr>>(factors: I) -> Expr {
        factors.reduce(|x, y| chained(Binary::Mul, x, y)).unwrap_or_else(|| Expr::from(1.0))
    }
}
