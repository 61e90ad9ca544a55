//! Limits that must not exist.

use std::sync::Arc;

use graph_core::op::{Binary, Unary};
use graph_core::{Function, Graph, Type, text};
use interp::Program;
use opt::Level;

/// y ← y + 1e-6·sin y, three nodes a step.
fn chain(steps: usize) -> Arc<Function> {
    let mut g = Graph::new();
    let x = g.param("x", Type::f64()).expect("a fresh name");
    let small = g.scalar(1e-6);
    let mut y = x;
    for _ in 0..steps {
        let sine = g.unary(Unary::Sin, y);
        let step = g.binary(Binary::Mul, small, sine);
        y = g.binary(Binary::Add, y, step);
    }
    Arc::new(Function::new("chain", &g, &[y]).expect("a function"))
}

/// The flow of y' = 1e-6·sin y by Euler steps: y, y' and y'' by the recurrence itself.
fn by_hand(steps: usize, x: f64) -> [f64; 3] {
    let (mut y, mut d, mut dd) = (x, 1.0, 0.0);
    for _ in 0..steps {
        let (sine, cosine) = y.sin_cos();
        dd += 1e-6 * (cosine * dd - sine * d * d);
        d += 1e-6 * cosine * d;
        y += 1e-6 * sine;
    }
    [y, d, dd]
}

#[test]
fn a_chain_of_a_million_nodes_needs_no_more_than_two_mebibytes_of_stack() {
    let steps = 333_333;
    let work = move || {
        let f = chain(steps);
        assert!(f.graph().len() >= 1_000_000);
        let first = autodiff::function::grad(&f, &[0]).expect("one real result");
        let second = autodiff::function::grad(&first, &[0]).expect("one real result");
        let (second, _) = opt::optimize(&second, Level::Safe);
        let value = |f: &Arc<Function>| {
            let program = Program::new(f).expect("it fits");
            let mut out = [0.0];
            program.run_into(&mut program.workspace(), &[0.5], &mut out).expect("one input, one output");
            out[0]
        };
        let found = [value(&f), value(&first), value(&second)];
        for (found, expected) in found.iter().zip(by_hand(steps, 0.5)) {
            assert!((found - expected).abs() <= 1e-10 * expected.abs(), "{found} {expected}");
        }
        assert!(text::print(&second).lines().count() >= second.graph().len());
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).expect("a thread");
    thread.join().expect("the work ends without overflow");
}

#[test]
fn two_builds_print_the_same_bytes() {
    let print = || {
        let f = chain(50);
        let second = autodiff::function::hessian(&f, &[0]).expect("one real result");
        [text::print(&second), text::print(&opt::optimize(&second, Level::Safe).0)]
    };
    assert_eq!(print(), print());
}

#[test]
fn a_diamond_of_calls_is_differentiated_once_a_function() {
    // 2^60 paths: each function calls the one below twice.
    let mut g = Graph::new();
    let x = g.param("x", Type::f64()).expect("a fresh name");
    let sine = g.unary(Unary::Sin, x);
    let mut f = Arc::new(Function::new("f0", &g, &[sine]).expect("a function"));
    for depth in 1..60 {
        let mut g = Graph::new();
        let x = g.param("x", Type::f64()).expect("a fresh name");
        let callee = g.add_function(&f);
        let once = g.node(graph_core::Op::Call(callee), &[x]);
        let twice = g.node(graph_core::Op::Call(callee), &[once]);
        f = Arc::new(Function::new(&format!("f{depth}"), &g, &[twice]).expect("a function"));
    }
    let gradient = autodiff::function::grad(&f, &[0]).expect("one real result");
    assert!(text::print(&gradient).lines().count() < 1000);
}

#[test]
fn windows_that_reach_far_meet_nothing_or_little_and_have_derivatives() {
    let far = 1i64 << 40;
    let attributes = [
        format!("low=[{far}], high=[{}]", 3 - far),
        format!("low=[{}], high=[{far}]", 3 - far),
        format!("low=[{}], high=[{}]", 8 * far, -8 * far),
        format!("stride=[{far}], low=[1]"),
        format!("base_dilation=[{}], high=[{}]", far / 2 - 1, 3 - far),
        format!("window_dilation=[{}], low=[{}]", far / 2 - 1, far - 3),
        "low=[-5], high=[7]".to_string(),
    ];
    let total =
        |y: &str, shape: &str| format!("{y}\n %s = reduce_sum %y {{axes={shape}}}\n %r = sin %s\n return %r\n}}");
    let mut texts = Vec::new();
    for attributes in attributes {
        let conv = format!(" %b = reshape %x : f64[1,1,3]\n %e = exp %b\n %y = conv %b, %e {{{attributes}}}");
        texts.push(total(&conv, "[0,1,2]"));
        for kind in ["sum", "prod"] {
            texts.push(total(&format!(" %y = reduce_window_{kind} %x {{window=[3], {attributes}}}"), "[0]"));
        }
    }
    texts.push(total(&format!(" %y = reduce_window_max %x {{window=[{far}], low=[{}]}}", far - 2), "[0]"));
    texts.push(total(&format!(" %y = reduce_window_prod %x {{window=[{far}], high=[{}]}}", far - 1), "[0]"));
    for text in texts {
        let text = format!("graph @f(%x: f64[3]) -> f64 {{\n{text}");
        let f = wengert::Function::from(text::parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}")));
        let outcome = wengert::check_gradient(&f, &[0.3, 0.9, 0.5], 3, &wengert::Mode::NESTED);
        let outcome = outcome.unwrap_or_else(|e| panic!("{e}\n{text}"));
        let wrong: Vec<_> = outcome.checked.iter().filter(|c| !c.agrees()).collect();
        assert!(wrong.is_empty(), "{wrong:?}\n{text}");
    }
}
