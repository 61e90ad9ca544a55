//! Windows that slide over expressions: convolution and pooling.

use graph_core::op::{ConvSpec, Op, ReduceWindow, Slide, WindowSpec};
use graph_core::{Buffer, Graph, Literal, NodeId, Shape};

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
            |_| None,
            |core, operands, site| {
                let spec = core.intern_conv(spec);
                make(core, Op::Conv(spec), &operands, site)
            },
        )
    }

    /// [`Expr::conv`] over one spatial axis, with as much padding at both ends.
    #[track_caller]
    pub fn conv1d(self, kernel: Expr, stride: usize, padding: usize) -> Expr {
        self.conv(kernel, ConvSpec::new([even(stride, padding)]))
    }

    /// [`Expr::conv`] over two spatial axes, with as much padding at both ends of each.
    #[track_caller]
    pub fn conv2d(self, kernel: Expr, stride: [usize; 2], padding: [usize; 2]) -> Expr {
        self.conv(kernel, ConvSpec::new([0, 1].map(|axis| even(stride[axis], padding[axis]))))
    }

    /// Combines the elements under a window at each of its places; the spec has an entry for each axis. A window that
    /// meets no element has the value 0, 1, −∞ or ∞. A window that grows from the first element to all of them, or shrinks
    /// from all to the last, is a running combination, whose cost is linear, its derivatives' too.
    #[track_caller]
    pub fn reduce_window(self, op: ReduceWindow, spec: WindowSpec) -> Expr {
        build(
            [self],
            |_| None,
            |core, [x], site| {
                let shape = core.ty(x).as_tensor().map(|t| t.shape.clone());
                let fits = shape.filter(|shape| [spec.window.rank(), spec.slides.len()] == [shape.rank(); 2]);
                if let Some(running) = fits.and_then(|shape| spec.cumulative(&shape)) {
                    let running = core.intern_cumulate(running);
                    return make(core, Op::Cumulate(op.running(), running), &[x], site);
                }
                let spec = core.intern_window(spec);
                make(core, Op::ReduceWindow(op, spec), &[x], site)
            },
        )
    }

    /// The largest element under a window over the last axes, with a stride and as much padding at both ends for each of
    /// them. Padding is never the largest; k elements that tie share the derivative equally.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let g = Graph::new();
    /// let x = g.tensor("x", &[2, 3]);
    /// let y = x.max_pool(&[2], &[2], &[1]);
    /// let d = grad(y.sum(), [x])?;
    /// let p = g.compile((y, d))?;
    /// let out = p.run(&[1.0, 5.0, 5.0, -2.0, -4.0, -3.0])?;
    /// assert_eq!(out, [1.0, 5.0, -2.0, -3.0, 1.0, 0.5, 0.5, 1.0, 0.0, 1.0]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn max_pool(self, window: &[usize], stride: &[usize], padding: &[usize]) -> Expr {
        self.reduce_window(ReduceWindow::Max, self.pool(window, stride, padding))
    }

    /// The sum of the elements under a window over the last axes.
    #[track_caller]
    pub fn sum_pool(self, window: &[usize], stride: &[usize], padding: &[usize]) -> Expr {
        self.reduce_window(ReduceWindow::Sum, self.pool(window, stride, padding))
    }

    /// The mean of the elements under a window over the last axes. Padding is not counted.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let g = Graph::new();
    /// let x = g.tensor("x", &[3]);
    /// let p = g.compile(x.avg_pool(&[2], &[1], &[1]))?;
    /// assert_eq!(p.run(&[1.0, 3.0, 7.0])?, [1.0, 2.0, 5.0, 7.0]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn avg_pool(self, window: &[usize], stride: &[usize], padding: &[usize]) -> Expr {
        let spec = self.pool(window, stride, padding);
        let extents = self.shape().unwrap_or_default();
        let sum = self.reduce_window(ReduceWindow::Sum, spec.clone());
        let counts = build([sum], |[x]| x, |core, [sum], _| Ok(counts(core, sum, &extents, &spec)));
        sum / counts
    }

    /// Windows over the last axes of this.
    fn pool(self, window: &[usize], stride: &[usize], padding: &[usize]) -> WindowSpec {
        let before = self.shape().map_or(0, |shape| shape.len()).saturating_sub(window.len());
        // lists of other lengths than the window's give a list of another length, which the op refuses
        let entries = if stride.len() == window.len() { padding.len() } else { stride.len() };
        let entry = |list: &[usize], axis: usize, other: usize| list.get(axis).copied().unwrap_or(other);
        let slides = (0..entries).map(|axis| even(entry(stride, axis, 1), entry(padding, axis, 0)));
        WindowSpec {
            window: std::iter::repeat_n(1, before).chain(window.iter().copied()).collect(),
            slides: std::iter::repeat_n(Slide::default(), before).chain(slides).collect(),
        }
    }
}

fn even(stride: usize, padding: usize) -> Slide {
    let padding = i64::try_from(padding).unwrap_or(i64::MAX);
    Slide { stride, low: padding, high: padding, ..Slide::default() }
}

/// How many elements each window of a sum meets: one number, or the product of the numbers along the axes.
fn counts(core: &mut Graph, sum: NodeId, extents: &[usize], spec: &WindowSpec) -> NodeId {
    let shape = core.shape(sum).clone();
    let mut counts = core.splat_like(1.0, sum);
    let dtype = core.ty(sum).as_tensor().expect("a windowed sum is a tensor").dtype;
    for (axis, slide) in spec.slides.iter().enumerate() {
        let count = |place| slide.meetings_at(place, spec.window[axis], extents[axis]).map_or(0, |met| met.count);
        let along: Vec<f64> = (0..shape[axis]).map(|place| count(place) as f64).collect();
        if along.iter().any(|&n| n != 1.0) {
            let literal = Literal::dense(Buffer::F64(along), Shape::new(&[shape[axis]]));
            let along = core.literal_node(literal.expect("as many elements as the shape has"));
            let along = core.cast(dtype, along);
            let spread = core.broadcast(along, &shape, &Shape::new(&[axis]));
            counts = core.mul(counts, spread);
        }
    }
    counts
}
