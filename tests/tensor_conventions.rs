//! Every row of the table of tensors in `docs/conventions.md` holds: in reverse, forward and Taylor mode, in both
//! executors, at every level of optimisation.

use wengert::{Error, Function, Level, Tensor, Value};

const WINDOWS: &str = "offset=[], collapsed=[0], start_map=[0], index_axis=1, sizes=[1]";

/// One row.
struct Row {
    nodes: String,
    at: Vec<f64>,
    holds: Holds,
}

enum Holds {
    /// It cannot be built.
    NeverBuilt,
    /// It fails with this code when it runs; its result has as many elements as there are indices.
    Fails(String),
    /// It has this value, of this type, and this gradient for this cotangent.
    Value { ty: String, value: Vec<f64>, cotangent: Vec<f64>, gradient: Vec<f64> },
}

fn numbers(cell: &str) -> Vec<f64> {
    let number = |text: &str| text.trim().parse().unwrap_or_else(|_| panic!("`{text}` is no number"));
    cell.trim_matches(['[', ']']).split(',').map(number).collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    let ["", nodes, at, value, cotangent, gradient, _why, ""] = cells[..] else { panic!("six cells: {line}") };
    let holds = match value.strip_prefix("error ") {
        Some("when built") => Holds::NeverBuilt,
        Some(code) => Holds::Fails(code.to_string()),
        None => Holds::Value {
            ty: if value.starts_with('[') { format!("f64[{}]", numbers(value).len()) } else { "f64".to_string() },
            value: numbers(value),
            cotangent: numbers(cotangent),
            gradient: numbers(gradient),
        },
    };
    Row { nodes: nodes.trim_matches('`').replace("{W", &format!("{{{WINDOWS}")), at: numbers(at), holds }
}

fn rows() -> Vec<Row> {
    let page = include_str!("../docs/conventions.md");
    let start = page.find("## Of tensors").expect("the heading");
    let part = &page[start..][..page[start..].find("\n## Not covered").expect("the next heading")];
    part.lines().filter(|line| line.starts_with("| `")).map(row).collect()
}

fn parse(row: &Row, result: &str) -> Result<Function, Error> {
    let nodes = row.nodes.replace("; ", "\n");
    Function::parse(&format!("graph @f(%x: f64[{}]) -> {result} {{\n{nodes}\nreturn %y\n}}", row.at.len()))
}

/// The numbers of the only result of a function at a level, by the planned executor; the reference must give the same.
fn run(f: &Function, args: &[Value], level: Level) -> Result<Vec<f64>, Error> {
    let f = f.optimize(level).0;
    let numbers = |results: Vec<Value>| results[0].as_tensor().expect("a tensor").to_f64();
    let reference = f.eval(args).map(numbers);
    let planned = f.compile_at(Level::None).and_then(|p| p.run_values(args)).map(numbers);
    match (&reference, &planned) {
        (Ok(a), Ok(b)) => assert!(a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits()), "{a:?}, {b:?}: {f:?}"),
        (a, b) => assert_eq!(a.as_ref().err().map(Error::code), b.as_ref().err().map(Error::code)),
    }
    planned
}

fn tensor(shape: &str, elements: &[f64]) -> Value {
    let shape: &[usize] = if shape == "f64" { &[] } else { &[elements.len()] };
    Tensor::f64(shape, elements.to_vec()).expect("as many as the shape has").into()
}

/// The gradient by one mode: the pulled cotangent, or its product with what each unit tangent is pushed to.
fn gradient(f: &Function, mode: &str, row: &Row, ty: &str, cotangent: &[f64], level: Level) -> Vec<f64> {
    let x = tensor("vector", &row.at);
    if mode == "reverse" {
        let pulled = f.vjp().and_then(|f| run(&f, &[x, tensor(ty, cotangent)], level));
        return pulled.unwrap_or_else(|e| panic!("{}: {e}", row.nodes));
    }
    let pushed = if mode == "forward" { f.jvp() } else { f.taylor(1) };
    let pushed = pushed.unwrap_or_else(|e| panic!("{}: {e}", row.nodes));
    let along = |axis: usize| {
        let unit: Vec<f64> = (0..row.at.len()).map(|i| f64::from(u8::from(i == axis))).collect();
        let tangent = run(&pushed, &[x.clone(), tensor("vector", &unit)], level);
        let tangent = tangent.unwrap_or_else(|e| panic!("{}: {e}", row.nodes));
        tangent.iter().zip(cotangent).map(|(a, b)| a * b).sum()
    };
    (0..row.at.len()).map(along).collect()
}

fn agree(found: &[f64], expected: &[f64]) -> bool {
    let near = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-14 * b.abs();
    found.len() == expected.len() && found.iter().zip(expected).all(near)
}

fn check(row: &Row, level: Level) {
    let x = tensor("vector", &row.at);
    match &row.holds {
        Holds::NeverBuilt => {
            let (_, result) = row.nodes.split_once("%y = ").expect("a result");
            let (op, _) = result.split_once(' ').expect("an op and its operands");
            let error = parse(row, "f64").expect_err("it is refused").to_string();
            assert!(error.contains(&format!("`{op} ")), "{error}");
        }
        Holds::Fails(code) => {
            let (_, indices) = row.nodes.split_once(" : i64").expect("indices");
            let (shape, _) = indices.split_once(';').expect("another node");
            let f = parse(row, &format!("f64{shape}")).unwrap_or_else(|e| panic!("{}: {e}", row.nodes));
            assert_eq!(run(&f, &[x], level).map_err(|e| e.code()), Err(code.as_str()), "{}", row.nodes);
        }
        Holds::Value { ty, value, cotangent, gradient: expected } => {
            let f = parse(row, ty).unwrap_or_else(|e| panic!("{}: {e}", row.nodes));
            let found = run(&f, &[x], level).unwrap_or_else(|e| panic!("{}: {e}", row.nodes));
            assert!(agree(&found, value), "{}, {level}: {found:?}, not {value:?}", row.nodes);
            for mode in ["reverse", "forward", "taylor"] {
                let found = gradient(&f, mode, row, ty, cotangent, level);
                assert!(agree(&found, expected), "{}, {mode}, {level}: {found:?}, not {expected:?}", row.nodes);
            }
        }
    }
}

#[test]
fn conventions_of_tensors_hold_in_every_mode() {
    let rows = rows();
    assert!(rows.len() > 20, "{} rows", rows.len());
    for level in [Level::None, Level::Exact, Level::Safe] {
        rows.iter().for_each(|row| check(row, level));
    }
}
