//! Windows for `eval`, by spreading: each element adds to every place whose window has a tap on it.

use graph_core::op::{Binary, ConvSpec, Reduce, ReduceWindow, Slide, WindowSpec};
use graph_core::{Op, Shape, TensorType};

use super::{Element, elementwise, exact, index, position, reduce};

pub fn convolve(
    spec: &ConvSpec,
    x: (&[Element], &Shape),
    kernel: (&[Element], &Shape),
    ty: &TensorType,
) -> Vec<Element> {
    let mut sums = vec![Element::default(); ty.shape.elements()];
    let of_group = |axis: &Shape, groups: usize, i: usize| i / (axis[0] / groups);
    for (from, &a) in x.0.iter().enumerate() {
        for (tap, &b) in kernel.0.iter().enumerate() {
            let (i, t) = (index(x.1, from), index(kernel.1, tap));
            let (batch, inputs) = (x.1[0] / spec.batch_groups, x.1[1] / spec.feature_groups);
            let meets = i[0] / batch == of_group(kernel.1, spec.batch_groups, t[0])
                && i[1] / inputs == of_group(kernel.1, spec.feature_groups, t[0])
                && i[1] % inputs == t[1];
            let along = |axis: usize| place(&spec.slides[axis], i[axis + 2], t[axis + 2], ty.shape[axis + 2]);
            let places: Option<Vec<usize>> = (0..spec.slides.len()).map(along).collect();
            if let Some(places) = places.filter(|_| meets) {
                let at = [i[0] % batch, t[0]].into_iter().chain(places).collect::<Vec<_>>();
                let sum = &mut sums[position(&ty.shape, &at)];
                let product = elementwise(Op::Binary(Binary::Mul), ty.dtype, &[a, b]);
                *sum = elementwise(Op::Binary(Binary::Add), ty.dtype, &[*sum, product]);
            }
        }
    }
    sums
}

pub fn combine(op: ReduceWindow, spec: &WindowSpec, x: (&[Element], &Shape), ty: &TensorType) -> Vec<Element> {
    let mut groups = vec![Vec::new(); ty.shape.elements()];
    for (from, &element) in x.0.iter().enumerate() {
        for tap in 0..spec.window.elements() {
            let (i, t) = (index(x.1, from), index(&spec.window, tap));
            let along = |axis: usize| place(&spec.slides[axis], i[axis], t[axis], ty.shape[axis]);
            let at: Option<Vec<usize>> = (0..spec.slides.len()).map(along).collect();
            if let Some(at) = at {
                groups[position(&ty.shape, &at)].push(element);
            }
        }
    }
    let whole = match op {
        ReduceWindow::Sum => Reduce::Sum,
        ReduceWindow::Prod => Reduce::Prod,
        ReduceWindow::Max => Reduce::Max,
        ReduceWindow::Min => Reduce::Min,
    };
    let combined = |group: &Vec<Element>| match group[..] {
        [] => exact(op.of_nothing()),
        _ => reduce(whole, ty.dtype, group),
    };
    groups.iter().map(combined).collect()
}

/// The place at which the tap meets the element.
fn place(slide: &Slide, element: usize, tap: usize, places: usize) -> Option<usize> {
    let at = slide.low + (element * slide.base_dilation) as i64 - (tap * slide.window_dilation) as i64;
    let stride = slide.stride as i64;
    (at >= 0 && at % stride == 0 && at / stride < places as i64).then_some((at / stride) as usize)
}
