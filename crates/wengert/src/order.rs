//! Sorted expressions, and what follows from the order: permutations, the largest k, medians.

use graph_core::op::{Op, SortSpec};

use crate::expr::Expr;
use crate::shape::join;

/// Operands of one shape in the order of the first along an axis, then the permutation (`i64`): element i of a result
/// was element `permutation[i]`. Equal keys keep their order and NaN is last, also with the largest first.
///
/// With a permutation as key, the others move to the positions that it names. Equal keys share the derivative of the sorted
/// keys equally; that of the other results goes back to the one place that each element came from.
#[track_caller]
pub fn sort_together(operands: &[Expr], axis: usize, descending: bool) -> Vec<Expr> {
    let sorted = join(operands, |core| Op::Sort(core.intern_sort(SortSpec { axis, descending })));
    (0..=operands.len()).map(|part| sorted.get(part)).collect()
}

/// Order along an axis.
///
/// ```
/// use wengert::prelude::*;
///
/// let g = Graph::new();
/// let x = g.tensor("x", &[5]);
/// let [d] = grad(x.median(0), [x])?;
/// let (largest, places) = x.top_k(2, 0);
/// let p = g.compile((x.sort(0), largest, places, d))?;
/// let out = p.run(&[3.0, 1.0, 9.0, 7.0, 5.0])?;
/// assert_eq!(out[..5], [1.0, 3.0, 5.0, 7.0, 9.0]);
/// assert_eq!(out[5..9], [9.0, 7.0, 2.0, 3.0]);
/// assert_eq!(out[9..], [0.0, 0.0, 0.0, 0.0, 1.0]);
/// # Ok::<(), Error>(())
/// ```
impl Expr {
    /// The elements, smallest first, NaN last. Derivatives pass to where an element came from; equal elements share them
    /// equally.
    #[track_caller]
    pub fn sort(self, axis: usize) -> Expr {
        sort_together(&[self], axis, false)[0]
    }

    /// The places (`i64`) from which [`Expr::sort`] takes its elements.
    #[track_caller]
    pub fn argsort(self, axis: usize) -> Expr {
        sort_together(&[self], axis, false)[1]
    }

    /// The k largest elements, largest first, and their places (`i64`); NaN counts as smallest.
    #[track_caller]
    pub fn top_k(self, k: usize, axis: usize) -> (Expr, Expr) {
        let sorted = sort_together(&[self], axis, true);
        (sorted[0].stretch_of(axis, 0, k), sorted[1].stretch_of(axis, 0, k))
    }

    /// The middle element along an axis, which disappears: the mean of both where there are two, NaN if there is a NaN.
    #[track_caller]
    pub fn median(self, axis: usize) -> Expr {
        let sorted = self.sort(axis);
        let extent = self.shape().and_then(|shape| shape.get(axis).copied()).unwrap_or(0);
        let last = sorted.place(axis, extent.saturating_sub(1));
        let (low, high) = (extent.saturating_sub(1) / 2, extent / 2);
        let middle = match low == high {
            true => sorted.place(axis, low),
            false => (sorted.place(axis, low) + sorted.place(axis, high)) * 0.5,
        };
        last.eq(last).select(middle, last)
    }

    /// Elements from `start` to `limit` along an axis.
    #[track_caller]
    fn stretch_of(self, axis: usize, start: usize, limit: usize) -> Expr {
        let Some(shape) = self.shape() else { return self };
        let along = |at: usize, other: &dyn Fn(usize) -> usize| -> Vec<usize> {
            (0..shape.len()).map(|a| if a == axis { at } else { other(a) }).collect()
        };
        self.slice(&along(start, &|_| 0), &along(limit, &|a| shape[a]), &vec![1; shape.len()])
    }

    /// One element along an axis, which disappears.
    #[track_caller]
    fn place(self, axis: usize, at: usize) -> Expr {
        let Some(mut shape) = self.shape() else { return self };
        let one = self.stretch_of(axis, at, at.saturating_add(1));
        if axis < shape.len() {
            shape.remove(axis);
        }
        one.reshape(&shape)
    }
}
