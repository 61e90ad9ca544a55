//! What type inference refuses, and why.

use graph_core::text::parse;

/// `node` over these parameters is refused with this message.
pub fn check(params: &str, node: &str, message: &str) {
    let source = format!("graph @f({params}) -> () {{\n  %0 = {node}\n  return\n}}");
    let error = parse(&source).expect_err(&source).to_string();
    assert_eq!(error.strip_prefix("line 2, column 8: "), Some(message), "{source}");
}

#[test]
fn elementwise_ops_need_alike_numbers() {
    let n = "%n: i64";
    check(n, "sin %n", "dtype mismatch in `sin %n: i64`: it needs real elements; `cast` to f64");
    check(
        "%c: bool",
        "neg %c",
        "dtype mismatch in `neg %c: bool`: it needs numbers, not bool; `cast` to f64, or use `select`",
    );
    check(
        "%x: f64, %y: f32",
        "add %x, %y",
        "dtype mismatch in `add %x: f64, %y: f32`: f64 and f32 do not mix; `cast` one of them",
    );
    check(
        "%x: f64[2], %y: f64[3]",
        "add %x, %y",
        "shape mismatch in `add %x: f64[2], %y: f64[3]`: shapes [2] and [3] differ; `broadcast` one of them",
    );
    check(
        "%p: (f64)",
        "sin %p",
        "shape mismatch in `sin %p: (f64)`: operand 0 is a structure; take the part you mean with `get`",
    );
    check(
        "%x: f64",
        "polygamma %x {n=-1}",
        "bad attribute in `polygamma %x: f64 {n=-1}`: n = -1 is negative; n counts from 0",
    );
}

#[test]
fn integer_ops_need_integers_and_bits_need_room() {
    let n = "%n: i64";
    check(
        "%x: f64",
        "popcount %x",
        "dtype mismatch in `popcount %x: f64`: it needs i64, not f64; `cast` to i64, or `bitcast` an f64",
    );
    check(
        "%c: bool",
        "bit_not %c",
        "dtype mismatch in `bit_not %c: bool`: it needs i64, not bool; use `and`, `or`, `xor`, `not`, or `cast` to i64",
    );
    check(
        "%n: i64[2], %m: i64[3]",
        "int_div %n, %m",
        "shape mismatch in `int_div %n: i64[2], %m: i64[3]`: shapes [2] and [3] differ; `broadcast` one of them",
    );
    check(n, "bit_and %n", "`bit_and %n: i64` takes 2 operands, got 1");
    check(n, "is_nan %n", "dtype mismatch in `is_nan %n: i64`: it needs real elements; `cast` to f64");
    let why = "f32 to i64 is not between f64 and i64, which alone have 64 bits; `cast` converts";
    check("%x: f32", "bitcast %x : i64", &format!("dtype mismatch in `bitcast %x: f32`: {why}"));
}

#[test]
fn conditions_are_bool_of_the_branches_shape() {
    check("%x: f64", "not %x", "dtype mismatch in `not %x: f64`: it needs bool, not f64; compare first");
    check(
        "%x: f64",
        "select %x, %x, %x",
        "dtype mismatch in `select %x: f64, %x: f64, %x: f64`: the condition is f64, not bool; compare first",
    );
    check(
        "%c: bool, %x: f64[2]",
        "select %c, %x, %x",
        "shape mismatch in `select %c: bool, %x: f64[2], %x: f64[2]`: condition [] and branches [2] differ; `broadcast` first",
    );
}

#[test]
fn shapes_fit_their_attributes() {
    let x = "%x: f64[2,3]";
    let refused = |text: &str, kind: &str, op: &str, why: &str| {
        let attributes = text.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
        let attributes = attributes.map(|(written, _)| format!(" {{{written}}}")).unwrap_or_default();
        check(x, text, &format!("{kind} in `{op} %x: f64[2,3]{attributes}`: {why}"));
    };
    refused(
        "reshape %x : f64[5]",
        "shape mismatch",
        "reshape",
        "6 elements cannot become 5 of shape [5]; `slice`, `pad` or `broadcast` changes their number",
    );
    refused("permute %x {axes=[0]}", "bad attribute", "permute", "1 axes for a tensor of rank 2; name each once");
    refused("permute %x {axes=[0,0]}", "bad attribute", "permute", "axis 0 occurs twice; name it once");
    refused(
        "reverse %x {axes=[2]}",
        "bad attribute",
        "reverse",
        "axis 2 is out of range: a tensor of rank 2 has axes 0 to 1",
    );
    refused(
        "broadcast %x {axes=[1,0]} : f64[3,2]",
        "bad attribute",
        "broadcast",
        "axes must increase; `permute` first",
    );
    refused(
        "broadcast %x {axes=[0,1]} : f64[2,4]",
        "shape mismatch",
        "broadcast",
        "axis 1 has 3 elements and cannot become 4; an extent of 1 is dropped by `reshape` first",
    );
    refused(
        "slice %x {start=[0,0], limit=[2,4], stride=[1,1]}",
        "bad attribute",
        "slice",
        "axis 1 of 3 element(s): start 0, limit 4, stride 1; they need start ≤ limit ≤ 3 and a stride from 1 on",
    );
    refused(
        "slice %x {start=[0,0], limit=[2,3], stride=[1,0]}",
        "bad attribute",
        "slice",
        "axis 1 of 3 element(s): start 0, limit 3, stride 0; they need start ≤ limit ≤ 3 and a stride from 1 on",
    );
    refused(
        "get %x {index=0}",
        "bad attribute",
        "get",
        "the operand is a tensor and has no parts; `slice` takes elements",
    );
}

