//! Optimal control of a cart-pole by collocation: the sparse Jacobian of the equations and the Hessian of the Lagrangian.

use wengert::prelude::*;

use super::{Case, Failure, Made, made, tensor};
use crate::data::Inputs;

const STEP: f64 = 0.02;

/// How the state (position, angle, and how fast both change) changes under a force.
fn rates(x: [Expr; 4], force: Expr) -> [Expr; 4] {
    let (s, c) = (x[1].sin(), x[1].cos());
    let d = 1.0 + 0.3 * s.square();
    let pull = 0.15 * s * x[3].square();
    let cart = (pull + force + 2.943 * c * s) / d;
    let pole = -(pull * c + force * c + 1.3 * 9.81 * s) / (0.5 * d);
    [x[2], x[3], cart, pole]
}

/// Defects of Hermite and Simpson's rule on all intervals, each a vector, and the cost.
fn collocation(w: Expr, n: usize) -> ([Expr; 4], Expr) {
    let part = |i: usize, from: usize| w.slice(&[from, i], &[from + n, i + 1], &[1, 1]).reshape(&[n]);
    let each = [0, 1, 2, 3];
    let (a, b) = (each.map(|i| part(i, 0)), each.map(|i| part(i, 1)));
    let (first, last) = (part(4, 0), part(4, 1));
    let (start, end) = (rates(a, first), rates(b, last));
    let middle = each.map(|i| 0.5 * (a[i] + b[i]) + STEP / 8.0 * (start[i] - end[i]));
    let middle = rates(middle, 0.5 * (first + last));
    let defects = each.map(|i| b[i] - a[i] - STEP / 6.0 * (start[i] + 4.0 * middle[i] + end[i]));
    (defects, (STEP / 2.0 * (first.square() + last.square())).sum())
}

pub fn cart_pole(inputs: &Inputs) -> Result<Case, Failure> {
    let n = inputs.shape("lam")?[0];
    let (w, both) = (inputs.array("w")?, inputs.arrays(&["w", "lam"])?);
    let params = [("w", tensor(&[n + 1, 5])), ("lam", tensor(&[n, 4]))];
    Case::new(|| {
        let lagrangian = Function::new("lagrangian", &params, |v| {
            let (defects, cost) = collocation(v[0], n);
            let multiplied = |i: usize| defects[i].dot(v[1].slice_along(1, i..i + 1).reshape(&[n]));
            [0, 1, 2, 3].map(multiplied).into_iter().sum::<Expr>() + cost
        })?;
        let equations = Function::new("equations", &params[..1], |v| concat(&collocation(v[0], n).0, 0))?;
        let (jacobian, hessian) = (equations.sparse_jacobian("w")?, lagrangian.sparse_hessian("w")?);
        let entries: std::collections::HashMap<(usize, usize), usize> =
            hessian.pattern.coordinates().enumerate().map(|(at, place)| (place, at)).collect();
        // Those that are no entries are zeros, which are compared as well: they stand behind the last entry.
        let chosen = order(n).into_iter().map(|place| entries.get(&place).copied().unwrap_or(entries.len())).collect();
        let (g, _, values) = hessian.function.open();
        let function = g.function("hessian", concat(&[values[0], g.constant(&[1], &[0.0])], 0))?;
        let hessian = Made { name: "hess", function, inputs: both.clone(), chosen: Some(chosen) };
        Ok(vec![made("primal", lagrangian, &both), made("jac", jacobian.function, w), hessian])
    })
}

/// Row and column of the lower triangle, node by node: the own block, then the one that couples with the next.
fn order(n: usize) -> Vec<(usize, usize)> {
    let own = |k: usize| (0..5).flat_map(move |i| (0..=i).map(move |j| (5 * k + i, 5 * k + j)));
    let coupled = |k: usize| (0..5).flat_map(move |i| (0..5).map(move |j| (5 * (k + 1) + i, 5 * k + j)));
    (0..=n).flat_map(|k| own(k).chain(coupled(k).take(if k < n { 25 } else { 0 }))).collect()
}
