//! Calls replaced by what they call, for modes that have no derivative function of their own.

use std::sync::Arc;

use graph_core::op::Op;
use graph_core::{Function, Graph, NodeId, walk};
use rustc_hash::FxHashMap;

use crate::error::Error;

/// Most nodes that inlining may add: a chain of functions that each call the next one twice doubles with every level.
pub const MAX_INLINED: usize = 1 << 22;

/// The same results without calls, in the same graph, but for functions with a derivative rule of their own; nodes for
/// which `stays` holds stay what they are. Cost: a pass over
/// the results' ancestors for each level of nesting.
pub fn inline(g: &mut Graph, results: &[NodeId], stays: impl Fn(NodeId) -> bool) -> Result<Vec<NodeId>, Error> {
    let limit = g.len() + MAX_INLINED;
    let mut results = results.to_vec();
    loop {
        let piece = walk::ancestors(g, &results);
        if !piece.iter().any(|&id| called(g, id).is_some() && !stays(id)) {
            return Ok(results);
        }
        let mut images: FxHashMap<NodeId, NodeId> = FxHashMap::default();
        for id in piece {
            let image = if stays(id) { id } else { image(g, id, &images) };
            images.insert(id, image);
            if g.len() > limit {
                let what = "nodes of functions that are inlined".to_string();
                return Err(graph_core::Error::Limit { what, limit: MAX_INLINED }.into());
            }
        }
        results = results.iter().map(|y| images[y]).collect();
    }
}

/// A node on the images of its operands; for a call, the body of the function on them.
fn image(g: &mut Graph, id: NodeId, images: &FxHashMap<NodeId, NodeId>) -> NodeId {
    let operands: Vec<NodeId> = g.operands(id).iter().map(|x| images[x]).collect();
    if let Some(f) = called(g, id) {
        let given: Vec<_> = f.params().iter().map(|p| p.node).zip(operands).collect();
        let results = walk::copy(f.graph(), f.results(), g, &given);
        return match results[..] {
            [only] => only,
            _ => g.node(Op::Tuple, &results),
        };
    }
    match g.op(id) {
        Op::Param(_) => id,
        Op::Get(index) => g.get(operands[0], index as usize),
        _ if operands == g.operands(id) => id,
        op => g.node(op, &operands),
    }
}

/// The function that a node calls, if that is to be inlined.
fn called(g: &Graph, id: NodeId) -> Option<Arc<Function>> {
    match g.op(id) {
        Op::Call(f) if g[f].rule().is_none() => Some(Arc::clone(&g[f])),
        _ => None,
    }
}
