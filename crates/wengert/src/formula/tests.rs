//! Values of formulas against the same expression in Rust, places of mistakes, and texts meant to do harm.

mod arrays;

use std::cell::RefCell;
use std::collections::HashMap;
use std::f64::consts::{LN_2, PI};
use std::time::{Duration, Instant};

use graph_core::op::Op;
use graph_core::{DType, Graph, NodeId, Shape, Type};

use super::*;

/// The value of a scalar node.
fn value(g: &Graph, y: NodeId, at: &HashMap<NodeId, f64>) -> f64 {
    let mut values: HashMap<NodeId, f64> = HashMap::new();
    for id in graph_core::walk::ancestors(g, &[y]) {
        let x: Vec<f64> = g.operands(id).iter().map(|x| values[x]).collect();
        let result = match g.op(id) {
            Op::Param(_) => at[&id],
            Op::Const(_) => g.known(id).expect("a scalar"),
            Op::Unary(op) => op.eval(x[0]),
            Op::Nth(op, n) => op.eval(n, x[0]),
            Op::Binary(op) => op.eval(x[0], x[1]),
            Op::Compare(op) => f64::from(u8::from(op.eval(x[0], x[1]))),
            Op::Select => x[if x[0] != 0.0 { 1 } else { 2 }],
            other => panic!("formulas build no {other:?}"),
        };
        values.insert(id, result);
    }
    values[&y]
}

type Asked = Vec<(NodeId, NodeId)>;

/// Builds a formula; the stand-in for a derivative is sin(y)·x, so that its value tells what was asked for.
fn build(text: &str, point: &[(&str, f64)]) -> (Graph, NodeId, HashMap<NodeId, f64>, Asked) {
    let formula = Formula::parse(text).unwrap_or_else(|e| panic!("{}", e.render(text)));
    let mut g = Graph::new();
    let mut nodes = HashMap::new();
    let mut at = HashMap::new();
    for name in formula.variables() {
        let node = g.param(name, Type::tensor(DType::F64, &[])).expect("names are names and distinct");
        let (_, x) = point.iter().find(|(known, _)| *known == &**name).expect("the point has it");
        nodes.insert(name.to_string(), node);
        at.insert(node, *x);
    }
    let asked = RefCell::new(Vec::new());
    let mut differentiate = |g: &mut Graph, y, x| {
        asked.borrow_mut().push((y, x));
        let sin = g.unary(Unary::Sin, y);
        Ok::<_, FormulaError>(g.mul(sin, x))
    };
    let y = formula.lower(&mut g, |name| nodes[name], &mut differentiate).expect("nothing fails");
    (g, y, at, asked.into_inner())
}

fn eval(text: &str) -> f64 {
    let (g, y, at, _) = build(text, &[("x", 0.3), ("y", -1.7), ("e", 5.0), ("x1", 2.0), ("x2", 5.0)]);
    value(&g, y, &at)
}

/// One line a node, with the op of each.
fn ops(text: &str) -> Vec<String> {
    let (g, ..) = build(text, &[("x", 0.3), ("y", -1.7)]);
    g.nodes().iter().map(|&id| g.op(id).name().to_string()).collect()
}

fn error(text: &str) -> FormulaError {
    Formula::parse(text).expect_err(text)
}

