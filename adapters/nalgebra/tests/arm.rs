//! Inverse kinematics of a robot arm by damped least squares: the angles at which its hand is where it should be.

use nalgebra::{DMatrix, DVector, Matrix2x3, SVector};
use wengert::prelude::*;
use wengert_nalgebra::{Mapping, Objective, matrix, tensor, tensor_of_vector, vector};

const LENGTHS: [f64; 4] = [1.0, 0.8, 0.6, 0.3];

/// Position and direction of the hand of a plane arm: each joint turns all links after it.
fn hand() -> Function {
    Function::new("hand", &[("angles", Type::tensor(DType::F64, &[4]))], |v| {
        let turned = v[0].cumsum(0);
        let link = |i: usize| (turned.at(i).cos() * LENGTHS[i], turned.at(i).sin() * LENGTHS[i]);
        let (x, y) = (1..4).map(link).fold(link(0), |(x, y), (dx, dy)| (x + dx, y + dy));
        (x, y, turned.at(3))
    })
    .expect("a program")
}

/// Levenberg–Marquardt: (JᵀJ + λ)·δ = −Jᵀr, with λ halved by steps that help and doubled by others.
fn solve(target: &DVector<f64>, start: DVector<f64>) -> (DVector<f64>, usize) {
    let hand = Mapping::new(&hand()).expect("reals");
    let residual = |q: &DVector<f64>| hand.values(q).expect("finite") - target;
    let (mut q, mut damping) = (start, 1e-2);
    for step in 0..100 {
        let r = residual(&q);
        if r.norm() < 1e-13 {
            return (q, step);
        }
        let j = hand.jacobian(&q).expect("finite");
        let normal = j.transpose() * &j + DMatrix::identity(4, 4) * damping;
        let delta = normal.cholesky().expect("damped").solve(&(-j.transpose() * &r));
        if residual(&(&q + &delta)).norm() < r.norm() {
            q += delta;
            damping *= 0.1;
        } else {
            damping *= 4.0;
        }
    }
    panic!("no convergence: {}", residual(&q).norm())
}

#[test]
fn the_hand_reaches_its_target() {
    let target = DVector::from_column_slice(&[1.2, 1.1, 0.4]);
    let (angles, steps) = solve(&target, DVector::from_column_slice(&[0.3, 0.3, 0.3, 0.3]));
    let turned: Vec<f64> = angles.iter().scan(0.0, |sum, q| Some(*sum + q).inspect(|s| *sum = *s)).collect();
    let reach = |f: fn(f64) -> f64| LENGTHS.iter().zip(&turned).map(|(l, t)| l * f(*t)).sum::<f64>();
    let missed = (reach(f64::cos) - 1.2).abs() + (reach(f64::sin) - 1.1).abs() + (turned[3] - 0.4).abs();
    assert!(missed < 1e-12, "{missed:e}");
    assert!(steps < 30, "{steps} steps");
}

/// Static vectors go in; a Hessian is symmetric and is the tangent of the gradient.
#[test]
fn objectives_take_vectors_of_any_kind() {
    let f = Function::new("f", &[("x", Type::tensor(DType::F64, &[3]))], |v| v[0].exp().sum() * v[0].at(1));
    let f = Objective::new(&f.expect("a program")).expect("a number");
    let (x, v) = (SVector::<f64, 3>::new(0.1, 0.2, 0.3), SVector::<f64, 3>::new(1.0, -1.0, 2.0));
    let hessian = f.hessian(&x).expect("finite");
    assert_eq!(hessian, hessian.transpose());
    assert!((hessian * v - f.hessian_product(&x, &v).expect("finite")).norm() < 1e-14);
    let h = 1e-6;
    let slope = (f.value(&(x + v * h)).expect("finite") - f.value(&(x - v * h)).expect("finite")) / (2.0 * h);
    assert!((slope - f.gradient(&x).expect("finite").dot(&v)).abs() < 1e-8);
}

/// Matrices that are not square keep rows and columns apart, in a view as well.
#[test]
fn matrices_go_in_and_out() {
    let a = Matrix2x3::new(1.0, 2.0, 3.0, 4.0, 5.0, 6.0);
    let g = Graph::new();
    let (x, v) = (g.tensor("a", &[2, 3]), g.tensor("v", &[3]));
    let f = g.function("f", (x.matmul(v), x.transpose())).expect("a program").compile().expect("a program");
    let at = DVector::from_column_slice(&[1.0, 10.0, 100.0]);
    let out: (wengert::Tensor, wengert::Tensor) = f.call((&tensor(&a), &tensor_of_vector(&at))).expect("they fit");
    assert_eq!(vector(&out.0).expect("a vector"), a * &at);
    assert_eq!(matrix(&out.1).expect("a matrix"), a.transpose());
    let whole = DMatrix::from_fn(4, 5, |i, j| (10 * i + j) as f64);
    let view = whole.view((1, 2), (2, 3));
    assert_eq!(matrix(&tensor(&view)).expect("a matrix"), view);
    assert_eq!(matrix(&out.0).expect_err("a vector").to_string(), "tensor: a matrix of f64 expected, f64[2] found");
}
