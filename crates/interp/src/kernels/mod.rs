//! The reference meaning of every op: one small function each, by family, with the file names of `graph_core::op`.
//!
//! They rely on inference: operands are of the types that the op admits. Elements are computed in `f64`, `i64` or
//! `bool`; an `f32` element is rounded once per op.

pub mod compare;
pub mod contract;
pub mod cumulate;
pub mod elementwise;
pub mod index;
pub mod integer;
pub mod linalg;
pub mod order;
pub mod reduce;
pub mod shape;
pub mod structure;
pub mod window;

use graph_core::smallvec::SmallVec;
use graph_core::{Scalar, Shape};

/// Position along each axis.
pub type Index = SmallVec<[usize; 4]>;

/// The position along each axis of the element at a row-major place.
pub fn unravel(flat: usize, shape: &[usize]) -> Index {
    let mut rest = flat;
    let mut index = Index::from_elem(0, shape.len());
    for axis in (0..shape.len()).rev() {
        index[axis] = rest % shape[axis];
        rest /= shape[axis];
    }
    index
}

/// The row-major place of the element at a position.
pub fn ravel(index: &[usize], shape: &[usize]) -> usize {
    index.iter().zip(shape).fold(0, |flat, (&i, &extent)| flat * extent + i)
}

/// All positions of a shape, row-major.
pub fn positions(shape: &Shape) -> impl Iterator<Item = Index> + '_ {
    (0..shape.elements()).map(|flat| unravel(flat, shape))
}

/// A real result, rounded to the kind of the operand.
pub fn like(x: Scalar, value: f64) -> Scalar {
    Scalar::F64(value).cast(x.dtype())
}
