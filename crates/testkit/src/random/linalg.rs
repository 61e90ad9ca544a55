//! Steps of linear algebra, on matrices that are made regular and have singular values far apart.

use graph_core::op::{Compare, Linalg, Triangle};
use graph_core::{DType, NodeId, Shape};

use super::builder::Builder;
use super::domain::Span;
use super::gene::Dice;

/// Rows, columns and sometimes a batch.
fn extents(dice: &mut Dice<'_>, square: bool) -> Shape {
    let rows = dice.pick(&[2, 3, 1, 2, 3, 2, 4, 0]);
    let columns = if square { rows } else { dice.pick(&[2, 3, 1, 4]) };
    if dice.roll(4) == 3 { Shape::new(&[2, rows, columns]) } else { Shape::new(&[rows, columns]) }
}

/// Small numbers in these matrices.
fn numbers(b: &mut Builder, shape: &Shape, dice: &mut Dice<'_>) -> NodeId {
    let x = b.any(dice);
    let (x, _) = b.inside(x, Span::new(-0.6, 0.6), dice);
    let (x, noise) = (b.fitted(x, shape), dice.roll(8));
    let weights = b.numbers(x, noise);
    let weights = b.scaled(weights, 0.2);
    b.g.add(x, weights)
}

/// Numbers that are far apart added to the diagonal.
fn regular(b: &mut Builder, shape: &Shape, dice: &mut Dice<'_>) -> NodeId {
    let x = numbers(b, shape, dice);
    let steps = b.g.iota(DType::F64, shape, shape.rank() - 1);
    let steps = b.scaled(steps, 1.5);
    let first = b.g.splat_like(2.5, x);
    let diagonal = b.g.add(first, steps);
    let (zero, mask) = (b.g.splat_like(0.0, x), b.g.triangle_mask(x, Compare::Eq));
    let diagonal = b.g.select(mask, diagonal, zero);
    b.g.add(x, diagonal)
}

pub fn linalg(b: &mut Builder, op: Linalg, dice: &mut Dice<'_>) {
    let shape = extents(dice, op.is_square());
    let x = match op {
        Linalg::Expm | Linalg::Cofactor => numbers(b, &shape, dice),
        _ => regular(b, &shape, dice),
    };
    let operands = match op {
        Linalg::Solve => vec![x, right_side(b, &shape, dice)],
        _ => vec![x],
    };
    let y = b.g.linalg(op, &operands);
    b.push(y, Span::ANY);
}

fn right_side(b: &mut Builder, shape: &Shape, dice: &mut Dice<'_>) -> NodeId {
    let mut extents = shape.to_vec();
    let last = extents.len() - 1;
    extents[last] = 1 + dice.roll(2);
    numbers(b, &Shape::new(&extents), dice)
}

pub fn triangular_solve(b: &mut Builder, dice: &mut Dice<'_>) {
    let shape = extents(dice, true);
    let triangle = Triangle { upper: dice.flip(), transposed: dice.flip(), unit: dice.flip() };
    let x = regular(b, &shape, dice);
    let right = right_side(b, &shape, dice);
    let y = b.g.triangular_solve(x, right, triangle);
    b.push(y, Span::ANY);
}
