//! Convolutions and windowed reductions, compared with the table in `tests/data/windows`, which another engine computed.

use interp::Tensor;

use crate::numbers;

const TABLE: &str = include_str!("../../../../tests/data/windows/values.txt");

/// A row of the table, whose generator says what stands in it.
struct Row {
    op: &'static str,
    operands: Vec<&'static str>,
    attributes: &'static str,
    result: &'static str,
    elements: Vec<f64>,
}

fn row(line: &'static str) -> Option<Row> {
    let (node, elements) = line.split_once(": ")?;
    let (left, rest) = node.split_once(" {")?;
    let (attributes, result) = rest.split_once("} ")?;
    let (op, operands) = left.split_once(' ')?;
    let elements = elements.split(' ').map(|text| text.parse().ok()).collect::<Option<_>>()?;
    Some(Row { op, operands: operands.split(' ').collect(), attributes, result, elements })
}

/// 1, 2, −1 in turn.
fn factors(shape: &str) -> Tensor {
    let extents = extents(shape);
    let elements = [1.0, 2.0, -1.0].into_iter().cycle().take(extents.iter().product()).collect();
    Tensor::f64(&extents, elements).expect("as many as the shape has")
}

fn extents(shape: &str) -> Vec<usize> {
    shape.trim_matches(['[', ']']).split(',').map(|text| text.parse().expect("an extent")).collect()
}

/// Small numbers without a pattern: (a·i + b) mod m − m/2.
fn tensor(shape: &str, [a, b, m]: [usize; 3]) -> Tensor {
    let extents = extents(shape);
    let element = |i: usize| ((a * i + b) % m) as f64 - (m / 2) as f64;
    Tensor::f64(&extents, (0..extents.iter().product()).map(element).collect()).expect("as many as the shape has")
}

fn check(row: &Row) {
    let kinds = [[7, 3, 11], [5, 1, 7]];
    let args: Vec<Tensor> = match row.op {
        "reduce_window_prod" => vec![factors(row.operands[0])],
        _ => row.operands.iter().zip(kinds).map(|(shape, kind)| tensor(shape, kind)).collect(),
    };
    let params: Vec<String> = row.operands.iter().zip(["x", "k"]).map(|(s, name)| format!("%{name}: f64{s}")).collect();
    let names = ["%x", "%x, %k"][row.operands.len() - 1];
    let Row { op, attributes, result, .. } = row;
    let node = format!("%0 = {op} {names} {{{attributes}}} : f64{result}");
    let source = format!("graph @f({}) -> f64{result} {{ {node} return %0 }}", params.join(", "));
    assert_eq!(numbers(&source, &args), row.elements, "{source}");
}

#[test]
fn windows_agree_with_another_engine() {
    let rows: Vec<Row> = TABLE.lines().map(|line| row(line).unwrap_or_else(|| panic!("a row: {line}"))).collect();
    assert!(rows.len() >= 160);
    rows.iter().for_each(check);
}
