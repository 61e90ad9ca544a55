//! Every op, in every kind of element it admits, on scalars, small and large and empty tensors.

use graph_core::op::{Cumulate, Logic, Reduce, Scatter};
use graph_core::{Opcode, Type};

use crate::{awkward, index, linalg, parse, run};

const REAL: [&str; 2] = ["f64", "f32"];
const NUMBERS: [&str; 3] = ["f64", "f32", "i64"];
const ALL: [&str; 4] = ["f64", "f32", "i64", "bool"];

#[test]
fn every_op_has_the_same_bits_in_both_executors() {
    for &op in Opcode::all() {
        let samples = samples(op);
        assert!(!samples.is_empty(), "{op:?} has no sample");
        for source in samples {
            let f = parse(&source);
            let occurs = f.graph().nodes().iter().any(|&id| f.graph().op(id).code() == op);
            assert!(occurs, "{op:?} does not occur in\n{source}");
            for seed in 0..8 {
                let args: Vec<_> = (0..f.params().len()).map(|i| awkward(f.param_type(i), seed + 4 * i)).collect();
                run(&f, &args);
            }
        }
    }
}

/// Functions in which the op occurs. A new op needs a sample before this compiles.
fn samples(op: Opcode) -> Vec<String> {
    let name = op.name();
    match op {
        Opcode::Param => each(&ALL, |ty| format!("graph @f(%x: {ty}) -> {ty} {{ return %x }}")),
        Opcode::Const => vec![
            "graph @f() -> (f64, i64[2,2], f32) { %0 = const -0.0 : f64 %1 = const [[1, 2], [3, -4]] : i64[2,2]
             %2 = const 0.1 : f32 return %0, %1, %2 }"
                .into(),
        ],
        Opcode::Iota => {
            ["f64", "f32", "i64"].map(|t| format!("graph @f() -> {t}[2,3] {{ %0 = iota {{axis=1}} : {t}[2,3] return %0 }}")).into()
        }
        Opcode::Unary(op) if op.eval_i64(0).is_some() => one(name, "", &NUMBERS),
        Opcode::Unary(_) => one(name, "", &REAL),
        Opcode::Nth(_) => [0, 1, 2, 5].iter().flat_map(|n| one(name, &format!("{{n={n}}}"), &REAL)).collect(),
        Opcode::Binary(op) if op.eval_i64(0, 1).is_some() => two(name, &NUMBERS, None),
        Opcode::Binary(_) => two(name, &REAL, None),
        Opcode::Compare(_) => two(name, &ALL, Some("bool")),
        Opcode::Logic(Logic::Not) => one(name, "", &["bool"]),
        Opcode::Logic(Logic::And | Logic::Or | Logic::Xor) => two(name, &["bool"], None),
        Opcode::Integer(op) if op.arity() == 1 => one(name, "", &["i64"]),
        Opcode::Integer(_) => two(name, &["i64"], None),
        Opcode::Test(_) => tests(name),
        Opcode::Bitcast => bitcasts(),
        Opcode::Select => each(&ALL, |ty| {
            let bools = ty.replace(ty.split('[').next().unwrap_or(ty), "bool");
            format!("graph @f(%c: {bools}, %a: {ty}, %b: {ty}) -> {ty} {{ %0 = select %c, %a, %b : {ty} return %0 }}")
        }),
        Opcode::Cast => ALL.iter().flat_map(|to| casts(to)).collect(),
        Opcode::Broadcast => moved("f64[2,3]", "broadcast %x {axes=[0,2]}", "f64[2,5,3]"),
        Opcode::Reshape => moved("f64[2,3]", "reshape %x", "f64[3,2]"),
        Opcode::Permute => moved("f64[2,3,5]", "permute %x {axes=[2,0,1]}", "f64[5,2,3]"),
        Opcode::Slice => [
            moved("f64[5,3]", "slice %x {start=[1,0], limit=[5,2], stride=[2,1]}", "f64[2,2]"),
            moved("f64[5,3]", "slice %x {start=[1,0], limit=[3,3], stride=[1,1]}", "f64[2,3]"),
            moved("f64[5]", "slice %x {start=[3], limit=[3], stride=[1]}", "f64[0]"),
        ]
        .concat(),
        Opcode::Pad => vec![
            "graph @f(%x: f64[2,3], %v: f64) -> f64[5,6] { %0 = pad %x, %v {low=[1,0], high=[0,1], interior=[2,1]} : f64[5,6] return %0 }".into(),
            "graph @f(%x: f64[0], %v: f64) -> f64[3] { %0 = pad %x, %v {low=[1], high=[2], interior=[4]} : f64[3] return %0 }".into(),
        ],
        Opcode::Concat => vec![
            "graph @f(%x: f64[2,3], %y: f64[2,0], %z: f64[2,2]) -> f64[2,5] { %0 = concat %x, %y, %z {axis=1} : f64[2,5] return %0 }".into(),
        ],
        Opcode::Reverse => moved("i64[2,3,5]", "reverse %x {axes=[2,0]}", "i64[2,3,5]"),
        Opcode::Gather => ALL.iter().flat_map(|t| index::gathers(t)).collect(),
        Opcode::Scatter(Scatter::Set) => ALL.iter().flat_map(|t| index::scatters(name, t)).collect(),
        Opcode::Scatter(Scatter::Add | Scatter::Mul | Scatter::Max | Scatter::Min) => {
            NUMBERS.iter().flat_map(|t| index::scatters(name, t)).collect()
        }
        Opcode::Reduce(Reduce::Any | Reduce::All) => reductions(name, &["bool"]),
        Opcode::Reduce(Reduce::Sum | Reduce::Prod | Reduce::Max | Reduce::Min) => reductions(name, &NUMBERS),
        Opcode::Cumulate(Cumulate::LogSumExp) => cumulations(name, &REAL),
        Opcode::Cumulate(Cumulate::Sum | Cumulate::Prod | Cumulate::Max | Cumulate::Min) => cumulations(name, &NUMBERS),
        Opcode::Sort => ALL.iter().flat_map(|key| sorts(key)).collect(),
        Opcode::Dot => NUMBERS.iter().flat_map(|t| dots(t)).collect(),
        Opcode::Conv => NUMBERS.iter().flat_map(|t| convs(t)).collect(),
        Opcode::ReduceWindow(_) => NUMBERS.iter().flat_map(|t| windows(name, t)).collect(),
        Opcode::Linalg(op) => linalg::samples(op),
        Opcode::TriangularSolve => linalg::triangular_solves(),
        Opcode::Tuple => vec!["graph @f(%x: f64, %y: i64[2]) -> (f64, i64[2], f64) { %0 = tuple %x, %y, %x return %0 }".into()],
        Opcode::Record => vec!["graph @f(%x: f64, %y: i64[2]) -> {a: i64[2], b: f64} { %0 = record %y, %x {fields=[a, b]} return %0 }".into()],
        Opcode::Get => vec![
            "graph @f(%p: (f64, (i64[2], bool), f32[3])) -> (i64[2], bool) { %0 = get %p {index=1} return %0 }".into(),
            "graph @f(%p: {a: f64[2], b: f64}) -> f64 { %0 = get %p {field=b} %1 = exp %0 : f64 return %1 }".into(),
        ],
        Opcode::Call => vec![
            "graph @g(%x: f64, %y: f64[2]) -> (f64, f64[2]) { %0 = exp %y : f64[2] return %x, %0 }
             graph @f(%x: f64, %y: f64[2]) -> f64[2] {
               %0 = call @g(%x, %y) %1 = get %0 {index=1} : f64[2] %2 = get %0 {index=0} : f64
               %3 = call @g(%2, %1) %4 = get %3 {index=1} : f64[2] %5 = add %1, %4 : f64[2] return %5 }"
                .into(),
        ],
    }
}

