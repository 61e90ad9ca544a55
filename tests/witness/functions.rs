//! The functions of `tests/data/jax/generate.py`, by name, written with expressions.

mod elementwise;
mod matrices;
mod movement;
mod products;
mod programs;
mod reductions;

use wengert::prelude::*;

/// From a tensor to a tensor; constants are made in the graph.
pub type Build = fn(&Graph, Expr) -> Expr;

/// Functions of a family, by name.
type Table = &'static [(&'static str, Build)];

const TABLES: [Table; 6] =
    [elementwise::TABLE, reductions::TABLE, products::TABLE, movement::TABLE, matrices::TABLE, programs::TABLE];

/// Every function, by name.
pub fn all() -> impl Iterator<Item = (&'static str, Build)> {
    TABLES.into_iter().flatten().copied()
}

/// x plus 2, 3, 4, … on the diagonal.
fn regular(g: &Graph, x: Expr) -> Expr {
    let n = x.shape().and_then(|shape| shape.last().copied()).expect("matrices");
    let diagonal: Vec<f64> = (0..n * n).map(|at| if at / n == at % n { 2.0 + (at / n) as f64 } else { 0.0 }).collect();
    x + g.constant(&[n, n], &diagonal)
}

/// A symmetric matrix with large eigenvalues.
fn spd(g: &Graph, x: Expr) -> Expr {
    regular(g, x.matmul(x.transpose()))
}

fn part(x: Expr, start: &[usize], limit: &[usize]) -> Expr {
    x.slice(start, limit, &vec![1; start.len()])
}

fn reversed(x: Expr) -> Expr {
    x.reverse(&[0])
}
