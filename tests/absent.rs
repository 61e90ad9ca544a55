//! Absent derivatives: which of the four kinds it is, the same in reverse, forward and Taylor mode; and zeros with the
//! right structure for whoever asks for them.

use std::sync::Arc;

use autodiff::{Absent, Derivative, Missing};
use graph_core::{
    Buffer, Function as Core, Graph as CoreGraph, NodeId, Opcode, Scalar as Element, Shape, TensorType, text,
};
use wengert::prelude::*;
use wengert::{Dependence, Level, Mode, Tensor, dependence, same};

/// What three modes say of the derivative of the only result by the parameters listed, together.
fn kinds(f: &Core, wrt: &[usize]) -> [String; 3] {
    let y = f.results()[0];
    let inputs: Vec<NodeId> = wrt.iter().map(|&i| f.params()[i].node).collect();
    let ones = |g: &mut CoreGraph, like: NodeId| {
        let ty = g.ty(like).cotangent();
        g.param(&format!("seed{}", g.len()), ty).expect("a fresh name")
    };
    let mut g = f.graph().clone();
    let ct = ones(&mut g, y);
    let reverse = autodiff::reverse(&mut g, &[(y, ct)], &inputs).map(|all| all.last().copied());
    let mut h = f.graph().clone();
    let seeds: Vec<_> = inputs.iter().map(|&x| (x, ones(&mut h, x))).collect();
    let forward = autodiff::forward(&mut h, &[y], &seeds).map(|all| all.last().copied());
    let series = autodiff::taylor(&mut h, &[y], &seeds, 3).map(|all| {
        assert!(
            all[0].iter().skip(1).all(|d| all[0][0].node().is_some() || *d == all[0][0]),
            "an absent series is absent"
        );
        all[0].first().copied()
    });
    [(&g, reverse), (&h, forward), (&h, series)].map(|(g, found)| match found {
        Ok(derivative) => shown(g, derivative.expect("one derivative was asked for")),
        Err(e) => e.code().to_string(),
    })
}

fn shown(g: &CoreGraph, derivative: Derivative) -> String {
    match derivative {
        Derivative::Node(_) => "there".into(),
        Derivative::Absent(Absent::Zero(at)) => format!("zero at {}", g.op(at).name()),
        Derivative::Absent(Absent::Disconnected(from)) => format!("disconnected from {}", text::known_as(g, from)),
    }
}

/// The kind, in every mode, of the derivative of `y`, whose nodes are given, by the last of `params`.
fn check(params: &str, nodes: &[&str], y: &str, kind: &str) {
    let body: Vec<String> = nodes.iter().enumerate().map(|(i, node)| format!("  %{i} = {node}\n")).collect();
    let source = |ty: &str| {
        let callee = "graph @first(%a: f64, %b: f64) -> f64 {\n  %0 = sin %a : f64\n  return %0\n}\n";
        format!("{callee}graph @f({params}) -> {ty} {{\n{}  return {y}\n}}", body.concat())
    };
    let parsed = ["f64", "i64", "bool", "(i64, bool)", "(f64, i64)", "f64[2]"]
        .iter()
        .find_map(|ty| text::parse(&source(ty)).ok());
    let f = parsed.unwrap_or_else(|| panic!("{:?}", text::parse(&source("f64"))));
    assert_eq!(kinds(&f, &[f.params().len() - 1]), [kind; 3], "{}", source("…"));
}

