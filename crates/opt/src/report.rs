//! What an optimisation did.

use std::fmt;
use std::time::Duration;

use graph_core::{Graph, NodeId, walk};

use crate::cost::{Work, work_of};
use crate::driver::Tally;
use crate::rule::Rule;
use crate::table::rules;

/// The name of what is no rule but a pass: like terms and powers collected over a whole graph.
pub const COLLECTED: &str = "collect-sums-and-products";

/// The name of the pass that makes one contraction of a sum of several.
pub const STACKED: &str = "stack-contractions";

/// Node counts before and after, and the rules that fired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Nodes of the graph and its callees, each callee once, as they were given.
    pub before: usize,
    /// The same of the result.
    pub after: usize,
    /// Name of each rule that fired and how often, in the order of the table; last [`STACKED`] and
    /// [`COLLECTED`], the graphs that these passes changed.
    pub fired: Vec<(&'static str, usize)>,
    /// Nodes at which rewriting stopped early, because the rules went round in circles or on and on. A bug if not 0.
    pub exhausted: usize,
}

/// What is computed after one stage of an optimisation ([`crate::stages`]).
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    /// What was done.
    pub name: &'static str,
    /// Live nodes, parameters and constants included, of the outermost function.
    pub nodes: usize,
    /// What they compute.
    pub work: Work,
    /// How long the stage took.
    pub elapsed: Duration,
}

impl Stage {
    pub(crate) fn new(name: &'static str, elapsed: Duration, g: &Graph, roots: &[NodeId]) -> Stage {
        Stage { name, nodes: walk::ancestors(g, roots).len(), work: work_of(g, roots), elapsed }
    }
}

impl Report {
    /// How often a rule fired.
    pub fn count(&self, rule: &str) -> usize {
        self.fired.iter().find(|(name, _)| *name == rule).map_or(0, |(_, count)| *count)
    }

    pub(crate) fn new(before: usize, after: usize, tally: &Tally) -> Report {
        let counts = rules().map(Rule::name).zip(tally.fired.iter().copied());
        let fired = counts
            .chain([(STACKED, tally.stacked), (COLLECTED, tally.collected)])
            .filter(|(_, count)| *count > 0)
            .collect();
        Report { before, after, fired, exhausted: tally.exhausted }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} nodes before, {} after", self.before, self.after)?;
        for (name, count) in &self.fired {
            writeln!(f, "{count:>8}  {name}")?;
        }
        match self.exhausted {
            0 => Ok(()),
            n => writeln!(f, "{n:>8}  nodes left before they were finished"),
        }
    }
}
