//! Which nodes depend on no parameter, and are computed once for a workspace instead of in every run.

use graph_core::op::Op;
use graph_core::{Function, Graph, NodeId, NodeMap};

use crate::alias::Aliases;
use crate::planner::fusion::Fusion;

/// Most cells that results of such nodes may take for good: 8 MiB. Where they would be more, nothing is fixed.
const MOST_CELLS: usize = 1 << 20;

/// The nodes that are computed once, among those that are scheduled, and the buffers of theirs that runs read.
#[derive(Default)]
pub struct Fixed {
    /// Whether a node is one.
    nodes: Option<NodeMap<bool>>,
    /// Buffers that stay.
    pub kept: Vec<u32>,
}

impl Fixed {
    /// Of a function, whose scheduled nodes these are.
    pub fn of(f: &Function, aliases: &Aliases, order: &[NodeId], fusion: &Fusion) -> Fixed {
        let g = f.graph();
        let mut depends = NodeMap::new(g.len(), true);
        for &id in g.nodes() {
            depends[id] = match g.op(id) {
                Op::Const(_) | Op::Iota(_) => false,
                op => !is_admitted(op) || g.operands(id).iter().any(|&x| depends[x]),
            };
        }
        let (fixed, free): (Vec<NodeId>, Vec<NodeId>) = order.iter().partition(|&&id| !depends[id]);
        if fixed.is_empty() {
            return Fixed::default();
        }
        let mut made = vec![false; aliases.buffers.len()];
        let buffers = |id: NodeId| aliases.views(id).iter().map(|view| view.buffer);
        fixed.iter().flat_map(|&id| buffers(id)).for_each(|buffer| made[buffer as usize] = true);
        let read = free.iter().flat_map(|&id| fusion.operands(g, id)).chain(f.results()).flat_map(|&x| buffers(x));
        let mut kept: Vec<u32> = read.filter(|&buffer| made[buffer as usize]).collect();
        kept.sort_unstable();
        kept.dedup();
        let cells: usize = kept.iter().map(|&buffer| aliases.buffers[buffer as usize] as usize).sum();
        if cells > MOST_CELLS { Fixed::default() } else { Fixed { nodes: Some(fixed_nodes(g, &depends)), kept } }
    }

    /// Whether a node is computed once.
    pub fn contains(&self, id: NodeId) -> bool {
        self.nodes.as_ref().is_some_and(|nodes| nodes[id])
    }
}

fn fixed_nodes(g: &Graph, depends: &NodeMap<bool>) -> NodeMap<bool> {
    let mut nodes = NodeMap::new(g.len(), false);
    g.nodes().iter().for_each(|&id| nodes[id] = !depends[id]);
    nodes
}

/// Ops that cannot fail when they run; structures are looked through.
fn is_admitted(op: Op) -> bool {
    match op {
        Op::Unary(_) | Op::Nth(..) | Op::Binary(_) | Op::Compare(_) | Op::Logic(_) | Op::Integer(_) | Op::Test(_) => {
            true
        }
        Op::Select | Op::Cast(_) | Op::Bitcast(_) => true,
        Op::Broadcast(_) | Op::Reshape(_) | Op::Permute(_) | Op::Slice(_) | Op::Pad(_) | Op::Concat(_) => true,
        Op::Reverse(_) | Op::Reduce(..) | Op::Cumulate(..) | Op::Dot(_) => true,
        Op::Const(_) | Op::Iota(_) | Op::Tuple | Op::Record(_) | Op::Get(_) => true,
        Op::Param(_) | Op::Gather(_) | Op::Scatter(..) | Op::Sort(_) | Op::Conv(_) | Op::ReduceWindow(..) => false,
        Op::Linalg(_) | Op::TriangularSolve(_) | Op::Call(_) => false,
    }
}
