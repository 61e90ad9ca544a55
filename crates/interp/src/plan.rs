//! A plan: one function as a list of instructions over workspace cells.
//!
//! Every element is one 64-bit cell, every tensor a contiguous stretch. Places are absolute: first the constants of all
//! functions, then one frame a function. A frame starts where those of all its callers have ended, so functions that
//! are active at the same time never share a cell; no function is active twice, because calls do not recurse.

use std::fmt;

use graph_core::op::{Binary, Compare, Integer, Logic, Nth, Test, Unary};
use graph_core::{DType, NodeId};

use crate::nest::Nest;
use crate::run::contract::Contraction;
use crate::run::cumulate::Cumulation;
use crate::run::fused::Fused;
use crate::run::index::{Gathering, Scattering};
use crate::run::lanes::Loop;
use crate::run::linalg::Factorisation;
use crate::run::movement::Movement;
use crate::run::order::Sorting;
use crate::run::reduce::Reduction;
use crate::run::region::Region;
use crate::run::scalars::Scalars;
use crate::run::window::{Convolution, WindowReduction};

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
    Fused(Fused),
}

impl Step {
    /// How many operands it has.
    pub fn operands(self) -> usize {
        match self {
            Step::Unary(..) | Step::Nth(..) | Step::Logic(Logic::Not) | Step::Test(_) | Step::Cast { .. } => 1,
            Step::Binary(..) | Step::Compare(..) | Step::Logic(Logic::And | Logic::Or | Logic::Xor) => 2,
            Step::Integer(op) => op.arity(),
            Step::Select | Step::Fused(Fused::Chain { .. }) => 3,
            Step::Fused(Fused::Pair { .. }) => 4,
        }
    }
}

/// The same step on several stretches, one after the other. Its words follow those of the run before it.
pub struct Run {
    /// The loop of the step.
    pub repeat: Loop,
    /// Length of each stretch.
    pub lanes: u32,
    /// Number of its words: for each repetition the first cell of the result, then of the operands.
    pub words: u32,
    /// The step.
    pub step: Step,
}

impl Run {
    /// Words of a repetition.
    pub fn arity(&self) -> usize {
        1 + self.step.operands()
    }
}

impl Fill {
    /// Fills all of it.
    pub fn run(&self, cells: &mut [u64]) {
        let value = cells[self.from];
        cells[self.to.at..][..self.to.len].fill(value);
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

/// A reduction of a whole tensor.
#[derive(Clone, Debug)]
pub struct Fold {
    pub reduction: Reduction,
    pub geometry: Nest<2>,
    pub from: Place,
    pub to: Place,
}

/// One dispatch.
#[derive(Debug)]
pub enum Instruction {
    Run(Run),
    Scalars(Box<Scalars>),
    Fill(Box<Fill>),
    Move(Box<Movement>),
    Reduce(Box<Fold>),
    Region(Box<Region>),
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
            Instruction::Run(Run { lanes: 1, .. }) | Instruction::Scalars(_) => "cells",
            Instruction::Run(_) => "vectors",
            Instruction::Fill(_) => "fill",
            Instruction::Move(_) => "move",
            Instruction::Reduce(_) => "fold",
            Instruction::Region(_) => "region",
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
    /// If they are wanted: the nodes in order of execution, with the number of instructions, regions taken apart, up to the end
    /// of each.
    pub notes: Vec<(NodeId, usize)>,
    /// Numbers that the longest stretch of linear algebra needs beside the cells.
    pub stretch: usize,
    /// One past the last cell of the frame.
    pub end: usize,
}
