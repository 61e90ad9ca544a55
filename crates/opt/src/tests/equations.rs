//! Rules given by two patterns: their instances are made from the patterns themselves, so none can be forgotten.

use graph_core::{DType, Graph, NodeId, Op, Shape, TensorType, Type, walk};

use super::eval::{Element, Value, evaluate, exact};
use super::values::{Licence, disagreement, tangents_differ};
use crate::level::{Class, Level};
use crate::pattern::{A, B, Pattern, W, X, Y, Z};
use crate::rule::{Law, Rule};
use crate::{cost, rules, simplify, total_cost};

const SPECIAL: &[f64] = &[
    f64::NAN,
    f64::INFINITY,
    0.0,
    5e-324,
    1e-310,
    1e-300,
    1e-160,
    1e-20,
    1e-8,
    0.1,
    0.5,
    1.0,
    1.5,
    2.0,
    3.7,
    8.0,
    20.0,
    37.5,
    40.0,
    100.0,
    700.0,
    712.0,
    745.0,
    1e8,
    1e155,
    1e300,
];
const ORDINARY: &[f64] = &[0.1, 0.3, 0.7, 0.9, 1.2, 2.5];
const COEFFICIENTS: &[(f64, f64)] =
    &[(3.0, 5.0), (-3.0, -0.7), (2.0, -0.5), (0.25, -4.0), (1e-200, 1e200), (1e-30, 1e30), (-1.0, 2.0), (1e300, 1e300)];

/// Rules that may undo an overflow of a factor at numbers above 1e288.
const OVERFLOWS: [&str; 1] = ["mul-mul-constants"];

/// Random bindings of each rule.
const RANDOM: usize = 10_000;

/// A random number: real-number algebra is held to ordinary ones, the other classes to all that there are, subnormals and
/// infinities and NaN among them.
pub fn number(noise: &mut fastrand::Rng, class: Class, dtype: DType) -> f64 {
    let sign = if noise.bool() { 1.0 } else { -1.0 };
    let size = match (class, noise.u8(..8)) {
        (Class::Relaxed, _) => 0.05 + 4.0 * noise.f64(),
        (_, 0) => SPECIAL[noise.usize(..SPECIAL.len())],
        (_, 1) => f64::from_bits(noise.u64(..)),
        (_, 2) => f64::from(f32::from_bits(noise.u32(..))),
        (_, 3) => f64::from(noise.u8(..20)),
        (_, 4) => 1.0 + (noise.f64() - 0.5) * 1e-8,
        (_, 5) => (noise.f64() * 80.0 - 40.0).exp(),
        _ => 4.0 * noise.f64(),
    };
    match dtype {
        DType::F32 => f64::from((sign * size) as f32),
        // Larger ones have no double of their own, which is what the witness computes with.
        DType::I64 => (sign * size).clamp(-(1i64 << 52) as f64, (1i64 << 52) as f64).trunc(),
        DType::F64 | DType::Bool => sign * size,
    }
}

struct Instance {
    g: Graph,
    left: NodeId,
    right: NodeId,
}

/// Both sides over parameters, for coefficients to which the rule applies.
fn instance(rule: &Rule, dtype: DType, coefficients: (f64, f64)) -> Option<Instance> {
    let Law::Equation { left, .. } = &rule.law else { return None };
    let mut g = Graph::new();
    for (name, variable) in [("x", X), ("y", Y), ("z", Z), ("w", W)] {
        let dtype = if is_truth(left, &variable) { DType::Bool } else { dtype };
        g.param(name, Type::tensor(dtype, &[])).expect("names are distinct");
    }
    let root = if is_logical(left) { DType::Bool } else { dtype };
    let left = build(left, &mut g, root, coefficients);
    let right = rule.attempt(None, &mut g, left)?;
    Some(Instance { g, left, right })
}

fn instances(rule: &Rule) -> Vec<(DType, Instance)> {
    let Law::Equation { left, .. } = &rule.law else { return Vec::new() };
    let coefficients = if mentions(left, &A) { COEFFICIENTS } else { &COEFFICIENTS[..1] };
    let kinds = if is_integer(left) { &[DType::I64][..] } else { &[DType::F64, DType::F32] };
    let all = kinds.iter().flat_map(|&dtype| coefficients.iter().map(move |&c| (dtype, c)));
    all.filter_map(|(dtype, c)| Some((dtype, instance(rule, dtype, c)?))).collect()
}

