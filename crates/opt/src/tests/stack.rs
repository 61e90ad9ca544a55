//! Sums of contractions that become one: which do, what they cost, and that the values are the same within the class.

use std::fmt::Write as _;

use graph_core::text::parse;
use graph_core::{Graph, Op, Type, walk};

use super::eval::{arguments, evaluate};
use super::instances::streams;
use super::values::{Licence, disagreement};
use crate::report::STACKED;
use crate::{Class, Level, optimize, simplify, total_cost};

const PARAMS: &str = "%a: f64[9], %b: f64[9], %c: f64[9], %u: f64[8], %v: f64[8], %w: f64[8], %m: f64[9,2], %n: f64[2,8], \
                      %s: f64[9,8], %x: f64[5,9], %y: f64[5,8]";

/// Three outer products.
const THREE: &str = "%1 = dot %a, %u {lhs=[], rhs=[]} : f64[9,8]
    %2 = dot %b, %v {lhs=[], rhs=[]} : f64[9,8]
    %3 = dot %c, %w {lhs=[], rhs=[]} : f64[9,8]
    %4 = add %1, %2 : f64[9,8]
    %5 = add %4, %3 : f64[9,8]";

/// Name, body (the last node is the result, all are of the type of %s but for factors), contractions that are left at the
/// default level, and slices and concatenations.
const TABLE: &[(&str, &str, usize, usize)] = &[
    ("outer products", THREE, 1, 2),
    (
        "others stand between, and one is a product of matrices along an inner axis",
        "%1 = dot %a, %u {lhs=[], rhs=[]} : f64[9,8]
         %2 = dot %b, %v {lhs=[], rhs=[]} : f64[9,8]
         %3 = dot %m, %n {lhs=[1], rhs=[0]} : f64[9,8]
         %4 = dot %c, %w {lhs=[], rhs=[]} : f64[9,8]
         %5 = add %1, %s : f64[9,8]
         %6 = add %5, %2 : f64[9,8]
         %7 = add %3, %6 : f64[9,8]
         %8 = add %7, %4 : f64[9,8]",
        2,
        2,
    ),
    (
        "rows of one matrix come back together",
        "%1 = slice %x {start=[0,0], limit=[1,9], stride=[1,1]} : f64[1,9]
         %2 = slice %x {start=[1,0], limit=[2,9], stride=[1,1]} : f64[1,9]
         %3 = slice %x {start=[2,0], limit=[3,9], stride=[1,1]} : f64[1,9]
         %4 = reshape %1 : f64[9]
         %5 = reshape %2 : f64[9]
         %6 = reshape %3 : f64[9]
         %7 = dot %4, %u {lhs=[], rhs=[]} : f64[9,8]
         %8 = dot %5, %v {lhs=[], rhs=[]} : f64[9,8]
         %9 = dot %6, %w {lhs=[], rhs=[]} : f64[9,8]
         %10 = add %7, %8 : f64[9,8]
         %11 = add %10, %9 : f64[9,8]",
        1,
        2,
    ),
    (
        "two are left alone",
        "%1 = dot %a, %u {lhs=[], rhs=[]} : f64[9,8]
         %2 = dot %b, %v {lhs=[], rhs=[]} : f64[9,8]
         %3 = add %1, %2 : f64[9,8]",
        2,
        0,
    ),
    (
        "a product that is used elsewhere stays",
        "%1 = dot %a, %u {lhs=[], rhs=[]} : f64[9,8]
         %2 = dot %b, %v {lhs=[], rhs=[]} : f64[9,8]
         %3 = dot %c, %w {lhs=[], rhs=[]} : f64[9,8]
         %4 = add %1, %2 : f64[9,8]
         %5 = add %4, %3 : f64[9,8]
         %6 = mul %3, %5 : f64[9,8]",
        3,
        0,
    ),
    (
        "deep products are cheaper to add than their factors to copy",
        "%1 = dot %x, %y {lhs=[0], rhs=[0]} : f64[9,8]
         %2 = square %x : f64[5,9]
         %3 = dot %2, %y {lhs=[0], rhs=[0]} : f64[9,8]
         %4 = square %y : f64[5,8]
         %5 = dot %x, %4 {lhs=[0], rhs=[0]} : f64[9,8]
         %6 = add %1, %3 : f64[9,8]
         %7 = add %5, %6 : f64[9,8]",
        3,
        0,
    ),
];