#[test]
fn zero_by_mathematics_names_the_first_flat_op() {
    let x = "%x: f64";
    check(x, &["cast %x : i64", "cast %0 : f64"], "%1", "zero at cast");
    check(x, &["const 1.0 : f64", "lt %x, %0", "cast %1 : f64"], "%2", "zero at lt");
    check(x, &["const 1.0 : f64", "const 2.0 : f64", "lt %x, %0", "select %2, %0, %1"], "%3", "zero at lt");
    check(x, &["stop_gradient %x", "exp %0"], "%1", "zero at stop_gradient");
    check(x, &["sin %x", "floor %0", "stop_gradient %1"], "%2", "zero at floor");
    check(x, &["bitcast %x : i64", "bitcast %0 : f64"], "%1", "zero at bitcast");
    check(x, &["is_nan %x", "cast %0 : f64"], "%1", "zero at is_nan");
    check(x, &["powi %x {n=0}"], "%0", "zero at powi");
    check("%a: f64, %x: f64", &["copysign %a, %x"], "%0", "zero at copysign");
    check(
        x,
        &["reshape %x : f64[1]", "sort %0 {axis=0}", "get %1 {index=1}", "reshape %2 : i64", "cast %3 : f64"],
        "%4",
        "zero at get",
    );
    check(
        "%v: f64[2], %x: f64",
        &["cast %x : i64", "gather %v, %0 {offset=[], collapsed=[0], start_map=[0], index_axis=0, sizes=[1]}"],
        "%1",
        "zero at cast",
    );
}

#[test]
fn a_path_beside_a_flat_op_is_a_derivative() {
    check("%x: f64", &["stop_gradient %x", "mul %0, %x"], "%1", "there");
    check("%x: f64", &["floor %x", "sub %x, %0"], "%1", "there");
    check("%x: f64", &[], "%x", "there");
}

#[test]
fn disconnected_is_no_path_whatever_structures_and_calls_lie_between() {
    let lost = "disconnected from parameter `x`";
    check("%a: f64, %x: f64", &["sin %a"], "%0", lost);
    check("%a: f64, %x: f64", &["tuple %a, %x", "get %0 {index=0}", "sin %1"], "%2", lost);
    check("%p: f64, %x: f64", &["record %x, %p {fields=[u, v]}", "get %0 {field=v}"], "%1", lost);
    check("%a: f64, %x: f64", &["call @first(%a, %x)"], "%0", lost);
    check("%a: f64, %x: f64", &["call @first(%x, %a)"], "%0", "there");
    check("%x: f64", &["floor %x", "const 1.0 : f64", "call @first(%1, %0)"], "%2", "zero at floor");
}

#[test]
fn of_several_inputs_the_one_with_a_path_says_why() {
    let f =
        text::parse("graph @f(%a: f64, %x: f64, %b: f64) -> f64 {\n  %0 = floor %x\n  return %0\n}").expect("a graph");
    assert_eq!(kinds(&f, &[0, 1, 2])[1..], ["zero at floor", "zero at floor"]);
    assert_eq!(kinds(&f, &[0, 2])[1..], ["disconnected from parameter `a`", "disconnected from parameter `a`"]);
}

#[test]
fn undefined_is_an_error_before_anything_is_built() {
    check("%x: f64, %n: i64", &["cast %n : f64", "mul %0, %x"], "%1", "undefined");
    check("%x: f64, %c: bool", &["select %c, %x, %x"], "%0", "undefined");
    check("%n: i64, %x: f64", &["cast %x : i64"], "%0", "undefined");
    check("%x: f64", &["is_finite %x"], "%0", "undefined");
    check("%x: f64, %p: (i64, bool)", &[], "%x", "undefined");
    check("%p: (i64, bool), %x: f64", &[], "%p", "undefined");
}

/// Every op has a rule in every mode (`closure.rs`), so this kind is met in its message only.
#[test]
fn not_implemented_names_the_op() {
    let missing = Missing::NotImplemented { node: CoreGraph::new().scalar(0.0), op: Opcode::Select };
    let error = autodiff::Error::Missing(vec![missing]);
    assert_eq!(error.code(), "not-implemented");
    assert_eq!(error.to_string(), "1 derivative(s) cannot be built:\n  `select` has no derivative rule yet");
}

