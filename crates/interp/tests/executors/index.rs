//! Gathers and scatters, compared with the table in `tests/data/index`, which another engine computed, and what happens
//! when an index is out of range.

use graph_core::{Buffer, Shape};
use interp::{Error, Program, Tensor, Value, evaluate};

use crate::{counted, parse, run};

const TABLE: &str = include_str!("../../../../tests/data/index/values.txt");

/// A row of the table, whose generator says what stands in it.
struct Row {
    op: &'static str,
    /// Of the operand, the indices and the windows.
    shapes: [&'static str; 3],
    attributes: &'static str,
    indices: Vec<i64>,
    elements: Vec<f64>,
}

fn row(line: &'static str) -> Option<Row> {
    let (node, values) = line.split_once("}: ")?;
    let (left, attributes) = node.split_once(" {")?;
    let (indices, elements) = values.split_once(" | ")?;
    let mut words = left.split(' ');
    let (op, shapes) = (words.next()?, [words.next()?, words.next()?, words.next()?]);
    let indices = indices.split_whitespace().map(|text| text.parse().ok()).collect::<Option<_>>()?;
    let elements = elements.split_whitespace().map(|text| text.parse().ok()).collect::<Option<_>>()?;
    Some(Row { op, shapes, attributes, indices, elements })
}

fn extents(shape: &str) -> Vec<usize> {
    let inner = shape.trim_matches(['[', ']']).split(',').filter(|text| !text.is_empty());
    inner.map(|text| text.parse().expect("an extent")).collect()
}

fn tensor(shape: &str, element: impl Fn(usize) -> f64) -> Value {
    let extents = extents(shape);
    Tensor::f64(&extents, (0..extents.iter().product()).map(element).collect())
        .expect("as many as the shape has")
        .into()
}

/// A tensor of integers.
pub fn integers(shape: &[usize], elements: &[i64]) -> Value {
    Tensor::new(Shape::new(shape), Buffer::I64(elements.to_vec())).expect("as many as the shape has").into()
}

fn check(row: &Row) {
    let Row { op, shapes: [x, i, windows], attributes, .. } = row;
    let small = |a: usize, b: usize, m: usize| move |i: usize| ((a * i + b) % m) as f64 - (m / 2) as f64;
    let factor = |i: usize| [1.0, 2.0, -1.0][i % 3];
    let (types, operands, result) = match *op {
        "gather" => (String::new(), "%x, %i", windows),
        _ => (format!(", %u: f64{windows}"), "%x, %i, %u", x),
    };
    let head = format!("graph @f(%x: f64{x}, %i: i64{i}{types}) -> f64{result}").replace("[]", "");
    let ty = format!("f64{result}").replace("[]", "");
    let source = format!("{head} {{ %0 = {op} {operands} {{{attributes}}} : {ty} return %0 }}");
    let mut args = match *op {
        "scatter_mul" => vec![tensor(x, factor), integers(&extents(i), &row.indices), tensor(windows, factor)],
        _ => vec![tensor(x, small(7, 3, 11)), integers(&extents(i), &row.indices), tensor(windows, small(5, 1, 7))],
    };
    args.truncate(operands.split(',').count());
    let found = run(&parse(&source), &args);
    assert_eq!(found[0].as_tensor().map(Tensor::to_f64).as_ref(), Some(&row.elements), "{source}");
}

#[test]
fn windows_that_indices_choose_agree_with_another_engine() {
    let rows: Vec<Row> = TABLE.lines().filter_map(row).collect();
    assert_eq!(rows.len(), TABLE.lines().count(), "every line is a row");
    rows.iter().for_each(check);
}

const ROWS: &str = "offset=[1], collapsed=[0], start_map=[0], index_axis=1, sizes=[1,3]";

#[test]
fn the_last_window_wins_and_others_accumulate_in_order() {
    let scatter = |op: &str| {
        let source = format!(
            "graph @f(%x: f64[2,3], %i: i64[3], %u: f64[3,3]) -> f64[2,3] {{
               %0 = {op} %x, %i, %u {{{ROWS}}} : f64[2,3] return %0 }}"
        );
        let u = Tensor::f64(&[3, 3], vec![1e16, 1.0, 1.0, 1.0, 2.0, 2.0, -1e16, 3.0, 3.0]).expect("nine");
        let results = run(&parse(&source), &[counted(&[2, 3]).into(), integers(&[3], &[1, 1, 1]), u.into()]);
        results[0].as_tensor().expect("a tensor").to_f64()[3..].to_vec()
    };
    assert_eq!(scatter("scatter_set"), [-1e16, 3.0, 3.0]);
    assert_eq!(scatter("scatter_add"), [4.0 + 1e16 + 1.0 - 1e16, 11.0, 12.0]);
}

