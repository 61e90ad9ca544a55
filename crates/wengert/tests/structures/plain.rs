//! Functions of structures as plain functions of slices.

use std::thread;

use wengert::plain::{Mapping, Objective};
use wengert::prelude::*;

#[derive(Clone, Debug, PartialEq, Structure)]
struct Model<T> {
    w: Vec<T>,
    scale: (T, T),
}

fn loss() -> Function {
    let model = Model { w: vec![1.0, 2.0], scale: (3.0, 4.0) };
    Function::of("loss", ["m", "x"], (&model, &0.5), |(m, x)| {
        (m.w[0] * x + m.w[1] * x.square()).exp() * m.scale.0 + m.scale.1.square()
    })
    .expect("a program")
}

/// Elements lie in the order of the parameters and, inside, of the fields.
#[test]
fn structures_become_vectors() {
    let flat = Objective::new(&loss()).expect("a number");
    let at = [1.0, 2.0, 3.0, 4.0, 0.5];
    let e = 1.0f64.exp();
    let (value, gradient) = flat.value_and_gradient(&at).expect("finite");
    assert!((value - (3.0 * e + 16.0)).abs() < 1e-14);
    let expected = [1.5 * e, 0.75 * e, e, 8.0, 9.0 * e];
    assert!(gradient.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-14), "{gradient:?}");
    let hessian = flat.hessian(&at).expect("finite");
    let direction = [1.0, 0.0, -1.0, 2.0, 0.5];
    let product = flat.hessian_product(&at, &direction).expect("finite");
    for (row, found) in hessian.chunks(5).zip(&product) {
        let expected: f64 = row.iter().zip(direction).map(|(a, b)| a * b).sum();
        assert!((found - expected).abs() < 1e-13);
    }
}

#[test]
fn mappings_have_rows_and_products_of_both_kinds() {
    let params = [("a", Type::tensor(DType::F32, &[2])), ("b", Type::f64())];
    let f = Function::new("f", &params, |v| (v[0].cast(DType::F64) * v[1], v[1].square(), v[0].square()));
    let f = Mapping::new(&f.expect("a program")).expect("reals");
    assert_eq!((f.inputs(), f.outputs()), (3, 5));
    let at = [0.5, 2.0, 3.0];
    assert_eq!(f.values(&at).expect("finite"), [1.5, 6.0, 9.0, 0.25, 4.0]);
    let rows = [[3.0, 0.0, 0.5], [0.0, 3.0, 2.0], [0.0, 0.0, 6.0], [1.0, 0.0, 0.0], [0.0, 4.0, 0.0]];
    assert_eq!(f.jacobian(&at).expect("finite"), rows.concat());
    assert_eq!(f.tangent(&at, &[1.0, 1.0, 2.0]).expect("finite"), [4.0, 7.0, 12.0, 1.0, 4.0]);
    assert_eq!(f.adjoint(&at, &[1.0, 0.0, 0.0, 0.0, 2.0]).expect("finite"), [3.0, 8.0, 0.5]);
}

#[test]
fn a_closure_is_shared_by_threads() {
    let f = loss().value_and_grad("x").and_then(|f| f.compile()).expect("a program").into_fn();
    let run = |x: f64| {
        let mut out = [0.0; 2];
        f(&[1.0, 2.0, 3.0, 4.0, x], &mut out);
        out
    };
    let run = &run;
    let all: Vec<[f64; 2]> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|i| scope.spawn(move || run(f64::from(i)))).collect();
        threads.into_iter().map(|t| t.join().expect("it runs")).collect()
    });
    assert_eq!(all, [0.0, 1.0, 2.0, 3.0].map(run));
}

#[test]
fn what_is_not_real_or_no_number_is_told() {
    let params = [("x", Type::f64()), ("p", Type::tuple([Type::f64(), Type::tensor(DType::I64, &[])]))];
    let f = Function::new("f", &params, |v| v[0] * v[1].get(0)).expect("a program");
    let error = Mapping::new(&f).expect_err("an integer");
    assert_eq!(error.code(), "structure");
    assert!(error.to_string().starts_with("p[1]: real numbers expected, i64 found"), "{error}");
    let f = Function::new("f", &params[..1], |v| v[0].gt(0.0)).expect("a program");
    assert!(Mapping::new(&f).expect_err("a truth value").to_string().starts_with("result: real numbers expected"));
    let f = Function::new("f", &params[..1], |v| (v[0], v[0])).expect("a program");
    assert_eq!(Objective::new(&f).expect_err("two").code(), "not-scalar");
    let objective = Objective::new(&loss()).expect("a number");
    assert!(objective.value(&[1.0]).is_err() && objective.evaluate_into(&[0.0; 5], &mut [0.0; 5]).is_err());
}

