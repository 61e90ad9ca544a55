//! The type of a running combination: that of its operand.

use super::{Asked, Inferred, integer_binary};
use crate::op::{Axes, Cumulate, CumulateSpec};

/// Numbers along an axis that exists; the logarithm of a sum of exponentials needs reals.
pub(super) fn cumulate(n: &Asked<'_>, op: Cumulate, spec: &CumulateSpec) -> Inferred {
    n.arity(1)?;
    n.axes(&Axes::new(&[spec.axis]))?;
    n.numbers(integer_binary(op.step()))
}
