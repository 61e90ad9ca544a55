//! Steps of ops that move elements.

use graph_core::op::{Axes, PadSpec};
use graph_core::{DType, NodeId, Shape};

use super::builder::{Builder, MOST};
use super::domain::Span;
use super::gene::Dice;

pub fn iota(b: &mut Builder, dice: &mut Dice<'_>) {
    let (x, _) = b.ranked(1, dice);
    let shape = b.g.shape(x).clone();
    let axis = dice.roll(shape.rank());
    let dtype = dice.pick(&[DType::F64, DType::I64]);
    let y = b.g.iota(dtype, &shape, axis);
    b.push(y, Span::new(0.0, MOST as f64));
}

/// Repeats along one more axis.
pub fn broadcast(b: &mut Builder, dice: &mut Dice<'_>) {
    let (x, span) = b.any(dice);
    let shape = b.g.shape(x).clone();
    let extent = dice.pick(&[2, 3, 1, 2, 3, 0]);
    if shape.elements() * extent > MOST || shape.rank() > 2 {
        return reverse(b, dice);
    }
    let at = dice.roll(shape.rank() + 1);
    let mut extents = shape.to_vec();
    extents.insert(at, extent);
    let axes: Axes = (0..extents.len()).filter(|&axis| axis != at).collect();
    let y = b.g.broadcast(x, &Shape::new(&extents), &axes);
    b.push(y, span);
}

/// Flat, or split in two, or with an axis of one element.
pub fn reshape(b: &mut Builder, dice: &mut Dice<'_>) {
    let (x, span) = b.any(dice);
    let n = b.g.shape(x).elements();
    let rows = dice.pick(&[1, 2, 3, 4, 6]);
    let shape = match dice.roll(4) {
        0 => Shape::new(&[n]),
        1 if n.is_multiple_of(rows) && n > 0 => Shape::new(&[n / rows, rows]),
        2 if n.is_multiple_of(rows) && n > 0 => Shape::new(&[rows, n / rows]),
        _ => Shape::new(&[1, n]),
    };
    let y = b.g.reshape(x, &shape);
    b.push(y, span);
}

pub fn permute(b: &mut Builder, dice: &mut Dice<'_>) {
    let (x, span) = b.ranked(2, dice);
    let rank = b.g.shape(x).rank();
    let mut left: Vec<usize> = (0..rank).rev().collect();
    let axes: Axes = (0..rank).map(|_| left.remove(dice.roll(left.len()))).collect();
    let y = b.g.permute(x, &axes);
    b.push(y, span);
}

pub fn slice(b: &mut Builder, dice: &mut Dice<'_>) {
    let (x, span) = b.ranked(1, dice);
    let shape = b.g.shape(x).clone();
    let mut one = |extent: usize| {
        let start = dice.roll(extent.min(3) + 1).min(extent.saturating_sub(1));
        let limit = extent - dice.roll(extent - start + 1).min(2);
        [start, limit, 1 + dice.roll(2)]
    };
    let each: Vec<[usize; 3]> = shape.iter().map(|&extent| one(extent)).collect();
    let [start, limit, stride] = [0, 1, 2].map(|at| each.iter().map(|axis| axis[at]).collect::<Shape>());
    let y = b.g.slice(x, &start, &limit, &stride);
    b.push(y, span);
}

pub fn pad(b: &mut Builder, dice: &mut Dice<'_>) {
    let (x, span) = b.ranked(1, dice);
    let (fill, fills) = b.scalar(dice);
    let rank = b.g.shape(x).rank();
    if b.g.shape(x).elements() > MOST / 3 {
        return reverse(b, dice);
    }
    let mut each = |most: usize| -> Shape { (0..rank).map(|_| dice.roll(most + 1)).collect() };
    let spec = PadSpec { low: each(2), high: each(1), interior: each(1) };
    let y = b.g.pad(x, fill, spec);
    b.push(y, span.join(fills));
}

pub fn concat(b: &mut Builder, dice: &mut Dice<'_>) {
    let x = b.ranked(1, dice);
    let y = b.partner(x.0, dice);
    if b.g.shape(x.0).elements() * 3 > MOST {
        return reverse(b, dice);
    }
    let axis = dice.roll(b.g.shape(x.0).rank());
    let lists: [&[NodeId]; 3] = [&[x.0, y.0], &[y.0, x.0, x.0], &[x.0, x.0]];
    let z = b.g.concat(lists[dice.roll(3)], axis);
    b.push(z, x.1.join(y.1));
}

pub fn reverse(b: &mut Builder, dice: &mut Dice<'_>) {
    let (x, span) = b.ranked(1, dice);
    let axes: Axes = (0..b.g.shape(x).rank()).filter(|&axis| axis == 0 || dice.flip()).collect();
    let y = b.g.reverse(x, &axes);
    b.push(y, span);
}
