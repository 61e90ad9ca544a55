//! Windows: convolutions without spatial axes are contractions, windows of one element are slices, windows that grow to
//! all elements are running combinations.

use graph_core::op::{CumulateSpec, DotSpec, ReduceWindow};
use graph_core::{Graph, NodeId, Op, Opcode, Shape};

use crate::level::Class::Safe;
use crate::rule::{Rule, law};

pub fn rules() -> Vec<Rule> {
    let windows = || ReduceWindow::ALL.iter().map(|&op| Opcode::ReduceWindow(op));
    vec![
        law("conv-flat", Safe, [Opcode::Conv], "conv(x, k) = dot(x, k), if there is no spatial axis", conv_flat),
        law("window-one", Safe, windows(), "window(x) = slice(x), if it is one element, without padding", window_one),
        law("window-running", Safe, windows(), "window(x) = cumsum(x), if it grows to all elements", window_running),
    ]
}

fn conv_flat(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let (Op::Conv(spec), &[x, kernel]) = (g.op(id), g.operands(id)) else { return None };
    let flat = g[spec].slides.is_empty() && g[spec].feature_groups == 1 && g[spec].batch_groups == 1;
    flat.then(|| g.dot(x, kernel, DotSpec::contract(&[1], &[1])))
}

fn window_one(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::ReduceWindow(_, spec) = g.op(id) else { return None };
    let (x, spec) = (g.operands(id)[0], g[spec].clone());
    let plain = spec.slides.iter().all(|slide| (slide.low, slide.high, slide.base_dilation) == (0, 0, 1));
    if !plain || spec.window.iter().any(|&taps| taps != 1) {
        return None;
    }
    let (limit, stride): (Shape, Shape) = (g.shape(x).clone(), spec.slides.iter().map(|slide| slide.stride).collect());
    Some(g.slice(x, &limit.iter().map(|_| 0).collect(), &limit, &stride))
}

fn window_running(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::ReduceWindow(op, spec) = g.op(id) else { return None };
    let x = g.operands(id)[0];
    let CumulateSpec { axis, reverse } = g[spec].cumulative(g.shape(x))?;
    Some(g.cumulate(op.running(), x, axis, reverse))
}
