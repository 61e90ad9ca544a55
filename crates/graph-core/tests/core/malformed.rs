//! What is not a graph is refused with a place, a reason and often a way out; nothing panics.

use graph_core::text::{ParseError, parse};
use graph_core::{Error, MAX_NESTING};

fn error(source: &str) -> ParseError {
    match parse(source) {
        Err(Error::Parse(e)) => e,
        Err(other) => panic!("not a parse error: {other}\n{source}"),
        Ok(_) => panic!("this parses:\n{source}"),
    }
}

/// `source` fails at this place with this message.
fn check(source: &str, line: usize, column: usize, message: &str) {
    let e = error(source);
    assert_eq!((e.line, e.column), (line, column), "{e}\n{source}");
    assert_eq!(e.to_string(), format!("line {line}, column {column}: {message}"), "{source}");
    assert_eq!(e.source_line, source.lines().nth(line - 1).unwrap_or(""));
}

/// As [`check`], on line 2 in a function of a scalar x and a matrix w.
fn line(text: &str, column: usize, message: &str) {
    let source = format!("graph @f(%x: f64, %w: f64[2,3], %r: {{a: f64}}) -> f64 {{\n  {text}\n  return %x\n}}");
    check(&source, 2, column, message);
}

#[test]
fn mistakes_outside_of_bodies() {
    check("", 1, 1, "no graph in this text; a graph starts with `graph @name(…) -> type {`");
    check("func @f", 1, 1, "expected `graph`; a graph starts with `graph @name(…) -> type {`");
    check("graph f()", 1, 7, "expected the graph's name; names of graphs start with `@`");
    check("graph @f(x: f64)", 1, 10, "expected a value, found `x`; values start with `%`");
    check("graph @f(%x: f65)", 1, 14, "unknown type `f65`; a type is f64, f32, i64 or bool with extents, (…) or {…}");
    check("graph @f(%x: f64[2,-3])", 1, 20, "`-3` is not an extent; extents are integers from 0 on");
    check("graph @f(%1x: f64) -> f64 {}", 1, 10, &name("1x"));
    check("graph @1f() -> () {\n  return\n}", 1, 7, &name("1f"));
    check("graph @f(%x: f64, %x: f64) -> f64 {}", 1, 19, "name `x` is taken by another parameter; rename one of them");
    check(
        "graph @f(%x: {a: f64, a: i64}) -> f64 {}",
        1,
        10,
        "name `a` occurs twice in a record; rename one of the fields, in the type of `x`",
    );
    check("graph @f(%x: f64) {", 1, 19, "expected `->`, found `{`");
    check("graph @f(%x: f64) -> f64 {\n  return %x", 2, 12, "expected `}`, found the end of the text");
    let unclosed = "expected a node or `return`; a node is `%name = op %operand, …`";
    check("graph @f(%x: f64) -> f64 {\n", 2, 1, unclosed);
    check("graph @f(%x: f64) -> f64 {}", 1, 27, unclosed);
    check(
        "graph @f(%x: f64) -> i64 {\n  return %x\n}",
        1,
        22,
        "@f is declared to return i64 but returns f64; change the one that is wrong",
    );
    check(
        "graph @f() -> () {\n  return\n}\ngraph @f() -> () {\n  return\n}",
        4,
        7,
        "graph @f is defined twice; rename one of them",
    );
    check(
        "graph @f(%x: f64) -> f64 {\n  return %x\n} §",
        3,
        3,
        "unexpected character '§'; values start with `%`, graphs with `@`, comments with `//`",
    );
}

fn name(bad: &str) -> String {
    format!("name `{bad}` is not a name: letters, digits, `_` and `.`, not starting with a digit")
}

