//! Integer ops, predicates of reals and `bitcast`, element by element.

use graph_core::op::{Integer, Test};
use graph_core::{DType, Scalar};

use crate::value::Tensor;

/// f(x, y), or f(x) for an op of one operand.
pub fn integer(op: Integer, x: &Tensor, y: Option<&Tensor>) -> Tensor {
    let second = |i| y.map_or(0, |y| y.data.get(i).as_i64());
    let elements = (0..x.data.len()).map(|i| Scalar::I64(op.eval(x.data.get(i).as_i64(), second(i))));
    Tensor::collect(DType::I64, x.shape.clone(), elements)
}

/// Whether a predicate holds.
pub fn test(op: Test, x: &Tensor) -> Tensor {
    Tensor::collect(DType::Bool, x.shape.clone(), x.elements().map(|x| Scalar::Bool(op.eval(x.as_f64()))))
}

/// The same bits as elements of another kind.
pub fn bitcast(to: DType, x: &Tensor) -> Tensor {
    Tensor::collect(to, x.shape.clone(), x.elements().map(Scalar::bitcast))
}
