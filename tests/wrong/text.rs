//! Texts that are not graphs: tokens, names, types, attributes, and nodes that do not fit their operands.

use graph_core::text::parse;

use super::Case;

pub fn cases() -> Vec<Case> {
    [outside(), lines(), literals(), attributes(), elementwise(), shapes(), windows(), contractions(), structures()]
        .into_iter()
        .flatten()
        .collect()
}

pub fn source(name: &'static str, source: &str) -> Case {
    Case::new(name, || {
        let error = parse(source).map(|_| ()).expect_err("it is accepted");
        (error.code(), error)
    })
}

/// A line of a body, over parameters.
pub fn line(name: &'static str, params: &str, line: &str) -> Case {
    source(name, &format!("graph @f({params}) -> () {{\n  {line}\n  return\n}}"))
}

/// A node, over parameters.
pub fn node(name: &'static str, params: &str, node: &str) -> Case {
    line(name, params, &format!("%0 = {node}"))
}

fn outside() -> Vec<Case> {
    vec![
        source("no graph", ""),
        source("another language", "def f(x): return x"),
        source("graph without a name", "graph (%x: f64) -> f64 {\n  return %x\n}"),
        source("name of a graph without @", "graph f(%x: f64) -> f64 {\n  return %x\n}"),
        source("name of a graph that starts with a digit", "graph @1f() -> () {\n  return\n}"),
        source("two graphs of one name", "graph @f() -> () {\n  return\n}\ngraph @f() -> () {\n  return\n}"),
        source("parameter without %", "graph @f(x: f64) -> f64 {\n  return %x\n}"),
        source("parameter without a type", "graph @f(%x) -> f64 {\n  return %x\n}"),
        source("parameter that starts with a digit", "graph @f(%1x: f64) -> f64 {\n  return %1x\n}"),
        source("two parameters of one name", "graph @f(%x: f64, %x: f64) -> f64 {\n  return %x\n}"),
        source("unknown dtype", "graph @f(%x: f16) -> f64 {\n  return %x\n}"),
        source("a value where a type belongs", "graph @f(%x: 3) -> f64 {\n  return %x\n}"),
        source("extent that is negative", "graph @f(%x: f64[2,-3]) -> () {\n  return\n}"),
        source("extent that is a name", "graph @f(%x: f64[n]) -> () {\n  return\n}"),
        source("too many elements", "graph @f(%x: f64[9999999,9999999]) -> () {\n  return\n}"),
        source("too many axes", &format!("graph @f(%x: f64[{}]) -> () {{\n  return\n}}", ["1"; 33].join(","))),
        source("record with a field twice", "graph @f(%x: {a: f64, a: i64}) -> () {\n  return\n}"),
        source("record with a field without a name", "graph @f(%x: {f64}) -> () {\n  return\n}"),
        source("no result type", "graph @f(%x: f64) {\n  return %x\n}"),
        source("result of another type", "graph @f(%x: f64[2]) -> f64[3] {\n  return %x\n}"),
        source("more results than declared", "graph @f(%x: f64) -> f64 {\n  return %x, %x\n}"),
        source("result that is not defined", "graph @f(%x: f64) -> f64 {\n  return %y\n}"),
        source("no return", "graph @f(%x: f64) -> f64 {\n}"),
        source("comma behind the last result", "graph @f(%x: f64) -> f64 {\n  return %x,\n}"),
        source("body that is not closed", "graph @f(%x: f64) -> f64 {\n  return %x"),
        source("something behind the last graph", "graph @f(%x: f64) -> f64 {\n  return %x\n}\n%y"),
        source("a character of no token", "graph @f(%x: f64) -> f64 {\n  %0 = mul %x, $x\n  return %0\n}"),
    ]
}

