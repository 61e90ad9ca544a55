//! Time to plan and to run scalar graphs, with the reference for contrast: random nodes, 45 % mul, 35 % add and sub, 5 %
//! div, 15 % transcendental, 95 % of operands within 64 nodes. Divide by the number of nodes. Below, products of square
//! matrices in three layouts, and elementwise work. `cargo bench -p wengert-interp`.

use std::sync::Arc;

use divan::{Bencher, black_box};
use graph_core::op::{Binary, Unary};
use graph_core::{Function, Graph, NodeId, Type, text};
use interp::{Program, Value, evaluate};

const NODES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

fn main() {
    divan::main();
}

#[divan::bench(args = NODES, sample_count = 20)]
fn plan(bencher: Bencher<'_, '_>, nodes: usize) {
    let f = random(nodes);
    bencher.counter(divan::counter::ItemsCount::new(nodes)).bench(|| Program::new(black_box(&f)).is_ok());
}

#[divan::bench(args = NODES, sample_count = 20)]
fn run(bencher: Bencher<'_, '_>, nodes: usize) {
    let program = Program::new(&random(nodes)).expect("a small program");
    let mut ws = program.workspace();
    let inputs = inputs();
    let mut outputs = vec![0.0; program.outputs()];
    bencher
        .counter(divan::counter::ItemsCount::new(nodes))
        .bench_local(|| program.run_into(&mut ws, black_box(&inputs), black_box(&mut outputs)).is_ok());
}

#[divan::bench(args = NODES, sample_count = 5)]
fn reference(bencher: Bencher<'_, '_>, nodes: usize) {
    let f = random(nodes);
    let args: Vec<Value> = inputs().into_iter().map(Value::from).collect();
    bencher.counter(divan::counter::ItemsCount::new(nodes)).bench(|| evaluate(black_box(&f), &args).is_ok());
}

#[divan::bench(args = ["lhs=[1], rhs=[0]", "lhs=[1], rhs=[1]", "lhs=[0], rhs=[0]"])]
fn dot_of_128(bencher: Bencher<'_, '_>, axes: &str) {
    let source = format!(
        "graph @f(%x: f64[128,128], %y: f64[128,128]) -> f64[128,128] {{
           %0 = dot %x, %y {{{axes}}} : f64[128,128] return %0 }}"
    );
    run_on_ones(bencher, &source);
}

#[divan::bench(args = ["%0 = mul %x, %y", "%0 = broadcast %c {axes=[]}", "%0 = exp %x"])]
fn stretch_of_100000(bencher: Bencher<'_, '_>, node: &str) {
    let ty = "f64[100000]";
    run_on_ones(bencher, &format!("graph @f(%x: {ty}, %y: {ty}, %c: f64) -> {ty} {{ {node} : {ty} return %0 }}"));
}

fn run_on_ones(bencher: Bencher<'_, '_>, source: &str) {
    let program = Program::new(&text::parse(source).expect("a graph")).expect("a small program");
    let mut ws = program.workspace();
    let (inputs, mut outputs) = (vec![1.0; program.inputs()], vec![0.0; program.outputs()]);
    bencher.bench_local(|| program.run_into(&mut ws, black_box(&inputs), black_box(&mut outputs)).is_ok());
}

fn inputs() -> Vec<f64> {
    (0..10).map(|i| 0.3 + 0.1 * f64::from(i)).collect()
}

/// Every node that is not an operand is a result, so that all count.
fn random(nodes: usize) -> Arc<Function> {
    let mut g = Graph::new();
    let mut made: Vec<NodeId> = (0..10).map(|i| g.param(&format!("x{i}"), Type::f64()).expect("a name")).collect();
    let mut state = 1u64;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    while g.len() < nodes {
        let window = if draw(20) == 0 { made.len() } else { made.len().min(64) };
        let x = made[made.len() - 1 - draw(window)];
        let y = made[made.len() - 1 - draw(window)];
        let node = match draw(100) {
            0..45 => g.mul(x, y),
            45..63 => g.add(x, y),
            63..80 => g.binary(Binary::Sub, x, y),
            80..85 => g.binary(Binary::Div, x, y),
            k => g.unary([Unary::Exp, Unary::Log, Unary::Sin, Unary::Cos, Unary::Tanh, Unary::Sqrt][k % 6], x),
        };
        if node.index() + 1 == g.len() {
            made.push(node);
        }
    }
    let counts = graph_core::walk::use_counts(&g);
    let results: Vec<NodeId> = made.into_iter().filter(|&id| counts[id] == 0).collect();
    Arc::new(Function::new("random", &g, &results).expect("a name"))
}
