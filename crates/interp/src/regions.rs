//! Finds nodes that are computed together, a few rows of all of them at a time, so that what one writes is still near when
//! the next one reads it, and what no other node reads never leaves.
//!
//! Rows are equal parts of a tensor's stretch, one after the other. A node goes by rows if what it writes in a row depends
//! on the same row of its operands, or on operands that all rows share; a reduction along the rows combines them in order.
//! Nodes that go by a common number of rows make a region: then a tile of rows of all of them can be done before the next
//! tile, and every element ends with the same bits.
//!
//! Nodes between the members of a region that do not depend on it are executed before it, others after it. Nodes that can
//! fail keep their order.

use std::collections::VecDeque;

use graph_core::{Graph, NodeId, Op};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::alias::{Aliases, tensor};
use crate::planner::fusion::Fusion;
use crate::run::movement;
use crate::run::reduce;

/// How large tiles are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Most cells that a region touches in one tile, where it can be.
    pub cells: usize,
    /// Least elements of a node that joins a region, two at least.
    pub lanes: usize,
}

impl Default for Tiling {
    /// A fair part of a first-level cache, and enough for a dispatch.
    fn default() -> Tiling {
        Tiling { cells: 1 << 13, lanes: 32 }
    }
}

/// What is executed at once.
pub enum Piece {
    /// One node.
    One(NodeId),
    /// Several, by so many rows.
    Region {
        /// In order.
        members: Vec<NodeId>,
        /// All of them go by this number of rows.
        rows: usize,
    },
}

impl Piece {
    /// Its nodes, in order.
    pub fn nodes(&self) -> &[NodeId] {
        match self {
            Piece::One(id) => std::slice::from_ref(id),
            Piece::Region { members, .. } => members,
        }
    }
}

/// How a node goes by rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByRows {
    /// It goes by any number of rows that divides this.
    pub extent: usize,
    /// All rows need all of its operand.
    pub shares: bool,
    /// All rows are combined in its result.
    pub combines: bool,
}

/// How a node goes by rows, if it does.
pub fn by_rows(g: &Graph, id: NodeId) -> Option<ByRows> {
    let lens = || (tensor(g, g.operands(id)[0]).shape.elements(), tensor(g, id).shape.elements());
    match g.op(id) {
        Op::Unary(_) | Op::Nth(..) | Op::Binary(_) | Op::Compare(_) | Op::Logic(_) | Op::Select | Op::Cast(_) => {
            Some(ByRows { extent: lens().1, shares: false, combines: false })
        }
        Op::Integer(_) | Op::Test(_) => Some(ByRows { extent: lens().1, shares: false, combines: false }),
        Op::Broadcast(_) | Op::Permute(_) | Op::Slice(_) | Op::Reverse(_) => {
            movement::geometry(g, id).by_rows(lens().0, lens().1)
        }
        Op::Reduce(..) => reduce::geometry(g, id).by_rows(lens().0, lens().1),
        Op::Param(_) | Op::Const(_) | Op::Iota(_) | Op::Reshape(_) | Op::Pad(_) | Op::Concat(_) => None,
        Op::Gather(_) | Op::Scatter(..) | Op::Cumulate(..) | Op::Sort(_) | Op::Dot(_) | Op::Conv(_) => None,
        Op::ReduceWindow(..) | Op::Linalg(_) | Op::TriangularSolve(_) | Op::Bitcast(_) => None,
        Op::Tuple | Op::Record(_) | Op::Get(_) | Op::Call(_) => None,
    }
}

/// So many times may the cells of a tile hold something else, roughly: a region grows until all of its tensors together
/// take up as many of a row.
const TURNS: usize = 8;
/// Most members of a region.
const MOST_MEMBERS: usize = 512;
/// Most nodes that are looked at around a region.
const AROUND: usize = 64;

/// Cuts a schedule into regions and single nodes; the order changes as the module says.
pub fn regions(finder: &Finder<'_>, order: &[NodeId], out: &mut Vec<Piece>) {
    let mut queue: VecDeque<NodeId> = order.iter().copied().collect();
    while let Some(id) = queue.pop_front() {
        let Some(by_rows) = finder.candidate(id) else {
            out.push(Piece::One(id));
            continue;
        };
        let mut region = Open::default();
        if !region.take(finder, id, by_rows) {
            out.push(Piece::One(id));
            continue;
        }
        while region.before + region.after.len() < AROUND
            && region.members.len() < MOST_MEMBERS
            && let Some(next) = queue.pop_front()
        {
            region.place(finder, next, out);
        }
        let Open { members, rows, after, .. } = region;
        out.push(match members[..] {
            [one] => Piece::One(one),
            _ => Piece::Region { members, rows },
        });
        after.into_iter().rev().for_each(|id| queue.push_front(id));
    }
}