#[test]
fn operators_bind_as_in_mathematics() {
    let (x, y) = (0.3_f64, -1.7_f64);
    let table = [
        ("x + y*2", x + y * 2.0),
        ("(x + y)*2", (x + y) * 2.0),
        ("x - y - 1", x - y - 1.0),
        ("x / y / 2", x / y / 2.0),
        ("x - (y - 1)", x - (y - 1.0)),
        ("x / 2 * y", x / 2.0 * y),
        ("-x^2", -(x * x)),
        ("(-x)^2", x * x),
        ("-3^2", -9.0),
        ("(-3)^2", 9.0),
        ("2^-x", 2.0_f64.powf(-x)),
        ("2^+x", 2.0_f64.powf(x)),
        ("2^-x^2", 2.0_f64.powf(-(x * x))),
        ("2^-x*3", 2.0_f64.powf(-x) * 3.0),
        ("2^3^2", 512.0),
        ("(2^3)^2", 64.0),
        ("x^y^2", x.powf(y * y)),
        ("x*-y", x * -y),
        ("x - -y", x + y),
        ("--x", x),
        ("-+-x", x),
        ("-x*y", -x * y),
        ("x*y^2", x * (y * y)),
        ("2*-x^2", -2.0 * (x * x)),
        ("e^2", 25.0),
        ("exp(1)", 1.0_f64.exp()),
        ("2*pi*x", 2.0 * PI * x),
        ("-pi", -PI),
        (".5e1 + 1.", 6.0),
        ("ln(x1) + x1*x2 - sin(x2)", 11.652071455223084),
    ];
    for (text, expected) in table {
        assert_eq!(eval(text), expected, "{text}");
    }
}

#[test]
fn functions_take_their_arguments_in_order() {
    let (x, y) = (0.3_f64, -1.7_f64);
    let table = [
        ("atan2(y, x)", y.atan2(x)),
        ("pow(x, y)", x.powf(y)),
        ("ln(x)", x.ln()),
        ("log(x)", x.ln()),
        ("hypot(x, y)", x.hypot(y)),
        ("fmod(y, x)", y % x),
        ("copysign(x, y)", -x),
        ("max(x, y) - min(x, y)", x - y),
        ("clip(y, -1, 1)", -1.0),
        ("clip(x, -1, 1)", x),
        ("clip(5, -1, 1)", 1.0),
        ("where(x < y, 1, 2)", 2.0),
        ("where((x >= y), 1, 2)", 1.0),
        ("where(x == x, where(x != x, 1, 2), 3)", 2.0),
        ("where(x <= y, x, y) + where(x > y, x, y)", y + x),
        ("digamma(1)", -0.5772156649015329),
        ("polygamma(1, 1) - trigamma(1)", 0.0),
        ("trigamma(1)", PI * PI / 6.0),
        ("sinc(0.5)", 2.0 / PI),
        ("erfcx(0)", 1.0),
        ("square(x)*recip(x) - abs(-x)", 0.0),
        ("exp2(log2(8))", 8.0),
        ("logaddexp(0, 0)", LN_2),
    ];
    for (text, expected) in table {
        let found = eval(text);
        assert!((found - expected).abs() <= 1e-15 * expected.abs(), "{text}: {found}, not {expected}");
    }
}

#[test]
fn an_integer_exponent_is_an_integer_power() {
    for text in
        ["x^3", "x^(3)", "x^-3", "x^(-3)", "x^--3", "x^3.0", "pow(x, 3)", "x^(6/2)", "x^(-6/2)", "x^-(6/2)", "x^0"]
    {
        assert_eq!(ops(text), ["param", "powi"], "{text}");
    }
    assert_eq!((eval("x^-2"), eval("x^(4/2)"), eval("(0*x)^0")), (0.3_f64.powf(-2.0), 0.3 * 0.3, 1.0));
}

#[test]
fn a_quotient_of_integers_in_an_exponent_is_the_nearest_rational() {
    assert_eq!(ops("x^(1/3)"), ["param", "const", "pow"]);
    assert_eq!(eval("x^(-2/3)"), 0.3_f64.powf(-2.0 / 3.0));
    assert_eq!(ops("x^2/3"), ["param", "powi", "const", "div"]);
    assert_eq!(ops("x^(1/0)"), ["param", "const", "const", "div", "pow"]);
    assert_eq!(ops("x^y"), ["param", "param", "pow"]);
    assert_eq!(ops("x^3000000000"), ["param", "const", "pow"]);
}

