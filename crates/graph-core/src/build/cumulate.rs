//! Builder of running combinations.

use crate::arena::NodeId;
use crate::graph::Graph;
use crate::op::{Cumulate, CumulateSpec, Op};

impl Graph {
    /// Combines along an axis, from the first element on or, in reverse, from the last; up to one element is the
    /// operand itself.
    pub fn cumulate(&mut self, op: Cumulate, x: NodeId, axis: usize, reverse: bool) -> NodeId {
        if self.shape(x)[axis] <= 1 {
            return x;
        }
        let spec = self.intern_cumulate(CumulateSpec { axis, reverse });
        self.node(Op::Cumulate(op, spec), &[x])
    }
}
