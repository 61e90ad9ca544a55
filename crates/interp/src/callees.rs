//! The functions that a run may enter, callers before callees, and how often.
//!
//! A function that calls another is deeper than it ([`Function::depth`]), so sorting by depth suffices; nothing here
//! recurses. Functions are told apart by address.

use std::sync::Arc;

use graph_core::{Function, Op};
use rustc_hash::FxHashMap;

use crate::error::Error;

/// Calls that one run may make, callees of callees included. A chain of functions that each call the next one twice
/// would otherwise run for 2^128 steps.
pub const MAX_CALLS: u64 = 1_000_000_000;

/// All functions below and including one, callers first.
pub struct Callees<'f> {
    /// The functions; the first is the one asked for.
    pub functions: Vec<&'f Function>,
    positions: FxHashMap<*const Function, usize>,
}

impl<'f> Callees<'f> {
    /// Collects what `f` may call.
    pub fn of(f: &'f Function) -> Callees<'f> {
        let mut positions = FxHashMap::default();
        let mut functions = vec![f];
        let mut next = 0;
        while next < functions.len() {
            for callee in functions[next].graph().functions() {
                if positions.insert(Arc::as_ptr(callee), 0).is_none() {
                    functions.push(callee);
                }
            }
            next += 1;
        }
        functions.sort_by_key(|f| std::cmp::Reverse(f.depth()));
        functions.iter().enumerate().for_each(|(at, &f)| _ = positions.insert(f, at));
        Callees { functions, positions }
    }

    /// Where a function stands in the list.
    pub fn position(&self, f: &Arc<Function>) -> usize {
        self.positions[&Arc::as_ptr(f)]
    }

    /// Refuses functions that would call without end.
    pub fn check_calls(&self) -> Result<(), Error> {
        let mut runs = vec![0u64; self.functions.len()];
        runs[0] = 1;
        for (at, f) in self.functions.iter().enumerate().filter(|(_, f)| f.depth() > 0) {
            let g = f.graph();
            for &id in g.nodes() {
                if let Op::Call(callee) = g.op(id) {
                    let callee = self.position(&g[callee]);
                    runs[callee] = runs[callee].saturating_add(runs[at]);
                }
            }
        }
        let calls = runs[1..].iter().fold(0u64, |sum, &n| sum.saturating_add(n));
        match calls <= MAX_CALLS {
            true => Ok(()),
            false => Err(Error::Calls { function: self.functions[0].name().into(), calls, limit: MAX_CALLS }),
        }
    }
}
