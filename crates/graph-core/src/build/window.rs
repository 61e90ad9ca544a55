//! Builders of convolutions and windowed reductions.

use crate::arena::NodeId;
use crate::graph::Graph;
use crate::op::{ConvSpec, Op, ReduceWindow, WindowSpec};

impl Graph {
    /// Slides a kernel over a base.
    pub fn conv(&mut self, x: NodeId, kernel: NodeId, spec: ConvSpec) -> NodeId {
        let spec = self.intern_conv(spec);
        self.node(Op::Conv(spec), &[x, kernel])
    }

    /// Combines the elements under a window at each of its places.
    pub fn reduce_window(&mut self, op: ReduceWindow, x: NodeId, spec: WindowSpec) -> NodeId {
        let spec = self.intern_window(spec);
        self.node(Op::ReduceWindow(op, spec), &[x])
    }
}
