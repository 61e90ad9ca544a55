//! The attribute of `sort`, and the order it means.

use std::cmp::Ordering;

/// Along which axis, and which way. Equal keys keep their order; NaN is last either way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SortSpec {
    /// The axis.
    pub axis: usize,
    /// The largest first.
    pub descending: bool,
}

impl SortSpec {
    /// The order of two real keys. Zeros of both signs are equal.
    pub fn reals(&self, x: f64, y: f64) -> Ordering {
        match x.partial_cmp(&y) {
            Some(order) => self.directed(order),
            None => x.is_nan().cmp(&y.is_nan()),
        }
    }

    /// The order of two integer keys; `false` is 0, `true` is 1.
    pub fn integers(&self, x: i64, y: i64) -> Ordering {
        self.directed(x.cmp(&y))
    }

    fn directed(&self, order: Ordering) -> Ordering {
        if self.descending { order.reverse() } else { order }
    }
}
