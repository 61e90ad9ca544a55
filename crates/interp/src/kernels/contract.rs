//! The contraction `dot`: out[b, i, j] = Σₖ x[b, i, k]·y[b, k, j], summed in row-major order of the contracted axes as the
//! left operand lists them, starting from the first product. A product of doubles is added by one fused operation.

use graph_core::op::{Axes, Binary, DotSpec};
use graph_core::{Scalar, Shape};

use super::elementwise::binary_element;
use super::{Index, positions, ravel};
use crate::value::Tensor;

/// Contracts `x` with `y`.
pub fn dot(spec: &DotSpec, x: &Tensor, y: &Tensor) -> Tensor {
    let (x_free, y_free) = (spec.lhs_free(x.shape.rank()), spec.rhs_free(y.shape.rank()));
    let extents = |axes: &Axes, of: &Tensor| axes.iter().map(|&axis| of.shape[axis]).collect::<Shape>();
    let parts = [extents(&spec.lhs_batch, x), extents(&x_free, x), extents(&y_free, y)];
    let contracted = extents(&spec.lhs, x);
    let shape: Shape = parts.iter().flat_map(|part| part.iter().copied()).collect();
    let element = |index: Index| {
        let (batch, free) = index.split_at(parts[0].rank());
        let (i, j) = free.split_at(parts[1].rank());
        positions(&contracted).fold(None, |sum, k| {
            let a = at(x, &[(&spec.lhs_batch, batch), (&x_free, i), (&spec.lhs, &k)]);
            let b = at(y, &[(&spec.rhs_batch, batch), (&y_free, j), (&spec.rhs, &k)]);
            Some(match (sum, a, b) {
                (Some(Scalar::F64(sum)), Scalar::F64(a), Scalar::F64(b)) => Scalar::F64(a.mul_add(b, sum)),
                (Some(sum), a, b) => binary_element(Binary::Add, sum, binary_element(Binary::Mul, a, b)),
                (None, a, b) => binary_element(Binary::Mul, a, b),
            })
        })
    };
    let zero = Scalar::I64(0).cast(x.data.dtype());
    let elements: Vec<Scalar> = positions(&shape).map(|index| element(index).unwrap_or(zero)).collect();
    Tensor::collect(x.data.dtype(), shape, elements.into_iter())
}

/// The element whose position along each listed axis is given.
fn at(x: &Tensor, parts: &[(&Axes, &[usize])]) -> Scalar {
    let mut index = Index::from_elem(0, x.shape.rank());
    for (axes, position) in parts {
        axes.iter().zip(*position).for_each(|(&axis, &i)| index[axis] = i);
    }
    x.data.get(ravel(&index, &x.shape))
}
