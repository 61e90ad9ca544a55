//! A run allocates nothing. The counting allocator counts a whole binary, which is why this test has one of its own.

use graph_core::text;
use interp::Program;

/// Every kind of instruction: runs on scalars and stretches, fill, movement, reduction, running sum, sort, contraction,
/// windows, lookups, call.
const TEXT: &str = "
graph @inner(%a: f64[3], %c: f64) -> f64[3] {
  %0 = exp %a : f64[3]
  %1 = broadcast %c {axes=[]} : f64[3]
  %2 = mul %0, %1 : f64[3]
  return %2
}
graph @outer(%x: f64[2,3], %c: f64, %n: i64) -> (f64[3], f64[5], i64, f64[2,3], i64[2,3], f64[2,2,1], f64[2,1,1], f64[3]) {
  %0 = permute %x {axes=[1,0]} : f64[3,2]
  %1 = dot %0, %x {lhs=[1], rhs=[0]} : f64[3,3]
  %2 = reduce_sum %1 {axes=[0]} : f64[3]
  %3 = sin %c : f64
  %4 = const 2.0 : f64
  %5 = mul %3, %4 : f64
  %6 = call @inner(%2, %5) : f64[3]
  %7 = pad %6, %5 {low=[1], high=[1], interior=[0]} : f64[5]
  %8 = add %n, %n : i64
  %9 = sort %x {axis=0, descending=true} : (f64[2,3], i64[2,3])
  %10 = get %9 {index=0} : f64[2,3]
  %11 = cumsum %10 {axis=1} : f64[2,3]
  %12 = get %9 {index=1} : i64[2,3]
  %13 = reshape %11 : f64[2,1,3]
  %14 = conv %13, %13 : f64[2,2,1]
  %15 = reduce_window_max %14 {window=[1,2,1]} : f64[2,1,1]
  %16 = gather %x, %n {offset=[0], collapsed=[0], start_map=[0], index_axis=0, sizes=[1,3], out=clamp} : f64[3]
  %17 = scatter_mul %16, %n, %c {offset=[], collapsed=[0], start_map=[0], index_axis=0, sizes=[1], out=clamp} : f64[3]
  return %6, %7, %8, %11, %12, %14, %15, %17
}
";

#[test]
fn a_run_allocates_nothing() {
    let f = text::parse(TEXT).expect("the text is a graph");
    let program = Program::new(&f).expect("a small program");
    let mut ws = program.workspace();
    let inputs = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.5, 21.0];
    let mut outputs = [0.0; 30];
    let counted = allocation_counter::measure(|| {
        for _ in 0..3 {
            program.run_into(&mut ws, &inputs, &mut outputs).expect("as many numbers as cells");
        }
    });
    assert_eq!(counted.count_total, 0);
    assert_eq!(outputs[8], 42.0);
    assert_eq!(outputs[21..], [322.0, 121.0, 121.0, 46.0, 322.0, 121.0, 4.0, 5.0, 3.0]);
    assert_eq!(outputs[9..21], [4.0, 9.0, 15.0, 1.0, 3.0, 6.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
    let sums =
        [17.0 + 22.0 + 27.0, 22.0 + 29.0 + 36.0, 27.0 + 36.0 + 45.0].map(|s: f64| s.exp() * (0.5f64.sin() * 2.0));
    assert_eq!(outputs[..3], sums);
    let allocating = allocation_counter::measure(|| drop(program.workspace()));
    assert!(allocating.count_total > 0, "the counter counts");
}
