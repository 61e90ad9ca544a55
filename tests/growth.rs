//! How derivatives grow from order to order, and how exact they stay, over a corpus of formulas (`tests/data/corpus`). What is
//! measured is the page `docs/growth.md`: a change to a rule shows there what it does to all of them.

use std::fmt::Write as _;
use std::path::Path;

use graph_core::walk;
use wengert::formula::Formula;
use wengert::partials::{Partials, Settings};
use wengert::{Level, Mode};

const VALUES: &str = include_str!("data/corpus/values.txt");
const PROGRAMS: &str = include_str!("data/corpus/programs.txt");
/// Orders of the table of sizes, and the highest of the others.
const SHOWN: usize = 6;
const HIGHEST: usize = 8;
/// Most growth per order of nested reverse mode with sums and products collected, on average.
const MOST_GROWTH: f64 = 1.5;
/// Where collecting terms makes a number of none.
const OVERFLOWING: &str = "x*exp(-x^2)";
const FAR: f64 = 1e80;
/// How much worse the default level may be than no simplification at all at the worst of some points: these are extremes
/// of rounding. On average it may not be worse.
const LUCK: f64 = 2.0;
/// The heading of the last part of the page.
const EXACT: &str = "## How exact they stay";
/// Set to write the page anew.
const UPDATE: &str = "UPDATE_DOCS";

/// The ways that are compared.
const WAYS: [(&str, Mode, Level); 4] = [
    ("auto", Mode::Auto, Level::Safe),
    ("series", Mode::Taylor, Level::Safe),
    ("reverse", Mode::Reverse, Level::Safe),
    ("reverse, relaxed", Mode::Reverse, Level::Relaxed),
];

struct Row<'t> {
    text: &'t str,
    /// Points with the derivatives of orders 0 to 9 there.
    points: Vec<(f64, Vec<f64>)>,
}

fn rows() -> Vec<Row<'static>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for line in VALUES.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split(" | ").collect();
        let number = |text: &str| text.parse::<f64>().expect("a number");
        let point = (number(cells[1]), cells[2].split(' ').map(number).collect());
        match rows.last_mut().filter(|row| row.text == cells[0]) {
            Some(row) => row.points.push(point),
            None => rows.push(Row { text: cells[0], points: vec![point] }),
        }
    }
    rows
}

fn partials(
    text: &str,
    extents: &dyn Fn(&str) -> &'static [usize],
    order: usize,
    mode: Mode,
    level: Level,
) -> Partials {
    let formula = Formula::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let settings = Settings { order, mode, level, ..Settings::default() };
    Partials::with_shapes(&formula, &settings, extents).unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// What all derivatives to each order cost, as the optimiser counts.
fn costs(text: &str, extents: &dyn Fn(&str) -> &'static [usize], highest: usize, mode: Mode, level: Level) -> Vec<u64> {
    let cost = |order| {
        let f = partials(text, extents, order, mode, level).function;
        opt::total_cost(f.core().graph(), f.core().results())
    };
    (1..=highest).map(cost).collect()
}

/// Operations of all derivatives to each order.
fn sizes(
    text: &str,
    extents: &dyn Fn(&str) -> &'static [usize],
    highest: usize,
    mode: Mode,
    level: Level,
) -> Vec<usize> {
    (1..=highest).map(|order| partials(text, extents, order, mode, level).nodes.optimized).collect()
}

/// By how much operations of the n-th derivative alone grow per order from order 3 to 8, by nested reverse mode.
fn growth(text: &str, level: Level) -> f64 {
    let mut f = partials(text, &|_| &[], 0, Mode::Auto, level).function;
    let mut counts = Vec::new();
    for _ in 1..=HIGHEST {
        f = f.grad(0).expect("a number").optimize(level).0;
        counts.push(walk::operations(f.core().graph(), f.core().results()).max(1) as f64);
    }
    (counts[HIGHEST - 1] / counts[2]).powf(1.0 / (HIGHEST - 3) as f64)
}

/// The worst error of orders 1 to 8, in units of the rounding that half an ulp of x and of the result bring.
fn worst_error(row: &Row<'_>, mode: Mode, level: Level) -> f64 {
    let program = partials(row.text, &|_| &[], HIGHEST, mode, level).function.compile().expect("a program");
    let mut worst: f64 = 0.0;
    for (x, exact) in &row.points {
        let found = program.run(&[*x]).expect("a number");
        for order in 1..=HIGHEST {
            let unit = f64::EPSILON / 2.0 * (exact[order].abs() + (x * exact[order + 1]).abs());
            let error = (found[order] - exact[order]).abs();
            worst = worst.max(if error == 0.0 { 0.0 } else { error / unit });
        }
    }
    worst
}

/// To two digits, so that the page says what holds on every machine.
fn rounded(error: f64) -> String {
    let step = 10f64.powf(error.max(1.0).log10().floor() - 1.0);
    format!("{:.0}", ((error / step).ceil() * step).max(1.0))
}

#[test]
fn the_page_of_growth_is_current() {
    let mut page = String::from(
        "# How derivatives grow\n\nThis page is written by a test (`tests/growth.rs`), which fails if it is not current: \
         `UPDATE_DOCS=1 cargo test -p wengert-tests growth` writes it anew. The formulas are `tests/data/corpus`.\n",
    );
    let rows = rows();
    one_variable(&mut page, &rows);
    programs(&mut page);
    accuracy(&mut page, &rows);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/growth.md");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &page).expect("the folder of documents exists");
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        agrees(&stored, &page),
        "docs/growth.md is out of date: set {UPDATE}=1, run this test again, read the difference"
    );
}

