//! The one cost function: for each node 1 plus elements × weight, in units of an addition of two reals.
//!
//! Weights are rough times of scalar code (a division 4, an exponential 16). They are chosen so that a fused op is never
//! dearer than the formula it stands for. Parameters and constants are free; a call costs what its body costs.

use std::collections::HashMap;

use graph_core::op::{Binary, Integer, Nth, Op, Unary};
use graph_core::{Function, Graph, NodeId, Type, walk};

/// The cost of one node, given its operands.
pub fn cost(g: &Graph, id: NodeId) -> u64 {
    Costs::default().node(g, id)
}

/// The cost of everything that `roots` depend on.
pub fn total_cost(g: &Graph, roots: &[NodeId]) -> u64 {
    Costs::default().total(g, roots)
}

/// What a graph computes, callees left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Nodes that compute something: all but parameters and constants.
    pub operations: usize,
    /// Elementwise nodes as dear as an exponential or more.
    pub transcendental: usize,
    /// [`total_cost`], callees included.
    pub cost: u64,
}

/// What everything that `roots` depend on computes.
pub fn work_of(g: &Graph, roots: &[NodeId]) -> Work {
    let dear = |id: NodeId| match g.op(id) {
        Op::Unary(op) => unary(op) >= TRANSCENDENTAL,
        Op::Nth(op, n) => nth(op, n) >= TRANSCENDENTAL,
        Op::Binary(op) => binary(op) >= TRANSCENDENTAL,
        _ => false,
    };
    Work {
        operations: walk::operations(g, roots),
        transcendental: walk::ancestors(g, roots).into_iter().filter(|&id| dear(id)).count(),
        cost: total_cost(g, roots),
    }
}

/// The weight of an exponential.
const TRANSCENDENTAL: u64 = 16;

/// Costs of callees that are known already, by address.
#[derive(Default)]
struct Costs(HashMap<*const Function, u64>);

impl Costs {
    fn total(&mut self, g: &Graph, roots: &[NodeId]) -> u64 {
        walk::ancestors(g, roots).into_iter().fold(0u64, |sum, id| sum.saturating_add(self.node(g, id)))
    }

    fn node(&mut self, g: &Graph, id: NodeId) -> u64 {
        match g.op(id) {
            Op::Param(_) | Op::Const(_) => 0,
            Op::Call(f) => self.function(&g[f]).saturating_add(1),
            op => work(g, id, op).saturating_add(1),
        }
    }

    /// Recursion ends at the nesting limit of calls.
    fn function(&mut self, f: &Function) -> u64 {
        if let Some(&known) = self.0.get(&std::ptr::from_ref(f)) {
            return known;
        }
        let total = self.total(f.graph(), f.results());
        self.0.insert(std::ptr::from_ref(f), total);
        total
    }
}

fn elements(g: &Graph, id: NodeId) -> u64 {
    match g.ty(id) {
        Type::Tensor(t) => t.shape.elements() as u64,
        Type::Tuple(_) | Type::Record(_) => 0,
    }
}

