//! Values computed by hand or by independent formulas.

use graph_core::{Buffer, Shape};
use interp::{Tensor, Value};

use crate::{counted, numbers, parse, run};

#[test]
fn permute_moves_axes() {
    let source = "graph @f(%x: f64[2,3,5]) -> f64[5,2,3] { %0 = permute %x {axes=[2,0,1]} : f64[5,2,3] return %0 }";
    let found = numbers(source, &[counted(&[2, 3, 5])]);
    let mut expected = Vec::new();
    for k in 0..5 {
        for i in 0..2 {
            for j in 0..3 {
                expected.push((1 + i * 15 + j * 5 + k) as f64);
            }
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn broadcast_repeats_along_new_axes() {
    let source = "graph @f(%x: f64[2]) -> f64[3,2,2] { %0 = broadcast %x {axes=[1]} : f64[3,2,2] return %0 }";
    assert_eq!(numbers(source, &[counted(&[2])]), [1., 1., 2., 2., 1., 1., 2., 2., 1., 1., 2., 2.]);
}

#[test]
fn slice_takes_every_second_row() {
    let source = "graph @f(%x: f64[5,3]) -> f64[2,2] {
        %0 = slice %x {start=[1,1], limit=[5,3], stride=[2,1]} : f64[2,2] return %0 }";
    assert_eq!(numbers(source, &[counted(&[5, 3])]), [5., 6., 11., 12.]);
}

#[test]
fn pad_fills_around_and_between() {
    let source = "graph @f(%x: f64[2,3], %v: f64) -> f64[4,6] {
        %0 = pad %x, %v {low=[1,0], high=[0,1], interior=[1,1]} : f64[4,6] return %0 }";
    let expected =
        [[9., 9., 9., 9., 9., 9.], [1., 9., 2., 9., 3., 9.], [9., 9., 9., 9., 9., 9.], [4., 9., 5., 9., 6., 9.]];
    assert_eq!(numbers(source, &[counted(&[2, 3]), Tensor::scalar(9.0)]), expected.concat());
}

#[test]
fn concat_and_reverse_order_elements() {
    let source = "graph @f(%x: f64[2,2], %y: f64[2,1]) -> f64[2,3] {
        %0 = concat %x, %y {axis=1} : f64[2,3] %1 = reverse %0 {axes=[1]} : f64[2,3] return %1 }";
    assert_eq!(numbers(source, &[counted(&[2, 2]), counted(&[2, 1])]), [1., 2., 1., 2., 4., 3.]);
}

#[test]
fn reductions_agree_with_loops() {
    let source =
        |op: &str| format!("graph @f(%x: f64[2,3,5]) -> f64[3] {{ %0 = {op} %x {{axes=[0,2]}} : f64[3] return %0 }}");
    let x = [counted(&[2, 3, 5])];
    let group = |j: usize| (0..2).flat_map(move |i| (0..5).map(move |k| (1 + i * 15 + j * 5 + k) as f64));
    let expect = |f: fn(f64, f64) -> f64| (0..3).map(|j| group(j).reduce(f).expect("ten elements")).collect::<Vec<_>>();
    assert_eq!(numbers(&source("reduce_sum"), &x), expect(|x, y| x + y));
    assert_eq!(numbers(&source("reduce_prod"), &x), expect(|x, y| x * y));
    assert_eq!(numbers(&source("reduce_max"), &x), expect(f64::max));
    assert_eq!(numbers(&source("reduce_min"), &x), expect(f64::min));
}

#[test]
fn reductions_of_nothing_are_neutral() {
    let source =
        |op: &str| format!("graph @f(%x: f64[2,0]) -> f64[2] {{ %0 = {op} %x {{axes=[1]}} : f64[2] return %0 }}");
    assert_eq!(numbers(&source("reduce_sum"), &[counted(&[2, 0])]).map_bits(), [0.0, 0.0].map_bits());
    assert_eq!(numbers(&source("reduce_prod"), &[counted(&[2, 0])]), [1.0, 1.0]);
}

#[test]
fn a_sum_of_one_negative_zero_keeps_its_sign() {
    let source = "graph @f(%x: f64[1]) -> f64 { %0 = reduce_sum %x {axes=[0]} : f64 return %0 }";
    let x = Tensor::f64(&[1], vec![-0.0]).expect("one element");
    assert_eq!(numbers(source, &[x]).map_bits(), [-0.0].map_bits());
}

