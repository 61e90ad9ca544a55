//! The infix form.

use std::sync::Arc;

use graph_core::op::{Cumulate, Linalg, ReduceWindow, Scatter, Unary};
use graph_core::text::{Formulas, math, math_results};
use graph_core::{Function, Graph, Opcode, Type};

use crate::function;
use crate::samples::sample;

/// The infix form of the last line of a body over scalars x, y, z.
fn check(body: &[&str], expect: &str) {
    let lines: String = body.iter().map(|line| format!("  {line}\n")).collect();
    let last = body.len() - 1;
    let graph = format!("graph @f(%x: f64, %y: f64, %z: f64) -> f64 {{\n{lines}  return %{last}\n}}");
    assert_eq!(math(&function(&graph), 0), expect, "{graph}");
}

#[test]
fn operators_take_the_fewest_parentheses_that_keep_the_tree() {
    check(
        &["%0 = log %x", "%1 = mul %x, %y", "%2 = add %0, %1", "%3 = sin %y", "%4 = sub %2, %3"],
        "log(x) + x*y - sin(y)",
    );
    check(&["%0 = sub %y, %z", "%1 = sub %x, %0"], "x - (y - z)");
    check(&["%0 = sub %x, %y", "%1 = sub %0, %z"], "x - y - z");
    check(&["%0 = add %x, %y", "%1 = mul %0, %z"], "(x + y)*z");
    check(&["%0 = div %y, %z", "%1 = div %x, %0"], "x/(y/z)");
    check(&["%0 = mul %x, %y", "%1 = div %0, %z"], "x*y/z");
}

#[test]
fn signs_never_follow_an_operator_bare() {
    check(&["%0 = neg %y", "%1 = add %x, %0"], "x + (-y)");
    check(&["%0 = neg %x", "%1 = mul %0, %y"], "-x*y");
    check(&["%0 = mul %x, %y", "%1 = neg %0"], "-(x*y)");
    check(&["%0 = neg %x", "%1 = neg %0"], "-(-x)");
    check(&["%0 = const -2.0 : f64", "%1 = mul %0, %x", "%2 = add %y, %1"], "y + (-2*x)");
}

#[test]
fn powers_associate_to_the_right_and_bind_tighter_than_signs() {
    check(&["%0 = powi %x {n=3}", "%1 = neg %0"], "-x^3");
    check(&["%0 = neg %x", "%1 = powi %0 {n=3}"], "(-x)^3");
    check(&["%0 = powi %x {n=3}", "%1 = powi %0 {n=-2}"], "(x^3)^-2");
    check(&["%0 = pow %y, %z", "%1 = pow %x, %0"], "x^y^z");
    check(&["%0 = pow %x, %y", "%1 = pow %0, %z"], "(x^y)^z");
    check(&["%0 = neg %y", "%1 = pow %x, %0"], "x^-y");
    check(&["%0 = mul %y, %z", "%1 = pow %x, %0"], "x^(y*z)");
    check(&["%0 = const 2.0 : f64", "%1 = pow %x, %0"], "pow(x, 2)");
    check(&["%0 = const 2.5 : f64", "%1 = pow %x, %0"], "x^2.5");
    check(&["%0 = const -2.0 : f64", "%1 = pow %0, %x"], "(-2)^x");
    check(&["%0 = square %x", "%1 = recip %0"], "1/x^2");
}

#[test]
fn functions_and_choices_are_calls() {
    check(&["%0 = const 1.0 : f64", "%1 = lt %x, %0", "%2 = select %1, %y, %z"], "where(x < 1, y, z)");
    check(&["%0 = atan2 %x, %y"], "atan2(x, y)");
    check(
        &["%0 = polygamma %x {n=0}", "%1 = polygamma %0 {n=1}", "%2 = polygamma %1 {n=2}"],
        "polygamma(2, trigamma(digamma(x)))",
    );
    check(&["%0 = sinc %x {n=0}", "%1 = sinc %0 {n=1}"], "sinc_n(1, sinc(x))");
    check(&["%0 = const 3.141592653589793 : f64", "%1 = mul %0, %x"], "pi*x");
}

#[test]
fn shared_pieces_get_a_line_unless_tiny() {
    check(&["%0 = exp %x", "%1 = mul %0, %0"], "t1 = exp(x)\nt1*t1");
    check(&["%0 = neg %x", "%1 = mul %0, %0"], "-x*(-x)");
    check(&["%0 = sin %x", "%1 = mul %0, %0", "%2 = add %1, %1"], "t1 = sin(x)\nt2 = t1*t1\nt2 + t2");
    let taken = "graph @f(%t1: f64) -> f64 {\n %0 = exp %t1\n %1 = mul %0, %0\n return %1\n}";
    assert_eq!(math(&function(taken), 0), "t2 = exp(t1)\nt2*t2");
}

