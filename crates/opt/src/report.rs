//! What an optimisation did.

use std::fmt;

use crate::table::rules;

/// Node counts before and after, and the rules that fired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Nodes of the graph and its callees, each callee once, as they were given.
    pub before: usize,
    /// The same of the result.
    pub after: usize,
    /// Name of each rule that fired and how often, in the order of the table.
    pub fired: Vec<(&'static str, usize)>,
    /// Nodes at which rewriting stopped early, because the rules went round in circles or on and on. A bug if not 0.
    pub exhausted: usize,
}

impl Report {
    /// How often a rule fired.
    pub fn count(&self, rule: &str) -> usize {
        self.fired.iter().find(|(name, _)| *name == rule).map_or(0, |(_, count)| *count)
    }

    pub(crate) fn new(before: usize, after: usize, counts: &[usize], exhausted: usize) -> Report {
        let fired = rules().zip(counts).filter(|(_, count)| **count > 0).map(|(rule, count)| (rule.name(), *count));
        Report { before, after, fired: fired.collect(), exhausted }
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
