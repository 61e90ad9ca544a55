//! Steps of gathers and scatters, with constant and with computed indices.

use graph_core::op::{Axes, GatherSpec, Integer, Op, OutOfRange, Scatter};
use graph_core::{Buffer, Literal, NodeId, Shape};

use super::builder::Builder;
use super::domain::Span;
use super::gene::Dice;

/// A tensor, indices, and which windows they mean.
struct Windows {
    x: (NodeId, Span),
    indices: NodeId,
    spec: GatherSpec,
}

fn windows(b: &mut Builder, dice: &mut Dice<'_>) -> Windows {
    let mut x = b.ranked(1, dice);
    if b.g.shape(x.0).contains(&0) {
        x = (b.fitted(x.0, &Shape::new(&[2, 3])), x.1.join(Span::new(0.5, 0.5)));
    }
    let shape = b.g.shape(x.0).clone();
    match dice.roll(3) {
        1 => window(b, x, &shape, dice),
        2 if shape.rank() > 1 => parallel(b, x, &shape, dice),
        _ => take(b, x, &shape, dice),
    }
}

/// Rows by numbers in range, again and again.
fn take(b: &mut Builder, x: (NodeId, Span), shape: &Shape, dice: &mut Dice<'_>) -> Windows {
    let axis = dice.roll(shape.rank());
    let count = dice.pick(&[2, 3, 1, 0]);
    let indices = in_range(b, &Shape::new(&[count]), shape[axis], dice);
    Windows { x, indices, spec: GatherSpec::take(shape, axis, 1) }
}

/// One window by a vector that may point outside.
fn window(b: &mut Builder, x: (NodeId, Span), shape: &Shape, dice: &mut Dice<'_>) -> Windows {
    let sizes: Shape = shape.iter().map(|&extent| 1 + dice.roll(extent)).collect();
    let out = dice.pick(&[OutOfRange::Clamp, OutOfRange::Skip]);
    let numbers = (0..shape.rank()).map(|_| dice.roll(6) as i64 - 1).collect();
    let indices = constant(b, Shape::new(&[shape.rank()]), numbers);
    Windows { x, indices, spec: GatherSpec { out, ..GatherSpec::window(&sizes) } }
}

/// Elements along axis 1, each row by indices of its own.
fn parallel(b: &mut Builder, x: (NodeId, Span), shape: &Shape, dice: &mut Dice<'_>) -> Windows {
    let x = (b.fitted(x.0, &Shape::new(&[shape[0], shape[1]])), x.1.join(Span::new(0.5, 0.5)));
    let indices = in_range(b, &Shape::new(&[shape[0], 1 + dice.roll(3)]), shape[1], dice);
    let axes = |axis: usize| Axes::new(&[axis]);
    let spec = GatherSpec {
        collapsed: axes(1),
        operand_batch: axes(0),
        indices_batch: axes(0),
        start_map: axes(1),
        index_axis: 2,
        sizes: Axes::new(&[1, 1]),
        ..GatherSpec::default()
    };
    Windows { x, indices, spec }
}

fn constant(b: &mut Builder, shape: Shape, numbers: Vec<i64>) -> NodeId {
    let literal = Literal::dense(Buffer::I64(numbers), shape);
    b.g.literal_node(literal.expect("as many elements as the shape has"))
}

/// Numbers from 0 to below `extent`: constants, or what some real number comes to.
fn in_range(b: &mut Builder, shape: &Shape, extent: usize, dice: &mut Dice<'_>) -> NodeId {
    if dice.flip() {
        let numbers = (0..shape.elements()).map(|_| dice.roll(extent) as i64).collect();
        return constant(b, shape.clone(), numbers);
    }
    let x = b.any(dice);
    let x = (b.fitted(x.0, shape), x.1.join(Span::new(0.5, 0.5)));
    let steps = b.steps(x, dice);
    let (low, limit) = (b.g.splat_like(255.0, steps), b.g.splat_like(extent as f64, steps));
    let positive = b.g.node(Op::Integer(Integer::BitAnd), &[steps, low]);
    b.g.node(Op::Integer(Integer::IntRem), &[positive, limit])
}

pub fn gather(b: &mut Builder, dice: &mut Dice<'_>) {
    let Windows { x, indices, spec } = windows(b, dice);
    let y = b.g.gather(x.0, indices, spec);
    b.push(y, x.1.join(Span::new(0.0, 0.0)));
}

pub fn scatter(b: &mut Builder, op: Scatter, dice: &mut Dice<'_>) {
    let Windows { x, indices, spec } = windows(b, dice);
    let x = b.inside(x, Span::new(-2.0, 2.0), dice);
    let shape = spec.windows(b.g.shape(indices));
    let updates = b.any(dice);
    let (updates, _) = b.inside(updates, Span::new(-1.3, 1.3), dice);
    let updates = b.fitted(updates, &shape);
    // different from each other and from the elements, so that they do not tie
    let weights = b.numbers(updates, 5);
    let updates = b.g.add(updates, weights);
    let y = b.g.scatter(op, x.0, indices, updates, spec);
    b.push(y, Span::ANY);
}
