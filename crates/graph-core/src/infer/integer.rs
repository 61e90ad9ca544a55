//! Types of integer ops, predicates of reals and `bitcast`.

use super::{Asked, Inferred, tensor};
use crate::op::Integer;
use crate::ty::DType;

/// One or two operands of `i64`.
pub(super) fn integer(n: &Asked<'_>, op: Integer) -> Inferred {
    n.arity(op.arity())?;
    if op.arity() == 2 {
        n.alike(0, 1)?;
    }
    match n.tensor(0)?.dtype {
        DType::I64 => Ok(n.ty(0).clone()),
        DType::Bool => Err(n.dtype_error("it needs i64, not bool; use `and`, `or`, `xor`, `not`, or `cast` to i64")),
        other => Err(n.dtype_error(format!("it needs i64, not {other}; `cast` to i64, or `bitcast` an f64"))),
    }
}

/// A real operand, a truth value for each element.
pub(super) fn test(n: &Asked<'_>) -> Inferred {
    n.arity(1)?;
    n.numbers(false)?;
    Ok(tensor(DType::Bool, n.tensor(0)?.shape.clone()))
}

/// `f64` to `i64` or back.
pub(super) fn bitcast(n: &Asked<'_>, to: DType) -> Inferred {
    n.arity(1)?;
    let t = n.tensor(0)?;
    match (t.dtype, to) {
        (DType::F64, DType::I64) | (DType::I64, DType::F64) => Ok(tensor(to, t.shape.clone())),
        (from, to) => {
            let why = format!("{from} to {to} is not between f64 and i64, which alone have 64 bits; `cast` converts");
            Err(n.dtype_error(why))
        }
    }
}
