//! Factorisations of large matrices by faer, on one thread, for the planned executor.
//!
//! Results have the sign conventions of the textbook kernels and agree with them up to rounding, not bit for bit; their bits
//! depend on the machine. Every function says whether its results are there. They are not where the matrix is too small
//! for faer to win, holds what is not finite, or cannot be factored: then the textbook kernel has the word, so errors and
//! NaN are the same with and without faer. faer allocates its scratch.

use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::linalg::cholesky::llt::factor as llt;
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::lu::partial_pivoting::factor as lu;
use faer::linalg::qr::no_pivoting::factor as qr;
use faer::linalg::svd::{ComputeSvdVectors, svd_scratch};
use faer::linalg::{householder, triangular_solve};
use faer::{Conj, Mat, MatMut, MatRef, Par};

use super::vector::{exponent, orientation, scaled};

const PAR: Par = Par::Seq;

// Smallest extents at which faer is faster.
const CHOLESKY_FROM: usize = 96;
const LU_FROM: usize = 96;
const TRIANGULAR_FROM: usize = 48;
const QR_FROM: usize = 96;
const EIGH_FROM: usize = 16;
const SVD_FROM: usize = 16;

/// The lower triangular L with A = LLᵀ, from the lower triangle of A.
pub fn cholesky(n: usize, a: &[f64], l: &mut [f64]) -> bool {
    if n < CHOLESKY_FROM || !finite(a) {
        return false;
    }
    let mut factor = Mat::from_fn(n, n, |i, j| a[i * n + j]);
    let done = with_stack(llt::cholesky_in_place_scratch::<f64>(n, PAR, Default::default()), |stack| {
        llt::cholesky_in_place(factor.as_mut(), Default::default(), PAR, stack, Default::default()).is_ok()
    });
    if done {
        store(n, l, |i, j| if i < j { 0.0 } else { factor[(i, j)] });
    }
    done && finite(l)
}

/// The matrix that holds L below and U on and above the diagonal, and the row of A that became each of its rows: PA = LU.
pub fn lu(n: usize, a: &[f64], factors: &mut [f64], rows: &mut [usize]) -> bool {
    if n < LU_FROM || !finite(a) {
        return false;
    }
    let mut inverse = vec![0; n];
    let mut packed = Mat::from_fn(n, n, |i, j| a[i * n + j]);
    with_stack(lu::lu_in_place_scratch::<usize, f64>(n, n, PAR, Default::default()), |stack| {
        lu::lu_in_place(packed.as_mut(), rows, &mut inverse, PAR, stack, Default::default());
    });
    store(n, factors, |i, j| packed[(i, j)]);
    finite(factors) && (0..n).all(|i| packed[(i, i)] != 0.0)
}

/// x = T⁻¹x for a triangle of a matrix and several right-hand sides, row-major n×cols.
pub fn solve_triangular(n: usize, t: &[f64], triangle: Triangle, cols: usize, x: &mut [f64]) -> bool {
    if n < TRIANGULAR_FROM || !finite(t) || !finite(x) {
        return false;
    }
    let singular = !triangle.unit && t.iter().step_by(n + 1).any(|&pivot| pivot == 0.0);
    if singular {
        return false;
    }
    let (t, x) = (MatRef::from_row_major_slice(t, n, n), MatMut::from_row_major_slice_mut(x, n, cols));
    let t = if triangle.transposed { t.transpose() } else { t };
    let solve = match (triangle.lower != triangle.transposed, triangle.unit) {
        (true, false) => triangular_solve::solve_lower_triangular_in_place_with_conj,
        (true, true) => triangular_solve::solve_unit_lower_triangular_in_place_with_conj,
        (false, false) => triangular_solve::solve_upper_triangular_in_place_with_conj,
        (false, true) => triangular_solve::solve_unit_upper_triangular_in_place_with_conj,
    };
    solve(t, Conj::No, x, PAR);
    true
}

