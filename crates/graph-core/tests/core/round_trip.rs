//! `parse(print(f)) == f`, and printing is a normal form.

use std::sync::Arc;

use graph_core::text::{parse, print};
use graph_core::{Buffer, DType, Function, Graph, Literal, Op, Opcode, Scalar, Shape, Type, verify};

use crate::function;
use crate::samples::sample;

fn check(f: &Arc<Function>) {
    let text = print(f);
    let again = parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(again, *f, "{text}");
    assert_eq!(print(&again), text);
    verify(again.graph()).unwrap_or_else(|e| panic!("{e}\n{text}"));
}

/// A function without parameters that returns this literal.
fn constant(literal: Literal) -> Arc<Function> {
    let mut g = Graph::new();
    let y = g.literal_node(literal);
    Arc::new(Function::new("c", &g, &[y]).expect("a name"))
}

#[test]
fn every_op_prints_and_parses_back() {
    for &code in Opcode::all() {
        let text = sample(code);
        let f = function(&text);
        assert!(f.graph().nodes().iter().any(|&id| f.graph().op(id).code() == code), "{code:?} is not in\n{text}");
        assert_eq!(print(&f), text, "samples are in printed form");
        check(&f);
    }
}

#[test]
fn every_bit_pattern_of_a_constant_survives() {
    let f64s = [0.0, -0.0, 1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, 5e-324, f64::MAX, 0.1];
    let nans = [0x7ff8_0000_0000_0001, 0xfff8_0000_0000_0000, 0x7ff0_0000_0000_0001].map(f64::from_bits);
    for x in f64s.into_iter().chain(nans) {
        check(&constant(Literal::splat(Scalar::F64(x), Shape::scalar())));
    }
    let nans = [0x7fc0_0000, 0x7fc0_0001, 0xffc0_0000, 0x7f80_0001].map(f32::from_bits);
    for x in [0.0f32, -0.0, 0.1, f32::INFINITY, 1e-45].into_iter().chain(nans) {
        check(&constant(Literal::splat(Scalar::F32(x), Shape::new(&[2, 3]))));
    }
    for x in [i64::MIN, -1, 0, i64::MAX] {
        check(&constant(Literal::splat(Scalar::I64(x), Shape::scalar())));
    }
}

#[test]
fn dense_and_empty_literals_survive() {
    let dense = Buffer::F64((0..30).map(|i| f64::from(i) / 7.0).collect());
    for extents in [&[30][..], &[2, 3, 5], &[1, 30, 1], &[5, 6]] {
        check(&constant(Literal::dense(dense.clone(), Shape::new(extents)).expect("30 elements")));
    }
    for extents in [&[0][..], &[2, 0, 3], &[0, 0]] {
        check(&constant(Literal::dense(Buffer::I64(Vec::new()), Shape::new(extents)).expect("no elements")));
        check(&constant(Literal::splat(Scalar::I64(7), Shape::new(extents))));
    }
    check(&constant(Literal::dense(Buffer::Bool(vec![true, false]), Shape::new(&[2])).expect("two elements")));
}

#[test]
fn any_string_names_a_field() {
    let names = ["1", "", "a b", "}", "\"", "\\", "\n", "// no comment", "f64", "true", "ä"];
    let mut g = Graph::new();
    let x = g.param("x", Type::record(names.map(|name| (name, Type::f64())))).expect("distinct fields");
    let parts: Vec<_> = (0..names.len()).map(|at| g.get(x, at)).collect();
    let fields = g.intern_fields(names.iter().rev().map(|&name| name.into()).collect());
    let turned = g.node(Op::Record(fields), &parts);
    check(&Arc::new(Function::new("f", &g, &[turned, x]).expect("a name")));
}

#[test]
fn structures_of_any_shape_survive() {
    let mut g = Graph::new();
    let nested = Type::record([("a", Type::tuple([])), ("b.c", Type::tuple([Type::tensor(DType::Bool, &[0, 2])]))]);
    let x = g.param("ünïcode_1.x", Type::tuple([nested, Type::record::<&str>([])])).expect("a name");
    let part = g.get(x, 0);
    let field = g.get(part, 1);
    let empty = g.intern_fields(Vec::new().into());
    let empty = g.node(Op::Record(empty), &[]);
    let all = g.node(Op::Tuple, &[x, field, empty, part, field]);
    check(&Arc::new(Function::new("f", &g, &[all, x, all]).expect("a name")));
    check(&Arc::new(Function::new("no.results", &g, &[]).expect("a name")));
}

#[test]
fn callees_print_first_and_once() {
    let text = "graph @a(%x: f64) -> f64 {\n  %0 = sin %x : f64\n  return %0\n}\n
graph @b(%x: f64) -> f64 {\n  %0 = call @a(%x) : f64\n  %1 = call @a(%0) : f64\n  return %1\n}\n
graph @c(%x: f64) -> (f64, f64) {\n  %0 = call @b(%x) : f64\n  %1 = call @a(%x) : f64\n  return %0, %1\n}\n";
    let f = function(text);
    assert_eq!(print(&f), text);
    check(&f);
}

#[test]
fn equality_of_deeply_shared_callees_is_not_exponential() {
    let mut text = String::from("graph @f0(%x: f64) -> f64 {\n  return %x\n}\n");
    for i in 1..100 {
        let (one, two) = (i - 1, if i > 1 { i - 2 } else { 0 });
        text += &format!("graph @f{i}(%x: f64) -> f64 {{\n  %0 = call @f{one}(%x)\n  %1 = call @f{two}(%0)\n");
        text += "  return %1\n}\n";
    }
    check(&function(&text));
}

#[test]
fn two_callees_of_one_name_are_told_apart() {
    let f = |op| format!("graph @h(%x: f64) -> f64 {{\n  %0 = {op} %x\n  return %0\n}}");
    let (sin, cos) = (function(&f("sin")), function(&f("cos")));
    let mut g = Graph::new();
    let x = g.param("x", Type::f64()).expect("a name");
    let ids = [&sin, &cos, &sin, &cos, &function(&f("cos"))].map(|f| g.add_function(f));
    assert_eq!([ids[2], ids[3], ids[4]], [ids[0], ids[1], ids[1]]);
    assert_eq!(g[ids[1]].name(), "h_1");
    let calls = ids.map(|id| g.node(Op::Call(id), &[x]));
    assert_eq!(g.len(), 3);
    check(&Arc::new(Function::new("main", &g, &calls).expect("a name")));
}

#[test]
fn comments_blank_lines_and_left_out_types_are_free() {
    let loose = "// a note\ngraph @f(%x: f64) -> f64 { // here\n\n %first = log %x // d %y / d %z\n%y=neg %first return %y }//end";
    let strict = "graph @f(%x: f64) -> f64 {\n  %0 = log %x : f64\n  %1 = neg %0 : f64\n  return %1\n}\n";
    assert_eq!(print(&function(loose)), strict);
}

#[test]
fn compaction_keeps_the_text() {
    let text = sample(Opcode::Get);
    let f = function(&text);
    let again = Function::new(f.name(), f.graph(), f.results()).expect("a name");
    assert_eq!(again.to_string(), text);
}