fn mentions(pattern: &Pattern, variable: &Pattern) -> bool {
    match pattern {
        Pattern::Node(_, parts) => parts.iter().any(|part| mentions(part, variable)),
        Pattern::Any(_) | Pattern::Constant(_) | Pattern::Number(_) => pattern == variable,
    }
}

/// Whether a variable stands for truth values.
fn is_truth(pattern: &Pattern, variable: &Pattern) -> bool {
    let Pattern::Node(op, parts) = pattern else { return false };
    let here = match op {
        Op::Logic(_) => parts.contains(variable),
        Op::Select => parts[0] == *variable,
        _ => false,
    };
    here || parts.iter().any(|part| is_truth(part, variable))
}

fn is_logical(pattern: &Pattern) -> bool {
    matches!(pattern, Pattern::Node(Op::Logic(_), _))
}

/// Whether both sides are integers.
fn is_integer(pattern: &Pattern) -> bool {
    matches!(pattern, Pattern::Node(Op::Integer(_), _))
}

fn build(pattern: &Pattern, g: &mut Graph, dtype: DType, (a, b): (f64, f64)) -> NodeId {
    let ty = TensorType { dtype, shape: Shape::scalar() };
    let constants = [(A, a), (B, b)];
    match pattern {
        Pattern::Any(_) => {
            let at = [X, Y, Z, W].iter().position(|v| v == pattern).expect("one of the variables");
            g.params()[at].node
        }
        Pattern::Constant(_) => g.splat(constants.iter().find(|(v, _)| v == pattern).expect("a or b").1, &ty),
        Pattern::Number(value) => g.splat(*value, &ty),
        Pattern::Node(op, parts) => {
            let kind = |i: usize| match op {
                Op::Logic(_) if matches!(&parts[i], Pattern::Node(Op::Compare(_), _)) => DType::Bool,
                Op::Select if i == 0 => DType::Bool,
                Op::Compare(_) => DType::F64,
                _ => dtype,
            };
            let operands: Vec<_> = (0..parts.len()).map(|i| build(&parts[i], g, kind(i), (a, b))).collect();
            g.node(*op, &operands)
        }
    }
}

fn samples(class: Class) -> Vec<f64> {
    match class {
        Class::Relaxed => ORDINARY.to_vec(),
        Class::Exact | Class::Safe => SPECIAL.iter().flat_map(|&x| [x, -x]).collect(),
    }
}

/// The values of both sides at (x, y), with z true and false where it is a condition.
fn both_sides(i: &Instance, x: Element, y: Element, z: f64) -> (Element, Element) {
    let kinds = i.g.params().iter().map(|p| i.g.ty(p.node).as_tensor().expect("scalars").dtype);
    let truth = |e: Element| exact(f64::from(u8::from(e.value > 0.0)));
    let arguments: Vec<Value> = kinds
        .zip([x, y, exact(z), exact(0.5)])
        .map(|(dtype, e)| match dtype {
            DType::Bool => truth(e),
            DType::F32 => Element { value: f64::from(e.value as f32), ..e },
            DType::I64 => Element { value: e.value as i64 as f64, ..e },
            DType::F64 => e,
        })
        .map(|e| Value::Tensor(vec![e]))
        .collect();
    let value = |root: NodeId| evaluate(&i.g, root, &arguments).leaves()[0];
    (value(i.left), value(i.right))
}

#[test]
fn every_equation_has_an_instance() {
    for rule in rules().filter(|rule| matches!(rule.law, Law::Equation { .. })) {
        assert!(!instances(rule).is_empty(), "{rule:?} applies to none of the coefficients");
    }
}

