//! Tensors: the adjoint of a matrix product is a matrix product.

use std::fmt::Write as _;

use wengert::prelude::*;

const A: [f64; 6] = [1.0, 2.0, -1.0, 0.5, 3.0, 1.0];
const X: [f64; 2] = [0.3, -0.7];
const B: [f64; 3] = [1.0, 0.0, -2.0];

pub fn section(out: &mut String) -> Result<(), Error> {
    let g = Graph::new();
    let (a, x, b) = (g.tensor("a", &[3, 2]), g.tensor("x", &[2]), g.tensor("b", &[3]));
    let residual = a.dot(x) - b;
    let y = (residual * residual).sum() * 0.5;
    let [by_x] = grad(y, [x])?;
    let found = g.compile(by_x)?.run(&[&A[..], &X, &B].concat())?;
    let by_hand = normal_residual();
    let _ = writeln!(out, "½|Ax − b|² with A of 3 × 2. Its gradient, optimised:\n");
    let _ = writeln!(out, "{}", g.function("least_squares", by_x)?.optimize(wengert::Level::Safe).0.text());
    let _ = writeln!(out, "value        {:.10}  {:.10}", found[0], found[1]);
    let _ = writeln!(out, "Aᵀ(Ax − b)   {:.10}  {:.10}", by_hand[0], by_hand[1]);
    Ok(())
}

/// Aᵀ(Ax − b) by loops.
fn normal_residual() -> [f64; 2] {
    let mut gradient = [0.0; 2];
    for row in 0..3 {
        let entries = [A[2 * row], A[2 * row + 1]];
        let residual = entries[0] * X[0] + entries[1] * X[1] - B[row];
        gradient[0] += entries[0] * residual;
        gradient[1] += entries[1] * residual;
    }
    gradient
}
