//! Convolution of expressions.

use graph_core::op::{ConvSpec, Op};

use crate::expr::{Expr, build, make};

impl Expr {
    /// Slides a kernel `[out features, in features / feature groups, spatial…]` over this `[batch, features, spatial…]`;
    /// the kernel is not reversed. The spec has one [`crate::Slide`] for each spatial axis.
    ///
    /// ```
    /// use wengert::prelude::*;
    /// use wengert::{ConvSpec, Slide};
    ///
    /// let g = Graph::new();
    /// let (x, k) = (g.tensor("x", &[1, 1, 4]), g.tensor("k", &[1, 1, 2]));
    /// let spec = ConvSpec::new([Slide::default()]);
    /// let y = x.conv(k, spec).sum();
    /// let d = grad(y, [k])?;
    /// assert_eq!(g.compile(d)?.run(&[1.0, 2.0, 3.0, 4.0, 0.5, -1.0])?, [6.0, 9.0]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn conv(self, kernel: Expr, spec: ConvSpec) -> Expr {
        build(
            [self, kernel],
            |[x, k]| x * k,
            |core, operands, site| {
                let spec = core.intern_conv(spec);
                make(core, Op::Conv(spec), &operands, site)
            },
        )
    }
}