#[test]
fn the_facade_tells_the_kinds_apart() -> Result<(), Error> {
    let g = Graph::new();
    let (x, other) = (g.scalar("x"), g.scalar("other"));
    let n = g.param("n", Type::tensor(DType::I64, &[]));
    let steps = x.cast(DType::I64).cast(DType::F64);
    assert_eq!(dependence(steps, x)?, Dependence::Zero { op: "cast" });
    assert_eq!(dependence(x.lt(0.0).select(1.0, 2.0), x)?, Dependence::Zero { op: "lt" });
    assert_eq!(dependence(x.stop_gradient().exp(), x)?, Dependence::Zero { op: "stop_gradient" });
    assert_eq!(dependence(tuple(&[x, other]).get(0).sin(), other)?, Dependence::Disconnected);
    assert_eq!(dependence(x.sin(), x)?, Dependence::Smooth);
    assert_eq!(dependence(x, n).map_err(|e| e.code()), Err("undefined"));
    assert_eq!(grad(steps, x)?.known(), Some(0.0), "zero by mathematics is a number");
    assert_eq!(grad(x.sin(), other).map_err(|e| e.code()).err(), Some("disconnected"));
    assert_eq!(grad_or_zeros(x.sin(), other)?.known(), Some(0.0));
    assert_eq!(
        grad_or_zeros(x.sin(), n).map_err(|e| e.code()).err(),
        Some("undefined"),
        "integers are not asked for zeros"
    );
    assert_eq!(jvp(steps, x, other)?.known(), Some(0.0));
    assert_eq!(vjp(steps, other, x)?.known(), Some(0.0));
    Ok(())
}

#[test]
fn zeros_have_the_structure_of_the_input() -> Result<(), Error> {
    let g = Graph::new();
    let single = Type::tensor(DType::F32, &[2, 0, 3]);
    let inner = Type::tuple([single.clone(), Type::tensor(DType::Bool, &[4])]);
    let ty =
        Type::record([("w", Type::tensor(DType::F64, &[5])), ("n", Type::tensor(DType::I64, &[7])), ("rest", inner)]);
    let (p, x) = (g.param("p", ty), g.scalar("x"));
    let zeros = grad_or_zeros(x.sin(), p)?;
    let unit = || Type::tuple([]);
    let rest = Type::tuple([single, unit()]);
    let expected = Type::record([("w", Type::tensor(DType::F64, &[5])), ("n", unit()), ("rest", rest)]);
    assert_eq!(zeros.ty(), Some(expected));
    assert_eq!(zeros.field("w").ty(), Some(Type::tensor(DType::F64, &[5])));
    let f = g.function("f", zeros)?;
    let values = f.eval(&[zero_of(&f), 1.0.into()])?;
    assert!(values[0].leaves().iter().all(|leaf| leaf.to_f64().iter().all(|&z| z == 0.0)));
    // a part with a derivative leaves zeros in the others
    let partly = grad(p.field("w").sum(), p)?;
    let out = g.compile(partly.field("w"))?.run_values(&[zero_of(&f), 1.0.into()])?;
    assert_eq!(out[0].as_tensor().map(Tensor::to_f64), Some(vec![1.0; 5]));
    assert_eq!(partly.ty(), zeros.ty());
    Ok(())
}

/// A value of the type of the first parameter.
fn zero_of(f: &Function) -> Value {
    let tensor = |t: &TensorType| {
        let zeros = std::iter::repeat_n(Element::F64(0.0), t.shape.elements());
        Tensor::new(t.shape.clone(), Buffer::collect(t.dtype, zeros)).expect("as many as the shape has")
    };
    let ty = f.core().param_type(0);
    Value::from_leaves(ty, &mut ty.leaves().into_iter().map(tensor)).expect("one tensor for each leaf")
}

