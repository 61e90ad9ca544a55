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
    pub fits: Vec<(Fit, Comparison, Duration)>,
}

impl<'d> Report<'d> {
    /// Fits from both starting points; `model` is the one to use instead of the file's own.
    pub fn new(set: &'d Dataset, model: Option<&str>) -> Result<Report<'d>, ModelError> {
        let model = match model {
            Some(text) => Model::new(set, text)?,
            None => Model::of(set)?,
        };
        let mut fits = Vec::new();
        for start in 0..2 {
            let start: Vec<f64> = set.parameters.iter().map(|p| p.starts[start]).collect();
            let clock = Instant::now();
            let found = fit(&model, &start)?;
            fits.push((found.clone(), Comparison::new(set, &found), clock.elapsed()));
        }
        Ok(Report { set, model: format!("{} = {}", model.equation.response, model.equation.mean), fits })
    }

    /// Whether both fits agree with the certified results.
    pub fn passed(&self) -> bool {
        self.fits.iter().all(|(_, comparison, _)| comparison.passed())
    }

    /// Every number.
    pub fn full(&self) -> String {
        let (rows, parameters) = (self.set.rows.len(), self.set.parameters.len());
        let mut out = format!("{}: {}\n{rows} observations, {parameters} parameters\n", self.set.name, self.model);
        for (k, (fit, comparison, time)) in self.fits.iter().enumerate() {
            let effort = format!("{} iterations, {} evaluations, {}", fit.iterations, fit.evaluations, seconds(*time));
            let lost = if fit.converged { "" } else { "; no minimum was found" };
            line(&mut out, format_args!("\nstart {}: {effort}{lost}", k + 1));
            self.table(&mut out, fit, comparison);
        }
        self.explain(&mut out);
        let verdict = if self.passed() { "agrees" } else { "DISAGREES" };
        line(&mut out, format_args!("\n{verdict} with NIST ({REQUIRED} digits or more are required)"));
        out
    }

    fn table(&self, out: &mut String, fit: &Fit, comparison: &Comparison) {
        line(
            out,
            format_args!(
                "{:<5}{:>18}{:>19}{:>7}{:>18}{:>19}{:>7}",
                "", "fitted", "certified", "digits", "deviation", "certified", "digits"
            ),
        );
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
        for (k, (fit, comparison, time)) in self.fits.iter().enumerate() {
            let (name, start) = (&self.set.name, k + 1);
            let (parameters, deviations) = (comparison.worst_parameter(), comparison.worst_deviation());
            let judged = if comparison.residual_digits.is_some() { '*' } else { ' ' };
            let effort = format!("{:>10}{:>12}{:>12}", fit.iterations, fit.evaluations, seconds(*time));
            let verdict = if comparison.passed() { "" } else { "  DISAGREES" };
            line(
                &mut out,
                format_args!(
                    "{name:<10}{start:>6}{parameters:>12.1}{deviations:>12.1}{judged}{:>5.1}{effort}{verdict}",
                    comparison.rss
                ),
            );
        }
        out
    }

    /// The head of a table of summaries.
    pub fn heading() -> String {
        let [name, start, parameters, deviations] = ["file", "start", "parameters", "deviations"];
        let [iterations, evaluations, time] = ["iterations", "evaluations", "time"];
        let digits = format!("{name:<10}{start:>6}{parameters:>12}{deviations:>12} {:>5}", "rss");
        format!(
            "digits that agree with the certified values, 11 at most; the fewest of each file\n{digits}{iterations:>11}{evaluations:>12}{time:>11}\n"
        )
    }

    /// Why standard deviations do not count, where they do not.
    pub fn explain(&self, out: &mut String) {
        if let Some((_, Comparison { residual_digits: Some(digits), .. }, _)) = self.fits.first() {
            line(
                out,
                format_args!(
                    "* {}: its residuals are so small beside the data that f64 keeps only {digits:.1} digits of them; its\n  standard deviations are proportional to these, so they are shown and not judged",
                    self.set.name
                ),
            );
        }
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
