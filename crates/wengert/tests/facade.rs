//! The facade as a user meets it: operators, derivatives, structures, functions, and every mistake with its line.

use std::collections::BTreeMap;

use wengert::prelude::*;
use wengert::{Dependence, Level, Mode, Tensor, Verdict, dependence, same};

/// The error of a closure that must fail.
fn error<T>(result: Result<T, Error>) -> Error {
    match result {
        Ok(_) => panic!("this must fail"),
        Err(e) => e,
    }
}

#[test]
fn the_lecture_in_ten_lines() -> Result<(), Error> {
    let g = Graph::new();
    let (x1, x2) = (g.scalar("x1"), g.scalar("x2"));
    let y = x1.ln() + x1 * x2 - x2.sin();
    let gradient = grad(y, [x1, x2])?;
    let [[a, b], [c, d]] = hessian(y, [x1, x2])?;
    let p = g.compile((y, gradient, [a, b, c, d]))?;
    let out = p.run(&[2.0, 5.0])?;
    let expected = [11.652071455223084, 5.5, 1.7163378145367738, -0.25, 1.0, 1.0, -0.9589242746631385];
    assert!(out.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{out:?}");
    assert!((g.eval(y, &[("x1", 2.0), ("x2", 5.0)])? - expected[0]).abs() < 1e-12);
    Ok(())
}

#[test]
fn operators_take_owned_and_borrowed_operands_and_numbers() {
    let g = Graph::new();
    let (x, y) = (g.scalar("x"), g.scalar("y"));
    let (px, py, two) = (&x, &y, &2.0);
    for z in [px + y, x + py, px + py] {
        assert!(same(z, x + y));
    }
    for z in [two * x, 2.0 * px, two * px] {
        assert!(same(z, Expr::from(2.0) * x));
    }
    let mut sum = x;
    sum += y;
    sum *= 2.0;
    assert!(same(sum, (x + y) * 2.0));
    assert!(same([x, y].into_iter().sum(), x + y));
    assert_eq!((Expr::from(2.0) + Expr::from(3.0)).known(), Some(5.0), "numbers need no graph");
}

#[test]
fn shapes_broadcast_as_in_numpy() -> Result<(), Error> {
    let g = Graph::new();
    let (a, b) = (g.tensor("a", &[2, 1, 3]), g.tensor("b", &[5, 1]));
    assert_eq!((a + b).shape(), Some(vec![2, 5, 3]));
    assert_eq!((a * 2.0).shape(), Some(vec![2, 1, 3]));
    let total = (a * b).sum();
    let (da, db) = grad(total, (a, b))?;
    assert_eq!((da.shape(), db.shape()), (Some(vec![2, 1, 3]), Some(vec![5, 1])));
    let inputs: Vec<f64> = (1..=11).map(f64::from).collect();
    let out = g.compile([da, db])?.run(&inputs)?;
    assert_eq!(out, [[45.0; 6].as_slice(), &[21.0; 5]].concat(), "each meets the sum of the other side");
    Ok(())
}

#[test]
fn the_first_mistake_is_kept_with_its_line_and_later_steps_are_silent() {
    let g = Graph::new();
    let (a, b) = (g.tensor("a", &[2]), g.tensor("b", &[3]));
    let line = line!() + 1;
    let bad = a + b;
    let worse = (bad * 2.0).sin().reshape(&[7]);
    let e = error(grad(worse.sum(), a));
    assert_eq!(e.code(), "broadcast");
    assert_eq!(e.site().map(|site| site.line()), Some(line));
    assert!(e.to_string().contains("[2] and [3]") && e.to_string().contains("facade.rs"), "{e}");
    assert_eq!(error(g.compile(a)).code(), "broadcast", "the graph stays marked");
    assert!(g.text(a).starts_with("error: shapes [2] and [3]"));
}

#[test]
fn every_mistake_has_its_code() {
    let g = Graph::new();
    let h = Graph::new();
    let (x, z) = (g.scalar("x"), h.scalar("z"));
    assert_eq!(error(g.compile(x + z)).code(), "mixed-graphs");
    assert_eq!(error(h.compile(z)).code(), "mixed-graphs", "both sides know");

    let g = Graph::new();
    let (x, other) = (g.scalar("x"), g.scalar("other"));
    assert_eq!(error(grad(x * x, [other])).code(), "disconnected");
    assert_eq!(error(grad(Expr::from(1.0), [Expr::from(2.0)])).code(), "only-numbers");
    assert_eq!(error(grad(g.tensor("t", &[2]), [x])).code(), "not-scalar");
    assert_eq!(error(g.eval(x, &[])).code(), "no-value");
    let n = g.param("n", Type::tensor(DType::I64, &[]));
    assert_eq!(error(grad(x, [n])).code(), "undefined");
    let p = g.compile(x).expect("a plain program");
    assert_eq!(error(p.run(&[1.0])).code(), "cells");
    g.scalar("x");
    assert_eq!(error(g.compile(x)).code(), "name");

    let left = {
        let g = Graph::new();
        g.scalar("x")
    };
    assert_eq!(error(grad(left, [left])).code(), "dropped");
    assert!((left + 1.0).ty().is_none());
}

#[test]
fn integers_do_not_swallow_fractions() {
    let g = Graph::new();
    let n = g.param("n", Type::tensor(DType::I64, &[]));
    let even = n * 2.0;
    assert_eq!(even.ty(), Some(Type::tensor(DType::I64, &[])));
    assert!(g.mistake().is_none());
    let _half = n * 0.5;
    assert_eq!(g.mistake().map(|e| e.code()), Some("dtype"));
}

#[test]
fn structures_come_out_as_they_go_in() -> Result<(), Error> {
    let g = Graph::new();
    let weights: BTreeMap<String, Expr> = ["a", "b"].map(|name| (name.to_string(), g.scalar(name))).into();
    let layers = vec![g.scalar("first"), g.scalar("second")];
    let y = weights["a"] * weights["b"] * layers[0] + layers[1].exp();
    let (by_weights, by_layers) = grad(y, (weights.clone(), layers.clone()))?;
    assert_eq!(by_weights.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert!(
        same(by_weights["a"], weights["b"] * layers[0])
            || g.eval(by_weights["a"], &[("b", 3.0), ("first", 5.0)])? == 15.0
    );
    assert_eq!(by_layers.len(), 2);
    Ok(())
}

#[test]
fn zeros_are_given_where_they_are_asked_for() -> Result<(), Error> {
    let g = Graph::new();
    let (x, t) = (g.scalar("x"), g.tensor("t", &[2]));
    let zeros = grad_or_zeros(x.floor() * 2.0, (x, t))?;
    assert_eq!((zeros.0.known(), zeros.1.known()), (Some(0.0), Some(0.0)));
    assert_eq!(zeros.1.shape(), Some(vec![2]));
    assert_eq!(dependence(x.floor() * 2.0, x)?, Dependence::Zero { op: "floor" });
    assert_eq!(dependence(x * 2.0, t)?, Dependence::Disconnected);
    assert_eq!(dependence(x * 2.0, x)?, Dependence::Smooth);
    Ok(())
}

#[test]
fn functions_compose_with_their_derivatives() -> Result<(), Error> {
    let vector = Type::tensor(DType::F64, &[3]);
    let f = Function::new("f", &[("x", vector)], |args| args[0].powi(4).sum())?;
    // S3 of the field's scenarios, on three elements: the gradient inside, differentiated again.
    let outer = Function::new("outer", &[("x", Type::tensor(DType::F64, &[3]))], |args| {
        let x = args[0];
        (f.grad(0).map(|d| d.call(&[x])).unwrap_or(x)).sum()
    })?;
    let at = [0.5, 1.5, 2.5];
    assert_eq!(outer.grad(0)?.compile()?.run(&at)?, [3.0, 27.0, 75.0]);
    let hessian = f.hessian(0)?.compile()?.run(&at)?;
    assert_eq!(hessian, [3.0, 0.0, 0.0, 0.0, 27.0, 0.0, 0.0, 0.0, 75.0]);
    let product = f.hvp(0)?.compile()?.run(&[at, [1.0, -1.0, 2.0]].concat())?;
    assert_eq!(product, [3.0, -27.0, 150.0]);
    assert_eq!(f.grad(0)?.grad(0).map_err(|e| e.code()), Err("not-scalar"));
    assert_eq!(f.grad(1).map_err(|e| e.code()), Err("parameter"));
    assert_eq!(Function::parse(&f.text())?, f);
    Ok(())
}

#[test]
fn jacobians_have_the_shape_of_result_and_parameter() -> Result<(), Error> {
    let spec = [("x", Type::tensor(DType::F64, &[2])), ("w", Type::tensor(DType::F64, &[3, 2]))];
    let f = Function::new("f", &spec, |args| args[1].dot(args[0]))?;
    let by_x = f.jacobian(0)?;
    let by_w = f.jacobian(1)?;
    let inputs = [2.0, 3.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    assert_eq!(by_x.compile()?.run(&inputs)?, inputs[2..], "the Jacobian by x is w");
    let found = by_w.compile()?.run(&inputs)?;
    let expected = (0..18).map(|i| if i / 6 == i % 6 / 2 { inputs[i % 2] } else { 0.0 });
    assert_eq!(found, expected.collect::<Vec<_>>());
    Ok(())
}

#[test]
fn unit_seeds_of_contractions_are_moved_not_multiplied() -> Result<(), Error> {
    // One axis or both, in either order, the results turned, and x on either side.
    let cases: [(&str, &str, &str, &[usize]); 5] = [
        ("ab", "bcd", "acd", &[3, 4, 2]),
        ("ab", "bca", "c", &[3, 4, 2]),
        ("ab", "dcb", "cda", &[5, 4, 3]),
        ("ab", "bcd", "dca", &[3, 4, 2]),
        ("ab", "acb", "c", &[2, 4, 3]),
    ];
    for (x, w, y, extents) in cases {
        for (text, first) in [(format!("{x},{w}->{y}"), 0), (format!("{w},{x}->{y}"), 1)] {
            let spec = [("x", Type::tensor(DType::F64, &[2, 3])), ("w", Type::tensor(DType::F64, extents))];
            let f = Function::new("f", &spec, |args| wengert::einsum(&text, &[args[first], args[1 - first]]))?;
            let n = 6 + extents.iter().product::<usize>();
            let at: Vec<f64> = (0..n).map(|i| (i as f64 * 0.7).sin()).collect();
            let dense = f.jacobian(0)?.compile()?.run(&at)?;
            let tangent = f.jvp_by("x")?.compile()?;
            for column in 0..6 {
                let direction = (0..6).map(|i| if i == column { 1.0 } else { 0.0 });
                let inputs: Vec<f64> = at.iter().copied().chain(direction).collect();
                let found: Vec<f64> = dense.iter().skip(column).step_by(6).copied().collect();
                assert_eq!(found, tangent.run(&inputs)?, "{text}, column {column}");
            }
        }
    }
    // An infinite weight stays in its own place.
    let spec = [("x", Type::tensor(DType::F64, &[2])), ("w", Type::tensor(DType::F64, &[2, 2]))];
    let f = Function::new("f", &spec, |args| args[1].dot(args[0]))?;
    let inputs = [1.0, 1.0, f64::INFINITY, 2.0, 3.0, 4.0];
    assert_eq!(f.jacobian(0)?.compile()?.run(&inputs)?, inputs[2..]);
    Ok(())
}

#[test]
fn a_record_parameter_has_a_record_as_its_adjoint() -> Result<(), Error> {
    let ty = Type::record([("scale", Type::f64()), ("count", Type::tensor(DType::I64, &[])), ("rest", Type::f64())]);
    let f = Function::new("f", &[("p", ty)], |args| args[0].field("scale").exp())?;
    let d = f.grad(0)?;
    assert!(d.text().contains("-> {scale: f64, count: (), rest: f64}"), "{}", d.text());
    Ok(())
}

/// One function for numbers and for tracing.
fn rosenbrock<S: Scalar>(x: S, y: S) -> S {
    let (one, hundred) = (S::constant(1.0), S::constant(100.0));
    (one - x).powi(2) + hundred * (y - x * x).powi(2)
}

#[test]
fn a_generic_function_computes_and_traces_itself() -> Result<(), Error> {
    let f = Function::new("f", &[("x", Type::f64()), ("y", Type::f64())], |args| rosenbrock(args[0], args[1]))?;
    let at = [-1.2, 1.0];
    assert_eq!(f.compile_at(Level::Exact)?.run(&at)?, [rosenbrock(-1.2, 1.0)]);
    assert!((rosenbrock(-1.2f32, 1.0f32) - 24.2).abs() < 1e-5);
    let gradient = f.grad_all()?.compile()?.run(&at)?;
    assert!((gradient[0] + 215.6).abs() < 1e-10 && (gradient[1] + 88.0).abs() < 1e-10, "{gradient:?}");
    Ok(())
}

#[test]
fn check_gradient_agrees_in_every_mode_and_shows_what_it_compared() -> Result<(), Error> {
    let spec = [("x", Type::tensor(DType::F64, &[3])), ("s", Type::f64())];
    let f = Function::new("f", &spec, |args| ((args[0] * args[1]).sin().sum() + args[1].exp()).tanh())?;
    let outcome = check_gradient(&f, &[0.3, -0.7, 1.1, 0.2], 3, &Mode::ALL)?;
    assert!(outcome.passed(), "{outcome}");
    assert_eq!(outcome.checked.len(), 18);
    assert!(outcome.to_string().contains("reverse-over-forward"));
    assert_eq!(error(check_gradient(&f, &[0.3], 1, &[Mode::Reverse])).code(), "count");
    Ok(())
}

#[test]
fn check_gradient_does_not_call_a_kink_agreement() -> Result<(), Error> {
    let f = Function::new("f", &[("x", Type::f64())], |args| args[0].floor() + args[0])?;
    let outcome = check_gradient(&f, &[1.0 - 1e-9], 1, &[Mode::Reverse])?;
    assert!(!outcome.passed() && outcome.checked[0].verdict == Verdict::Undecided, "{outcome}");
    Ok(())
}

#[test]
fn programs_are_shared_by_threads() -> Result<(), Error> {
    let g = Graph::new();
    let x = g.scalar("x");
    let p = g.compile(grad(x.sin() * x, [x])?)?;
    let expected = p.run(&[0.7])?;
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| p.run(&[0.7]))).collect();
        for run in runs {
            assert_eq!(run.join().expect("no panic").expect("one input"), expected);
        }
    });
    assert!(p.peak_bytes() > 0);
    Ok(())
}

#[test]
fn values_of_every_type_go_through_a_program() -> Result<(), Error> {
    let ty = Type::record([("a", Type::tensor(DType::F64, &[2])), ("n", Type::tensor(DType::I64, &[]))]);
    let f = Function::new("f", &[("p", ty)], |args| {
        let p = args[0];
        record(&[("doubled", p.field("a") * 2.0), ("next", p.field("n") + 1.0)])
    })?;
    let n = Tensor { shape: Default::default(), data: wengert::Buffer::I64(vec![1 << 60]) };
    let a = Tensor::f64(&[2], vec![1.5, -2.0])?;
    let arg = Value::Record(vec![("a".into(), Value::Tensor(a)), ("n".into(), Value::Tensor(n))]);
    let reference = f.eval(std::slice::from_ref(&arg))?;
    let planned = f.compile()?.run_values(&[arg])?;
    assert!(reference[0].same_bits(&planned[0]));
    let next = planned[0].part(1).and_then(Value::as_tensor).map(|t| t.data.get(0).as_i64());
    assert_eq!(next, Some((1 << 60) + 1));
    Ok(())
}
