//! The runner finds what is wrong: with a case file, and with numbers.

use super::check;

const SQUARE: &str = "graph @square(%x: f64) -> f64 {\n  %0 = mul %x, %x : f64\n  return %0\n}\n";

fn failure(directives: &str) -> String {
    match check(&format!("// a square\n{directives}\n{SQUARE}")) {
        Err(failure) => failure.to_string(),
        Ok(text) => panic!("no failure:\n{text}"),
    }
}

#[test]
fn a_case_writes_stages_and_numbers() {
    let text = check(&format!("// a square\n//! transform: grad\n//! at: x=3.0\n//! expect: 6.0\n{SQUARE}"));
    let text = text.expect("a good case");
    assert!(text.contains("---- primal (1 node)") && text.contains("grad    6.0"), "{text}");
}

#[test]
fn a_malformed_case_is_an_error_with_its_line() {
    assert!(failure("//! transform: grand").starts_with("line 2: unknown transform `grand`"));
    assert!(failure("//! transform: grad\n//! expect: 1.0").starts_with("line 3: `expect` needs an `at`"));
    assert!(failure("//! at: x=1.0\n//! kink").starts_with("line 2: a `kink` needs `expect`"));
    assert!(failure("//! at: x=[1.0]").starts_with("line 2: x: `[1.0]` is not a value of type f64"));
    assert!(failure("//! at: z=1.0").starts_with("line 2: @square has no parameter `z`"));
    assert!(failure("//! at: x=1.0\n//! expect hvp: 1.0").starts_with("line 3: hvp: there is no stage `hvp`"));
    assert!(failure("//! wrt: z\n//! at: x=1.0").starts_with("line 2: @square has no parameter `z`"));
    assert!(failure("").starts_with("line 1: a case needs a point"));
}

#[test]
fn a_wrong_number_is_found() {
    assert!(failure("//! transform: grad\n//! at: x=3.0\n//! expect: 6.00000001").contains("is 6.0, not 6.00000001"));
}

#[test]
fn an_expected_error_must_come() {
    assert!(failure("//! transform: grad\n//! error: undefined").starts_with("line 3: no error"));
}

#[test]
fn a_kink_that_is_not_marked_is_found_by_differences() {
    for (op, x) in [("floor", 1.0), ("abs", 1e-9)] {
        let source = SQUARE.replace("mul %x, %x", &format!("{op} %x"));
        let found = check(&format!("// a kink\n//! transform: grad\n//! at: x={x:?}\n{source}"));
        let message = found.expect_err("a kink has no differences").to_string();
        assert!(message.contains("reverse mode and differences"), "{message}");
    }
}
