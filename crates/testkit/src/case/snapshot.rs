//! What a case writes down: its description, all stages, the last one optimised, the numbers.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;

use graph_core::Function;
use graph_core::text::print;
use opt::Report;

use super::directives::{Directives, Point};
use super::point::Numbers;
use super::runner::{Executable, Run};
use super::values::show;

/// The text of a case whose numbers are beyond doubt. A function that stands above already is left out.
pub fn text(directives: &Directives, runs: &[Run<'_>], between: &Executable, numbers: &[Numbers]) -> String {
    let mut stages = Stages { out: description(directives), printed: HashSet::new() };
    runs.iter().for_each(|run| stages.push(&run.stage.f, &run.stage.name, ""));
    let (optimized, report) = runs.last().expect("the primal is there").default_level();
    stages.push(&optimized.f, "optimized", &format!("; {}", fired(report)));
    if count(&print(&between.f)) < count(&print(&optimized.f)) {
        stages.push(&between.f, "optimized after each stage", "");
    }
    for (point, numbers) in directives.points.iter().zip(numbers) {
        stages.out.push_str(&at_point(point, runs, numbers));
    }
    stages.out
}

/// The text so far, and the functions in it.
struct Stages {
    out: String,
    printed: HashSet<String>,
}

impl Stages {
    fn push(&mut self, f: &Arc<Function>, title: &str, remark: &str) {
        let text = print(f);
        let functions = text.trim_end().split("\n\n").filter(|function| self.printed.insert(function.to_string()));
        let fresh = functions.collect::<Vec<_>>().join("\n\n");
        let nodes = match count(&text) {
            1 => "1 node".into(),
            n => format!("{n} nodes"),
        };
        let _ = writeln!(self.out, "\n---- {title} ({nodes}{remark})");
        if !fresh.is_empty() {
            let _ = writeln!(self.out, "{fresh}");
        }
    }
}

/// The text of a case that fails as it must.
pub fn error(source: &str, directives: &Directives, message: &str) -> String {
    let graph = source.lines().skip_while(|line| line.is_empty() || line.starts_with("//"));
    let graph = graph.collect::<Vec<_>>().join("\n");
    format!("{}\n---- primal\n{}\n\n---- error\n{message}\n", description(directives), graph.trim_end())
}

fn description(directives: &Directives) -> String {
    directives.description.join("\n") + "\n"
}

/// How many lines with nodes, those of callees included.
fn count(printed: &str) -> usize {
    printed.lines().filter(|line| line.starts_with("  %")).count()
}

fn fired(report: &Report) -> String {
    if report.fired.is_empty() {
        return "nothing to do".into();
    }
    let times = |n: usize| if n == 1 { String::new() } else { format!(" ×{n}") };
    report.fired.iter().map(|(rule, n)| format!("{rule}{}", times(*n))).collect::<Vec<_>>().join(", ")
}

fn at_point(point: &Point, runs: &[Run<'_>], numbers: &Numbers) -> String {
    let values: Vec<_> = point.values.iter().map(|(name, text)| format!("{name}={text}")).collect();
    let mut out = format!("\n---- at {}{}\n", values.join(" "), if point.kink { " (kink)" } else { "" });
    let width = runs.iter().map(|run| run.stage.name.len()).max().unwrap_or(0);
    for (run, results) in runs.iter().zip(numbers) {
        let Some(results) = results else { continue };
        let shown: Vec<_> = results.iter().map(show).collect();
        let _ = writeln!(out, "{:width$}  {}", run.stage.name, shown.join(", "));
    }
    out
}
