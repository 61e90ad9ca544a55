//! Running combinations: yᵢ = f(yᵢ₋₁, xᵢ) along an axis, starting from the first element, or from the last.

use graph_core::Scalar;
use graph_core::op::{Cumulate, CumulateSpec};

use super::elementwise::binary_element;
use super::{positions, ravel};
use crate::value::Tensor;

/// Combines up to each place along the axis.
pub fn cumulate(op: Cumulate, spec: &CumulateSpec, x: &Tensor) -> Tensor {
    let &CumulateSpec { axis, reverse } = spec;
    let mut elements: Vec<Scalar> = x.elements().collect();
    let mut places: Vec<_> = positions(&x.shape).collect();
    if reverse {
        places.reverse();
    }
    let first = if reverse { x.shape[axis].saturating_sub(1) } else { 0 };
    for place in places.into_iter().filter(|place| place[axis] != first) {
        let mut before = place.clone();
        before[axis] = if reverse { place[axis] + 1 } else { place[axis] - 1 };
        let (before, place) = (ravel(&before, &x.shape), ravel(&place, &x.shape));
        elements[place] = binary_element(op.step(), elements[before], elements[place]);
    }
    Tensor::collect(x.data.dtype(), x.shape.clone(), elements.into_iter())
}