#[test]
fn every_equation_keeps_values_as_its_class_promises() {
    let mut failures = Vec::new();
    for rule in rules() {
        let instances = instances(rule);
        let each = RANDOM.div_ceil(instances.len().max(1));
        for (dtype, i) in instances {
            if let Some(failure) = first_disagreement(rule, &i, dtype, each) {
                failures.push(format!("{rule:?} on {dtype}: {failure}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// At special values, at each beside each other, then at random ones.
fn first_disagreement(rule: &Rule, i: &Instance, dtype: DType, random: usize) -> Option<String> {
    let Law::Equation { left, .. } = &rule.law else { return None };
    let samples = samples(rule.class());
    let ys = if mentions(left, &Y) { &samples[..] } else { &samples[..1] };
    let points = samples.iter().flat_map(|&x| ys.iter().flat_map(move |&y| [(x, y, 1.0), (x, y, -1.0)]));
    let mut noise = fastrand::Rng::with_seed(7);
    let random = (0..random).map(|_| {
        let z = if noise.bool() { 1.0 } else { -1.0 };
        (number(&mut noise, rule.class(), dtype), number(&mut noise, rule.class(), dtype), z)
    });
    points.chain(random).find_map(|(x, y, z)| {
        let nan_operand = x.is_nan() || mentions(left, &Y) && y.is_nan();
        let overflow = OVERFLOWS.contains(&rule.name()) && x.is_finite() && y.is_finite();
        let licence = Licence { stability: rule.family() == "stability", nan_operand, overflow };
        let (left, right) = both_sides(i, exact(x), exact(y), z);
        disagreement(rule.class(), licence, left, right).map(|why| format!("x = {x:e}, y = {y:e}: {why}"))
    })
}

#[test]
fn every_exact_or_safe_equation_keeps_first_derivatives_at_kinks() {
    let points = [0.0, 1.0, -1.0, 0.3, 2.5, -2.5];
    for rule in rules().filter(|rule| rule.class() != Class::Relaxed) {
        for (dtype, i) in instances(rule).into_iter().filter(|(dtype, _)| *dtype == DType::F64) {
            for (x, y, direction) in
                points.iter().flat_map(|&x| points.iter().flat_map(move |&y| [(x, y, 0), (x, y, 1)]))
            {
                let [dx, dy] = if direction == 0 { [1.0, 0.0] } else { [0.0, 1.0] };
                let at = |value: f64, tangent: f64| Element { tangent, ..exact(value) };
                let (left, right) = both_sides(&i, at(x, dx), at(y, dy), 1.0);
                let differ = left.value.is_finite() && tangents_differ(left, right);
                assert!(!differ, "{rule:?} on {dtype} at {x}, {y} along {direction}: {left:?} became {right:?}");
            }
        }
    }
}

/// What is left to pay once ops on constants are folded.
fn run_time_cost(g: &Graph, root: NodeId) -> u64 {
    let mut varies: Vec<NodeId> = g.params().iter().map(|p| p.node).collect();
    for id in walk::ancestors(g, &[root]) {
        if g.operands(id).iter().any(|x| varies.contains(x)) {
            varies.push(id);
        }
    }
    let live = walk::ancestors(g, &[root]);
    live.into_iter().filter(|id| varies.contains(id)).map(|id| cost(g, id)).sum()
}

#[test]
fn no_equation_raises_the_cost() {
    for rule in rules() {
        for (_, i) in instances(rule) {
            let (before, after) = (run_time_cost(&i.g, i.left), run_time_cost(&i.g, i.right));
            assert!(after <= before, "{rule:?}: cost {before} became {after}");
        }
    }
}

/// Left sides are in normal form, and no earlier rule takes all their instances away.
#[test]
fn the_driver_reaches_every_equation() {
    let unreached: Vec<_> = rules()
        .filter(|rule| matches!(rule.law, Law::Equation { .. }))
        .filter(|rule| {
            let level = match rule.class() {
                Class::Exact => Level::Exact,
                Class::Safe => Level::Safe,
                Class::Relaxed => Level::Relaxed,
            };
            instances(rule).iter().all(|(_, i)| simplify(&i.g, &[i.left], level).report.count(rule.name()) == 0)
        })
        .collect();
    assert!(unreached.is_empty(), "{unreached:#?}");
}

#[test]
fn rewriting_every_left_side_ends_and_a_second_pass_changes_nothing() {
    for rule in rules() {
        for ((_, i), level) in instances(rule).iter().flat_map(|i| Level::ALL.map(|level| (i, level))) {
            let once = simplify(&i.g, &[i.left], level);
            let twice = simplify(&once.graph, &once.roots, level);
            assert_eq!(once.report.exhausted, 0, "{rule:?} at {level}: {}", once.report);
            assert_eq!(twice.report.fired, [], "{rule:?} at {level}: {}", twice.report);
            assert!(total_cost(&once.graph, &once.roots) <= total_cost(&i.g, &[i.left]), "{rule:?} at {level}");
        }
    }
}
