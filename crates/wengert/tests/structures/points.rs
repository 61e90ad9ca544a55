//! A function at many points, against one point at a time.

use std::num::NonZero;

use wengert::Points;
use wengert::prelude::*;

/// All answers by [`Points`], after checking them against single runs bit by bit, for some numbers of threads.
fn answers(f: &Function, points: &[f64]) -> Vec<f64> {
    let many = Points::new(f).expect("a function");
    let one = f.compile().expect("a function");
    let singly: Vec<f64> = points.chunks(many.inputs()).flat_map(|x| one.run(x).expect("it runs")).collect();
    for threads in [1, 2, 3, 16] {
        let found = many.run(points, NonZero::new(threads).expect("not zero")).expect("it runs");
        let same = found.iter().zip(&singly).all(|(a, b)| a.to_bits() == b.to_bits());
        assert!(same && found.len() == singly.len(), "{threads} threads: {found:?}, singly {singly:?}");
    }
    singly
}

fn numbers(count: usize) -> Vec<f64> {
    (0..count).map(|i| (0.37 * i as f64).sin()).collect()
}

#[test]
fn points_side_by_side_have_the_bits_of_single_ones() {
    let scalars = Function::new("f", &[("x", Type::f64()), ("y", Type::f64())], |v| {
        ((v[0] * v[1]).sin() * v[0].exp() + v[1].tanh(), v[0].max(v[1]))
    });
    let gradient = scalars.and_then(|f| f.jacobian(["x", "y"])).expect("a function");
    for points in [1, 63, 64, 65, 400] {
        assert_eq!(answers(&gradient, &numbers(2 * points)).len(), 4 * points);
    }
    let params = [("w", Type::tensor(DType::F64, &[3, 2])), ("x", Type::tensor(DType::F64, &[2]))];
    let layer = Function::new("layer", &params, |v| {
        let y = v[0].matmul(v[1]).tanh();
        (y.square().sum(), y)
    });
    answers(&layer.expect("a function"), &numbers(8 * 150));
}

#[test]
fn a_point_that_fails_leaves_the_others_right() {
    let params = [("a", Type::tensor(DType::F64, &[2, 2]))];
    let f = Function::new("f", &params, |v| v[0].inv()).expect("a function");
    let many = Points::new(&f).expect("a function");
    let mut points = [2.0, 0.0, 0.0, 4.0].repeat(200);
    points[4 * 70..][..4].fill(0.0);
    let mut found = vec![0.0; points.len()];
    for threads in [1, 3] {
        let outcome = many.run_into(&points, &mut found, NonZero::new(threads).expect("not zero"));
        assert_eq!(outcome.expect_err("singular").code(), "singular");
        for (at, answer) in found.chunks(4).enumerate() {
            assert!(at == 70 || answer == [0.5, 0.0, 0.0, 0.25], "{at}: {answer:?}");
        }
    }
}

#[test]
fn lengths_are_checked() {
    let f = Function::new("f", &[("x", Type::f64()), ("y", Type::f64())], |v| v[0] * v[1]).expect("a function");
    let many = Points::new(&f).expect("a function");
    assert_eq!((many.inputs(), many.outputs()), (2, 1));
    let nothing = [("x", Type::tensor(DType::F64, &[0]))];
    let constant = Function::new("f", &nothing, |v| v[0].sum()).expect("a function");
    assert_eq!(Points::new(&constant).expect_err("no numbers").to_string(), "numbers of a point: 1 expected, 0 given");
    let one = NonZero::<usize>::MIN;
    assert_eq!(many.run(&[], one).expect("nothing"), []);
    assert_eq!(many.run(&[1.0, 2.0, 3.0], one).expect_err("a half").to_string(), "points: 2 expected, 3 given");
    assert_eq!(many.run_into(&[1.0, 2.0], &mut [0.0; 2], one).expect_err("two").code(), "count");
}
