//! The case files under `graphs/`: checked by `testkit::case`, then compared with the snapshots under `snapshots/`.
//!
//! A new or changed case: write it, run `INSTA_UPDATE=always cargo test -p wengert-tests cases`, and read the snapshot
//! as a mathematician before it is committed. `INSTA_GLOB_FILTER='*/pow.graph'` runs one case alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use graph_core::Opcode;
use insta::{Settings, assert_snapshot, glob};
use testkit::case;

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The files with this ending below a folder, by path without the ending.
fn files(folder: &str, ending: &str) -> BTreeSet<PathBuf> {
    let root = here().join(folder);
    let mut found = BTreeSet::new();
    let mut todo = vec![root.clone()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository") {
            let path = entry.expect("an entry of the folder").path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.insert(path.strip_prefix(&root).expect("below the root").with_extension(""));
            }
        }
    }
    found
}

/// What each case came to, by path below `graphs/` without ending.
fn outcomes() -> &'static BTreeMap<PathBuf, Result<String, case::Failure>> {
    static OUTCOMES: OnceLock<BTreeMap<PathBuf, Result<String, case::Failure>>> = OnceLock::new();
    OUTCOMES.get_or_init(|| files("graphs", "graph").into_iter().map(|name| (name.clone(), check(&name))).collect())
}

fn source(name: &Path) -> String {
    fs::read_to_string(here().join("graphs").join(name).with_extension("graph")).expect("a file of the repository")
}

fn check(name: &Path) -> Result<String, case::Failure> {
    case::check(&source(name))
}

#[test]
fn every_case_holds() {
    let failed = outcomes().iter().filter_map(|(name, outcome)| Some((name, outcome.as_ref().err()?)));
    let failed: Vec<_> = failed.map(|(name, failure)| format!("{}: {failure}", name.display())).collect();
    assert!(failed.is_empty(), "{} case(s) fail:\n{}", failed.len(), failed.join("\n"));
}

/// Only cases that hold are compared.
#[test]
fn every_case_reads_as_before() {
    glob!("graphs/**/*.graph", |path| {
        let name = path.strip_prefix(here().join("graphs")).expect("below the folder of cases").with_extension("");
        if let Some(Ok(text)) = outcomes().get(&name) {
            compare_with_snapshot(&name, text);
        }
    });
}

fn compare_with_snapshot(name: &Path, text: &str) {
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.remove_snapshot_suffix();
    settings.set_snapshot_path(Path::new("snapshots").join(name.parent().expect("a family")));
    let stem = name.file_name().and_then(|stem| stem.to_str()).expect("names of cases are text");
    settings.bind(|| assert_snapshot!(stem, text));
}

#[test]
fn every_snapshot_has_its_case() {
    let (cases, snapshots) = (files("graphs", "graph"), files("snapshots", "snap"));
    let lost: Vec<_> = snapshots.difference(&cases).collect();
    assert!(lost.is_empty(), "snapshots without a case: {lost:?}");
    assert!(!cases.is_empty());
}

#[test]
fn every_op_has_a_case() {
    let mut words = BTreeSet::new();
    for case in files("graphs", "graph") {
        let source = source(&case);
        let nodes = source.lines().filter_map(|line| line.split_once(" = ")).filter(|(name, _)| name.contains('%'));
        words.extend(nodes.filter_map(|(_, node)| node.split_whitespace().next()).map(str::to_string));
    }
    let is_missing = |name: &&str| !words.contains(*name) && *name != Opcode::Param.name();
    let missing: Vec<_> = Opcode::all().iter().map(|code| code.name()).filter(is_missing).collect();
    assert!(missing.is_empty(), "ops without a case: {missing:?}");
}
