//! Types of gathers and scatters, and whether constant indices lie within the operand.

use super::{Asked, Inferred, tensor};
use crate::arena::NodeId;
use crate::error::Error;
use crate::graph::Graph;
use crate::literal::Literal;
use crate::op::{Axes, GatherSpec, Op, OutOfRange, Scatter};
use crate::ty::{DType, Shape, TensorType};

/// The windows of operand 0 that operand 1 chooses.
pub(super) fn gather(n: &Asked<'_>, spec: &GatherSpec) -> Inferred {
    n.arity(2)?;
    Ok(tensor(n.tensor(0)?.dtype, windows(n, spec)?))
}

/// Operand 0, with updates that have the type of its windows.
pub(super) fn scatter(n: &Asked<'_>, op: Scatter, spec: &GatherSpec) -> Inferred {
    n.arity(3)?;
    let (x, updates) = (n.tensor(0)?, n.tensor(2)?);
    if op != Scatter::Set && x.dtype == DType::Bool {
        return Err(n.dtype_error("it needs numbers, not bool; `cast` first, or use `scatter_set`"));
    }
    if updates.dtype != x.dtype {
        return Err(n.dtype_error(format!("{} and {} do not mix; `cast` one of them", x.dtype, updates.dtype)));
    }
    let windows = windows(n, spec)?;
    if updates.shape != windows {
        return Err(n.shape_error(format!(
            "the windows are {windows}, the updates {}; an update is as large as its window",
            updates.shape
        )));
    }
    Ok(x.clone().into())
}

/// The shape of the tensor of windows.
fn windows(n: &Asked<'_>, spec: &GatherSpec) -> Result<Shape, Error> {
    let (x, indices) = (n.tensor(0)?, n.tensor(1)?);
    if indices.dtype != DType::I64 {
        return Err(n.dtype_error(format!("indices are i64, not {}; `cast` them", indices.dtype)));
    }
    check_window(n, spec, &x.shape)?;
    check_vectors(n, spec, x, indices)?;
    let kept = spec.kept();
    let rank = spec.positions(&indices.shape).rank() + kept.rank();
    increasing(n, "offset", &spec.offset, rank)?;
    if spec.offset.rank() != kept.rank() {
        let why = format!("{} offset axes for windows that keep {} axes", spec.offset.rank(), kept.rank());
        return Err(n.attribute(why));
    }
    Ok(spec.windows(&indices.shape))
}

/// The window lies along all axes of the operand and fits into it.
fn check_window(n: &Asked<'_>, spec: &GatherSpec, x: &Shape) -> Result<(), Error> {
    if spec.sizes.rank() != x.rank() {
        return Err(n.attribute(format!("sizes need {} entries, one for each axis of the operand", x.rank())));
    }
    spec.sizes.check()?;
    increasing(n, "collapsed", &spec.collapsed, x.rank())?;
    increasing(n, "operand_batch", &spec.operand_batch, x.rank())?;
    n.distinct(&[&spec.collapsed[..], &spec.operand_batch].concat().into_iter().collect(), x.rank())?;
    n.distinct(&[&spec.start_map[..], &spec.operand_batch].concat().into_iter().collect(), x.rank())?;
    for (axis, (&size, &extent)) in spec.sizes.iter().zip(x.iter()).enumerate() {
        // one element of an axis without any is out of range at run time, if there is a window at all
        if size > extent && (size > 1 || spec.out == OutOfRange::Clamp) {
            return Err(n.attribute(format!(
                "axis {axis}: a window of {size} does not fit into {extent} element(s); make sizes smaller"
            )));
        }
        if size != 1 && (spec.collapsed.contains(&axis) || spec.operand_batch.contains(&axis)) {
            return Err(n.attribute(format!("axis {axis} is collapsed or a batch, so its window is 1, not {size}")));
        }
        if size > extent && !spec.start_map.contains(&axis) && !spec.operand_batch.contains(&axis) {
            return Err(n.attribute(format!("axis {axis} has no element; name it in start_map")));
        }
    }
    Ok(())
}

/// Index vectors have a component for each axis in `start_map`, and batches run in parallel.
fn check_vectors(n: &Asked<'_>, spec: &GatherSpec, x: &TensorType, indices: &TensorType) -> Result<(), Error> {
    let rank = indices.shape.rank();
    if spec.index_axis > rank {
        return Err(n.attribute(format!(
            "index_axis {} is beyond indices of rank {rank}; the rank itself means that each index is a vector",
            spec.index_axis
        )));
    }
    let components = indices.shape.get(spec.index_axis).copied().unwrap_or(1);
    if spec.start_map.rank() != components {
        let why = format!("index vectors have {components} component(s), start_map names {}", spec.start_map);
        return Err(n.attribute(why));
    }
    n.distinct(&spec.indices_batch, rank)?;
    if spec.indices_batch.contains(&spec.index_axis) || spec.indices_batch.rank() != spec.operand_batch.rank() {
        let why = format!("{} of the operand cannot run in parallel with {}", spec.operand_batch, spec.indices_batch);
        return Err(n.attribute(why + " of the indices"));
    }
    for (&a, &b) in spec.operand_batch.iter().zip(spec.indices_batch.iter()) {
        if x.shape[a] != indices.shape[b] {
            return Err(n.shape_error(format!(
                "batch axes {a} and {b} have {} and {} elements; they run in parallel",
                x.shape[a], indices.shape[b]
            )));
        }
    }
    Ok(())
}

fn increasing(n: &Asked<'_>, name: &str, axes: &Axes, rank: usize) -> Result<(), Error> {
    let named = |error| match error {
        Error::Attribute { node, why } => Error::Attribute { node, why: format!("{name}: {why}") },
        other => other,
    };
    n.distinct(axes, rank).map_err(named)?;
    match axes.is_sorted() {
        true => Ok(()),
        false => Err(n.attribute(format!("{name} {axes} decreases; list the axes in increasing order"))),
    }
}

impl Graph {
    /// Whether the indices of a gather or scatter lie within its operand, as far as they are constant and must. For
    /// builders that know the user's line: [`Graph::make`] and the parser do not ask, because indices may become constant
    /// when a graph is rewritten, and the result must still print as text that parses.
    pub fn check_indices(&self, id: NodeId) -> Result<(), Error> {
        let (Op::Gather(spec) | Op::Scatter(_, spec)) = self.op(id) else { return Ok(()) };
        let (spec, operands) = (&self[spec], self.operands(id));
        let Some(literal) = self.literal(operands[1]).filter(|_| spec.out == OutOfRange::Error) else { return Ok(()) };
        let (x, indices) = (self.shape(operands[0]), &literal.ty.shape);
        let positions = spec.positions(indices);
        let differ = if literal.as_splat().is_some() { 1 } else { usize::MAX };
        for flat in 0..positions.elements().min(differ) {
            let read = |at: &[usize]| element(literal, at);
            if let Err(miss) = spec.start(x, indices, &positions.unravel(flat), read) {
                let n = Asked { g: self, op: self.op(id), operands };
                return Err(n.attribute(miss.explain(spec, x)));
            }
        }
        Ok(())
    }
}

fn element(literal: &Literal, at: &[usize]) -> i64 {
    let strides = literal.ty.shape.strides();
    literal.get(at.iter().zip(&strides).map(|(i, stride)| i * stride).sum()).as_i64()
}
