//! Finds instructions that can be done by tiles: a few rows of all of them, then the next few, so that what one writes is
//! still near when the next one reads it.
//!
//! Rows are equal parts of a stretch, one after the other. An instruction goes by rows if what it writes in a row depends
//! on the same row of its operands, or on operands that all rows share. Neighbours that go by a common number of rows make a
//! group, as long as no two of their stretches overlap in part, of which one is written: then the tiles can be done in
//! order, one whole group at a time, and every cell ends with the same bits.

use std::mem;

use graph_core::smallvec::SmallVec;

use crate::plan::{Instruction, Place, Plan, Rowwise};
use crate::run::tiles::Tiles;

/// How large tiles are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Most cells that a group touches in one tile, where it can be.
    pub cells: usize,
    /// Least lanes of a step in a tile, two at least; shorter steps are done as they are.
    pub lanes: usize,
}

impl Default for Tiling {
    /// A fair part of a second-level cache, and enough for a dispatch.
    fn default() -> Tiling {
        Tiling { cells: 1 << 16, lanes: 256 }
    }
}

/// Most members of a group: each is compared with all others.
const MOST_MEMBERS: usize = 256;
/// Most stretches of an instruction, for the same reason.
pub const MOST_ACCESSES: usize = 64;

/// A stretch that an instruction reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Where.
    pub place: Place,
    /// Whether it is written.
    pub is_written: bool,
    /// Whether all rows need all of it.
    pub is_shared: bool,
}

impl Access {
    /// Whether tiles in order leave both as instructions in order do.
    fn agrees(&self, other: &Access) -> bool {
        let (a, b) = (self.place, other.place);
        let apart = a.at + a.len <= b.at || b.at + b.len <= a.at;
        let reads = !self.is_written && !other.is_written;
        apart || reads || a == b && !self.is_shared && !other.is_shared
    }
}

/// What an instruction does by rows.
pub struct ByRows {
    /// It goes by any number of rows that divides this.
    pub extent: usize,
    /// All that it reads and writes.
    pub accesses: SmallVec<[Access; 4]>,
}

impl ByRows {
    /// Of these stretches, if none that is written overlaps another one in part: the repetitions of one run may.
    pub fn new(extent: usize, accesses: SmallVec<[Access; 4]>) -> Option<ByRows> {
        let few = accesses.len() <= MOST_ACCESSES;
        let agree = |(at, one): (usize, &Access)| accesses[..at].iter().all(|other| one.agrees(other));
        (extent > 1 && few && accesses.iter().enumerate().all(agree)).then(|| ByRows { extent, accesses })
    }
}

/// Puts groups of instructions in place of their members.
pub fn tile(plan: &mut Plan, tiling: Tiling) {
    let mut out = Vec::with_capacity(plan.instructions.len());
    let mut group = Group::default();
    let mut words = &plan.words[..];
    for instruction in mem::take(&mut plan.instructions) {
        let Instruction::Rowwise(step) = instruction else {
            group.flush(&mut out, tiling);
            out.push(instruction);
            continue;
        };
        let (these, rest) = words.split_at(step.words());
        words = rest;
        match step.by_rows(these, tiling.lanes) {
            Some(by_rows) => {
                if !group.admits(&by_rows, tiling) {
                    group.flush(&mut out, tiling);
                }
                group.push(step, &by_rows);
            }
            None => {
                group.flush(&mut out, tiling);
                out.push(Instruction::Rowwise(step));
            }
        }
    }
    group.flush(&mut out, tiling);
    plan.instructions = out;
}

/// Instructions that go by common rows.
#[derive(Default)]
struct Group {
    members: Vec<Rowwise>,
    words: usize,
    /// Number of rows; 0 of no members.
    rows: usize,
    accesses: Vec<Access>,
    /// Cells of all stretches, each counted once.
    cells: usize,
}

impl Group {
    fn admits(&self, new: &ByRows, tiling: Tiling) -> bool {
        if self.members.is_empty() {
            return true;
        }
        let rows = gcd(self.rows, new.extent);
        rows >= 2
            && self.members.len() < MOST_MEMBERS
            && (self.cells + self.added(new)) / rows <= tiling.cells.max(1)
            && new.accesses.iter().all(|one| self.accesses.iter().all(|other| one.agrees(other)))
    }

    /// Cells that the group does not touch yet.
    fn added(&self, new: &ByRows) -> usize {
        let is_new = |one: &&Access| !self.accesses.iter().any(|other| other.place == one.place);
        new.accesses.iter().filter(is_new).map(|one| one.place.len).sum()
    }

    fn push(&mut self, step: Rowwise, by_rows: &ByRows) {
        self.cells += self.added(by_rows);
        self.rows = gcd(self.rows, by_rows.extent);
        self.words += step.words();
        for &access in &by_rows.accesses {
            if !self.accesses.contains(&access) {
                self.accesses.push(access);
            }
        }
        self.members.push(step);
    }

    /// Appends the group as tiles, or its members as they are, where tiles gain nothing.
    fn flush(&mut self, out: &mut Vec<Instruction>, tiling: Tiling) {
        let group = mem::take(self);
        let shortest = group.accesses.iter().filter(|one| !one.is_shared).map(|one| one.place.len / group.rows).min();
        let least = tiling.lanes.max(2).div_ceil(shortest.unwrap_or(1).max(1));
        let tile = (tiling.cells * group.rows / group.cells.max(1)).max(least);
        let count = group.rows / tile;
        match group.members.len() > 1 && group.cells > tiling.cells && count > 1 {
            true => {
                let Group { members, words, rows, .. } = group;
                out.push(Instruction::Tiles(Box::new(Tiles { members, words, rows, count })));
            }
            false => out.extend(group.members.into_iter().map(Instruction::Rowwise)),
        }
    }
}

/// The greatest common divisor; that of 0 and a number is the number.
fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(at: usize, len: usize, is_written: bool) -> Access {
        Access { place: Place { at, len }, is_written, is_shared: false }
    }

    /// Two repetitions of a run, the second of which writes where the first has read: in tiles it would be too early.
    #[test]
    fn stretches_that_overlap_in_part_do_not_go_by_rows() {
        let by_rows = |accesses: &[Access]| ByRows::new(6, accesses.into()).is_some();
        assert!(!by_rows(&[access(0, 6, true), access(16, 6, false), access(12, 6, true), access(30, 6, false)]));
        assert!(by_rows(&[access(0, 6, true), access(16, 6, false), access(6, 6, true), access(18, 6, false)]));
        assert!(by_rows(&[access(0, 6, true), access(0, 6, false)]));
        let shared = Access { is_shared: true, ..access(0, 6, false) };
        assert!(!by_rows(&[access(0, 6, true), shared]));
    }

    #[test]
    fn rows_of_a_group_divide_all_its_stretches() {
        assert_eq!([gcd(0, 12), gcd(12, 18), gcd(7, 5)], [12, 6, 1]);
    }
}