/// Single precision, extents of 0 and functions of nothing are as good as others.
#[test]
fn precisions_mix_and_nothing_is_something() {
    let mixed =
        [("a", Type::tensor(DType::F32, &[2])), ("b", Type::f64()), ("none", Type::tensor(DType::F64, &[0, 3]))];
    let body = |v: &[Expr]| (v[0].cast(DType::F64) * v[1].exp()).square().sum() + v[2].sin().sum();
    let f = Function::new("f", &mixed, body).expect("a program");
    let objective = Objective::new(&f).expect("a number");
    assert_eq!(objective.value_and_gradient(&[1.0, 2.0, 0.0]).expect("finite"), (5.0, vec![2.0, 4.0, 10.0]));
    let hessian = [2.0, 0.0, 4.0, 0.0, 2.0, 8.0, 4.0, 8.0, 20.0];
    assert_eq!(objective.hessian(&[1.0, 2.0, 0.0]).expect("finite"), hessian);
    assert_eq!(objective.hessian_product(&[1.0, 2.0, 0.0], &[0.0, 0.0, 1.0]).expect("finite"), [4.0, 8.0, 20.0]);
    assert_eq!(
        f.laplacian(["a", "b", "none"]).and_then(|f| f.compile()?.run(&[1.0, 2.0, 0.0])).expect("finite"),
        [24.0]
    );
    let all = f.derivative_tensor(["a", "b"], 2).and_then(|f| f.compile()?.run(&[1.0, 2.0, 0.0])).expect("finite");
    let blocks = [2.0, 0.0, 0.0, 2.0, 4.0, 8.0, 4.0, 8.0, 20.0];
    assert!(all.iter().zip(blocks).all(|(a, b)| (a - b).abs() < 1e-12) && all.len() == 9, "{all:?}");

    let single = Function::new("f", &mixed[..1], |v| v[0].square().sum()).expect("a program");
    let objective = Objective::new(&single).expect("a number");
    assert_eq!(objective.value_and_gradient(&[1.0, 3.0]).expect("finite"), (10.0, vec![2.0, 6.0]));
    assert_eq!(objective.hessian(&[1.0, 3.0]).expect("finite"), [2.0, 0.0, 0.0, 2.0]);

    let empty = Function::new("f", &mixed[2..], |v| v[0].sum()).expect("a program");
    let objective = Objective::new(&empty).expect("a number");
    assert_eq!(objective.value_and_gradient(&[]).expect("finite"), (0.0, vec![]));
    assert_eq!(objective.hessian(&[]).expect("finite"), []);
    let mapping = Mapping::new(&Function::new("f", &mixed[1..], |v| v[1] * v[0]).expect("a program")).expect("reals");
    assert_eq!((mapping.inputs(), mapping.outputs()), (1, 0));
    assert_eq!(mapping.values(&[1.0]).expect("nothing"), []);
    assert_eq!(mapping.jacobian(&[1.0]).expect("nothing"), []);
    assert_eq!(mapping.tangent(&[1.0], &[1.0]).expect("nothing"), []);
    assert_eq!(mapping.adjoint(&[1.0], &[]).expect("zero"), [0.0]);
}

/// Blocks may be asked for twice; a sum over inputs, or an interpolation, counts each once.
#[test]
fn inputs_are_listed_once() {
    let f = Function::new("f", &[("x", Type::f64())], |v| v[0].exp()).expect("a program");
    let twice = ["x", "x"];
    assert_eq!(f.hessian(twice).and_then(|f| f.compile()?.run(&[0.0])).expect("finite"), [1.0; 4]);
    for refused in [f.laplacian(twice), f.derivative_tensor(twice, 2)] {
        assert!(refused.expect_err("twice").to_string().contains("twice"));
    }
}