/// The sample for each kind of elements in several shapes: scalar, small, empty, beyond what is moved in a window.
fn each(kinds: &[&str], sample: impl Fn(&str) -> String) -> Vec<String> {
    let shapes = ["", "[2,3]", "[0,3]", "[40]"];
    kinds.iter().flat_map(|kind| shapes.map(|shape| sample(&format!("{kind}{shape}")))).collect()
}

/// The op once on a parameter that stays and once on one that dies, so that its cells may be taken over.
fn one(name: &str, attribute: &str, kinds: &[&str]) -> Vec<String> {
    each(kinds, |ty| {
        format!(
            "graph @f(%x: {ty}) -> ({ty}, {ty}, {ty}) {{
               %0 = {name} %x {attribute} : {ty}
               %1 = {name} %0 {attribute} : {ty}
               %2 = {name} %1 {attribute} : {ty}
               return %x, %0, %2 }}"
        )
    })
}

fn two(name: &str, kinds: &[&str], result: Option<&str>) -> Vec<String> {
    each(kinds, |ty| {
        let kind = ty.split('[').next().unwrap_or(ty);
        let out = result.map_or(ty.to_string(), |result| ty.replace(kind, result));
        match result {
            Some(_) => format!("graph @f(%x: {ty}, %y: {ty}) -> {out} {{ %0 = {name} %x, %y : {out} return %0 }}"),
            None => format!(
                "graph @f(%x: {ty}, %y: {ty}) -> ({ty}, {ty}) {{
                   %0 = {name} %x, %y : {ty}
                   %1 = {name} %0, %y : {ty}
                   %2 = {name} %y, %1 : {ty}
                   %3 = {name} %2, %2 : {ty}
                   return %0, %3 }}"
            ),
        }
    })
}

