//! The walls between crates.

use std::fs;
use std::path::Path;

/// The names under `[dependencies]` of a crate.
fn dependencies(name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates").join(name).join("Cargo.toml");
    let manifest = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[dependencies]").skip(1);
    let section = lines.take_while(|line| !line.starts_with('['));
    section
        .filter_map(|line| line.split(['.', '=', ' ']).next())
        .filter(|s| !s.is_empty())
        .map(str::to_string)
        .collect()
}

const OURS: [&str; 7] = ["graph-core", "autodiff", "opt", "interp", "wengert", "wengert-derive", "testkit"];

#[test]
fn the_middle_crates_depend_on_graph_core_and_never_on_each_other() {
    for name in ["autodiff", "opt", "interp"] {
        let ours: Vec<_> = dependencies(name).into_iter().filter(|d| OURS.contains(&d.as_str())).collect();
        assert_eq!(ours, ["graph-core"], "crates/{name}");
    }
}

#[test]
fn graph_core_depends_on_no_crate_of_the_house() {
    let ours: Vec<_> = dependencies("graph-core").into_iter().filter(|d| OURS.contains(&d.as_str())).collect();
    assert!(ours.is_empty(), "{ours:?}");
}

#[test]
fn the_derive_macro_knows_syntax_alone() {
    assert_eq!(dependencies("derive"), ["proc-macro2", "quote", "syn"]);
}

#[test]
fn the_program_the_adapters_and_the_demos_know_the_facade_alone() {
    let members = ["adapters", "demos"].into_iter().flat_map(|folder| {
        let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)).expect("a folder");
        entries.map(move |entry| {
            format!("../{folder}/{}", entry.expect("a member").file_name().to_str().expect("a plain name"))
        })
    });
    for name in members.chain(["cli".to_string()]) {
        let ours: Vec<_> = dependencies(&name).into_iter().filter(|d| OURS.contains(&d.as_str())).collect();
        assert_eq!(ours, ["wengert"], "{name}");
    }
}

#[test]
fn no_member_turns_the_feature_faer_on_so_executors_agree_bit_for_bit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders =
        ["crates", "adapters", "demos"].map(|folder| fs::read_dir(root.join(folder)).expect("a folder of members"));
    let members = folders.into_iter().flatten().map(|entry| entry.expect("a member").path());
    let texts = members.chain([root.join("tests"), root]).map(|member| {
        let path = member.join("Cargo.toml");
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    });
    for text in texts {
        let on = |line: &str| line.starts_with("default =") || line.contains("features = [\"faer\"");
        assert_eq!(text.lines().find(|line| on(line) && line.contains("faer")), None);
    }
}
