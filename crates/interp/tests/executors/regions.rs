//! Regions, which are done by tiles, and plans as text.

use graph_core::{Buffer, Shape};
use interp::{Program, Tensor, Value, evaluate};

use crate::{parse, run};

/// Elementwise steps, repetitions, columns, row sums and a bias that all rows share.
const ROWS: &str = "graph @rows(%x: f64[3000,20], %bias: f64[20]) -> f64[3000] {
  %0 = broadcast %bias {axes=[1]} : f64[3000,20]
  %1 = add %x, %0
  %2 = tanh %1
  %3 = reduce_sum %2 {axes=[1]}
  %4 = broadcast %3 {axes=[0]} : f64[3000,20]
  %5 = div %2, %4
  %6 = slice %5 {start=[0,3], limit=[3000,4], stride=[1,1]}
  %7 = reshape %6 : f64[3000]
  %8 = sub %7, %3
  return %8
}";

#[test]
fn tiles_of_usual_size_give_the_bits_of_the_reference() {
    let numbers = |n: usize| (0..n).map(|i| (0.37 * i as f64).sin()).collect::<Vec<f64>>();
    let x = Tensor::f64(&[3000, 20], numbers(60_000)).expect("as many as the shape has");
    let bias = Tensor::f64(&[20], numbers(20)).expect("as many as the shape has");
    let f = parse(ROWS);
    assert!(Program::new(&f).expect("a small function").listing().contains(" tiles, "));
    run(&f, &[x.into(), bias.into()]);
}

#[test]
fn a_plan_says_what_it_does() {
    let expected = "\
1 dispatches; 551 kB of memory, 0 B of them constants
@rows
  region of 32 tiles, 96 rows each; 46 kB inside:
    broadcast f64[3000,20]                   move     160 B in, 480 kB out
    add f64[3000,20]                         vectors  960 kB in, 480 kB out, 60000 operations
    tanh f64[3000,20]                        vectors  480 kB in, 480 kB out, 60000 operations
    reduce_sum f64[3000]                     fold     480 kB in, 24 kB out, 60000 operations
    broadcast f64[3000,20]                   move     24 kB in, 480 kB out
    div f64[3000,20]                         vectors  960 kB in, 480 kB out, 60000 operations
    slice f64[3000,1]                        move     480 kB in, 24 kB out
    sub f64[3000]                            vectors  48 kB in, 24 kB out, 3000 operations
";
    let listing = Program::new(&parse(ROWS)).expect("a small function").listing();
    assert_eq!(listing, expected);
    let product = "graph @product(%x: f64[32,32], %s: f64) -> f64[32,32] {
      %0 = dot %x, %x {lhs=[1], rhs=[0]} %1 = exp %s %2 = square %1 %3 = cos %2
      %4 = broadcast %3 {axes=[]} : f64[32,32] %5 = mul %0, %4 return %5 }";
    let listing = Program::new(&parse(product)).expect("a small function").listing();
    let expected = "\
3 dispatches; 16 kB of memory, 0 B of them constants
@product
  dot f64[32,32]                           blocks   16 kB in, 8192 B out, 65536 operations
  list of 3 single operations:
    exp f64                                  cells    8 B in, 8 B out, 1 operations
    square f64                               cells    8 B in, 8 B out, 1 operations
    cos f64                                  cells    8 B in, 8 B out, 1 operations
  region of 1 tiles, 1024 rows each; 8192 B inside:
    broadcast f64[32,32]                     move     8 B in, 8192 B out
    mul f64[32,32]                           vectors  16 kB in, 8192 B out, 1024 operations
";
    assert_eq!(listing, expected);
}