fn casts(to: &str) -> Vec<String> {
    each(&ALL, |ty| {
        let from = ty.split('[').next().unwrap_or(ty);
        let result = ty.replace(from, to);
        format!("graph @f(%x: {ty}) -> {result} {{ %0 = cast %x : {result} return %0 }}")
    })
}

fn tests(name: &str) -> Vec<String> {
    each(&REAL, |ty| {
        let result = ty.replace("f64", "bool").replace("f32", "bool");
        format!("graph @f(%x: {ty}) -> {result} {{ %0 = {name} %x : {result} return %0 }}")
    })
}

/// On cells that stay and on cells that die, so that a view of them may be written to.
fn bitcasts() -> Vec<String> {
    let there = |ty: &str| {
        let (from, to) = if ty.starts_with("f64") { ("f64", "i64") } else { ("i64", "f64") };
        let to = ty.replace(from, to);
        format!(
            "graph @f(%x: {ty}) -> ({to}, {ty}, {ty}, {to}) {{
               %0 = bitcast %x : {to}
               %1 = abs %0 : {to}
               %2 = bitcast %1 : {ty}
               %3 = neg %2 : {ty}
               %4 = bitcast %3 : {to}
               return %0, %2, %3, %4 }}"
        )
    };
    each(&["f64", "i64"], there)
}

fn moved(from: &str, op: &str, to: &str) -> Vec<String> {
    vec![
        format!("graph @f(%x: {from}) -> {to} {{ %0 = {op} : {to} return %0 }}"),
        format!("graph @f(%x: {from}) -> ({from}, {to}) {{ %0 = {op} : {to} %1 = neg %0 : {to} return %x, %1 }}"),
    ]
}

fn reductions(name: &str, kinds: &[&str]) -> Vec<String> {
    let cases =
        [("[2,3,5]", "0,2", "[3]"), ("[2,3,5]", "1", "[2,5]"), ("[2,3,5]", "", "[2,3,5]"), ("[2,0,3]", "0,2", "[0]")];
    let plain = cases.iter().flat_map(|(from, axes, to)| {
        kinds.iter().map(move |kind| {
            format!(
                "graph @f(%x: {kind}{from}) -> {kind}{to} {{ %0 = {name} %x {{axes=[{axes}]}} : {kind}{to} return %0 }}"
            )
        })
    });
    let of_nothing = kinds.iter().filter(|_| !matches!(name, "reduce_max" | "reduce_min")).map(|kind| {
        format!("graph @f(%x: {kind}[2,0]) -> {kind}[2] {{ %0 = {name} %x {{axes=[1]}} : {kind}[2] return %0 }}")
    });
    plain.chain(of_nothing).collect()
}

fn cumulations(name: &str, kinds: &[&str]) -> Vec<String> {
    let cases = [("[7]", 0), ("[2,3,5]", 1), ("[2,3,5]", 0), ("[3,1]", 1), ("[2,0,3]", 1), ("[2,0,3]", 2)];
    let both = cases.iter().flat_map(|case| ["", ", reverse=true"].map(|reverse| (case, reverse)));
    both.flat_map(|(&(shape, axis), reverse)| {
        kinds.iter().map(move |kind| {
            let ty = format!("{kind}{shape}");
            format!("graph @f(%x: {ty}) -> {ty} {{ %0 = {name} %x {{axis={axis}{reverse}}} : {ty} return %0 }}")
        })
    })
    .collect()
}

/// Keys of one kind carry the others; the permutation is sorted in turn, which inverts it.
fn sorts(key: &str) -> Vec<String> {
    let cases = [
        ("[7]", 0, "f64"),
        ("[100]", 0, "f64"),
        ("[2,3,5]", 1, "f32"),
        ("[9,2]", 0, "i64"),
        ("[2,0,3]", 1, "bool"),
        ("[2,0]", 0, "f64"),
    ];
    let both = cases.iter().flat_map(|case| ["", ", descending=true"].map(|way| (case, way)));
    both.map(|(&(shape, axis, carried), way)| {
        let (k, x, n) = (format!("{key}{shape}"), format!("{carried}{shape}"), format!("i64{shape}"));
        format!(
            "graph @f(%k: {k}, %x: {x}) -> (({k}, {x}, {n}), {n}, {x}) {{
               %0 = sort %k, %x {{axis={axis}{way}}} : ({k}, {x}, {n})
               %1 = get %0 {{index=2}} : {n}
               %2 = sort %1, %x {{axis={axis}}} : ({n}, {x}, {n})
               %3 = get %2 {{index=2}} : {n}
               %4 = get %2 {{index=1}} : {x}
               return %0, %3, %4 }}"
        )
    })
    .collect()
}

