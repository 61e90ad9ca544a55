//! Both meta-gradients are what they are said to be, and training with them helps.

use maml::report::{EXAMPLES, THETA};
use maml::{Meta, NETWORK, POLYNOMIAL, held_out, meta_gradient, plot, report, sine_waves, start, train};
use wengert::Mode;
use wengert::prelude::*;

const BOTH: [Meta; 2] = [Meta::Exact, Meta::FirstOrder];

fn run(f: &Function, inputs: &[f64]) -> Vec<f64> {
    f.compile().expect("it compiles").run(inputs).expect("it runs")
}

fn check(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0, |a: f64, e| a.max(e.abs()));
    let close = |(x, y): (&f64, &f64)| (x - y).abs() <= tolerance * largest;
    assert!(found.iter().zip(expected).all(close), "{found:?}\n{expected:?}");
}

/// Weights of the network, and the examples of one wave.
fn one_wave() -> (Vec<f64>, Vec<f64>) {
    let examples = sine_waves(1, NETWORK.shots, 5).expect("it compiles").run(&[0.0]).expect("it runs");
    (start(&NETWORK, 2).expect("it runs"), examples)
}

/// The meta-gradient of the network at [`one_wave`].
fn gradient(steps: usize, meta: Meta) -> Vec<f64> {
    let (theta, examples) = one_wave();
    let meta_loss = NETWORK.meta_loss(steps, meta).expect("it is built");
    run(&meta_loss.grad("theta").expect("it has one"), &[theta, examples].concat())
}

#[test]
fn those_of_the_polynomial_are_the_closed_form_and_differ() {
    let inputs = [&THETA[..], EXAMPLES.as_flattened()].concat();
    for steps in [0, 1, 5] {
        let [exact, first] = BOTH.map(|meta| {
            let meta_loss = POLYNOMIAL.meta_loss(steps, meta).expect("it is built");
            let found = run(&meta_loss.grad("theta").expect("it has one"), &inputs);
            check(&found, &meta_gradient(THETA, EXAMPLES.each_ref().map(|row| &row[..]), steps, meta), 1e-14);
            found
        });
        let apart = exact.iter().zip(&first).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
        assert_eq!(apart > 0.05, steps > 0, "{steps} steps: {exact:?}, {first:?}");
    }
}

#[test]
fn the_exact_one_agrees_with_differences_in_every_mode() {
    let (theta, examples) = one_wave();
    let modes = [Mode::Reverse, Mode::Forward, Mode::Taylor];
    for steps in [1, 5] {
        let meta_loss = NETWORK.meta_loss(steps, Meta::Exact).expect("it is built");
        let at = [&theta[..], &examples].concat();
        let checked = check_gradient(&meta_loss, &at, 1, &modes).expect("every mode has rules");
        assert!(checked.passed(), "{checked}");
    }
}

#[test]
fn after_one_step_they_differ_by_a_product_with_the_hessian() {
    let (theta, examples) = one_wave();
    let [exact, first] = BOTH.map(|meta| gradient(1, meta));
    // The loss on the examples learned from, which after no step are as good as new ones.
    let (old, unused) = examples.split_at(2 * NETWORK.shots);
    let loss = NETWORK.meta_loss(0, Meta::Exact).expect("it is built");
    let bent = run(&loss.hvp("theta").expect("it has one"), &[&theta[..], unused, old, &first].concat());
    let expected: Vec<f64> = first.iter().zip(bent).map(|(g, h)| g - NETWORK.rate * h).collect();
    check(&exact, &expected, 1e-12);
    assert!(exact != first);
}

#[test]
fn the_first_order_one_is_the_gradient_at_the_weights_learned() {
    let (theta, examples) = one_wave();
    let (old, new) = examples.split_at(2 * NETWORK.shots);
    let adapted = run(&NETWORK.adapted(5).expect("it is built"), &[&theta[..], old].concat());
    let loss = NETWORK.meta_loss(0, Meta::Exact).expect("it is built");
    let there = run(&loss.grad("theta").expect("it has one"), &[&adapted[..], old, new].concat());
    check(&gradient(5, Meta::FirstOrder), &there, 1e-12);
}

#[test]
fn training_with_either_makes_new_waves_faster_to_learn() {
    let theta = start(&NETWORK, 1).expect("it runs");
    let before = held_out(&NETWORK, &theta, 1, 50).expect("it runs");
    for meta in BOTH {
        let learned = train(&NETWORK, &theta, 1, meta, 60).expect("it trains");
        let after = held_out(&NETWORK, &learned, 1, 50).expect("it runs");
        assert!(after < before / 2.0, "{meta:?}: {before} before, {after} after");
    }
}

#[test]
fn what_is_printed_and_drawn_has_all_its_parts() {
    let table = report::polynomial().expect("it runs");
    assert_eq!((table.matches("exact").count(), table.matches("first order").count()), (2, 2));
    let svg = plot(&NETWORK, &start(&NETWORK, 1).expect("it runs")).expect("it draws");
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.matches("<polyline").count() >= 3 && svg.matches("<circle").count() >= NETWORK.shots);
}
