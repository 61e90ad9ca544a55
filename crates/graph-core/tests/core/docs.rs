//! The page `docs/ir.md` is true: its graphs parse and are in printed form, and it names every op.

use graph_core::text::{parse, print};
use graph_core::{Opcode, verify};

const PAGE: &str = include_str!("../../../../docs/ir.md");

/// Blocks fenced as `text` that begin with `start`.
fn blocks(start: &str) -> Vec<&'static str> {
    let fenced = PAGE.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next());
    fenced.filter(|block| block.starts_with(start)).collect()
}

#[test]
fn graphs_of_the_page_parse_verify_and_are_in_printed_form() {
    let graphs = blocks("graph @");
    assert!(graphs.len() >= 6, "{}", graphs.len());
    for text in graphs {
        let f = parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        verify(f.graph()).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let plain: String =
            text.lines().map(|line| line.split("//").next().unwrap_or("").trim_end().to_string() + "\n").collect();
        assert_eq!(print(&f), plain);
    }
}

#[test]
fn errors_of_the_page_are_the_ones_that_appear() {
    let errors = blocks("> ");
    assert!(!errors.is_empty());
    for block in errors {
        let (source, message) = block.trim_end().rsplit_once('\n').expect("a text, then its message");
        let source: String = source.lines().map(|line| line.trim_start_matches("> ").to_string() + "\n").collect();
        assert_eq!(parse(&source).expect_err(&source).to_string(), message);
    }
}

#[test]
fn the_page_names_every_op() {
    for code in Opcode::all() {
        let name = format!("`{}`", code.name());
        assert!(PAGE.contains(&name), "docs/ir.md does not list {name}");
    }
}
