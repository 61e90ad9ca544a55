//! Long chains, deep calls, wide graphs, threads.

use std::sync::Arc;
use std::thread;

use graph_core::op::Unary;
use graph_core::{Function, Graph, NodeId, Type};
use interp::{Program, Value, Workspace, evaluate};

use crate::random::scalars;
use crate::{parse, run};

const STACK: usize = 2 << 20;

fn on_a_small_stack<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().stack_size(STACK).spawn(f).expect("a thread");
    thread.join().expect("it ends without a panic")
}

/// x ← sin(x + x·x), over and over.
fn chain(steps: usize) -> Arc<Function> {
    let mut g = Graph::new();
    let mut x = g.param("x", Type::f64()).expect("a name");
    for _ in 0..steps {
        let square = g.mul(x, x);
        let sum = g.add(x, square);
        x = g.unary(Unary::Sin, sum);
    }
    Arc::new(Function::new("chain", &g, &[x]).expect("a name"))
}

#[test]
fn a_chain_needs_a_few_cells_however_long() {
    let [short, long] = [10, 100_000].map(|steps| Program::new(&chain(steps)).expect("a small program").peak_bytes());
    assert_eq!(short, long);
    assert!(long <= 4 * 8, "{long} bytes");
}

#[test]
fn a_million_nodes_run_on_a_small_stack() {
    let result = on_a_small_stack(|| run(&chain(333_334), &[0.5.into()])[0].as_scalar());
    let mut x = 0.5f64;
    (0..333_334).for_each(|_| x = Unary::Sin.eval(x + x * x));
    assert_eq!(result, Some(x));
}

#[test]
fn equal_ops_share_a_dispatch() {
    let mut g = Graph::new();
    let mut results = Vec::new();
    for i in 0..500 {
        let x = g.param(&format!("x{i}"), Type::f64()).expect("a name");
        let y = g.unary(Unary::Sin, x);
        let z = g.unary(Unary::Cos, x);
        results.push(g.mul(y, z));
    }
    let f = Arc::new(Function::new("f", &g, &results).expect("a name"));
    assert_eq!(Program::new(&f).expect("a small program").instructions(), 6, "two windows of three ops");
}

#[test]
fn calls_nest_as_deep_as_the_limit() {
    let mut f = parse("graph @f0(%x: f64, %y: f64) -> f64 { %0 = sub %x, %y : f64 return %0 }");
    for depth in 1..=graph_core::MAX_CALL_DEPTH {
        let mut g = Graph::new();
        let [x, y] = ["x", "y"].map(|name| g.param(name, Type::f64()).expect("a name"));
        let callee = g.add_function(&f);
        let inner = g.node(graph_core::Op::Call(callee), &[y, x]);
        let sum = g.add(inner, x);
        f = Arc::new(Function::new(&format!("f{depth}"), &g, &[sum]).expect("within the limit"));
    }
    let result = on_a_small_stack(move || run(&f, &[3.0.into(), 5.0.into()])[0].as_scalar());
    let (mut x, mut y, mut expected) = (3.0, 5.0, 0.0);
    for _ in 0..graph_core::MAX_CALL_DEPTH {
        expected += x;
        (x, y) = (y, x);
    }
    assert_eq!(result, Some(expected + (x - y)));
}

#[test]
fn callees_on_different_paths_share_their_frames() {
    let leaf = |name: &str| {
        format!("graph @{name}(%x: f64) -> f64 {{
            %0 = broadcast %x {{axes=[]}} : f64[1000] %1 = exp %0 : f64[1000] %2 = reduce_sum %1 {{axes=[0]}} : f64 return %2 }}\n")
    };
    let main = "graph @f(%x: f64) -> f64 { %0 = call @a(%x) : f64 %1 = call @b(%0) : f64 return %1 }";
    let f = parse(&(leaf("a") + &leaf("b") + main));
    run(&f, &[0.001.into()]);
    let bytes = Program::new(&f).expect("a small program").peak_bytes();
    assert!(bytes < 1100 * 8, "{bytes} bytes: one vector, taken over by `exp` and shared by both callees");
}

#[test]
fn a_wide_tuple_is_taken_apart_in_linear_time() {
    let mut g = Graph::new();
    let x = g.param("x", Type::f64()).expect("a name");
    let parts: Vec<NodeId> = (0..20_000)
        .map(|i| {
            let c = g.scalar(f64::from(i));
            g.add(x, c)
        })
        .collect();
    let tuple = g.param("t", Type::tuple(vec![Type::f64(); parts.len()])).expect("a name");
    let mut sum = x;
    for (i, &part) in parts.iter().enumerate() {
        let other = g.get(tuple, i);
        let product = g.mul(part, other);
        sum = g.add(sum, product);
    }
    let f = Arc::new(Function::new("wide", &g, &[sum]).expect("a name"));
    let program = Program::new(&f).expect("a small program");
    let ones = Value::Tuple(vec![1.0.into(); parts.len()]);
    let found = program.run(&mut program.workspace(), &[2.0.into(), ones]).expect("arguments that fit");
    let expected: f64 = 2.0 + (0..20_000).map(|i| 2.0 + f64::from(i)).sum::<f64>();
    assert_eq!(found[0].as_scalar(), Some(expected));
}

#[test]
fn threads_share_a_program() {
    fn shared<T: Send + Sync>(_: &T) {}
    let program = Program::new(&scalars(5_000)).expect("a small program");
    shared(&program);
    let points: Vec<Vec<Value>> =
        (0..20).map(|k| (0..10).map(|i| Value::from(0.1 + 0.05 * f64::from(i * k))).collect()).collect();
    let all = |ws: &mut Workspace| -> Vec<Vec<Value>> {
        points.iter().map(|args| program.run(ws, args).expect("arguments that fit")).collect()
    };
    let (one, other) = thread::scope(|s| {
        let handles = [(); 2].map(|()| s.spawn(|| all(&mut program.workspace())));
        let [one, other] = handles.map(|h| h.join().expect("it ends without a panic"));
        (one, other)
    });
    for (args, (x, y)) in points.iter().zip(one.iter().zip(&other)) {
        let expected = evaluate(program.function(), args).expect("arguments that fit");
        assert!(expected.iter().zip(x).all(|(a, b)| a.same_bits(b)));
        assert!(expected.iter().zip(y).all(|(a, b)| a.same_bits(b)));
    }
}
