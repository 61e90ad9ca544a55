//! Formulas of one number at many points, and a long recurrence of numbers.

use wengert::prelude::*;
use wengert::{Tensor, Value};

use super::{Case, Failure, made, tensor};
use crate::data::Inputs;

/// The n-th derivative of sin(x²)·exp(−x)/(1 + x²) at a thousand points: a power series along the vector of ones, as each
/// result depends on its own point alone.
pub fn nth(inputs: &Inputs, n: usize) -> Result<Case, Failure> {
    let x = inputs.array("x")?;
    Case::new(|| {
        let f = Function::new("f", &[("x", tensor(&[x.len()]))], |v| {
            let square = v[0].square();
            square.sin() * (-v[0]).exp() / (1.0 + square)
        })?;
        let ones = Value::Tensor(Tensor::f64(&[x.len()], vec![1.0; x.len()]).expect("as many as the shape has"));
        let derivative = f.directional("x", n)?.bind(&[("dx", ones)])?;
        Ok(vec![made("primal", f, x), made("deriv", derivative, x)])
    })
}

/// Eight operations a step, ten parameters.
pub fn recurrence(inputs: &Inputs, operations: usize) -> Result<Case, Failure> {
    let at = inputs.arrays(&["p", "x0"])?;
    Case::new(|| {
        let f = Function::new("f", &[("v", tensor(&[12]))], |v| {
            let p: Vec<Expr> = (0..10).map(|i| v[0].at(i)).collect();
            let (mut x, mut y) = (v[0].at(10), v[0].at(11));
            for k in 0..operations / 8 {
                (x, y) = (p[k % 10] * x + y.sin() * p[(k + 3) % 10], y * p[(k + 7) % 10] + 0.1 * x + p[k % 7]);
            }
            x * y
        })?;
        let gradient = f.grad("v")?;
        Ok(vec![made("primal", f, &at), made("deriv", gradient, &at)])
    })
}
