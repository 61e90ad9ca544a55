//! Windows that slide over a tensor: at each place the elements that the taps meet, found by trial, in row-major order.

use graph_core::op::{Binary, ConvSpec, ReduceWindow, Slide, WindowSpec};
use graph_core::{Scalar, Shape};

use super::elementwise::binary_element;
use super::{Index, positions, ravel};
use crate::value::Tensor;

/// out[n, o, p] = Σ x[n, c, i]·kernel[o, c, t] over the in-features c of o's group and the taps t that meet an element i
/// at p, in row-major order, starting from 0.
pub fn conv(spec: &ConvSpec, x: &Tensor, kernel: &Tensor) -> Tensor {
    let (base, window) = (&x.shape[2..], &kernel.shape[2..]);
    let (batch, outputs, inputs) = (x.shape[0] / spec.batch_groups, kernel.shape[0], kernel.shape[1]);
    let shape: Shape = [batch, outputs].into_iter().chain(places(&spec.slides, base, window)).collect();
    let dtype = x.data.dtype();
    let element = |at: Index| {
        let (n, o) = (at[0], at[1]);
        let first_of_batch = o / (outputs / spec.batch_groups) * batch;
        let first_input = o / (outputs / spec.feature_groups) * inputs;
        let pairs = met(&spec.slides, &at[2..], base, window);
        let mut sum = Scalar::I64(0).cast(dtype);
        for c in 0..inputs {
            for (tap, element) in &pairs {
                let a = get(x, [first_of_batch + n, first_input + c], element);
                let b = get(kernel, [o, c], tap);
                sum = binary_element(Binary::Add, sum, binary_element(Binary::Mul, a, b));
            }
        }
        sum
    };
    let elements: Vec<Scalar> = positions(&shape).map(element).collect();
    Tensor::collect(dtype, shape, elements.into_iter())
}

/// The elements under the window at each place, one after the other, starting from the value of none.
pub fn reduce(op: ReduceWindow, spec: &WindowSpec, x: &Tensor) -> Tensor {
    let shape: Shape = places(&spec.slides, &x.shape, &spec.window).collect();
    let nothing = Scalar::F64(op.of_nothing()).cast(x.data.dtype());
    let combined = |place: Index| {
        let pairs = met(&spec.slides, &place, &x.shape, &spec.window);
        let elements = pairs.iter().map(|(_, element)| x.data.get(ravel(element, &x.shape)));
        elements.fold(nothing, |so_far, element| binary_element(op.step(), so_far, element))
    };
    let elements: Vec<Scalar> = positions(&shape).map(combined).collect();
    Tensor::collect(x.data.dtype(), shape, elements.into_iter())
}

fn get(x: &Tensor, outer: [usize; 2], inner: &[usize]) -> Scalar {
    let index: Index = outer.iter().chain(inner).copied().collect();
    x.data.get(ravel(&index, &x.shape))
}

fn places<'a>(slides: &'a [Slide], base: &'a [usize], window: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
    let along = |axis: usize| slides[axis].places(base[axis], window[axis]).expect("inference has counted them");
    (0..slides.len()).map(along)
}

/// The pairs of a tap and the element that it meets at this place.
fn met(slides: &[Slide], place: &[usize], base: &[usize], window: &[usize]) -> Vec<(Index, Index)> {
    let along: Vec<Vec<(usize, usize)>> =
        (0..slides.len()).map(|axis| met_along(&slides[axis], place[axis], base[axis], window[axis])).collect();
    let counts: Shape = along.iter().map(Vec::len).collect();
    let pair = |at: Index| along.iter().zip(at).map(|(pairs, i)| pairs[i]).unzip();
    positions(&counts).map(pair).collect()
}

fn met_along(slide: &Slide, place: usize, base: usize, window: usize) -> Vec<(usize, usize)> {
    let start = (place * slide.stride) as i64 - slide.low;
    let tap = |element: usize| {
        let distance = (element * slide.base_dilation) as i64 - start;
        let tap = usize::try_from(distance / slide.window_dilation as i64).ok()?;
        (distance >= 0 && distance % slide.window_dilation as i64 == 0 && tap < window).then_some((tap, element))
    };
    (0..base).filter_map(tap).collect()
}
