//! Means, deviations, norms and softmaxes: builders over ordinary ops, exact where the formulas of textbooks overflow,
//! cancel or divide by 0, at every order of derivative.
//!
//! Shifts and scales that a value does not depend on in exact arithmetic are rounded by `floor`, whose derivative is 0:
//! so derivatives are those of the plain formula, with nothing to cancel.

use graph_core::DType;
use graph_core::op::Reduce;

use crate::expr::Expr;

/// Statistics along axes, which disappear.
///
/// ```
/// use wengert::prelude::*;
///
/// let g = Graph::new();
/// let x = g.tensor("x", &[3]);
/// let [d_std, d_norm] = [grad(x.std(&[0]), [x])?[0], grad(x.norm(&[0]), [x])?[0]];
/// let p = g.compile([x.logsumexp(&[0]), d_std, d_norm])?;
/// assert_eq!(p.run(&[0.0; 3])?, [3.0f64.ln(), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
/// # Ok::<(), Error>(())
/// ```
impl Expr {
    /// The arithmetic mean; NaN of no elements.
    #[track_caller]
    pub fn mean(self, axes: &[usize]) -> Expr {
        self.reduce(Reduce::Sum, axes) / self.count(axes)
    }

    /// The mean squared deviation from the mean. Of equal numbers it is exactly 0, and so is its gradient.
    #[track_caller]
    pub fn var(self, axes: &[usize]) -> Expr {
        self.deviation(axes).square().mean(axes)
    }

    /// The root of [`Expr::var`], without overflow inside; of equal numbers it is 0, with gradient 0.
    #[track_caller]
    pub fn std(self, axes: &[usize]) -> Expr {
        self.deviation(axes).norm(axes) / self.count(axes).sqrt()
    }

    /// The Euclidean norm, without overflow or underflow inside; at the origin its gradient is 0, the shortest
    /// subgradient.
    #[track_caller]
    pub fn norm(self, axes: &[usize]) -> Expr {
        if self.count(axes) == 0.0 {
            return self.reduce(Reduce::Sum, axes);
        }
        let scale = self.abs().reduce(Reduce::Max, axes).power_of_two();
        let scaled = self / scale.kept(self, axes);
        let sum = scaled.square().reduce(Reduce::Sum, axes);
        scale * sum.eq(0.0).select(0.0, sum.sqrt())
    }

    /// log Σ exp x: elements that are −∞ count as absent; −∞ of none. Nothing overflows.
    #[track_caller]
    pub fn logsumexp(self, axes: &[usize]) -> Expr {
        if self.count(axes) == 0.0 {
            return self.reduce(Reduce::Sum, axes) + f64::NEG_INFINITY;
        }
        let largest = self.reduce(Reduce::Max, axes);
        let shift = largest.finite_floor();
        let sum = (self - shift.kept(self, axes)).exp().reduce(Reduce::Sum, axes);
        largest.eq(f64::NEG_INFINITY).select(f64::NEG_INFINITY, shift + sum.ln())
    }
}

/// Normalisations: as many elements as this has.
impl Expr {
    /// exp x / Σ exp x along an axis; elements that are −∞ get 0.
    #[track_caller]
    pub fn softmax(self, axis: usize) -> Expr {
        let exponentials = self.shifted(axis).exp();
        exponentials / exponentials.reduce(Reduce::Sum, &[axis]).kept(self, &[axis])
    }

    /// The logarithm of [`Expr::softmax`], in full where that underflows.
    #[track_caller]
    pub fn log_softmax(self, axis: usize) -> Expr {
        let shifted = self.shifted(axis);
        shifted - shifted.exp().reduce(Reduce::Sum, &[axis]).ln().kept(self, &[axis])
    }

    /// (x − mean)/√(var + epsilon) along axes.
    #[track_caller]
    pub fn layer_norm(self, axes: &[usize], epsilon: f64) -> Expr {
        let deviation = self.deviation(axes);
        let variance = deviation.square().mean(axes);
        deviation * (variance + epsilon).rsqrt().kept(self, axes)
    }

    /// −Σ target·log softmax along an axis, which disappears: the loss of these logits for target probabilities. A
    /// target of 0 asks nothing of a logit that is −∞.
    #[track_caller]
    pub fn cross_entropy(self, target: impl Into<Expr>, axis: usize) -> Expr {
        let (target, log_softmax) = (target.into(), self.log_softmax(axis));
        let absent = target.eq(0.0).logic(graph_core::op::Logic::And, log_softmax.eq(f64::NEG_INFINITY));
        -absent.select(0.0, target * log_softmax).reduce(Reduce::Sum, &[axis])
    }

    /// −log softmax of the element that `classes` (`i64`) names along an axis, which disappears: the loss of these
    /// logits for known classes, one for each place of the other axes. A class that is out of range is an error.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let g = Graph::new();
    /// let x = g.tensor("logits", &[2, 3]);
    /// let loss = x.class_cross_entropy(g.integers(&[2], &[0, 2]), 1);
    /// let [d] = grad(loss.sum(), [x])?;
    /// let out = g.compile((loss, d))?.run(&[0.0, 0.0, f64::NEG_INFINITY, 800.0, 0.0, 0.0])?;
    /// assert_eq!(out, [2f64.ln(), 800.0, -0.5, 0.5, 0.0, 1.0, 0.0, -1.0]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn class_cross_entropy(self, classes: impl Into<Expr>, axis: usize) -> Expr {
        -self.log_softmax(axis).pick("class_cross_entropy", axis, classes.into())
    }
}

/// Pieces of the above.
impl Expr {
    /// Elements that a reduction along axes combines into one.
    fn count(self, axes: &[usize]) -> f64 {
        let shape = self.shape().unwrap_or_default();
        axes.iter().filter_map(|&axis| shape.get(axis)).map(|&extent| extent as f64).product()
    }

    /// What a reduction of `whole` along axes gave, with these axes again, of extent 1.
    #[track_caller]
    fn kept(self, whole: Expr, axes: &[usize]) -> Expr {
        let Some(shape) = whole.shape() else { return self };
        let extents = shape.iter().enumerate().map(|(axis, &extent)| if axes.contains(&axis) { 1 } else { extent });
        self.reshape(&extents.collect::<Vec<_>>())
    }

    /// x − mean. The mean is corrected by the mean of what is left, so that equal numbers leave exactly 0.
    #[track_caller]
    fn deviation(self, axes: &[usize]) -> Expr {
        let mean = self.mean(axes);
        let rest = self - mean.kept(self, axes);
        self - (mean + rest.mean(axes)).kept(self, axes)
    }

    /// x less a number near the largest along an axis.
    #[track_caller]
    fn shifted(self, axis: usize) -> Expr {
        if self.count(&[axis]) == 0.0 {
            return self;
        }
        self - self.reduce(Reduce::Max, &[axis]).finite_floor().kept(self, &[axis])
    }

    /// ⌊x⌋ of finite elements, else 0; derivative 0.
    #[track_caller]
    fn finite_floor(self) -> Expr {
        self.abs().lt(f64::INFINITY).select(self.floor(), 0.0)
    }

    /// The power of two at or just below positive elements, as far as it is a normal number; derivative 0.
    #[track_caller]
    fn power_of_two(self) -> Expr {
        let single = self.ty().and_then(|ty| ty.as_tensor().map(|t| t.dtype == DType::F32)).unwrap_or(false);
        let (least, most) = if single { (-126.0, 127.0) } else { (-1022.0, 1023.0) };
        self.log2().floor().max(least).min(most).exp2()
    }
}
