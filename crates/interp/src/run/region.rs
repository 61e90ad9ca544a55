//! Regions: nodes that are computed together, a tile of rows of all of them at a time ([`crate::regions`]).

use std::fmt;

use graph_core::smallvec::SmallVec;

use super::lanes::Loop;
use super::movement::copy;
use super::reduce::Reduction;
use crate::nest::Nest;
use crate::plan::Place;

/// A region.
#[derive(Debug)]
pub struct Region {
    /// In order.
    pub members: Vec<Member>,
    /// Rows of all of them.
    pub rows: usize,
    /// Rows of a tile; the last one may have fewer.
    pub tile: usize,
    /// Cells that hold what only members read.
    pub inside: usize,
}

/// A stretch of which each tile takes its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its first cell in the first tile.
    pub at: u32,
    /// By how many cells it moves on from row to row: 0 where every tile uses the same cells.
    pub step: u32,
    /// Cells of a row, or all cells where every row needs or combines all of them.
    pub len: u32,
    /// Whether it has `len` cells in all, whatever the rows.
    pub is_shared: bool,
}

impl Part {
    fn of(self, first: usize, count: usize) -> Place {
        let len = self.len as usize * if self.is_shared { 1 } else { count };
        Place { at: self.at as usize + self.step as usize * first, len }
    }
}

/// What is done for one node.
pub enum Member {
    /// An elementwise step.
    Step {
        /// Its loop.
        repeat: Loop,
        /// Elements of a row.
        each: u32,
        /// The result, then the operands.
        parts: SmallVec<[Part; 5]>,
    },
    /// Cells of an operand go to the result.
    Move {
        /// Whether they are the same for every tile, and stay.
        once: bool,
        /// The loops of a whole tile, and of the last one.
        loops: Box<[Nest<2>; 2]>,
        /// The operand.
        from: Part,
        /// The result.
        to: Part,
    },
    /// Cells of an operand are combined in the result.
    Reduce {
        /// What combines them, by the loops of a whole tile, and of the last one.
        reduction: Box<(Reduction, [Nest<2>; 2])>,
        /// The operand.
        from: Part,
        /// The result.
        to: Part,
    },
}

impl Region {
    /// Does all of it.
    pub fn run(&self, cells: &mut [u64]) {
        let mut first = 0;
        while first < self.rows {
            let count = self.tile.min(self.rows - first);
            for member in &self.members {
                member.run(cells, first, count, usize::from(count < self.tile));
            }
            first += count;
        }
    }
}

impl Member {
    /// Does some rows of it, by the loops of the whole tile or the last one.
    fn run(&self, cells: &mut [u64], first: usize, count: usize, which: usize) {
        match self {
            Member::Step { repeat, each, parts } => {
                let mut words = [0; MOST_PARTS];
                for (word, part) in words.iter_mut().zip(parts) {
                    *word = part.at + part.step * first as u32;
                }
                repeat(cells, &words[..parts.len()], *each as usize * count);
            }
            Member::Move { once: true, .. } if first > 0 => {}
            Member::Move { loops, from, to, .. } => {
                copy(cells, &loops[which], from.of(first, count), to.of(first, count));
            }
            Member::Reduce { reduction, from, to } => {
                let (reduction, loops) = &**reduction;
                let starts = first == 0 || !to.is_shared;
                reduction.combine(cells, &loops[which], from.of(first, count), to.of(first, count), starts);
            }
        }
    }

    /// What does it, in a word.
    pub fn kernel(&self) -> &'static str {
        match self {
            Member::Step { .. } => "vectors",
            Member::Move { .. } => "move",
            Member::Reduce { .. } => "fold",
        }
    }
}

/// Most stretches of a step.
pub const MOST_PARTS: usize = 5;

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kernel())
    }
}