/// Sizes are the same everywhere; errors depend on the last bits of the mathematics library, and count as the same up to a
/// factor of four.
fn agrees(stored: &str, page: &str) -> bool {
    let (Some((sizes, errors)), Some((now, also))) = (stored.split_once(EXACT), page.split_once(EXACT)) else {
        return false;
    };
    let near = |(a, b): (&str, &str)| match (a.trim().parse::<f64>(), b.trim().parse::<f64>()) {
        (Ok(a), Ok(b)) => a.max(b) <= 4.0 * a.min(b).max(4.0),
        _ => a == b,
    };
    sizes == now
        && errors.lines().count() == also.lines().count()
        && errors
            .lines()
            .zip(also.lines())
            .all(|(a, b)| a.split('|').count() == b.split('|').count() && a.split('|').zip(b.split('|')).all(near))
}

fn one_variable(page: &mut String, rows: &[Row<'_>]) {
    page.push_str(
        "\n## One variable\n\nOperations of a function and all its derivatives to orders 1 to 6, simplified between the \
         orders: by mode `auto`, by power series, by nested reverse mode, and by nested reverse mode with sums and products \
         collected (`--opt relaxed`). Then the growth per order of the n-th derivative alone, from order 3 to 8, by nested \
         reverse mode at levels `safe` and `relaxed`.\n\n| function | auto | series | reverse | reverse, relaxed | safe | \
         relaxed |\n|---|---|---|---|---|---|---|\n",
    );
    let mut means = [0.0; 2];
    for row in rows {
        let all = WAYS.map(|(_, mode, level)| sizes(row.text, &|_| &[], SHOWN, mode, level));
        for (order, (auto, series)) in all[0].iter().zip(&all[1]).enumerate() {
            assert!(20 * auto <= 21 * series, "{}, order {}: auto {auto}, series {series}", row.text, order + 1);
        }
        let growths = [Level::Safe, Level::Relaxed].map(|level| growth(row.text, level));
        means.iter_mut().zip(growths).for_each(|(mean, growth)| *mean += growth / rows.len() as f64);
        let cells: Vec<String> = all.iter().map(|sizes| listed(sizes)).collect();
        let [safe, relaxed] = growths;
        let _ = writeln!(page, "| `{}` | {} | {safe:.2} | {relaxed:.2} |", row.text, cells.join(" | "));
    }
    let [safe, relaxed] = means;
    let _ = writeln!(
        page,
        "\nOn average nested reverse mode grows {safe:.2} times per order, and {relaxed:.2} times collected. Terms meet only \
         where products of sums are multiplied out, and that is no rule of the default level: collected, the third derivative \
         of `{OVERFLOWING}` at {FAR:e} is ∞·0 where it was 0."
    );
    assert!(relaxed < MOST_GROWTH, "{relaxed}");
    let third = |level| {
        let program = partials(OVERFLOWING, &|_| &[], 3, Mode::Reverse, level).function.compile().expect("a program");
        program.run(&[FAR]).expect("a number")[3]
    };
    assert_eq!(third(Level::Safe), 0.0);
    assert!(third(Level::Relaxed).is_nan(), "the page says so");
}

fn listed(sizes: &[impl ToString]) -> String {
    sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn programs(page: &mut String) {
    page.push_str(
        "\n## Several variables, and arrays\n\nWhat a program and all its partial derivatives to each \
         order cost as the optimiser counts: 1 a node, and for each element 1 for an addition, 16 for an exponential.\n\n| \
         program | auto | series | reverse | reverse, relaxed |\n|---|---|---|---|---|\n",
    );
    for line in PROGRAMS.lines().filter(|line| !line.starts_with('#')) {
        let [text, variables, highest] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{line}: three cells")
        };
        let extents = |name: &str| -> &'static [usize] {
            let given = variables.split(' ').find_map(|v| v.strip_prefix(name)?.strip_prefix(':'));
            let extents: Vec<usize> =
                given.map_or(Vec::new(), |e| e.split(',').map(|n| n.parse().expect("n")).collect());
            extents.leak()
        };
        let highest = highest.parse().expect("an order");
        let all = WAYS.map(|(_, mode, level)| costs(text, &extents, highest, mode, level));
        for (order, (auto, series)) in all[0].iter().zip(&all[1]).enumerate() {
            assert!(20 * auto <= 21 * series, "{text}, order {}: auto {auto}, series {series}", order + 1);
        }
        let cells: Vec<String> = all.iter().map(|costs| listed(costs)).collect();
        let _ = writeln!(page, "| `{text}` | {} |", cells.join(" | "));
    }
}

