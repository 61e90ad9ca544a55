//! Windows by indices: the batch is one more axis that the operand and the indices have in common, or one that only one of
//! them has.

use graph_core::op::{GatherSpec, Op, Scatter};
use graph_core::{Graph, Id, NodeId};

use super::Operand;
use super::shape::{behind_batch, shifted, widened};

/// What only the operand has as a batch: a window reaches over all of it.
fn over_operand(spec: &GatherSpec, size: usize) -> GatherSpec {
    GatherSpec {
        offset: behind_batch(&spec.offset),
        collapsed: shifted(&spec.collapsed),
        operand_batch: shifted(&spec.operand_batch),
        start_map: shifted(&spec.start_map),
        sizes: widened(&spec.sizes, size),
        ..spec.clone()
    }
}

/// What only the indices have: they choose more windows.
fn over_indices(spec: &GatherSpec) -> GatherSpec {
    GatherSpec {
        offset: shifted(&spec.offset),
        indices_batch: shifted(&spec.indices_batch),
        index_axis: spec.index_axis + 1,
        ..spec.clone()
    }
}

/// What both have: it runs in parallel.
fn over_both(spec: &GatherSpec) -> GatherSpec {
    GatherSpec {
        offset: shifted(&spec.offset),
        collapsed: shifted(&spec.collapsed),
        operand_batch: behind_batch(&spec.operand_batch),
        indices_batch: behind_batch(&spec.indices_batch),
        start_map: shifted(&spec.start_map),
        index_axis: spec.index_axis + 1,
        sizes: widened(&spec.sizes, 1),
        out: spec.out,
    }
}

pub fn gather(g: &mut Graph, spec: Id<GatherSpec>, operands: &[Operand], size: usize) -> NodeId {
    let spec = &g[spec];
    let (x, indices) = (operands[0], operands[1]);
    let spec = match (x.1, indices.1) {
        (Some(_), Some(_)) => over_both(spec),
        (Some(_), None) => over_operand(spec, size),
        (None, _) => over_indices(spec),
    };
    let spec = g.intern_gather(spec);
    g.node(Op::Gather(spec), &[x.1.unwrap_or(x.0), indices.1.unwrap_or(indices.0)])
}

/// The tensor that is written to and the updates are batched.
pub fn scatter(
    g: &mut Graph,
    kind: Scatter,
    spec: Id<GatherSpec>,
    [x, updates]: [NodeId; 2],
    (indices, batched): Operand,
    size: usize,
) -> NodeId {
    let spec = &g[spec];
    let spec = if batched.is_some() { over_both(spec) } else { over_operand(spec, size) };
    let spec = g.intern_gather(spec);
    g.node(Op::Scatter(kind, spec), &[x, batched.unwrap_or(indices), updates])
}
