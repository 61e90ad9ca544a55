//! Integers keep all their bits, where reals of 64 bits would not.

use graph_core::{Buffer, Shape};
use interp::{Tensor, Value};

use crate::{parse, run};

/// 2^53, beyond which not every integer is a real of 64 bits.
const EDGE: i64 = 1 << 53;

fn integers(elements: &[i64]) -> Value {
    let data = Buffer::I64(elements.to_vec());
    Value::Tensor(Tensor::new(Shape::new(&[elements.len()]), data).expect("as many as the shape has"))
}

/// The elements of all results, in both executors, on integers of one length.
fn check(results: &str, body: &str, args: &[&[i64]], expect: &[&[i64]]) {
    let length = args[0].len();
    let params: Vec<_> = (0..args.len()).map(|i| format!("%{}: i64[{length}]", ["n", "m"][i])).collect();
    let f = parse(&format!("graph @f({}) -> {results} {{ {body} }}", params.join(", ")));
    let found = run(&f, &args.iter().map(|elements| integers(elements)).collect::<Vec<_>>());
    let found: Vec<Vec<i64>> = found
        .iter()
        .map(|value| value.as_tensor().expect("a tensor").elements().map(|x| x.as_i64()).collect())
        .collect();
    assert_eq!(found, expect, "{body}");
}

#[test]
fn comparisons_tell_integers_apart_that_round_to_the_same_real() {
    let (n, m) = ([EDGE, EDGE + 1, i64::MAX, i64::MIN], [EDGE + 1, EDGE + 1, i64::MAX - 1, i64::MIN + 1]);
    let body = "%0 = eq %n, %m : bool[4] %1 = lt %n, %m : bool[4] %2 = ge %n, %m : bool[4] return %0, %1, %2";
    check("(bool[4], bool[4], bool[4])", body, &[&n, &m], &[&[0, 1, 0, 0], &[1, 0, 0, 1], &[0, 1, 1, 0]]);
}

#[test]
fn truth_values_compare_as_false_below_true() {
    let body = "%0 = cast %n : bool[4] %1 = cast %m : bool[4] %2 = lt %0, %1 : bool[4] %3 = eq %0, %1 : bool[4]
                return %2, %3";
    check("(bool[4], bool[4])", body, &[&[0, 0, 7, 7], &[0, -1, 0, -1]], &[&[0, 1, 0, 0], &[1, 0, 0, 1]]);
}

#[test]
fn reductions_of_integers_wrap() {
    let body = "%0 = reduce_sum %n {axes=[0]} : i64 %1 = reduce_prod %n {axes=[0]} : i64
                %2 = reduce_max %n {axes=[0]} : i64 %3 = reduce_min %n {axes=[0]} : i64 return %0, %1, %2, %3";
    let results = "(i64, i64, i64, i64)";
    check(results, body, &[&[i64::MAX, 2, EDGE + 1]], &[&[i64::MIN + EDGE + 2], &[-2 - 2 * EDGE], &[i64::MAX], &[2]]);
    check(results, body, &[&[i64::MIN, -1]], &[&[i64::MAX], &[i64::MIN], &[-1], &[i64::MIN]]);
}

#[test]
fn casts_to_reals_and_back_round_beyond_the_edge_and_saturate() {
    let body = "%0 = cast %n : f64[5] %1 = cast %0 : i64[5] return %1";
    let (n, back) =
        ([EDGE - 1, EDGE + 1, EDGE + 3, i64::MAX, i64::MIN], [EDGE - 1, EDGE, EDGE + 4, i64::MAX, i64::MIN]);
    check("i64[5]", body, &[&n], &[&back]);
    let body = "%0 = const [nan, inf, -inf, 1e300, -2.9] : f64[5] %1 = cast %0 : i64[5] return %1";
    check("i64[5]", body, &[&n], &[&[0, i64::MAX, i64::MIN, i64::MAX, -2]]);
}

#[test]
fn bitcasts_keep_the_payload_of_a_nan() {
    let payload = 0x7ff8_0000_dead_beef_i64;
    let signalling = 0x7ff0_0000_0000_0001_i64;
    let body = "%0 = bitcast %n : f64[4] %1 = bitcast %0 : i64[4] return %1";
    check("i64[4]", body, &[&[payload, signalling, -1, 1]], &[&[payload, signalling, -1, 1]]);
    let body = "%0 = const [nan(0x7ff80000deadbeef), -0.0, 1.0] : f64[3] %1 = bitcast %0 : i64[3] return %1";
    check("i64[3]", body, &[&[0, 0, 0]], &[&[payload, i64::MIN, 0x3ff0_0000_0000_0000]]);
}

#[test]
fn integer_ops_have_the_values_of_their_table_beyond_the_edge() {
    let body = "%0 = int_div %n, %m : i64[3] %1 = int_rem %n, %m : i64[3] %2 = mul_high %n, %m : i64[3]
                %3 = bit_xor %n, %m : i64[3] return %0, %1, %2, %3";
    check(
        "(i64[3], i64[3], i64[3], i64[3])",
        body,
        &[&[i64::MAX, i64::MIN, EDGE + 1], &[0, -1, -3]],
        &[
            &[0, i64::MIN, -3_002_399_751_580_331],
            &[i64::MAX, 0, 0],
            &[0, i64::MAX, EDGE],
            &[i64::MAX, i64::MAX, (EDGE + 1) ^ -3],
        ],
    );
}
