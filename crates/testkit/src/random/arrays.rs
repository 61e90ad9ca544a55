//! Steps of ops that combine elements: reductions, running combinations, sorts, contractions, windows.

use graph_core::op::{Axes, ConvSpec, Cumulate, DotSpec, Op, Reduce, ReduceWindow, Slide, WindowSpec};
use graph_core::{NodeId, Shape};

use super::builder::{Builder, MOST};
use super::domain::Span;
use super::gene::Dice;

/// Products of elements in here stay moderate.
const FACTORS: Span = Span { low: -1.3, high: 1.3 };

pub fn reduce(b: &mut Builder, op: Reduce, dice: &mut Dice<'_>) {
    let x = b.ranked(1, dice);
    let shape = b.g.shape(x.0).clone();
    let first = dice.roll(shape.rank());
    let fits = |axis: usize| op.has_identity() || shape[axis] > 0;
    let axes: Axes = (0..shape.rank()).filter(|&a| (a == first || dice.roll(3) == 2) && fits(a)).collect();
    if op.is_logical() {
        let c = b.truths_like(x, dice);
        let y = b.g.reduce(op, c, &axes);
        return b.push(y, Span::ANY);
    }
    let (x, span) = if op == Reduce::Prod { b.inside(x, FACTORS, dice) } else { x };
    let y = b.g.reduce(op, x, &axes);
    let combined: f64 = axes.iter().map(|&axis| shape[axis] as f64).product();
    let span = match op {
        Reduce::Sum => Span::new(span.low.min(0.0) * combined, span.high.max(0.0) * combined),
        _ => {
            if matches!(op, Reduce::Prod) {
                Span::ANY
            } else {
                span
            }
        }
    };
    b.push(y, span);
}

pub fn cumulate(b: &mut Builder, op: Cumulate, dice: &mut Dice<'_>) {
    let x = b.ranked(1, dice);
    let (x, _) =
        if op == Cumulate::Prod { b.inside(x, FACTORS, dice) } else { b.inside(x, Span::new(-8.0, 8.0), dice) };
    let axis = dice.roll(b.g.shape(x).rank());
    let y = b.g.cumulate(op, x, axis, dice.flip());
    if y != x {
        b.push(y, Span::ANY);
    }
}

/// By one key, with a value in tow.
pub fn sort(b: &mut Builder, dice: &mut Dice<'_>) {
    let x = b.ranked(1, dice);
    let (y, _) = b.partner(x.0, dice);
    let axis = dice.roll(b.g.shape(x.0).rank());
    let operands: &[NodeId] = if dice.flip() { &[x.0] } else { &[x.0, y] };
    let sorted = b.g.sort(operands, axis, dice.flip());
    b.push(sorted, Span::ANY);
}

/// Over one axis, with or without a batch, or over none.
pub fn dot(b: &mut Builder, dice: &mut Dice<'_>) {
    let small = Span::new(-2.0, 2.0);
    let (x, y) = (b.ranked(1, dice), b.ranked(1, dice));
    let (x, y) = (b.inside(x, small, dice).0, b.inside(y, small, dice).0);
    let (left, right) = (b.g.shape(x).clone(), b.g.shape(y).clone());
    let pairs = (0..left.rank()).flat_map(|i| (0..right.rank()).map(move |j| (i, j)));
    let equal: Vec<(usize, usize)> = pairs.filter(|&(i, j)| left[i] == right[j]).collect();
    let axes = |axis: usize| Axes::new(&[axis]);
    let spec = if equal.is_empty() {
        DotSpec::default()
    } else {
        let (i, j) = dice.pick(&equal);
        let batches: Vec<(usize, usize)> = equal.iter().copied().filter(|&(k, l)| k != i && l != j).collect();
        match dice.roll(3) {
            1 if !batches.is_empty() => {
                let (k, l) = dice.pick(&batches);
                DotSpec { lhs_batch: axes(k), rhs_batch: axes(l), ..DotSpec::contract(&[i], &[j]) }
            }
            2 => DotSpec { lhs_batch: axes(i), rhs_batch: axes(j), ..DotSpec::default() },
            _ => DotSpec::contract(&[i], &[j]),
        }
    };
    let contracted: usize = spec.lhs.iter().chain(spec.lhs_batch.iter()).map(|&axis| left[axis]).product();
    let same = spec.lhs.iter().map(|&axis| left[axis]).product::<usize>().max(1);
    if left.elements() * right.elements() > MOST * contracted.max(1) * same {
        return reduce(b, Reduce::Sum, dice);
    }
    let z = b.g.dot(x, y, spec);
    b.push(z, Span::ANY);
}

fn slide(dice: &mut Dice<'_>) -> Slide {
    Slide {
        stride: 1 + dice.roll(2),
        low: dice.pick(&[0, 1, -1, 2]),
        high: dice.pick(&[0, 1, -1]),
        base_dilation: 1 + usize::from(dice.roll(4) == 3),
        window_dilation: 1 + usize::from(dice.roll(4) == 3),
    }
}

/// One spatial axis, with one or two features, in groups or not.
pub fn conv(b: &mut Builder, dice: &mut Dice<'_>) {
    let small = Span::new(-2.0, 2.0);
    let (x, y) = (b.any(dice), b.any(dice));
    let (x, y) = (b.inside(x, small, dice).0, b.inside(y, small, dice).0);
    let (features, taps, extent) = (1 + dice.roll(2), 1 + dice.roll(3), dice.pick(&[4, 3, 5, 1]));
    let slides = [slide(dice)];
    let (base, kernel, spec) = match dice.roll(3) {
        1 => (
            [1, features, extent],
            [2 * features, 1, taps],
            ConvSpec { feature_groups: features, ..ConvSpec::new(slides) },
        ),
        2 => ([2, features, extent], [2, features, taps], ConvSpec { batch_groups: 2, ..ConvSpec::new(slides) }),
        _ => ([2, features, extent], [1, features, taps], ConvSpec::new(slides)),
    };
    let (x, y) = (b.fitted(x, &Shape::new(&base)), b.fitted(y, &Shape::new(&kernel)));
    let z = b.g.conv(x, y, spec);
    b.push(z, Span::ANY);
}

/// Largest and smallest elements only where every window meets some element.
pub fn reduce_window(b: &mut Builder, op: ReduceWindow, dice: &mut Dice<'_>) {
    let x = b.ranked(1, dice);
    let (x, span) = if op == ReduceWindow::Prod { b.inside(x, FACTORS, dice) } else { x };
    let shape = b.g.shape(x).clone();
    let window: Shape = shape.iter().map(|_| 1 + dice.roll(3)).collect();
    let extreme = matches!(op, ReduceWindow::Max | ReduceWindow::Min);
    let one = |dice: &mut Dice<'_>, axis: usize| match extreme {
        true => {
            Slide { stride: 1 + dice.roll(2), low: i64::from(window[axis] > 1 && shape[axis] > 0), ..Slide::default() }
        }
        false => slide(dice),
    };
    let slides: Vec<Slide> = (0..shape.rank()).map(|axis| one(dice, axis)).collect();
    let spec = b.g.intern_window(WindowSpec { window, slides });
    let y = b.g.node(Op::ReduceWindow(op, spec), &[x]);
    b.push(y, if extreme { span } else { Span::ANY });
}
