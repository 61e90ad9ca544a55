//! The op set is closed under differentiation: for every op there is, derivatives of order 1 to 4 exist in every mode
//! (power series included), the modes agree with each other, and each agrees with a central difference of the order below.

use graph_core::Opcode;
use testkit::sample::{Sample, samples};
use wengert::{Checked, Function, Mode, check_gradient};

const ORDER: usize = 4;

#[test]
fn every_op_has_derivatives_to_order_four_in_every_mode() {
    let mut problems = Vec::new();
    for &op in Opcode::all() {
        for sample in samples(op) {
            problems.extend(check(&sample));
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn every_sample_uses_its_op() {
    for &op in Opcode::all() {
        let samples = samples(op);
        assert!(!samples.is_empty(), "{}", op.name());
        for sample in samples {
            let g = sample.function.graph();
            assert!(g.nodes().iter().any(|&id| g.op(id).code() == op), "{}", sample.name);
        }
    }
}

fn check(sample: &Sample) -> Vec<String> {
    let f = Function::from(sample.function.clone());
    let outcome = match check_gradient(&f, &sample.at, ORDER, &Mode::ALL[1..]) {
        Ok(outcome) => outcome,
        Err(e) => return vec![format!("{}: {e}", sample.name)],
    };
    let mut problems = Vec::new();
    for order in 1..=ORDER {
        let of_order: Vec<&Checked> = outcome.checked.iter().filter(|c| c.order == order).collect();
        problems.extend(of_order.iter().filter_map(|c| against_difference(sample, c)));
        problems.extend(of_order.iter().filter_map(|c| against_mode(sample, of_order[0], c)));
    }
    problems
}

/// A difference that says nothing is a problem, too.
fn against_difference(sample: &Sample, c: &Checked) -> Option<String> {
    let Checked { order, derivative, difference, uncertainty, .. } = *c;
    let wrong = !c.agrees() || !derivative.is_finite();
    wrong.then(|| {
        let (name, mode) = (&sample.name, c.mode.name());
        format!("{name}, order {order}, {mode}: {derivative:?}, difference {difference:?} ± {uncertainty:.1e}")
    })
}

fn against_mode(sample: &Sample, first: &Checked, c: &Checked) -> Option<String> {
    let scale = first.derivative.abs().max(1.0);
    let apart = (first.derivative - c.derivative).abs() / scale;
    (apart > 1e-10).then(|| {
        let (a, b) = (first.mode.name(), c.mode.name());
        format!("{}, order {}: {a} gives {:?}, {b} {:?}", sample.name, c.order, first.derivative, c.derivative)
    })
}