#[test]
fn sums_run_in_row_major_order() {
    let source = "graph @f(%x: f64[4]) -> f64 { %0 = reduce_sum %x {axes=[0]} : f64 return %0 }";
    let x = Tensor::f64(&[4], vec![1e16, 1.0, -1e16, 1.0]).expect("four elements");
    assert_eq!(numbers(source, &[x]), [1.0]);
}

#[test]
fn max_and_min_propagate_nan() {
    for op in ["reduce_max", "reduce_min"] {
        let source = format!("graph @f(%x: f64[3]) -> f64 {{ %0 = {op} %x {{axes=[0]}} : f64 return %0 }}");
        for at in 0..3 {
            let mut elements = vec![1.0, 2.0, 3.0];
            elements[at] = f64::NAN;
            assert!(numbers(&source, &[Tensor::f64(&[3], elements).expect("three elements")])[0].is_nan());
        }
    }
}

#[test]
fn dot_agrees_with_loops_over_batch_free_and_two_contracted_axes() {
    let source = "graph @f(%x: f64[2,3,5,4], %y: f64[5,2,3,7]) -> f64[2,4,7] {
        %0 = dot %x, %y {lhs=[1,2], rhs=[2,0], lhs_batch=[0], rhs_batch=[1]} : f64[2,4,7] return %0 }";
    let (x, y) = (counted(&[2, 3, 5, 4]), counted(&[5, 2, 3, 7]));
    let found = numbers(source, &[x.clone(), y.clone()]);
    let mut expected = Vec::new();
    for (b, i, j) in (0..2usize).flat_map(|b| (0..4usize).flat_map(move |i| (0..7).map(move |j| (b, i, j)))) {
        let terms = (0..3usize).flat_map(|k| (0..5).map(move |l| (k, l)));
        let product =
            |(k, l): (usize, usize)| x.get(((b * 3 + k) * 5 + l) * 4 + i) * y.get(((l * 2 + b) * 3 + k) * 7 + j);
        expected.push(terms.map(product).sum::<f64>());
    }
    assert_eq!(found, expected);
}

#[test]
fn single_precision_rounds_after_every_op() {
    let source = "graph @f(%x: f32, %y: f32) -> f32 { %0 = add %x, %y : f32 %1 = add %0, %y : f32 return %1 }";
    let [x, y] = [16_777_216.0, 1.0].map(|x| Tensor { shape: Shape::scalar(), data: Buffer::F32(vec![x]) });
    assert_eq!(numbers(source, &[x, y]), [16_777_216.0], "a single rounding would give 16777218");
}

#[test]
fn integers_wrap_and_compare_exactly() {
    let f = parse(
        "graph @f(%x: i64[2], %y: i64[2]) -> (i64[2], bool[2]) {
           %0 = add %x, %y : i64[2] %1 = lt %x, %y : bool[2] return %0, %1 }",
    );
    let tensor =
        |elements: [i64; 2]| Value::from(Tensor { shape: Shape::new(&[2]), data: Buffer::I64(elements.into()) });
    let results = run(&f, &[tensor([i64::MAX, (1 << 53) + 1]), tensor([1, (1 << 53) + 2])]);
    let Some(Buffer::I64(sums)) = results[0].as_tensor().map(|t| &t.data) else { panic!("{results:?}") };
    let Some(Buffer::Bool(less)) = results[1].as_tensor().map(|t| &t.data) else { panic!("{results:?}") };
    assert_eq!((&sums[..], &less[..]), (&[i64::MIN, (1 << 54) + 3][..], &[false, true][..]));
}

#[test]
fn functions_without_parameters_or_results_run() {
    assert!(run(&parse("graph @f(%x: f64[2]) -> () { return }"), &[counted(&[2]).into()]).is_empty());
    assert_eq!(numbers("graph @f() -> f64 { %0 = const 2.5 : f64 return %0 }", &[]), [2.5]);
    assert!(run(&parse("graph @f() -> () { return }"), &[]).is_empty());
}

trait Bits {
    fn map_bits(&self) -> Vec<u64>;
}
impl<T: AsRef<[f64]>> Bits for T {
    fn map_bits(&self) -> Vec<u64> {
        self.as_ref().iter().map(|x| x.to_bits()).collect()
    }
}
