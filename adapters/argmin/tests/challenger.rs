//! A logistic regression: how the risk of damage to the O-rings of a space shuttle depends on the temperature at launch.
//!
//! Data: the 23 flights before the Challenger accident, from S. R. Dalal, E. B. Fowlkes, B. Hoadley, "Risk analysis of the
//! space shuttle: pre-Challenger prediction of failure", JASA 84 (1989): temperature in °F, whether an O-ring
//! of a field joint was damaged. The numbers were written from memory of that source, not copied from it; the maximum at
//! (15.0429, −0.2322) that is often quoted for them comes out.

use argmin::core::{CostFunction, Executor, Gradient, IterState, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use argmin::solver::trustregion::{Steihaug, TrustRegion};
use wengert::prelude::*;
use wengert_argmin::{Problem, Residuals};

const FLIGHTS: [(f64, bool); 23] = [
    (66.0, false),
    (70.0, true),
    (69.0, false),
    (68.0, false),
    (67.0, false),
    (72.0, false),
    (73.0, false),
    (70.0, false),
    (57.0, true),
    (63.0, true),
    (70.0, true),
    (78.0, false),
    (67.0, false),
    (53.0, true),
    (67.0, false),
    (75.0, false),
    (70.0, false),
    (81.0, false),
    (76.0, false),
    (79.0, false),
    (75.0, true),
    (76.0, false),
    (58.0, true),
];

/// Minus the logarithm of the likelihood, at a centred temperature: damage has probability σ(a + b·(t − 70)).
fn risk() -> Function {
    let g = Graph::new();
    let (a, b) = (g.scalar("a"), g.scalar("b"));
    let t: Vec<f64> = FLIGHTS.iter().map(|(t, _)| t - 70.0).collect();
    let sign: Vec<f64> = FLIGHTS.iter().map(|&(_, damaged)| if damaged { 1.0 } else { -1.0 }).collect();
    let (t, sign) = (g.constant(&[t.len()], &t), g.constant(&[t.len()], &sign));
    g.function("risk", (-(sign * (a + b * t))).softplus().sum()).expect("a program")
}

fn check(found: &[f64]) {
    let [intercept, slope] = [found[0] - 70.0 * found[1], found[1]];
    assert!((intercept - 15.0429).abs() < 5e-5 && (slope + 0.2322).abs() < 5e-5, "{intercept}, {slope}");
}

#[test]
fn quasi_newton_finds_the_likelihoods_maximum() {
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), 7).with_tolerance_grad(1e-9).expect("positive");
    let start = |state: IterState<_, _, (), (), (), f64>| state.param(vec![0.0, 0.0]).max_iters(100);
    let found = Executor::new(Problem::new(&risk()).expect("a number"), solver).configure(start).run().expect("finite");
    check(found.state().get_best_param().expect("it ran"));
}

#[test]
fn trust_regions_find_it_with_the_hessian() {
    let solver = TrustRegion::new(Steihaug::new().with_max_iters(20));
    let start = |state: IterState<_, _, (), _, (), f64>| state.param(vec![0.0, 0.0]).max_iters(50);
    let found = Executor::new(Problem::new(&risk()).expect("a number"), solver).configure(start).run().expect("finite");
    check(found.state().get_best_param().expect("it ran"));
}

/// A matrix of residuals is not square, and rows are rows.
#[test]
fn residuals_have_rows_of_the_jacobian() {
    use argmin::core::{Jacobian, Operator};
    let f = Function::new("f", &[("x", Type::tensor(DType::F64, &[2]))], |v| (v[0].square(), v[0].at(0) * v[0].at(1)));
    let residuals = Residuals::new(&f.expect("a program")).expect("reals");
    let at = vec![2.0, 3.0];
    assert_eq!(residuals.apply(&at).expect("finite"), [4.0, 9.0, 6.0]);
    assert_eq!(residuals.jacobian(&at).expect("finite"), [[4.0, 0.0], [0.0, 6.0], [3.0, 2.0]]);
}

#[test]
fn a_point_of_another_length_is_told() {
    let problem = Problem::new(&risk()).expect("a number");
    let message = problem.cost(&vec![0.0]).expect_err("too short").to_string();
    assert!(message.contains('2') && message.contains('1'), "{message}");
    assert!(problem.gradient(&vec![0.0; 3]).is_err());
}
