//! The functions of the demo are what they are said to be, and the network learns the solution.

use pinn::{Equations, FINE, Progress, WEIGHTS, grid, plot, solution, source, start, train, trial};
use wengert::Mode;
use wengert::prelude::*;

/// A small network, with fewer points than the demo's and other extents.
fn small() -> Equations {
    Equations::new(4, 3).expect("it is built")
}

fn run(f: &Function, inputs: &[f64]) -> Vec<f64> {
    f.compile().expect("it compiles").run(inputs).expect("it runs")
}

/// Weights of [`small`], and a point.
fn weights_and_point() -> Vec<f64> {
    [start(16, 3).expect("it runs"), vec![0.3, 0.8]].concat()
}

fn check(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    let close = |(x, y): (&f64, &f64)| (x - y).abs() <= 1e-12 * y.abs().max(1.0);
    assert!(found.iter().zip(expected).all(close), "{found:?}\n{expected:?}");
}

#[test]
fn the_solution_solves_the_equation() {
    let f = Function::new("f", &[("p", Type::tensor(DType::F64, &[2]))], |v| solution(v[0].at(0), v[0].at(1)));
    let laplacian = f.expect("it is built").laplacian("p").expect("it has one");
    let right = Function::new("s", &[("p", Type::tensor(DType::F64, &[2]))], |v| source(v[0].at(0), v[0].at(1)));
    let right = right.expect("it is built");
    for p in grid(4) {
        check(&run(&laplacian, &p), &run(&right, &p));
    }
}

#[test]
fn a_trial_is_the_solution_on_the_boundary_whatever_the_network_says() {
    let specs = ["x", "y", "network"].map(|name| (name, Type::f64()));
    let f = Function::new("trial", &specs, |v| trial(v[0], v[1], v[2])).expect("it is built");
    for [x, y] in grid(6).into_iter().filter(|p| p.iter().any(|t| [0.0, 1.0].contains(t))) {
        check(&run(&f, &[x, y, 7.5]), &[solution(x, y)]);
    }
    assert!((run(&f, &[0.5, 0.5, 7.5])[0] - solution(0.5, 0.5)).abs() > 0.1, "inside it is not");
}

#[test]
fn the_laplacian_is_the_trace_of_the_hessian_and_twice_the_second_coefficients() {
    let u = small().u;
    let at = weights_and_point();
    let laplacian = run(&small().laplacian, &at);
    let hessian = run(&u.hessian("p").expect("it has one"), &at);
    check(&laplacian, &[hessian[0] + hessian[3]]);
    let series = u.taylor_by("p", 2).expect("it has one").compile().expect("it compiles");
    let along = |direction: [f64; 2]| series.run(&[&at[..], &direction[..]].concat()).expect("it runs")[1];
    check(&laplacian, &[2.0 * along([1.0, 0.0]) + 2.0 * along([0.0, 1.0])]);
}

#[test]
fn the_loss_is_the_mean_square_of_the_residuals_one_by_one() {
    let (equations, at) = (small(), weights_and_point());
    let weights = &at[..16];
    let residual = |p: [f64; 2]| run(&equations.residual, &[weights, &p[..]].concat())[0];
    let squares: Vec<f64> = grid(3).into_iter().map(|p| residual(p).powi(2)).collect();
    check(&run(&equations.loss, weights), &[squares.iter().sum::<f64>() / 9.0]);
}

#[test]
fn the_gradient_by_the_weights_is_that_of_forward_mode_and_of_differences() {
    let (equations, at) = (small(), weights_and_point());
    let weights = &at[..16];
    let modes = [Mode::Reverse, Mode::Forward, Mode::Taylor];
    let checked = check_gradient(&equations.loss, weights, 1, &modes).expect("every mode has rules");
    assert!(checked.passed(), "{checked}");
    let training = run(&equations.training, weights);
    let tangent = equations.loss.jvp_by(WEIGHTS).expect("it is built").compile().expect("it compiles");
    for k in 0..16 {
        let unit: Vec<f64> = (0..16).map(|i| if i == k { 1.0 } else { 0.0 }).collect();
        check(&tangent.run(&[weights, &unit].concat()).expect("it runs"), &training[1 + k..2 + k]);
    }
}

#[test]
fn the_error_of_ten_hidden_units_falls_below_two_millionths() {
    let equations = Equations::new(10, 10).expect("it is built");
    for seed in 1..=4 {
        let mut last: Option<Progress> = None;
        let errors = train(&equations, 1000, seed, |at| last = Some(at)).expect("it trains");
        let error = last.expect("it reports").error;
        assert!(error < 2e-6, "seed {seed}: {error}");
        assert_eq!(errors.len(), FINE * FINE);
        assert_eq!(errors.iter().fold(0.0, |a: f64, e| a.max(e.abs())), error);
    }
}

#[test]
fn the_picture_has_a_cell_for_each_point_of_both_maps() {
    let errors: Vec<f64> = (0..FINE * FINE).map(|i| (i as f64).sin()).collect();
    let svg = plot(&errors).expect("it draws");
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.matches("<rect").count() >= 2 * FINE * FINE);
}