#[test]
fn joins_and_contractions_fit_their_operands() {
    let params = "%x: f64[2,3], %y: f64[4,5], %s: f64[1]";
    let xy = "%x: f64[2,3], %y: f64[4,5]";
    check(params, "concat {axis=0}", "`concat` takes at least 1 operand, got 0");
    check(
        params,
        "concat %x, %y {axis=0}",
        &format!(
            "shape mismatch in `concat {xy} {{axis=0}}`: operands [2,3] and [4,5] may differ along axis 0 only; `reshape`, `slice` or `pad` one of them"
        ),
    );
    check(
        params,
        "dot %x, %y {lhs=[1], rhs=[0]}",
        &format!(
            "shape mismatch in `dot {xy} {{lhs=[1], rhs=[0]}}`: contracted axes 1 of [2,3] and 0 of [4,5] have 3 and 4 elements; choose axes of one extent, or `permute` first"
        ),
    );
    check(
        params,
        "dot %x, %y {lhs=[1], rhs=[]}",
        &format!(
            "bad attribute in `dot {xy} {{lhs=[1], rhs=[]}}`: 1 contracted axes on the left, 0 on the right; they go in pairs"
        ),
    );
    check(
        params,
        "pad %x, %s {low=[0,0], high=[0,0], interior=[0,0]}",
        "shape mismatch in `pad %x: f64[2,3], %s: f64[1] {low=[0,0], high=[0,0], interior=[0,0]}`: the fill is f64[1], not a scalar; `reshape` one element of it",
    );
}

#[test]
fn reductions_have_a_value() {
    check(
        "%x: f64[0,3]",
        "reduce_max %x {axes=[0]}",
        "shape mismatch in `reduce_max %x: f64[0,3] {axes=[0]}`: reduce_max of no elements has no value; `concat` one that stands for none",
    );
    check(
        "%x: f64[2]",
        "reduce_any %x {axes=[0]}",
        "dtype mismatch in `reduce_any %x: f64[2] {axes=[0]}`: it needs bool, not f64; compare first",
    );
    check(
        "%c: bool[2]",
        "reduce_sum %c {axes=[0]}",
        "dtype mismatch in `reduce_sum %c: bool[2] {axes=[0]}`: it needs numbers, not bool; `cast` to count",
    );
}

#[test]
fn structures_and_calls_fit() {
    check(
        "%p: (f64, f64)",
        "get %p {index=2}",
        "bad attribute in `get %p: (f64, f64) {index=2}`: part 2 does not exist; there are 2, counted from 0",
    );
    check("%x: f64", "record %x {fields=[a, b]}", "`record %x: f64 {fields=[a, b]}` takes 2 operands, got 1");
    check(
        "%x: f64",
        "record %x, %x {fields=[a, a]}",
        "name `a` occurs twice in a record; rename one of the fields, in `record %x: f64, %x: f64 {fields=[a, a]}`",
    );
    let callee = "graph @g(%v: f64[2]) -> f64[2] {\n  return %v\n}\n";
    let source = format!("{callee}graph @f(%x: f64) -> () {{\n  %0 = call @g(%x)\n  return\n}}");
    let message = "line 5, column 8: shape mismatch in `call @g(%x: f64)`: @g expects f64[2] for its parameter 0 (`v`), got f64; convert the argument, or make a function for its type";
    assert_eq!(parse(&source).expect_err("it does not fit").to_string(), message);
}

#[test]
fn calls_nest_to_a_limit() {
    let mut text = String::from("graph @f0(%x: f64) -> f64 {\n  return %x\n}\n");
    for i in 1..=graph_core::MAX_CALL_DEPTH + 1 {
        text += &format!("graph @f{i}(%x: f64) -> f64 {{\n  %0 = call @f{}(%x)\n  return %0\n}}\n", i - 1);
    }
    let error = parse(&text).expect_err("one too deep").to_string();
    assert!(error.ends_with("nesting of calls: more than the limit of 128"), "{error}");
}