fn lines() -> Vec<Case> {
    let x = "%x: f64";
    vec![
        node("unknown op, near one that exists", x, "sine %x"),
        node("unknown op, near none", x, "frobnicate %x"),
        node("an op of another dialect", x, "stablehlo.add %x, %x"),
        node("a parameter as a node", x, "param"),
        node("value that is not defined", x, "sin %y"),
        node("value that is defined by itself", x, "sin %0"),
        line("value that is defined twice", x, "%x = sin %x"),
        line("node without a name", x, "sin %x"),
        line("node without =", x, "%0 sin %x"),
        line("node without an op", x, "%0 = %x"),
        node("operand that is a number", x, "mul %x, 2.0"),
        node("comma behind the last operand", x, "sin %x,"),
        node("no operand", x, "sin"),
        node("an operand too few", x, "add %x"),
        node("an operand too many", x, "add %x, %x, %x"),
        node("type that is not that of the node", x, "sin %x : f32"),
        node("type missing where the op needs it", x, "cast %x"),
        node("structure as the type of an op on tensors", x, "reshape %x : (f64)"),
        node("call of a graph that does not exist", x, "call @g(%x)"),
        node("call of itself", x, "call @f(%x)"),
        node("call without @", x, "call g(%x)"),
    ]
}

fn literals() -> Vec<Case> {
    let literal = |name, text: &str| node(name, "", &format!("const {text}"));
    vec![
        literal("constant without a type", "1.0"),
        literal("constant that is no number", "x : f64"),
        literal("real constant of integers", "1.5 : i64"),
        literal("integer beyond 64 bits", "9223372036854775808 : i64"),
        literal("number as a truth value", "1 : bool"),
        literal("number that is too large for f64", "1e999 : f64"),
        literal("number that is too large for f32", "1e39 : f32"),
        literal("bits of a NaN that are none", "nan(0x3ff0000000000000) : f64"),
        literal("too few elements", "[1.0, 2.0] : f64[3]"),
        literal("elements in another shape", "[[1.0, 2.0]] : f64[2,1]"),
        literal("rows of different lengths", "[[1.0], [2.0, 3.0]] : f64[2,2]"),
        literal("constant structure", "1.0 : (f64)"),
        literal("brackets that are not closed", "[1.0, 2.0 : f64[2]"),
    ]
}

fn attributes() -> Vec<Case> {
    let x = "%x: f64[2,3]";
    vec![
        node("attribute that is missing", x, "permute %x"),
        node("attribute of another op", x, "sin %x {axis=0}"),
        node("attribute written twice", x, "permute %x {axes=[1,0], axes=[0,1]}"),
        node("attribute without a value", x, "permute %x {axes}"),
        node("axes that are negative", x, "permute %x {axes=[0,-1]}"),
        node("axes that are names", x, "permute %x {axes=[rows,columns]}"),
        node("axes that are fractions", x, "permute %x {axes=[0.5,1]}"),
        node("one axis where a list belongs is a list of one", x, "permute %x {axes=0}"),
        node("axis that is negative", x, "cumsum %x {axis=-1}"),
        node("axis that is a list", x, "cumsum %x {axis=[0,1]}"),
        node("axis that is beyond any machine", x, "concat %x {axis=99999999999}"),
        node("n that is a fraction", "%x: f64", "powi %x {n=1.5}"),
        node("n that is too large", "%x: f64", "powi %x {n=3000000000}"),
        node("n that the family lacks", "%x: f64", "polygamma %x {n=-1}"),
        node("flag that is a number", x, "sort %x {axis=0, descending=1}"),
        node("batch axes that are names", x, "dot %x, %x {lhs=[1], rhs=[1], lhs_batch=[a], rhs_batch=[b]}"),
        node("groups that are a word", "%x: f64[1,1,4], %k: f64[1,1,2]", "conv %x, %k {feature_groups=all}"),
        node("stride that is a word", "%x: f64[4]", "reduce_window_sum %x {window=[2], stride=[a]}"),
        node("answer to an index that does not exist", "%x: f64[3], %i: i64", &format!("{TAKE}, out=wrap}}")),
        node("answer of the other op", "%x: f64[3], %i: i64", &format!("{TAKE}, out=drop}}")),
        node("index and field at once", "%p: {a: f64}", "get %p {index=0, field=a}"),
    ]
}

