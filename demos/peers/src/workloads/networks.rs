//! Networks: a Hessian product, learning to learn, and a diagonal LSTM.

use wengert::prelude::*;

use super::{Case, Failure, made, tensor};
use crate::data::Inputs;

/// The mean squared error of two layers of tanh and one that is linear.
fn loss(p: &[Expr], x: Expr, y: Expr) -> Expr {
    let hidden = (x.matmul(p[0]) + p[1]).tanh();
    let hidden = (hidden.matmul(p[2]) + p[3]).tanh();
    (hidden.matmul(p[4]) + p[5] - y).square().mean(&[0, 1])
}

/// Loss, gradient and Hessian product by all weights.
pub fn mlp(inputs: &Inputs) -> Result<Case, Failure> {
    let weights = ["p0", "p1", "p2", "p3", "p4", "p5"];
    let names = [&weights[..], &["x", "y"]].concat();
    let at = inputs.arrays(&names)?;
    let along = [&at[..], &inputs.arrays(&["v0", "v1", "v2", "v3", "v4", "v5"])?].concat();
    let specs = specs(inputs, &names)?;
    Case::new(|| {
        let f = Function::new("loss", &specs, |v| loss(&v[..6], v[6], v[7]))?;
        let (gradient, product) = (f.grad(weights)?, f.hvp(weights)?);
        Ok(vec![made("primal", f, &at), made("grad", gradient, &at), made("deriv", product, &along)])
    })
}

/// Names and types of parameters.
fn specs<'n>(inputs: &Inputs, names: &[&'n str]) -> Result<Vec<(&'n str, Type)>, String> {
    names.iter().map(|&name| Ok((name, tensor(inputs.shape(name)?)))).collect()
}

/// The gradient of the mean loss of several tasks after five steps of descent on each.
pub fn maml(inputs: &Inputs) -> Result<Case, Failure> {
    let weights = ["W0", "b0", "W1", "b1", "W2", "b2"];
    let examples = ["xs", "ys", "xq", "yq"];
    let at = inputs.arrays(&[&weights[..], &examples].concat())?;
    let mut specs = specs(inputs, &weights)?;
    let (tasks, shots) = (inputs.shape("xs")?[0], inputs.shape("xs")?[1]);
    specs.extend(examples.map(|name| (name, tensor(&[shots, 1]))));
    Case::new(|| {
        let task = Function::new("task", &specs, |v| {
            let mut p = v[..6].to_vec();
            for _ in 0..5 {
                match grad(loss(&p, v[6], v[7]), p.clone()) {
                    Ok(slope) => p.iter_mut().zip(slope).for_each(|(p, slope)| *p -= 0.01 * slope),
                    Err(_) => return v[0], // the graph keeps the mistake
                }
            }
            loss(&p, v[8], v[9])
        })?;
        let axes = [vec![None; 6], vec![Some(0); 4]].concat();
        let (g, _, losses) = task.vmap(&axes, tasks)?.open();
        let f = g.function("maml", losses[0].mean(&[0]))?;
        let gradient = f.grad(weights)?;
        Ok(vec![made("primal", f, &at), made("deriv", gradient, &at)])
    })
}

/// The diagonal LSTM of ADBench, unrolled over its sequence, and the gradient by both kinds of parameters.
pub fn lstm(inputs: &Inputs) -> Result<Case, Failure> {
    let names = ["main", "extra", "state", "seq"];
    let at = inputs.arrays(&names)?;
    let (layers, steps, bits) = (inputs.shape("main")?[0], inputs.shape("seq")?[0], inputs.shape("seq")?[1]);
    let specs = specs(inputs, &names)?;
    Case::new(|| {
        let f = Function::new("lstm", &specs, |v| {
            let row = |x: Expr, at: usize| x.slice_along(0, at..at + 1).reshape(&[bits]);
            let (main, state) = (v[0].reshape(&[layers * 8, bits]), v[2].reshape(&[layers * 2, bits]));
            let weights: Vec<Expr> = (0..layers * 8).map(|i| row(main, i)).collect();
            let mut hidden: Vec<Expr> = (0..layers * 2).map(|i| row(state, i)).collect();
            let [first, scale, shift] = [0, 1, 2].map(|i| row(v[1], i));
            let mut total = Expr::from(0.0);
            for t in 0..steps - 1 {
                let mut input = row(v[3], t) * first;
                for layer in 0..layers {
                    let (w, b) = (&weights[layer * 8..], &weights[layer * 8 + 4..]);
                    let (h, c) = (hidden[2 * layer], hidden[2 * layer + 1]);
                    let (forget, ingate) = ((input * w[0] + b[0]).sigmoid(), (h * w[1] + b[1]).sigmoid());
                    let (outgate, change) = ((input * w[2] + b[2]).sigmoid(), (h * w[3] + b[3]).tanh());
                    let c = c * forget + ingate * change;
                    let h = outgate * c.tanh();
                    (hidden[2 * layer], hidden[2 * layer + 1]) = (h, c);
                    input = h;
                }
                let predicted = input * scale + shift;
                total += (row(v[3], t + 1) * (predicted - (predicted.exp().sum() + 2.0).log())).sum();
            }
            -total / ((steps - 1) * bits) as f64
        })?;
        let gradient = f.grad(["main", "extra"])?;
        Ok(vec![made("primal", f, &at), made("deriv", gradient, &at)])
    })
}
