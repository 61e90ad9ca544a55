//! Ops that move elements. Each is a rule that says, for a position of the result, where the element comes from.

use graph_core::op::{Axes, BroadcastSpec, IotaSpec, PadSpec, SliceSpec};
use graph_core::{Buffer, Scalar, Shape};

use super::{Index, positions, ravel};
use crate::value::Tensor;

/// 0, 1, 2 … along an axis.
pub fn iota(spec: &IotaSpec) -> Tensor {
    let count = positions(&spec.shape).map(|index| Scalar::I64(index[spec.axis] as i64).cast(spec.dtype));
    Tensor::collect(spec.dtype, spec.shape.clone(), count)
}

/// Repeats along new axes.
pub fn broadcast(spec: &BroadcastSpec, x: &Tensor) -> Tensor {
    gather(x, &spec.shape, |index| spec.axes.iter().map(|&axis| index[axis]).collect())
}

/// The same elements in another shape.
pub fn reshape(shape: &Shape, x: &Tensor) -> Tensor {
    Tensor { shape: shape.clone(), data: x.data.clone() }
}

/// Axis i of the result is axis `axes[i]` of the operand.
pub fn permute(axes: &Axes, x: &Tensor) -> Tensor {
    let shape = axes.iter().map(|&axis| x.shape[axis]).collect();
    gather(x, &shape, |index| {
        let mut source = Index::from_elem(0, index.len());
        axes.iter().zip(index).for_each(|(&axis, &i)| source[axis] = i);
        source
    })
}

/// A strided window.
pub fn slice(spec: &SliceSpec, x: &Tensor) -> Tensor {
    let extent = |axis: usize| (spec.limit[axis] - spec.start[axis]).div_ceil(spec.stride[axis]);
    let shape = (0..x.shape.rank()).map(extent).collect();
    gather(x, &shape, |index| {
        index.iter().enumerate().map(|(axis, &i)| spec.start[axis] + i * spec.stride[axis]).collect()
    })
}

/// Elements in opposite order along axes.
pub fn reverse(axes: &Axes, x: &Tensor) -> Tensor {
    gather(x, &x.shape, |index| {
        let flip = |(axis, &i): (usize, &usize)| if axes.contains(&axis) { x.shape[axis] - 1 - i } else { i };
        index.iter().enumerate().map(flip).collect()
    })
}

/// Fill before, after and between elements; each element goes to `low + i·(interior + 1)`.
pub fn pad(spec: &PadSpec, x: &Tensor, fill: &Tensor) -> Tensor {
    let between = |axis: usize| x.shape[axis].saturating_sub(1) * spec.interior[axis];
    let extent = |axis: usize| spec.low[axis] + x.shape[axis] + between(axis) + spec.high[axis];
    let shape: Shape = (0..x.shape.rank()).map(extent).collect();
    let mut elements = vec![fill.data.get(0); shape.elements()];
    for (index, element) in positions(&x.shape).zip(x.elements()) {
        let target = index.iter().enumerate().map(|(axis, &i)| spec.low[axis] + i * (spec.interior[axis] + 1));
        elements[ravel(&target.collect::<Index>(), &shape)] = element;
    }
    Tensor::collect(x.data.dtype(), shape, elements.into_iter())
}

/// One operand after the other along an axis.
pub fn concat(axis: usize, operands: &[&Tensor]) -> Tensor {
    let mut shape: Index = operands[0].shape.iter().copied().collect();
    shape[axis] = operands.iter().map(|x| x.shape[axis]).sum();
    let shape = Shape::new(&shape);
    let dtype = operands[0].data.dtype();
    let mut elements = vec![Scalar::I64(0); shape.elements()];
    let mut start = 0;
    for x in operands {
        for (mut index, element) in positions(&x.shape).zip(x.elements()) {
            index[axis] += start;
            elements[ravel(&index, &shape)] = element;
        }
        start += x.shape[axis];
    }
    Tensor { shape, data: Buffer::collect(dtype, elements.into_iter()) }
}

fn gather(x: &Tensor, shape: &Shape, source: impl Fn(&Index) -> Index) -> Tensor {
    let elements = positions(shape).map(|index| x.data.get(ravel(&source(&index), &x.shape)));
    Tensor::collect(x.data.dtype(), shape.clone(), elements)
}
