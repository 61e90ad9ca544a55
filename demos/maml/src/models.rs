//! Two learners: a quadratic polynomial, whose meta-gradient is known in closed form, and a network.

use wengert::prelude::*;

use crate::learner::Learner;

/// θ₀ + θ₁x + θ₂x²: linear in the weights.
pub const POLYNOMIAL: Learner = Learner { predict: polynomial, weights: 3, shots: 5, rate: 0.1 };

/// Units of each of two hidden layers.
const HIDDEN: usize = 20;

/// A network for functions of one number.
pub const NETWORK: Learner = Learner { predict: network, weights: HIDDEN * (HIDDEN + 4) + 1, shots: 10, rate: 0.01 };

fn polynomial(theta: Expr, x: Expr) -> Expr {
    theta.dot(stack(&[x.powi(0), x, x.square()]))
}

fn network(theta: Expr, x: Expr) -> Expr {
    const H: usize = HIDDEN;
    let part = |from: usize, len: usize| theta.slice_along(0, from..from + len);
    let (w1, b1, b2, v) = (part(0, H), part(H, H), part(2 * H, H), part(3 * H, H));
    let (w2, c) = (part(4 * H, H * H).reshape(&[H, H]), theta.at(H * (H + 4)));
    let shots = x.shape().map_or(0, |shape| shape[0]);
    let first = (x.reshape(&[shots, 1]) * w1 + b1).tanh();
    (first.dot(w2) + b2).tanh().dot(v) + c
}
