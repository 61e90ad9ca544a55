//! A planned function, ready to run many times, from many threads.

use std::sync::{Arc, Mutex};

use interp::{Outcome, Tensor, Value, Workspace};

use crate::error::Error;
use crate::structure::{self, Arguments, Structure};

/// A planned function. Immutable and `Send + Sync`; workspaces are kept and used again.
#[derive(Debug)]
pub struct Program {
    plan: interp::Program,
    idle: Mutex<Vec<Workspace>>,
}

impl Program {
    pub(crate) fn new(f: &Arc<graph_core::Function>) -> Result<Program, Error> {
        Ok(Program { plan: interp::Program::new(f)?, idle: Mutex::default() })
    }

    pub(crate) fn within(f: &Arc<graph_core::Function>, max_bytes: usize) -> Result<Program, Error> {
        let usual = interp::Settings::default();
        let settings = interp::Settings { max_bytes: max_bytes.min(usual.max_bytes), ..usual };
        Ok(Program { plan: interp::Program::with(f, settings)?, idle: Mutex::default() })
    }

    /// Runs on the elements of all parameters, one after the other, and returns those of all results.
    ///
    /// # Errors
    /// The wrong number of elements; the first node that fails, as at an index out of range.
    pub fn run(&self, inputs: &[f64]) -> Result<Vec<f64>, Error> {
        let mut outputs = vec![0.0; self.plan.outputs()];
        self.run_into(inputs, &mut outputs)?;
        Ok(outputs)
    }

    /// As [`Program::run`], into a slice. Allocates nothing once as many calls have been made as run at once.
    ///
    /// # Errors
    /// The wrong number of elements on either side; then nothing is written. The first node that fails, as at an index
    /// out of range; then all results are written, and those that do not depend on it are right.
    pub fn run_into(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Error> {
        Ok(self.with_workspace(|plan, ws| plan.run_into(ws, inputs, outputs))?)
    }

    /// Runs on values of any type.
    ///
    /// # Errors
    /// Arguments that do not fit the parameters; the first node that fails.
    pub fn run_values(&self, args: &[Value]) -> Result<Vec<Value>, Error> {
        Ok(self.with_workspace(|plan, ws| plan.run(ws, args))?)
    }

    /// Runs on structures of numbers, which are copied, and returns one: that of the only result, or the tuple of those of
    /// all results. See [`trait@Structure`] for an example.
    ///
    /// # Errors
    /// The first place where an argument does not fit its parameter (another shape, dtype, key, length or variant) or a
    /// result the structure asked for; the first node that fails.
    pub fn call<const N: usize, A: Arguments<N>, R: Structure<Tensor>>(&self, args: A) -> Result<R, Error> {
        let mut results = self.run_values(&args.to_trees().map(Value::from))?;
        structure::from_value(match results.len() {
            1 => results.remove(0),
            _ => Value::Tuple(results),
        })
    }

    /// As [`Program::run_values`], with the results also where a node fails: those that do not depend on it are right.
    ///
    /// # Errors
    /// Arguments that do not fit the parameters.
    pub fn attempt(&self, args: &[Value]) -> Result<Outcome, Error> {
        Ok(self.with_workspace(|plan, ws| plan.attempt(ws, args))?)
    }

    fn with_workspace<R>(&self, work: impl FnOnce(&interp::Program, &mut Workspace) -> R) -> R {
        let idle = || self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let kept = idle().pop();
        let mut ws = kept.unwrap_or_else(|| self.plan.workspace());
        let result = work(&self.plan, &mut ws);
        idle().push(ws);
        result
    }

    /// The plan, for callers that keep a workspace of their own.
    pub fn plan(&self) -> &interp::Program {
        &self.plan
    }

    /// Bytes that a run needs, known before it.
    pub fn peak_bytes(&self) -> usize {
        self.plan.peak_bytes()
    }

    /// Number of elements of all parameters together.
    pub fn inputs(&self) -> usize {
        self.plan.inputs()
    }

    /// Number of elements of all results together.
    pub fn outputs(&self) -> usize {
        self.plan.outputs()
    }
}