fn work(g: &Graph, id: NodeId, op: Op) -> u64 {
    let n = elements(g, id);
    let operand = |i: usize| elements(g, g.operands(id)[i]);
    match op {
        Op::Param(_) | Op::Const(_) | Op::Call(_) | Op::Tuple | Op::Record(_) | Op::Get(_) | Op::Reshape(_) => 0,
        Op::Unary(op) => n.saturating_mul(unary(op)),
        Op::Nth(op, k) => n.saturating_mul(nth(op, k)),
        Op::Binary(op) => n.saturating_mul(binary(op)),
        Op::Iota(_) | Op::Compare(_) | Op::Logic(_) | Op::Select | Op::Cast(_) => n,
        Op::Bitcast(_) => 0,
        Op::Test(_) => n,
        Op::Integer(op) => n.saturating_mul(integer(op)),
        Op::Broadcast(_) | Op::Permute(_) | Op::Slice(_) | Op::Pad(_) | Op::Concat(_) | Op::Reverse(_) => n,
        Op::Gather(_) => n.saturating_mul(2),
        Op::Scatter(..) => n.saturating_add(operand(2).saturating_mul(2)),
        Op::Reduce(..) => operand(0),
        Op::Cumulate(op, _) => n.saturating_mul(binary(op.step())),
        Op::Sort(spec) => {
            let extent = g.shape(g.operands(id)[0])[g[spec].axis] as u64;
            let comparisons = u64::from(extent.max(2).ilog2()) * 4;
            operand(0).saturating_mul(comparisons.saturating_add(g.operands(id).len() as u64))
        }
        Op::ReduceWindow(_, spec) => g[spec].window.iter().fold(n, |work, &taps| work.saturating_mul(taps as u64)),
        Op::Conv(_) => {
            let kernel = g.shape(g.operands(id)[1]);
            kernel[1..].iter().fold(n.saturating_mul(2), |work, &extent| work.saturating_mul(extent as u64))
        }
        Op::Linalg(_) | Op::TriangularSolve(_) => {
            let x = g.shape(g.operands(id)[0]);
            let (rows, cols) = (x[x.rank() - 2] as u64, x[x.rank() - 1] as u64);
            operand(0).saturating_mul(rows.min(cols).max(1)).saturating_mul(2)
        }
        Op::Dot(spec) => {
            let x = g.shape(g.operands(id)[0]);
            g[spec].lhs.iter().fold(n.saturating_mul(2), |work, &axis| work.saturating_mul(x[axis] as u64))
        }
    }
}

/// A row of the table that is not named here costs what most functions of the mathematics library do.
fn unary(op: Unary) -> u64 {
    match op {
        Unary::Neg | Unary::Abs | Unary::Sign | Unary::Relu | Unary::Square => 1,
        Unary::Floor | Unary::Ceil | Unary::Trunc | Unary::Round | Unary::StopGradient => 1,
        Unary::OneMinusSquare => 3,
        Unary::Recip | Unary::Sqrt => 4,
        Unary::Rsqrt => 7,
        Unary::Exp | Unary::Exp2 | Unary::Exp10 | Unary::Log | Unary::Log2 | Unary::Log10 => 16,
        Unary::Expm1 | Unary::Log1p => 16,
        Unary::Cbrt | Unary::Sin | Unary::Cos | Unary::Sinpi | Unary::Cospi => 17,
        Unary::Softplus | Unary::LogSigmoid | Unary::LogCosh => 30,
        Unary::Erf | Unary::Erfc | Unary::Ndtr | Unary::LogNdtr | Unary::Gelu | Unary::GeluTanh | Unary::Mish => 40,
        Unary::Erfinv | Unary::Gamma | Unary::Lgamma => 60,
        _ => 20,
    }
}

fn nth(op: Nth, n: i32) -> u64 {
    match (op, n.unsigned_abs()) {
        (Nth::Powi, 0) => 0,
        (Nth::Powi, 1 | 2) if n > 0 => 1,
        (Nth::Powi, 3 | 4) if n > 0 => 2,
        (Nth::Powi, 1) => 4,
        (Nth::Powi, _) => 24,
        (Nth::Polygamma | Nth::Sinc | Nth::Erfcx | Nth::Mills, _) => 60,
    }
}

fn binary(op: Binary) -> u64 {
    match op {
        Binary::Add | Binary::Sub | Binary::Mul | Binary::Max | Binary::Min | Binary::Copysign => 1,
        Binary::Div => 4,
        Binary::Hypot => 6,
        Binary::Fmod => 8,
        Binary::Pow | Binary::Atan2 => 24,
        Binary::Logaddexp => 36,
        Binary::Lbeta => 90,
        _ => 20,
    }
}

fn integer(op: Integer) -> u64 {
    match op {
        Integer::IntDiv | Integer::IntRem => 8,
        Integer::MulHigh | Integer::Popcount | Integer::LeadingZeros => 2,
        Integer::BitAnd | Integer::BitOr | Integer::BitXor | Integer::BitNot => 1,
        Integer::ShiftLeft | Integer::ShiftRight | Integer::ShiftRightLogical => 1,
    }
}
