//! Reductions: the elements of each group are combined in row-major order, starting from the first.

use graph_core::op::{Axes, Binary, Reduce};
use graph_core::{DType, Scalar};

use super::elementwise::binary_element;
use super::{Index, positions, ravel};
use crate::value::Tensor;

/// Combines along `axes`, which disappear.
pub fn reduce(op: Reduce, x: &Tensor, axes: &Axes) -> Tensor {
    let kept: Axes = (0..x.shape.rank()).filter(|axis| !axes.contains(axis)).collect();
    let shape = kept.iter().map(|&axis| x.shape[axis]).collect::<Axes>();
    let mut groups: Vec<Option<Scalar>> = vec![None; shape.elements()];
    for (index, element) in positions(&x.shape).zip(x.elements()) {
        let group: Index = kept.iter().map(|&axis| index[axis]).collect();
        let group = &mut groups[ravel(&group, &shape)];
        *group = Some(group.map_or(element, |so_far| combine(op, so_far, element)));
    }
    let dtype = x.data.dtype();
    Tensor::collect(dtype, shape, groups.into_iter().map(|group| group.unwrap_or_else(|| of_nothing(op, dtype))))
}

fn combine(op: Reduce, x: Scalar, y: Scalar) -> Scalar {
    match op {
        Reduce::Sum => binary_element(Binary::Add, x, y),
        Reduce::Prod => binary_element(Binary::Mul, x, y),
        Reduce::Max => binary_element(Binary::Max, x, y),
        Reduce::Min => binary_element(Binary::Min, x, y),
        Reduce::Any => Scalar::Bool(x.as_bool() || y.as_bool()),
        Reduce::All => Scalar::Bool(x.as_bool() && y.as_bool()),
    }
}

/// The value of a group without elements.
fn of_nothing(op: Reduce, dtype: DType) -> Scalar {
    match op {
        Reduce::Sum | Reduce::Any => Scalar::I64(0).cast(dtype),
        Reduce::Prod | Reduce::All => Scalar::I64(1).cast(dtype),
        Reduce::Max | Reduce::Min => unreachable!("inference refuses the maximum of nothing"),
    }
}
