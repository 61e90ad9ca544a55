//! Integers of 64 bits, predicates of reals, and reinterpretation of bits, as methods of expressions.
//!
//! ```
//! use wengert::prelude::*;
//!
//! let g = Graph::new();
//! let n = g.integers(&[3], &[12, -1, (1 << 53) + 1]);
//! let results = g.function("f", (n.popcount(), n.shift_right(2.0), n.int_rem(5.0)))?.eval(&[])?;
//! let numbers: Vec<_> = results.iter().filter_map(|value| Some(value.as_tensor()?.to_f64())).collect();
//! assert_eq!(numbers, [[2.0, 64.0, 2.0], [3.0, -1.0, 2251799813685248.0], [2.0, -1.0, 3.0]]);
//! # Ok::<(), Error>(())
//! ```

use graph_core::op::{Integer, Op, Test};
use graph_core::{Buffer, DType};

use crate::expr::{Expr, align, build, make};
use crate::graph::Graph;

macro_rules! methods {
    ($($(#[$doc:meta])* $op:ident $name:ident $arity:ident,)*) => {
        /// Functions of integers, each elementwise (with broadcasting), total and wrapping.
        impl Expr { $( methods! { $arity $(#[$doc])* $op $name } )* }
    };
    (one $(#[$doc:meta])* $op:ident $name:ident) => {
        $(#[$doc])*
        #[track_caller]
        pub fn $name(self) -> Expr { integer1(Integer::$op, self) }
    };
    (two $(#[$doc:meta])* $op:ident $name:ident) => {
        $(#[$doc])*
        #[track_caller]
        pub fn $name(self, y: impl Into<Expr>) -> Expr { integer2(Integer::$op, self, y.into()) }
    };
}
graph_core::for_each_integer!(methods);

#[track_caller]
fn integer1(op: Integer, x: Expr) -> Expr {
    build([x], |[x]| of_numbers(op, x, 0.0), |core, [x], site| make(core, Op::Integer(op), &[x], site))
}

#[track_caller]
fn integer2(op: Integer, x: Expr, y: Expr) -> Expr {
    build(
        [x, y],
        |[x, y]| of_numbers(op, x, y),
        |core, nodes, site| {
            let nodes = align(core, Op::Integer(op), nodes, site)?;
            make(core, Op::Integer(op), &nodes, site)
        },
    )
}

/// Numbers that belong to no graph are reals: refused unless they are integers, rounded beyond 2^53.
fn of_numbers(op: Integer, x: f64, y: f64) -> Option<f64> {
    (x.fract() == 0.0 && y.fract() == 0.0).then(|| op.eval(x as i64, y as i64) as f64)
}

/// Predicates of reals, and bits.
impl Expr {
    /// A predicate, elementwise; a condition.
    #[track_caller]
    pub fn test(self, op: Test) -> Expr {
        build([self], |[x]| f64::from(u8::from(op.eval(x))), |core, [x], site| make(core, Op::Test(op), &[x], site))
    }

    /// Whether each element is neither infinite nor NaN; a condition.
    #[track_caller]
    pub fn is_finite(self) -> Expr {
        self.test(Test::IsFinite)
    }

    /// Whether each element is NaN; a condition.
    #[track_caller]
    pub fn is_nan(self) -> Expr {
        self.test(Test::IsNan)
    }

    /// Whether each element is infinite; a condition.
    #[track_caller]
    pub fn is_inf(self) -> Expr {
        self.test(Test::IsInf)
    }

    /// The bits of `f64` elements as `i64`, or back. Flat to a differentiator.
    #[track_caller]
    pub fn bitcast(self, dtype: DType) -> Expr {
        build([self], |_| None, |core, [x], site| make(core, Op::Bitcast(dtype), &[x], site))
    }
}

impl Graph {
    /// A constant tensor of these row-major integers, exact beyond 2^53 too.
    #[track_caller]
    pub fn integers(&self, shape: &[usize], elements: &[i64]) -> Expr {
        self.dense(shape, Buffer::I64(elements.to_vec()))
    }
}
