//! The op set is closed under differentiation: for every op there is, derivatives of order 1 to 4 exist in every mode
//! (power series included), the modes agree with each other, each agrees with a central difference of the order below,
//! in single precision all of them say the same, and both executors give the same bits. What is proved here is the page `docs/ops.md`.

mod batching;
mod page;
mod transforms;

use std::sync::Arc;

use graph_core::text::{parse, print};
use graph_core::{Function as Core, Opcode};
use interp::{Tensor, Value};
use testkit::sample::{Sample, samples};
use wengert::{Checked, Function, GradientCheck, Mode, check_gradient};

const ORDER: usize = 4;
/// The modes that must agree; `auto` is one of them.
const MODES: &[Mode] = Mode::ALL.split_at(1).1;

/// Highest order by power series alone.
const SERIES: usize = 6;

/// What was seen to hold of an op.
struct Proof {
    op: Opcode,
    samples: usize,
    /// Of them, also in single precision.
    single: usize,
    problems: Vec<String>,
}

fn prove(op: Opcode) -> Proof {
    let samples = samples(op);
    let mut proof = Proof { op, samples: samples.len(), single: 0, problems: Vec::new() };
    for sample in &samples {
        let outcome = match check_gradient(&Function::from(sample.function.clone()), &sample.at, ORDER, MODES) {
            Ok(outcome) => outcome,
            Err(e) => {
                proof.problems.push(format!("{}: {e}", sample.name));
                continue;
            }
        };
        proof.problems.extend(disagreements(sample, &outcome));
        proof.problems.extend(between_executors(sample));
        proof.problems.extend(by_series(sample));
        proof.problems.extend(batching::problems(sample));
        proof.problems.extend(transforms::problems(op, sample, &outcome));
        if let Some(single) = in_single(&sample.function) {
            proof.single += 1;
            proof.problems.extend(against_double(sample, &single, &outcome));
        }
    }
    proof
}

#[test]
fn every_op_has_derivatives_to_order_four_in_every_mode() {
    let proofs: Vec<Proof> = Opcode::all().iter().map(|&op| prove(op)).collect();
    let problems: Vec<&str> = proofs.iter().flat_map(|proof| &proof.problems).map(String::as_str).collect();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    page::is_current(&proofs);
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

fn disagreements(sample: &Sample, outcome: &GradientCheck) -> Vec<String> {
    let mut problems = Vec::new();
    for order in 1..=ORDER {
        let of_order: Vec<&Checked> = outcome.checked.iter().filter(|c| c.order == order).collect();
        if of_order.len() != MODES.len() {
            problems.push(format!("{}, order {order}: {} of {} modes", sample.name, of_order.len(), MODES.len()));
        }
        problems.extend(of_order.iter().filter_map(|c| against_difference(sample, c)));
        problems.extend(of_order.iter().filter_map(|c| against_mode(sample, of_order[0], c)));
    }
    problems
}

/// Orders beyond those of nested sweeps, each against the difference of the one below.
fn by_series(sample: &Sample) -> Vec<String> {
    match check_gradient(&Function::from(sample.function.clone()), &sample.at, SERIES, &[Mode::Taylor]) {
        Ok(outcome) => {
            let checked = outcome.checked.iter().filter(|c| !is_close(c));
            checked.filter_map(|c| against_difference(sample, c)).collect()
        }
        Err(e) => vec![format!("{} by series: {e}", sample.name)],
    }
}

/// A difference of high derivatives has more noise than its steps tell.
fn is_close(c: &Checked) -> bool {
    (c.derivative - c.difference).abs() <= 1e-8 * c.derivative.abs()
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

/// The reference evaluator and the planned executor give the same bits, for the function and its first two derivatives.
fn between_executors(sample: &Sample) -> Vec<String> {
    let f = &sample.function;
    let wrt = autodiff::function::real_params(f);
    let gradient = autodiff::function::grad(f, &wrt).expect("it has been differentiated before");
    let product = autodiff::function::hvp(f, &wrt).expect("it has been differentiated before");
    let mut rest = sample.at.iter().copied().cycle();
    let problem = |f: &Arc<Core>| {
        let mut part = |index: usize| {
            let ty = f.param_type(index).as_tensor().expect("parameters of samples are tensors");
            let elements = rest.by_ref().take(ty.shape.elements()).collect();
            Value::Tensor(Tensor::f64(&ty.shape, elements).expect("as many as the shape has"))
        };
        let args: Vec<Value> = (0..f.params().len()).map(&mut part).collect();
        let reference = interp::evaluate(f, &args).expect("arguments fit");
        let program = interp::Program::new(f).expect("a small function");
        let planned = program.run(&mut program.workspace(), &args).expect("arguments fit");
        let same = reference.iter().zip(&planned).all(|(a, b)| a.same_bits(b));
        (!same).then(|| format!("{}, {}: {reference:?} by reference, {planned:?} as planned", sample.name, f.name()))
    };
    [f, &gradient, &product].into_iter().filter_map(problem).collect()
}

/// The function in single precision; none for ops that have no such form.
fn in_single(f: &Arc<Core>) -> Option<Arc<Core>> {
    parse(&print(f).replace("f64", "f32")).ok()
}

/// Differences say little in single precision; double precision is the witness there.
fn against_double(sample: &Sample, single: &Arc<Core>, double: &GradientCheck) -> Vec<String> {
    let outcome = match check_gradient(&Function::from(single.clone()), &sample.at, ORDER, MODES) {
        Ok(outcome) => outcome,
        Err(e) => return vec![format!("{} in single precision: {e}", sample.name)],
    };
    let pairs = outcome.checked.iter().zip(&double.checked);
    let apart = |(single, double): (&Checked, &Checked)| {
        let scale = double.derivative.abs().max(1.0);
        let apart = (single.derivative - double.derivative).abs() / scale;
        let (name, order, mode) = (&sample.name, single.order, single.mode.name());
        let (s, d) = (single.derivative, double.derivative);
        (apart.is_nan() || apart > 1e-4)
            .then(|| format!("{name}, order {order}, {mode}: {s:?} in single precision, {d:?}"))
    };
    pairs.filter_map(apart).collect()
}