#[test]
fn functions_give_zeros_of_what_was_asked_for_by_name() -> Result<(), Error> {
    let f = Function::parse("graph @f(%x: f64, %v: f32[2]) -> f64 {\n  %0 = sin %x\n  return %0\n}")?;
    for d in [f.grad(1)?, f.vjp_by([1])?] {
        assert_eq!(*d.core().graph().ty(d.core().results()[0]), Type::tensor(DType::F32, &[2]), "{}", d.text());
    }
    for d in [f.jvp_by([1])?, f.taylor_by([1], 2)?] {
        let zeros: Vec<_> = d.core().results().iter().map(|&y| d.core().graph().known(y)).collect();
        assert!(zeros.iter().all(|&zero| zero == Some(0.0)), "{}", d.text());
    }
    Ok(())
}

/// The straight-through estimator of Bengio, Léonard and Courville (2013): the value of `round`, the derivative of 3x.
fn straight_through(x: Expr) -> Expr {
    let smooth = 3.0 * x;
    smooth + (smooth.round() - smooth).stop_gradient()
}

#[test]
fn stop_gradient_is_the_identity_in_value_and_a_constant_in_every_mode() -> Result<(), Error> {
    let f = Function::new("f", &[("x", Type::f64())], |args| straight_through(args[0]).square())?;
    let at = 0.77;
    for level in Level::ALL {
        let (optimized, _) = f.optimize(level);
        assert!(optimized.text().contains("stop_gradient"), "it stays, for derivatives to come: {}", optimized.text());
        assert!((optimized.compile_at(level)?.run(&[at])?[0] - 4.0).abs() < 1e-12, "round(2.31)² = 4");
        for g in [&f, &optimized] {
            let first = g.grad(0)?;
            let second = first.optimize(level).0.grad(0)?;
            assert!((first.compile_at(level)?.run(&[at])?[0] - 12.0).abs() < 1e-12, "2·2·3");
            assert!((second.compile_at(level)?.run(&[at])?[0] - 18.0).abs() < 1e-12, "2·3·3");
            assert!((g.jvp()?.compile_at(level)?.run(&[at, 1.0])?[0] - 12.0).abs() < 1e-12);
            let series = g.taylor(3)?.compile_at(level)?.run(&[at, 1.0])?;
            assert!([12.0, 9.0, 0.0].iter().zip(&series).all(|(a, b)| (a - b).abs() < 1e-12), "{series:?}");
        }
    }
    Ok(())
}

#[test]
fn stop_gradient_of_integers_and_of_itself() -> Result<(), Error> {
    let g = Graph::new();
    let n = g.integers(&[2], &[3, (1 << 53) + 1]);
    let out = g.function("f", n.stop_gradient())?.eval(&[])?;
    let expected = Tensor::new(Shape::new(&[2]), Buffer::I64(vec![3, (1 << 53) + 1])).expect("two elements");
    assert!(out[0].as_tensor().is_some_and(|t| t.same_bits(&expected)), "exact beyond 2^53: {out:?}");
    let f = Function::new("f", &[("x", Type::f64())], |args| args[0].stop_gradient().stop_gradient())?;
    let text = f.optimize(Level::Exact).0.text();
    assert_eq!(text.matches("stop_gradient").count(), 1, "{text}");
    let x = g.scalar("x");
    assert!(!same(x, x.stop_gradient()));
    let parsed: Arc<Core> = text::parse(&text).expect("it reads back");
    assert_eq!(text::print(&parsed), text);
    Ok(())
}

#[test]
fn formulas_can_stop_gradients() {
    use wengert::formula::Formula;
    use wengert::partials::{Partials, Settings};
    let formula = Formula::parse("x*stop_gradient(x^2)").expect("a formula");
    for mode in Mode::ALL {
        let partials =
            Partials::new(&formula, &Settings { order: 2, mode, ..Settings::default() }).expect("two orders");
        let program = partials.function.compile().expect("a small program");
        assert_eq!(program.run(&[2.0]).expect("one input"), [8.0, 4.0, 0.0], "{}", mode.name());
    }
}
