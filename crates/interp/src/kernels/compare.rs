//! Comparisons and connectives, element by element.

use graph_core::op::{Compare, Logic};
use graph_core::{DType, Scalar};

use crate::value::Tensor;

/// x cmp y; `false` is below `true`.
pub fn compare(op: Compare, x: &Tensor, y: &Tensor) -> Tensor {
    bools(x, x.elements().zip(y.elements()).map(|(x, y)| holds(op, x, y)))
}

fn holds(op: Compare, x: Scalar, y: Scalar) -> bool {
    match (x, y) {
        (Scalar::I64(m), Scalar::I64(n)) => op.eval(m, n),
        _ => op.eval(x.as_f64(), y.as_f64()),
    }
}

/// A connective of two operands, or of one (`not`).
pub fn logic(op: Logic, x: &Tensor, y: Option<&Tensor>) -> Tensor {
    let second = |i| y.is_some_and(|y| y.data.get(i).as_bool());
    bools(x, (0..x.data.len()).map(|i| op.eval(x.data.get(i).as_bool(), second(i))))
}

fn bools(like: &Tensor, elements: impl Iterator<Item = bool>) -> Tensor {
    Tensor::collect(DType::Bool, like.shape.clone(), elements.map(Scalar::Bool))
}
