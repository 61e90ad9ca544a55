//! Builders of gathers and scatters.

use crate::arena::NodeId;
use crate::graph::Graph;
use crate::op::{GatherSpec, Op, Scatter};

impl Graph {
    /// Reads windows of `x`.
    pub fn gather(&mut self, x: NodeId, indices: NodeId, spec: GatherSpec) -> NodeId {
        let spec = self.intern_gather(spec);
        self.node(Op::Gather(spec), &[x, indices])
    }

    /// Combines updates into windows of `x`.
    pub fn scatter(&mut self, op: Scatter, x: NodeId, indices: NodeId, updates: NodeId, spec: GatherSpec) -> NodeId {
        let spec = self.intern_gather(spec);
        self.node(Op::Scatter(op, spec), &[x, indices, updates])
    }
}
