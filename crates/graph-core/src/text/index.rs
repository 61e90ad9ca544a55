//! Attributes of `gather` and `scatter`, as written: axes that run in parallel and the answer to an index out of range
//! only where there are any.

use crate::op::{GatherSpec, Op, OutOfRange};

/// What the op does with a window that does not lie in the operand.
pub(super) fn answer(scatters: bool, out: OutOfRange) -> &'static str {
    match out {
        OutOfRange::Error => "error",
        OutOfRange::Clamp => "clamp",
        OutOfRange::Skip if scatters => "drop",
        OutOfRange::Skip => "fill",
    }
}

/// `offset=[1]`, and so on.
pub(super) fn attributes(op: Op, spec: &GatherSpec) -> Vec<String> {
    let mut attributes = vec![
        format!("offset={}", spec.offset),
        format!("collapsed={}", spec.collapsed),
        format!("start_map={}", spec.start_map),
        format!("index_axis={}", spec.index_axis),
        format!("sizes={}", spec.sizes),
    ];
    if spec.operand_batch.rank() + spec.indices_batch.rank() > 0 {
        attributes.push(format!("operand_batch={}", spec.operand_batch));
        attributes.push(format!("indices_batch={}", spec.indices_batch));
    }
    if spec.out != OutOfRange::Error {
        attributes.push(format!("out={}", answer(matches!(op, Op::Scatter(..)), spec.out)));
    }
    attributes
}
