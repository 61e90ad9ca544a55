//! Gathers short runs of single cells into lists ([`crate::run::scalars`]).

use std::mem;

use crate::plan::{Instruction, Plan, Run};
use crate::run::scalars;

/// Longest run that may become part of a list.
const MOST_LISTED: usize = 16;

/// Puts lists in place of neighbouring short runs of single cells.
pub fn list(plan: &mut Plan) {
    let (mut instructions, mut words) = (Vec::with_capacity(plan.instructions.len()), Vec::new());
    let mut rest = &plan.words[..];
    let mut runs: Vec<Run> = Vec::new();
    let mut flush = |runs: &mut Vec<Run>, rest: &mut &[u32], instructions: &mut Vec<Instruction>| {
        let (these, after) = rest.split_at(runs.iter().map(|run| run.words as usize).sum());
        *rest = after;
        match scalars::list(mem::take(runs), these) {
            Ok(scalars) => instructions.push(Instruction::Scalars(Box::new(scalars))),
            Err(runs) => {
                instructions.extend(runs.into_iter().map(Instruction::Run));
                words.extend_from_slice(these);
            }
        }
    };
    for instruction in mem::take(&mut plan.instructions) {
        match instruction {
            Instruction::Run(run) => {
                let is_single = |run: &Run| run.lanes == 1 && run.words as usize <= MOST_LISTED * run.arity();
                if !runs.last().is_none_or(|last| is_single(last) && is_single(&run)) {
                    flush(&mut runs, &mut rest, &mut instructions);
                }
                runs.push(run);
            }
            other => {
                flush(&mut runs, &mut rest, &mut instructions);
                instructions.push(other);
            }
        }
    }
    flush(&mut runs, &mut rest, &mut instructions);
    (plan.instructions, plan.words) = (instructions, words);
}
