//! Time a node of rewriting long chains: one on which nothing fires, one on which something fires at every link.

use divan::Bencher;
use divan::counter::ItemsCount;
use graph_core::op::Unary;
use graph_core::{Graph, NodeId, Type};
use opt::{Level, simplify};

const NODES: usize = 1_000_000;

fn main() {
    divan::main();
}

fn chain(link: impl Fn(&mut Graph, NodeId, NodeId) -> NodeId) -> (Graph, NodeId) {
    let mut g = Graph::new();
    let x = g.param("x", Type::f64()).expect("the first name");
    let mut y = x;
    while g.len() < NODES {
        y = link(&mut g, x, y);
    }
    (g, y)
}

fn normal(g: &mut Graph, x: NodeId, y: NodeId) -> NodeId {
    let bent = g.unary(Unary::Sin, y);
    let product = g.mul(x, bent);
    g.add(x, product)
}

fn improvable(g: &mut Graph, x: NodeId, y: NodeId) -> NodeId {
    let two = g.scalar(2.0);
    let double = g.mul(two, y);
    let triple = g.add(double, y);
    let bent = g.unary(Unary::Tanh, triple);
    let scaled = g.mul(two, bent);
    let back = g.neg(x);
    g.add(back, scaled)
}

fn run(bencher: Bencher<'_, '_>, level: Level, (g, y): (Graph, NodeId)) {
    bencher.counter(ItemsCount::new(NODES)).bench(|| simplify(&g, &[y], level));
}

#[divan::bench(args = Level::ALL, sample_count = 5, sample_size = 1)]
fn nothing_fires(bencher: Bencher<'_, '_>, level: Level) {
    run(bencher, level, chain(normal));
}

#[divan::bench(args = Level::ALL, sample_count = 5, sample_size = 1)]
fn every_link_fires(bencher: Bencher<'_, '_>, level: Level) {
    run(bencher, level, chain(improvable));
}
