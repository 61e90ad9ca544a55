//! All mistakes of a text are told at once, each once, and nothing that only follows from one.

use graph_core::text::{MOST_MISTAKES, check};

/// The mistakes of `source`, as `line:column message`.
#[track_caller]
fn told(source: &str, expected: &[&str]) {
    let mistakes = check(source).expect_err("the text is wrong");
    let found: Vec<String> = mistakes.iter().map(|e| format!("{}:{} {}", e.line, e.column, e.message)).collect();
    assert_eq!(found, expected, "{source}");
}

/// As [`told`], of these lines in a function of a scalar x and a matrix w; the first is line 2.
#[track_caller]
fn lines(body: &str, expected: &[&str]) {
    told(&format!("graph @f(%x: f64, %w: f64[2,3]) -> f64 {{\n{body}\nreturn %x\n}}"), expected);
}

#[test]
fn every_undefined_value_is_told_once() {
    lines(
        "%0 = mul %a, %b : f64\n%1 = sin %a : f64\n%2 = add %0, %1 : f64\n%3 = exp %c",
        &["2:10 unknown value %a", "2:14 unknown value %b", "5:10 unknown value %c"],
    );
    lines("%0 = sin %late : f64\n%late = exp %x : f64\n%1 = sin %late", &["2:10 unknown value %late"]);
}

#[test]
fn wrong_ops_counts_shapes_attributes_and_types_are_independent() {
    lines(
        "%0 = sinn %x : f64\n%1 = sin %x, %x : f64\n%2 = add %x, %w : f64\n%3 = reduce_sum %w {axes=[2]} : f64\n\
         %4 = exp %x : f32\n%5 = reduce_sum %w {axis=[0]} : f64[3]\n%6 = mul %x, %x : f64",
        &[
            "2:6 unknown op `sinn`",
            "3:6 `sin %x: f64, %x: f64` takes 1 operand, got 2",
            "4:6 shape mismatch in `add %x: f64, %w: f64[2,3]`: shapes [] and [2,3] differ; `broadcast` one of them",
            "5:6 bad attribute in `reduce_sum %w: f64[2,3] {axes=[2]}`: axis 2 is out of range: a tensor of rank 2 has axes 0 to 1",
            "6:15 the type is f64, not f32",
            "7:6 `reduce_sum` needs {axes=…}",
        ],
    );
}

#[test]
fn a_node_is_quoted_in_the_words_of_the_text() {
    lines(
        "%sum = add %x, %x : f64\n%twice = add %w, %sum : f64\n%n = iota {axis=1} : i64[2]",
        &[
            "3:10 shape mismatch in `add %w: f64[2,3], %sum: f64`: shapes [2,3] and [] differ; `broadcast` one of them",
            "4:6 bad attribute in `iota {axis=1}`: axis 1 is out of range: a vector has axis 0 alone",
        ],
    );
}

#[test]
fn a_wrong_node_counts_as_of_the_type_that_is_written() {
    lines(
        "%0 = sinn %w : f64[2,3]\n%1 = exp %0 : f64[2,3]\n%2 = add %1, %x",
        &[
            "2:6 unknown op `sinn`",
            "4:6 shape mismatch in `add %1: f64[2,3], %x: f64`: shapes [2,3] and [] differ; `broadcast` one of them",
        ],
    );
    lines(
        "%0 = sinn %w\n%1 = exp %0 : f64[2,3]\n%2 = add %1, %x\n%3 = sin %0",
        &[
            "2:6 unknown op `sinn`",
            "4:6 shape mismatch in `add %1: f64[2,3], %x: f64`: shapes [2,3] and [] differ; `broadcast` one of them",
        ],
    );
}

#[test]
fn wrong_syntax_costs_its_node_only() {
    lines(
        "%0 = mul %x %x : f64\n%1 exp %x\n§ %2 = sin %x\n%3 = const [1, : f64[2]\n%4 = log %x {{n=1} : f64\n\
         %5 = iota {axis=0} : f65[2]\n%6 = sqrt %z\nconst 1.0 : f64\n%7 = exp = 2",
        &[
            "2:6 `mul %x: f64` takes 2 operands, got 1",
            "3:4 expected `=`, found `exp`",
            "4:1 unexpected character '§'",
            "5:16 expected an element",
            "6:14 expected the name of an attribute, found `{`",
            "7:22 unknown type `f65`",
            "8:11 unknown value %z",
            "9:1 expected a node or `return`",
            "10:6 `exp` takes 1 operand, got 0",
        ],
    );
}

#[test]
fn functions_are_read_on_behind_a_wrong_one() {
    told(
        "graph @a(%x: f64) -> f64 {\n%0 = sinn %x : f64\nreturn %0\n}\ngraph @b(%x f64) -> f64 {\nreturn %y\n}\n\
         graph @a(%x: f64, %x: f64) -> f64 {\n%0 = call @a(%x) : f64\n%1 = call @b(%x, %z) : f64\n%2 = call @c(%0) : f64\n\
         %3 = add %1, %2\nreturn %3\n}\ngraph @d(%x: f64) -> i64 {\nreturn %x\n}\ngraph @e(%x: f64) -> f64 {\n%0 = sin %x\n",
        &[
            "2:6 unknown op `sinn`",
            "5:13 expected `:`, found `f64`",
            "8:7 graph @a is defined twice",
            "8:19 name `x` is taken by another parameter; rename one of them",
            "10:18 unknown value %z",
            "11:11 unknown graph @c",
            "15:22 @d is declared to return i64 but returns f64",
            "20:1 expected a node or `return`",
        ],
    );
}

#[test]
fn no_more_are_told_than_the_limit_however_long_the_text() {
    let line = "%a = sinn %b : f64 ".repeat(200_000);
    let text = format!("graph @f(%x: f64) -> f64 {{ {line} return %x }}");
    let mistakes = check(&text).expect_err("nothing is right");
    assert_eq!(mistakes.len(), MOST_MISTAKES);
    assert!(mistakes.iter().all(|e| e.source_line.len() <= 2001), "one line is the whole text");
    for piece in ["%a = ", "graph @f ", "{ ", "graph @f(%x: f64) -> f64 { } ", "return ", "§ ", ": ", "%a = x : ("] {
        let mistakes = check(&piece.repeat(100_000)).expect_err("nothing is right");
        assert!((1..=MOST_MISTAKES).contains(&mistakes.len()), "{piece}");
    }
}
