//! Builders of linear algebra, and the small matrix ops its derivatives are made of.

use crate::arena::NodeId;
use crate::graph::Graph;
use crate::op::{Axes, Compare, DotSpec, Linalg, Op, Triangle};
use crate::ty::DType;

impl Graph {
    /// A factorisation or function of matrices.
    pub fn linalg(&mut self, op: Linalg, operands: &[NodeId]) -> NodeId {
        self.node(Op::Linalg(op), operands)
    }

    /// The solution of triangular systems.
    pub fn triangular_solve(&mut self, a: NodeId, b: NodeId, triangle: Triangle) -> NodeId {
        self.node(Op::TriangularSolve(triangle), &[a, b])
    }

    /// The transposes of matrices.
    pub fn transpose(&mut self, x: NodeId) -> NodeId {
        let rank = self.shape(x).rank();
        let axes: Axes = (0..rank - 2).chain([rank - 1, rank - 2]).collect();
        self.permute(x, &axes)
    }

    /// Products of matrices, batch by batch.
    pub fn matmul(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let rank = self.shape(a).rank();
        let batch: Axes = (0..rank - 2).collect();
        let spec = DotSpec {
            lhs: Axes::new(&[rank - 1]),
            rhs: Axes::new(&[rank - 2]),
            lhs_batch: batch.clone(),
            rhs_batch: batch,
        };
        self.dot(a, b, spec)
    }

    /// Where row and column of the matrices of `like` compare so: `Gt` is below the diagonal, `Eq` on it.
    pub fn triangle_mask(&mut self, like: NodeId, row_to_column: Compare) -> NodeId {
        let shape = self.shape(like).clone();
        let [row, column] = [2, 1].map(|back| self.iota(DType::I64, &shape, shape.rank() - back));
        self.compare(row_to_column, row, column)
    }
}
