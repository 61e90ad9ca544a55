//! Linear algebra where others fail: determinants of singular matrices, and equal eigenvalues and singular values. The
//! witnesses are polynomials in the elements, whose derivatives are exact.

use wengert::prelude::*;
use wengert::{Level, Mode};

/// Dᵏf(A)[E, …, E] for k = 0, 1, 2, 3, in a mode.
fn along(build: impl Fn(Expr) -> Expr, extents: [usize; 2], a: &[f64], e: &[f64], mode: Mode) -> [f64; 4] {
    let g = Graph::new();
    let (x, direction) = (g.tensor("x", &extents), g.tensor("direction", &extents));
    let mut tower = vec![build(x)];
    let (first, further) = mode.sweeps(9, 1, 3).expect("a nested mode");
    for order in 1..=3 {
        let y = tower[order - 1];
        let next = match if order == 1 { first } else { further } {
            wengert::Sweep::Forward => jvp(y, x, direction).expect("it has a tangent"),
            wengert::Sweep::Reverse => {
                let gradient = grad_or_zeros(y, x).expect("it has a gradient");
                (gradient * direction).sum()
            }
        };
        tower.push(next);
    }
    let program = g.compile(tower).expect("it fits");
    let found = program.run(&[a, e].concat()).expect("arguments fit");
    found.try_into().expect("four orders")
}

fn close(found: &[f64; 4], expected: &[f64; 4], what: &str) {
    for (order, (x, y)) in found.iter().zip(expected).enumerate() {
        assert!((x - y).abs() <= 1e-9 * y.abs().max(1.0), "{what}, order {order}: {x:?}, not {y:?}");
    }
}

/// k! times the coefficients of det(A + tE), expanded by rows: a polynomial of exact sums.
fn of_determinant(n: usize, a: &[f64], e: &[f64]) -> [f64; 4] {
    let mut coefficients = [0.0; 4];
    permute(&mut (0..n).collect::<Vec<_>>(), 0, 1.0, &mut |columns, sign| {
        let mut product = vec![sign];
        for (row, &column) in columns.iter().enumerate() {
            let (constant, slope) = (a[row * n + column], e[row * n + column]);
            product.push(0.0);
            for k in (0..product.len()).rev() {
                product[k] = product[k] * constant + if k > 0 { product[k - 1] * slope } else { 0.0 };
            }
        }
        coefficients.iter_mut().zip(&product).for_each(|(total, term)| *total += term);
    });
    [coefficients[0], coefficients[1], 2.0 * coefficients[2], 6.0 * coefficients[3]]
}

fn permute(columns: &mut Vec<usize>, from: usize, sign: f64, visit: &mut dyn FnMut(&[usize], f64)) {
    if from == columns.len() {
        return visit(columns, sign);
    }
    for at in from..columns.len() {
        columns.swap(from, at);
        permute(columns, from + 1, if at == from { sign } else { -sign }, visit);
        columns.swap(from, at);
    }
}

/// Numbers without a pattern in ±1.
fn numbers(seed: usize, count: usize) -> Vec<f64> {
    (0..count).map(|i| ((i + 13 * seed + 1) as f64 * 0.618_033_988_749_894_9).fract() * 2.0 - 1.0).collect()
}

fn product(n: usize, a: &[f64], b: &[f64]) -> Vec<f64> {
    (0..n * n).map(|at| (0..n).map(|k| a[at / n * n + k] * b[k * n + at % n]).sum()).collect()
}

fn transposed(n: usize, a: &[f64]) -> Vec<f64> {
    (0..n * n).map(|at| a[at % n * n + at / n]).collect()
}

/// U·diag(values)·Uᵀ for a rotation U.
fn with_eigenvalues(values: &[f64]) -> Vec<f64> {
    let n = values.len();
    let mut u: Vec<f64> = (0..n * n).map(|at| f64::from(u8::from(at / n == at % n))).collect();
    for (k, i) in (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).enumerate() {
        let (sin, cos) = (0.7 + 0.4 * k as f64).sin_cos();
        let turn = |at: usize| match (at / n, at % n) {
            (r, c) if r == c && (r == i.0 || r == i.1) => cos,
            (r, c) if (r, c) == i => -sin,
            (r, c) if (c, r) == i => sin,
            (r, c) => f64::from(u8::from(r == c)),
        };
        u = product(n, &u, &(0..n * n).map(turn).collect::<Vec<_>>());
    }
    let scaled: Vec<f64> = (0..n * n).map(|at| u[at] * values[at % n]).collect();
    product(n, &scaled, &transposed(n, &u))
}