#[test]
fn a_quotient_elsewhere_stays_as_written() {
    assert_eq!(ops("1/3*x"), ["param", "const", "const", "div", "mul"]);
}

#[test]
fn equal_subexpressions_are_one_node() {
    assert_eq!(ops("sin(x*y) + sin(x*y)"), ["param", "param", "mul", "sin", "add"]);
}

#[test]
fn every_expression_stands_after_those_it_uses_each_of_which_is_used_once() {
    let f = Formula::parse(
        "where(x < 1/3, D(x^(1/3)*2, x, y), clip(x, 0, 1)) - polygamma(2, -x) @ stack(x[0], sum(x, axis=0))",
    )
    .expect("a formula");
    let mut uses = vec![0; f.exprs().len()];
    for (i, expr) in f.exprs().iter().enumerate() {
        let operands: Vec<ExprId> = match *expr {
            Expr::Number(_) | Expr::Variable(_) => vec![],
            Expr::Unary(_, x) | Expr::Nth(_, _, x) | Expr::Derivative(x, _) => vec![x],
            Expr::Binary(_, x, y) | Expr::Compare(_, x, y) => vec![x, y],
            Expr::Where(c, x, y) => vec![c, x, y],
            Expr::Array(id) => f.array(id).operands.clone(),
        };
        assert!(operands.iter().all(|x| x.index() < i));
        operands.iter().for_each(|x| uses[x.index()] += 1);
    }
    assert_eq!(uses.pop(), Some(0), "the root is the last");
    assert!(uses.iter().all(|&n| n == 1), "{uses:?}");
}

#[test]
fn expressions_know_their_text() {
    let text = "sin( x ) * (x + 1)";
    let f = Formula::parse(text).expect("a formula");
    let pieces: Vec<&str> = (0..f.exprs().len()).map(|i| &text[f.span(ExprId(i as u32))]).collect();
    assert_eq!(pieces, ["x", "sin( x )", "x", "1", "x + 1", "sin( x ) * (x + 1)"]);
}

#[test]
fn variables_stand_in_order_of_first_appearance() {
    let names = |text| Formula::parse(text).expect(text).variables().join(" ");
    assert_eq!(names("b*a + b + pi"), "b a");
    assert_eq!(names("D(x^2*u, v) + a"), "x u v a");
    assert_eq!(names("e + sin(sin)"), "e sin");
}

#[test]
fn derivatives_are_asked_for_inner_first_and_in_order() {
    let point = [("x", 0.5), ("y", 2.0)];
    let (g, _, _, asked) = build("D(x*D(x*y, x), x, y)", &point);
    let names: Vec<&str> = asked.iter().map(|&(_, x)| &*g.params()[x.index()].name).collect();
    assert_eq!(names, ["x", "x", "y"]);
    assert_eq!(g.op(asked[0].0).name(), "mul", "x*y");
    assert_eq!(g.operands(asked[1].0)[0], asked[0].1, "x times the first derivative");
}

#[test]
fn a_derivative_by_what_does_not_occur_is_zero() {
    let (g, y, _, asked) = build("D(x^2, y)", &[("x", 0.5), ("y", 2.0)]);
    assert_eq!((g.known(y), asked.len()), (Some(0.0), 0));
}

#[test]
fn a_failing_derivative_fails_the_lowering() {
    let formula = Formula::parse("D(x, x)").expect("a formula");
    let mut g = Graph::new();
    let x = g.param("x", Type::tensor(DType::F64, &[])).expect("a name");
    let no = error("");
    assert_eq!(formula.lower(&mut g, |_| x, &mut |_, _, _| Err(no.clone())), Err(no));
    assert_eq!(g.shape(x), &Shape::scalar());
}

