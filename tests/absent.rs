//! A derivative that is not there is one of four things, in every mode, and never a silent zero: zero by mathematics,
//! disconnected, undefined (an error), not implemented (an error). Zeros that are asked for have the right structure.

use autodiff::{Absent, Derivative, Error};
use graph_core::text::parse;
use graph_core::{Function, Graph, NodeId};

/// A body on a vector x and a number y, of which only x enters the result as shown.
fn body(lines: &str, result: &str) -> std::sync::Arc<Function> {
    let text = format!(
        "graph @f(%x: f64[2], %y: f64, %r: {{a: f64[2], n: i64[3], b: (f64, bool)}}) -> f64 {{ {lines} return {result} }}"
    );
    parse(&text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// The derivative by parameter `by`, by reverse mode, forward mode and power series.
fn derivatives(f: &Function, by: usize) -> [Result<Derivative, Error>; 3] {
    let (y, x) = (f.results()[0], f.params()[by].node);
    let seed = |g: &mut Graph| -> NodeId { g.splat_like(1.0, x) };
    let mut g = f.graph().clone();
    let reverse = autodiff::gradient(&mut g, y, &[x]).map(|found| found[0]);
    let mut g = f.graph().clone();
    let dx = seed(&mut g);
    let forward = autodiff::forward(&mut g, &[y], &[(x, dx)]).map(|found| found[0]);
    let mut g = f.graph().clone();
    let dx = seed(&mut g);
    let series = autodiff::taylor(&mut g, &[y], &[(x, dx)], 2).map(|found| found[0][0]);
    [reverse, forward, series]
}

#[test]
fn what_is_flat_everywhere_is_zero_and_names_the_op() {
    let sum = "%9 = reduce_sum %8 {axes=[0]}";
    for (op, lines) in [
        ("floor", "%8 = floor %x"),
        ("sign", "%8 = sign %x"),
        ("stop_gradient", "%8 = stop_gradient %x"),
        ("cast", "%0 = cast %x : i64[2] %8 = cast %0 : f64[2]"),
        ("lt", "%0 = const 0.0 : f64[2] %1 = lt %x, %0 %8 = cast %1 : f64[2]"),
        ("is_nan", "%1 = is_nan %x %8 = cast %1 : f64[2]"),
        ("bitcast", "%0 = bitcast %x : i64[2] %8 = bitcast %0 : f64[2]"),
    ] {
        let f = body(&format!("{lines} {sum}"), "%9");
        for found in derivatives(&f, 0) {
            let found = found.unwrap_or_else(|e| panic!("{op}: {e}"));
            let Derivative::Absent(Absent::Zero(at)) = found else { panic!("{op}: {found:?}") };
            assert_eq!(f.graph().op(at).name(), op);
        }
    }
}

#[test]
fn where_no_path_leads_it_is_disconnected() {
    let f = body("%0 = sin %x %1 = reduce_sum %0 {axes=[0]}", "%1");
    for found in derivatives(&f, 1) {
        assert!(matches!(found, Ok(Derivative::Absent(Absent::Disconnected(_)))), "{found:?}");
    }
}

#[test]
fn integers_have_no_derivative_as_inputs_or_results() {
    let input = parse("graph @f(%n: i64) -> f64 { %0 = cast %n : f64 %1 = sin %0 return %1 }").expect("a program");
    let result = parse("graph @f(%x: f64) -> i64 { %0 = cast %x : i64 return %0 }").expect("a program");
    let (n, y) = (input.params()[0].node, input.results()[0]);
    let (x, k) = (result.params()[0].node, result.results()[0]);
    let mut g = result.graph().clone();
    let one = g.scalar(1.0);
    let errors = [
        autodiff::gradient(&mut input.graph().clone(), y, &[n]).err(),
        autodiff::forward(&mut g, &[k], &[(x, one)]).err(),
        autodiff::taylor(&mut g, &[k], &[(x, one)], 2).err(),
    ];
    for error in errors {
        assert_eq!(error.as_ref().map(Error::code), Some("undefined"), "{error:?}");
    }
}

#[test]
fn zeros_that_are_asked_for_have_the_structure_of_the_parameter() {
    let f = body("%0 = sin %x %1 = reduce_sum %0 {axes=[0]}", "%1");
    let mut g = f.graph().clone();
    let r = f.params()[2].node;
    let found = autodiff::gradient(&mut g, f.results()[0], &[r]).expect("it is real");
    let zeros = found[0].or_zeros(&mut g, r);
    assert_eq!(g.ty(zeros).to_string(), "{a: f64[2], n: (), b: (f64, ())}");
    let by_all = autodiff::function::grad(&f, &[0, 1, 2]).expect("all have real parts");
    assert_eq!(by_all.result_type().to_string(), "(f64[2], f64, {a: f64[2], n: (), b: (f64, ())})");
}
