//! A program under construction: a pool of real tensors to choose operands from, and maps into domains.

use std::sync::LazyLock;

use graph_core::op::{Op, Unary};
use graph_core::{Graph, NodeId, Opcode};

use super::{Dice, World};

/// Largest number of elements of any tensor.
pub const MOST_ELEMENTS: usize = 48;

/// Ops of the scalar world.
static SCALAR: LazyLock<Vec<Opcode>> = LazyLock::new(|| Opcode::all().iter().copied().filter(is_elementwise).collect());

pub struct Maker {
    pub g: Graph,
    /// Real tensors.
    pool: Vec<NodeId>,
    world: World,
}

impl Maker {
    pub fn new(world: World) -> Maker {
        let mut g = Graph::new();
        let mut pool = Vec::new();
        for (name, ty) in world.params() {
            let x = g.param(name, ty).expect("distinct names");
            match g.ty(x).parts() {
                0 => pool.push(x),
                parts => pool.extend((0..parts).map(|part| g.node(Op::Get(part as u32), &[x]))),
            }
        }
        Maker { g, pool, world }
    }

    /// Adds what one number says.
    pub fn step(&mut self, choice: u32) {
        let mut dice = Dice(choice);
        let ops = match self.world {
            World::Scalar => &SCALAR[..],
            World::Tensor => Opcode::all(),
        };
        let op = ops[dice.roll(ops.len())];
        let x = self.pool[dice.roll(self.pool.len())];
        let y = self.apply(op, x, &mut dice);
        if self.g.shape(y).elements() <= MOST_ELEMENTS && self.g.shape(y).rank() <= 4 {
            self.pool.push(y);
        }
    }

    pub fn finish(self) -> (Graph, Vec<NodeId>) {
        (self.g, self.pool)
    }

    /// Another tensor of the same shape, or a constant.
    pub fn partner(&mut self, x: NodeId, dice: &mut Dice) -> NodeId {
        let alike: Vec<NodeId> =
            self.pool.iter().copied().filter(|&t| self.g.type_id(t) == self.g.type_id(x)).collect();
        match dice.roll(alike.len() + 1) {
            0 => self.g.splat_like(0.75, x),
            i => alike[i - 1],
        }
    }

    /// a + b·tanh x
    pub fn squashed(&mut self, x: NodeId, a: f64, b: f64) -> NodeId {
        let tanh = self.g.unary(Unary::Tanh, x);
        let (a, b) = (self.g.splat_like(a, x), self.g.splat_like(b, x));
        let scaled = self.g.mul(tanh, b);
        self.g.add(scaled, a)
    }

    /// Into an open interval, away from its ends.
    pub fn inside(&mut self, x: NodeId, (low, high): (f64, f64)) -> NodeId {
        match (low.is_finite(), high.is_finite()) {
            (true, true) => self.squashed(x, 0.5 * (low + high), 0.35 * (high - low)),
            (true, false) => self.squashed(x, low + 1.4, 1.0),
            (false, true) => self.squashed(x, high - 1.4, 1.0),
            (false, false) => self.squashed(x, 0.1, 1.2),
        }
    }
}

fn is_elementwise(op: &Opcode) -> bool {
    match op {
        Opcode::Unary(_) | Opcode::Nth(_) | Opcode::Binary(_) | Opcode::Compare(_) | Opcode::Logic(_) => true,
        Opcode::Integer(_) | Opcode::Test(_) | Opcode::Bitcast | Opcode::Select | Opcode::Cast => true,
        Opcode::Const | Opcode::Tuple | Opcode::Record | Opcode::Get | Opcode::Call => true,
        Opcode::Param | Opcode::Iota | Opcode::Broadcast | Opcode::Reshape | Opcode::Permute | Opcode::Slice => false,
        Opcode::Pad | Opcode::Concat | Opcode::Reverse | Opcode::Gather | Opcode::Scatter(_) => false,
        Opcode::Reduce(_) | Opcode::Cumulate(_) | Opcode::Sort | Opcode::Dot | Opcode::Conv => false,
        Opcode::ReduceWindow(_) | Opcode::Linalg(_) | Opcode::TriangularSolve => false,
    }
}
