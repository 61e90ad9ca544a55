//! Random numbers as functions of a key: nodes like all others, so a program with noise has the same bits from run to
//! run, in every executor, at every level of the optimiser, and noise is a constant to a differentiator.
//!
//! A key is an integer scalar; its numbers are Philox4x32-10 of their positions. Use a key once: draw from it, or take
//! new keys from it by [`split`] or [`fold_in`]. The first n numbers of a longer draw are those of a draw of n.
//!
//! ```
//! use wengert::prelude::*;
//! use wengert::random;
//!
//! let g = Graph::new();
//! let (mean, scale) = (g.scalar("mean"), g.scalar("scale"));
//! let [noise, other] = random::split(random::key(&g, 42));
//! let x = mean + scale * random::normal(noise, &[1000]);
//! let y = (x * x * random::uniform(other, &[1000])).sum() / 1000.0;
//! let [d_mean, d_scale] = grad(y, [mean, scale])?;
//! let p = g.compile([y, d_mean, d_scale])?;
//! assert_eq!(p.run(&[0.5, 2.0])?, p.run(&[0.5, 2.0])?);
//! # Ok::<(), Error>(())
//! ```

mod philox;

use std::f64::consts::SQRT_2;

use graph_core::op::{Integer, Op, Unary};
use graph_core::provenance::Site;
use graph_core::{DType, Graph as Core, NodeId, Shape, TensorType, text};

use self::philox::{join, philox, split as halves};
use crate::error::Error;
use crate::expr::{Expr, build};
use crate::graph::Graph;

/// What the words are for: the third word of the counter, so that no two uses of a key meet.
#[derive(Clone, Copy, Debug)]
enum Use {
    Numbers = 0,
    FoldIn = 1,
    Split = 2,
}

/// The key of a seed. Any other integer scalar is a key, too: a parameter, or an element of a tensor of keys.
#[track_caller]
pub fn key(g: &Graph, seed: i64) -> Expr {
    g.integers(&[], &[seed])
}

/// Integers of this shape, all 64 bits random.
#[track_caller]
pub fn bits(key: Expr, shape: &[usize]) -> Expr {
    draw(key, shape, |_, bits| bits)
}

/// Reals of this shape, uniform in [0, 1): the multiples of 2^-53.
#[track_caller]
pub fn uniform(key: Expr, shape: &[usize]) -> Expr {
    draw(key, shape, |core, bits| {
        let top = shifted(core, Integer::ShiftRightLogical, bits, 11);
        scaled(core, top, 0.5f64.powi(53))
    })
}

/// Reals of this shape, of the standard normal distribution: √2·erfinv(u), with u uniform among the odd multiples of
/// 2^-52 in (-1, 1). None is beyond ±8.3.
#[track_caller]
pub fn normal(key: Expr, shape: &[usize]) -> Expr {
    draw(key, shape, |core, bits| {
        let top = shifted(core, Integer::ShiftRight, bits, 11);
        let one = core.splat_like(1.0, top);
        let odd = core.node(Op::Integer(Integer::BitOr), &[top, one]);
        let u = scaled(core, odd, 0.5f64.powi(52));
        let quantile = core.unary(Unary::Erfinv, u);
        let sqrt_2 = core.splat_like(SQRT_2, quantile);
        core.mul(quantile, sqrt_2)
    })
}

/// Keys made of one, independent of each other and of what is drawn from it.
#[track_caller]
pub fn split<const N: usize>(key: Expr) -> [Expr; N] {
    let keys = keyed(key, |core, key| {
        let shape = Shape::new(&[N]);
        Ok(numbers(core, key, Use::Split, &shape))
    });
    std::array::from_fn(|i| keys.at(i))
}

/// The key for an item of this number (an integer scalar, or a whole number), independent of those of other numbers.
#[track_caller]
pub fn fold_in(key: Expr, data: impl Into<Expr>) -> Expr {
    build(
        [key, data.into()],
        |_| None,
        |core, [key, data], site| {
            check(core, "key", key, site)?;
            check(core, "number that is folded in", data, site)?;
            let counter = halves(core, data);
            let [low, high, ..] = block(core, key, Use::FoldIn, counter);
            Ok(join(core, low, high))
        },
    )
}

#[track_caller]
fn draw(key: Expr, shape: &[usize], finish: impl FnOnce(&mut Core, NodeId) -> NodeId) -> Expr {
    let shape = Shape::new(shape);
    keyed(key, |core, key| {
        shape.check()?;
        let bits = numbers(core, key, Use::Numbers, &shape);
        Ok(finish(core, bits))
    })
}

/// Nodes made from a key, which belongs to a graph.
#[track_caller]
fn keyed(key: Expr, make: impl FnOnce(&mut Core, NodeId) -> Result<NodeId, graph_core::Error>) -> Expr {
    build(
        [key],
        |_| None,
        |core, [key], site| {
            check(core, "key", key, site)?;
            make(core, key).map_err(|source| Error::Build { source, site: Some(site) })
        },
    )
}

fn check(core: &Core, what: &str, key: NodeId, site: Site) -> Result<(), Error> {
    let expected = TensorType { dtype: DType::I64, shape: Shape::scalar() };
    if core.ty(key).as_tensor() == Some(&expected) {
        return Ok(());
    }
    let node = text::asked(core, core.op(key), core.operands(key));
    let why =
        format!("a {what} is an i64 scalar, not {}; `random::key` makes one of a seed, `cast` of a real", core.ty(key));
    Err(Error::Build { source: graph_core::Error::DType { node, why }, site: Some(site) })
}

/// 64 random bits for each element: element i is half i mod 2 of block i/2.
fn numbers(core: &mut Core, key: NodeId, purpose: Use, shape: &Shape) -> NodeId {
    let elements = shape.elements();
    let blocks = elements.div_ceil(2);
    let index = core.iota(DType::I64, &Shape::new(&[blocks]), 0);
    let counter = halves(core, index);
    let [a, b, c, d] = block(core, key, purpose, counter);
    let column = Shape::new(&[blocks, 1]);
    let columns = [join(core, a, b), join(core, c, d)].map(|bits| core.reshape(bits, &column));
    let pairs = core.concat(&columns, 1);
    let flat = core.reshape(pairs, &Shape::new(&[2 * blocks]));
    let [zero, one] = [0, 1].map(|n| Shape::new(&[n]));
    let needed = core.slice(flat, &zero, &Shape::new(&[elements]), &one);
    core.reshape(needed, shape)
}

fn block(core: &mut Core, key: NodeId, purpose: Use, [low, high]: [NodeId; 2]) -> [NodeId; 4] {
    let (purpose, zero) = (core.splat_like(f64::from(purpose as u8), low), core.splat_like(0.0, low));
    let key = halves(core, key);
    philox(core, [low, high, purpose, zero], key)
}

fn shifted(core: &mut Core, op: Integer, bits: NodeId, by: u8) -> NodeId {
    let by = core.splat_like(f64::from(by), bits);
    core.node(Op::Integer(op), &[bits, by])
}

/// Integers as multiples of a real; exact, as they have at most 53 bits.
fn scaled(core: &mut Core, integers: NodeId, unit: f64) -> NodeId {
    let reals = core.cast(DType::F64, integers);
    let unit = core.splat_like(unit, reals);
    core.mul(reals, unit)
}