#[test]
fn mistakes_are_named_at_their_column() {
    let table = [
        ("x +* 2", "syntax", 4),
        ("", "syntax", 1),
        ("   ", "syntax", 4),
        ("x +", "syntax", 4),
        ("(x", "syntax", 3),
        ("sin(x", "syntax", 6),
        ("x)", "syntax", 2),
        ("()", "syntax", 2),
        ("x y", "syntax", 3),
        ("2x", "syntax", 2),
        ("(x)(y)", "syntax", 4),
        ("1.2.3", "syntax", 4),
        ("x, y", "syntax", 2),
        ("sin((x, y))", "syntax", 7),
        ("x**2", "syntax", 3),
        ("x = 2", "syntax", 3),
        ("where(x = 1, 2, 3)", "syntax", 9),
        ("x\0+\u{fffd}", "syntax", 2),
        ("é + #", "syntax", 5),
        ("x % 2", "syntax", 3),
        ("foo(x)", "unknown-function", 1),
        ("2*x(3)", "unknown-function", 3),
        ("pi(3)", "unknown-function", 1),
        ("x + atan2(x)", "arity", 5),
        ("sin(x, y)", "arity", 1),
        ("sin()", "arity", 5),
        ("where(x < 1, 2)", "arity", 1),
        ("D(x)", "arity", 1),
        ("x*1e400", "number", 3),
        ("polygamma(x, 1)", "number", 11),
        ("polygamma(-1, x)", "number", 11),
        ("polygamma(1.5, x)", "number", 11),
        ("x < 1", "type", 1),
        ("1 + (x < 1)", "type", 5),
        ("where(0 < x < 1, 2, 3)", "type", 7),
        ("where(x, 2, 3)", "type", 7),
        ("where(x < 1, x < 2, 3)", "type", 14),
        ("sin(x == 1)", "type", 5),
        ("-(x < 1)", "type", 2),
        ("D(x < 1, x)", "type", 3),
        ("D(x^2, 2)", "name", 8),
        ("D(x^2, x*1)", "name", 8),
        ("D(x, pi)", "name", 6),
        ("x + cumsumm(x)", "unknown-function", 5),
        ("[1]", "unsupported", 1),
        ("x @", "syntax", 4),
        ("x @ @ y", "syntax", 5),
        ("x]", "syntax", 2),
        ("x[", "syntax", 3),
        ("x[]", "syntax", 3),
        ("x[1", "syntax", 4),
        ("x[1)", "syntax", 4),
        ("x[y]", "syntax", 3),
        ("x[1,]", "syntax", 5),
        ("x[0.5]", "number", 3),
        ("x[-3000000000]", "number", 3),
        ("(x < 1)[0]", "type", 1),
        ("sum(x < 1)", "type", 5),
        ("sum()", "arity", 5),
        ("sum(x, y)", "arity", 1),
        ("sum(axis=0)", "arity", 1),
        ("stack(axis=0)", "arity", 1),
        ("dot(x)", "arity", 1),
        ("max(x, y, 1)", "arity", 1),
        ("max(x, y, axis=0)", "arity", 11),
        ("sin(x, axis=0)", "arity", 8),
        ("trace(x, axis=0)", "arity", 10),
        ("sum(x, axis=y)", "syntax", 13),
        ("sum(x, axis=1.5)", "number", 13),
        ("sum(axis=0, x)", "syntax", 11),
        ("sum(x, axis=0, axis=1)", "syntax", 14),
        ("sum((axis=0))", "syntax", 10),
        ("axis=0", "syntax", 5),
    ];
    for (text, code, column) in table {
        let e = error(text);
        assert_eq!((e.code, e.column), (code, column), "{text:?}: {e}");
        assert!(!e.render(text).is_empty());
    }
}

#[test]
fn help_says_what_to_write() {
    let table = [
        ("x**2", "`^`"),
        ("2x", "`*`"),
        ("sin x", "`sin(x)`"),
        ("x = 2", "`==`"),
        ("sine(x)", "`sin`"),
        ("atan2(x)", "`atan2(x, y)`"),
        ("1 + (x*(2 - x)", "column 5"),
        ("0 < x < 1", "where"),
        ("x²", "`^2`"),
    ];
    for (text, piece) in table {
        let help = error(text).help.unwrap_or_default();
        assert!(help.contains(piece), "{text}: {help}");
    }
}

