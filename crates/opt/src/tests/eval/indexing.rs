//! Windows that indices choose, for `eval`: each window element by element.

use graph_core::op::{Binary, GatherSpec, OutOfRange, Scatter};
use graph_core::{Op, Shape, TensorType};

use super::{Element, elementwise, exact, index, position};

pub fn gather(spec: &GatherSpec, x: (&[Element], &Shape), indices: (&[Element], &Shape)) -> Vec<Element> {
    let windows = spec.windows(indices.1);
    let element = |at: usize| place(spec, x.1, indices, &index(&windows, at)).map_or(exact(0.0), |place| x.0[place]);
    (0..windows.elements()).map(element).collect()
}

pub fn scatter(
    op: Scatter,
    spec: &GatherSpec,
    ty: &TensorType,
    x: &[Element],
    indices: (&[Element], &Shape),
    updates: &[Element],
) -> Vec<Element> {
    let windows = spec.windows(indices.1);
    let mut elements = x.to_vec();
    let binary = |op: Binary, a: Element, b: Element| elementwise(Op::Binary(op), ty.dtype, &[a, b]);
    // the windows of the samples do not overlap out of the order of their elements
    for (at, &update) in updates.iter().enumerate() {
        if let Some(place) = place(spec, &ty.shape, indices, &index(&windows, at)) {
            elements[place] = op.step().map_or(update, |op| binary(op, elements[place], update));
        }
    }
    elements
}

/// Where an element of the tensor of windows comes from.
fn place(spec: &GatherSpec, x: &Shape, indices: (&[Element], &Shape), at: &[usize]) -> Option<usize> {
    let (offset, mut vector): (Vec<_>, Vec<_>) = (0..at.len()).partition(|axis| spec.offset.contains(axis));
    vector.iter_mut().for_each(|axis| *axis = at[*axis]);
    let mut source = vec![0; x.rank()];
    if spec.index_axis < indices.1.rank() {
        vector.insert(spec.index_axis, 0);
    }
    spec.operand_batch.iter().zip(spec.indices_batch.iter()).for_each(|(&axis, &from)| source[axis] = vector[from]);
    for (component, &axis) in spec.start_map.iter().enumerate() {
        if spec.index_axis < indices.1.rank() {
            vector[spec.index_axis] = component;
        }
        let (start, last) = (indices.0[position(indices.1, &vector)].value as i64, spec.last_start(x, axis));
        source[axis] = match (spec.out, (0..=last).contains(&start)) {
            (_, true) => start as usize,
            (OutOfRange::Clamp, false) => start.clamp(0, last) as usize,
            (OutOfRange::Skip, false) => return None,
            (OutOfRange::Error, false) => panic!("an index out of range"),
        };
    }
    spec.kept().iter().zip(offset).for_each(|(&axis, along)| source[axis] += at[along]);
    Some(position(x, &source))
}
