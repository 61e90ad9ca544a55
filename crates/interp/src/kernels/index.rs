//! Windows that indices choose: reading them, and combining updates into them in row-major order of the index vectors.

use graph_core::op::{GatherSpec, Scatter};
use graph_core::{Scalar, Shape};

use super::elementwise::binary_element;
use super::{positions, ravel};
use crate::fault::What;
use crate::value::Tensor;

/// The windows of `x`, and the first that starts out of range though it must not; zeros for those that are left out.
pub fn gather(spec: &GatherSpec, x: &Tensor, indices: &Tensor) -> (Tensor, Option<What>) {
    let shape = spec.windows(&indices.shape);
    let dtype = x.data.dtype();
    let mut elements = vec![Scalar::I64(0).cast(dtype); shape.elements()];
    let missed = each(spec, &x.shape, indices, |place, element| elements[element] = x.data.get(place));
    (Tensor::collect(dtype, shape, elements.into_iter()), missed)
}

/// `x` with updates combined into its windows, and the first window that starts out of range though it must not.
pub fn scatter(
    op: Scatter,
    spec: &GatherSpec,
    x: &Tensor,
    indices: &Tensor,
    updates: &Tensor,
) -> (Tensor, Option<What>) {
    let mut elements: Vec<Scalar> = x.elements().collect();
    let missed = each(spec, &x.shape, indices, |place, update| {
        let update = updates.data.get(update);
        elements[place] = op.step().map_or(update, |step| binary_element(step, elements[place], update));
    });
    (Tensor::collect(x.data.dtype(), x.shape.clone(), elements.into_iter()), missed)
}

/// Calls `f` with the places in `x` and in the tensor of windows of each element of each window, window after window. A
/// window that starts out of range is left out; the first that must not is the answer.
fn each(spec: &GatherSpec, x: &Shape, indices: &Tensor, mut f: impl FnMut(usize, usize)) -> Option<What> {
    let windows = spec.windows(&indices.shape);
    let extents: Shape = spec.kept().iter().map(|&axis| spec.sizes[axis]).collect();
    let mut missed = None;
    for position in positions(&spec.positions(&indices.shape)) {
        let read = |at: &[usize]| indices.data.get(ravel(at, &indices.shape)).as_i64();
        let start = spec.start(x, &indices.shape, &position, read).unwrap_or_else(|miss| {
            missed.get_or_insert(What::Miss(miss));
            None
        });
        let Some(start) = start else { continue };
        for offset in positions(&extents) {
            let element = spec.element(&position, &offset);
            f(ravel(&spec.place(&start, &offset), x), ravel(&element, &windows));
        }
    }
    missed
}
