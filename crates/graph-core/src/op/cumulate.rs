//! Running combinations along one axis: as many elements as the operand, each of all elements up to its place.

use super::elementwise::Binary;

/// How the elements up to a place are combined, one after the other, starting from the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Cumulate {
    Sum,
    Prod,
    Max,
    Min,
    LogSumExp,
}

impl Cumulate {
    /// Every running combination.
    pub const ALL: &'static [Cumulate] =
        &[Cumulate::Sum, Cumulate::Prod, Cumulate::Max, Cumulate::Min, Cumulate::LogSumExp];

    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            Cumulate::Sum => "cumsum",
            Cumulate::Prod => "cumprod",
            Cumulate::Max => "cummax",
            Cumulate::Min => "cummin",
            Cumulate::LogSumExp => "cumlogsumexp",
        }
    }

    /// The function f of the recurrence yᵢ = f(yᵢ₋₁, xᵢ).
    pub fn step(self) -> Binary {
        match self {
            Cumulate::Sum => Binary::Add,
            Cumulate::Prod => Binary::Mul,
            Cumulate::Max => Binary::Max,
            Cumulate::Min => Binary::Min,
            Cumulate::LogSumExp => Binary::Logaddexp,
        }
    }
}

/// Along which axis, and from which end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CumulateSpec {
    /// The axis.
    pub axis: usize,
    /// From the last element to the first.
    pub reverse: bool,
}
