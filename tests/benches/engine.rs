//! What the engine costs: building, differentiating, optimising, running. `cargo bench -p wengert-tests` prints times;
//! divide by the item count for nanoseconds a node, and read bytes a node from the lines printed first.

use std::hint::black_box;
use std::num::NonZero;
use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use graph_core::op::{Binary, Unary};
use graph_core::{Function, Graph, NodeId, Type};
use opt::Level;

fn main() {
    let (mut g, x, y) = recurrence(333_333);
    let before = (g.len(), g.bytes());
    autodiff::gradient(&mut g, y, &[x]).expect("a real scalar");
    println!("built: {} nodes, {:.1} bytes a node", before.0, before.1 as f64 / before.0 as f64);
    println!("differentiated: {} nodes, {:.1} bytes a node", g.len(), g.bytes() as f64 / g.len() as f64);
    divan::main();
}

/// y ← y + 1e-6·sin y, three nodes a step.
fn recurrence(steps: usize) -> (Graph, NodeId, NodeId) {
    let mut g = Graph::new();
    let x = g.param("x", Type::f64()).expect("a fresh name");
    let y = extend(&mut g, x, steps);
    (g, x, y)
}

fn extend(g: &mut Graph, mut y: NodeId, steps: usize) -> NodeId {
    let small = g.scalar(1e-6);
    for _ in 0..steps {
        let sine = g.unary(Unary::Sin, y);
        let step = g.binary(Binary::Mul, small, sine);
        y = g.binary(Binary::Add, y, step);
    }
    y
}

fn function(steps: usize) -> Arc<Function> {
    let (g, _, y) = recurrence(steps);
    Arc::new(Function::new("recurrence", &g, &[y]).expect("a function"))
}

fn gradient(steps: usize) -> Arc<Function> {
    autodiff::function::grad(&function(steps), &[0]).expect("a real scalar")
}

#[divan::bench(args = [1_000, 1_000_000], sample_count = 10)]
fn build_core(bencher: Bencher<'_, '_>, nodes: usize) {
    bencher.counter(ItemsCount::new(nodes)).bench(|| recurrence(nodes / 3));
}

#[divan::bench(args = [1_000, 1_000_000], sample_count = 10)]
fn build_facade(bencher: Bencher<'_, '_>, nodes: usize) {
    bencher.counter(ItemsCount::new(nodes)).bench(|| {
        let g = wengert::Graph::new();
        let mut y = g.scalar("x");
        for _ in 0..nodes / 3 {
            y += 1e-6 * y.sin();
        }
        (g, y)
    });
}

#[divan::bench(args = [1_000, 1_000_000], sample_count = 10)]
fn differentiate_reverse(bencher: Bencher<'_, '_>, nodes: usize) {
    let graph = recurrence(nodes / 3);
    bencher.counter(ItemsCount::new(nodes)).with_inputs(|| graph.clone()).bench_values(|(mut g, x, y)| {
        autodiff::gradient(&mut g, y, &[x]).expect("a real scalar");
        g
    });
}

#[divan::bench(args = [1_000, 1_000_000], sample_count = 10)]
fn differentiate_forward(bencher: Bencher<'_, '_>, nodes: usize) {
    let graph = recurrence(nodes / 3);
    bencher.counter(ItemsCount::new(nodes)).with_inputs(|| graph.clone()).bench_values(|(mut g, x, y)| {
        let one = g.scalar(1.0);
        autodiff::forward(&mut g, &[y], &[(x, one)]).expect("a real scalar");
        g
    });
}

/// The same 100-node piece at the end of graphs of different size.
#[divan::bench(args = [1_000, 1_000_000], sample_count = 200, sample_size = 1)]
fn differentiate_a_piece_of_100_in_a_graph_of(bencher: Bencher<'_, '_>, nodes: usize) {
    let (mut g, _, _) = recurrence(nodes / 3);
    let x = g.param("z", Type::f64()).expect("a fresh name");
    let y = extend(&mut g, x, 33);
    // Room, so that no run pays for growth: a first derivative with another seed.
    autodiff::gradient(&mut g, y, &[x]).expect("a real scalar");
    let mut seed = 1.0;
    bencher.counter(ItemsCount::new(100usize)).bench_local(|| {
        seed += 1.0;
        let ct = g.scalar(seed);
        black_box(autodiff::reverse(&mut g, &[(y, ct)], &[x]).expect("a real scalar"));
    });
}

#[divan::bench(args = [1_000, 1_000_000], sample_count = 10)]
fn optimize_a_gradient(bencher: Bencher<'_, '_>, nodes: usize) {
    let f = gradient(nodes / 6);
    bencher.counter(ItemsCount::new(f.graph().len())).bench(|| opt::optimize(&f, Level::Safe));
}

#[divan::bench(args = [1_000, 1_000_000], sample_count = 10)]
fn plan_a_gradient(bencher: Bencher<'_, '_>, nodes: usize) {
    let f = gradient(nodes / 6);
    bencher.counter(ItemsCount::new(f.graph().len())).bench(|| interp::Program::new(&f).expect("it fits"));
}

#[divan::bench(args = [1_000, 10_000, 1_000_000], sample_count = 10)]
fn run_planned(bencher: Bencher<'_, '_>, nodes: usize) {
    let f = gradient(nodes / 6);
    let program = interp::Program::new(&f).expect("it fits");
    let mut ws = program.workspace();
    let mut out = [0.0];
    bencher.counter(ItemsCount::new(f.graph().len())).bench_local(|| {
        program.run_into(&mut ws, black_box(&[0.5]), &mut out).expect("one input, one output");
        out
    });
}

