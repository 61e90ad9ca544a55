//! Rules against differences of values, trees against numbers known from elsewhere, and sizes.

use super::*;
use crate::numeric;

fn tree(text: &str) -> Tree {
    let formula = Formula::parse(text).unwrap_or_else(|e| panic!("{}", e.render(text)));
    Tree::from_formula(&formula).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn at(t: &Tree, x: f64) -> f64 {
    t.eval(|name| if name == "x" { x } else { 1.7 })
}

/// The derivative as the rules give it, and cleaned up, against extrapolated differences.
fn check(text: &str, x: f64) {
    let f = tree(text);
    let df = f.differentiate("x").unwrap_or_else(|e| panic!("{text}: {e}"));
    let numeric = numeric::ridders(|x| at(&f, x), x, 0.02);
    for (what, df) in [("plain", df.clone()), ("simplified", df.simplify())] {
        let exact = at(&df, x);
        assert!((exact - numeric.value).abs() < 1e-8 * exact.abs().max(1.0), "{what} {text}: {exact}, {numeric:?}");
    }
}

#[test]
fn every_rule_agrees_with_differences() {
    for &op in Unary::ALL.iter().filter(|&&op| rules::unary(op).is_some()) {
        let x = match op {
            Unary::Acosh => 1.6,
            Unary::Log1mexp => -0.6,
            _ => 0.6,
        };
        check(&format!("{}(x)", op.name()), x);
        check(&format!("{}(x^2*y - {})", op.name(), x * x * 1.7 - x), x);
    }
    for &op in Binary::ALL.iter().filter(|&&op| rules::binary(op).is_some()) {
        for operands in ["x, y", "y, x", "x, x^2", "sin(x), exp(x)"] {
            check(&format!("{}({operands})", op.name()), 0.6);
        }
    }
    for text in ["x^3", "x^-2", "x^0.5", "2^x", "x^x", "(3*x)^(1/3)", "digamma(x)", "polygamma(2, 3*x)", "x^0", "x^1"] {
        check(text, 0.6);
    }
    for text in ["where(x < 1, x^2, sin(x))", "where(x > 1, x^2, sin(x))", "where(x*y == y, x, y*x)"] {
        check(text, 0.6);
    }
}

#[test]
fn the_lecture_formula() {
    let f = tree("ln(x1) + x1*x2 - sin(x2)");
    let env = |name: &str| if name == "x1" { 2.0 } else { 5.0 };
    let d = |by: &[&str]| by.iter().fold(f.clone(), |t, v| t.differentiate(v).expect("has rules")).eval(env);
    assert_eq!(d(&[]), 11.652071455223084);
    assert_eq!(d(&["x1"]), 5.5);
    assert_eq!(d(&["x2"]), 1.7163378145367738);
    assert_eq!((d(&["x1", "x1"]), d(&["x1", "x2"]), d(&["x2", "x2"])), (-0.25, 1.0, -0.9589242746631385));
}

#[test]
fn a_d_in_a_formula_is_differentiated_on_the_spot() {
    let nested = tree("D(x*D(x*y + sin(x), x), x)");
    let (x, y) = (0.5_f64, 1.7);
    assert!((at(&nested, x) - (y + x.cos() - x * x.sin())).abs() < 1e-15);
    assert_eq!(at(&tree("D(x^3*y, x, y)"), 2.0), 12.0);
    assert_eq!(tree("1 + D(x^2, z)*x").simplify().to_string(), "1");
}

#[test]
fn printed_trees_read_back_as_themselves() {
    let table = [
        "x + y - (x - y)",
        "x*y/(x*y)",
        "x - -y",
        "-x^2",
        "(-x)^2",
        "(-3)^2 + x^-3",
        "2^-x^y",
        "(x^y)^y",
        "(x^2)^3",
        "-(x + y)*x",
        "where(x < y, atan2(x, y), sin(x + 1)) + polygamma(2, x)*cosh(x)",
        "1e300*x + 0.1 + 1000000",
        "x/(y/(x*-y))",
    ];
    for text in table {
        let t = tree(text);
        assert_eq!(t.to_string(), text);
        let df = t.differentiate("y").expect("has rules");
        assert_eq!(tree(&df.to_string()).to_string(), df.to_string());
    }
}

#[test]
fn sizes_count_occurrences_and_differences() {
    let t = tree("sin(x*y) + sin(x*y)*x");
    assert_eq!((t.size(), t.distinct(), t.repeated()), (11, 6, 5));
    assert_eq!(tree("0 + -0").distinct(), 3, "zeros of either sign differ");
    assert_eq!(tree("x^2 + x^3 + 2").distinct(), 6);
}

#[test]
fn repetition_grows_with_the_order() {
    let mut t = tree("((((x^2)^2)^2)^2)^2*sin(x)");
    let mut share = Vec::new();
    for _ in 0..3 {
        t = t.differentiate("x").expect("has rules").simplify();
        share.push(t.repeated() as f64 / t.size() as f64);
    }
    assert!(share.windows(2).all(|pair| pair[0] < pair[1]) && share[2] > 0.8, "{share:?}");
}

#[test]
fn what_has_no_rule_is_named() {
    let no_rule = |text: &str| tree(text).differentiate("x").expect_err(text);
    assert_eq!(no_rule("gelu(x)"), TreeError::NoRule { function: "gelu" });
    assert_eq!(no_rule("max(x, y)"), TreeError::NoRule { function: "max" });
    assert_eq!(no_rule("sinc(x)"), TreeError::NoRule { function: "sinc" });
}

#[test]
fn exploding_trees_are_refused() {
    let factors: Vec<String> = (0..30).map(|k| format!("sin(x + {k})*exp(x*{k})")).collect();
    let mut t = tree(&factors.join("*"));
    let refused = (0..6).find_map(|_| match t.differentiate("x") {
        Ok(next) => {
            t = next;
            None
        }
        Err(e) => Some(e),
    });
    assert_eq!(refused, Some(TreeError::TooLarge { limit: MAX_SIZE }));
}

#[test]
fn deep_trees_do_not_meet_the_call_stack() {
    let many = 100_000;
    let run = move || {
        let sum = tree(&vec!["x*x"; many].join("+"));
        let d = sum.differentiate("x").expect("a sum grows by a constant factor").simplify();
        assert_eq!(at(&d, 0.5), many as f64);
        assert_eq!(d.distinct(), many + 1);
        assert!(d.to_string().len() > many);
        let right = tree(&("1+(".repeat(many) + "x" + &")".repeat(many)));
        assert_eq!(right.differentiate("x").expect("linear").simplify().to_string(), "1");
        let signs = tree(&("-".repeat(many) + "x"));
        assert_eq!(at(&signs.differentiate("x").expect("linear"), 0.5), 1.0);
        let nested = tree(&("sin(".repeat(many) + "x" + &")".repeat(many)));
        assert_eq!(nested.differentiate("x"), Err(TreeError::TooLarge { limit: MAX_SIZE }));
    };
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(run).expect("a thread");
    thread.join().expect("no tree overflows the stack or panics");
}
