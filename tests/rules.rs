//! Derivatives of a function's own: in every mode, at every order, in calls, batched, in text; and checkpoints.

use wengert::prelude::*;
use wengert::{Checked, Keep, Mode};

const MODES: &[Mode] = Mode::ALL.split_at(1).1;

/// Derivatives along a direction, order by order and mode by mode.
fn derivatives(f: &Function, at: &[f64], order: usize) -> Vec<f64> {
    let outcome = check_gradient(f, at, order, MODES).unwrap_or_else(|e| panic!("{e}\n{}", f.text()));
    let wrong: Vec<&Checked> = outcome.checked.iter().filter(|c| !c.agrees()).collect();
    assert!(wrong.is_empty(), "{wrong:?}\n{}", f.text());
    outcome.checked.iter().map(|c| c.derivative).collect()
}

fn close(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-11 * b.abs().max(1.0))
}

fn scalar(name: &str) -> (&str, Type) {
    (name, Type::f64())
}

fn vector(name: &str, n: usize) -> (&str, Type) {
    (name, Type::tensor(DType::F64, &[n]))
}

/// x ↦ (y with y³ + y = x), by Newton steps whose own derivative would be that of an iteration.
fn root() -> Function {
    let body = Function::new("root", &[scalar("x")], |v| {
        (0..30).fold(v[0] / 2.0, |y, _| y - (y.powi(3) + y - v[0]) / (y.square() * 3.0 + 1.0))
    });
    body.expect("a program")
}

/// The implicit formula, y' = 1/(3y² + 1), with the result as residual.
fn root_by_vjp() -> Function {
    root().with_vjp(|_, y, ct| ct[0] / (y[0].square() * 3.0 + 1.0)).expect("linear")
}

fn root_by_jvp() -> Function {
    let inner = root();
    let rule = |v: &[Expr], dx: &[Expr]| dx[0] / (inner.call(v).square() * 3.0 + 1.0);
    inner.with_jvp(rule).expect("linear")
}

/// A program around a function.
fn around(f: &Function) -> Function {
    Function::new("around", &[scalar("x"), scalar("y")], |v| {
        let once = f.call(&[v[0] * v[1]]);
        (once.sin() + f.call(&[once + v[1]])) * v[0]
    })
    .expect("a program")
}

#[test]
fn a_rule_works_in_every_mode_to_order_four() {
    let at = [1.3, 0.8];
    let plain = derivatives(&around(&root()), &at, 4);
    for ruled in [root_by_vjp(), root_by_jvp()] {
        assert!(close(&derivatives(&around(&ruled), &at, 4), &plain), "{}", ruled.text());
    }
}

/// Where the rule and the body differ, the rule counts: here it says 2 where the body says 1.
#[test]
fn the_rule_counts_and_not_the_body() {
    let identity = || Function::new("identity", &[scalar("x")], |v| v[0]).expect("a program");
    let rules = [
        identity().with_jvp(|_, dx| dx[0] * 2.0).expect("linear"),
        identity().with_vjp(|_, _, ct| ct[0] * 2.0).expect("linear"),
    ];
    for f in rules {
        let caller = Function::new("caller", &[scalar("x")], |v| f.call(&[v[0].square()])).expect("a program");
        let run = |f: Function, args: &[f64]| f.compile().expect("small").run(args).expect("fits");
        for (own, called) in [(&f, 1.0), (&caller, 6.0)] {
            assert_eq!(run(own.grad("x").expect("real"), &[3.0]), [2.0 * called]);
            assert_eq!(run(own.jvp().expect("real"), &[3.0, 1.0]), [2.0 * called]);
            assert_eq!(run(own.taylor(1).expect("real"), &[3.0, 1.0]), [2.0 * called]);
            assert_eq!(run(own.jacobian("x").expect("real"), &[3.0]), [2.0 * called]);
            let (_, linear) = own.linearize("x").expect("real");
            assert!(linear.transpose("dx").is_ok());
        }
        assert_eq!(run(caller.hessian("x").expect("real"), &[3.0]), [4.0]);
        assert_eq!(run(caller.directional("x", 2).expect("real"), &[3.0, 1.0]), [4.0]);
        assert_eq!(run(caller.laplacian("x").expect("real"), &[3.0]), [4.0]);
        let (bound, value) = (caller.bind(&[("x", 3.0.into())]).expect("a parameter"), f.compile().expect("small"));
        assert_eq!(run(bound, &[]), value.run(&[9.0]).expect("fits"));
    }
}

/// A solver that is linear in b; by the matrix the body is differentiated.
fn solver() -> Function {
    let params = [("a", Type::tensor(DType::F64, &[2, 2])), vector("b", 2)];
    let body = Function::new("solve", &params, |v| v[0].solve(v[1])).expect("a program");
    body.with_transpose("b", |others, ct| others[0].transpose().solve(ct[0])).expect("linear")
}