/// Which triangle of a matrix is meant, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triangle {
    /// The lower one.
    pub lower: bool,
    /// Transposed after it is taken.
    pub transposed: bool,
    /// With ones on the diagonal.
    pub unit: bool,
}

/// [`super::qr::qr`].
pub fn qr(rows: usize, cols: usize, a: &[f64], q: &mut [f64], r: &mut [f64]) -> bool {
    let k = rows.min(cols);
    if k < QR_FROM || !finite(a) {
        return false;
    }
    let exponents: Vec<i32> = (0..cols).filter_map(|j| exponent(a[j..].iter().step_by(cols).copied())).collect();
    let mut packed = Mat::from_fn(rows, cols, |i, j| scaled(a[i * cols + j], -exponents[j]));
    let mut orthonormal = Mat::<f64>::identity(rows, k);
    if !reflect(&mut packed, &mut orthonormal) {
        return false;
    }
    let sign = |i: usize| if packed[(i, i)] < 0.0 { -1.0 } else { 1.0 };
    store(k, q, |i, j| sign(j) * orthonormal[(i, j)]);
    store(cols, r, |i, j| if i > j { 0.0 } else { scaled(sign(i) * packed[(i, j)], exponents[j]) + 0.0 });
    true
}

/// Replaces a matrix by its reflectors and R, and the identity by Q; whether the matrix has full rank, without which R is
/// of another form.
fn reflect(packed: &mut Mat<f64>, q: &mut Mat<f64>) -> bool {
    let (rows, cols, k) = (packed.nrows(), packed.ncols(), q.ncols());
    let block = qr::recommended_block_size::<f64>(rows, cols);
    let mut factors = Mat::zeros(block, k);
    let scratch = StackReq::any_of(&[
        qr::qr_in_place_scratch::<f64>(rows, cols, block, PAR, Default::default()),
        householder::apply_block_householder_sequence_on_the_left_in_place_scratch::<f64>(rows, block, k),
    ]);
    with_stack(scratch, |stack| {
        let found = qr::qr_in_place(packed.as_mut(), factors.as_mut(), PAR, stack, Default::default());
        householder::apply_block_householder_sequence_on_the_left_in_place_with_conj(
            packed.get(.., ..k),
            factors.as_ref(),
            Conj::No,
            q.as_mut(),
            PAR,
            stack,
        );
        found.rank == k
    })
}

/// [`super::eigh::eigh`].
pub fn eigh(n: usize, a: &[f64], values: &mut [f64], vectors: &mut [f64]) -> bool {
    let Some(e) = exponent(a.iter().copied()).filter(|_| n >= EIGH_FROM) else {
        return false;
    };
    let a = Mat::from_fn(n, n, |i, j| 0.5 * (scaled(a[i * n + j], -e) + scaled(a[j * n + i], -e)));
    let (mut s, mut u) = (faer::Col::<f64>::zeros(n), Mat::<f64>::zeros(n, n));
    let scratch = self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, PAR, Default::default());
    let done = with_stack(scratch, |stack| {
        let (s, u) = (s.as_mut().as_diagonal_mut(), Some(u.as_mut()));
        self_adjoint_evd(a.as_ref(), s, u, PAR, stack, Default::default()).is_ok()
    });
    values.iter_mut().enumerate().for_each(|(i, value)| *value = scaled(s[i], e) + 0.0);
    for j in 0..n {
        let sign = orientation((0..n).map(|i| u[(i, j)]));
        (0..n).for_each(|i| vectors[i * n + j] = sign * u[(i, j)]);
    }
    done && finite(vectors)
}

