//! Problem 5 of I. E. Lagaris, A. Likas and D. I. Fotiadis, *Artificial neural networks for solving ordinary and partial
//! differential equations*, IEEE Trans. Neural Networks 9, 1998: Δu = e⁻ˣ(x − 2 + y³ + 6y) in the unit square, with
//! u = e⁻ˣ(x + y³) on its boundary, and so inside.

use wengert::prelude::*;

/// The right side.
pub fn source(x: Expr, y: Expr) -> Expr {
    (-x).exp() * (x - 2.0 + y.powi(3) + 6.0 * y)
}

/// The solution, for numbers and for tracing alike.
pub fn solution<S: Scalar>(x: S, y: S) -> S {
    (-x).exp() * (x + y.powi(3))
}

/// A function with the values of the solution on the boundary, whatever `network` is inside.
pub fn trial(x: Expr, y: Expr, network: Expr) -> Expr {
    let e = (-1f64).exp();
    let boundary = (1.0 - x) * y.powi(3)
        + x * (1.0 + y.powi(3)) * e
        + (1.0 - y) * x * ((-x).exp() - e)
        + y * ((1.0 + x) * (-x).exp() - (1.0 - x + 2.0 * e * x));
    boundary + x * (1.0 - x) * y * (1.0 - y) * network
}