fn elementwise() -> Vec<Case> {
    vec![
        node("real function of integers", "%n: i64", "sin %n"),
        node("real function of truth values", "%c: bool", "neg %c"),
        node("function of a structure", "%p: (f64, f64)", "exp %p"),
        node("dtypes that differ", "%x: f64, %y: f32", "add %x, %y"),
        node("real and integer", "%x: f64, %n: i64", "mul %x, %n"),
        node("shapes that differ", "%x: f64[2,3], %y: f64[3]", "add %x, %y"),
        node("structures in arithmetic", "%p: (f64), %q: (f64)", "add %p, %q"),
        node("real quotient of integers", "%n: i64", "div %n, %n"),
        node("power family of integers", "%n: i64", "powi %n {n=2}"),
        node("comparison of dtypes that differ", "%x: f64, %n: i64", "lt %x, %n"),
        node("comparison of shapes that differ", "%x: f64[2], %y: f64[3]", "lt %x, %y"),
        node("comparison of structures", "%p: (f64)", "eq %p, %p"),
        node("connective of reals", "%x: f64", "and %x, %x"),
        node("negation of a real", "%x: f64", "not %x"),
        node("condition that is real", "%x: f64", "select %x, %x, %x"),
        node("condition of another shape", "%c: bool, %x: f64[2]", "select %c, %x, %x"),
        node("branches of different dtypes", "%c: bool, %x: f64, %n: i64", "select %c, %x, %n"),
        node("bits of a real", "%x: f64", "bit_and %x, %x"),
        node("bits of truth values", "%c: bool", "bit_not %c"),
        node("integer quotient of reals", "%x: f64", "int_div %x, %x"),
        node("shift by another shape", "%n: i64[2], %m: i64[3]", "shift_left %n, %m"),
        node("predicate of integers", "%n: i64", "is_nan %n"),
        node("bits of a single", "%x: f32", "bitcast %x : i64"),
        node("bits as truth values", "%x: f64", "bitcast %x : bool"),
        node("cast of a structure", "%p: (f64)", "cast %p : f32"),
        node("stopped gradient of a structure", "%p: (f64)", "stop_gradient %p"),
    ]
}

fn shapes() -> Vec<Case> {
    let x = "%x: f64[2,3]";
    vec![
        node("reshape to another number of elements", x, "reshape %x : f64[5]"),
        node("reshape of a structure", "%p: (f64)", "reshape %p : f64[1]"),
        node("reshape to another dtype", x, "reshape %x : f32[6]"),
        node("permutation of too few axes", x, "permute %x {axes=[0]}"),
        node("permutation with an axis twice", x, "permute %x {axes=[1,1]}"),
        node("permutation with an axis out of range", x, "permute %x {axes=[0,2]}"),
        node("broadcast along too few axes", x, "broadcast %x {axes=[1]} : f64[2,3]"),
        node("broadcast that permutes", x, "broadcast %x {axes=[1,0]} : f64[3,2]"),
        node("broadcast to another extent", x, "broadcast %x {axes=[0,1]} : f64[2,4]"),
        node("broadcast of an axis of one element", "%x: f64[1]", "broadcast %x {axes=[0]} : f64[4]"),
        node("broadcast to an axis that does not exist", x, "broadcast %x {axes=[0,5]} : f64[2,3]"),
        node("reversal along an axis out of range", x, "reverse %x {axes=[2]}"),
        node("slice beyond the end", x, "slice %x {start=[0,0], limit=[2,4], stride=[1,1]}"),
        node("slice that ends before it starts", x, "slice %x {start=[1,0], limit=[0,3], stride=[1,1]}"),
        node("slice with stride 0", x, "slice %x {start=[0,0], limit=[2,3], stride=[1,0]}"),
        node("slice of too few axes", x, "slice %x {start=[0], limit=[2], stride=[1]}"),
        node("padding with a vector", "%x: f64[2], %s: f64[1]", "pad %x, %s {low=[1], high=[0], interior=[0]}"),
        node("padding of another dtype", "%x: f64[2], %n: i64", "pad %x, %n {low=[1], high=[0], interior=[0]}"),
        node("padding of too few axes", "%x: f64[2,3], %s: f64", "pad %x, %s {low=[1], high=[0], interior=[0]}"),
        node("padding that is negative", "%x: f64[2], %s: f64", "pad %x, %s {low=[-1], high=[0], interior=[0]}"),
        node(
            "padding without end",
            "%x: f64[2], %s: f64",
            &format!("pad %x, %s {{low=[{0}], high=[{0}], interior=[0]}}", i64::MAX),
        ),
        node("concat of nothing", "", "concat {axis=0}"),
        node("concat along an axis out of range", x, "concat %x, %x {axis=2}"),
        node("concat of scalars", "%s: f64", "concat %s, %s {axis=0}"),
        node("concat of shapes that differ elsewhere", "%x: f64[2,3], %y: f64[4,5]", "concat %x, %y {axis=0}"),
        node("concat of different dtypes", "%x: f64[2], %n: i64[2]", "concat %x, %n {axis=0}"),
        node("iota of truth values", "", "iota {axis=0} : bool[3]"),
        node("iota along an axis out of range", "", "iota {axis=1} : i64[3]"),
    ]
}