#[divan::bench(args = [1_000, 10_000, 1_000_000], sample_count = 10)]
fn run_reference(bencher: Bencher<'_, '_>, nodes: usize) {
    let f = gradient(nodes / 6);
    let args = [interp::Value::from(0.5)];
    bencher
        .counter(ItemsCount::new(f.graph().len()))
        .bench_local(|| interp::evaluate(&f, black_box(&args)).expect("one argument"));
}

/// A run of one node: what a call costs beside the work.
#[divan::bench]
fn call_overhead(bencher: Bencher<'_, '_>) {
    let mut g = Graph::new();
    let x = g.param("x", Type::f64()).expect("a fresh name");
    let y = g.binary(Binary::Add, x, x);
    let f = Arc::new(Function::new("double", &g, &[y]).expect("a function"));
    let program = interp::Program::new(&f).expect("it fits");
    let mut ws = program.workspace();
    let mut out = [0.0];
    bencher.bench_local(|| {
        program.run_into(&mut ws, black_box(&[0.5]), &mut out).expect("one input, one output");
        out
    });
}

/// The lecture's formula from text to a running Hessian.
#[divan::bench]
fn formula_to_hessian() -> wengert::partials::Partials {
    let formula = wengert::formula::Formula::parse(black_box("ln(x1) + x1*x2 - sin(x2)")).expect("a formula");
    let settings = wengert::partials::Settings { order: 2, ..Default::default() };
    wengert::partials::Partials::new(&formula, &settings).expect("derivatives exist")
}

fn rosenbrock(n: usize) -> wengert::Function {
    use wengert::{DType, Type};
    wengert::Function::new("rosenbrock", &[("x", Type::tensor(DType::F64, &[n]))], |v| {
        let (left, right) = (v[0].slice(&[0], &[n - 1], &[1]), v[0].slice(&[1], &[n], &[1]));
        ((right - left.square()).square() * 100.0 + (1.0 - left).square()).sum()
    })
    .expect("a program")
}

/// Pattern, colouring, and the graph of the compressed Hessian: time should be linear in the size.
#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 10)]
fn set_up_sparse_hessian(bencher: Bencher<'_, '_>, n: usize) {
    let f = rosenbrock(n);
    bencher.counter(ItemsCount::new(n)).bench(|| f.sparse_hessian("x").expect("a number"));
}

#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 10)]
fn run_sparse_hessian(bencher: Bencher<'_, '_>, n: usize) {
    let program = rosenbrock(n).sparse_hessian("x").and_then(|s| s.function.compile()).expect("a program");
    let at = vec![0.9; n];
    bencher.counter(ItemsCount::new(n)).bench(|| program.run(&at).expect("finite"));
}

#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 10)]
fn run_gradient(bencher: Bencher<'_, '_>, n: usize) {
    let program = rosenbrock(n).grad("x").and_then(|f| f.compile()).expect("a program");
    let at = vec![0.9; n];
    bencher.counter(ItemsCount::new(n)).bench(|| program.run(&at).expect("finite"));
}

/// The Hessian of a function of four numbers with 50 operations, at 6,400 points: one after the other, and side by side.
#[divan::bench(args = [0, 1, 2])]
fn run_at_points_on_threads(bencher: Bencher<'_, '_>, threads: usize) {
    let params = ["a", "b", "c", "d"].map(|name| (name, wengert::Type::f64()));
    let body = |v: &[wengert::Expr]| {
        let step = |y: wengert::Expr, i: usize| (y * v[i % 4]).sin() + v[(i + 1) % 4] * 0.1;
        (0..12).fold(v[0], step)
    };
    let f = wengert::Function::new("f", &params, body).and_then(|f| f.hessian(f.real_params())).expect("a number");
    let points: Vec<f64> = (0..4 * 6_400).map(|i| (0.37 * f64::from(i)).sin()).collect();
    let mut answers = vec![0.0; 16 * 6_400];
    match NonZero::new(threads) {
        None => {
            let one = f.compile().expect("a function");
            bencher.bench_local(|| {
                for (point, answer) in points.chunks(4).zip(answers.chunks_mut(16)) {
                    one.run_into(point, answer).expect("it runs");
                }
            });
        }
        Some(threads) => {
            let many = wengert::Points::new(&f).expect("a function");
            bencher.bench_local(|| many.run_into(&points, &mut answers, threads).expect("it runs"));
        }
    }
}

/// The gradient of 1,000 sines of products of single numbers, as a model written out number by number has them.
#[divan::bench]
fn run_single_sines(bencher: Bencher<'_, '_>) {
    let g = wengert::Graph::new();
    let xs: Vec<wengert::Expr> = (0..1000).map(|i| g.scalar(&format!("x{i}"))).collect();
    let y = xs.iter().fold(wengert::Expr::from(0.0), |sum, x| sum + x.sin());
    let program = wengert::grad(y, xs).and_then(|gradient| g.compile(gradient)).expect("a number");
    let at: Vec<f64> = (0..1000).map(|i| (0.37 * f64::from(i)).cos()).collect();
    let mut out = vec![0.0; 1000];
    bencher.bench_local(|| program.run_into(&at, &mut out).expect("it runs"));
}
