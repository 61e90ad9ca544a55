//! Running sums, products, extrema and log-sum-exps of expressions along an axis.

use graph_core::op::{Cumulate, CumulateSpec, Op};

use crate::expr::{Expr, build, make};

/// Running combinations: as many elements as this has, each of all elements up to its place along an axis.
///
/// ```
/// use wengert::prelude::*;
///
/// let g = Graph::new();
/// let x = g.tensor("x", &[3]);
/// let [d] = grad(x.cumprod(0).at(2), [x])?;
/// let p = g.compile((x.cumsum(0), d))?;
/// assert_eq!(p.run(&[2.0, 0.0, 5.0])?, [2.0, 2.0, 7.0, 0.0, 10.0, 0.0]);
/// # Ok::<(), Error>(())
/// ```
impl Expr {
    /// Combines the elements up to each place along an axis; in reverse, those from it on.
    #[track_caller]
    pub fn cumulate(self, op: Cumulate, axis: usize, reverse: bool) -> Expr {
        build(
            [self],
            |_| None,
            |core, [x], site| {
                let spec = core.intern_cumulate(CumulateSpec { axis, reverse });
                make(core, Op::Cumulate(op, spec), &[x], site)
            },
        )
    }

    /// The sum of the elements up to each place.
    #[track_caller]
    pub fn cumsum(self, axis: usize) -> Expr {
        self.cumulate(Cumulate::Sum, axis, false)
    }

    /// The product of the elements up to each place: polynomial derivatives at every order, zeros included.
    #[track_caller]
    pub fn cumprod(self, axis: usize) -> Expr {
        self.cumulate(Cumulate::Prod, axis, false)
    }

    /// The largest element up to each place; k that tie share its derivative equally.
    #[track_caller]
    pub fn cummax(self, axis: usize) -> Expr {
        self.cumulate(Cumulate::Max, axis, false)
    }

    /// The smallest element up to each place; k that tie share its derivative equally.
    #[track_caller]
    pub fn cummin(self, axis: usize) -> Expr {
        self.cumulate(Cumulate::Min, axis, false)
    }

    /// The logarithm of the sum of the exponentials of the elements up to each place, without overflow.
    #[track_caller]
    pub fn cumlogsumexp(self, axis: usize) -> Expr {
        self.cumulate(Cumulate::LogSumExp, axis, false)
    }
}
