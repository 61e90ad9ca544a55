//! Wrong inputs: each is an error of its own kind with a message that names what is wrong and a way out, as a snapshot
//! that people read. One list for each way in: text of graphs, formulas, expressions, transforms, runs.

mod expressions;
mod texts;

use wengert::formula::Formula;
use wengert::partials::{Partials, Settings};
use wengert::{Function, Tensor, Value};

/// Name, code and message of each case, one a line; each must be wrong.
fn listed(cases: impl IntoIterator<Item = (String, Result<(), (String, String)>)>) -> (usize, String) {
    let lines: Vec<String> = cases
        .into_iter()
        .map(|(name, outcome)| match outcome {
            Ok(()) => panic!("`{name}` is accepted"),
            Err((code, message)) => format!("{name}\n    {code}: {}", message.replace('\n', "\n    ")),
        })
        .collect();
    (lines.len(), lines.join("\n"))
}

/// The list is the one that was read.
fn read(name: &str, list: &str) {
    insta::with_settings!({snapshot_path => "wrong", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, list);
    });
}

fn failure(e: &wengert::Error) -> (String, String) {
    // Lines of this file move; that there is one is what matters.
    let text = e.to_string();
    let located = text.find(" (at tests/").map_or(text.clone(), |at| format!("{} (at the caller's line)", &text[..at]));
    (e.code().to_string(), located)
}

#[test]
fn wrong_texts_of_graphs_are_told() {
    let parsed = |&(name, body): &(&str, &str)| {
        let text = if body.starts_with("graph") { body.to_string() } else { format!("graph @f{body}") };
        (format!("{name}: {}", body.trim()), Function::parse(&text).map(|_| ()).map_err(|e| failure(&e)))
    };
    let (count, list) = listed(texts::CASES.iter().map(parsed));
    assert!(count >= 110, "{count}");
    read("wrong_texts", &list);
}

#[test]
fn wrong_formulas_are_told() {
    let outcome = |&(text, point): &(&str, &str)| {
        let extents = |name: &str| -> Vec<usize> {
            let given = point.split(' ').filter_map(|part| part.split_once('='));
            let found = given.into_iter().find(|(known, _)| *known == name).map_or("", |(_, extents)| extents);
            found.split('x').filter_map(|n| n.parse().ok()).collect()
        };
        let all: Vec<(String, Vec<usize>)> =
            ["A", "B", "x", "y", "s"].map(|name| (name.to_string(), extents(name))).into();
        let shape = |name: &str| all.iter().find(|(known, _)| known == name).map_or(&[][..], |(_, e)| e);
        let result = Formula::parse(text)
            .map_err(|e| (e.code.to_string(), format!("{e} (column {}){}", e.column, help(&e.help))));
        let result = result.and_then(|formula| {
            let settings = Settings { order: 1, ..Settings::default() };
            Partials::with_shapes(&formula, &settings, shape).map(|_| ()).map_err(|e| match e {
                wengert::Error::Formula(e) => {
                    (e.code.to_string(), format!("{e} (column {}){}", e.column, help(&e.help)))
                }
                other => failure(&other),
            })
        });
        (if point.is_empty() { text.to_string() } else { format!("{text} with {point}") }, result)
    };
    let (count, list) = listed(texts::FORMULAS.iter().map(outcome));
    assert!(count >= 60, "{count}");
    read("wrong_formulas", &list);
}

fn help(help: &Option<String>) -> String {
    help.as_ref().map_or(String::new(), |help| format!("; {help}"))
}

#[test]
fn wrong_expressions_are_told_with_the_line_of_the_caller() {
    let cases = expressions::CASES.iter().map(|(name, build)| (name.to_string(), build().map_err(|e| failure(&e))));
    let (count, list) = listed(cases);
    assert!(count >= 50, "{count}");
    read("wrong_expressions", &list);
}

const F: &str = "graph @f(%x: f64[2], %n: i64) -> f64 { %0 = reduce_sum %x {axes=[0]} return %0 }";

#[test]
fn wrong_runs_are_told() {
    let f = Function::parse(F).expect("a program");
    let two = || Value::Tensor(Tensor::f64(&[2], vec![1.0, 2.0]).expect("two"));
    let gather = Function::parse(
        "graph @rows(%x: f64[3], %i: i64[1]) -> f64[1] {
           %0 = gather %x, %i {offset=[], collapsed=[0], start_map=[0], index_axis=1, sizes=[1]} return %0 }",
    )
    .expect("a program");
    let run = |text: &str, at: &[f64]| {
        let program = Function::parse(text).expect("a program").compile()?;
        program.run(at).map(|_| ())
    };
    let matrix = |op: &str| format!("graph @m(%x: f64[2,2]) -> f64[2,2] {{ %0 = {op} return %0 }}");
    let cases: Vec<(&str, Result<(), wengert::Error>)> = vec![
        ("no argument", f.eval(&[]).map(|_| ())),
        ("one of two", f.eval(&[two()]).map(|_| ())),
        ("three of two", f.eval(&[two(), two(), two()]).map(|_| ())),
        ("another shape", f.eval(&[Value::from(1.0), Value::from(1.0)]).map(|_| ())),
        ("real for integer", f.eval(&[two(), Value::from(1.0)]).map(|_| ())),
        ("too few numbers", f.compile().and_then(|p| p.run(&[1.0]).map(|_| ()))),
        ("too many numbers", f.compile().and_then(|p| p.run(&[1.0; 9]).map(|_| ()))),
        ("elements of another count", Tensor::f64(&[3], vec![1.0]).map(|_| ()).map_err(wengert::Error::from)),
        ("an index below", gather.compile().and_then(|p| p.run(&[1.0, 2.0, 3.0, -1.0]).map(|_| ()))),
        ("an index beyond", gather.compile().and_then(|p| p.run(&[1.0, 2.0, 3.0, 3.0]).map(|_| ()))),
        ("indefinite", run(&matrix("cholesky %x"), &[1.0, 2.0, 2.0, 1.0])),
        ("singular", run(&matrix("solve %x, %x"), &[1.0, 2.0, 2.0, 4.0])),
        ("a zero on the diagonal", run(&matrix("triangular_solve %x, %x"), &[0.0, 1.0, 1.0, 1.0])),
        ("no such parameter", f.grad(7).map(|_| ())),
        ("by an integer", f.grad(1).map(|_| ())),
        ("axes for some", f.vmap(&[Some(0)], 2).map(|_| ())),
        ("an axis beyond", f.vmap(&[Some(2), None], 2).map(|_| ())),
    ];
    let (count, list) =
        listed(cases.into_iter().map(|(name, outcome)| (name.to_string(), outcome.map_err(|e| failure(&e)))));
    assert!(count >= 17, "{count}");
    read("wrong_runs", &list);
}