#[test]
fn mistakes_in_a_node() {
    line("%0 = sine %x", 8, "unknown op `sine`; close names: sin, sinh, sinpi, sinc");
    line("%0 = qqq %x", 8, "unknown op `qqq`; docs/ir.md lists the ops");
    line("%0 = param", 8, "unknown op `param`; docs/ir.md lists the ops");
    line("%0 = sin %y", 12, "unknown value %y; define it on a line above");
    line("%0 = sin %0", 12, "unknown value %0; define it on a line above");
    line("%x = sin %x", 3, "%x is defined twice; every value has one definition");
    line("%0 sin %x", 6, "expected `=`, found `sin`");
    line("%0 = 3", 8, "expected the name of an op, found `3`");
    line("%0 = sin", 8, "`sin` takes 1 operand, got 0");
    line("%0 = add %x", 8, "`add %x: f64` takes 2 operands, got 1");
    line("%0 = sin %x : f32", 17, "the type is f64, not f32; correct it, or leave it out");
    line("%0 = sin %x {n=1}", 16, "`sin` has no attribute `n`; docs/ir.md lists those it has");
    line("%0 = powi %x", 8, "`powi` needs {n=…}");
    line("%0 = powi %x {n=3000000000}", 8, "n = 3000000000 is too large");
    line("%0 = powi %x {n=1.5}", 19, "`1.5` is not an integer");
    line("%0 = cast %x", 8, "`cast` needs its type written; add `: type`");
    line("%0 = concat %w {axis=-1}", 8, "axis -1 is negative; axes count from 0");
    line("%0 = get %r {field=b}", 8, "no field `b`; the record has a");
    line("%0 = get %w {field=b}", 8, "only a record has fields; use {index=…} on a tuple");
    line("%0 = get %r", 8, "`get` needs {index=…} or {field=…}");
    line("%0 = call @g(%x)", 13, "unknown graph @g; define it above this graph");
    line("%0 = call @f(%x)", 13, "unknown graph @f; define it above this graph");
    line(
        "%0 = add %x, %w",
        8,
        "shape mismatch in `add %x: f64, %w: f64[2,3]`: shapes [] and [2,3] differ; `broadcast` one of them",
    );
}

#[test]
fn mistakes_in_a_constant() {
    line(
        "%0 = const x : f64",
        14,
        "`x` is not an element of f64; write a number within its range, `inf`, `-inf` or `nan`",
    );
    line("%0 = const 1.5 : i64", 14, "`1.5` is not an element of i64; write an integer of 64 bits");
    line(
        "%0 = const 9223372036854775808 : i64",
        14,
        "`9223372036854775808` is not an element of i64; write an integer of 64 bits",
    );
    line(
        "%0 = const nan(0x3ff0000000000000) : f64",
        14,
        "`nan(0x3ff0000000000000)` is not an element of f64; write a number within its range, `inf`, `-inf` or `nan`",
    );
    line("%0 = const [1.0, 2.0] : f64[3]", 14, "these elements do not fill f64[3]; write one element for all alike");
    line("%0 = const [[1.0], [2.0, 3.0]] : f64[2]", 22, "this row differs in shape from the first");
    line("%0 = const 1.0 : (f64)", 14, "a constant is a tensor; build structures with `tuple` or `record`");
    line(
        "%0 = const 1.0 : f64[1000000,1000000,1000000]",
        14,
        "elements of a tensor: more than the limit of 1099511627776",
    );
}

#[test]
fn hostile_nesting_is_refused_without_recursion() {
    let deep = "(".repeat(100_000);
    let e = error(&format!("graph @f(%x: {deep}"));
    assert_eq!(e.message, "types nest too deep");
    let e = error(&format!("graph @f() -> f64 {{\n  %0 = const {}", "[".repeat(100_000)));
    assert_eq!(e.message, "brackets nest too deep");
    let most = format!("{}f64{}", "(".repeat(MAX_NESTING), ")".repeat(MAX_NESTING));
    let source = format!("graph @f(%x: {most}) -> {most} {{\n  return %x\n}}");
    parse(&source).expect("the limit itself is allowed");
    let e = error(&source.replace("return %x", "%0 = tuple %x\n  return %0"));
    assert!(e.message.starts_with("nesting of a type in `tuple %x: (((("), "{e}");
    assert!(e.message.ends_with(&format!("more than the limit of {MAX_NESTING}")), "{e}");
}

#[test]
fn hostile_sizes_are_refused_before_anything_is_allocated() {
    for shape in ["[99999999999,99999999999]", "[18446744073709551615]", "[0,18446744073709551615,2]"] {
        let e = error(&format!("graph @f(%x: f64{shape}) -> f64 {{"));
        assert!(e.message.starts_with("elements of a tensor"), "{e}");
        let e = error(&format!("graph @f(%x: f64) -> f64 {{\n  %0 = broadcast %x {{axes=[]}} : f64{shape}"));
        assert!(e.message.starts_with("elements of a tensor"), "{e}");
    }
    let e = error(&format!("graph @f(%x: f64[{}]) -> f64 {{", vec!["1"; 33].join(",")));
    assert_eq!(e.message, "rank of a tensor of parameter `x`: more than the limit of 32");
    let e = error("graph @f(%x: f64[2]) -> f64 {\n  %0 = slice %x {start=[99999999999999999999]}");
    assert_eq!(e.message, "`start` of `slice` is a list of integers from 0 on");
}

#[test]
fn columns_count_characters() {
    let e = error("graph @f(%ä: f64) -> f64 {\n  %ü = sin %ö\n}");
    assert_eq!((e.line, e.column, e.offset), (2, 12, 40));
}