#[test]
fn an_index_out_of_range_is_an_error_that_names_the_node() {
    let f = parse(&format!(
        "graph @rows(%x: f64[2,3], %i: i64[2]) -> f64[2,3] {{ %0 = gather %x, %i {{{ROWS}}} : f64[2,3] return %0 }}
         graph @f(%x: f64[2,3], %i: i64[2]) -> f64[2,3] {{
           %0 = exp %x : f64[2,3] %1 = call @rows(%0, %i) : f64[2,3] return %1 }}"
    ));
    let program = Program::new(&f).expect("a small function");
    let mut ws = program.workspace();
    for indices in [[0, 2], [-1, 7], [i64::MIN, 0], [i64::MAX, 0]] {
        let args = [counted(&[2, 3]).into(), integers(&[2], &indices)];
        let (expected, found) = (evaluate(&f, &args).err(), program.run(&mut ws, &args).err());
        let wrong = indices.iter().find(|&&i| !(0..2).contains(&i)).expect("one is wrong");
        let message = format!(
            "index out of range at `%0 = gather` of @rows: index {wrong} is out of range along axis 0 of 2 element(s); \
             indices count from 0; `out` says what else to do"
        );
        assert_eq!(expected.as_ref().map(Error::to_string), Some(message));
        assert_eq!(expected, found);
        assert_eq!(found.map(|e| e.code()), Some("index"));
    }
    let right = [counted(&[2, 3]).into(), integers(&[2], &[1, 0])];
    let after = program.run(&mut ws, &right).expect("a run after a failed one");
    assert!(after[0].same_bits(&evaluate(&f, &right).expect("indices that fit")[0]));
}

#[test]
fn an_axis_without_elements_has_no_index() {
    let source = |n: usize, out: &str| {
        format!(
            "graph @f(%x: f64[0,3], %i: i64[{n}]) -> f64[{n},3] {{ %0 = gather %x, %i {{{ROWS}{out}}} : f64[{n},3] return %0 }}"
        )
    };
    let args = |n: usize| [counted(&[0, 3]).into(), integers(&[n], &vec![0; n])];
    run(&parse(&source(0, "")), &args(0));
    assert_eq!(evaluate(&parse(&source(1, "")), &args(1)).map_err(|e| e.code()).err(), Some("index"));
    let filled = run(&parse(&source(1, ", out=fill")), &args(1));
    assert_eq!(filled[0].as_tensor().map(Tensor::to_f64), Some(vec![0.0; 3]));
}

/// The dimension numbers of the samples: rows; vectors of two components in any order; batches; no component; scalars.
const SAMPLES: [(&str, &str, &str, &str); 6] = [
    ("[2,3]", "[4]", "[4,3]", ROWS),
    ("[4,5]", "[2,3]", "[2,2,3]", "offset=[0,1], collapsed=[], start_map=[1,0], index_axis=0, sizes=[2,2]"),
    (
        "[2,5,3]",
        "[3,2,1]",
        "[3,2,2]",
        "offset=[1], collapsed=[0], start_map=[0], index_axis=2, sizes=[1,2,1], operand_batch=[2], indices_batch=[0]",
    ),
    ("[3]", "[0,2]", "[3,2]", "offset=[0], collapsed=[], start_map=[], index_axis=0, sizes=[3]"),
    ("[7]", "", "[3]", "offset=[0], collapsed=[], start_map=[0], index_axis=0, sizes=[3]"),
    ("[7]", "[0,1]", "[0,3]", "offset=[1], collapsed=[], start_map=[0], index_axis=1, sizes=[3]"),
];

/// Gathers of elements of this kind. Indices are awkward, so they are clamped or the windows left out.
pub fn gathers(t: &str) -> Vec<String> {
    let sample = |(x, i, windows, attributes): (&str, &str, &str, &str), out: &str| {
        format!(
            "graph @f(%x: {t}{x}, %i: i64{i}) -> {t}{windows} {{
               %0 = gather %x, %i {{{attributes}, out={out}}} : {t}{windows} return %0 }}"
        )
    };
    SAMPLES.iter().flat_map(|&case| ["clamp", "fill"].map(|out| sample(case, out))).collect()
}

/// Scatters, one into a parameter that stays and one into a value that dies.
pub fn scatters(op: &str, t: &str) -> Vec<String> {
    let sample = |(x, i, windows, attributes): (&str, &str, &str, &str), out: &str| {
        format!(
            "graph @f(%x: {t}{x}, %i: i64{i}, %u: {t}{windows}) -> {t}{x} {{
               %0 = {op} %x, %i, %u {{{attributes}, out={out}}} : {t}{x}
               %1 = {op} %0, %i, %u {{{attributes}, out={out}}} : {t}{x} return %1 }}"
        )
    };
    SAMPLES.iter().flat_map(|&case| ["clamp", "drop"].map(|out| sample(case, out))).collect()
}
