//! What kind of thing each op is to a differentiator. The table is the smallest fact; rules supply the formula.

use graph_core::Opcode;
use graph_core::op::{Cumulate, Reduce, ReduceWindow, Scatter, Unary};
use graph_core::provenance::Rule;

/// The class of an op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The derivative is zero wherever it exists.
    Zero,
    /// Elementwise: the derivative is a product with partials of the op's table row.
    Pointwise,
    /// Linear in its real operands: the tangent takes the op itself, the cotangent its transpose.
    Linear,
    /// Linear in each of two operands.
    Bilinear,
    /// A weighted sum with weights that depend on the operands.
    General,
    /// Carries a function; its derivative is a function too.
    Region,
}

/// The class of an op.
pub fn class(op: Opcode) -> Class {
    match op {
        Opcode::Param | Opcode::Const | Opcode::Iota | Opcode::Compare(_) | Opcode::Logic(_) => Class::Zero,
        Opcode::Integer(_) | Opcode::Test(_) | Opcode::Bitcast => Class::Zero,
        Opcode::Unary(Unary::Sign | Unary::Floor | Unary::Ceil | Unary::Trunc | Unary::Round) => Class::Zero,
        Opcode::Unary(Unary::StopGradient) => Class::Zero,
        Opcode::Unary(_) | Opcode::Nth(_) | Opcode::Binary(_) => Class::Pointwise,
        Opcode::Select | Opcode::Cast | Opcode::Broadcast | Opcode::Reshape | Opcode::Permute => Class::Linear,
        Opcode::Slice | Opcode::Pad | Opcode::Concat | Opcode::Reverse => Class::Linear,
        Opcode::Gather | Opcode::Scatter(Scatter::Set | Scatter::Add) => Class::Linear,
        Opcode::Scatter(Scatter::Mul | Scatter::Max | Scatter::Min) => Class::General,
        Opcode::Tuple | Opcode::Record | Opcode::Get => Class::Linear,
        Opcode::Reduce(Reduce::Sum) => Class::Linear,
        Opcode::Reduce(Reduce::Prod | Reduce::Max | Reduce::Min) => Class::General,
        Opcode::Reduce(Reduce::Any | Reduce::All) => Class::Zero,
        Opcode::Cumulate(Cumulate::Sum) => Class::Linear,
        Opcode::Cumulate(Cumulate::Prod | Cumulate::Max | Cumulate::Min | Cumulate::LogSumExp) => Class::General,
        Opcode::Sort => Class::Linear,
        Opcode::Dot => Class::Bilinear,
        Opcode::Conv => Class::Bilinear,
        Opcode::ReduceWindow(ReduceWindow::Sum) => Class::Linear,
        Opcode::ReduceWindow(ReduceWindow::Prod | ReduceWindow::Max | ReduceWindow::Min) => Class::General,
        Opcode::Linalg(_) | Opcode::TriangularSolve => Class::General,
        Opcode::Call => Class::Region,
    }
}

impl Class {
    /// The provenance of nodes that a rule of this class builds.
    pub(crate) fn rule(self) -> Rule {
        match self {
            Class::Zero | Class::Pointwise => Rule::Pointwise,
            Class::Linear => Rule::Linear,
            Class::Bilinear => Rule::Bilinear,
            Class::General => Rule::General,
            Class::Region => Rule::Region,
        }
    }
}