#[test]
fn the_whole_message_is_readable() {
    let text = "x1*foo(x2)";
    let expected = "\
error[unknown-function]: there is no function `foo` (column 4)
  |
1 | x1*foo(x2)
  |    ^^^
  |
  = help: if `foo` is a variable, write `*` between factors";
    assert_eq!(error(text).render(text), expected);
}

#[test]
fn any_text_is_a_formula_or_an_error_with_a_place_inside_it() {
    let pieces = "x|y|pi|1|2.5|1e9|+|-|*|/|^|(|)|,|<|==|=|[|]|[0]|@|axis=|axis=0|sin(|sum(|stack(|where(|D(|clip(|polygamma(|pow(|foo(| |\n|é|\0|²|e|.";
    let pieces: Vec<&str> = pieces.split('|').collect();
    let mut state = 1_u64;
    let mut random = |n: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % n
    };
    let mut good = 0;
    for _ in 0..20_000 {
        let text: String = (0..1 + random(9)).map(|_| pieces[random(pieces.len())]).collect();
        match Formula::parse(&text) {
            Ok(_) => good += 1,
            Err(e) => {
                assert!(text.get(e.span.clone()).is_some(), "{text:?}: {e:?}");
                assert_eq!(e.column, 1 + text[..e.span.start].chars().count());
                assert!(e.render(&text).starts_with("error["));
            }
        }
    }
    assert!(good > 500, "{good} of these are formulas");
}

#[test]
fn a_text_over_the_limit_is_refused() {
    assert_eq!(error(&" ".repeat(LONGEST + 1)).code, "limit");
}

#[test]
fn hostile_texts_are_answered_at_once_on_a_small_stack() {
    let many = 100_000;
    let table: [(&str, String, bool); 16] = [
        ("parentheses", "(".repeat(many) + "x" + &")".repeat(many), true),
        ("unclosed calls", "sin(".repeat(many), false),
        ("unclosed groups", "(".repeat(many), false),
        ("unopened", "x".to_string() + &")".repeat(many), false),
        ("minus signs", "-".repeat(many) + "x", true),
        ("a sum", vec!["x*x"; many].join("+"), true),
        ("a tower", "x".to_string() + &"^x".repeat(many / 2), true),
        ("nested calls", "sin(".repeat(many) + "x" + &")".repeat(many), true),
        ("unknown calls", "wrong(".repeat(many), false),
        ("arguments", "max(".to_string() + &"x,".repeat(many) + "x)", false),
        ("a name", "n".repeat(many) + "(x)", false),
        ("digits", "1".repeat(many), false),
        ("nested sums", "sum(".repeat(many) + "x" + &")".repeat(many), true),
        ("numbers in a row", "sum(stack(".to_string() + &"x,".repeat(many) + "x))", true),
        ("opened indices", "x".to_string() + &"[".repeat(many), false),
        ("indices", "x".to_string() + &"[0]".repeat(many), false),
    ];
    let run = move || {
        for (what, text, good) in table {
            let start = Instant::now();
            match Formula::parse(&text) {
                Ok(formula) => {
                    let mut g = Graph::new();
                    let x = g.param("x", Type::tensor(DType::F64, &[])).expect("a name");
                    let lowered = formula.lower(&mut g, |_| x, &mut |_, y, _| Ok::<_, FormulaError>(y));
                    assert_eq!(lowered.is_ok(), good, "{what}");
                }
                Err(e) => {
                    assert!(!good, "{what}");
                    assert!(e.render(&text).len() < 2_000, "{what}");
                }
            }
            assert!(start.elapsed() < Duration::from_secs(1), "{what}: {:?}", start.elapsed());
        }
    };
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(run).expect("a thread");
    thread.join().expect("no text overflows the stack or panics");
}
