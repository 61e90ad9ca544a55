//! High orders: the twentieth derivatives of 36 functions of one variable against mpmath (`tests/data/orders`), and how the
//! size of a derivative grows with its order. What is measured is the page `docs/orders.md`.

use std::fmt::Write as _;
use std::path::Path;

use wengert::formula::Formula;
use wengert::partials::{Partials, Settings};
use wengert::prelude::*;
use wengert::{Level, Mode};

const TABLE: &str = include_str!("data/orders/values.txt");
const ORDER: usize = 20;
/// Most nodes of a function and its derivatives to order 20, before the last simplification and after it.
const MOST_NODES: usize = 5000;
/// Units of rounding (of 1 + condition) that the recurrences may take.
const ALLOWED: f64 = 400.0;
/// Set to write the page anew.
const UPDATE: &str = "UPDATE_DOCS";

fn settings(order: usize, mode: Mode) -> Settings {
    Settings { order, mode, ..Settings::default() }
}

fn partials(text: &str, order: usize, mode: Mode) -> Partials {
    let formula = Formula::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    Partials::new(&formula, &settings(order, mode)).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// The derivative of the highest order at x.
fn last(partials: &Partials, x: f64) -> f64 {
    let values = partials.function.compile().and_then(|p| p.run(&[x])).expect("a number");
    *values.last().expect("one for each order")
}

#[test]
fn twentieth_derivatives_are_right_and_small_and_growth_is_polynomial() {
    let mut page = String::from(
        "# High orders\n\nThis page is written by a test (`tests/orders.rs`), which fails if it is not current: \
         `UPDATE_DOCS=1 cargo test -p wengert-tests orders` writes it anew.\n\n## Order 20\n\nAll derivatives of orders \
         0 to 20, by power series (`auto` takes them from order 3 on for one variable). Errors of the twentieth are \
         relative to mpmath's, in units of 2⁻⁵³·(1 + condition), where the condition is |x·f′/f| of the twentieth \
         derivative f: what half an ulp of x moves it. A \
         quotient with a removable singularity at a distance r loses (R/r)²⁰ of it, where R is the radius of convergence: \
         `x/(exp(x)-1)` near 0 needs another way to be written.\n\n| function | at | nodes | error in units |\n|---|---|---|---|\n",
    );
    let mut problems = Vec::new();
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    for cells in rows.map(|line| line.split(" | ").collect::<Vec<_>>()) {
        let [text, at, value, condition] = cells[..] else { panic!("four cells: {cells:?}") };
        let number = |text: &str| text.parse::<f64>().expect("a number");
        let partials = partials(text, ORDER, Mode::Auto);
        let unit = f64::EPSILON / 2.0 * (1.0 + number(condition));
        let error = (last(&partials, number(at)) / number(value) - 1.0).abs() / unit;
        let nodes = partials.nodes.generated.max(partials.nodes.optimized);
        if error.is_nan() || error > ALLOWED || nodes > MOST_NODES {
            problems.push(format!("{text}: {error:.0} units, {nodes} nodes"));
        }
        let _ = writeln!(page, "| `{text}` | {at} | {nodes} | {} |", rounded(error));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    growth(&mut page);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/orders.md");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &page).expect("the folder of documents exists");
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == page, "docs/orders.md is out of date: set {UPDATE}=1, run this test again, read the difference");
}

/// Errors to their leading digit, so that the page says no more than holds on every machine.
fn rounded(error: f64) -> String {
    let bounds = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0];
    bounds.iter().find(|bound| error <= **bound).map_or("≤ 400".into(), |bound| format!("≤ {bound}"))
}

/// Ten derivatives of 0.3·sin(t)·t¹⁰ in every mode; series of orders up to 200.
fn growth(page: &mut String) {
    let text = "0.3*sin(t)*t^10";
    let _ = write!(
        page,
        "\n## Ten derivatives of `{text}`\n\nNodes, simplified between the orders, of all derivatives to each order; the \
         values agree with the closed form.\n\n| order | reverse | forward | taylor |\n|---|---|---|---|\n",
    );
    for order in 1..=10 {
        let sizes = [Mode::Reverse, Mode::Forward, Mode::Taylor].map(|mode| {
            let partials = partials(text, order, mode);
            let (found, expected) = (last(&partials, 0.8), closed_form(order, 0.8));
            assert!(
                (found - expected).abs() <= 1e-12 * expected.abs().max(1.0),
                "{mode:?} {order}: {found}, {expected}"
            );
            partials.nodes.optimized
        });
        let _ = writeln!(page, "| {order} | {} | {} | {} |", sizes[0], sizes[1], sizes[2]);
    }
    page.push_str(
        "\n## Series to order 200\n\nNodes of the Taylor coefficients 1 to k, simplified: twice the order is four times \
         the nodes.\n\n| function | k = 25 | 50 | 100 | 200 |\n|---|---|---|---|---|\n",
    );
    type Body = fn(Expr) -> Expr;
    let functions: [(&str, Body); 3] = [
        ("exp(x·sin x)/(1 + x²)", |x| (x * x.sin()).exp() / (x * x + 1.0)),
        ("sin(sin(sin x))", |x| x.sin().sin().sin()),
        ("tanh(x)·log(1 + exp x)", |x| x.tanh() * x.softplus()),
    ];
    for (name, f) in functions {
        let f = Function::new("f", &[("x", Type::f64())], |v| f(v[0])).expect("a program");
        let sizes = [25, 50, 100, 200].map(|k| {
            let series = f.taylor(k).expect("a series").optimize(Level::default()).0;
            let values = series.compile().and_then(|p| p.run(&[0.4, 1.0])).expect("numbers");
            assert!(values.iter().all(|y| y.is_finite()), "{name}");
            series.nodes()
        });
        assert!(sizes.windows(2).all(|pair| pair[1] < 5 * pair[0]), "{name}: {sizes:?}");
        let cells: Vec<String> = sizes.iter().map(usize::to_string).collect();
        let _ = writeln!(page, "| {name} | {} |", cells.join(" | "));
    }
}

/// Σ C(n, k)·(t¹⁰)⁽ᵏ⁾·sin⁽ⁿ⁻ᵏ⁾(t)·0.3
fn closed_form(n: usize, t: f64) -> f64 {
    let mut sum = 0.0;
    let mut binomial = 1.0;
    for k in 0..=n {
        let falling: f64 = (0..k).map(|i| 10.0 - i as f64).product();
        let power = falling * t.powi(10 - k as i32);
        sum += binomial * power * (t + (n - k) as f64 * std::f64::consts::FRAC_PI_2).sin();
        binomial = binomial * (n - k) as f64 / (k + 1) as f64;
    }
    0.3 * sum
}
