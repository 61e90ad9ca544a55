//! Every op under the transforms that rest on linearity: tangents are linear and their transpose is the adjoint, a split
//! function is the function, and a function that is given its own derivative as a rule keeps all of them.

use std::sync::Arc;

use autodiff::function::{grad, jvp, real_params, vjp};
use autodiff::linear::{linearize, transpose};
use graph_core::op::Linalg;
use graph_core::{CustomRule, Function, Opcode, walk};
use testkit::sample::Sample;
use wengert::{Error, GradientCheck, check_gradient};

use super::batching::{differ, run, values_from};
use super::{MODES, ORDER};

/// Ops whose tangents are linear by mathematics, which their structure does not show: exponentials of blocks, and
/// determinants with columns replaced. Transposing them is refused.
const OPAQUE_TANGENTS: [Opcode; 2] = [Opcode::Linalg(Linalg::Expm), Opcode::Linalg(Linalg::Cofactor)];
/// The same of adjoints: limits at equal eigenvalues look at the size of a cotangent.
const OPAQUE_ADJOINTS: [Opcode; 2] = [Opcode::Linalg(Linalg::Eigh), Opcode::Linalg(Linalg::Svd)];

/// Highest order to which functions with rules are held to those without.
const RULED: usize = 3;

/// What does not hold of the sample, whose derivatives are `known`.
pub fn problems(op: Opcode, sample: &Sample, known: &GradientCheck) -> Vec<String> {
    let mut problems = Vec::new();
    problems.extend(turned_round(op, sample));
    problems.extend(split(sample));
    problems.extend(ruled(op, sample, known));
    problems
}

/// What transposing gave; a refusal is no problem where it may be.
fn refusal<T>(sample: &Sample, opaque: bool, outcome: Result<T, impl Into<Error>>) -> Result<T, Option<String>> {
    match (opaque, outcome.map_err(Into::into)) {
        (_, Ok(value)) => Ok(value),
        (true, Err(Error::Derivative { source: autodiff::Error::NotLinear { .. }, .. })) => Err(None),
        (_, Err(e)) => Err(Some(format!("{}: {e}", sample.name))),
    }
}

/// The point, and a vector of directions.
fn arguments(sample: &Sample) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let mut rest = sample.at.iter().copied();
    let part = |param: usize| {
        let ty = sample.function.param_type(param).as_tensor().expect("parameters of samples are tensors");
        rest.by_ref().take(ty.shape.elements()).collect::<Vec<f64>>()
    };
    let at: Vec<Vec<f64>> = (0..sample.function.params().len()).map(part).collect();
    let real = real_params(&sample.function);
    let direction = |(i, x): (usize, f64)| 0.3 + 0.1 * i as f64 - 0.05 * x;
    let directions = real.iter().map(|&param| at[param].iter().copied().enumerate().map(direction).collect()).collect();
    (at, directions)
}

/// The transpose of the tangent is the gradient.
fn turned_round(op: Opcode, sample: &Sample) -> Option<String> {
    let f = &sample.function;
    let wrt = real_params(f);
    let tangent = jvp(f, &wrt).expect("it has been differentiated before");
    let directions: Vec<usize> = (f.params().len()..tangent.params().len()).collect();
    let adjoint = match refusal(sample, OPAQUE_TANGENTS.contains(&op), transpose(&tangent, &directions)) {
        Ok(adjoint) => adjoint,
        Err(problem) => return problem,
    };
    let (at, _) = arguments(sample);
    let expected = run(&grad(f, &wrt).expect("it has been differentiated before"), &at);
    let found = run(&adjoint, &[at, vec![vec![1.0]]].concat());
    differ(&found, &expected).then(|| format!("{}: {found:?} from the tangent, {expected:?}", sample.name))
}

/// The two parts of a split function are the function and its tangent.
fn split(sample: &Sample) -> Option<String> {
    let f = &sample.function;
    let wrt = real_params(f);
    let parts = linearize(f, &wrt).expect("it has been differentiated before");
    let tangent = jvp(f, &wrt).expect("it has been differentiated before");
    let (at, directions) = arguments(sample);
    let program = interp::Program::new(&parts.primal).expect("a small function");
    let mut results = program.run(&mut program.workspace(), &values_from(&parts.primal, 0, &at)).expect("they fit");
    let residuals = results.split_off(f.results().len());
    let linear = interp::Program::new(&parts.linear).expect("a small function");
    let count = residuals.len();
    let tangents = values_from(&parts.linear, count, &directions);
    let found = linear.run(&mut linear.workspace(), &[residuals, tangents].concat()).expect("they fit");
    let found: Vec<f64> = found.iter().flat_map(|value| value.leaves().into_iter().flat_map(|t| t.to_f64())).collect();
    let expected = run(&tangent, &[at, directions].concat());
    differ(&found, &expected).then(|| format!("{}: {found:?} from the linear part, {expected:?}", sample.name))
}

/// With its own tangent, or its own adjoint, as a rule, a function has the same derivatives in every mode.
fn ruled(op: Opcode, sample: &Sample, known: &GradientCheck) -> Vec<String> {
    let f = &sample.function;
    let wrt = real_params(f);
    let tangent = CustomRule::Jvp(jvp(f, &wrt).expect("it has been differentiated before"));
    let adjoint = CustomRule::Vjp(with_results(f, &vjp(f, &wrt).expect("it has been differentiated before")));
    let problem = |rule: CustomRule| {
        let word = rule.word();
        let ruled = f.with_rule(rule).expect("the rule is made for it");
        let order = if word == "jvp" { RULED } else { RULED - 1 };
        let opaque = OPAQUE_TANGENTS.contains(&op) || word == "vjp" && OPAQUE_ADJOINTS.contains(&op);
        let outcome = check_gradient(&wengert::Function::from(Arc::new(ruled)), &sample.at, order, MODES);
        match refusal(sample, opaque, outcome) {
            Err(problem) => problem.into_iter().collect::<Vec<_>>(),
            Ok(outcome) => {
                let plain = known.checked.iter().filter(|c| c.order <= order);
                let pairs = plain.zip(&outcome.checked).filter(|(plain, ruled)| {
                    (plain.derivative - ruled.derivative).abs() > 1e-10 * plain.derivative.abs().max(1.0)
                });
                let tell = |(plain, ruled): (&wengert::Checked, &wengert::Checked)| {
                    let (a, b, mode) = (plain.derivative, ruled.derivative, ruled.mode.name());
                    format!("{}, order {}, {mode}: {b:?} with a {word}, {a:?} without", sample.name, ruled.order)
                };
                pairs.map(tell).collect()
            }
        }
    };
    [tangent, adjoint].into_iter().flat_map(problem).collect()
}

/// The adjoint with a parameter for each result of the function before the cotangents, as rules have it.
fn with_results(f: &Function, vjp: &Arc<Function>) -> Arc<Function> {
    let mut g = graph_core::Graph::new();
    let mut given = Vec::new();
    for (index, param) in vjp.params().iter().enumerate() {
        if index == f.params().len() {
            for (i, &y) in f.results().iter().enumerate() {
                g.param(&format!("result.{i}"), f.graph().ty(y).clone()).expect("a name");
            }
        }
        given.push((param.node, g.param(&param.name, vjp.param_type(index).clone()).expect("a name")));
    }
    let results = walk::copy(vjp.graph(), vjp.results(), &mut g, &given);
    Arc::new(Function::new(vjp.name(), &g, &results).expect("a small function"))
}

const _: () = assert!(RULED <= ORDER);
