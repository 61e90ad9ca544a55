//! The attribute of `dot`.

use super::shape::Axes;

/// Which axes of both sides are summed over, and which run in parallel. The pairs match by position.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DotSpec {
    /// Contracted axes of the left operand.
    pub lhs: Axes,
    /// Contracted axes of the right operand.
    pub rhs: Axes,
    /// Batch axes of the left operand; they lead the result.
    pub lhs_batch: Axes,
    /// Batch axes of the right operand.
    pub rhs_batch: Axes,
}

impl DotSpec {
    /// Contracts `lhs` with `rhs`, no batch.
    pub fn contract(lhs: &[usize], rhs: &[usize]) -> DotSpec {
        DotSpec { lhs: Axes::new(lhs), rhs: Axes::new(rhs), ..DotSpec::default() }
    }

    /// Axes of the left operand (of this rank) that appear in the result, in order.
    pub fn lhs_free(&self, rank: usize) -> Axes {
        free(rank, &self.lhs, &self.lhs_batch)
    }

    /// Axes of the right operand (of this rank) that appear in the result, in order.
    pub fn rhs_free(&self, rank: usize) -> Axes {
        free(rank, &self.rhs, &self.rhs_batch)
    }
}

fn free(rank: usize, contracted: &Axes, batch: &Axes) -> Axes {
    (0..rank).filter(|axis| !contracted.contains(axis) && !batch.contains(axis)).collect()
}
