//! Requests that cannot be served are errors with codes, found before memory is taken.

use graph_core::Type;
use interp::{Error, Program, Settings, Tensor, Value, evaluate, evaluate_within};

use crate::{counted, parse};

const ADD: &str = "graph @f(%x: f64, %y: f64[2]) -> f64[2] {
    %0 = broadcast %x {axes=[]} : f64[2] %1 = add %0, %y : f64[2] return %1 }";

fn code<T>(result: Result<T, Error>) -> Option<&'static str> {
    result.err().map(|e| e.code())
}

#[test]
fn arguments_are_checked_by_both_executors() {
    let f = parse(ADD);
    let program = Program::new(&f).expect("a small function");
    let mut ws = program.workspace();
    let bad: [(&[Value], &str); 3] = [
        (&[1.0.into()], "arguments"),
        (&[1.0.into(), counted(&[3]).into()], "argument_type"),
        (&[1.0.into(), Tensor { shape: counted(&[2]).shape, data: counted(&[3]).data }.into()], "elements"),
    ];
    for (args, expected) in bad {
        assert_eq!(code(evaluate(&f, args)), Some(expected));
        assert_eq!(code(program.run(&mut ws, args)), Some(expected));
    }
    let message = evaluate(&f, &[1.0.into(), 2.0.into()]).map_err(|e| e.to_string());
    assert_eq!(message.map(|_| ()), Err("parameter `y` of @f: f64[2] expected, f64 found".into()));
}

#[test]
fn flat_buffers_need_one_number_a_cell() {
    let program = Program::new(&parse(ADD)).expect("a small function");
    let mut ws = program.workspace();
    assert_eq!((program.inputs(), program.outputs()), (3, 2));
    assert_eq!(code(program.run_into(&mut ws, &[1.0; 2], &mut [0.0; 2])), Some("cells"));
    assert_eq!(code(program.run_into(&mut ws, &[1.0; 3], &mut [0.0; 3])), Some("cells"));
    let mut out = [0.0; 2];
    assert_eq!(code(program.run_into(&mut ws, &[1.0, 2.0, 3.0], &mut out)), None);
    assert_eq!(out, [3.0, 4.0]);
}

#[test]
fn a_workspace_serves_its_own_program_only() {
    let programs = [ADD, ADD].map(|source| Program::new(&parse(source)).expect("a small function"));
    let mut ws = programs[0].workspace();
    assert_eq!(code(programs[1].run_into(&mut ws, &[0.0; 3], &mut [0.0; 2])), Some("workspace"));
}

#[test]
fn memory_is_predicted_before_it_is_taken() {
    let huge = [
        "graph @f(%x: f64) -> f64[1099511627776] { %0 = broadcast %x {axes=[]} : f64[1099511627776] return %0 }",
        "graph @f(%x: f64) -> f64[1099511627776] { %0 = const 1.0 : f64[1099511627776] return %0 }",
        "graph @g(%x: f64) -> f64[600000000] { %0 = broadcast %x {axes=[]} : f64[600000000] return %0 }
         graph @f(%x: f64) -> (f64[600000000], f64) {
           %0 = broadcast %x {axes=[]} : f64[600000000] %1 = exp %x : f64 %2 = call @g(%1) : f64[600000000]
           %3 = reduce_sum %2 {axes=[0]} : f64 return %0, %3 }",
    ];
    for source in huge {
        let f = parse(source);
        assert_eq!(code(Program::new(&f)), Some("memory"), "{source}");
        assert_eq!(code(evaluate(&f, &[1.0.into()])), Some("memory"), "{source}");
    }
}

#[test]
fn the_limit_is_the_callers_and_exact() {
    let f = parse(ADD);
    let bytes = Program::new(&f).expect("a small function").peak_bytes();
    let within = |max_bytes| Settings { max_bytes, ..Settings::default() };
    assert!(Program::with(&f, within(bytes)).is_ok());
    assert_eq!(code(Program::with(&f, within(bytes - 1))), Some("memory"));
    let args = [1.0.into(), counted(&[2]).into()];
    assert!(evaluate_within(&f, &args, 100).is_ok());
    assert_eq!(code(evaluate_within(&f, &args, 40)), Some("memory"));
}

#[test]
fn calls_without_end_are_refused() {
    let mut source = "graph @f0(%x: f64) -> f64 { %0 = exp %x : f64 return %0 }\n".to_string();
    for i in 1..100 {
        let below = i - 1;
        source += &format!(
            "graph @f{i}(%x: f64) -> f64 {{ %0 = call @f{below}(%x) : f64 %1 = call @f{below}(%0) : f64 return %1 }}\n"
        );
    }
    let f = parse(&source);
    assert_eq!(code(Program::new(&f)), Some("calls"));
    assert_eq!(code(evaluate(&f, &[Value::from(1.0)])), Some("calls"));
    assert_eq!(f.result_type(), Type::f64());
}