#[test]
fn a_linear_rule_is_transposed_and_the_rest_differentiated() {
    let params = [("a", Type::tensor(DType::F64, &[2, 2])), vector("b", 2)];
    let around = |f: Function| {
        Function::new("around", &params, |v| (f.call(&[v[0], v[1].square()]) * v[1]).sum().sin()).expect("a program")
    };
    let plain = Function::new("solve", &params, |v| v[0].solve(v[1])).expect("a program");
    let at = [2.0, 0.3, -0.4, 1.5, 0.7, -0.2];
    assert!(close(&derivatives(&around(solver()), &at, 3), &derivatives(&around(plain), &at, 3)));
    let gradient = around(solver()).grad("b").expect("real").text();
    assert!(gradient.contains("call @solve.transpose("), "{gradient}");
}

#[test]
fn rules_are_batched_with_their_functions() {
    let params = [scalar("a"), vector("x", 3)];
    let body = Function::new("scaled", &params, |v| (v[1] * v[0]).sin()).expect("a program");
    let rules = [
        body.with_jvp(|v, d| (v[1] * v[0]).cos() * (d[1] * v[0] + v[1] * d[0])).expect("linear"),
        body.with_vjp(|v, _, ct| {
            let slope = ct[0] * (v[1] * v[0]).cos();
            ((slope * v[1]).sum(), slope * v[0])
        })
        .expect("linear"),
        body.clone(),
    ];
    let elements = [0.5, 0.1, 0.2, 0.3, -0.4, 0.5, 0.6];
    let all = rules.map(|f| {
        let loss = |f: Function| {
            let params = [scalar("a"), ("x", Type::tensor(DType::F64, &[2, 3]))];
            Function::new("loss", &params, |v| f.call(&[v[0], v[1]]).square().sum()).expect("a program")
        };
        derivatives(&loss(f.vmap(&[None, Some(0)], 2).expect("axes")), &elements, 3)
    });
    assert!(close(&all[0], &all[2]) && close(&all[1], &all[2]), "{all:?}");
}

#[test]
fn text_keeps_rules() {
    for f in [around(&root_by_vjp()), around(&root_by_jvp()), solver(), root_by_jvp()] {
        let text = f.text();
        let again = Function::parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert_eq!(again.text(), text);
        assert!(again.core().rule().is_some() == f.core().rule().is_some());
    }
    assert!(solver().text().contains("-> f64[2] transpose @solve.transpose [1] {"), "{}", solver().text());
    assert!(root_by_vjp() != root(), "the rule is part of a function");
    assert!(Function::parse(&solver().text()).expect("it was printed") == solver());
}

#[test]
fn wrong_rules_say_what_is_wrong() {
    let body = || Function::new("f", &[scalar("x"), vector("v", 2)], |v| v[1] * v[0]).expect("a program");
    let message = |made: Result<Function, Error>| made.expect_err("the rule is wrong").to_string();
    let nonlinear = message(body().with_jvp(|v, d| v[1] * d[0] + d[1] * d[1]));
    assert!(nonlinear.contains("not linear") && nonlinear.contains("mul"), "{nonlinear}");
    let affine = message(body().with_vjp(|v, _, ct| ((v[1] * ct[0]).sum() + 1.0, ct[0] * v[0])));
    assert!(affine.contains("not linear"), "{affine}");
    let few = message(body().with_vjp(|v, _, ct| ct[0] * v[0]));
    assert!(few.contains("@f.vjp returns (f64[2]); it needs (f64, f64[2])"), "{few}");
    let shape = message(body().with_transpose("v", |others, ct| (ct[0] * others[0]).sum()));
    assert!(shape.contains("returns (f64); it needs (f64[2])"), "{shape}");
    let place = message(body().with_transpose("w", |_, ct| ct[0]));
    assert!(place.contains("no parameter is named `w`; there are x, v"), "{place}");
}

#[test]
fn a_checkpoint_keeps_what_it_says_and_changes_no_derivative() {
    let params = [("w", Type::tensor(DType::F64, &[4, 4])), vector("x", 4)];
    let layer = Function::new("layer", &params, |v| (v[0].matmul(v[1]).tanh() * v[1]).sin()).expect("a program");
    let deep = |call: &dyn Fn(&[Expr]) -> Expr| {
        Function::new("deep", &params, |v| (0..3).fold(v[1], |x, _| call(&[v[0], x])).square().sum())
            .expect("a program")
    };
    let at: Vec<f64> = (0..20).map(|i| (0.37 * f64::from(i)).sin()).collect();
    let plain = derivatives(&deep(&|args| layer.call(args)), &at, 3);
    for keep in [Keep::Nothing, Keep::Products] {
        let checkpoint = layer.checkpoint(keep).expect("real");
        let deep = deep(&|args| checkpoint.call(args));
        assert!(close(&derivatives(&deep, &at, 3), &plain), "{keep:?}");
        let gradient = deep.grad("w").expect("real").text();
        let adjoint = gradient.split("graph @").find(|f| f.starts_with("layer.vjp")).expect("a callee");
        // The product that tanh needs again; the products of the adjoint itself are two.
        let products = adjoint.matches(" = dot ").count();
        assert_eq!(products, if keep == Keep::Nothing { 3 } else { 2 }, "{adjoint}");
        assert!(adjoint.contains(" = tanh "), "what is elementwise is computed again\n{adjoint}");
    }
}
