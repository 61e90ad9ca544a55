//! Builder of convolutions.

use crate::arena::NodeId;
use crate::graph::Graph;
use crate::op::{ConvSpec, Op};

impl Graph {
    /// Slides a kernel over a base.
    pub fn conv(&mut self, x: NodeId, kernel: NodeId, spec: ConvSpec) -> NodeId {
        let spec = self.intern_conv(spec);
        self.node(Op::Conv(spec), &[x, kernel])
    }
}
