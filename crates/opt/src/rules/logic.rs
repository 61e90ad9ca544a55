//! Truth values, comparisons, `select`.
//!
//! The forms `select(c, u, 0)` and `select(c, 0, u)`, by which differentiation recognises a mask, stay what they are:
//! no rule moves arithmetic in or out of a branch.

use crate::level::Class::Exact;
use crate::pattern::Comparison::{Eq, Ne};
use crate::pattern::ops::*;
use crate::pattern::{FALSE, Pattern, TRUE, X, Y, Z};
use crate::rule::{Rule, rule};

/// The condition of a `select`.
const C: Pattern = Z;
/// A branch that is never taken.
const OTHER: Pattern = crate::pattern::W;

pub fn rules() -> Vec<Rule> {
    vec![
        rule("not-not", Exact, not(not(X)), X),
        rule("and-true", Exact, and(X, TRUE), X),
        rule("and-false", Exact, and(X, FALSE), FALSE),
        rule("and-self", Exact, and(X, X), X),
        rule("and-not", Exact, and(X, not(X)), FALSE),
        rule("or-true", Exact, or(X, TRUE), TRUE),
        rule("or-false", Exact, or(X, FALSE), X),
        rule("or-self", Exact, or(X, X), X),
        rule("or-not", Exact, or(X, not(X)), TRUE),
        rule("xor-false", Exact, xor(X, FALSE), X),
        rule("xor-true", Exact, xor(X, TRUE), not(X)),
        rule("xor-self", Exact, xor(X, X), FALSE),
        // the order of reals is not total: not(x < y) also holds beside a NaN
        rule("not-eq", Exact, not(compare(Eq, X, Y)), compare(Ne, X, Y)),
        rule("not-ne", Exact, not(compare(Ne, X, Y)), compare(Eq, X, Y)),
        rule("select-true", Exact, select(TRUE, X, Y), X),
        rule("select-false", Exact, select(FALSE, X, Y), Y),
        rule("select-self", Exact, select(C, X, X), X),
        rule("select-not", Exact, select(not(C), X, Y), select(C, Y, X)),
        rule("select-select-yes", Exact, select(C, select(C, X, OTHER), Y), select(C, X, Y)),
        rule("select-select-no", Exact, select(C, X, select(C, OTHER, Y)), select(C, X, Y)),
    ]
}
