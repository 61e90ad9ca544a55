//! What a caller sees of the driver: what it never folds, what it keeps, and that it ends.

use std::sync::Arc;

use graph_core::op::{Compare, Unary};
use graph_core::provenance::{Derived, Origin};
use graph_core::text::{parse, print};
use graph_core::{Buffer, DType, Function, Graph, Literal, NodeId, Op, Shape, Type};

use crate::{Level, Rule, Simplified, optimize, rules, simplify};

/// The body of an optimised function, without its head and its `return`.
fn optimized(body: &str, level: Level) -> String {
    let (f, report) = optimize(&function(body), level);
    graph_core::verify(f.graph()).expect("the result is a graph");
    assert_eq!(report.exhausted, 0, "{report}");
    let text = print(&f);
    let lines: Vec<&str> = text.lines().skip(1).take_while(|line| *line != "}").map(str::trim).collect();
    lines.join("\n")
}

fn function(body: &str) -> Arc<Function> {
    let text = format!("graph @f(%x: f64, %y: f64, %c: bool) -> f64 {{\n{body}\n}}");
    parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn check(body: &str, level: Level, expect: &str) {
    assert_eq!(optimized(body, level), expect, "{body}");
}

/// Neither `exact` nor `safe` changes the body.
fn check_stays(body: &str) {
    check(body, Level::Exact, body);
    check(body, Level::Safe, body);
}

#[test]
fn zero_times_x_x_minus_x_and_x_over_x_are_not_folded() {
    check_stays("%0 = const 0.0 : f64\n%1 = mul %x, %0 : f64\nreturn %1");
    check_stays("%0 = sub %x, %x : f64\nreturn %0");
    check_stays("%0 = div %x, %x : f64\nreturn %0");
}

#[test]
fn relaxed_folds_them() {
    check("%0 = sub %x, %x : f64\nreturn %0", Level::Relaxed, "%0 = const 0.0 : f64\nreturn %0");
    check("%0 = div %x, %x : f64\nreturn %0", Level::Relaxed, "%0 = const 1.0 : f64\nreturn %0");
}

#[test]
fn adding_zero_vanishes_at_safe_and_stays_at_exact() {
    let body = "%0 = const 0.0 : f64\n%1 = add %x, %0 : f64\nreturn %1";
    check(body, Level::Exact, body);
    check(body, Level::Safe, "return %x");
}

#[test]
fn relu_and_max_with_zero_stay_what_they_are() {
    check_stays("%0 = relu %x : f64\nreturn %0");
    check_stays("%0 = const 0.0 : f64\n%1 = max %x, %0 : f64\nreturn %1");
}

#[test]
fn the_square_of_abs_keeps_its_kink() {
    check_stays("%0 = abs %x : f64\n%1 = square %0 : f64\nreturn %1");
    check_stays("%0 = square %x : f64\n%1 = sqrt %0 : f64\nreturn %1");
}

#[test]
fn masks_keep_their_literal_zero() {
    check_stays("%0 = const 0.0 : f64\n%1 = select %c, %x, %0 : f64\nreturn %1");
    check_stays("%0 = const 0.0 : f64\n%1 = select %c, %0, %x : f64\nreturn %1");
    let negated = "%0 = not %c : bool\n%1 = const 0.0 : f64\n%2 = select %0, %x, %1 : f64\nreturn %2";
    check(negated, Level::Safe, "%0 = const 0.0 : f64\n%1 = select %c, %0, %x : f64\nreturn %1");
}

#[test]
fn commutative_operands_match_in_both_orders() {
    check("%0 = neg %x : f64\n%1 = add %0, %y : f64\nreturn %1", Level::Exact, "%0 = sub %y, %x : f64\nreturn %0");
    check("%0 = neg %x : f64\n%1 = add %y, %0 : f64\nreturn %1", Level::Exact, "%0 = sub %y, %x : f64\nreturn %0");
}

#[test]
fn coefficients_of_opposite_sign_are_not_collected() {
    let body = "%0 = const 2.0 : f64\n%1 = mul %x, %0 : f64\n%2 = sub %1, %x : f64\nreturn %2";
    check(body, Level::Safe, body);
    check(body, Level::Relaxed, "return %x");
}

#[test]
fn constants_that_would_overflow_stay_apart() {
    check_stays("%0 = const 1e200 : f64\n%1 = mul %x, %0 : f64\n%2 = mul %1, %0 : f64\nreturn %2");
    check_stays("%0 = const 1e-200 : f64\n%1 = mul %x, %0 : f64\n%2 = mul %1, %0 : f64\nreturn %2");
}

#[test]
fn stability_rewrites_are_found_through_simplified_parts() {
    let written = "%0 = exp %x : f64\n%1 = const 1.0 : f64\n%2 = sub %1, %0 : f64\n%3 = log %2 : f64\nreturn %3";
    check(written, Level::Safe, "%0 = log1mexp %x : f64\nreturn %0");
    let written = "%0 = neg %x : f64\n%1 = exp %0 : f64\n%2 = const 1.0 : f64\n%3 = add %2, %1 : f64\n\
                   %4 = div %2, %3 : f64\n%5 = sub %2, %4 : f64\n%6 = log %5 : f64\nreturn %6";
    check(written, Level::Safe, "%0 = neg %x : f64\n%1 = log_sigmoid %0 : f64\nreturn %1");
}

#[test]
fn level_none_drops_dead_nodes_and_changes_nothing_else() {
    let f = function("%0 = const 1.0 : f64\n%1 = mul %0, %x : f64\nreturn %1");
    let mut g = f.graph().clone();
    let dead = g.unary(Unary::Exp, f.results()[0]);
    let Simplified { graph, roots, report } = simplify(&g, f.results(), Level::None);
    assert_eq!((graph.len(), report.before, report.after), (g.len() - 1, g.len(), g.len() - 1));
    assert_eq!(graph.op(roots[0]), g.op(f.results()[0]));
    assert!(g.contains(dead) && report.fired.is_empty());
}

#[test]
fn unused_parameters_and_the_order_of_results_stay() {
    let f = function("%0 = mul %x, %x : f64\nreturn %0");
    let (x, y) = (f.params()[0].node, f.params()[1].node);
    let Simplified { graph, roots, .. } = simplify(f.graph(), &[y, f.results()[0], y, x], Level::Safe);
    assert_eq!(graph.params().iter().map(|p| &*p.name).collect::<Vec<_>>(), ["x", "y", "c"]);
    assert_eq!(roots[0], roots[2]);
    assert_eq!([roots[0], roots[3]], [graph.params()[1].node, graph.params()[0].node]);
}

const CALLS: &str = "graph @inner(%x: f64) -> f64 {\n  %0 = mul %x, %x : f64\n  return %0\n}\n\n\
                     graph @middle(%x: f64) -> f64 {\n  %0 = call @inner(%x) : f64\n  return %0\n}\n\n\
                     graph @outer(%x: f64) -> f64 {\n  %0 = call @middle(%x) : f64\n  %1 = call @inner(%0) : f64\n  return %1\n}\n";

#[test]
fn each_callee_is_optimised_once_and_called_everywhere() {
    let (f, report) = optimize(&parse(CALLS).expect("it is a graph"), Level::Exact);
    assert_eq!(report.count("mul-self"), 1, "{report}");
    assert_eq!(print(&f), CALLS.replace("mul %x, %x", "square %x"));
}

#[test]
fn callees_that_are_as_good_as_can_be_stay_the_same_object() {
    let f = parse(&CALLS.replace("mul %x, %x", "exp %x")).expect("it is a graph");
    let (optimized, _) = optimize(&f, Level::Safe);
    assert!(Arc::ptr_eq(&f.graph().functions()[0], &optimized.graph().functions()[0]));
}

#[test]
fn origins_follow_their_nodes() {
    let mut g = Graph::new();
    let x = g.param("x", Type::f64()).expect("the first name");
    g.set_origin(Origin { label: Some("loss".into()), ..Origin::default() });
    let loss = g.mul(x, x);
    g.set_origin(Origin {
        derived: Some(Derived {
            primal: Some(loss),
            op: g.op(loss).code(),
            operand: 0,
            rule: graph_core::provenance::Rule::Bilinear,
            order: 1,
        }),
        ..Origin::default()
    });
    let slope = g.add(x, x);
    let Simplified { graph, roots, .. } = simplify(&g, &[loss, slope], Level::Exact);
    assert_eq!(graph.op(roots[0]), Op::Unary(Unary::Square));
    assert_eq!(graph.origin(roots[0]).label.as_deref(), Some("loss"));
    assert_eq!(graph.origin(roots[1]).derived.expect("it is one").primal, Some(roots[0]));
    let Simplified { graph, roots, .. } = simplify(&g, &[slope], Level::Exact);
    assert_eq!(graph.origin(roots[0]).derived.expect("it is one").primal, None, "the primal is not there");
}

/// x ↦ tanh(x·2 + x)·3 − x, again and again: rules fire all along the chain.
fn chain(nodes: usize) -> (Graph, NodeId) {
    let mut g = Graph::new();
    let x = g.param("x", Type::f64()).expect("the first name");
    let (two, three) = (g.scalar(2.0), g.scalar(3.0));
    let mut y = x;
    while g.len() < nodes {
        let double = g.mul(two, y);
        let triple = g.add(double, y);
        let bent = g.unary(Unary::Tanh, triple);
        let scaled = g.mul(three, bent);
        let back = g.neg(x);
        y = g.add(back, scaled);
    }
    (g, y)
}

#[test]
fn a_million_nodes_are_rewritten_on_a_small_stack_in_linear_time() {
    let work = || {
        let (g, y) = chain(1_000_000);
        let Simplified { graph, roots, report } = simplify(&g, &[y], Level::Safe);
        assert_eq!(report.exhausted, 0);
        assert!(graph.len() < g.len() * 5 / 6 && graph.contains(roots[0]), "{report}");
        let twice = simplify(&graph, &roots, Level::Safe);
        assert_eq!(twice.report.fired, []);
        let (mut g, y) = (g, y);
        let below = g.len();
        let tower = (0..500_000).fold(y, |x, _| g.neg(x));
        assert!(simplify(&g, &[tower], Level::Exact).graph.len() <= below, "the tower of signs is gone");
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread starts");
    thread.join().expect("the work is done on 2 MiB of stack");
}

#[test]
fn two_runs_give_the_same_text() {
    let (g, y) = chain(2_000);
    let text = |level| {
        let Simplified { graph, roots, .. } = simplify(&g, &[y], level);
        print(&Arc::new(Function::new("f", &graph, &roots).expect("it is a function")))
    };
    for level in Level::ALL {
        assert_eq!(text(level), text(level));
    }
}

#[test]
fn large_constants_are_not_made_by_folding() {
    let mut g = Graph::new();
    let shape = [1 << 20];
    let elements = graph_core::Buffer::F64((0..shape[0]).map(|i| i as f64).collect());
    let dense = graph_core::Literal::dense(elements, graph_core::Shape::new(&shape)).expect("as many as the shape has");
    let dense = g.literal_node(dense);
    let y = g.unary(Unary::Exp, dense);
    assert_eq!(simplify(&g, &[y], Level::Relaxed).report.fired, []);
}

#[test]
fn comparisons_of_integers_fold_beyond_the_precision_of_reals() {
    let mut g = Graph::new();
    let big = |g: &mut Graph, value: i64| {
        g.literal_node(graph_core::Literal::splat(graph_core::Scalar::I64(value), graph_core::Shape::scalar()))
    };
    let (a, b) = (big(&mut g, (1 << 53) + 1), big(&mut g, 1 << 53));
    let less = g.compare(Compare::Gt, a, b);
    let Simplified { graph, roots, .. } = simplify(&g, &[less], Level::Exact);
    assert_eq!(graph.known(roots[0]), Some(1.0));
    assert_eq!(graph.ty(roots[0]), &Type::tensor(DType::Bool, &[]));
}

#[test]
fn bits_of_a_real_taken_back_stay_flat_to_a_differentiator() {
    let body = "%0 = bitcast %x : i64\n%1 = bitcast %0 : f64\nreturn %1";
    check_stays(body);
}

#[test]
fn levels_are_named_as_on_the_command_line() {
    for level in Level::ALL {
        assert_eq!(level.to_string().parse(), Ok(level));
    }
    assert_eq!(Level::default(), Level::Safe);
    assert!("fast".parse::<Level>().is_err());
}

#[test]
fn names_of_rules_are_distinct_and_in_kebab_case() {
    let mut names: Vec<&str> = rules().map(Rule::name).collect();
    let is_kebab = |name: &&str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    assert!(names.iter().all(is_kebab), "{names:?}");
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// −(c·x) and c·(−x) both become x·(−c), and x·(−c) is −(x·c) where −c is a node.
#[test]
fn a_sign_does_not_go_round_a_constant_that_is_too_large_to_fold() {
    let mut g = Graph::new();
    let x = g.param("x", Type::tensor(DType::F64, &[1025])).expect("a name");
    let elements = (0..1025).map(f64::from).collect();
    let c = Literal::dense(Buffer::F64(elements), Shape::new(&[1025])).expect("as many as the shape has");
    let c = g.literal_node(c);
    let minus = g.neg(x);
    let inside = g.mul(minus, c);
    let product = g.mul(x, c);
    let outside = g.neg(product);
    for level in Level::ALL {
        let Simplified { graph, roots, report } = simplify(&g, &[inside, outside], level);
        assert_eq!(report.exhausted, 0, "{report}");
        let shared = roots[0] == roots[1] && graph.op(roots[0]) == Op::Unary(Unary::Neg);
        assert_eq!(shared, level > Level::None);
    }
}