/// What regions are found by.
pub struct Finder<'a> {
    /// The graph.
    pub g: &'a Graph,
    /// Its buffers.
    pub aliases: &'a Aliases,
    /// Single numbers that are made with a later one.
    pub fusion: &'a Fusion,
    /// How large tiles are.
    pub tiling: Tiling,
}

impl Finder<'_> {
    /// A node that is large enough for a region, and goes by rows.
    fn candidate(&self, id: NodeId) -> Option<ByRows> {
        let len = |id: NodeId| self.g.ty(id).as_tensor().map_or(0, |t| t.shape.elements());
        let largest = self.g.operands(id).iter().map(|&x| len(x)).fold(len(id), usize::max);
        if largest < self.tiling.lanes.max(2) || len(id) == 0 {
            return None;
        }
        by_rows(self.g, id)
    }

    fn buffers(&self, id: NodeId) -> impl Iterator<Item = u32> {
        self.aliases.views(id).iter().map(|view| view.buffer)
    }

    /// Whether a tensor is all of its buffer.
    fn is_whole(&self, id: NodeId) -> bool {
        let view = self.aliases.views(id)[0];
        view.offset == 0 && self.aliases.buffers[view.buffer as usize] as usize == tensor(self.g, id).shape.elements()
    }
}

/// A region that may still grow.
#[derive(Default)]
struct Open {
    members: Vec<NodeId>,
    /// Number of rows; 0 of no members.
    rows: usize,
    /// Buffers that members make, and whether all rows are combined in them.
    made: FxHashMap<u32, bool>,
    /// Buffers that go by rows, and their cells in all.
    touched: FxHashSet<u32>,
    cells: usize,
    /// How many nodes come before it instead of between.
    before: usize,
    /// Nodes that come after it, and the buffers that they make.
    after: Vec<NodeId>,
    later: FxHashSet<u32>,
    /// Whether one of them can fail.
    may_fail_later: bool,
}

impl Open {
    /// The next node of the schedule: into the region, before it, or after it.
    fn place(&mut self, finder: &Finder<'_>, id: NodeId, out: &mut Vec<Piece>) {
        let candidate = finder.candidate(id);
        let waits = self.waits(finder, id, |later, made| later || made);
        let joins = candidate
            .is_some_and(|by_rows| !self.waits(finder, id, |later, _| later) && self.take(finder, id, by_rows));
        if joins {
            return;
        }
        if !waits && candidate.is_none() && !(self.may_fail_later && may_fail(finder.g.op(id))) {
            self.before += 1;
            out.push(Piece::One(id));
        } else {
            self.may_fail_later |= may_fail(finder.g.op(id));
            self.later.extend(finder.buffers(id));
            self.after.push(id);
        }
    }

    /// Whether an operand is made later, or made here, as asked for.
    fn waits(&self, finder: &Finder<'_>, id: NodeId, asked: impl Fn(bool, bool) -> bool) -> bool {
        let mut read = finder.fusion.operands(finder.g, id).iter().flat_map(|&x| finder.buffers(x));
        read.any(|buffer| asked(self.later.contains(&buffer), self.made.contains_key(&buffer)))
    }

    /// Takes a node in, if it fits.
    fn take(&mut self, finder: &Finder<'_>, id: NodeId, by_rows: ByRows) -> bool {
        let rows = gcd(self.rows, by_rows.extent);
        let operands = finder.g.operands(id);
        let readable = |&x: &NodeId| match self.made.get(&finder.aliases.views(x)[0].buffer) {
            Some(combined) => !combined && !by_rows.shares && finder.is_whole(x),
            None => true,
        };
        if rows < 2 || !operands.iter().all(readable) {
            return false;
        }
        let by_row = operands.iter().filter(|_| !by_rows.shares).chain((!by_rows.combines).then_some(&id));
        let new = by_row.filter(|&&x| !self.touched.contains(&finder.aliases.views(x)[0].buffer));
        let added: usize = new.map(|&x| tensor(finder.g, x).shape.elements()).sum();
        let most = finder.tiling.cells.saturating_mul(TURNS);
        if (self.cells + added) / rows > most.max(1) && !self.members.is_empty() {
            return false;
        }
        self.rows = rows;
        self.cells += added;
        let by_row = operands.iter().filter(|_| !by_rows.shares).chain((!by_rows.combines).then_some(&id));
        self.touched.extend(by_row.map(|&x| finder.aliases.views(x)[0].buffer));
        self.made.insert(finder.aliases.views(id)[0].buffer, by_rows.combines);
        self.members.push(id);
        true
    }
}

/// Whether a run can have a fault at such a node.
fn may_fail(op: Op) -> bool {
    matches!(op, Op::Gather(_) | Op::Scatter(..) | Op::Linalg(_) | Op::TriangularSolve(_) | Op::Call(_))
}

/// The greatest common divisor; that of 0 and a number is the number.
fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
