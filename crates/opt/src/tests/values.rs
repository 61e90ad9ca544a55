//! What it means that two results agree, class by class.

use super::eval::Element;
use crate::level::Class;

/// Bounds of rounding error may be exceeded this many times: a table function errs by up to 4 ulp, not by half of one.
const SLACK: f64 = 4.0;

/// How a rule may bend its class.
#[derive(Clone, Copy, Default)]
pub struct Licence {
    /// An infinity or NaN on the left that arises inside may become finite.
    pub stability: bool,
    /// An infinity may become the finite product that it stands for.
    pub overflow: bool,
    /// Some operand is NaN.
    pub nan_operand: bool,
}

/// What is wrong about `right` in place of `left`, if anything is.
pub fn disagreement(class: Class, licence: Licence, left: Element, right: Element) -> Option<String> {
    let why = match class {
        Class::Exact => (!same_bits(left.value, right.value)).then_some("bits differ"),
        Class::Safe => unsafe_change(licence, left, right),
        Class::Relaxed => (both_finite(left, right) && !is_close(left, right)).then_some("far apart"),
    };
    why.map(|why| format!("{why}: {left:?} became {right:?}"))
}

fn unsafe_change(licence: Licence, left: Element, right: Element) -> Option<&'static str> {
    let (l, r) = (left.value, right.value);
    match l.is_finite() {
        true if !r.is_finite() => Some("finite became infinite or NaN"),
        true => (!is_close(left, right)).then_some("beyond the rounding of the terms"),
        false if licence.stability && !licence.nan_operand => None,
        false if licence.overflow && l.is_infinite() && r.is_finite() => None,
        false => (!same_bits(l, r)).then_some("NaN or infinity changed"),
    }
}

fn same_bits(l: f64, r: f64) -> bool {
    l.to_bits() == r.to_bits() || (l.is_nan() && r.is_nan())
}

fn both_finite(left: Element, right: Element) -> bool {
    left.value.is_finite() && right.value.is_finite()
}

/// An infinite bound vouches for nothing; a NaN one is that of an infinite slope beside a zero.
fn is_close(left: Element, right: Element) -> bool {
    let bound = SLACK * (left.error + right.error);
    bound.is_nan() || (left.value - right.value).abs() <= bound
}

/// Whether derivatives differ where the left one is a number.
pub fn tangents_differ(left: Element, right: Element) -> bool {
    let (l, r) = (left.tangent, right.tangent);
    l.is_finite() && (l - r).is_nan() || (l - r).abs() > 1e-6 * (1.0 + l.abs())
}
