//! Programs of several steps: chains, recurrences, losses.

use wengert::prelude::*;
use wengert::{Reduce, einsum};

use super::{Table, part, spd};

/// A step of Runge and Kutta.
fn step(x: Expr, slope: impl Fn(Expr) -> Expr) -> Expr {
    let a = slope(x);
    let b = slope(x + a * 0.1);
    let c = slope(x + b * 0.1);
    let d = slope(x + c * 0.2);
    x + (a + b * 2.0 + c * 2.0 + d) * (0.2 / 6.0)
}

pub const TABLE: Table = &[
    ("sum of squares", |_, x| x.square().sum()),
    ("rosenbrock", |_, x| {
        let (low, high) = (part(x, &[0], &[3]), part(x, &[1], &[4]));
        ((high - low.square()).square() * 100.0 + (1.0 - low).square()).sum()
    }),
    ("recurrence", |_, x| {
        let step = |h: Expr, row: usize| (h * 0.5 + x.at(row)).tanh();
        (1..4).fold(x.at(0).tanh(), step).square()
    }),
    ("gaussian log density", |g, x| {
        let covariance = spd(g, einsum("i,j->ij", &[x.sin(), x]));
        x.dot(covariance.solve(x)) * -0.5
    }),
    ("mlp", |g, x| {
        let w = g.constant(&[2, 3], &[0.3, -0.2, 0.5, 0.1, 0.4, -0.6]);
        w.matmul(x.transpose()).tanh().matmul(x).tanh().square().sum()
    }),
    ("newton", |_, x| (0..5).fold(x, |y, _| y - (y * y * y - x) / (y * y * 3.0))),
    ("pendulum", |_, x| (0..3).fold(x, |x, _| step(x, |x| stack(&[x.at(1), -x.at(0).sin()])))),
    ("gaussian mixture", |_, x| {
        let (points, centres) = (part(x, &[0, 0], &[2, 2]), part(x, &[2, 0], &[4, 2]));
        let difference = points.reshape(&[2, 1, 2]) - centres.reshape(&[1, 2, 2]);
        -(difference.square().reduce(Reduce::Sum, &[2]) * -5.0).logsumexp(&[1]).sum()
    }),
    ("gated cell", |g, x| {
        (0..3).fold(g.constant(&[2], &[0.0; 2]), |h, row| {
            let z = (x.at(row) + h * 0.5).sigmoid();
            (1.0 - z) * h + z * (x.at(row) * 2.0 - h).tanh()
        })
    }),
    ("power iteration", |g, x| {
        let a = x.matmul(x.transpose());
        let next = |v: Expr, _| a.dot(v) / a.dot(v).norm(&[0]);
        let v = (0..3).fold(g.constant(&[2], &[1.0; 2]), next);
        v.dot(a.dot(v))
    }),
    ("transfer matrices", |g, x| {
        let (spins, fields) =
            (g.constant(&[2, 2], &[1.0, -1.0, -1.0, 1.0]), g.constant(&[2, 2], &[1.0, 0.0, 0.0, -1.0]));
        let site = |row: usize| (spins * x.at(row).at(1) + fields * x.at(row).at(0)).exp();
        (1..3).fold(site(0), |product, row| product.matmul(site(row))).trace().ln()
    }),
    ("softmax regression", |g, x| {
        let data = g.constant(&[2, 3], &[1.0, 2.0, -1.0, 0.5, -0.3, 0.8]);
        let loss = data.matmul(x).class_cross_entropy(g.integers(&[2], &[1, 0]), 1);
        loss.sum() + x.square().sum() * 0.1
    }),
];
