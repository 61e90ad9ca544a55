//! All partial derivatives of an order, from power series along several directions, against nested modes.

use std::sync::Arc;

use graph_core::{NodeId, Opcode};
use testkit::sample::{Sample, samples};
use wengert::Mode;
use wengert::formula::Formula;
use wengert::partials::{Partials, Settings};
use wengert::prelude::*;

fn run(f: &Function, at: &[f64]) -> Vec<f64> {
    f.compile().and_then(|p| p.run(at)).unwrap_or_else(|e| panic!("{e}"))
}

fn differ(found: &[f64], expected: &[f64], tolerance: f64) -> bool {
    let scale = expected.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
    found.len() != expected.len() || found.iter().zip(expected).any(|(a, b)| (a - b).abs() > tolerance * scale)
}

/// The second derivatives of every op's samples are the Hessian.
#[test]
fn second_derivatives_are_the_hessian() {
    let problem = |sample: &Sample| {
        let f = Function::from(sample.function.clone());
        let wrt = f.real_params();
        let tensor = run(&f.derivative_tensor(wrt.clone(), 2).expect("tensors"), &sample.at);
        let hessian = run(&f.hessian(wrt).expect("a number"), &sample.at);
        differ(&tensor, &hessian, 1e-11).then(|| format!("{}: {tensor:?}, Hessian {hessian:?}", sample.name))
    };
    let all: Vec<Sample> = Opcode::all().iter().flat_map(|&op| samples(op)).collect();
    let problems: Vec<String> = all.iter().filter_map(problem).collect();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// The Laplacian of every op's samples is the trace of the Hessian.
#[test]
fn laplacians_are_traces_of_hessians() {
    let problem = |sample: &Sample| {
        let f = Function::from(sample.function.clone());
        let [found, expected] = f.real_params().into_iter().fold([0.0, 0.0], |[found, expected], i| {
            let blocks = run(&f.hessian(i).expect("a number"), &sample.at);
            let n = f.core().param_type(i).leaves()[0].shape.elements();
            let trace: f64 = (0..n).map(|k| blocks[k * n + k]).sum();
            [found + run(&f.laplacian(i).expect("a number"), &sample.at)[0], expected + trace]
        });
        differ(&[found], &[expected], 1e-11).then(|| format!("{}: {found}, trace {expected}", sample.name))
    };
    let all: Vec<Sample> = Opcode::all().iter().flat_map(|&op| samples(op)).collect();
    let problems: Vec<String> = all.iter().filter_map(problem).collect();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// A direction that depends on the inputs, as that of steepest descent, stays the same along the line.
#[test]
fn a_series_runs_along_a_straight_line() {
    for text in ["logdet(x)", "sum(inv(x))", "sum(exp(x)*x)"] {
        let shape: &[usize] = &[2, 2];
        let formula = Formula::parse(text).expect("a formula");
        let f = Partials::with_shapes(&formula, &Settings { order: 0, ..Settings::default() }, |_| shape);
        let f = f.expect("few").function;
        let (mut g, x, y) = autodiff::function::open(f.core(), &[0]).expect("one parameter");
        let descent = autodiff::gradient(&mut g, y[0], &x).expect("a number")[0].node().expect("it depends");
        let series = autodiff::taylor(&mut g, &y, &[(x[0], descent)], 3).expect("a series").concat();
        let series: Vec<NodeId> = series.iter().filter_map(|c| c.node()).collect();
        let along = graph_core::Function::new("along", &g, &series).expect("nodes of the graph");
        let at = [2.0, 0.3, -0.1, 1.5];
        let found = run(&Function::from(Arc::new(along)), &at);
        let slope = run(&f.grad(0).expect("a number"), &at);
        let expected = run(&f.taylor(3).expect("a series"), &[&at[..], &slope[..]].concat());
        assert!(!differ(&found, &expected, 1e-13), "{text}: {found:?}, {expected:?}");
    }
}

/// A vector of results, by a matrix and a number: each order is the Jacobian of the one before.
#[test]
fn each_order_is_the_jacobian_of_the_one_before() {
    let params = [("a", Type::tensor(DType::F64, &[2, 2])), ("s", Type::f64())];
    let f = Function::new("f", &params, |v| (v[0].matmul(v[0]) * v[1]).sin().mean(&[0]) / (1.0 + v[1].square()));
    let f = f.expect("a program");
    let at = [0.3, -0.7, 1.1, 0.4, 0.6];
    for order in 2..=6 {
        let below = f.derivative_tensor(["a", "s"], order - 1).expect("tensors");
        let nested = run(&below.jacobian(["a", "s"]).expect("tensors"), &at);
        let found = run(&f.derivative_tensor(["a", "s"], order).expect("tensors"), &at);
        assert!(!differ(&found, &nested, 1e-12 * 3f64.powi(order as i32)), "order {order}");
    }
}

/// In `auto` mode no formula computes more than by power series, nor than by nesting.
#[test]
fn auto_computes_no_more_than_either_way() {
    let formulas =
        ["sin(x*y)*exp(-x)", "x^2*y^3*z", "tanh(a*x+b*y)/(1+x^2)", "exp(sin(x)*cos(y))", "log(x^2+y^2+z^2)", "x/y"];
    for text in formulas {
        let formula = Formula::parse(text).expect("a formula");
        for order in 1..=5 {
            let nodes = |mode| {
                let settings = Settings { order, mode, ..Settings::default() };
                Partials::new(&formula, &settings).expect("few").nodes.optimized
            };
            let [auto, series, nested] = [Mode::Auto, Mode::Taylor, Mode::ForwardOverReverse].map(nodes);
            assert_eq!(auto, series.min(nested), "{text}, order {order}: series {series}, nested {nested}");
        }
    }
}

/// Six scalars to a vector of six: one sweep for all adjoints instead of one for each scalar.
#[test]
fn a_square_jacobian_is_built_the_cheaper_way() {
    let params = ["a", "b", "c", "d", "e", "f"].map(|name| (name, Type::f64()));
    let body = |v: &[Expr]| concat(&v.iter().map(|x| x.reshape(&[1])).collect::<Vec<_>>(), 0).cumsum(0).tanh();
    let f = Function::new("f", &params, body).expect("a program");
    let chosen = f.jacobian(f.real_params()).expect("tensors");
    let ways = autodiff::function::jacobians(f.core(), &[0, 1, 2, 3, 4, 5]).expect("tensors");
    let [columns, rows] = &ways[..] else { panic!("the shape decides nothing") };
    let nodes = |f: &std::sync::Arc<graph_core::Function>| f.graph().nodes().len();
    assert!(nodes(rows) < nodes(columns) && chosen.nodes() == nodes(rows));
    let at = [0.1, 0.2, -0.3, 0.4, -0.5, 0.6];
    let found = [columns, rows].map(|f| run(&f.clone().into(), &at));
    assert!(!differ(&found[0], &found[1], 1e-15) && run(&chosen, &at) == found[1]);
}
