//! Comparisons and connectives. Their derivative is zero by class: they return `bool`.

/// A comparison of two elements. As in IEEE 754, everything but `Ne` is false beside a NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Compare {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Compare {
    /// Every comparison.
    pub const ALL: &'static [Compare] = &[Compare::Eq, Compare::Ne, Compare::Lt, Compare::Le, Compare::Gt, Compare::Ge];

    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            Compare::Eq => "eq",
            Compare::Ne => "ne",
            Compare::Lt => "lt",
            Compare::Le => "le",
            Compare::Gt => "gt",
            Compare::Ge => "ge",
        }
    }

    /// Whether the comparison holds.
    pub fn eval<T: PartialOrd>(self, x: T, y: T) -> bool {
        match self {
            Compare::Eq => x == y,
            Compare::Ne => x != y,
            Compare::Lt => x < y,
            Compare::Le => x <= y,
            Compare::Gt => x > y,
            Compare::Ge => x >= y,
        }
    }

    /// The comparison that holds for `y, x` when this one does for `x, y`.
    pub fn swapped(self) -> Compare {
        match self {
            Compare::Eq => Compare::Eq,
            Compare::Ne => Compare::Ne,
            Compare::Lt => Compare::Gt,
            Compare::Le => Compare::Ge,
            Compare::Gt => Compare::Lt,
            Compare::Ge => Compare::Le,
        }
    }
}

/// A connective of truth values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Logic {
    And,
    Or,
    Xor,
    Not,
}

impl Logic {
    /// Every connective.
    pub const ALL: &'static [Logic] = &[Logic::And, Logic::Or, Logic::Xor, Logic::Not];

    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            Logic::And => "and",
            Logic::Or => "or",
            Logic::Xor => "xor",
            Logic::Not => "not",
        }
    }

    /// Number of operands.
    pub fn arity(self) -> usize {
        match self {
            Logic::And | Logic::Or | Logic::Xor => 2,
            Logic::Not => 1,
        }
    }

    /// The value; `not` looks at `x` alone.
    pub fn eval(self, x: bool, y: bool) -> bool {
        match self {
            Logic::And => x && y,
            Logic::Or => x || y,
            Logic::Xor => x != y,
            Logic::Not => !x,
        }
    }
}
