//! Requests to run a function that does not fit: arguments, buffers, memory, indices. Both executors are asked wherever
//! both can be, and must say the same.

use std::sync::Arc;

use graph_core::{Buffer, Function, Shape, text};
use interp::{Error, Program, Settings, Tensor, Value, evaluate, evaluate_within};

use super::Case;

fn function(source: &str) -> Arc<Function> {
    text::parse(source).expect("a graph")
}

/// Arguments that do not fit, to both executors.
fn both(name: &'static str, source: &str, args: &[Value]) -> Case {
    Case::new(name, || {
        let f = function(source);
        let program = Program::new(&f).expect("a small function");
        let planned = program.run(&mut program.workspace(), args).expect_err("it is accepted by the planned executor");
        let reference = evaluate(&f, args).expect_err("it is accepted by the reference evaluator");
        assert_eq!(planned, reference);
        (reference.code(), reference)
    })
}

fn refused<T>(name: &'static str, result: Result<T, Error>) -> Case {
    Case::new(name, || {
        let error = result.err().expect("it is accepted");
        (error.code(), error)
    })
}

fn vector(elements: &[f64]) -> Value {
    Tensor::f64(&[elements.len()], elements.to_vec()).expect("as many as the extent").into()
}

fn integers(elements: &[i64]) -> Value {
    Tensor::new(Shape::new(&[elements.len()]), Buffer::I64(elements.to_vec())).expect("as many as the extent").into()
}

const SCALE: &str = "graph @scale(%x: f64, %v: f64[2]) -> f64[2] {
  %0 = broadcast %x {axes=[]} : f64[2]
  %1 = mul %0, %v : f64[2]
  return %1
}";
const FIELDS: &str = "graph @fields(%p: {a: f64, b: (f64, i64)}) -> f64 {
  %0 = get %p {field=a} : f64
  return %0
}";
const ROWS: &str = "graph @rows(%x: f64[3,2], %i: i64[2]) -> f64[2,2] {
  %0 = gather %x, %i {offset=[1], collapsed=[0], start_map=[0], index_axis=1, sizes=[1,2]} : f64[2,2]
  return %0
}";
const STRETCH: &str = "graph @stretch(%x: f64[9], %i: i64) -> f64[4] {
  %0 = gather %x, %i {offset=[0], collapsed=[], start_map=[0], index_axis=0, sizes=[4]} : f64[4]
  return %0
}";
const UPDATE: &str = "graph @update(%x: f64[3], %i: i64[2]) -> f64[3] {
  %0 = const [1.0, 2.0] : f64[2]
  %1 = scatter_add %x, %i, %0 {offset=[], collapsed=[0], start_map=[0], index_axis=1, sizes=[1]} : f64[3]
  return %1
}";

pub fn cases() -> Vec<Case> {
    [arguments(), buffers(), sizes(), indices()].into_iter().flatten().collect()
}

fn arguments() -> Vec<Case> {
    let record = |fields: &[(&str, Value)]| {
        Value::Record(fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
    };
    let crooked = Tensor { shape: Shape::new(&[2]), data: Buffer::F64(vec![1.0; 3]) };
    let b = Value::Tuple(vec![1.0.into(), 2.0.into()]);
    vec![
        both("no arguments", SCALE, &[]),
        both("an argument too many", SCALE, &[1.0.into(), vector(&[1.0, 2.0]), 3.0.into()]),
        both("argument of another shape", SCALE, &[1.0.into(), vector(&[1.0, 2.0, 3.0])]),
        both("argument of another rank", SCALE, &[vector(&[1.0]), vector(&[1.0, 2.0])]),
        both("argument of another dtype", SCALE, &[1.0.into(), integers(&[1, 2])]),
        both("tensor with more elements than its shape has", SCALE, &[1.0.into(), crooked.into()]),
        both("tuple where a tensor belongs", SCALE, &[Value::Tuple(vec![]), vector(&[1.0, 2.0])]),
        both("tensor where a record belongs", FIELDS, &[1.0.into()]),
        both("record without a field", FIELDS, &[record(&[("a", 1.0.into())])]),
        both("record with a field of another name", FIELDS, &[record(&[("a", 1.0.into()), ("c", b.clone())])]),
        both("record with its fields in another order", FIELDS, &[record(&[("b", b.clone()), ("a", 1.0.into())])]),
        both("record with a part of another dtype", FIELDS, &[record(&[("a", 1.0.into()), ("b", b)])]),
        refused("tensor of too few elements", Tensor::f64(&[2, 3], vec![0.0; 5])),
    ]
}

fn buffers() -> Vec<Case> {
    let program = Program::new(&function(SCALE)).expect("a small function");
    let other = Program::new(&function(SCALE)).expect("a small function");
    let mut ws = program.workspace();
    vec![
        refused("inputs too few", program.run_into(&mut ws, &[1.0; 2], &mut [0.0; 2])),
        refused("inputs too many", program.run_into(&mut ws, &[1.0; 4], &mut [0.0; 2])),
        refused("outputs too few", program.run_into(&mut ws, &[1.0; 3], &mut [0.0; 1])),
        refused("outputs too many", program.run_into(&mut ws, &[1.0; 3], &mut [0.0; 3])),
        refused("workspace of another program", other.run_into(&mut ws, &[1.0; 3], &mut [0.0; 2])),
    ]
}

fn sizes() -> Vec<Case> {
    let huge = function(
        "graph @huge(%x: f64) -> f64 {
           %0 = broadcast %x {axes=[]} : f64[1099511627776]
           %1 = reduce_sum %0 {axes=[0]} : f64
           return %1
         }",
    );
    let scale = function(SCALE);
    let bytes = Program::new(&scale).expect("a small function").peak_bytes();
    let mut calls = "graph @f0(%x: f64) -> f64 { %0 = exp %x : f64 return %0 }\n".to_string();
    for i in 1..100 {
        let below = i - 1;
        calls +=
            &format!("graph @f{i}(%x: f64) -> f64 {{ %0 = call @f{below}(%x) %1 = call @f{below}(%0) return %1 }}\n");
    }
    let calls = function(&calls);
    vec![
        refused("a program beyond the memory", Program::new(&huge)),
        refused("an evaluation beyond the memory", evaluate(&huge, &[1.0.into()])),
        refused(
            "a program one byte beyond its limit",
            Program::with(&scale, Settings { max_bytes: bytes - 1, ..Settings::default() }),
        ),
        refused("an evaluation beyond its limit", evaluate_within(&scale, &[1.0.into(), vector(&[1.0, 2.0])], 40)),
        refused("a program of endless calls", Program::new(&calls)),
        refused("an evaluation of endless calls", evaluate(&calls, &[1.0.into()])),
    ]
}

fn indices() -> Vec<Case> {
    let x = Value::from(Tensor::f64(&[3, 2], vec![1.0; 6]).expect("six elements"));
    let start = |i| Value::from(Tensor::new(Shape::scalar(), Buffer::I64(vec![i])).expect("one element"));
    vec![
        both("index beyond the last row", ROWS, &[x.clone(), integers(&[0, 3])]),
        both("index before the first row", ROWS, &[x, integers(&[-1, 0])]),
        both("window that starts too late", STRETCH, &[vector(&[0.0; 9]), start(6)]),
        both("window that starts before the first element", STRETCH, &[vector(&[0.0; 9]), start(i64::MIN)]),
        both("update beyond the last element", UPDATE, &[vector(&[0.0; 3]), integers(&[1, 7])]),
    ]
}
