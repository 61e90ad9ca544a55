//! Pseudo-random graphs of bounded values, so that NaNs hide no difference: reordering, reuse of cells and views must not
//! change a bit.

use std::sync::Arc;

use graph_core::op::{Axes, Binary, Compare, DotSpec, Op, Reduce, Unary};
use graph_core::{DType, Function, Graph, NodeId, Shape, Type};
use interp::Value;

use crate::{counted, parse, run};

struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Pseudo-random scalar nodes of bounded values, mostly on recent operands.
pub fn scalars(nodes: usize) -> Arc<Function> {
    let mut g = Graph::new();
    let mut made: Vec<NodeId> = (0..10).map(|i| g.param(&format!("x{i}"), Type::f64()).expect("a name")).collect();
    let mut draw = Draw(1);
    while made.len() < nodes {
        let window = if draw.below(20) == 0 { made.len() } else { made.len().min(64) };
        let [x, y] = [0, 1].map(|_| made[made.len() - 1 - draw.below(window)]);
        made.push(match draw.below(8) {
            0 | 1 => g.mul(x, y),
            2 => g.binary(Binary::Max, x, y),
            3 => g.unary(Unary::Tanh, x),
            4 => g.unary(Unary::Cos, x),
            5 => {
                let sum = g.add(x, y);
                g.unary(Unary::Sin, sum)
            }
            6 => {
                let difference = g.binary(Binary::Sub, x, y);
                g.unary(Unary::Sigmoid, difference)
            }
            _ => {
                let c = g.compare(Compare::Lt, x, y);
                g.select(c, y, x)
            }
        });
    }
    Arc::new(Function::new("random", &g, &made[nodes.saturating_sub(50)..]).expect("a name"))
}

/// Matrices, vectors and scalars made from each other, structures and calls in between.
fn tensors(seed: u64, nodes: usize) -> Arc<Function> {
    let swap = parse(
        "graph @swap(%a: f64[3,3], %b: f64) -> (f64, f64[3,3]) {
           %0 = broadcast %b {axes=[]} : f64[3,3] %1 = sub %a, %0 : f64[3,3] %2 = tanh %1 : f64[3,3]
           %3 = reduce_max %2 {axes=[0,1]} : f64 return %3, %2 }",
    );
    let (square, row) = (Shape::new(&[3, 3]), Shape::new(&[1, 3]));
    let mut g = Graph::new();
    let callee = g.add_function(&swap);
    let mut matrices = vec![g.param("m", Type::tensor(DType::F64, &square)).expect("a name")];
    let mut scalars = vec![g.param("s", Type::f64()).expect("a name")];
    let mut draw = Draw(seed);
    for _ in 0..nodes {
        let [m, n] = [0, 1].map(|_| matrices[matrices.len() - 1 - draw.below(matrices.len().min(6))]);
        let s = scalars[scalars.len() - 1 - draw.below(scalars.len().min(6))];
        let matrix = match draw.below(10) {
            0 => g.binary(Binary::Sub, m, n),
            1 => g.mul(m, n),
            2 => g.permute(m, &Axes::new(&[1, 0])),
            3 => g.reverse(m, &Axes::new(&[draw.below(2)])),
            4 => g.dot(m, n, DotSpec::contract(&[draw.below(2)], &[draw.below(2)])),
            5 => g.broadcast(s, &square, &Axes::default()),
            6 => {
                let sums = g.reduce(Reduce::Sum, m, &Axes::new(&[draw.below(2)]));
                g.broadcast(sums, &square, &Axes::new(&[draw.below(2)]))
            }
            7 => {
                let rows = [0, 1, 2].map(|_| {
                    let (i, from) = (draw.below(3), if draw.below(2) == 0 { m } else { n });
                    let row = g.slice(from, &Shape::new(&[i, 0]), &Shape::new(&[i + 1, 3]), &Shape::new(&[1, 1]));
                    g.unary(Unary::Sin, row)
                });
                g.concat(&rows, 0)
            }
            8 => {
                let c = g.compare(Compare::Lt, m, n);
                g.select(c, n, m)
            }
            _ => {
                let both = g.node(Op::Call(callee), &[m, s]);
                scalars.push(g.get(both, 0));
                g.get(both, 1)
            }
        };
        matrices.push(g.unary(Unary::Tanh, matrix));
        let first = g.slice(m, &Shape::new(&[0, 0]), &row, &Shape::new(&[1, 1]));
        let sum = g.reduce(Reduce::Sum, first, &Axes::new(&[0, 1]));
        let sum = g.mul(sum, s);
        scalars.push(g.unary(Unary::Cos, sum));
    }
    let tuple = g.node(Op::Tuple, &[matrices[matrices.len() - 1], scalars[scalars.len() - 1], matrices[nodes / 2]]);
    Arc::new(Function::new("tensors", &g, &[tuple, scalars[nodes / 2]]).expect("a name"))
}

#[test]
fn windows_of_random_graphs_keep_every_bit() {
    for nodes in [20, 1_000, 30_000] {
        let args: Vec<Value> = (0..10).map(|i| Value::from(0.3 + 0.1 * f64::from(i))).collect();
        let results = run(&scalars(nodes), &args);
        assert!(results.iter().filter_map(Value::as_scalar).all(|x| x.is_finite()), "NaNs would hide differences");
    }
}

#[test]
fn mixed_graphs_keep_every_bit() {
    for seed in 0..40 {
        let results = run(&tensors(seed, 20 + seed as usize), &[counted(&[3, 3]).into(), 0.7.into()]);
        let leaves: Vec<f64> = results.iter().flat_map(Value::leaves).flat_map(|t| t.to_f64()).collect();
        assert!(leaves.iter().all(|x| x.is_finite()), "NaNs would hide differences");
        assert!(leaves.iter().any(|x| x.abs() > 1e-3), "zeros would hide differences");
    }
}
