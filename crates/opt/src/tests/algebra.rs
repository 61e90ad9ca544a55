//! Sums and products collected and factored: what is left to compute, and that its values are those there were.

use std::sync::Arc;

use graph_core::text::parse;
use graph_core::{Function, Type, walk};

use super::eval::{arguments, evaluate};
use crate::level::Level;
use crate::report::COLLECTED;
use crate::{optimize, simplify, total_cost};

/// Programs of %x, %y, %z: name, body, and how many operations are left.
const TABLE: &[(&str, &str, usize)] = &[
    ("like terms meet along different paths", "%0 = mul %x, %y %1 = mul %y, %z %2 = add %0, %1 %3 = sub %2, %0", 1),
    ("a product of sums stays one", "%0 = add %x, %y %1 = add %y, %z %2 = mul %0, %1", 3),
    (
        "a common factor is taken out",
        "%0 = sin %x %1 = mul %0, %y %2 = mul %0, %z %3 = square %0 %4 = add %1, %2 %5 = add %4, %3",
        4,
    ),
    (
        "a product that was written out is found again",
        "%0 = sin %x %1 = cos %x %2 = mul %0, %y %3 = mul %0, %z %4 = mul %1, %y %5 = mul %1, %z \
         %6 = add %2, %3 %7 = add %4, %5 %8 = add %6, %7",
        5,
    ),
    ("powers of one kernel meet", "%0 = sqrt %x %1 = mul %0, %x %2 = recip %x %3 = mul %1, %2 %4 = square %3", 0),
    (
        "powers a whole number apart",
        "%0 = const 1.0 : f64 %1 = add %y, %0 %2 = pow %x, %1 %3 = pow %x, %y %4 = div %2, %3",
        0,
    ),
];

/// Of scalars; the last node of the body is the result.
fn function(body: &str) -> Arc<Function> {
    let last =
        body.rsplit('=').nth(1).and_then(|before| before.split('%').next_back()).expect("a body has nodes").trim();
    let text = format!("graph @f(%x: f64, %y: f64, %z: f64) -> f64 {{ {body} return %{last} }}");
    parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

#[test]
fn polynomials_are_collected_and_factored() {
    let scalar = Type::f64();
    let arguments = arguments(&[&scalar; 3], &mut [0.7, 1.3, -0.4].into_iter());
    for (name, body, left) in TABLE {
        let f = function(body);
        let (better, report) = optimize(&f, Level::Relaxed);
        let operations = walk::operations(better.graph(), better.results());
        assert_eq!(operations, *left, "{name}: {better}");
        let value = |f: &Function| evaluate(f.graph(), f.results()[0], &arguments).leaves()[0].value;
        let (before, after) = (value(&f), value(&better));
        assert!((before - after).abs() < 1e-14, "{name}: {before} became {after}, {report}");
    }
}

/// A sum that grows along a chain is cut into pieces, or work would be quadratic.
#[test]
fn a_long_chain_is_collected_in_linear_work() {
    let mut g = graph_core::Graph::new();
    let x = g.param("x", Type::f64()).expect("a fresh name");
    let mut y = x;
    for i in 0..20_000 {
        let sine = g.unary(graph_core::op::Unary::Sin, y);
        let step = g.scalar(1e-6 * (1.0 + f64::from(i)));
        let step = g.mul(sine, step);
        y = g.add(y, step);
    }
    let simple = simplify(&g, &[y], Level::Relaxed);
    assert!(total_cost(&simple.graph, &simple.roots) <= total_cost(&g, &[y]));
}

#[test]
fn only_real_number_algebra_collects() {
    let f = function(TABLE[0].1);
    for level in [Level::None, Level::Exact, Level::Safe] {
        assert_eq!(optimize(&f, level).1.count(COLLECTED), 0);
    }
    assert_eq!(optimize(&f, Level::Relaxed).1.count(COLLECTED), 1);
}
