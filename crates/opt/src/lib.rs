//! Graph in, equal and cheaper graph out.
//!
//! A rewrite is a value ([`Rule`]): a name that states the law, its floating-point [`Class`], and either two sides
//! written as expressions or a function over shapes. Rules are grouped by family in `rules/` and indexed by the
//! opcode at their head. The driver rebuilds a graph bottom-up, tries the rules of each node until none applies, and
//! drops what is dead; hash-consing of the graph shares whatever has become equal.
//!
//! Invariants: results keep their types and their values within the class of the level; the derivatives that the
//! conventions fix at kinks and singular points are unchanged below [`Level::Relaxed`]; no rule raises [`cost`] that does
//! not say so ([`Rule::may_cost_more`]);
//! rewriting is linear in the number of nodes, never recurses over them, and two runs give the same graph.
//!
//! Two passes go over the whole graph, for what no rule of two operands can see: sums of contractions are stacked
//! (`stack`), and at [`Level::Relaxed`] sums and products are collected as polynomials over kernels (`algebra/`).
//!
//! Reading order: [`simplify`], `level`, `rule`, `pattern`, `rules/`, `driver`, `stack`, `algebra`.

mod algebra;
mod cost;
mod driver;
mod facts;
mod level;
mod report;
mod stack;
mod steps;

mod pattern;
mod rule;
mod rules;
mod table;

mod function;

#[cfg(test)]
mod tests;

pub use cost::{Work, cost, total_cost, work_of};
pub use facts::{Facts, facts};
pub use function::{Simplified, optimize, simplify, stages};
pub use level::{Class, Level};
pub use report::{COLLECTED, Report, STACKED, Stage};
pub use rule::Rule;
pub use steps::{Explanation, Step, explain, steps};
pub use table::rules;