/// One element of a vector.
const TAKE: &str = "gather %x, %i {offset=[], collapsed=[0], start_map=[0], index_axis=0, sizes=[1]";

/// A gather of a matrix by vectors of two indices, but for some attributes.
fn gather(name: &'static str, attributes: &str) -> Case {
    node(name, "%x: f64[4,3], %i: i64[5,2]", &format!("gather %x, %i {{{attributes}}}"))
}

fn windows() -> Vec<Case> {
    let (conv, pool) = ("%x: f64[2,4,9], %k: f64[6,4,3]", "%x: f64[2,3]");
    vec![
        node("indices that are real", "%x: f64[3], %i: f64", &format!("{TAKE}}}")),
        gather("no sizes", "offset=[], collapsed=[0,1], start_map=[0,1], index_axis=1"),
        gather("sizes of too few axes", "offset=[], collapsed=[0], start_map=[0,1], index_axis=1, sizes=[1]"),
        gather("window that does not fit", "offset=[1], collapsed=[1], start_map=[0,1], index_axis=1, sizes=[5,1]"),
        gather(
            "collapsed axis of a wide window",
            "offset=[], collapsed=[0,1], start_map=[0,1], index_axis=1, sizes=[2,1]",
        ),
        gather(
            "index vectors of another length",
            "offset=[1], collapsed=[1], start_map=[0], index_axis=1, sizes=[4,1]",
        ),
        gather("index axis out of range", "offset=[], collapsed=[0,1], start_map=[0,1], index_axis=3, sizes=[1,1]"),
        gather("too many offset axes", "offset=[1,2], collapsed=[0,1], start_map=[0,1], index_axis=1, sizes=[1,1]"),
        gather("offset axes that decrease", "offset=[2,1], collapsed=[], start_map=[0,1], index_axis=1, sizes=[2,2]"),
        gather("an axis indexed twice", "offset=[], collapsed=[0,1], start_map=[0,0], index_axis=1, sizes=[1,1]"),
        node(
            "batches of different extents",
            "%x: f64[4,3], %i: i64[5,1]",
            "gather %x, %i {offset=[], collapsed=[1], operand_batch=[0], indices_batch=[0], start_map=[1], index_axis=1, sizes=[1,1]}",
        ),
        node(
            "updates of another shape",
            "%x: f64[4], %i: i64[5], %u: f64[6]",
            "scatter_add %x, %i, %u {offset=[], collapsed=[0], start_map=[0], index_axis=1, sizes=[1]}",
        ),
        node(
            "updates of another dtype",
            "%x: f64[4], %i: i64[5], %u: f32[5]",
            "scatter_add %x, %i, %u {offset=[], collapsed=[0], start_map=[0], index_axis=1, sizes=[1]}",
        ),
        node(
            "truth values that are added",
            "%x: bool[4], %i: i64[5], %u: bool[5]",
            "scatter_add %x, %i, %u {offset=[], collapsed=[0], start_map=[0], index_axis=1, sizes=[1]}",
        ),
        node("kernel of another dtype", "%x: f64[1,1,4], %k: f32[1,1,2]", "conv %x, %k"),
        node("kernel of another rank", "%x: f64[1,1,4], %k: f64[1,2]", "conv %x, %k"),
        node("convolution of vectors", "%x: f64[4], %k: f64[2]", "conv %x, %k"),
        node("convolution of truth values", "%x: bool[1,1,4], %k: bool[1,1,2]", "conv %x, %k"),
        node("kernel of other features", "%x: f64[1,3,4], %k: f64[1,2,2]", "conv %x, %k"),
        node("strides of too many axes", conv, "conv %x, %k {stride=[1,1]}"),
        node("lists of different lengths", conv, "conv %x, %k {stride=[1,1], low=[0]}"),
        node("convolution with stride 0", conv, "conv %x, %k {stride=[0]}"),
        node("both kinds of groups", conv, "conv %x, %k {feature_groups=2, batch_groups=2}"),
        node("no group", conv, "conv %x, %k {feature_groups=0}"),
        node("features that do not divide", "%x: f64[2,4,9], %k: f64[5,2,3]", "conv %x, %k {feature_groups=2}"),
        node("window of too few axes", pool, "reduce_window_sum %x {window=[2]}"),
        node("window without extent", pool, "reduce_window_sum %x {window=[2,0]}"),
        node("window over truth values", "%c: bool[3]", "reduce_window_max %c {window=[2]}"),
        node("window without a size", pool, "reduce_window_sum %x"),
        node("window with dilation 0", pool, "reduce_window_sum %x {window=[1,2], window_dilation=[1,0]}"),
    ]
}

