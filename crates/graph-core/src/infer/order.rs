//! The type of a sort: a tuple of the sorted operands and the permutation.

use super::{Asked, Inferred};
use crate::error::Error;
use crate::op::{Axes, SortSpec};
use crate::ty::{DType, TensorType, Type};

/// Operands of any kinds and one shape, along an axis that exists.
pub(super) fn sort(n: &Asked<'_>, spec: &SortSpec) -> Inferred {
    if n.operands.is_empty() {
        return Err(Error::Arity { op: "sort".into(), expected: "at least 1 operand".into(), found: 0 });
    }
    let key = n.axes(&Axes::new(&[spec.axis]))?;
    for i in 1..n.operands.len() {
        let carried = n.tensor(i)?;
        if carried.shape != key.shape {
            let why = format!("the key is {}, operand {i} is {}; `broadcast` first", key.shape, carried.shape);
            return Err(n.shape_error(why));
        }
    }
    let permutation = TensorType { dtype: DType::I64, shape: key.shape.clone() };
    Ok(Type::tuple((0..n.operands.len()).map(|i| n.ty(i).clone()).chain([permutation.into()])))
}