#[test]
fn determinants_have_the_derivatives_of_the_polynomial_at_every_rank() {
    for n in 1..=4 {
        for rank in 0..=n {
            let left: Vec<f64> = (0..n * n).map(|at| if at % n < rank { numbers(n, n * n)[at] } else { 0.0 }).collect();
            let a = product(n, &left, &numbers(n + 5, n * n));
            let e = numbers(n + 9, n * n);
            for mode in Mode::NESTED {
                let found = along(Expr::det, [n, n], &a, &e, mode);
                close(&found, &of_determinant(n, &a, &e), &format!("{n} by {n} of rank {rank}, {}", mode.name()));
            }
        }
    }
}

/// tr Aᵖ along E for p up to 4, with E symmetric: k! times the coefficients of tr (A + tE)ᵖ.
fn of_trace(n: usize, p: usize, a: &[f64], e: &[f64]) -> [f64; 4] {
    let zero = vec![0.0; n * n];
    let identity: Vec<f64> = (0..n * n).map(|at| f64::from(u8::from(at / n == at % n))).collect();
    let mut power = [identity, zero.clone(), zero.clone(), zero];
    for _ in 0..p {
        for k in (0..4).rev() {
            let mut next = product(n, &power[k], a);
            if k > 0 {
                next.iter_mut().zip(product(n, &power[k - 1], e)).for_each(|(x, y)| *x += y);
            }
            power[k] = next;
        }
    }
    let trace = |k: usize| (0..n).map(|i| power[k][i * n + i]).sum::<f64>();
    [trace(0), trace(1), 2.0 * trace(2), 6.0 * trace(3)]
}

const SPECTRA: [&[f64]; 6] = [
    &[2.0, 2.0],
    &[1.0, 1.0, 3.0],
    &[2.0, 2.0, 2.0],
    &[-1.0, 0.0, 0.0, 5.0],
    &[1.0, 1.0, 4.0, 4.0],
    &[1.0, 1.0 + 1e-7, 3.0],
];

fn symmetric(n: usize, seed: usize) -> Vec<f64> {
    let e = numbers(seed, n * n);
    e.iter().zip(transposed(n, &e)).map(|(x, y)| 0.5 * (x + y)).collect()
}

#[test]
fn functions_of_equal_eigenvalues_have_their_derivatives() {
    for values in SPECTRA {
        let (n, a) = (values.len(), with_eigenvalues(values));
        let e = symmetric(n, n);
        for p in 1..=4_i32 {
            let found = along(|x| x.eigvalsh().powi(p).sum(), [n, n], &a, &e, Mode::Reverse);
            close(&found, &of_trace(n, p as usize, &a, &e), &format!("Σλ^{p} at {values:?}"));
        }
        // Not a sum over eigenvalues: (Σλ)²·Σλ² − Σλ³.
        let mixed = |x: Expr| {
            let values = x.eigvalsh();
            let sum = |p: i32| values.powi(p).sum();
            sum(1) * sum(2) - sum(3)
        };
        let plain = |x: Expr| {
            let square = x.matmul(x);
            x.trace() * square.trace() - square.matmul(x).trace()
        };
        let found = along(mixed, [n, n], &a, &e, Mode::Reverse);
        close(&found, &along(plain, [n, n], &a, &e, Mode::Reverse), &format!("a symmetric function at {values:?}"));
    }
}

