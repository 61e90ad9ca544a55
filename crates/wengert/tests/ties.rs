//! Equal elements of a sort share derivatives equally, at every order and in every mode alike: along a direction, with
//! the averages worked out by hand.

use wengert::prelude::*;
use wengert::{Mode, check_gradient};

/// The derivatives of orders 1 to 3 of y along the direction that a check takes, mode by mode; they must be equal.
fn orders(at: &[f64], build: impl Fn(Expr) -> Expr) -> [f64; 3] {
    let g = Graph::new();
    let y = build(g.tensor("x", &[at.len()]));
    let f = g.function("f", y).unwrap_or_else(|e| panic!("{e}"));
    let outcome = check_gradient(&f, at, 3, &Mode::ALL[1..]).unwrap_or_else(|e| panic!("{e}"));
    [1, 2, 3].map(|order| {
        let found: Vec<f64> = outcome.checked.iter().filter(|c| c.order == order).map(|c| c.derivative).collect();
        assert_eq!(found.len(), Mode::ALL.len() - 1);
        assert!(found.iter().all(|d| (d - found[0]).abs() <= 1e-13 * found[0].abs().max(1.0)), "{order}: {found:?}");
        found[0]
    })
}

fn close(found: [f64; 3], expected: [f64; 3]) {
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-12 * b.abs().max(1.0);
    assert!(found.iter().zip(&expected).all(near), "{found:?}, not {expected:?}");
}

fn weighted_cubes(x: Expr) -> Expr {
    let y = x.sort(0).powi(3);
    y.at(0) + y.at(1) * 3.0 + y.at(2) * 7.0
}

/// The cubes of x0, x1, x2 with these weights.
fn cubes(weights: [f64; 3]) -> impl Fn(Expr) -> Expr {
    move |x| x.at(0).powi(3) * weights[0] + x.at(1).powi(3) * weights[1] + x.at(2).powi(3) * weights[2]
}

#[test]
fn elements_without_ties_pass_the_derivative_of_their_place() {
    close(orders(&[2.0, 3.0, 1.0], weighted_cubes), orders(&[2.0, 3.0, 1.0], cubes([3.0, 7.0, 1.0])));
}

#[test]
fn tied_elements_move_as_their_mean_does() {
    // with all tangents of a group replaced by their mean m, Σ w·(1 + m·t)³ has the same Taylor series
    let mean = |x: Expr| (x.at(0) + x.at(1) + x.at(2)) / 3.0;
    close(orders(&[1.0; 3], weighted_cubes), orders(&[1.0; 3], |x| mean(x).powi(3) * 11.0));
    let pair = |x: Expr| ((x.at(0) + x.at(2)) / 2.0).powi(3);
    close(orders(&[2.0, 1.0, 2.0], weighted_cubes), orders(&[2.0, 1.0, 2.0], |x| pair(x) * 10.0 + x.at(1).powi(3)));
}

#[test]
fn the_median_and_the_largest_of_equal_elements_belong_to_all_of_them() {
    let gradient = |at: &[f64], build: fn(Expr) -> Expr| {
        let g = Graph::new();
        let x = g.tensor("x", &[at.len()]);
        let [d] = grad(build(x), [x]).unwrap_or_else(|e| panic!("{e}"));
        g.compile(d).and_then(|p| p.run(at)).unwrap_or_else(|e| panic!("{e}"))
    };
    assert_eq!(gradient(&[5.0, 5.0, 1.0, 5.0, 5.0], |x| x.median(0)), [0.25, 0.25, 0.0, 0.25, 0.25]);
    assert_eq!(gradient(&[3.0, 1.0, 3.0, 2.0], |x| x.median(0)), [0.25, 0.0, 0.25, 0.5]);
    assert_eq!(gradient(&[2.0, 2.0, 1.0], |x| x.top_k(1, 0).0.sum()), [0.5, 0.5, 0.0]);
    assert_eq!(gradient(&[2.0, 2.0, 1.0], |x| x.max_element()), [0.5, 0.5, 0.0]);
}