#[test]
fn running_combinations_and_sorts_need_an_axis_and_fitting_operands() {
    check(
        "%x: f64",
        "cumsum %x {axis=0}",
        "bad attribute in `cumsum %x: f64 {axis=0}`: axis 0 is out of range: a scalar has no axes; `reshape` it first",
    );
    check(
        "%c: bool[2]",
        "cummax %c {axis=0}",
        "dtype mismatch in `cummax %c: bool[2] {axis=0}`: it needs numbers, not bool; `cast` to f64, or use `select`",
    );
    check(
        "%n: i64[2]",
        "cumlogsumexp %n {axis=0}",
        "dtype mismatch in `cumlogsumexp %n: i64[2] {axis=0}`: it needs real elements; `cast` to f64",
    );
    check("%x: f64[2]", "cumsum %x {axis=0, reverse=1}", "`reverse` is true or false");
    check(
        "%x: f64[2]",
        "sort %x {axis=1}",
        "bad attribute in `sort %x: f64[2] {axis=1}`: axis 1 is out of range: a vector has axis 0 alone",
    );
    check(
        "%x: f64[2], %y: f64[3]",
        "sort %x, %y {axis=0}",
        "shape mismatch in `sort %x: f64[2], %y: f64[3] {axis=0}`: the key is [2], operand 1 is [3]; `broadcast` first",
    );
}

#[test]
fn convolutions_need_features_groups_and_slides_that_fit() {
    let params = "%x: f64[2,6,5], %k: f64[4,3,2]";
    // as printed: what has its default is left out
    let node = |attributes: &str| format!("conv %x: f64[2,6,5], %k: f64[4,3,2]{attributes}");
    let shape = |attributes: &str, why: &str| {
        let node = node(attributes);
        check(params, &format!("conv %x, %k{attributes}"), &format!("shape mismatch in `{node}`: {why}"));
    };
    shape("", "6 features in 1 group(s), and a kernel for 3 of a group");
    shape(" {feature_groups=3}", "6 features in 3 group(s), and a kernel for 3 of a group");
    let attribute = |attributes: &str, why: &str| {
        let node = node(if attributes.contains("[1,1]") { "" } else { attributes });
        check(params, &format!("conv %x, %k{attributes}"), &format!("bad attribute in `{node}`: {why}"));
    };
    attribute(" {feature_groups=0}", "0 feature groups and 1 batch groups; one of them must be 1, none 0");
    attribute(" {stride=[0], feature_groups=2}", "strides and dilations are at least 1");
    attribute(" {stride=[1,1]}", "strides, paddings and dilations need 1 entries each, not 2");
    check(
        params,
        "conv %x, %k {stride=[1], low=[1,2]}",
        "stride, low, high and dilations are lists of different lengths; each has one entry for each axis",
    );
    check(params, "conv %x, %k {stride=[-1]}", "strides and dilations are at least 1");
    check(
        "%x: f64[3,2,5], %k: f64[4,2,2]",
        "conv %x, %k {batch_groups=2}",
        "shape mismatch in `conv %x: f64[3,2,5], %k: f64[4,2,2] {batch_groups=2}`: 3 elements of the batch cannot be cut into 2 equal groups",
    );
    for attributes in
        [" {base_dilation=[1099511627776], feature_groups=2}", " {low=[9223372036854775807], feature_groups=2}"]
    {
        let why =
            format!("reach of a window along an axis in `{}`: more than the limit of 1099511627776", node(attributes));
        check(params, &format!("conv %x, %k{attributes}"), &why);
    }
}

#[test]
fn windows_need_numbers_and_an_entry_for_each_axis() {
    check(
        "%b: bool[3]",
        "reduce_window_max %b {window=[2]}",
        "dtype mismatch in `reduce_window_max %b: bool[3] {window=[2]}`: it needs numbers, not bool; `cast` to count",
    );
    let window = |window: &str, why: &str| {
        let node = format!("bad attribute in `reduce_window_sum %x: f64[2,3] {{window={window}}}`");
        check("%x: f64[2,3]", &format!("reduce_window_sum %x {{window={window}}}"), &format!("{node}: {why}"));
    };
    window("[2,0]", "window [2,0] for a tensor of rank 2; 1 leaves an axis alone");
    window("[2]", "strides, paddings and dilations need 2 entries each, not 1");
    check("%x: f64[2,3]", "reduce_window_sum %x", "`reduce_window_sum` needs {window=…}");
}
