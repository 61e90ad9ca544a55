//! The Bratu problem −u″ = λ·exp u, u(0) = u(1) = 0, of combustion, at ten thousand points by Newton's method with sparse
//! Jacobians, beside its closed solution u = −2·log(cosh(θ(x − ½)/2)/cosh(θ/4)), θ = √(2λ)·cosh(θ/4). Source: J. P. Boyd,
//! "Chebyshev polynomial expansions of the Bratu problem", Appl. Math. Comput. 142 (2003).

use faer::prelude::*;
use faer::{Mat, mat};
use wengert::prelude::*;
use wengert_faer::{SparseProgram, matrix, tensor};

const LAMBDA: f64 = 1.0;

/// (2uᵢ − uᵢ₋₁ − uᵢ₊₁) − h²·λ·exp uᵢ at the inner points.
fn residual(n: usize) -> Function {
    let h = 1.0 / (n + 1) as f64;
    let g = Graph::new();
    let u = g.tensor("u", &[n]);
    let border = g.constant(&[1], &[0.0]);
    let (before, after) = (u.slice_along(0, 0..n - 1), u.slice_along(0, 1..n));
    let neighbours = concat(&[border, before], 0) + concat(&[after, border], 0);
    g.function("residual", 2.0 * u - neighbours - h * h * LAMBDA * u.exp()).expect("a program")
}

/// θ by fixed-point iteration: the lower of the two solutions.
fn theta() -> f64 {
    (0..200).fold(1.0, |theta: f64, _| (2.0 * LAMBDA).sqrt() * (theta / 4.0).cosh())
}

#[test]
fn newton_solves_the_bratu_problem_at_ten_thousand_points() {
    let n = 10_000;
    let f = residual(n);
    let sparse = f.sparse_jacobian("u").expect("real");
    assert_eq!((sparse.passes, sparse.pattern.entries()), (1, 3 * n - 2));
    let jacobian = SparseProgram::new(sparse).expect("a program");
    let values = f.compile().expect("a program");
    let mut u = vec![0.0; n];
    let mut steps = 0;
    loop {
        let r = values.run(&u).expect("finite");
        let lu = jacobian.at(&u).expect("finite").sp_lu().expect("regular");
        let step = lu.solve(Mat::from_fn(n, 1, |i, _| -r[i]));
        u.iter_mut().enumerate().for_each(|(i, u)| *u += step[(i, 0)]);
        steps += 1;
        let size = (0..n).fold(0.0, |most: f64, i| most.max(step[(i, 0)].abs()));
        if size < 1e-8 {
            break;
        }
        assert!(steps < 10, "{size:e}");
    }
    let (theta, h) = (theta(), 1.0 / (n + 1) as f64);
    let exact = |x: f64| -2.0 * ((theta * (x - 0.5) / 2.0).cosh() / (theta / 4.0).cosh()).ln();
    let error = (0..n).fold(0.0, |most: f64, i| most.max((u[i] - exact((i + 1) as f64 * h)).abs()));
    // h²·|u⁗|/12 is about 1e-10; the rest is rounding, which a second difference magnifies.
    assert!(error < 1e-7 && steps <= 5, "{error:e} after {steps} steps");
}

/// A sparse Hessian is the dense one; a Jacobian that is not square keeps rows and columns apart.
#[test]
fn sparse_matrices_are_the_dense_ones() {
    let n = 7;
    let energy = |v: &[Expr]| (v[0].slice_along(0, 1..n) * v[0].slice_along(0, 0..n - 1)).exp().sum();
    let f = Function::new("f", &[("x", Type::tensor(DType::F64, &[n]))], energy).expect("a program");
    let at: Vec<f64> = (0..n).map(|i| 0.1 * i as f64 - 0.3).collect();
    let sparse = SparseProgram::new(f.sparse_hessian("x").expect("a number")).and_then(|p| p.at(&at));
    let dense: wengert::Tensor =
        f.hessian("x").and_then(|h| h.compile()).and_then(|p| p.call((&vector(&at),))).expect("finite");
    assert!((sparse.expect("finite").to_dense() - matrix(&dense).expect("a matrix")).norm_max() < 1e-14);

    let f = Function::new("f", &[("x", Type::tensor(DType::F64, &[2]))], |v| (v[0].square(), v[0].at(0) * v[0].at(1)));
    let sparse = f.and_then(|f| f.sparse_jacobian("x")).and_then(SparseProgram::new).and_then(|p| p.at(&[2.0, 3.0]));
    assert_eq!(sparse.expect("finite").to_dense(), mat![[4.0, 0.0], [0.0, 6.0], [3.0, 2.0]]);
}

fn vector(elements: &[f64]) -> wengert::Tensor {
    wengert::Tensor::f64(&[elements.len()], elements.to_vec()).expect("as many as the shape has")
}

#[test]
fn dense_matrices_go_in_and_out() {
    let a = mat![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    assert_eq!(matrix(&tensor(a.as_ref())).expect("a matrix"), a);
    assert_eq!(matrix(&tensor(a.transpose())).expect("a matrix"), a.transpose().to_owned());
    let wrong = matrix(&vector(&[1.0])).expect_err("a vector").to_string();
    assert_eq!(wrong, "tensor: a matrix of f64 expected, f64[1] found");
}
