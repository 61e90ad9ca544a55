//! Wrong inputs, layer by layer: what each mistake is called and what the user reads.
//!
//! A table holds mistakes of one layer; its snapshot under `snapshots/` has a line `name | code | message` for each. A
//! mistake that is accepted, or that panics, fails the test. A snapshot is accepted after every message has been read as a
//! user would: does it name the op, the shapes, the place, a way out?
//!
//! Lines of the user's program are part of messages. A table checks that the line is that of the mistake, and its
//! snapshot says `LINE` there, so that it does not change with every edit.

mod algebra;
mod execution;
mod facade;
mod formula;
mod text;
mod transforms;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use insta::{Settings, assert_snapshot};

/// A mistake: its code and message, or the reason why it was not refused as it should be.
struct Case {
    name: &'static str,
    refusal: Result<(&'static str, String), String>,
}

impl Case {
    /// Makes the mistake. A panic, be it of the engine or of a check of this test, is a reason.
    fn new<M: ToString>(name: &'static str, wrong: impl FnOnce() -> (&'static str, M)) -> Case {
        let outcome = catch_unwind(AssertUnwindSafe(wrong));
        let refusal = outcome.map(|(code, message)| (code, message.to_string())).map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
        });
        Case { name, refusal }
    }
}

/// All tables: the layer, and its mistakes.
fn tables() -> [(&'static str, Vec<Case>); 6] {
    [
        ("text", text::cases()),
        ("facade", facade::cases()),
        ("formula", formula::cases()),
        ("execution", execution::cases()),
        ("transforms", transforms::cases()),
        ("algebra", algebra::cases()),
    ]
}

#[test]
fn every_wrong_input_has_its_code_and_its_message() {
    let mut problems = Vec::new();
    let mut shown = Vec::new();
    for (layer, cases) in tables() {
        let mut names = HashSet::new();
        let mut text = String::new();
        for Case { name, refusal } in &cases {
            assert!(names.insert(*name), "{layer}: two cases are named `{name}`");
            match refusal {
                Ok((code, message)) => _ = writeln!(text, "{name} | {code} | {}", message.replace('\n', "\n    ")),
                Err(reason) => problems.push(format!("{layer}: `{name}`: {reason}")),
            }
        }
        shown.push((layer, text));
    }
    assert!(problems.is_empty(), "{} problem(s):\n{}", problems.len(), problems.join("\n"));
    shown.iter().for_each(|(layer, text)| compare_with_snapshot(layer, text));
}

#[test]
fn the_page_of_errors_counts_the_cases() {
    let page = include_str!("../../docs/errors.md");
    let mut total = 0;
    for (layer, cases) in tables() {
        let row = page.lines().find(|line| line.starts_with(&format!("| {layer} |")));
        let count = row.and_then(|row| row.split('|').nth_back(1)).map(str::trim);
        assert_eq!(count, Some(&*cases.len().to_string()), "cases of the layer `{layer}` in docs/errors.md");
        total += cases.len();
    }
    assert!(total >= 200 && page.contains(&format!("{total} wrong inputs")), "{total} cases");
}

fn compare_with_snapshot(layer: &str, text: &str) {
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("snapshots");
    settings.bind(|| assert_snapshot!(layer, text));
}
