//! Windows over six elements, with every kind of step, padding, dilation and group.

use graph_core::op::{ConvSpec, ReduceWindow, Slide, Unary, WindowSpec};
use graph_core::{Graph, NodeId, Shape};

type Build = Box<dyn FnOnce(&mut Graph, NodeId) -> NodeId>;

/// Base and kernel are both made of the six elements.
pub fn convolutions() -> Vec<Build> {
    let plain = Slide::default();
    let dilated = Slide { stride: 2, low: 1, high: -1, base_dilation: 3, window_dilation: 2 };
    let apart = Slide { stride: 3, low: -1, high: 4, base_dilation: 2, window_dilation: 1 };
    let feature_groups = ConvSpec { feature_groups: 2, ..ConvSpec::new([plain]) };
    let batch_groups = ConvSpec { batch_groups: 2, ..ConvSpec::new([Slide { low: 1, ..plain }]) };
    vec![
        convolution(&[1, 1, 6], &[2, 1, 3], ConvSpec::new([dilated])),
        convolution(&[1, 2, 3], &[3, 2, 1], ConvSpec::new([apart])),
        convolution(&[1, 2, 3], &[2, 1, 3], feature_groups),
        convolution(&[2, 1, 3], &[2, 1, 3], batch_groups),
        convolution(&[1, 1, 2, 3], &[1, 1, 3, 2], ConvSpec::new([Slide { low: 2, high: 1, ..plain }, plain])),
        convolution(&[3, 2], &[3, 2], ConvSpec::new([])),
    ]
}

fn convolution(base: &[usize], kernel: &[usize], spec: ConvSpec) -> Build {
    let (base, kernel) = (Shape::new(base), Shape::new(kernel));
    Box::new(move |g, x| {
        let sine = g.unary(Unary::Sin, x);
        let (x, kernel) = (g.reshape(x, &base), g.reshape(sine, &kernel));
        g.conv(x, kernel, spec)
    })
}

/// Windows that overlap, that leave gaps, and with padding; at every place they meet some element.
pub fn reductions(op: ReduceWindow) -> Vec<Build> {
    let plain = Slide::default();
    let dilated = Slide { stride: 2, low: 1, high: 2, base_dilation: 1, window_dilation: 2 };
    let spread = Slide { stride: 1, low: -1, high: 0, base_dilation: 2, window_dilation: 1 };
    vec![
        windows(op, &[6], &[3], [plain]),
        windows(op, &[6], &[4], [dilated]),
        windows(op, &[2, 3], &[1, 2], [Slide { stride: 2, ..plain }, spread]),
        windows(op, &[2, 3], &[2, 2], [Slide { low: 1, ..plain }, Slide { high: 1, ..plain }]),
    ]
}

fn windows<const N: usize>(op: ReduceWindow, shape: &[usize], window: &[usize], slides: [Slide; N]) -> Build {
    let (shape, spec) = (Shape::new(shape), WindowSpec { window: Shape::new(window), slides: slides.to_vec() });
    Box::new(move |g, x| {
        let x = g.reshape(x, &shape);
        g.reduce_window(op, x, spec)
    })
}
