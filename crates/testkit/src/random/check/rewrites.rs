//! Optimised programs: valid, and with the same numbers.

use std::sync::Arc;

use graph_core::{Function, TensorType};
use opt::Level;

use super::{Check, Checker, Find, Reason};
use crate::random::explain::apart;
use crate::random::machine::{Machine, arguments, same_bits};
use crate::random::shake::is_undetermined;

impl Checker<'_> {
    /// At the levels that are due.
    pub fn rewrites(&mut self, f: &Arc<Function>, inputs: &[f64]) -> Result<(), Find> {
        for (level, due) in Level::ALL.into_iter().zip(self.effort.levels) {
            if due {
                self.level(f, inputs, level)?;
            }
        }
        Ok(())
    }

    fn level(&mut self, f: &Arc<Function>, inputs: &[f64], level: Level) -> Result<(), Find> {
        let (optimised, report) = opt::optimize(f, level);
        let cost = |f: &Function| opt::total_cost(f.graph(), f.results());
        if report.exhausted > 0 {
            return Err(Find::new(Check::Ends, format!("level {level} of @{} does not end:\n{report}", f.name())));
        }
        if cost(&optimised) > cost(f) {
            self.explained.push(Reason::Dearer);
        }
        if self.effort.text {
            self.text(&optimised)?;
        }
        let mut optimised = Machine::new(&optimised)?;
        optimised.executors_agree(inputs)?;
        match level {
            Level::None | Level::Exact => same(f, &optimised.f, inputs, level),
            Level::Safe | Level::Relaxed => {
                let (mut plain, real) = (Machine::new(f)?, real_cells(f));
                let left = &mut |p: &[f64]| kept(&real, plain.run(p));
                let right = &mut |p: &[f64]| kept(&real, optimised.run(p));
                match self.settle(Check::Optimised(level), inputs, left, right, 1.0) {
                    Err(_) if is_undetermined(f, inputs, apart(&left(inputs), &right(inputs))) => {
                        self.explained.push(Reason::Conditioning);
                        Ok(())
                    }
                    outcome => outcome,
                }
            }
        }
    }
}

/// The same bits, or errors of one kind.
fn same(f: &Arc<Function>, optimised: &Arc<Function>, inputs: &[f64], level: Level) -> Result<(), Find> {
    let args = arguments(f, inputs);
    match (interp::evaluate(f, &args), interp::evaluate(optimised, &args)) {
        (Ok(a), Ok(b)) if same_bits(&a, &b) => Ok(()),
        (Err(_), _) => Ok(()),
        (a, b) => Err(Find::new(Check::Optimised(level), format!("@{}: {a:?} became {b:?}", f.name()))),
    }
}

/// Whether each cell of the results is a real number; integers may be bits that rounding turns.
fn real_cells(f: &Function) -> Vec<bool> {
    let leaves = f.results().iter().flat_map(|&y| f.graph().ty(y).leaves());
    leaves.flat_map(|t: &TensorType| std::iter::repeat_n(t.dtype.is_float(), t.shape.elements())).collect()
}

fn kept(real: &[bool], cells: Vec<f64>) -> Vec<f64> {
    cells.into_iter().zip(real).filter(|(_, real)| **real).map(|(x, _)| x).collect()
}
