//! The order in which nodes are executed.
//!
//! An interpreter's cost is mispredicted dispatch, so equal work should follow each other. Inside windows of 1024 small
//! elementwise nodes the order is by level (longest path inside the window), then by opcode and type; operands have a
//! lower level than their user, so they still come first. Any other node ends a window and stands in its place: moving
//! large tensors about would keep more of them alive.

use graph_core::{Graph, NodeId, Op, Opcode, Type};

use crate::alias::Aliases;
use crate::planner::fusion::Fusion;

/// Nodes of a window.
const WINDOW: usize = 1024;
/// Elements of a node that may be moved inside its window.
const SMALL: usize = 16;

/// The nodes that are executed, in order: those that make a buffer, but for parameters, constants, and what is done with a
/// later node.
pub fn schedule(g: &Graph, aliases: &Aliases, fusion: &Fusion) -> Vec<NodeId> {
    let mut scheduler = Scheduler {
        g,
        fusion,
        levels: Vec::with_capacity(g.len()),
        floor: 1,
        top: 0,
        window: Vec::with_capacity(WINDOW),
        order: Vec::with_capacity(g.len()),
    };
    for &id in g.nodes() {
        scheduler.place(id, aliases.makes(id) && !fusion.is_gone(id));
    }
    scheduler.flush();
    scheduler.order
}

struct Scheduler<'g> {
    g: &'g Graph,
    fusion: &'g Fusion,
    /// Grows from window to window: every node of a window is above all earlier ones.
    levels: Vec<u32>,
    /// Lowest level of the current window.
    floor: u32,
    /// Highest level so far.
    top: u32,
    window: Vec<(u64, NodeId)>,
    order: Vec<NodeId>,
}

impl Scheduler<'_> {
    fn place(&mut self, id: NodeId, makes: bool) {
        let g = self.g;
        let below = g.operands(id).iter().map(|x| self.levels[x.index()]).max().unwrap_or(0);
        let stored = matches!(g.op(id), Op::Param(_) | Op::Const(_) | Op::Iota(_));
        if stored || !makes {
            self.levels.push(below);
            return;
        }
        let small = is_small(g, id);
        if !small || self.window.len() == WINDOW {
            self.flush();
        }
        let level = self.floor.max(below + 1);
        self.top = self.top.max(level);
        self.levels.push(level);
        match small {
            true => self.window.push((self.key(id, level), id)),
            false => {
                self.order.push(id);
                self.floor = self.top + 1;
            }
        }
    }

    /// Level, then opcode, then type, then age.
    fn key(&self, id: NodeId, level: u32) -> u64 {
        let opcode = match self.fusion.steps(id) {
            Some(steps) => Opcode::all().len() as u64 + steps.fused.index(),
            None => self.g.op(id).code().index() as u64,
        };
        let ty = self.g.type_id(self.g.operands(id)[0]).index() as u64;
        let age = self.window.len() as u64;
        u64::from(level - self.floor) << 48 | opcode << 32 | (ty & 0xffff) << 16 | age
    }

    fn flush(&mut self) {
        self.window.sort_unstable_by_key(|(key, _)| *key);
        self.order.extend(self.window.drain(..).map(|(_, id)| id));
        self.floor = self.top + 1;
    }
}

fn is_small(g: &Graph, id: NodeId) -> bool {
    match g.op(id) {
        Op::Unary(_) | Op::Nth(..) | Op::Binary(_) | Op::Compare(_) | Op::Logic(_) | Op::Select | Op::Cast(_) => {
            matches!(g.ty(id), Type::Tensor(t) if t.shape.elements() <= SMALL)
        }
        Op::Integer(_) | Op::Test(_) => matches!(g.ty(id), Type::Tensor(t) if t.shape.elements() <= SMALL),
        Op::Bitcast(_) => false,
        Op::Param(_) | Op::Const(_) | Op::Iota(_) | Op::Broadcast(_) | Op::Reshape(_) | Op::Permute(_) => false,
        Op::Slice(_) | Op::Pad(_) | Op::Concat(_) | Op::Reverse(_) | Op::Reduce(..) | Op::Dot(_) => false,
        Op::Gather(_) | Op::Scatter(..) => false,
        Op::Cumulate(..) | Op::Sort(_) => false,
        Op::Conv(_) | Op::ReduceWindow(..) => false,
        Op::Linalg(_) | Op::TriangularSolve(_) => false,
        Op::Tuple | Op::Record(_) | Op::Get(_) | Op::Call(_) => false,
    }
}