fn contractions() -> Vec<Case> {
    let xy = "%x: f64[2,3], %y: f64[4,5]";
    vec![
        node("contracted extents that differ", xy, "dot %x, %y {lhs=[1], rhs=[0]}"),
        node("axes contracted with none", xy, "dot %x, %y {lhs=[1], rhs=[]}"),
        node("contracted axis out of range", xy, "dot %x, %y {lhs=[2], rhs=[0]}"),
        node("an axis contracted twice", "%x: f64[3,3]", "dot %x, %x {lhs=[0,0], rhs=[0,1]}"),
        node(
            "axis both contracted and batch",
            "%x: f64[3,3]",
            "dot %x, %x {lhs=[0], rhs=[0], lhs_batch=[0], rhs_batch=[1]}",
        ),
        node("batch extents that differ", xy, "dot %x, %y {lhs=[], rhs=[], lhs_batch=[0], rhs_batch=[0]}"),
        node("contraction of different dtypes", "%x: f64[2], %y: f32[2]", "dot %x, %y {lhs=[0], rhs=[0]}"),
        node("contraction of truth values", "%c: bool[2]", "dot %c, %c {lhs=[0], rhs=[0]}"),
        node("reduction along an axis out of range", "%x: f64[2,3]", "reduce_sum %x {axes=[2]}"),
        node("reduction along an axis twice", "%x: f64[2,3]", "reduce_sum %x {axes=[1,1]}"),
        node("largest of nothing", "%x: f64[0,3]", "reduce_max %x {axes=[0]}"),
        node("any of reals", "%x: f64[2]", "reduce_any %x {axes=[0]}"),
        node("sum of truth values", "%c: bool[2]", "reduce_sum %c {axes=[0]}"),
        node("sum of a structure", "%p: (f64[2])", "reduce_sum %p {axes=[0]}"),
        node("running sum of a scalar", "%x: f64", "cumsum %x {axis=0}"),
        node("running largest of truth values", "%c: bool[2]", "cummax %c {axis=0}"),
        node("running log-sum-exp of integers", "%n: i64[2]", "cumlogsumexp %n {axis=0}"),
        node("sort of nothing", "", "sort {axis=0}"),
        node("sort along an axis out of range", "%x: f64[2]", "sort %x {axis=1}"),
        node("sort with another shape in tow", "%x: f64[2], %y: f64[3]", "sort %x, %y {axis=0}"),
    ]
}

fn structures() -> Vec<Case> {
    let callee = "graph @g(%v: f64[2]) -> f64[2] {\n  return %v\n}\n";
    let call = |name, call: &str| {
        source(name, &format!("{callee}graph @f(%x: f64, %v: f64[2]) -> () {{\n  %0 = {call}\n  return\n}}"))
    };
    vec![
        node("part beyond the last", "%p: (f64, f64)", "get %p {index=2}"),
        node("part that is negative", "%p: (f64, f64)", "get %p {index=-1}"),
        node("part of a tensor", "%x: f64[2]", "get %x {index=0}"),
        node("field of a tuple", "%p: (f64, f64)", "get %p {field=a}"),
        node("field that does not exist", "%p: {scale: f64, shift: f64}", "get %p {field=size}"),
        node("part without a name", "%p: {scale: f64}", "get %p"),
        node("record of too few parts", "%x: f64", "record %x {fields=[a, b]}"),
        node("record with a name twice", "%x: f64", "record %x, %x {fields=[a, a]}"),
        node("record with a number as a name", "%x: f64", "record %x {fields=[1]}"),
        node("record without names", "%x: f64", "record %x"),
        call("argument of another type", "call @g(%x)"),
        call("argument too many", "call @g(%v, %v)"),
        call("argument that is missing", "call @g()"),
    ]
}