/// A mask and a table that depend on no parameter; one of them is a result, the other is read in every run.
#[test]
fn what_depends_on_no_parameter_is_computed_once() {
    let f = parse(
        "graph @masked(%x: f64[4,4]) -> (f64[4,4], f64[4], f64) {
          %0 = iota {axis=0} : i64[4,4]
          %1 = iota {axis=1} : i64[4,4]
          %2 = ge %0, %1
          %3 = const 0.0 : f64[4,4]
          %4 = select %2, %x, %3
          %5 = iota {axis=0} : f64[4]
          %6 = exp %5
          %7 = broadcast %6 {axes=[1]} : f64[4,4]
          %8 = mul %4, %7
          %9 = reduce_sum %6 {axes=[0]}
          return %8, %6, %9
        }",
    );
    let listing = Program::new(&f).expect("a small function").listing();
    let (before, runs) = listing.split_once("  in every run:\n").expect("both parts");
    assert!(["ge ", "exp ", "broadcast ", "reduce_sum "].iter().all(|op| before.contains(op)), "{listing}");
    assert!(["select ", "mul "].iter().all(|op| runs.contains(op)) && runs.lines().count() == 2, "{listing}");
    let x = Tensor::f64(&[4, 4], (1..=16).map(f64::from).collect()).expect("as many as the shape has");
    let results = run(&f, &[x.into()]);
    let numbers = results[0].as_tensor().expect("a tensor").to_f64();
    assert_eq!((numbers[0], numbers[1], numbers[4], numbers[5]), (1.0, 0.0, 5.0, 6.0 * 1f64.exp()));
}

/// Chains and pairs of additions, subtractions and multiplications, of single numbers and of tensors; a value that is used
/// twice, or is a result, stays.
#[test]
fn arithmetic_that_is_done_at_once_keeps_every_bit() {
    const OPS: [&str; 3] = ["add", "sub", "mul"];
    for ty in ["f64", "f64[77]"] {
        let n = if ty == "f64" { 1 } else { 77 };
        let args: Vec<_> = (0..4)
            .map(|k| {
                let x = (0..n).map(|i| (1.3 * k as f64 + 0.37 * i as f64).sin() * 1e8f64.powi(k - 2)).collect();
                Tensor::f64(if n == 1 { &[] } else { &[77] }, x).expect("as many as the shape has").into()
            })
            .collect();
        for (left, right, outer) in (0..27).map(|i| (OPS[i / 9], OPS[i / 3 % 3], OPS[i % 3])) {
            let f = parse(&format!(
                "graph @f(%a: {ty}, %b: {ty}, %c: {ty}, %d: {ty}) -> ({ty}, {ty}, {ty}, {ty}, {ty}) {{
                  %0 = {left} %a, %b
                  %1 = {outer} %0, %c
                  %2 = {left} %b, %c
                  %3 = {outer} %d, %2
                  %4 = {left} %a, %c
                  %5 = {right} %b, %d
                  %6 = {outer} %4, %5
                  %7 = square %c
                  %8 = {outer} %7, %d
                  %9 = {left} %c, %d
                  %10 = {outer} %9, %9
                  %11 = {right} %9, %10
                  return %1, %3, %6, %8, %11
                }}"
            ));
            let listing = Program::new(&f).expect("a small function").listing();
            let members = listing.lines().filter(|line| line.starts_with("    ")).count();
            let is_six = if n == 1 { listing.contains("list of 6 single operations") } else { members == 6 };
            assert!(is_six, "{listing}");
            run(&f, &args);
        }
    }
}

/// A region goes around what fails, in the order of the program; a number made with a later one is waited for.
#[test]
fn regions_keep_what_depends_on_them_behind() {
    let f = parse(
        "graph @f(%x: f64[64], %i: i64[1,1], %j: i64[1,1]) -> (f64[64], f64, f64[1], f64[1]) {
          %0 = square %x
          %1 = reduce_sum %0 {axes=[0]}
          %2 = add %1, %1
          %3 = mul %1, %2
          %4 = gather %0, %i {offset=[], collapsed=[0], start_map=[0], index_axis=1, sizes=[1]} : f64[1]
          %5 = exp %x
          %6 = gather %x, %j {offset=[], collapsed=[0], start_map=[0], index_axis=1, sizes=[1]} : f64[1]
          %7 = mul %0, %5
          %8 = add %3, %2
          return %7, %8, %4, %6
        }",
    );
    let x = Tensor::f64(&[64], (0..64).map(|i| f64::from(i).cos()).collect()).expect("as many as the shape has");
    let args = |i: i64, j: i64| -> Vec<Value> {
        let index = |at: i64| Tensor::new(Shape::new(&[1, 1]), Buffer::I64(vec![at])).expect("one");
        vec![x.clone().into(), index(i).into(), index(j).into()]
    };
    run(&f, &args(3, 5));
    let program = Program::new(&f).expect("a small function");
    let fault = program.run(&mut program.workspace(), &args(99, -7)).expect_err("both are out of range").to_string();
    let reference = evaluate(&f, &args(99, -7)).expect_err("both are out of range").to_string();
    assert!(fault == reference && fault.contains("99"), "the fault of the first gather: {fault}");
}