fn accuracy(page: &mut String, rows: &[Row<'_>]) {
    page.push_str(
        "\n## How exact they stay\n\nThe worst error of the derivatives of orders 1 to 8 at some points, beside mpmath's \
         values, in units of 2⁻⁵³·(|f| + |x·f′|) for the derivative f: without simplification, at the default level, and by \
         real-number algebra; by nested reverse mode, and in mode `auto`.\n\n| function | reverse, none | safe | relaxed | \
         auto, none | safe | relaxed |\n|---|---|---|---|---|---|---|\n",
    );
    let mut logarithms = [0.0; 6];
    for row in rows {
        let ways = [Mode::Reverse, Mode::Auto]
            .map(|mode| [Level::None, Level::Safe, Level::Relaxed].map(|level| worst_error(row, mode, level)));
        for [none, safe, _] in ways {
            assert!(safe <= LUCK * none.max(2.0), "{}: {none} units without rules, {safe} with them", row.text);
        }
        let errors = ways.concat();
        logarithms.iter_mut().zip(&errors).for_each(|(sum, e)| *sum += e.max(0.5).ln() / rows.len() as f64);
        let cells: Vec<String> = errors.iter().map(|&e| rounded(e)).collect();
        let _ = writeln!(page, "| `{}` | {} |", row.text, cells.join(" | "));
    }
    for mode in logarithms.chunks(3) {
        assert!(mode[1] <= mode[0], "on average {} units without rules, {} with them", mode[0].exp(), mode[1].exp());
    }
    let means: Vec<String> = logarithms.iter().map(|&sum| rounded(sum.exp())).collect();
    let _ = writeln!(page, "| geometric mean | {} |", means.join(" | "));
}