/// The square of a matrix by its eigenvectors, weighted.
#[test]
fn functions_through_eigenvectors_do_not_depend_on_which() {
    for values in SPECTRA {
        let (n, a) = (values.len(), with_eigenvalues(values));
        let (e, weights) = (symmetric(n, n), symmetric(n, n + 3));
        // ⟨W, y⟩, element by element.
        let weighted = |y: Expr| {
            let terms = weights.iter().enumerate().map(|(at, &weight)| y.at(at / n).at(at % n) * weight);
            terms.reduce(|sum, term| sum + term).expect("there are elements").sin()
        };
        let spectral = |x: Expr| {
            let (values, vectors) = x.eigh();
            weighted((vectors * values.square()).matmul(vectors.transpose()))
        };
        let found = along(spectral, [n, n], &a, &e, Mode::Reverse);
        let expected = along(|x| weighted(x.matmul(x)), [n, n], &a, &e, Mode::Reverse);
        close(&found, &expected, &format!("V·λ²·Vᵀ at {values:?}"));
    }
}

#[test]
fn functions_of_equal_singular_values_have_their_derivatives() {
    for (extents, values) in [([2, 2], [2.0, 2.0]), ([3, 2], [1.5, 1.5]), ([2, 3], [1.0, 1.0 + 1e-8])] {
        let [m, n] = extents;
        let (left, right) = (with_eigenvalues(&numbers(1, m)), with_eigenvalues(&numbers(2, n)));
        let orthogonal = |n: usize, x: &[f64]| {
            // The sign of a symmetric matrix of two by two or three by three is orthogonal: x·|x|⁻¹ by Newton.
            let mut q = x.to_vec();
            for _ in 0..60 {
                let cube = product(n, &product(n, &q, &transposed(n, &q)), &q);
                q.iter_mut().zip(cube).for_each(|(q, c)| *q = 1.5 * *q - 0.5 * c);
            }
            q
        };
        let (u, v) = (orthogonal(m, &left), orthogonal(n, &right));
        let a: Vec<f64> =
            (0..m * n).map(|at| (0..2).map(|k| u[at / n * m + k] * values[k] * v[k * n + at % n]).sum()).collect();
        let e = numbers(7, m * n);
        let found = along(|x| x.svdvals().powi(4).sum(), extents, &a, &e, Mode::Reverse);
        let gram = |x: Expr| {
            let gram = x.transpose().matmul(x);
            gram.matmul(gram).trace()
        };
        close(&found, &along(gram, extents, &a, &e, Mode::Reverse), &format!("Σs⁴ of {extents:?} at {values:?}"));
    }
}

#[test]
fn hessians_at_equal_eigenvalues_are_found_by_every_transform() {
    let text = "graph @f(%x: f64[2,2]) -> f64 {
        %0 = eigh %x
        %1 = get %0 {index=0}
        %2 = square %1
        %3 = reduce_sum %2 {axes=[0]}
        return %3 }";
    let f = Function::parse(text).expect("a program");
    let identity = [1.0, 0.0, 0.0, 1.0];
    let at = |f: &Function, x: &[f64]| f.compile_at(Level::None).expect("it fits").run(x).expect("arguments fit");
    // Of Σλ² = Σ ((xᵢⱼ + xⱼᵢ)/2)²
    let hessian = [2.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 2.0];
    assert_eq!(at(&f.hessian(0).expect("it has one"), &identity), hessian);
    let product = f.hvp(0).expect("it has one");
    assert_eq!(at(&product, &[identity, [1.0, 2.0, 4.0, 8.0]].concat()), [2.0, 6.0, 6.0, 16.0]);
}

/// A vector itself turns by any angle: no derivative, and no number in its place.
#[test]
fn the_vectors_of_equal_eigenvalues_have_no_derivative() {
    let text = "graph @f(%x: f64[2,2], %w: f64[2,2]) -> f64 {
        %0 = eigh %x
        %1 = get %0 {index=1}
        %2 = mul %1, %w
        %3 = reduce_sum %2 {axes=[0,1]}
        return %3 }";
    let gradient = Function::parse(text).expect("a program").grad(0).expect("it has a rule");
    let found = gradient.compile().expect("it fits").run(&[1.0, 0.0, 0.0, 1.0, 1.0, 2.0, 4.0, 8.0]).expect("they fit");
    assert!(found.iter().any(|x| !x.is_finite()), "{found:?}");
}