#[test]
fn results_share_their_temporaries() {
    let f =
        function("graph @f(%x: f64) -> (f64, f64) {\n %0 = exp %x\n %1 = neg %0\n %2 = add %0, %x\n return %1, %2\n}");
    assert_eq!(math_results(&f), "t1 = exp(x)\n-t1\nt1 + x");
    assert_eq!(math(&f, 0), "-exp(x)");
    let both = Formulas::of(&f, &[1, 0]);
    assert_eq!(both.results, ["t1 + x", "-t1"]);
}

#[test]
fn tensors_structures_and_calls_show_their_attributes() {
    let expect = [
        (Opcode::Const, "[[1.0, -0.0, inf], [-inf, nan, 1e-300]]"),
        (Opcode::Iota, "iota([2,3], axis=1)"),
        (Opcode::Cast, "cast(x, f32)"),
        (Opcode::Broadcast, "broadcast(x, [2,3,5], axes=[1])"),
        (Opcode::Reshape, "reshape(x, [3,2])"),
        (Opcode::Permute, "permute(x, [2,0,1])"),
        (Opcode::Slice, "x[1:2, 0:5:2]"),
        (Opcode::Pad, "pad(x, fill, low=[1,0], high=[0,2], interior=[0,1])"),
        (Opcode::Concat, "concat(x, y, axis=1)"),
        (Opcode::Reverse, "reverse(x, axes=[1])"),
        (Opcode::Cumulate(Cumulate::Prod), "cumprod(x, axis=1, reverse)"),
        (
            Opcode::Scatter(Scatter::Add),
            "scatter_add(x, i, u, offset=[0], collapsed=[1], start_map=[1], index_axis=1, sizes=[2,1])",
        ),
        (Opcode::Sort, "sort(x, n, axis=1, descending)"),
        (Opcode::Dot, "dot(x, y, lhs=[2], rhs=[1], lhs_batch=[0], rhs_batch=[0])"),
        (
            Opcode::Conv,
            "conv(x, k, stride=[2,1], low=[-1,0], high=[0,2], base_dilation=[1,3], window_dilation=[2,1], feature_groups=2)",
        ),
        (
            Opcode::ReduceWindow(ReduceWindow::Max),
            "reduce_window_max(x, window=[1,3], stride=[1,2], low=[0,-1], high=[0,2])",
        ),
        (Opcode::Linalg(Linalg::Solve), "solve(x, y)"),
        (Opcode::TriangularSolve, "triangular_solve(a, b, upper, unit)"),
        (Opcode::Tuple, "(x, (), (x,))"),
        (Opcode::Record, "{w: x, b.1: n}"),
        (Opcode::Get, "p.w[1]"),
        (Opcode::Call, "sq(x)"),
    ];
    for (code, text) in expect {
        assert_eq!(math(&function(&sample(code)), 0), text);
    }
    let products = "graph @f(%a: f64[2,3], %b: f64[3]) -> f64 {\n %0 = dot %a, %b {lhs=[1], rhs=[0]}
 %1 = const 2.0 : f64[2]\n %2 = mul %0, %1\n %3 = reduce_sum %2 {axes=[0]}\n return %3\n}";
    assert_eq!(math(&function(products), 0), "sum(2*(a @ b))");
    let ones = "graph @f() -> f64[2] {\n %0 = const 1.0 : f64[2]\n return %0\n}";
    assert_eq!(math(&function(ones), 0), "full(1, [2])");
}

#[test]
fn every_op_has_an_infix_form() {
    for &code in Opcode::all() {
        assert!(!math(&function(&sample(code)), 0).is_empty(), "{code:?}");
    }
}

#[test]
fn long_chains_break_into_lines_and_shared_ones_stay_linear() {
    let mut g = Graph::new();
    let x = g.param("x", Type::f64()).expect("a name");
    let (mut chain, mut doubled) = (x, x);
    for _ in 0..20_000 {
        chain = g.unary(Unary::Sin, chain);
        doubled = g.add(doubled, doubled);
    }
    let f = Arc::new(Function::new("f", &g, &[chain, doubled]).expect("a name"));
    let text = math_results(&f);
    assert!(text.lines().all(|line| line.len() <= 200), "{}", text.lines().map(str::len).max().unwrap_or(0));
    assert!(text.len() < 40 * g.len(), "{} bytes for {} nodes", text.len(), g.len());
}
