//! Builder of sorts.

use crate::arena::NodeId;
use crate::graph::Graph;
use crate::op::{Op, SortSpec};

impl Graph {
    /// Sorts operands of one shape along an axis by the first of them: a tuple of the sorted operands and the permutation.
    pub fn sort(&mut self, operands: &[NodeId], axis: usize, descending: bool) -> NodeId {
        let spec = self.intern_sort(SortSpec { axis, descending });
        self.node(Op::Sort(spec), operands)
    }
}
