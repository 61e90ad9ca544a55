//! The text that the program prints.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::compare::{Comparison, REQUIRED};
use crate::dataset::Dataset;
use crate::fit::{Fit, fit};
use crate::model::{Model, ModelError};

/// Both fits of a data set, each beside the certified results.
#[derive(Debug)]
pub struct Report<'d> {
    set: &'d Dataset,
    model: String,
    /// One for each starting point.
    pub runs: Vec<Run>,
}

/// A fit from one starting point.
#[derive(Debug)]
pub struct Run {
    /// What was found.
    pub fit: Fit,
    /// How it compares.
    pub comparison: Comparison,
    time: Duration,
}

impl<'d> Report<'d> {
    /// Fits from both starting points; `model` is the one to use instead of the file's own.
    pub fn new(set: &'d Dataset, model: Option<&str>) -> Result<Report<'d>, ModelError> {
        let model = match model {
            Some(text) => Model::new(set, text)?,
            None => Model::of(set)?,
        };
        let mut runs = Vec::new();
        for start in 0..2 {
            let start: Vec<f64> = set.parameters.iter().map(|p| p.starts[start]).collect();
            let clock = Instant::now();
            let fit = fit(&model, &start)?;
            let time = clock.elapsed();
            runs.push(Run { comparison: Comparison::new(set, &fit), fit, time });
        }
        Ok(Report { set, model: format!("{} = {}", model.equation.response, model.equation.mean), runs })
    }

    /// Whether both fits agree with the certified results.
    pub fn passed(&self) -> bool {
        self.runs.iter().all(|run| run.comparison.passed())
    }

    /// Every number.
    pub fn full(&self) -> String {
        let (rows, parameters) = (self.set.rows.len(), self.set.parameters.len());
        let mut out = format!("{}: {}\n{rows} observations, {parameters} parameters\n", self.set.name, self.model);
        for (k, Run { fit, comparison, time }) in self.runs.iter().enumerate() {
            let effort = format!("{} iterations, {} evaluations, {}", fit.iterations, fit.evaluations, seconds(*time));
            let lost = if fit.converged { "" } else { "; no minimum was found" };
            line(&mut out, format_args!("\nstart {}: {effort}{lost}", k + 1));
            self.table(&mut out, fit, comparison);
        }
        out += &self.note().unwrap_or_default();
        let verdict = if self.passed() { "agrees" } else { "DISAGREES" };
        line(&mut out, format_args!("\n{verdict} with NIST ({REQUIRED} digits or more are required)"));
        out
    }

    fn table(&self, out: &mut String, fit: &Fit, comparison: &Comparison) {
        let head = |what| format!("{what:>18}{:>19}{:>7}", "certified", "digits");
        line(out, format_args!("{:<5}{}{}", "", head("fitted"), head("deviation")));
        for (j, known) in self.set.parameters.iter().enumerate() {
            let parameter = cells(fit.parameters[j], known.value, comparison.parameters[j]);
            let deviation = cells(fit.deviations[j], known.deviation, comparison.deviations[j]);
            line(out, format_args!("{:<5}{parameter}{deviation}", known.name));
        }
        line(out, format_args!("{:<5}{}", "rss", cells(fit.rss, self.set.rss, comparison.rss)));
    }

    /// One line for each start: fewest digits, and the effort.
    pub fn summary(&self) -> String {
        let mut out = String::new();
        for (k, Run { fit, comparison, time }) in self.runs.iter().enumerate() {
            let (name, start) = (&self.set.name, k + 1);
            let (parameters, deviations) = (comparison.worst_parameter(), comparison.worst_deviation());
            let star = if comparison.residual_digits.is_some() { '*' } else { ' ' };
            let digits = format!("{parameters:>12.1}{deviations:>12.1}{star}{:>5.1}", comparison.rss);
            let effort = format!("{:>11}{:>12}{:>11}", fit.iterations, fit.evaluations, seconds(*time));
            let verdict = if comparison.passed() { "" } else { "  DISAGREES" };
            line(&mut out, format_args!("{name:<10}{start:>6}{digits}{effort}{verdict}"));
        }
        out
    }

    /// The head of a table of summaries.
    pub fn heading() -> String {
        let [name, start, parameters, deviations] = ["file", "start", "parameters", "deviations"];
        let [iterations, evaluations, time] = ["iterations", "evaluations", "time"];
        let title = "digits that agree with the certified values, 11 at most; the fewest of each file";
        let digits = format!("{name:<10}{start:>6}{parameters:>12}{deviations:>12} {:>5}", "rss");
        format!("{title}\n{digits}{iterations:>11}{evaluations:>12}{time:>11}\n")
    }

    /// Why standard deviations do not count, where they do not.
    pub fn note(&self) -> Option<String> {
        let digits = self.runs.first()?.comparison.residual_digits?;
        let name = &self.set.name;
        Some(format!(
            "* {name}: beside data of this size f64 keeps only {digits:.1} digits of its residuals. Its standard deviations are\n  \
             proportional to them, so they are shown and not judged\n"
        ))
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("a string takes what is written");
}

fn cells(found: f64, certified: f64, digits: f64) -> String {
    format!("{found:>18.10e}{certified:>19.10e}{digits:>7.1}")
}

fn seconds(time: Duration) -> String {
    format!("{:.2} ms", 1e3 * time.as_secs_f64())
}
