//! Regions, which are done by tiles, and plans as text.

use interp::{Program, Tensor};

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
