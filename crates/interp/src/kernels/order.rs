//! Sorts: for each line along the axis a stable sort of its places by their keys.

use graph_core::op::SortSpec;
use graph_core::{DType, Scalar};

use super::{Index, positions, ravel};
use crate::value::{Tensor, Value};

/// All operands in the order of the first, and the places from which they came.
pub fn sort(spec: &SortSpec, operands: &[&Tensor]) -> Value {
    let key = operands[0];
    let mut sources = vec![0; key.data.len()];
    for start in positions(&key.shape).filter(|index| index[spec.axis] == 0) {
        let place = |i: usize| {
            let mut index: Index = start.clone();
            index[spec.axis] = i;
            ravel(&index, &key.shape)
        };
        let mut line: Vec<usize> = (0..key.shape[spec.axis]).collect();
        line.sort_by(|&i, &j| compare(spec, key.data.get(place(i)), key.data.get(place(j))));
        line.iter().enumerate().for_each(|(i, &source)| sources[place(i)] = source);
    }
    let sorted = operands.iter().map(|x| Value::Tensor(taken(spec.axis, x, &sources)));
    let permutation = sources.iter().map(|&source| Scalar::I64(source as i64));
    let permutation = Tensor::collect(DType::I64, key.shape.clone(), permutation);
    Value::Tuple(sorted.chain([permutation.into()]).collect())
}

fn taken(axis: usize, x: &Tensor, sources: &[usize]) -> Tensor {
    let elements = positions(&x.shape).zip(sources).map(|(mut index, &source)| {
        index[axis] = source;
        x.data.get(ravel(&index, &x.shape))
    });
    Tensor::collect(x.data.dtype(), x.shape.clone(), elements)
}

fn compare(spec: &SortSpec, x: Scalar, y: Scalar) -> std::cmp::Ordering {
    match (x, y) {
        (Scalar::I64(m), Scalar::I64(n)) => spec.integers(m, n),
        _ => spec.reals(x.as_f64(), y.as_f64()),
    }
}