fn function(body: &str) -> std::sync::Arc<graph_core::Function> {
    let last = body.rsplit_once('=').and_then(|_| body.trim().lines().last()?.trim().split(' ').next()).expect("nodes");
    let text = format!("graph @f({PARAMS}) -> f64[9,8] {{\n{body}\nreturn {last}\n}}");
    parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn count(g: &Graph, roots: &[graph_core::NodeId], is_it: fn(Op) -> bool) -> usize {
    walk::ancestors(g, roots).into_iter().filter(|&id| is_it(g.op(id))).count()
}

#[test]
fn sums_of_small_contractions_are_stacked_where_it_pays() {
    for (name, body, dots, concats) in TABLE {
        let f = function(body);
        let (better, report) = optimize(&f, Level::Safe);
        graph_core::verify(better.graph()).expect("the result is a graph");
        let (g, roots) = (better.graph(), better.results());
        assert_eq!(count(g, roots, |op| matches!(op, Op::Dot(_))), *dots, "{name}: {better}");
        assert_eq!(count(g, roots, |op| matches!(op, Op::Concat(_) | Op::Slice(_))), *concats, "{name}: {better}");
        assert_eq!(report.count(STACKED), usize::from(*concats > 0), "{name}");
        assert!(total_cost(g, roots) <= total_cost(f.graph(), f.results()), "{name}: {better}");
        for level in [Level::None, Level::Exact] {
            assert_eq!(optimize(&f, level).1.count(STACKED), 0, "{name}");
        }
    }
}

/// Ten thousand bindings of an element, with everything special.
#[test]
fn a_stack_keeps_values_as_its_class_says() {
    let (mut finite, mut other) = (0, 0);
    for (name, body, ..) in TABLE {
        let f = function(body);
        let better = simplify(f.graph(), f.results(), Level::Safe);
        let types: Vec<&Type> = f.params().iter().map(|p| f.graph().ty(p.node)).collect();
        for stream in streams(Class::Safe, false) {
            let arguments = arguments(&types, &mut stream.iter().copied().cycle());
            let before = evaluate(f.graph(), f.results()[0], &arguments).leaves();
            let after = evaluate(&better.graph, better.roots[0], &arguments).leaves();
            for (l, r) in before.into_iter().zip(after) {
                *if l.value.is_finite() { &mut finite } else { &mut other } += 1;
                assert_eq!(disagreement(Class::Safe, Licence::default(), l, r), None, "{name} on {stream:?}");
            }
        }
    }
    assert!(finite > 10_000 && other > 10_000, "{finite} {other}");
}

/// As a loop of a thousand steps written out leaves them.
#[test]
fn a_long_sum_is_few_contractions() {
    let mut text = String::from("graph @f(%x: f64[1000,20], %y: f64[1000,20]) -> f64[20,20] {\n");
    for i in 0..1000 {
        for (name, side) in [("p", "x"), ("q", "y")] {
            let _ = writeln!(
                text,
                "%{name}{i} = slice %{side} {{start=[{i},0], limit=[{},20], stride=[1,1]}} : f64[1,20]",
                i + 1
            );
        }
        let _ = writeln!(text, "%d{i} = dot %p{i}, %q{i} {{lhs=[0], rhs=[0]}} : f64[20,20]");
        match i {
            0 => text.push_str("%s0 = neg %d0 : f64[20,20]\n"),
            _ => drop(writeln!(text, "%s{i} = add %s{}, %d{i} : f64[20,20]", i - 1)),
        }
    }
    text.push_str("return %s999\n}");
    let f = parse(&text).unwrap_or_else(|e| panic!("{e}"));
    let (better, _) = optimize(&f, Level::Safe);
    assert!(walk::operations(better.graph(), better.results()) < 12, "{better}");
}