/// [`super::svd::svd`].
pub fn svd((rows, cols): (usize, usize), a: &[f64], u: &mut [f64], s: &mut [f64], vt: &mut [f64]) -> bool {
    let k = rows.min(cols);
    let Some(e) = exponent(a.iter().copied()).filter(|_| k >= SVD_FROM) else {
        return false;
    };
    let a = Mat::from_fn(rows, cols, |i, j| scaled(a[i * cols + j], -e));
    let (mut left, mut right) = (Mat::<f64>::zeros(rows, k), Mat::<f64>::zeros(cols, k));
    let mut values = faer::Col::<f64>::zeros(k);
    let thin = ComputeSvdVectors::Thin;
    let done = with_stack(svd_scratch::<f64>(rows, cols, thin, thin, PAR, Default::default()), |stack| {
        let (values, left, right) = (values.as_mut().as_diagonal_mut(), Some(left.as_mut()), Some(right.as_mut()));
        faer::linalg::svd::svd(a.as_ref(), values, left, right, PAR, stack, Default::default()).is_ok()
    });
    s.iter_mut().enumerate().for_each(|(i, s)| *s = scaled(values[i], e));
    for j in 0..k {
        let sign = orientation((0..rows).map(|i| left[(i, j)]));
        (0..rows).for_each(|i| u[i * k + j] = sign * left[(i, j)]);
        (0..cols).for_each(|i| vt[j * cols + i] = sign * right[(i, j)]);
    }
    done && finite(u) && finite(vt)
}

fn finite(x: &[f64]) -> bool {
    x.iter().all(|x| x.is_finite())
}

fn with_stack<T>(scratch: StackReq, work: impl FnOnce(&mut MemStack) -> T) -> T {
    work(MemStack::new(&mut MemBuffer::new(scratch)))
}

/// Writes a row-major matrix with this many columns.
fn store(cols: usize, to: &mut [f64], element: impl Fn(usize, usize) -> f64) {
    to.iter_mut().enumerate().for_each(|(at, to)| *to = element(at / cols, at % cols));
}

#[cfg(test)]
mod tests {
    use super::super::trial::{Matrix, random};
    use super::super::{eigh as textbook_eigh, qr as textbook_qr, svd as textbook_svd};
    use super::*;

    /// Results agree with others up to rounding.
    fn close(x: &[f64], y: &[f64]) -> bool {
        let scale = y.iter().fold(0f64, |largest, y| largest.max(y.abs()));
        x.len() == y.len() && x.iter().zip(y).all(|(x, y)| (x - y).abs() <= 1e-11 * scale)
    }

    fn square(seed: u64, n: usize) -> Matrix {
        Matrix::new(n, n, random(seed, n * n))
    }

    /// Symmetric with eigenvalues near 1, 2, ..., n.
    fn ladder(n: usize) -> Matrix {
        let noise = square(1, n);
        Matrix::from_fn(n, n, |i, j| if i == j { (i + 1) as f64 } else { 0.1 * (noise.at(i, j) + noise.at(j, i)) })
    }

    #[test]
    fn cholesky_reads_the_lower_triangle_and_gives_one_that_squares_to_it() {
        let n = CHOLESKY_FROM;
        let x = square(2, n);
        let a = x.times(&x.transposed());
        let lower = Matrix::from_fn(n, n, |i, j| if i < j { f64::MAX } else { a.at(i, j) });
        let mut l = vec![7.0; n * n];
        assert!(cholesky(n, &lower.elements, &mut l));
        let l = Matrix::new(n, n, l);
        assert!(l.times(&l.transposed()).distance(&a) <= 1e-13 * a.norm());
        assert!((0..n).all(|i| l.at(i, i) > 0.0 && (i + 1..n).all(|j| l.at(i, j) == 0.0)));
        let indefinite = Matrix::from_fn(n, n, |i, j| if i == j { 1.0 - (i / 50) as f64 * 2.0 } else { 0.0 });
        assert!(!cholesky(n, &indefinite.elements, &mut vec![0.0; n * n]));
    }

