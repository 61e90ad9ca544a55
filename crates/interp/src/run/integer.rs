//! Loops of integer ops and of predicates of reals.

use graph_core::op::{Integer, Test, VisitInteger};

use super::lanes::{Loop, each1, each2};

/// The loop of an integer op.
pub fn integer(op: Integer) -> Loop {
    op.visit(Integers)
}

/// The loop of a predicate; a cell of `f32` is the `f64` of equal value.
pub fn test(op: Test) -> Loop {
    match op {
        Test::IsFinite => each1(|x| u64::from(f64::from_bits(x).is_finite())),
        Test::IsNan => each1(|x| u64::from(f64::from_bits(x).is_nan())),
        Test::IsInf => each1(|x| u64::from(f64::from_bits(x).is_infinite())),
    }
}

/// A visitor: `i64` functions on cells.
struct Integers;

impl VisitInteger for Integers {
    type Out = Loop;
    fn one(self, f: impl Fn(i64) -> i64 + Copy + Send + Sync + 'static) -> Loop {
        each1(move |x| f(x as i64) as u64)
    }
    fn two(self, f: impl Fn(i64, i64) -> i64 + Copy + Send + Sync + 'static) -> Loop {
        each2(move |x, y| f(x as i64, y as i64) as u64)
    }
}
