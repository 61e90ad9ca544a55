//! A plan: one function as a list of instructions over workspace cells.
//!
//! Every element is one 64-bit cell, every tensor a contiguous stretch. Places are absolute: first the constants of all
//! functions, then one frame a function. A frame starts where those of all its callers have ended, so functions that
//! are active at the same time never share a cell; no function is active twice, because calls do not recurse.

use std::fmt;

use graph_core::op::{Binary, Compare, Integer, Logic, Nth, Test, Unary};
use graph_core::{DType, NodeId};

use crate::run::contract::Contraction;
use crate::run::cumulate::Cumulation;
use crate::run::index::{Gathering, Scattering};
use crate::run::lanes::{Lanes, Loop};
use crate::run::linalg::Factorisation;
use crate::run::movement::Movement;
use crate::run::order::Sorting;
use crate::run::reduce::Reduction;
use crate::run::tiles::{Rows, Tiles};
use crate::run::window::{Convolution, WindowReduction};
use crate::tiling::{Access, ByRows, MOST_ACCESSES};

/// A stretch of workspace cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its first cell.
    pub at: usize,
    /// Its length.
    pub len: usize,
}

/// What an elementwise instruction does to each element: the variants of `Op`, with the kind of the operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Unary(Unary, DType),
    Nth(Nth, i32, DType),
    Binary(Binary, DType),
    Compare(Compare, DType),
    Logic(Logic),
    Integer(Integer),
    Test(Test),
    Select,
    Cast { from: DType, to: DType },
}

/// The same step on several stretches, one after the other. Its words follow those of the run before it.
pub struct Run {
    /// The loop of the step.
    pub repeat: Loop,
    /// Length of each stretch.
    pub lanes: u32,
    /// Words of a repetition.
    pub arity: u32,
    /// Number of its words: for each repetition the first cell of the result, then of the operands.
    pub words: u32,
}

impl Run {
    /// Any number of lanes is a row; single cells, and many repetitions, are left alone.
    fn by_rows(&self, words: &[u32]) -> Option<ByRows> {
        let lanes = self.lanes as usize;
        if lanes == 1 || words.len() > MOST_ACCESSES {
            return None;
        }
        let access = |(at, &word): (usize, &u32)| Access {
            place: Place { at: word as usize, len: lanes },
            is_written: (at as u32).is_multiple_of(self.arity),
            is_shared: false,
        };
        ByRows::new(lanes, words.iter().enumerate().map(access).collect())
    }

    fn run_rows(&self, cells: &mut [u64], words: &[u32], rows: Rows) {
        let each = self.lanes as usize / rows.of;
        (self.repeat)(cells, words, Lanes { skipped: each * rows.first, count: each * rows.count });
    }
}

impl Fill {
    fn by_rows(&self) -> Option<ByRows> {
        let value = Access { place: Place { at: self.from, len: 1 }, is_written: false, is_shared: true };
        let stretch = Access { place: self.to, is_written: true, is_shared: false };
        ByRows::new(self.to.len, [value, stretch].into_iter().collect())
    }

    /// Fills all of it.
    pub fn run(&self, cells: &mut [u64]) {
        self.run_rows(cells, Rows { first: 0, count: 1, of: 1 });
    }

    fn run_rows(&self, cells: &mut [u64], rows: Rows) {
        let value = cells[self.from];
        let each = self.to.len / rows.of;
        cells[self.to.at + each * rows.first..][..each * rows.count].fill(value);
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("lanes", &self.lanes).field("words", &self.words).finish_non_exhaustive()
    }
}

/// A call of another plan.
#[derive(Clone, Debug)]
pub struct Call {
    /// Position of its plan.
    pub callee: usize,
    /// Leaves of the arguments.
    pub args: Vec<Place>,
    /// Where the leaves of the results go.
    pub results: Vec<Place>,
}

/// The same cell over a stretch.
#[derive(Clone, Debug)]
pub struct Fill {
    /// The stretch.
    pub to: Place,
    /// The cell.
    pub from: usize,
}

/// A dispatch that can be done by rows ([`crate::tiling`]).
#[derive(Debug)]
pub enum Rowwise {
    Run(Run),
    Fill(Box<Fill>),
    Move(Box<Movement>),
    Reduce(Box<Reduction>),
}

