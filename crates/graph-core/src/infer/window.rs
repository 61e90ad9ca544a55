//! Types of convolutions and windowed reductions.

use super::{Asked, Inferred, tensor};
use crate::error::Error;
use crate::op::{ConvSpec, Slide, WindowSpec};
use crate::ty::{DType, MAX_ELEMENTS, Shape, TensorType};

/// The base has batch, features and spatial axes; the kernel out-features, in-features of a group and spatial axes; the
/// result batch, out-features and places.
pub(super) fn conv(n: &Asked<'_>, spec: &ConvSpec) -> Inferred {
    n.arity(2)?;
    let (x, kernel) = (n.tensor(0)?, n.tensor(1)?);
    if x.dtype != kernel.dtype {
        return Err(n.dtype_error(format!("{} and {} do not mix; `cast` one of them", x.dtype, kernel.dtype)));
    }
    if x.dtype == DType::Bool {
        return Err(n.dtype_error("it needs numbers, not bool; `cast` to f64"));
    }
    if x.shape.rank() < 2 || x.shape.rank() != kernel.shape.rank() {
        return Err(n.shape_error("both operands need two axes and as many spatial axes; `reshape` first"));
    }
    check_slides(n, &spec.slides, x.shape.rank() - 2)?;
    check_groups(n, spec, x, kernel)?;
    let spatial = places(&spec.slides, &x.shape[2..], &kernel.shape[2..])?;
    let shape = [x.shape[0] / spec.batch_groups, kernel.shape[0]].into_iter().chain(spatial.iter().copied());
    Ok(tensor(x.dtype, shape.collect()))
}

/// A number for each place of the window.
pub(super) fn reduce(n: &Asked<'_>, spec: &WindowSpec) -> Inferred {
    n.arity(1)?;
    let x = n.tensor(0)?;
    if x.dtype == DType::Bool {
        return Err(n.dtype_error("it needs numbers, not bool; `cast` to count"));
    }
    check_slides(n, &spec.slides, x.shape.rank())?;
    spec.window.check()?;
    if spec.window.rank() != x.shape.rank() || spec.window.contains(&0) {
        let why = format!("window {} for a tensor of rank {}; 1 leaves an axis alone", spec.window, x.shape.rank());
        return Err(n.attribute(why));
    }
    Ok(tensor(x.dtype, places(&spec.slides, &x.shape, &spec.window)?))
}

fn check_groups(n: &Asked<'_>, spec: &ConvSpec, x: &TensorType, kernel: &TensorType) -> Result<(), Error> {
    let (features, batches) = (spec.feature_groups, spec.batch_groups);
    if features == 0 || batches == 0 || (features > 1 && batches > 1) {
        let why = format!("{features} feature groups and {batches} batch groups; one of them must be 1, none 0");
        return Err(n.attribute(why));
    }
    let [batch, inputs] = [x.shape[0], x.shape[1]];
    let [outputs, in_group] = [kernel.shape[0], kernel.shape[1]];
    if in_group.checked_mul(features) != Some(inputs) {
        let why = format!("{inputs} features in {features} group(s), and a kernel for {in_group} of a group");
        return Err(n.shape_error(why));
    }
    for (what, extent, groups) in
        [("out-features", outputs, features.max(batches)), ("elements of the batch", batch, batches)]
    {
        if extent % groups != 0 {
            return Err(n.shape_error(format!("{extent} {what} cannot be cut into {groups} equal groups")));
        }
    }
    Ok(())
}

fn check_slides(n: &Asked<'_>, slides: &[Slide], axes: usize) -> Result<(), Error> {
    if slides.len() != axes {
        return Err(
            n.attribute(format!("strides, paddings and dilations need {axes} entries each, not {}", slides.len()))
        );
    }
    match slides.iter().any(|slide| [slide.stride, slide.base_dilation, slide.window_dilation].contains(&0)) {
        true => Err(n.attribute("strides and dilations are at least 1")),
        false => Ok(()),
    }
}

fn places(slides: &[Slide], base: &[usize], window: &[usize]) -> Result<Shape, Error> {
    let along = |axis: usize| slides[axis].places(base[axis], window[axis]);
    let places: Option<Shape> = (0..slides.len()).map(along).collect();
    places.ok_or(Error::limit("reach of a window along an axis", MAX_ELEMENTS))
}
