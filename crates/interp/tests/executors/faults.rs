//! A node that fails when it runs ends nothing: all results are there, and the first fault is told beside them.

use interp::{Error, Outcome, Program, Value, attempt, evaluate};

use crate::index::integers;
use crate::{counted, parse};

/// Two lookups, the later one in a callee; results that depend on the first, the second, and on neither.
const LOOKUPS: &str = "
graph @second(%x: f64[5], %i: i64[2]) -> f64[2] {
  %0 = exp %x : f64[5]
  %1 = gather %0, %i {offset=[], collapsed=[0], start_map=[0], index_axis=1, sizes=[1]} : f64[2]
  return %1
}
graph @f(%x: f64[5], %i: i64[3], %j: i64[2]) -> (f64[3], f64[2], f64, f64[5]) {
  %0 = gather %x, %i {offset=[], collapsed=[0], start_map=[0], index_axis=1, sizes=[1]} : f64[3]
  %1 = call @second(%x, %j) : f64[2]
  %2 = reduce_sum %x {axes=[0]} : f64
  %3 = scatter_mul %x, %i, %0 {offset=[], collapsed=[0], start_map=[0], index_axis=1, sizes=[1]} : f64[5]
  return %0, %1, %2, %3
}";

fn args(i: &[i64; 3], j: &[i64; 2]) -> [Value; 3] {
    [counted(&[5]).into(), integers(&[3], i), integers(&[2], j)]
}

/// The outcome of the reference, after checking that it is that of the planned executor.
fn outcome(source: &str, args: &[Value]) -> Outcome {
    let f = parse(source);
    let expected = attempt(&f, args).expect("arguments that fit");
    let program = Program::new(&f).expect("a small function");
    let found = program.attempt(&mut program.workspace(), args).expect("arguments that fit");
    assert_eq!(expected.fault, found.fault);
    assert!(expected.values.iter().zip(&found.values).all(|(x, y)| x.same_bits(y)), "{expected:?}, {found:?}");
    expected
}

fn numbers(values: &[Value]) -> Vec<Vec<f64>> {
    values.iter().map(|value| value.as_tensor().expect("a tensor").to_f64()).collect()
}

#[test]
fn results_that_do_not_depend_on_a_fault_are_what_they_are_without_it() {
    let whole = numbers(&outcome(LOOKUPS, &args(&[4, 0, 0], &[1, 2])).values);
    let fault_in_callee = outcome(LOOKUPS, &args(&[4, 0, 0], &[1, 5]));
    let values = numbers(&fault_in_callee.values);
    assert_eq!([&values[0], &values[2], &values[3]], [&whole[0], &whole[2], &whole[3]]);
    assert_eq!(values[1], [whole[1][0], 0.0], "the window that is out of range reads as zero");
}

#[test]
fn what_a_window_out_of_range_should_write_is_dropped() {
    let outcome = outcome(LOOKUPS, &args(&[4, -1, 0], &[1, 2]));
    assert_eq!(numbers(&outcome.values)[0], [5.0, 0.0, 1.0]);
    assert_eq!(numbers(&outcome.values)[3], [1.0, 2.0, 3.0, 4.0, 25.0]);
}

#[test]
fn the_first_fault_of_several_is_told() {
    let message = |i, j| outcome(LOOKUPS, &args(i, j)).fault.map(|e| e.to_string().split(';').next().map(String::from));
    let told = |what: &str| Some(Some(format!("index out of range at {what}")));
    assert_eq!(
        message(&[4, 9, 8], &[7, 1]),
        told("`%0 = gather` of @f: index 9 is out of range along axis 0 of 5 element(s)")
    );
    assert_eq!(
        message(&[4, 1, 0], &[1, -7]),
        told("`%1 = gather` of @second: index -7 is out of range along axis 0 of 5 element(s)")
    );
    assert_eq!(message(&[4, 1, 0], &[1, 2]), None);
}

#[test]
fn without_an_outcome_the_fault_is_the_answer() {
    let f = parse(LOOKUPS);
    let program = Program::new(&f).expect("a small function");
    let bad = args(&[4, 1, 0], &[5, 0]);
    let told = [evaluate(&f, &bad), program.run(&mut program.workspace(), &bad)];
    assert_eq!(told.map(|result| result.map_err(|e| e.code()).err()), [Some("index"); 2]);
}

#[test]
fn a_run_into_a_buffer_writes_all_results_beside_the_fault() {
    let program = Program::new(&parse(LOOKUPS)).expect("a small function");
    let inputs = [1.0, 2.0, 3.0, 4.0, 5.0, 4.0, 0.0, 5.0, 1.0, 2.0];
    let mut results = [f64::NAN; 11];
    let told = program.run_into(&mut program.workspace(), &inputs, &mut results);
    assert!(matches!(&told, Err(Error::Index { function, node, .. }) if function == "f" && node == "%0 = gather"));
    assert_eq!(results, [5.0, 1.0, 0.0, 2f64.exp(), 3f64.exp(), 15.0, 1.0, 2.0, 3.0, 4.0, 25.0]);
}

#[test]
fn a_buffer_that_does_not_fit_stays_as_it_is() {
    let program = Program::new(&parse(LOOKUPS)).expect("a small function");
    let mut results = [7.0; 11];
    let told = program.run_into(&mut program.workspace(), &[0.0; 9], &mut results);
    assert_eq!((told.map_err(|e| e.code()), results), (Err("cells"), [7.0; 11]));
}