    #[test]
    fn lu_gives_the_rows_of_the_matrix_in_the_order_of_the_pivots() {
        let n = LU_FROM;
        let a = square(3, n);
        let (mut factors, mut order) = (vec![7.0; n * n], vec![7; n]);
        assert!(lu(n, &a.elements, &mut factors, &mut order));
        let factor = |i: usize, j: usize| factors[i * n + j];
        let l = Matrix::from_fn(n, n, |i, j| {
            if i == j {
                1.0
            } else if i > j {
                factor(i, j)
            } else {
                0.0
            }
        });
        let u = Matrix::from_fn(n, n, |i, j| if i <= j { factor(i, j) } else { 0.0 });
        assert!(l.elements.iter().all(|l| l.abs() <= 1.0));
        assert!(l.times(&u).distance(&Matrix::from_fn(n, n, |i, j| a.at(order[i], j))) <= 1e-13 * a.norm());
        assert!(!lu(n, &vec![1.0; n * n], &mut factors, &mut order));
    }

    #[test]
    fn each_triangle_of_a_matrix_is_solved_and_the_other_is_not_read() {
        let (n, cols) = (TRIANGULAR_FROM, 3);
        let x = Matrix::new(n, cols, random(4, n * cols));
        for code in 0..8 {
            let [lower, transposed, unit] = [1, 2, 4].map(|bit| code & bit != 0);
            let element = |i: usize, j: usize| if i == j { 2.0 + i as f64 } else { ((i * j) as f64).sin() };
            let outside = |i: usize, j: usize| i != j && lower != (i > j) || unit && i == j;
            let stored = Matrix::from_fn(n, n, |i, j| if outside(i, j) { 1e300 } else { element(i, j) / n as f64 });
            let meant = |i: usize, j: usize| match (outside(i, j), i == j) {
                (false, _) => stored.at(i, j),
                (true, diagonal) => f64::from(u8::from(diagonal)),
            };
            let t = Matrix::from_fn(n, n, |i, j| if transposed { meant(j, i) } else { meant(i, j) });
            let mut solution = t.times(&x).elements;
            assert!(solve_triangular(n, &stored.elements, Triangle { lower, transposed, unit }, cols, &mut solution));
            let residual = t.times(&Matrix::new(n, cols, solution)).distance(&t.times(&x));
            assert!(residual <= 1e-12, "{code} {residual:e}");
        }
        let singular = Matrix::from_fn(n, n, |i, j| if i == j && i != 5 { 1.0 } else { 0.0 });
        let triangle = Triangle { lower: true, transposed: false, unit: false };
        assert!(!solve_triangular(n, &singular.elements, triangle, 1, &mut vec![1.0; n]));
    }

    #[test]
    fn qr_agrees_with_the_textbook_kernel() {
        for (rows, cols) in [(QR_FROM, QR_FROM), (QR_FROM + 30, QR_FROM), (QR_FROM, QR_FROM + 30)] {
            let k = rows.min(cols);
            let scale = |j: usize| scaled(1.0, j as i32 % 3 * 500 - 500);
            let a = Matrix::new(rows, cols, random(5, rows * cols));
            let a = a.scaled_columns(&(0..cols).map(scale).collect::<Vec<_>>());
            let (mut q, mut r) = (vec![7.0; rows * k], vec![7.0; k * cols]);
            assert!(qr(rows, cols, &a.elements, &mut q, &mut r));
            let (mut expected_q, mut expected_r) = (q.clone(), r.clone());
            let mut scratch = vec![7.0; textbook_qr::work(rows, cols)];
            textbook_qr::qr(rows, cols, &a.elements, &mut expected_q, &mut expected_r, &mut scratch);
            assert!(close(&q, &expected_q));
            let unscaled = |r: Vec<f64>| {
                Matrix::new(k, cols, r).scaled_columns(&(0..cols).map(|j| 1.0 / scale(j)).collect::<Vec<_>>())
            };
            assert!(close(&unscaled(r).elements, &unscaled(expected_r).elements));
        }
        let n = QR_FROM;
        assert!(!qr(n, n, &vec![0.0; n * n], &mut vec![0.0; n * n], &mut vec![0.0; n * n]));
    }

