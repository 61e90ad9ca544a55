//! The cart-pole: a cart on a rail, pushed by a force, and a pole that hangs from it. Kelly 2017.

use wengert::prelude::*;

/// Position of the cart, angle of the pole from hanging down, and how fast both change.
pub const STATES: usize = 4;
/// At rest, hanging.
pub const START: [f64; STATES] = [0.0; STATES];
/// At rest one metre further, upright.
pub const END: [f64; STATES] = [1.0, std::f64::consts::PI, 0.0, 0.0];

const CART: f64 = 1.0;
const POLE: f64 = 0.3;
const LENGTH: f64 = 0.5;
const GRAVITY: f64 = 9.81;

/// How position and angle are accelerated, in m/s² and rad/s², at an angle, an angular velocity and a force in N. Of numbers
/// or of expressions.
pub fn acceleration<S: Scalar>(angle: S, turning: S, force: S) -> [S; 2] {
    let number = S::constant;
    let (s, c) = (angle.sin(), angle.cos());
    let pull = number(LENGTH * POLE) * s * turning * turning + force;
    let denominator = number(CART) + number(POLE) * s * s;
    let cart = (pull + number(POLE * GRAVITY) * c * s) / denominator;
    let pole = -(c * pull + number((CART + POLE) * GRAVITY) * s) / (number(LENGTH) * denominator);
    [cart, pole]
}
