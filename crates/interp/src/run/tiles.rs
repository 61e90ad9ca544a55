//! Groups of instructions that are done by tiles of their rows ([`crate::tiling`]).

use crate::plan::Rowwise;

/// Equal parts of stretches, those of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The first.
    pub first: usize,
    /// How many.
    pub count: usize,
    /// How many there are in all.
    pub of: usize,
}

/// A group.
#[derive(Debug)]
pub struct Tiles {
    /// In order.
    pub members: Vec<Rowwise>,
    /// Words of all runs among them.
    pub words: usize,
    /// Rows of each.
    pub rows: usize,
    /// Number of tiles.
    pub count: usize,
}

impl Tiles {
    /// Does all of it; `words` are those of its runs.
    pub fn run(&self, cells: &mut [u64], words: &[u32]) {
        for tile in 0..self.count {
            let [first, end] = [tile, tile + 1].map(|tile| tile * self.rows / self.count);
            let rows = Rows { first, count: end - first, of: self.rows };
            let mut words = words;
            for member in &self.members {
                let (these, rest) = words.split_at(member.words());
                member.run_rows(cells, these, rows);
                words = rest;
            }
        }
    }
}
