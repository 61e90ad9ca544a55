//! Elementwise steps. Each becomes one loop, compiled for its function ([`super::lanes`]).

use graph_core::DType;
use graph_core::math::Function1;
use graph_core::op::{Binary, Compare, Logic, Nth, Unary, Visit1, Visit2};

use super::integer;
use super::lanes::{Loop, each1, each2, each3, reals1};
use crate::cells::{decode, encode};
use crate::plan::Step;

/// Rounds to `f32`.
pub fn round(x: f64) -> f64 {
    f64::from(x as f32)
}

/// The loop of a step.
pub fn compile(step: Step) -> Loop {
    match step {
        Step::Unary(op, dtype) => unary(op, dtype),
        Step::Nth(op, n, dtype) => nth(op, n, dtype),
        Step::Binary(op, dtype) => binary(op, dtype),
        Step::Compare(op, dtype) => compare(op, dtype),
        Step::Logic(op) => logic(op),
        Step::Integer(op) => integer::integer(op),
        Step::Test(op) => integer::test(op),
        Step::Select => each3(|c, a, b| if c != 0 { a } else { b }),
        Step::Cast { from, to } => cast(from, to),
        Step::Fused(fused) => super::fused::compile(fused),
    }
}

/// Whether the loop of a step reads several single cells before it writes one.
pub fn is_vector(step: Step) -> bool {
    struct IsVector;
    impl Visit1 for IsVector {
        type Out = bool;
        fn visit<F: Function1>(self, _: F) -> bool {
            F::IS_VECTOR
        }
    }
    matches!(step, Step::Unary(op, DType::F64 | DType::F32) if op.visit(IsVector))
}

/// Why an integer op has a value.
const ADMITTED: &str = "inference admits the integer ops only";

fn unary(op: Unary, dtype: DType) -> Loop {
    match dtype {
        DType::F64 => op.visit(Reals),
        DType::F32 => op.visit(Rounded),
        DType::I64 => each1(move |x| op.eval_i64(x as i64).expect(ADMITTED) as u64),
        DType::Bool => unreachable!("inference admits numbers only"),
    }
}

fn nth(op: Nth, n: i32, dtype: DType) -> Loop {
    match dtype {
        DType::F64 => Visit1::visit(Reals, move |x| op.eval(n, x)),
        DType::F32 => Visit1::visit(Rounded, move |x| op.eval(n, x)),
        DType::I64 | DType::Bool => unreachable!("inference admits real numbers only"),
    }
}

fn binary(op: Binary, dtype: DType) -> Loop {
    match dtype {
        DType::F64 => op.visit(Reals),
        DType::F32 => op.visit(Rounded),
        DType::I64 => each2(move |x, y| op.eval_i64(x as i64, y as i64).expect(ADMITTED) as u64),
        DType::Bool => unreachable!("inference admits numbers only"),
    }
}

fn compare(op: Compare, dtype: DType) -> Loop {
    match dtype {
        DType::F64 | DType::F32 => each2(move |x, y| u64::from(op.eval(f64::from_bits(x), f64::from_bits(y)))),
        DType::I64 | DType::Bool => each2(move |x, y| u64::from(op.eval(x as i64, y as i64))),
    }
}

fn logic(op: Logic) -> Loop {
    match op {
        Logic::And => each2(|x, y| x & y),
        Logic::Or => each2(|x, y| x | y),
        Logic::Xor => each2(|x, y| x ^ y),
        Logic::Not => each1(|x| x ^ 1),
    }
}

fn cast(from: DType, to: DType) -> Loop {
    match (from, to) {
        (DType::F64, DType::F32) => each1(|x| round(f64::from_bits(x)).to_bits()),
        (DType::I64, DType::F64) => each1(|x| (x as i64 as f64).to_bits()),
        _ => each1(move |x| encode(decode(from, x).cast(to))),
    }
}

/// Visitors: `f64` functions on cells, as they are and rounded to `f32`.
struct Reals;
struct Rounded;

impl Visit1 for Reals {
    type Out = Loop;
    fn visit<F: Function1>(self, f: F) -> Loop {
        reals1(f, |y| y)
    }
}
impl Visit1 for Rounded {
    type Out = Loop;
    fn visit<F: Function1>(self, f: F) -> Loop {
        reals1(f, round)
    }
}
impl Visit2 for Reals {
    type Out = Loop;
    fn visit(self, f: impl Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static) -> Loop {
        each2(move |x, y| f(f64::from_bits(x), f64::from_bits(y)).to_bits())
    }
}
impl Visit2 for Rounded {
    type Out = Loop;
    fn visit(self, f: impl Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static) -> Loop {
        each2(move |x, y| round(f(f64::from_bits(x), f64::from_bits(y))).to_bits())
    }
}
