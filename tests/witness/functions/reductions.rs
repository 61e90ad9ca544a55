//! Broadcasting, reductions, normalisations, running combinations and orders.

use wengert::prelude::*;
use wengert::{Cumulate, Reduce, sort_together};

use super::{Table, part};

/// Of `y` where x is large, else −∞.
fn masked(x: Expr, y: Expr) -> Expr {
    x.gt(0.3).select(y, f64::NEG_INFINITY)
}

pub const TABLE: Table = &[
    ("broadcast", |_, x| x * part(x, &[0, 0], &[3, 1]) + x.at(0) / (part(x, &[0, 1], &[3, 2]) + 1.0)),
    ("reduce prod", |_, x| x.reduce(Reduce::Prod, &[1])),
    ("reduce max min", |_, x| x.square().reduce(Reduce::Max, &[1]) * x.reduce(Reduce::Min, &[1])),
    ("logsumexp", |_, x| (x * 3.0).logsumexp(&[1])),
    ("mean var std", |_, x| x.mean(&[1]) * x.var(&[1]) + x.std(&[1])),
    ("norm", |_, x| x.norm(&[0])),
    ("softmax", |_, x| (x * 2.0).softmax(1)),
    ("log softmax", |_, x| (x * 2.0).log_softmax(1)),
    ("layer norm", |_, x| x.layer_norm(&[1], 1e-5)),
    ("cross entropy", |g, x| {
        let target = g.constant(&[2, 3], &[0.2, 0.3, 0.5, 1.0, 0.0, 0.0]);
        (x * 3.0).cross_entropy(target, 1).sum()
    }),
    ("cumsum", |_, x| x.square().cumsum(1)),
    ("cumprod", |_, x| x.cumprod(1)),
    ("cummax", |_, x| x.square().cummax(0)),
    ("cumlogsumexp", |_, x| (x * 2.0).cumlogsumexp(1)),
    ("sort", |_, x| x.square().sort(0)),
    ("top k", |_, x| x.square().top_k(3, 0).0),
    ("median", |_, x| x.square().median(0).square()),
    ("argsort carries", |_, x| x.sin().take(0, x.argsort(0))),
    ("means of several axes", |_, x| x.sin().mean(&[0, 2]).square()),
    ("norm of rows", |_, x| x.norm(&[1])),
    ("layer norm of planes", |_, x| x.layer_norm(&[1, 2], 1e-3) * x.sin()),
    ("rms norm", |_, x| x * (x.square().mean(&[1]) + 1e-5).rsqrt().reshape(&[2, 1])),
    ("masked softmax", |_, x| masked(x, x * 2.0).softmax(1)),
    ("masked logsumexp", |_, x| masked(x, x * 3.0).logsumexp(&[1])),
    ("class cross entropy", |g, x| (x * 3.0).class_cross_entropy(g.integers(&[2], &[2, 0]), 1)),
    ("prod with a zero", |_, x| (x - x.at(1)).prod()),
    ("cumprod reverse", |_, x| x.cumulate(Cumulate::Prod, 0, true)),
    ("cummin reverse", |_, x| x.square().cumulate(Cumulate::Min, 0, true)),
    ("sort descending", |_, x| sort_together(&[x.square()], 1, true)[0]),
    ("sort carries", |_, x| sort_together(&[x.square(), (x * 3.0).sin()], 0, false)[1]),
    ("median of even many", |_, x| x.square().median(0).square()),
    ("top k places", |_, x| x.sin().take(0, x.square().top_k(2, 0).1) * part(x, &[0], &[2])),
    ("argmax", |_, x| x.take(0, (x * 3.0).sin().top_k(1, 0).1.at(0)).powi(3)),
    ("one hot", |_, x| (x * 3.0).floor().cast(DType::I64).one_hot(3) * x.square().reshape(&[4, 1])),
];
