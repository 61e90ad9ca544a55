//! Case files: a graph, what to do with it, and where to look at the numbers. [`check`] does it, compares every number
//! with independent witnesses, and writes down all stages for a snapshot.
//!
//! A case file is the text of a graph under comments that describe it and directives:
//! ```text
//! // relu passes the cotangent where its operand is positive, and nothing at 0.
//! //! transform: vjp
//! //! at: x=[1.0, -2.0, 0.5] ct=[3.0, 4.0, 5.0]
//! //! at: x=[0.0, inf, nan] ct=[3.0, 4.0, 5.0]
//! //! kink
//! //! expect: [0.0, 4.0, nan]
//! graph @relu(%x: f64[3]) -> f64[3] {
//!   %0 = relu %x : f64[3]
//!   return %0
//! }
//! ```
//! | directive | meaning |
//! |---|---|
//! | `transform: T, …` | the chain of `grad vjp jvp hvp hessian jacobian`; a stage is named as its function, `grad.jvp` |
//! | `wrt: x, w` | differentiate by these; otherwise by all parameters of the graph that hold real numbers |
//! | `tolerance: 1e-5` | relative, for all comparisons; for single precision |
//! | `error: CODE` | the text does not parse, or the transform fails, with an error of this code |
//! | `at: x=… w=…` | a point: values of all parameters of the last stage, cotangents and tangents included |
//! | `expect: …` | at the point before: the results of the last stage, found by independent means |
//! | `expect STAGE: …` | the same for another stage, `primal` or `grad` or `grad.jvp` |
//! | `kink` | the function is not smooth at the point before: no differences, and only stages with `expect` count |
//!
//! Numbers are written as constants are in graphs, structures as `(1.0, [2.0, 3.0])` and `{a: 1.0, b: [2.0, 3.0]}`;
//! several results are a tuple.
//!
//! Every stage is verified, parsed back from its text, run by both executors to the same bits, and optimised at every
//! level to the same numbers. A derivative is compared with extrapolated central differences of what it is the
//! derivative of, and with the same derivative taken by the other mode, element by element. The chain is also run with
//! an optimisation after each stage.

mod compare;
mod differences;
mod directives;
mod point;
mod runner;
mod snapshot;
mod stage;
mod values;
mod witness;

use std::fmt;

use directives::Directives;
pub(crate) use values::exact;

/// What is wrong with a case, or with the program that it tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Line of the case file, from 1, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl Failure {
    fn new(message: impl fmt::Display) -> Failure {
        Failure { line: None, message: message.to_string() }
    }

    fn at(line: usize, message: impl fmt::Display) -> Failure {
        Failure { line: Some(line), message: message.to_string() }
    }

    /// Says where, unless that is known.
    fn or_at(mut self, line: usize) -> Failure {
        self.line.get_or_insert(line);
        self
    }

    /// Says what was being done.
    fn during(self, what: impl fmt::Display) -> Failure {
        Failure { message: format!("{what}: {}", self.message), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Failure {}

/// Checks a case; the text of all stages and numbers, for a snapshot.
pub fn check(source: &str) -> Result<String, Failure> {
    let directives = Directives::read(source)?;
    if let Some((line, code)) = &directives.error {
        return expect_error(source, &directives, code).map_err(|failure| failure.or_at(*line));
    }
    let primal = graph_core::text::parse(source).map_err(Failure::new)?;
    directives.check_names(&primal)?;
    let stages = stage::chain(&primal, &directives, |f| f).map_err(|e| Failure::new(e).during("transform"))?;
    let runs = stages.iter().map(runner::Run::new).collect::<Result<Vec<_>, _>>()?;
    let between = runner::optimized_between(&primal, &directives)?;
    let mut numbers = Vec::new();
    for point in &directives.points {
        let found = point::check(point, &directives, &runs, &between).map_err(|failure| failure.or_at(point.line))?;
        numbers.push(found);
    }
    Ok(snapshot::text(&directives, &runs, &between, &numbers))
}

/// The message of a case that must fail.
fn expect_error(source: &str, directives: &Directives, code: &str) -> Result<String, Failure> {
    let (message, found) = match graph_core::text::parse(source) {
        Err(e) => (e.to_string(), e.code()),
        Ok(primal) => match stage::chain(&primal, directives, |f| f) {
            Err(e) => (e.to_string(), e.code()),
            Ok(_) => return Err(Failure::new(format!("no error, but `{code}` was expected"))),
        },
    };
    match found == code {
        true => Ok(snapshot::error(source, directives, &message)),
        false => Err(Failure::new(format!("error `{found}`, not `{code}`: {message}"))),
    }
}

#[cfg(test)]
mod tests;
