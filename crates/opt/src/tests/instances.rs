//! Rules given by a function: an instance each, in `laws.txt`. A rule without one fails.

use std::sync::Arc;

use graph_core::text::parse;
use graph_core::{DType, Function, Type};

use super::equations::number;
use super::eval::{arguments, evaluate};
use super::values::{Licence, disagreement};
use crate::level::{Class, Level};
use crate::rule::{Law, Rule};
use crate::{rules, simplify, total_cost};

/// Random points of each law, and numbers of each point: the parameters have 72 elements, so these are more than ten
/// thousand bindings of an element.
const RANDOM: usize = 200;
const LENGTH: usize = 71;

const CASES: &str = include_str!("laws.txt");

/// The cases of the file: the name of the rule, and the node.
fn cases(wanted: bool) -> Vec<(&'static str, Arc<Function>)> {
    let (head, cases) = CASES.split_once("\n# ").expect("the file has cases");
    let params = head.trim().lines().last().expect("the head ends with the parameters");
    let case = |text: &'static str| {
        let (title, body) = text.split_once('\n').expect("a title and a body");
        let name = title.strip_prefix("not ");
        (name.is_none() == wanted).then(|| (name.unwrap_or(title), graph(params, body.trim())))
    };
    cases.split("\n# ").filter_map(case).collect()
}

fn instances() -> Vec<(&'static str, Arc<Function>)> {
    cases(true)
}

fn graph(params: &str, body: &str) -> Arc<Function> {
    let last = body.lines().last().expect("a body has lines");
    let (node, ty) = last.split_once(" : ").expect("a line ends with its type");
    let name = node.split(' ').next().expect("a line starts with its name");
    let text = format!("graph @f({params}) -> {ty} {{\n{body}\nreturn {name}\n}}");
    parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn find(name: &str) -> &'static Rule {
    rules().find(|rule| rule.name() == name).unwrap_or_else(|| panic!("no rule is named {name}"))
}

#[test]
fn every_law_has_an_instance() {
    let missing: Vec<_> = rules()
        .filter(|rule| matches!(rule.law, Law::Function { .. }))
        .filter(|rule| instances().iter().all(|(name, _)| *name != rule.name()))
        .map(Rule::name)
        .collect();
    assert!(missing.is_empty(), "add instances of {missing:?} to laws.txt");
}

/// Values as the class promises, the same type, no higher cost.
#[test]
fn every_law_keeps_type_and_values_and_does_not_raise_the_cost() {
    for (name, f) in instances() {
        let rule = find(name);
        let (mut g, left) = (f.graph().clone(), f.results()[0]);
        let right = rule.attempt(None, &mut g, left).unwrap_or_else(|| panic!("{name} does not apply to {f}"));
        assert_eq!(g.ty(left), g.ty(right), "{name}: {f}");
        assert!(rule.may_cost_more() || total_cost(&g, &[right]) <= total_cost(&g, &[left]), "{name}: {f}");
        for stream in streams(rule.class(), rule.family() == "stability") {
            let types: Vec<&Type> = g.params().iter().map(|p| g.ty(p.node)).collect();
            let arguments = arguments(&types, &mut stream.iter().copied().cycle());
            let (l, r) = (evaluate(&g, left, &arguments).leaves(), evaluate(&g, right, &arguments).leaves());
            assert_eq!(l.len(), r.len(), "{name}: {f}");
            for (l, r) in l.into_iter().zip(r) {
                let nan_operand = stream.iter().any(|x| x.is_nan());
                let stability = rule.family() == "stability";
                let licence = Licence { stability, nan_operand, ..Licence::default() };
                assert_eq!(disagreement(rule.class(), licence, l, r), None, "{name}: {f} on {stream:?}");
            }
        }
    }
}

/// Prime lengths, so that no two axes see the same numbers.
pub fn streams(class: Class, stability: bool) -> Vec<Vec<f64>> {
    let ordinary = vec![0.3, -1.7, 2.5, 0.0, -0.25, 4.0, 1.0, -3.5, 0.1, 7.0, -0.9, 11.0, -6.0];
    let special = vec![1.0, -0.0, 1e300, -5e-324, f64::INFINITY, 0.5, -2.0];
    let with_nan = vec![1.0, f64::NAN, -1e-310, 0.0, 3.0];
    let mut all = match class {
        Class::Relaxed => vec![ordinary],
        Class::Exact | Class::Safe => vec![ordinary, special, with_nan],
    };
    let mut noise = fastrand::Rng::with_seed(5);
    // A NaN in one place would hide what a law of stability saves in others; the stream with one shows that it stays.
    let kept = |x: f64| if stability && x.is_nan() { 0.5 } else { x };
    let mut random = || (0..LENGTH).map(|_| kept(number(&mut noise, class, DType::F64))).collect();
    all.extend((0..RANDOM).map(|_| random()));
    all
}

#[test]
fn the_driver_reaches_every_law_and_a_second_pass_changes_nothing() {
    for (name, f) in instances() {
        for level in Level::ALL.into_iter().filter(|level| level.admits(find(name).class())) {
            let once = simplify(f.graph(), f.results(), level);
            assert!(once.report.count(name) > 0, "{name} at {level}: {f}\n{}", once.report);
            assert_eq!(once.report.exhausted, 0, "{name} at {level}: {f}\n{}", once.report);
            graph_core::verify(&once.graph).expect("the result is a graph");
            let twice = simplify(&once.graph, &once.roots, level);
            assert_eq!(twice.report.fired, [], "{name} at {level}: {f}");
        }
    }
}

#[test]
fn laws_do_not_apply_to_near_misses() {
    for (name, f) in cases(false) {
        let mut g = f.graph().clone();
        assert_eq!(find(name).attempt(None, &mut g, f.results()[0]), None, "{name}: {f}");
    }
}
