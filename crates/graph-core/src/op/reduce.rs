//! Reductions along axes. The order of combination is row-major, so results are reproducible.

/// How elements are combined. An empty `sum` is 0, `prod` 1, `any` false, `all` true; `max` and `min` of nothing are
/// errors when the node is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Reduce {
    Sum,
    Prod,
    Max,
    Min,
    Any,
    All,
}

impl Reduce {
    /// Every reduction.
    pub const ALL: &'static [Reduce] = &[Reduce::Sum, Reduce::Prod, Reduce::Max, Reduce::Min, Reduce::Any, Reduce::All];

    /// Its name in text. Those that share a word with an elementwise op carry the prefix.
    pub fn name(self) -> &'static str {
        match self {
            Reduce::Sum => "reduce_sum",
            Reduce::Prod => "reduce_prod",
            Reduce::Max => "reduce_max",
            Reduce::Min => "reduce_min",
            Reduce::Any => "reduce_any",
            Reduce::All => "reduce_all",
        }
    }

    /// Whether it combines truth values, not numbers.
    pub fn is_logical(self) -> bool {
        match self {
            Reduce::Any | Reduce::All => true,
            Reduce::Sum | Reduce::Prod | Reduce::Max | Reduce::Min => false,
        }
    }

    /// Whether it has a value for no elements at all.
    pub fn has_identity(self) -> bool {
        match self {
            Reduce::Sum | Reduce::Prod | Reduce::Any | Reduce::All => true,
            Reduce::Max | Reduce::Min => false,
        }
    }
}
