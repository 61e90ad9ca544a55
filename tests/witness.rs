//! Tensor functions of every family against JAX: value, gradient, Hessian product and third directional derivative. The
//! numbers and the same functions in JAX are in `tests/data/jax`.

mod functions;

use std::collections::BTreeMap;

use wengert::Function;
use wengert::prelude::*;

const TABLE: &str = include_str!("data/jax/witness.txt");

/// What JAX says about one function.
struct Witness {
    name: &'static str,
    shape: Vec<usize>,
    x: Vec<f64>,
    v: Vec<f64>,
    /// Value, gradient, Hessian product, third derivative along v.
    numbers: [Vec<f64>; 4],
}

fn witness(line: &'static str) -> Witness {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let [name, shape, offset, numbers @ ..] = &cells[..] else { panic!("seven cells: {line}") };
    let list = |text: &&str| -> Vec<f64> { text.split(' ').map(|x| x.parse().expect("a number")).collect() };
    let shape: Vec<usize> = shape.split('x').map(|n| n.parse().expect("an extent")).collect();
    let offset: f64 = offset.parse().expect("a number");
    let along = |step: f64| (1..=shape.iter().product()).map(move |k: usize| (step * k as f64).fract());
    Witness {
        name,
        x: along(0.618_033_988_749_894_9).map(|t| offset + t).collect(),
        v: along(0.754_877_666_246_692_7).map(|t| 2.0 * t - 1.0).collect(),
        numbers: numbers.iter().map(list).collect::<Vec<_>>().try_into().expect("four lists"),
        shape,
    }
}

/// The sum of all elements with weights from 1 to 2.
fn weighted(g: &Graph, y: Expr) -> Expr {
    let shape = y.shape().unwrap_or_default();
    let weights: Vec<f64> = (0..shape.iter().product()).map(|k: usize| 1.0 + (k * 5 % 7) as f64 / 7.0).collect();
    (g.constant(&shape, &weights) * y).sum()
}

/// The same four from our graph: reverse, forward over reverse, power series.
fn ours(w: &Witness, build: functions::Build) -> [Vec<f64>; 4] {
    let g = Graph::new();
    let x = g.tensor("x", &w.shape);
    let f = g.function("f", weighted(&g, build(&g, x))).unwrap_or_else(|e| panic!("{}: {e}", w.name));
    let at = |f: Function, arguments: &[f64]| {
        f.compile()
            .unwrap_or_else(|e| panic!("{}: {e}", w.name))
            .run(arguments)
            .unwrap_or_else(|e| panic!("{}: {e}", w.name))
    };
    let both = [&w.x[..], &w.v].concat();
    let series = at(f.taylor(3).expect("it has a series"), &both);
    [
        at(f.clone(), &w.x),
        at(f.grad(0).expect("it has a gradient"), &w.x),
        at(f.hvp(0).expect("it has a Hessian"), &both),
        vec![6.0 * series[2]],
    ]
}

#[test]
fn every_function_agrees_with_jax() {
    let mut witnesses: BTreeMap<&str, Witness> = TABLE.lines().map(witness).map(|w| (w.name, w)).collect();
    let mut wrong = Vec::new();
    for (name, build) in functions::all() {
        let w = &witnesses.remove(name).unwrap_or_else(|| panic!("JAX says nothing about `{name}`"));
        let found = ours(w, build);
        for (what, (found, expected)) in ["value", "gradient", "hvp", "third"].iter().zip(found.iter().zip(&w.numbers))
        {
            let scale = expected.iter().fold(1e-3, |scale: f64, x| scale.max(x.abs()));
            let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * scale;
            if found.len() != expected.len() || !found.iter().zip(expected).all(close) {
                wrong.push(format!("{}, {what}: {found:?}, JAX {expected:?}", w.name));
            }
        }
    }
    assert!(witnesses.is_empty(), "no functions for {:?}", witnesses.keys());
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