    #[test]
    fn eigenvalues_and_vectors_agree_with_the_textbook_kernel() {
        for (n, e) in [(EIGH_FROM, 0), (70, 900), (140, -900)] {
            let a: Vec<f64> = ladder(n).elements.iter().map(|&x| scaled(x, e)).collect();
            let (mut values, mut vectors) = (vec![7.0; n], vec![7.0; n * n]);
            assert!(eigh(n, &a, &mut values, &mut vectors));
            let (mut expected, mut expected_vectors) = (values.clone(), vectors.clone());
            let mut scratch = vec![7.0; textbook_eigh::work(n)];
            textbook_eigh::eigh(n, &a, &mut expected, &mut expected_vectors, &mut scratch).expect("sweeps end");
            assert!(close(&values, &expected) && close(&vectors, &expected_vectors));
        }
    }

    #[test]
    fn singular_values_and_vectors_agree_with_the_textbook_kernel() {
        for (rows, cols, e) in [(SVD_FROM, SVD_FROM, 0), (70, 30, 900), (30, 140, -900)] {
            let k = rows.min(cols);
            let a = Matrix::from_fn(rows, cols, |i, j| {
                if i == j { scaled((k - i) as f64, e) } else { scaled(0.2 * ((i * 7 + j) as f64).sin(), e) }
            });
            let (mut u, mut s, mut vt) = (vec![7.0; rows * k], vec![7.0; k], vec![7.0; k * cols]);
            assert!(svd((rows, cols), &a.elements, &mut u, &mut s, &mut vt));
            let (mut expected_u, mut expected_s, mut expected_vt) = (u.clone(), s.clone(), vt.clone());
            let mut scratch = vec![7.0; textbook_svd::work(rows, cols)];
            textbook_svd::svd(
                (rows, cols),
                &a.elements,
                &mut expected_u,
                &mut expected_s,
                &mut expected_vt,
                &mut scratch,
            )
            .expect("sweeps end");
            assert!(close(&s, &expected_s) && close(&u, &expected_u) && close(&vt, &expected_vt), "{rows} {cols}");
        }
    }

    #[test]
    fn a_matrix_of_low_rank_has_orthonormal_factors() {
        let (n, rank) = (40, 7);
        let a = Matrix::new(n, rank, random(6, n * rank)).times(&Matrix::new(rank, n, random(7, n * rank)));
        let (mut u, mut s, mut vt) = (vec![7.0; n * n], vec![7.0; n], vec![7.0; n * n]);
        assert!(svd((n, n), &a.elements, &mut u, &mut s, &mut vt));
        let (u, vt) = (Matrix::new(n, n, u), Matrix::new(n, n, vt));
        assert!(u.skew() < 1e-13 && vt.transposed().skew() < 1e-13);
        assert!(u.scaled_columns(&s).times(&vt).distance(&a) <= 1e-14 * n as f64 * a.norm());
    }

    #[test]
    fn what_is_small_or_not_finite_is_left_to_the_textbook_kernels() {
        let n = 130;
        let (mut x, mut y, mut z) = (vec![0.0; n * n], vec![0.0; n * n], vec![0.0; n]);
        let mut a = vec![1.0; n * n];
        a[3] = f64::NAN;
        assert!(!cholesky(n, &a, &mut x) && !lu(n, &a, &mut x, &mut vec![0; n]));
        assert!(!qr(n, n, &a, &mut x, &mut y) && !eigh(n, &a, &mut z, &mut x));
        assert!(!svd((n, n), &a, &mut x, &mut z, &mut y));
        assert!(!eigh(1, &[1.0], &mut [0.0], &mut [0.0]));
        assert!(!svd((1, n), &a[n..2 * n], &mut [0.0], &mut [0.0], &mut z));
    }
}
