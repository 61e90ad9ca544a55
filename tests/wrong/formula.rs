//! Formulas: what is read wrong, and what does not fit the shapes of the variables. The message names the column, and is
//! followed here by the help.

use wengert::Error;
use wengert::formula::{Formula, FormulaError};
use wengert::partials::{Partials, Settings};

use super::Case;

fn shown(error: &FormulaError) -> (&'static str, String) {
    let FormulaError { code, message, help, column, .. } = error;
    let help = help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    (code, format!("column {column}: {message}{help}"))
}

/// A text that is not a formula.
pub fn text(name: &'static str, text: &str) -> Case {
    Case::new(name, || shown(&Formula::parse(text).map(|_| ()).expect_err("it is accepted")))
}

/// A formula that is right for numbers but not for these variables: v of two elements, a of 2×3, b of 3×4.
pub fn arrays(name: &'static str, text: &str) -> Case {
    let extents = |variable: &str| -> &[usize] {
        match variable {
            "v" => &[2],
            "a" => &[2, 3],
            "b" => &[3, 4],
            "none" => &[0],
            _ => &[],
        }
    };
    Case::new(name, || {
        let formula = Formula::parse(text).expect("it is a formula");
        match Partials::with_shapes(&formula, &Settings::default(), extents).map(|_| ()).expect_err("it is accepted") {
            Error::Formula(error) => shown(&error),
            other => (other.code(), other.to_string()),
        }
    })
}

/// Settings that a formula cannot serve.
fn settings(name: &'static str, text: &str, settings: &Settings) -> Case {
    Case::new(name, || {
        let formula = Formula::parse(text).expect("it is a formula");
        let error = Partials::new(&formula, settings).map(|_| ()).expect_err("it is accepted");
        (error.code(), error)
    })
}

pub fn cases() -> Vec<Case> {
    [syntax(), names(), shapes(), limits()].into_iter().flatten().collect()
}

fn syntax() -> Vec<Case> {
    vec![
        text("nothing", ""),
        text("only blanks", "  "),
        text("operator without a right side", "x +"),
        text("two operators", "x * / y"),
        text("power as in Python", "x ** 2"),
        text("two factors without an operator", "2 x"),
        text("two names without an operator", "x y"),
        text("parenthesis that is not closed", "sin(x + 1"),
        text("parenthesis that closes nothing", "x + 1)"),
        text("empty parentheses", "() + 1"),
        text("comma outside of a call", "x, y"),
        text("assignment", "x = 1"),
        text("a character of no token", "x $ y"),
        text("minus of a word processor", "x − 1"),
        text("times of a word processor", "x × 2"),
        text("square of a word processor", "x² + 1"),
        text("remainder as in C", "x % 2"),
        text("factorial", "n!"),
        text("absolute value by bars", "|x|"),
        text("number that is too large", "1e999"),
        text("number with two points", "1.2.3"),
        text("array in a formula", "[1, 2] + x"),
        text("index that is not closed", "v[0"),
        text("index that is a fraction", "v[0.5]"),
        text("index that is a variable", "v[i]"),
        text("condition as a number", "(x < 1) + 1"),
        text("chain of comparisons", "where(0 < x < 1, x, 0)"),
        text("number as a condition", "where(x, 1, 2)"),
    ]
}

fn names() -> Vec<Case> {
    vec![
        text("function that is misspelt", "sine(x)"),
        text("function that does not exist", "frobnicate(x)"),
        text("function without arguments", "sin()"),
        text("function of an argument too many", "sin(x, y)"),
        text("function of an argument too few", "atan2(y)"),
        text("function without parentheses", "sin x"),
        text("pi as a function", "pi(x)"),
        text("variable as a function", "x(y)"),
        text("choice of two arguments", "where(x < 1, x)"),
        text("axis where there is none", "sin(x, axis=0)"),
        text("axis before an argument", "sum(axis=0, x)"),
        text("axis that is a name", "sum(x, axis=rows)"),
        text("axis outside of a call", "axis=0"),
        text("order of polygamma that is a variable", "polygamma(n, x)"),
        text("order of polygamma that is negative", "polygamma(-1, x)"),
        text("derivative by an expression", "D(x^2, x + 1)"),
        text("derivative by nothing", "D(x^2)"),
    ]
}

fn shapes() -> Vec<Case> {
    vec![
        arrays("shapes that do not broadcast", "sum(a + v)"),
        arrays("matrices that do not fit", "sum(b @ a)"),
        arrays("product of matrix and number", "sum(a @ x)"),
        arrays("dot of different lengths", "sum(dot(v, b))"),
        arrays("axis out of range", "sum(sum(a, axis=2))"),
        arrays("axis out of range backwards", "sum(sum(a, axis=-3))"),
        arrays("axis of a number", "sum(x, axis=0)"),
        arrays("index out of range", "v[2]"),
        arrays("index out of range backwards", "v[-3]"),
        arrays("too many indices", "v[0, 0]"),
        arrays("index of a number", "x[0]"),
        arrays("trace of a vector", "trace(v)"),
        arrays("diagonal of a number", "sum(diag(x))"),
        arrays("stack of shapes that differ", "sum(stack(v, a))"),
        arrays("concat of numbers", "sum(concat(x, y))"),
        arrays("concat of shapes that differ elsewhere", "sum(concat(a, b))"),
        arrays("largest of nothing", "max(none)"),
        arrays("condition of another shape", "sum(where(v < 1, a, 0))"),
        arrays("derivative of an array", "sum(D(v * x, x))"),
        arrays("derivative by an array", "D(sum(v^2), v)"),
        arrays("softmax along an axis out of range", "sum(softmax(v, axis=1))"),
    ]
}

fn limits() -> Vec<Case> {
    let order = |order| Settings { order, ..Settings::default() };
    vec![
        settings("too many partial derivatives", "x*y*z", &Settings { max_partials: 5, ..order(3) }),
        settings("too many nodes", "sin(x)^9", &Settings { max_nodes: 3, ..order(2) }),
        settings("variable that is no name", "x", &Settings { wrt: Some(vec!["1x".into()]), ..order(1) }),
        settings("variable named twice", "x", &Settings { wrt: Some(vec!["x".into(), "x".into()]), ..order(1) }),
        settings("series of too high an order", "sin(x)", &Settings { mode: wengert::Mode::Taylor, ..order(171) }),
        text("formula that is too deep to be read", &"x".repeat(20_000_001)),
    ]
}
