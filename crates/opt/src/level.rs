//! How far a rewrite may move a value, and which rewrites a caller wants.

use std::fmt;
use std::str::FromStr;

/// What a rule guarantees about values. Payload and sign of a NaN are never guaranteed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// The same bits for every operand, signed zeros included.
    Exact,
    /// Rounding may move by a few ulp of the terms and a zero may change its sign. Finite stays finite (unless a partial
    /// sum of large terms overflows); NaN and infinities stay, but for an overflow that a
    /// constant factor takes back at once. Rules of the family `stability` may also replace an
    /// infinity or NaN that arises inside, from operands that are not NaN, by the limit.
    Safe,
    /// Equal as real numbers, where both sides are defined.
    Relaxed,
}

/// Which rules may fire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// None: dead nodes are dropped, nothing else changes.
    None,
    /// Those of class [`Class::Exact`].
    Exact,
    /// Those and [`Class::Safe`].
    #[default]
    Safe,
    /// All.
    Relaxed,
}

impl Level {
    /// Every level, from the least to the most.
    pub const ALL: [Level; 4] = [Level::None, Level::Exact, Level::Safe, Level::Relaxed];

    /// Whether rules of this class fire at this level.
    pub fn admits(self, class: Class) -> bool {
        match self {
            Level::None => false,
            Level::Exact => class == Class::Exact,
            Level::Safe => class <= Class::Safe,
            Level::Relaxed => true,
        }
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Level::None => "none",
            Level::Exact => "exact",
            Level::Safe => "safe",
            Level::Relaxed => "relaxed",
        }
    }
}

impl Class {
    /// Its name in reports and documentation.
    pub fn name(self) -> &'static str {
        match self {
            Class::Exact => "exact",
            Class::Safe => "safe",
            Class::Relaxed => "relaxed",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(name: &str) -> Result<Level, String> {
        let found = Level::ALL.into_iter().find(|level| level.name() == name);
        found.ok_or_else(|| format!("unknown level `{name}`: one of none, exact, safe, relaxed"))
    }
}
