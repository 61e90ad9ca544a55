//! Random programs: a list of numbers read as a program, so that a shorter list is a smaller program and a failing one can
//! be shrunk. Each number adds a node of one op, chosen from all there are; the result is the sum of everything unused.

mod check;
mod maker;
mod shrink;
mod steps;

use std::sync::Arc;

use graph_core::op::Reduce;
use graph_core::{DType, Function, Type};

pub use check::{Outcome, check};
pub use shrink::shrink;

use maker::Maker;

/// What programs are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    /// Numbers, and the ops that take them element by element.
    Scalar,
    /// Tensors of rank 0 to 4, structures and calls, and every op.
    Tensor,
}

impl World {
    fn params(self) -> Vec<(&'static str, Type)> {
        let record = Type::record([("a", Type::f64()), ("b", Type::tensor(DType::F64, &[2]))]);
        match self {
            World::Scalar => ["x", "y", "s"].map(|name| (name, Type::f64())).into(),
            World::Tensor => vec![
                ("x", Type::tensor(DType::F64, &[3])),
                ("y", Type::tensor(DType::F64, &[2, 3])),
                ("s", Type::f64()),
                ("r", record),
            ],
        }
    }

    /// Number of elements of all parameters of a program.
    pub fn inputs(self) -> usize {
        let leaves = self.params();
        leaves.iter().flat_map(|(_, ty)| ty.leaves()).map(|leaf| leaf.shape.elements()).sum()
    }
}

/// The program that the numbers spell.
pub fn program(world: World, choices: &[u32]) -> Arc<Function> {
    let mut maker = Maker::new(world);
    choices.iter().for_each(|&choice| maker.step(choice));
    let (mut g, pool) = maker.finish();
    let used = graph_core::walk::use_counts(&g);
    let mut total = g.scalar(0.0);
    for &node in pool.iter().filter(|&&node| used[node] == 0) {
        let axes = (0..g.shape(node).rank()).collect();
        let sum = g.reduce(Reduce::Sum, node, &axes);
        total = g.add(total, sum);
    }
    Arc::new(Function::new("random", &g, &[total]).expect("a small function"))
}

/// A point for programs of a world: different numbers, none of them special; other seeds give other points.
pub fn point(world: World, seed: u64) -> Vec<f64> {
    let shift = (seed as f64 * 0.754_877_666_246_692_7).fract();
    (0..world.inputs()).map(|i| 1.5 * (i as f64 * 0.618_033_988_749_894_9 + 0.21 + shift).fract() - 0.6).collect()
}

/// Draws from one number by repeated division.
pub(crate) struct Dice(u32);

impl Dice {
    /// A face from 0 on.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        let sides = sides.max(1) as u32;
        let face = self.0 % sides;
        self.0 /= sides;
        face as usize
    }
}
