//! The functions of the demo, each made of the one before: network, Laplacian, residual, loss, gradient.

use wengert::prelude::*;
use wengert::{Tensor, random};

use crate::problem::{source, trial};

/// The weights, which are what is learned; with the point, the parameters of [`Equations::u`].
pub const WEIGHTS: [&str; 3] = ["w", "b", "v"];

/// What is made of one network.
pub struct Equations {
    /// Weights and a point (x, y) to the trial solution there: v·tanh(w·(x, y) + b), made to fit the boundary.
    pub u: Function,
    /// Its Laplacian, by power series along x and y.
    pub laplacian: Function,
    /// What the equation lacks at the point: Laplacian less right side.
    pub residual: Function,
    /// Weights to the mean squared residual of all points of a grid.
    pub loss: Function,
    /// The loss and its gradient by the weights: reverse mode over power series.
    pub training: Function,
}

impl Equations {
    /// For this many hidden units, on a grid of `side`×`side` points of the unit square.
    ///
    /// # Errors
    /// None, unless the engine is broken.
    pub fn new(hidden: usize, side: usize) -> Result<Equations, Error> {
        let tensor = |shape: &[usize]| Type::tensor(DType::F64, shape);
        let of_weights = [("w", tensor(&[hidden, 2])), ("b", tensor(&[hidden])), ("v", tensor(&[hidden]))];
        let specs = [&of_weights[..], &[("p", tensor(&[2]))]].concat();
        let u = Function::new("u", &specs, |args| {
            let &[w, b, v, p] = args else { unreachable!("as many as there are specs") };
            trial(p.at(0), p.at(1), v.dot((w.dot(p) + b).tanh()))
        })?;
        let laplacian = u.laplacian("p")?;

        let (g, params, results) = laplacian.open();
        let residual = g.function("residual", results[0] - source(params[3].at(0), params[3].at(1)))?;

        let points = grid(side);
        let (g, _, results) = residual.vmap(&[None, None, None, Some(0)], points.len())?.open();
        let points = Tensor::f64(&[points.len(), 2], points.concat()).expect("two numbers for each point");
        let loss = g.function("loss", results[0].square().mean(&[0]))?.bind(&[("p", points.into())])?;
        let training = loss.value_and_grad(WEIGHTS)?;
        Ok(Equations { u, laplacian, residual, loss, training })
    }
}

/// The points of a regular grid of the unit square, its boundary included.
pub fn grid(side: usize) -> Vec<[f64; 2]> {
    let along = |i: usize| i as f64 / (side - 1) as f64;
    (0..side * side).map(|i| [along(i % side), along(i / side)]).collect()
}

/// Standard normal numbers to start from.
///
/// # Errors
/// None, unless the engine is broken.
pub fn start(count: usize, seed: i64) -> Result<Vec<f64>, Error> {
    let g = Graph::new();
    g.compile(random::normal(random::key(&g, seed), &[count]))?.run(&[])
}
