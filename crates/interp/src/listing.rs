//! Plans as text.

use std::fmt::Write;

use graph_core::op::Op;
use graph_core::{Function, Graph, NodeId, Type};

use crate::plan::{Instruction, Plan};

/// Appends what a plan does, a line for each dispatch.
pub fn list(out: &mut String, f: &Function, plan: &Plan) {
    let _ = writeln!(out, "@{}", f.name());
    if let Some(prelude) = &plan.prelude {
        out.push_str("  once, for a workspace:\n");
        instructions(out, "    ", f, prelude);
        out.push_str("  in every run:\n");
    }
    instructions(out, if plan.prelude.is_some() { "    " } else { "  " }, f, plan);
}

fn instructions(out: &mut String, indent: &str, f: &Function, plan: &Plan) {
    let mut notes = Notes { g: f.graph(), notes: &plan.notes, done: 0 };
    for instruction in &plan.instructions {
        match instruction {
            Instruction::Region(region) => {
                let tiles = region.rows.div_ceil(region.tile);
                let inside = bytes(region.inside * size_of::<u64>());
                let _ = writeln!(out, "{indent}region of {tiles} tiles, {} rows each; {inside} inside:", region.tile);
                region.members.iter().for_each(|member| notes.line(out, &format!("{indent}  "), member.kernel()));
            }
            Instruction::Scalars(scalars) => {
                let _ = writeln!(out, "{indent}list of {} single operations:", scalars.code.len());
                (0..scalars.runs).for_each(|_| notes.line(out, &format!("{indent}  "), instruction.kernel()));
            }
            other => notes.line(out, indent, other.kernel()),
        }
    }
}

/// A number of bytes for people.
pub fn bytes(count: usize) -> String {
    match count {
        0..10_000 => format!("{count} B"),
        10_000..10_000_000 => format!("{} kB", count / 1_000),
        _ => format!("{} MB", count / 1_000_000),
    }
}

/// The nodes of instructions that come.
struct Notes<'p> {
    g: &'p Graph,
    notes: &'p [(NodeId, usize)],
    /// Instructions, regions taken apart.
    done: usize,
}

impl Notes<'_> {
    /// The next instruction; one that ends no node belongs to the node of the following.
    fn line(&mut self, out: &mut String, indent: &str, kernel: &str) {
        self.done += 1;
        let count = self.notes.iter().take_while(|(_, end)| *end <= self.done).count();
        let (nodes, rest) = self.notes.split_at(count);
        self.notes = rest;
        let Some(&(id, _)) = nodes.first() else {
            let _ = writeln!(out, "{indent}{:<14} {kernel}", "");
            return;
        };
        let g = self.g;
        let mut names: Vec<&str> = nodes.iter().map(|&(id, _)| g.op(id).name()).collect();
        names.dedup();
        let times = if nodes.len() == 1 || names.len() > 1 { String::new() } else { format!(" × {}", nodes.len()) };
        let what = format!("{} {}{times}", names.join("+"), g.ty(id));
        let total = |of: fn(&Graph, NodeId) -> usize| nodes.iter().map(|&(id, _)| of(g, id)).sum::<usize>();
        let (read, written, operations) = (total(read), total(written), total(operations));
        let moved = format!("{} in, {} out", bytes(read), bytes(written));
        let _ = match operations {
            0 => writeln!(out, "{indent}{what:<40} {kernel:<8} {moved}"),
            _ => writeln!(out, "{indent}{what:<40} {kernel:<8} {moved}, {operations} operations"),
        };
    }
}

fn cells(ty: &Type) -> usize {
    ty.leaves().iter().map(|leaf| leaf.shape.elements()).sum()
}

fn read(g: &Graph, id: NodeId) -> usize {
    g.operands(id).iter().map(|&x| cells(g.ty(x)) * size_of::<u64>()).sum()
}

fn written(g: &Graph, id: NodeId) -> usize {
    cells(g.ty(id)) * size_of::<u64>()
}

/// Of kernels whose work the types say; linear algebra and calls are not among them.
fn operations(g: &Graph, id: NodeId) -> usize {
    let result = cells(g.ty(id));
    let operand = |at: usize| cells(g.ty(g.operands(id)[at]));
    match g.op(id) {
        Op::Unary(_) | Op::Nth(..) | Op::Binary(_) | Op::Compare(_) | Op::Logic(_) | Op::Integer(_) | Op::Test(_) => {
            result
        }
        Op::Select | Op::Cast(_) => result,
        Op::Reduce(..) | Op::Cumulate(..) => operand(0),
        Op::Scatter(..) => operand(2),
        Op::Dot(spec) => {
            let x = g.shape(g.operands(id)[0]);
            2 * result * g[spec].lhs.iter().map(|&axis| x[axis]).product::<usize>()
        }
        Op::Conv(_) | Op::ReduceWindow(..) | Op::Sort(_) | Op::Linalg(_) | Op::TriangularSolve(_) | Op::Call(_) => 0,
        Op::Param(_) | Op::Const(_) | Op::Iota(_) | Op::Broadcast(_) | Op::Reshape(_) | Op::Permute(_) => 0,
        Op::Slice(_) | Op::Pad(_) | Op::Concat(_) | Op::Reverse(_) | Op::Gather(_) | Op::Bitcast(_) => 0,
        Op::Tuple | Op::Record(_) | Op::Get(_) => 0,
    }
}
