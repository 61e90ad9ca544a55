//! Everything that must hold of a program.

mod batch;
mod derivatives;
mod rewrites;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use graph_core::{Function, text};
use opt::Level;

use super::explain::{Numbers, Outcome, Precision, compare};
use super::machine::{Machine, round_trips};
use super::program::Program;

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Nothing panics.
    Panic,
    /// Transforms of valid programs succeed.
    Transform,
    /// Graphs are valid.
    Verify,
    /// Programs can be planned.
    Plan,
    /// Text is read back as it was printed.
    Text,
    /// Reference and planned executor agree bit by bit.
    Executors,
    /// Forward and reverse mode agree.
    Modes,
    /// Both nestings of the second order agree.
    SecondOrder,
    /// Power series agree with nested forward mode.
    Taylor,
    /// All second derivatives by power series are those of the gradient, and the Laplacian is their trace.
    Hessian,
    /// A batch is its members.
    Batch,
    /// Optimised programs have the same bits, or numbers.
    Optimised(Level),
    /// Optimisation ends.
    Ends,
    /// The derivative is what differences say.
    Differences,
    /// So is the second derivative.
    SecondDifferences,
    /// Single precision agrees with double precision.
    Single,
}

/// Why two numbers may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The value itself is no number, or the run ended with an error.
    Value,
    /// The function has different slopes on both sides of the point.
    Kink,
    /// The numbers move as far when the inputs, or the numbers inside, move by a few ulps.
    Conditioning,
    /// Differences of different steps do not agree with each other.
    Unsure,
    /// No difference of numbers: the optimised program costs more, since a fused op stands beside parts that others use.
    Dearer,
    /// No difference of numbers: different callees of one name, in different functions, are numbered in text.
    Names,
}

impl Reason {
    /// Every reason, with the rule in words.
    pub const ALL: [(Reason, &'static str); 6] = [
        (Reason::Value, "the value itself is not finite, or the run ends with a typed error"),
        (Reason::Kink, "slopes on both sides differ, and beside the point all is well"),
        (Reason::Conditioning, "inputs, or numbers inside, moved by 16 ulps move the numbers as far"),
        (Reason::Unsure, "differences of different steps do not agree with each other"),
        (Reason::Dearer, "equal numbers, but the optimised program costs more, as a fused op stands beside its parts"),
        (Reason::Names, "equal text, but callees of one name in different functions got numbers when printed"),
    ];
}

/// A difference without explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Find {
    /// What does not hold.
    pub check: Check,
    /// How it shows.
    pub message: String,
}

impl Find {
    /// A fact that does not hold.
    pub fn new(check: Check, message: impl Into<String>) -> Find {
        Find { check, message: message.into() }
    }
}

/// Which of the costlier checks are made.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    levels: [bool; 4],
    taylor: bool,
    batch: bool,
    text: bool,
}

impl Effort {
    /// All checks.
    pub const ALL: Effort = Effort { levels: [true; 4], taylor: true, batch: true, text: true };

    /// The n-th of many programs gets one level of optimisation, and one in a few the other checks.
    pub fn nth(n: u64) -> Effort {
        let level = 1 + (n % 3) as usize;
        Effort {
            levels: [0, 1, 2, 3].map(|at| at == level),
            taylor: n.is_multiple_of(4),
            batch: n % 4 == 2,
            text: n.is_multiple_of(2),
        }
    }
}

/// Makes all checks on a program; the reasons of differences that were explained.
pub fn check(program: &Program, effort: Effort) -> Result<Vec<Reason>, Find> {
    let outcome = catch_unwind(AssertUnwindSafe(|| Checker::new(program, effort).run()));
    outcome.unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| text.to_string()));
        Err(Find::new(Check::Panic, text.unwrap_or_else(|| "a panic without a message".into())))
    })
}

/// A program under scrutiny.
struct Checker<'p> {
    program: &'p Program,
    effort: Effort,
    /// Of the arithmetic that is looked at.
    precision: Precision,
    explained: Vec<Reason>,
}

impl<'p> Checker<'p> {
    fn new(program: &'p Program, effort: Effort) -> Checker<'p> {
        Checker { program, effort, precision: Precision::DOUBLE, explained: Vec::new() }
    }

    fn run(mut self) -> Result<Vec<Reason>, Find> {
        let Program { loss, whole, at, .. } = self.program;
        self.text(whole)?;
        let value = Machine::new(whole)?.executors_agree(at)?;
        self.rewrites(whole, at)?;
        let value = value.and_then(|results| results.last().and_then(interp::Value::as_scalar));
        let finite = value.is_some_and(f64::is_finite);
        if !finite {
            self.explained.push(Reason::Value);
        }
        if text::print(loss).contains("f32") {
            self.single(finite)?;
        } else {
            self.derivatives(loss, finite)?;
        }
        self.explained.sort_unstable();
        self.explained.dedup();
        Ok(self.explained)
    }

    fn text(&mut self, f: &Arc<Function>) -> Result<(), Find> {
        if !round_trips(f)? {
            self.explained.push(Reason::Names);
        }
        Ok(())
    }

    /// In single precision both modes are compared with each other and with double precision, where all else is checked.
    fn single(&mut self, finite: bool) -> Result<(), Find> {
        let loss = &self.program.loss;
        let double = text::parse(&text::print(loss).replace("f32", "f64"));
        let double = double.map_err(|e| Find::new(Check::Text, format!("in double precision: {e}")))?;
        self.precision = Precision::SINGLE;
        let single = self.first_order(loss, finite)?;
        self.precision = Precision::DOUBLE;
        self.derivatives(&double, finite)?;
        self.precision = Precision::SINGLE;
        if finite {
            let (mut single, mut double) = (single, self.first_order(&double, finite)?);
            let point = self.program.at.clone();
            let (left, right) = (&mut |p: &[f64]| single.gradient(p), &mut |p: &[f64]| double.gradient(p));
            self.settle(Check::Single, &point, left, right, 1.0)?;
        }
        Ok(())
    }

    /// Two functions of the point that should be equal.
    fn settle(
        &mut self,
        check: Check,
        point: &[f64],
        left: Numbers<'_>,
        right: Numbers<'_>,
        terms: f64,
    ) -> Result<(), Find> {
        match compare(point, left, right, terms, self.precision) {
            Outcome::Equal => Ok(()),
            Outcome::Explained(reason) => {
                self.explained.push(reason);
                Ok(())
            }
            Outcome::Different => Err(Find::new(check, format!("{:?} and {:?}", left(point), right(point)))),
        }
    }
}

/// A transform that must succeed.
fn transformed(outcome: Result<Arc<Function>, autodiff::Error>) -> Result<Arc<Function>, Find> {
    outcome.map_err(|e| Find::new(Check::Transform, e.to_string()))
}
