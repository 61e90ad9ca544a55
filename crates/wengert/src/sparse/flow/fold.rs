//! Sets united element by element, and along axes.

use graph_core::Shape;

use super::{Flow, at, full};
use crate::sparse::sets::{SetId, Sets};

/// Of operands of one shape.
pub fn elementwise(sets: &mut Sets, flows: &[Flow]) -> Flow {
    let mut given = flows.iter().flatten();
    let first = given.next()?;
    let Some(second) = given.next() else { return Some(first.clone()) };
    let mut united: Vec<SetId> = first.iter().zip(second.iter()).map(|(&a, &b)| sets.union(a, b)).collect();
    for flow in given {
        united.iter_mut().zip(flow.iter()).for_each(|(a, &b)| *a = sets.union(*a, b));
    }
    full(united)
}

/// For each element, the position of what it is reduced to along axes.
pub fn reduced_positions(shape: &Shape, axes: &[usize]) -> (Vec<usize>, usize) {
    let kept: Vec<usize> = (0..shape.rank()).filter(|axis| !axes.contains(axis)).collect();
    let mut strides = vec![0; shape.rank()];
    let mut total = 1;
    for &axis in kept.iter().rev() {
        strides[axis] = total;
        total *= shape[axis];
    }
    let mut positions = Vec::with_capacity(shape.elements());
    let mut index = vec![0; shape.rank()];
    for _ in 0..shape.elements() {
        positions.push(index.iter().zip(&strides).map(|(i, stride)| i * stride).sum());
        for axis in (0..shape.rank()).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    (positions, total)
}

/// The unions along axes, which disappear.
pub fn reduce(sets: &mut Sets, flow: &Flow, shape: &Shape, axes: &[usize]) -> Flow {
    let given = flow.as_ref()?;
    let (positions, total) = reduced_positions(shape, axes);
    full(sets.union_at(total, positions.into_iter().zip(given.iter().copied())))
}

/// The unions along axes, at each place along them.
pub fn spread(sets: &mut Sets, flow: &Flow, shape: &Shape, axes: &[usize]) -> Flow {
    let united = reduce(sets, flow, shape, axes);
    let (positions, _) = reduced_positions(shape, axes);
    full(positions.into_iter().map(|position| at(&united, position)).collect())
}

/// The unions of the elements up to each place along an axis, or from it on.
pub fn cumulate(sets: &mut Sets, flow: &Flow, shape: &Shape, axis: usize, reverse: bool) -> Flow {
    let given = flow.as_ref()?;
    let (extent, stride) = (shape[axis], shape.strides()[axis]);
    let mut united = given.to_vec();
    for start in (0..united.len()).filter(|i| (i / stride) % extent == 0) {
        let mut places: Vec<usize> = (0..extent).map(|i| start + i * stride).collect();
        if reverse {
            places.reverse();
        }
        for pair in places.windows(2) {
            united[pair[1]] = sets.union(united[pair[1]], united[pair[0]]);
        }
    }
    full(united)
}
