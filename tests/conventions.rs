//! Every row of `docs/conventions.md` holds: in every mode, in both executors, at the levels that its table names.

use wengert::formula::Formula;
use wengert::partials::{Partials, Settings};
use wengert::{Level, Mode, Value};

/// One row: a formula, a point, and what holds there.
struct Row {
    formula: String,
    at: Vec<(String, f64)>,
    /// Variables to differentiate by, none for the value; and the number.
    holds: Vec<(String, f64)>,
}

impl Row {
    /// Whether it speaks of the value alone, or of a third derivative, or of the order from which on there is none.
    fn is_complete(&self) -> bool {
        let differentiates = self.holds.iter().any(|(wrt, _)| !wrt.is_empty());
        let ends = self.holds.iter().any(|(wrt, holds)| wrt.len() == 3 || (!wrt.is_empty() && !holds.is_finite()));
        !differentiates || ends
    }
}

fn number(text: &str) -> f64 {
    text.trim().parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

/// The rows of the tables in a part of the page.
fn rows(part: &str) -> Vec<Row> {
    let lines = part.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [formula, at, holds, ..] = cells[..] else { panic!("three cells at least: {line}") };
        let assignment = |text: &str| {
            let (name, value) = text.split_once('=').unwrap_or_else(|| panic!("`{text}` in {line}"));
            (name.trim().to_string(), number(value))
        };
        let fact = |text: &str| {
            let (key, value) = text.trim().split_once(' ').unwrap_or_else(|| panic!("`{text}` in {line}"));
            (if key == "value" { String::new() } else { key[1..].to_string() }, number(value))
        };
        Row {
            formula: formula.trim_matches('`').to_string(),
            at: at.split(',').map(assignment).collect(),
            holds: holds.split(';').map(fact).collect(),
        }
    };
    lines.map(row).collect()
}

/// What does not hold, in one mode at one level.
fn failures(row: &Row, mode: Mode, level: Level) -> Vec<String> {
    let order = row.holds.iter().map(|(wrt, _)| wrt.len()).max().unwrap_or(0);
    let formula = Formula::parse(&row.formula).unwrap_or_else(|e| panic!("{}", e.render(&row.formula)));
    let partials =
        Partials::new(&formula, &Settings { order, mode, level, ..Settings::default() }).expect("it derives");
    let value = |name: &str| row.at.iter().find(|(other, _)| other == name).map(|(_, value)| *value);
    let arguments = partials.arguments(value).expect("the point has all variables");
    let planned = partials.function.compile_at(Level::None).expect("it fits").run(&arguments).expect("arguments fit");
    let values: Vec<Value> = arguments.iter().map(|&x| Value::from(x)).collect();
    let reference = partials.function.eval(&values).expect("arguments fit");
    let mut failures = Vec::new();
    for (wrt, expected) in &row.holds {
        let sorted = |mut names: Vec<char>| {
            names.sort_unstable();
            names
        };
        let is_it = |found: &Vec<usize>| {
            let names = found.iter().flat_map(|&i| partials.variables[i].chars()).collect();
            sorted(names) == sorted(wrt.chars().collect())
        };
        let at = partials.wrt.iter().position(is_it).unwrap_or_else(|| panic!("no partial by {wrt}"));
        let reference = reference[at].as_scalar().expect("a scalar");
        for (executor, found) in [("planned", planned[at]), ("reference", reference)] {
            if !agrees(found, *expected) {
                let (formula, mode) = (&row.formula, mode.name());
                failures.push(format!("{formula}, d{wrt}, {mode}, {level}, {executor}: {found:?}, not {expected:?}"));
            }
        }
    }
    failures
}

fn agrees(found: f64, expected: f64) -> bool {
    found == expected || (found.is_nan() && expected.is_nan()) || (found - expected).abs() <= 1e-13 * expected.abs()
}

fn check(part: &str, levels: &[Level]) {
    let rows = rows(part);
    assert!(rows.len() >= 5, "{} rows", rows.len());
    let short: Vec<&str> = rows.iter().filter(|row| !row.is_complete()).map(|row| row.formula.as_str()).collect();
    assert!(short.is_empty(), "rows that stop before order three: {short:?}");
    let tried = Mode::ALL.into_iter().flat_map(|mode| levels.iter().map(move |&level| (mode, level)));
    let failures: Vec<_> =
        tried.flat_map(|(mode, level)| rows.iter().flat_map(move |row| failures(row, mode, level))).collect();
    assert!(failures.is_empty(), "{} rows fail:\n{}", failures.len(), failures.join("\n"));
}

/// The page from one heading to the next.
fn part(heading: &str) -> &'static str {
    let page = include_str!("../docs/conventions.md");
    let start = page.find(heading).unwrap_or_else(|| panic!("no heading `{heading}`"));
    let rest = &page[start + heading.len()..];
    &rest[..rest.find("\n## ").unwrap_or(rest.len())]
}

#[test]
fn conventions_hold_at_every_level() {
    check(part("## At every level"), &[Level::None, Level::Exact, Level::Safe]);
}

#[test]
fn stable_forms_hold_from_level_safe() {
    check(part("## From level `safe`"), &[Level::Safe]);
}
