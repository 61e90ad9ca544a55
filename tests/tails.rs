//! Elementwise functions and their derivatives to order four, tails included, against mpmath (`tests/data/tails`): by
//! reverse mode nested and by power series, unoptimised and at the default level.
//!
//! An error is measured in units of half an ulp of the result plus what half an ulp of each argument moves it: a result is
//! as good as double precision allows if its error is a few units.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use wengert::formula::Formula;
use wengert::partials::{Partials, Settings};
use wengert::{Level, Mode};

const TABLE: &str = include_str!("data/tails/witness.txt");

/// Units that are allowed for each order.
const ALLOWED: [f64; 5] = [4.0, 8.0, 8.0, 8.0, 8.0];

/// Functions that do worse, with the units that they take, and why.
const EXCEPTIONS: &[(&str, [f64; 5], &str)] = &[
    (
        "hypot",
        [8.0, 16.0, f64::INFINITY, f64::INFINITY, f64::INFINITY],
        "x²/r³ as a difference of larger terms where x ≪ y",
    ),
    ("lbeta", [8.0, 1e8, 1e7, 1e6, 1e6], "a difference of digammas, which are close where one argument is much larger"),
    ("silu", [8.0, 16.0, 32.0, f64::INFINITY, 128.0], "the zero of the third derivative at 0, a difference of terms"),
    ("log_ndtr", [4.0, 8.0, 8.0, 64.0, 256.0], "around 0 terms of a recurrence cancel; the tails keep all digits"),
];

/// One point of one function.
struct Row {
    name: &'static str,
    formula: String,
    at: Vec<f64>,
    values: Vec<f64>,
    moved: Vec<f64>,
}

fn row(line: &'static str) -> Row {
    let cells: Vec<&str> = line.split(" | ").collect();
    let [name, at, values, moved] = cells[..] else { panic!("four cells: {line}") };
    let list = |text: &str| -> Vec<f64> { text.split(' ').map(|x| x.parse().expect("a number")).collect() };
    let (at, values, moved) = (list(at), list(values), list(moved));
    let formula = match name.split_once(' ') {
        Some(("powi", n)) => format!("x^{n}"),
        Some(("polygamma", n)) => format!("polygamma({n}, x)"),
        Some((family, _)) => format!("{family}(x)"),
        None if name == "div" => "x/y".to_string(),
        None if at.len() == 2 => format!("{name}(x, y)"),
        None => format!("{name}(x)"),
    };
    Row { name, formula, at, values, moved }
}

/// The error in units.
fn units(found: f64, expected: f64, moved: f64) -> f64 {
    if found == expected {
        return 0.0;
    }
    let unit = 0.5 * f64::EPSILON * (expected.abs() + moved) + f64::from_bits(1);
    let error = (found - expected).abs() / unit;
    if error.is_nan() { f64::INFINITY } else { error }
}

/// For each order the worst error of all partials, in one mode at one level.
fn errors(row: &Row, mode: Mode, level: Level) -> [f64; 5] {
    let formula = Formula::parse(&row.formula).unwrap_or_else(|e| panic!("{}", e.render(&row.formula)));
    let wrt = Some(["x", "y"][..row.at.len()].iter().map(|name| name.to_string()).collect());
    let settings = Settings { order: 4, wrt, mode, level, ..Settings::default() };
    let partials = Partials::new(&formula, &settings).expect("it derives");
    let value = |name: &str| Some(row.at[usize::from(name == "y")]);
    let arguments = partials.arguments(value).expect("the point has all");
    let found = partials.function.compile_at(Level::None).expect("it fits").run(&arguments).expect("they fit");
    let mut worst = [0.0_f64; 5];
    for (wrt, found) in partials.wrt.iter().zip(found) {
        // By total order, then by the number of y.
        let (order, ys) = (wrt.len(), wrt.iter().filter(|&&variable| variable == 1).count());
        let place = if row.at.len() == 1 { order } else { order * (order + 1) / 2 + ys };
        let (expected, moved) = (row.values[place], row.moved[place]);
        if expected.abs() < 1e-290 && moved < 1e-290 || !moved.is_finite() || !expected.is_finite() {
            // Beyond the range, or where parts of a result are.
            continue;
        }
        worst[order] = worst[order].max(units(found, expected, moved));
    }
    worst
}

#[test]
fn values_and_four_derivatives_are_accurate_in_the_tails() {
    let mut worst: BTreeMap<&str, [(f64, String); 5]> = BTreeMap::new();
    for row in TABLE.lines().map(row) {
        for (mode, level) in [(Mode::Reverse, Level::None), (Mode::Reverse, Level::Safe), (Mode::Taylor, Level::Safe)] {
            let found = errors(&row, mode, level);
            let entry = worst.entry(row.name).or_default();
            for (order, error) in found.into_iter().enumerate() {
                if error > entry[order].0 {
                    entry[order] = (error, format!("at {:?} by {} at level {level}", row.at, mode.name()));
                }
            }
        }
    }
    let mut wrong = String::new();
    for (name, errors) in &worst {
        let allowed = EXCEPTIONS.iter().find(|(known, ..)| known == name).map_or(ALLOWED, |(_, allowed, _)| *allowed);
        for (order, (error, place)) in errors.iter().enumerate() {
            if *error > allowed[order] {
                let _ = writeln!(wrong, "{name}, order {order}: {error:.3e} units, {place}");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/accuracy.md"), page(&worst))
            .expect("it can be written");
    }
}

/// The table of worst errors.
fn page(worst: &BTreeMap<&str, [(f64, String); 5]>) -> String {
    let rows = TABLE.lines().count();
    let mut page = format!(
        "# How accurate values and derivatives are\n\nWorst errors over {rows} points, tails included, against mpmath \
         (`tests/data/tails`), of orders 0 to 4, by reverse mode and by power series, unoptimised and at the default \
         level; written by `UPDATE_DOCS=1 cargo test -p wengert-tests tails`, which also holds them to limits. The unit is \
         half an ulp of the result plus what half an ulp of each argument moves it: a few units are as good as double \
         precision allows. The mathematics library of the platform has a share in the figures.\n\n\
         | function | value | order 1 | order 2 | order 3 | order 4 |\n|---|---|---|---|---|---|\n"
    );
    for (name, errors) in worst {
        let cells: Vec<String> = errors
            .iter()
            .map(|(error, _)| if *error < 1e4 { format!("{error:.1}") } else { format!("{error:.0e}") })
            .collect();
        let _ = writeln!(page, "| `{name}` | {} |", cells.join(" | "));
    }
    page.push_str("\nWhere more is lost, and why:\n\n");
    for (name, _, why) in EXCEPTIONS {
        let _ = writeln!(page, "- `{name}`: {why}.");
    }
    page
}