fn dots(t: &str) -> Vec<String> {
    let cases = [
        ("[2,3]", "[3,5]", "lhs=[1], rhs=[0]", "[2,5]"),
        ("[2,3]", "[5,3]", "lhs=[1], rhs=[1]", "[2,5]"),
        ("[3,2]", "[3]", "lhs=[0], rhs=[0]", "[2]"),
        ("[2]", "[3]", "lhs=[], rhs=[]", "[2,3]"),
        ("[2,0]", "[0,3]", "lhs=[1], rhs=[0]", "[2,3]"),
        ("[3,2,5]", "[5,4,3]", "lhs=[0,2], rhs=[2,0]", "[2,4]"),
        ("[3,2,5]", "[5,4,2]", "lhs=[2], rhs=[0], lhs_batch=[1], rhs_batch=[2]", "[2,3,4]"),
    ];
    let dot = |(x, y, axes, to)| {
        format!("graph @f(%x: {t}{x}, %y: {t}{y}) -> {t}{to} {{ %0 = dot %x, %y {{{axes}}} : {t}{to} return %0 }}")
    };
    cases.map(dot).into()
}

fn convs(t: &str) -> Vec<String> {
    let cases = [
        ("[2,3]", "[5,3]", "", "[2,5]"),
        ("[2,3,7]", "[5,3,2]", "", "[2,5,6]"),
        ("[2,3,7]", "[4,3,3]", "stride=[2], low=[-1], high=[3], base_dilation=[3], window_dilation=[2]", "[2,4,9]"),
        ("[2,3,3]", "[4,3,5]", "low=[1], high=[3], window_dilation=[2]", "[2,4,0]"),
        ("[2,3,3]", "[4,3,5]", "low=[4], high=[4]", "[2,4,7]"),
        ("[2,3,9]", "[4,3,7]", "stride=[2], low=[2], high=[-2], window_dilation=[1]", "[2,4,2]"),
        ("[2,0,3]", "[4,0,2]", "", "[2,4,2]"),
        ("[2,3,0]", "[4,3,2]", "low=[2], high=[1]", "[2,4,2]"),
        ("[2,3,2]", "[4,3,0]", "", "[2,4,3]"),
        ("[2,6,5,4]", "[9,2,2,3]", "low=[0,1], feature_groups=3", "[2,9,4,3]"),
        ("[6,2,5,4]", "[9,2,2,3]", "high=[0,1], batch_groups=3", "[2,9,4,3]"),
        ("[1,1,3,4,2]", "[2,1,2,2,2]", "stride=[1,2,1], low=[0,0,1]", "[1,2,2,2,2]"),
    ];
    let conv = |(x, k, attributes, to)| {
        format!(
            "graph @f(%x: {t}{x}, %k: {t}{k}) -> {t}{to} {{ %0 = conv %x, %k {{{attributes}}} : {t}{to} return %0 }}"
        )
    };
    cases.map(conv).into()
}

fn windows(name: &str, t: &str) -> Vec<String> {
    let cases = [
        ("", "window=[]", ""),
        ("[2,7]", "window=[1,3], stride=[1,2]", "[2,3]"),
        ("[7]", "window=[3], stride=[2], low=[-1], high=[3], base_dilation=[3], window_dilation=[2]", "[9]"),
        ("[3]", "window=[2], low=[4], high=[4]", "[10]"),
        ("[3]", "window=[2000], low=[1999], high=[1]", "[4]"),
        ("[3,5]", "window=[2,2], low=[0,1], high=[1,-1]", "[3,4]"),
        ("[0,3]", "window=[2,2], low=[1,0], high=[2,0]", "[2,2]"),
        ("[2,3]", "window=[2,4]", "[1,0]"),
    ];
    let window = |(x, attributes, to)| {
        format!("graph @f(%x: {t}{x}) -> {t}{to} {{ %0 = {name} %x {{{attributes}}} : {t}{to} return %0 }}")
    };
    cases.map(window).into()
}

#[test]
fn shared_structures_are_views_of_one_buffer() {
    let f = parse(
        "graph @f(%x: f64[3]) -> ((f64[3], f64[3]), f64[3]) {
           %0 = exp %x : f64[3]
           %1 = tuple %0, %0
           %2 = get %1 {index=1} : f64[3]
           return %1, %2 }",
    );
    run(&f, &[awkward(&Type::tensor(graph_core::DType::F64, &[3]), 0)]);
}

#[test]
fn a_window_into_a_dying_tensor_is_not_overwritten() {
    let f = parse(
        "graph @f(%x: f64[40]) -> f64[20] {
           %0 = exp %x : f64[40]
           %1 = slice %0 {start=[10], limit=[30], stride=[1]} : f64[20]
           %2 = slice %0 {start=[0], limit=[20], stride=[1]} : f64[20]
           %3 = sub %1, %2 : f64[20]
           return %3 }",
    );
    run(&f, &[awkward(f.param_type(0), 0)]);
}