impl Rowwise {
    /// How many of the plan's words are its own.
    pub fn words(&self) -> usize {
        match self {
            Rowwise::Run(run) => run.words as usize,
            Rowwise::Fill(_) | Rowwise::Move(_) | Rowwise::Reduce(_) => 0,
        }
    }

    /// What it does by rows, if it goes by rows and writes stretches of so many cells at least.
    pub fn by_rows(&self, words: &[u32], least: usize) -> Option<ByRows> {
        match self {
            Rowwise::Run(run) => (run.lanes as usize >= least).then(|| run.by_rows(words))?,
            Rowwise::Fill(fill) => (fill.to.len >= least).then(|| fill.by_rows())?,
            Rowwise::Move(movement) => (movement.to.len >= least).then(|| movement.by_rows())?,
            Rowwise::Reduce(reduction) => reduction.by_rows(),
        }
    }

    /// Does all of it.
    pub fn run(&self, cells: &mut [u64], words: &[u32]) {
        match self {
            Rowwise::Run(run) => (run.repeat)(cells, words, Lanes { skipped: 0, count: run.lanes as usize }),
            Rowwise::Fill(fill) => fill.run(cells),
            Rowwise::Move(movement) => movement.run(cells),
            Rowwise::Reduce(reduction) => reduction.run(cells),
        }
    }

    /// Does some rows of what goes [`Rowwise::by_rows`].
    pub fn run_rows(&self, cells: &mut [u64], words: &[u32], rows: Rows) {
        match self {
            Rowwise::Run(run) => run.run_rows(cells, words, rows),
            Rowwise::Fill(fill) => fill.run_rows(cells, rows),
            Rowwise::Move(movement) => movement.run_rows(cells, rows),
            Rowwise::Reduce(reduction) => reduction.run_rows(cells, rows),
        }
    }

    /// What does it, in a word.
    pub fn kernel(&self) -> &'static str {
        match self {
            Rowwise::Run(Run { lanes: 1, .. }) => "cells",
            Rowwise::Run(_) => "vectors",
            Rowwise::Fill(_) => "fill",
            Rowwise::Move(_) => "move",
            Rowwise::Reduce(_) => "fold",
        }
    }
}

/// One dispatch.
#[derive(Debug)]
pub enum Instruction {
    Rowwise(Rowwise),
    Tiles(Box<Tiles>),
    Gather(Box<Gathering>),
    Scatter(Box<Scattering>),
    Cumulate(Box<Cumulation>),
    Sort(Box<Sorting>),
    Dot(Box<Contraction>),
    Conv(Box<Convolution>),
    ReduceWindow(Box<WindowReduction>),
    Linalg(Box<Factorisation>),
    Call(Box<Call>),
}

impl Instruction {
    /// What does it, in a word.
    pub fn kernel(&self) -> &'static str {
        match self {
            Instruction::Rowwise(step) => step.kernel(),
            Instruction::Tiles(_) => "tiles",
            Instruction::Gather(_) | Instruction::Scatter(_) => "windows",
            Instruction::Cumulate(_) => "lines",
            Instruction::Sort(_) => "sort",
            Instruction::Dot(contraction) => contraction.kernel(),
            Instruction::Conv(_) | Instruction::ReduceWindow(_) => "loops",
            Instruction::Linalg(_) => "matrices",
            Instruction::Call(_) => "call",
        }
    }
}

/// An executable function.
#[derive(Debug, Default)]
pub struct Plan {
    /// What depends on no parameter: done once, when the workspace is made.
    pub prelude: Option<Box<Plan>>,
    /// In order of execution.
    pub instructions: Vec<Instruction>,
    /// Operands of runs.
    pub words: Vec<u32>,
    /// Where the leaves of the parameters are expected; `None` for one that nothing reads.
    pub params: Vec<Option<Place>>,
    /// Where the leaves of the results are found.
    pub results: Vec<Place>,
    /// Constants and where they must lie before the first run.
    pub constants: Vec<(NodeId, Place)>,
    /// If they are wanted: the nodes in order of execution, with the number of instructions, tiles taken apart, up to the end
    /// of each.
    pub notes: Vec<(NodeId, usize)>,
    /// Numbers that the longest stretch of linear algebra needs beside the cells.
    pub stretch: usize,
    /// One past the last cell of the frame.
    pub end: usize,
}
