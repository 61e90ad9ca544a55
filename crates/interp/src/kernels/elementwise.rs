//! Functions applied element by element: unary, integer families, binary, select, cast.

use graph_core::op::{Binary, Nth, Unary};
use graph_core::{DType, Scalar};

use super::like;
use crate::value::Tensor;

/// Why an integer op has a value.
const ADMITTED: &str = "inference admits the integer ops only";

/// f(x)
pub fn unary(op: Unary, x: &Tensor) -> Tensor {
    map(x, |x| match x {
        Scalar::I64(n) => Scalar::I64(op.eval_i64(n).expect(ADMITTED)),
        Scalar::F64(_) | Scalar::F32(_) | Scalar::Bool(_) => like(x, op.eval(x.as_f64())),
    })
}

/// fₙ(x)
pub fn nth(op: Nth, n: i32, x: &Tensor) -> Tensor {
    map(x, |x| like(x, op.eval(n, x.as_f64())))
}

/// f(x, y)
pub fn binary(op: Binary, x: &Tensor, y: &Tensor) -> Tensor {
    let pairs = x.elements().zip(y.elements()).map(|(x, y)| binary_element(op, x, y));
    Tensor::collect(x.data.dtype(), x.shape.clone(), pairs)
}

/// f(x, y) of two elements.
pub fn binary_element(op: Binary, x: Scalar, y: Scalar) -> Scalar {
    match (x, y) {
        (Scalar::I64(m), Scalar::I64(n)) => Scalar::I64(op.eval_i64(m, n).expect(ADMITTED)),
        _ => like(x, op.eval(x.as_f64(), y.as_f64())),
    }
}

/// a where c, else b
pub fn select(c: &Tensor, a: &Tensor, b: &Tensor) -> Tensor {
    let chosen = (0..a.data.len()).map(|i| if c.data.get(i).as_bool() { a.data.get(i) } else { b.data.get(i) });
    Tensor::collect(a.data.dtype(), a.shape.clone(), chosen)
}

/// Elements of another kind.
pub fn cast(dtype: DType, x: &Tensor) -> Tensor {
    Tensor::collect(dtype, x.shape.clone(), x.elements().map(|x| x.cast(dtype)))
}

fn map(x: &Tensor, f: impl Fn(Scalar) -> Scalar) -> Tensor {
    Tensor::collect(x.data.dtype(), x.shape.clone(), x.elements().map(f))
}
