//! Steps of ops that act element by element: functions, comparisons, integers, casts.

use graph_core::op::{Binary, Compare, Integer, Logic, Nth, Op, Test, Unary};
use graph_core::{DType, NodeId};

use super::builder::Builder;
use super::domain::{self, MEMBERS, Span};
use super::gene::Dice;

pub fn constant(b: &mut Builder, dice: &mut Dice<'_>) {
    let (x, _) = b.any(dice);
    let offset = dice.roll(32);
    let numbers = match dice.roll(3) {
        0 => b.g.splat_like([0.0, 1.0, -1.0, 0.5, 2.0][offset % 5], x),
        _ => b.numbers(x, offset),
    };
    b.push(numbers, Span::new(-1.0, 2.0));
}

pub fn unary(b: &mut Builder, op: Unary, dice: &mut Dice<'_>) {
    let x = b.any(dice);
    if op.eval_i64(0).is_some() && dice.roll(8) == 7 {
        let n = b.integers_like(x, dice);
        let y = b.g.unary(op, n);
        return b.push(y, Span::ANY);
    }
    let (mut x, mut span) = b.inside(x, domain::unary(op), dice);
    if op == Unary::StopGradient {
        // differences look through it
        (x, span) = (b.g.unary(Unary::Floor, x), domain::unary_image(Unary::Floor, span));
    }
    let y = b.g.unary(op, x);
    b.push(y, domain::unary_image(op, span));
}

pub fn nth(b: &mut Builder, op: Nth, dice: &mut Dice<'_>) {
    let member = dice.roll(MEMBERS.len());
    let member = if op.has(MEMBERS[member]) { member } else { 0 };
    let x = b.any(dice);
    let (x, span) = b.inside(x, domain::nth(op, member), dice);
    let y = b.g.nth(op, MEMBERS[member], x);
    b.push(y, domain::nth_image(op, MEMBERS[member], span));
}

pub fn binary(b: &mut Builder, op: Binary, dice: &mut Dice<'_>) {
    let x = b.any(dice);
    if op.eval_i64(0, 1).is_some() && dice.roll(8) == 7 {
        let (n, m) = (b.integers_like(x, dice), b.integers_like(x, dice));
        let y = b.g.binary(op, n, m);
        return b.push(y, Span::ANY);
    }
    let y = b.partner(x.0, dice);
    let spans = domain::binary(op);
    let (x, y) = (b.inside(x, spans[0], dice), b.inside(y, spans[1], dice));
    let sign = if op == Binary::Copysign { off_zero(b, y.0) } else { y.0 };
    let z = b.g.binary(op, x.0, sign);
    b.push(z, domain::binary_image(op, [x.1, y.1]));
}

/// A number in place of a zero, whose sign an optimised program need not keep.
fn off_zero(b: &mut Builder, x: NodeId) -> NodeId {
    let little = b.g.splat_like(1.0 / 1024.0, x);
    b.g.add(x, little)
}

pub fn compare(b: &mut Builder, op: Compare, dice: &mut Dice<'_>) {
    let x = b.any(dice);
    let (y, _) = b.partner(x.0, dice);
    let c = b.g.compare(op, x.0, y);
    b.push(c, Span::ANY);
}

pub fn logic(b: &mut Builder, op: Logic, dice: &mut Dice<'_>) {
    let x = b.any(dice);
    let operands = [b.truths_like(x, dice), b.truths_like(x, dice)];
    let c = b.g.node(Op::Logic(op), &operands[..op.arity()]);
    b.push(c, Span::ANY);
}

/// Integers may become as large as they are; as real numbers they come back by their lowest bits.
pub fn integer(b: &mut Builder, op: Integer, dice: &mut Dice<'_>) {
    let x = b.any(dice);
    let operands = [b.integers_like(x, dice), b.integers_like(x, dice)];
    let n = b.g.node(Op::Integer(op), &operands[..op.arity()]);
    b.push(n, Span::ANY);
    let (y, span) = b.low_bits(n);
    b.push(y, span);
}

pub fn test(b: &mut Builder, op: Test, dice: &mut Dice<'_>) {
    let (x, _) = b.any(dice);
    let c = b.g.node(Op::Test(op), &[x]);
    b.push(c, Span::ANY);
}

/// Exponent and first bits of a real number, or a real number from such: a step function either way.
pub fn bitcast(b: &mut Builder, dice: &mut Dice<'_>) {
    let x = b.any(dice);
    if dice.flip() {
        let n = b.integers_like(x, dice);
        let (few, place, one) = (b.g.splat_like(3.0, n), b.g.splat_like(50.0, n), b.g.splat_like(1023.0 * 4.0, n));
        let low = b.g.node(Op::Integer(Integer::BitAnd), &[n, few]);
        let bits = b.g.node(Op::Integer(Integer::BitOr), &[low, one]);
        let bits = b.g.node(Op::Integer(Integer::ShiftLeft), &[bits, place]);
        let y = b.g.node(Op::Bitcast(DType::F64), &[bits]);
        return b.push(y, Span::new(1.0, 2.0));
    }
    let x = off_zero(b, x.0);
    let bits = b.g.node(Op::Bitcast(DType::I64), &[x]);
    let place = b.g.splat_like(51.0, bits);
    let n = b.g.node(Op::Integer(Integer::ShiftRight), &[bits, place]);
    b.push(n, Span::ANY);
}

pub fn select(b: &mut Builder, dice: &mut Dice<'_>) {
    let x = b.any(dice);
    let y = b.partner(x.0, dice);
    let c = b.truths_like(x, dice);
    let z = b.g.select(c, x.0, y.0);
    if z != x.0 {
        b.push(z, x.1.join(y.1));
    }
}

/// To integers, from integers, from truth values, to single precision, from single precision.
pub fn cast(b: &mut Builder, dice: &mut Dice<'_>) {
    let x = b.any(dice);
    match dice.roll(5) {
        0 => {
            let n = b.steps(x, dice);
            b.push(n, Span::ANY);
        }
        1 => {
            let c = b.truths_like(x, dice);
            let y = b.g.cast(DType::F64, c);
            b.push(y, Span::new(0.0, 1.0));
        }
        2 => {
            let n = b.integers_like(x, dice);
            let (y, span) = b.low_bits(n);
            b.push(y, span);
        }
        3 if dice.roll(4) == 3 => {
            let y = b.g.cast(DType::F32, x.0);
            let y = b.g.unary(dice.pick(&[Unary::Sin, Unary::Tanh, Unary::Sigmoid]), y);
            b.push(y, Span::UNIT);
        }
        _ => match b.singles.last() {
            Some(&y) => {
                let y = b.g.cast(DType::F64, y);
                b.push(y, Span::ANY);
            }
            None => {
                let n = b.integers_like(x, dice);
                let c = b.g.cast(DType::Bool, n);
                b.push(c, Span::ANY);
            }
        },
    }
}
