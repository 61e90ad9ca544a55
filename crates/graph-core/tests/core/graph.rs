//! Interning, order, provenance and verification.

use std::sync::Arc;

use graph_core::op::{Binary, Compare, Unary};
use graph_core::provenance::{Derived, Origin, Rule};
use graph_core::text::print;
use graph_core::{DType, Function, Graph, Op, Type, verify};

use crate::function;

fn scalars(names: [&str; 2]) -> (Graph, graph_core::NodeId, graph_core::NodeId) {
    let mut g = Graph::new();
    let [x, y] = names.map(|name| g.param(name, Type::f64()).expect("a name"));
    (g, x, y)
}

#[test]
fn equal_op_and_operands_are_one_node() {
    let (mut g, x, y) = scalars(["x", "y"]);
    assert_eq!(g.add(x, y), g.add(x, y));
    assert_ne!(g.add(x, y), g.add(y, x), "nothing commutes by itself");
    assert_ne!(g.add(x, y), g.mul(x, y));
    assert_eq!(g.len(), 5);
}

#[test]
fn constants_are_equal_by_bits() {
    let mut g = Graph::new();
    assert_eq!(g.scalar(f64::NAN), g.scalar(f64::NAN));
    assert_ne!(g.scalar(0.0), g.scalar(-0.0));
}

#[test]
fn attributes_distinguish_nodes() {
    let mut g = Graph::new();
    let x = g.param("x", Type::tensor(DType::F64, &[2, 3])).expect("a name");
    let of_axes = |g: &mut Graph, axes: &[usize]| g.reverse(x, &graph_core::Shape::new(axes));
    assert_eq!(of_axes(&mut g, &[0]), of_axes(&mut g, &[0]));
    assert_ne!(of_axes(&mut g, &[0]), of_axes(&mut g, &[1]));
}

#[test]
fn operands_are_older_than_their_users() {
    let f = function("graph @f(%x: f64) -> f64 {\n  %0 = sin %x\n  %1 = mul %0, %x\n  return %1\n}");
    for &id in f.graph().nodes() {
        assert!(f.graph().operands(id).iter().all(|x| x.index() < id.index()));
    }
}

#[test]
fn names_of_parameters_are_names_and_distinct() {
    let mut g = Graph::new();
    g.param("x", Type::f64()).expect("a name");
    assert_eq!(
        g.param("x", Type::f64()).expect_err("taken").to_string(),
        "name `x` is taken by another parameter; rename one of them"
    );
    for bad in ["", "1x", "a b", "%x", "x\n"] {
        assert_eq!(g.param(bad, Type::f64()).expect_err("not a name").code(), "name", "{bad:?}");
    }
    let twice = Type::record([("a b", Type::f64()), ("a b", Type::f64())]);
    assert_eq!(g.param("y", twice).expect_err("two fields of a name").code(), "name");
}

#[test]
fn dead_nodes_are_dropped_and_parameters_kept() {
    let (mut g, x, y) = scalars(["x", "y"]);
    g.mul(x, y);
    let kept = g.unary(Unary::Sin, x);
    let f = Function::new("f", &g, &[kept]).expect("a name");
    assert_eq!((f.graph().len(), f.params().len()), (3, 2));
}

#[test]
fn hundred_thousand_parameters_are_not_quadratic() {
    let mut g = Graph::new();
    let params: Vec<_> = (0..100_000).map(|i| g.param(&format!("x{i}"), Type::f64()).expect("a name")).collect();
    let f = Function::new("f", &g, &params[99_999..]).expect("a name");
    verify(f.graph()).expect("it is a graph");
}

#[test]
fn types_of_shared_halves_hit_the_limit_on_parts() {
    let (mut g, x, _) = scalars(["x", "y"]);
    let mut half = x;
    let doubled = (0..60).map(|_| g.make(Op::Tuple, &[half, half]).map(|id| half = id));
    let errors: Vec<_> = doubled.filter_map(Result::err).take(1).collect();
    let message = errors[0].to_string();
    assert!(message.starts_with("parts of a type in `tuple %14: ((((") && message.len() < 1000, "{message}");
    assert!(message.ends_with("more than the limit of 65536"), "{message}");
}

/// d (x·y) / dx = y as a node, with the product alive or dead.
fn derivative(product_is_a_result: bool) -> Arc<Function> {
    let (mut g, x, y) = scalars(["x", "y"]);
    let product = g.mul(x, y);
    let origin =
        Derived { primal: Some(product), op: g.op(product).code(), operand: 0, rule: Rule::Bilinear, order: 2 };
    g.set_origin(Origin { derived: Some(origin), ..Origin::default() });
    let d = g.neg(y);
    let results = if product_is_a_result { vec![product, d] } else { vec![d] };
    Arc::new(Function::new("f", &g, &results).expect("a name"))
}

#[test]
fn provenance_survives_copies_and_names_the_primal_if_it_is_there() {
    assert!(print(&derivative(true)).contains("// d %0 mul / d %x, order 2\n"), "{}", print(&derivative(true)));
    assert!(print(&derivative(false)).contains("// d mul, order 2\n"), "{}", print(&derivative(false)));
    let f = derivative(true);
    let again = Function::new("f", f.graph(), f.results()).expect("a name");
    assert_eq!(again.to_string(), print(&f));
}

#[test]
fn labels_and_provenance_do_not_make_nodes_or_functions_different() {
    let (mut g, x, y) = scalars(["x", "y"]);
    let sum = g.add(x, y);
    let plain = Function::new("f", &g, &[sum]).expect("a name");
    g.set_label(sum, "total");
    let labelled = Function::new("f", &g, &[sum]).expect("a name");
    assert!(labelled.to_string().contains("// total"));
    assert_eq!(plain, labelled);
}

#[test]
fn what_the_constructors_make_is_valid() {
    let (mut g, x, y) = scalars(["x", "y"]);
    let c = g.compare(Compare::Lt, x, y);
    let z = g.binary(Binary::Pow, x, y);
    g.select(c, z, x);
    verify(&g).expect("it is a graph");
}
