//! Windows of six elements: with repeated indices, batches, windows that overlap, and every answer to an index out of range.

use graph_core::op::{Axes, GatherSpec, OutOfRange, Scatter, Unary};
use graph_core::{Buffer, Graph, Literal, NodeId, Shape};

type Build = Box<dyn FnOnce(&mut Graph, NodeId) -> NodeId>;

/// How six elements are seen, which windows of them are meant.
struct Case {
    shape: Shape,
    indices: (Shape, Vec<i64>),
    spec: GatherSpec,
}

fn case(shape: &[usize], extents: &[usize], indices: &[i64], spec: GatherSpec) -> Case {
    Case { shape: Shape::new(shape), indices: (Shape::new(extents), indices.to_vec()), spec }
}

/// Rows, in any order and again; vectors that overlap; windows that are moved or left out; batches.
fn cases() -> Vec<Case> {
    let axes = |list: &[usize]| Axes::new(list);
    let rows = GatherSpec::take(&Shape::new(&[3, 2]), 0, 1);
    let columns = GatherSpec::take(&Shape::new(&[2, 3]), 1, 1);
    let overlapping = GatherSpec {
        offset: axes(&[0]),
        start_map: axes(&[0]),
        index_axis: 1,
        sizes: axes(&[3]),
        ..GatherSpec::default()
    };
    let left_out = GatherSpec { out: OutOfRange::Skip, ..overlapping.clone() };
    let moved = GatherSpec { out: OutOfRange::Clamp, ..GatherSpec::window(&Shape::new(&[2, 2])) };
    let batches = GatherSpec {
        collapsed: axes(&[0]),
        operand_batch: axes(&[1]),
        indices_batch: axes(&[0]),
        start_map: axes(&[0]),
        index_axis: 2,
        sizes: axes(&[1, 1]),
        ..GatherSpec::default()
    };
    vec![
        case(&[3, 2], &[4], &[2, 0, 2, 1], rows),
        case(&[2, 3], &[2], &[1, 1], columns),
        case(&[6], &[3, 1], &[0, 3, 2], overlapping),
        case(&[6], &[3], &[-1, 1, 4], left_out),
        case(&[2, 3], &[2], &[-7, 9], moved),
        case(&[3, 2], &[2, 3], &[0, 2, 0, 1, 1, 1], batches),
    ]
}

fn constant((shape, elements): (Shape, Vec<i64>), g: &mut Graph) -> NodeId {
    let literal = Literal::dense(Buffer::I64(elements), shape);
    g.literal_node(literal.expect("as many elements as the shape has"))
}

/// Windows of the elements.
pub fn gathers() -> Vec<Build> {
    let build = |case: Case| -> Build {
        Box::new(move |g, x| {
            let (x, indices) = (g.reshape(x, &case.shape), constant(case.indices, g));
            g.gather(x, indices, case.spec)
        })
    };
    cases().into_iter().map(build).collect()
}

/// Updates that depend on the elements, too, and that tie with none of them.
pub fn scatters(op: Scatter) -> Vec<Build> {
    let build = |case: Case| -> Build {
        Box::new(move |g, x| {
            let (x, indices) = (g.reshape(x, &case.shape), constant(case.indices, g));
            let sine = g.unary(Unary::Sin, x);
            let seen = g.gather(sine, indices, case.spec.clone());
            let weights = super::weights(g, seen);
            let updates = g.mul(seen, weights);
            g.scatter(op, x, indices, updates, case.spec)
        })
    };
    cases().into_iter().map(build).collect()
}
