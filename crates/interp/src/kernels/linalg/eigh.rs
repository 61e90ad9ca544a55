//! Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub & Van Loan, Matrix Computations,
//! 4th ed., section 8.5).
//!
//! A pair is settled when |aₚq| <= ε·√|aₚₚ·aqq|, so small eigenvalues of a graded positive definite matrix are accurate
//! relative to themselves (Demmel & Veselić 1992, SIAM J. Matrix Anal. Appl. 13, 1204-1245).

use super::jacobi::{NoConvergence, Rotation, identity, rows, sort, sweeps};
use super::vector::{exponent, orientation, scaled};

/// Length of the scratch of [`eigh`].
pub fn work(n: usize) -> usize {
    n * stride(n) + n * n
}

/// From row to row of the matrix in the scratch: odd, as the elements of a column must not share a few sets of the cache.
fn stride(n: usize) -> usize {
    n | 1
}

/// Eigenvalues of (A + Aᵀ)/2, ascending, and as columns of `vectors` orthonormal eigenvectors; the first component of
/// largest magnitude of each is positive.
pub fn eigh(
    n: usize,
    a: &[f64],
    values: &mut [f64],
    vectors: &mut [f64],
    work: &mut [f64],
) -> Result<(), NoConvergence> {
    let Some(e) = exponent(a.iter().copied()) else {
        values.fill(f64::NAN);
        vectors.fill(f64::NAN);
        return Ok(());
    };
    let stride = stride(n);
    let (m, v) = work.split_at_mut(n * stride);
    m.fill(0.0);
    for at in 0..n * n {
        let (i, j) = (at / n, at % n);
        m[i * stride + j] = 0.5 * (scaled(a[at], -e) + scaled(a[j * n + i], -e));
    }
    identity(v, n);
    sweeps(|| {
        let pairs = (0..n).flat_map(|p| (p + 1..n).map(move |q| (p, q)));
        pairs.fold(false, |turned, (p, q)| annihilate(n, m, v, p, q) || turned)
    })?;
    values.iter_mut().zip(m.iter().step_by(stride + 1)).for_each(|(value, &x)| *value = scaled(x, e) + 0.0);
    sort(values, |x, y| x < y, [(v, n)]);
    for j in 0..n {
        let row = &v[j * n..][..n];
        let sign = orientation(row.iter().copied());
        (0..n).for_each(|i| vectors[i * n + j] = sign * row[i]);
    }
    Ok(())
}

/// Rotates rows and columns p < q so that their common element becomes zero; whether that was needed.
fn annihilate(n: usize, m: &mut [f64], v: &mut [f64], p: usize, q: usize) -> bool {
    let stride = stride(n);
    let at = |i: usize, j: usize| i * stride + j;
    let (app, apq, aqq) = (m[at(p, p)], m[at(p, q)], m[at(q, q)]);
    if apq.abs() <= 0.5 * f64::EPSILON * app.abs().sqrt() * aqq.abs().sqrt() {
        return false;
    }
    let rotation = Rotation::by_half((aqq - app) / (2.0 * apq));
    let (row_p, row_q) = rows(m, stride, p, q);
    rotation.turn(row_p, row_q);
    (row_p[p], row_p[q]) = (app - rotation.tan * apq, 0.0);
    (row_q[p], row_q[q]) = (0.0, aqq + rotation.tan * apq);
    for i in 0..n {
        (m[at(i, p)], m[at(i, q)]) = (m[at(p, i)], m[at(q, i)]);
    }
    let (v_p, v_q) = rows(v, n, p, q);
    rotation.turn(v_p, v_q);
    true
}

#[cfg(test)]
mod tests {
    use super::super::trial::{Matrix, hilbert, random};
    use super::super::vector::power;
    use super::*;

    fn spectrum(a: &Matrix) -> (Vec<f64>, Matrix) {
        let n = a.rows;
        let (mut values, mut vectors) = (vec![7.0; n], vec![7.0; n * n]);
        eigh(n, &a.elements, &mut values, &mut vectors, &mut vec![7.0; work(n)]).expect("sweeps end");
        (values, Matrix::new(n, n, vectors))
    }

    /// AV = V·diag(values), V is orthonormal and oriented, the values ascend.
    fn check(a: &Matrix) -> Vec<f64> {
        let (values, v) = spectrum(a);
        let n = a.rows as f64;
        let error = a.times(&v).distance(&v.scaled_columns(&values));
        assert!(error <= 4.0 * n * f64::EPSILON * a.norm(), "{error:e} {a:?}");
        assert!(v.skew() <= 8.0 * n * f64::EPSILON, "{:e}", v.skew());
        assert!(values.is_sorted());
        (0..a.rows).for_each(|j| assert_eq!(orientation((0..a.rows).map(|i| v.at(i, j))), 1.0));
        values
    }

    fn symmetric(n: usize, upper: impl Fn(usize, usize) -> f64) -> Matrix {
        Matrix::from_fn(n, n, |i, j| upper(i.min(j), i.max(j)))
    }

    #[test]
    fn random_matrices_of_any_extent_are_diagonalised() {
        for n in [0, 1, 2, 3, 5, 8, 13, 40] {
            let numbers = random(n as u64, n * n);
            check(&symmetric(n, |i, j| numbers[i * n + j]));
        }
        check(&Matrix::new(12, 12, hilbert(12)));
    }

    #[test]
    fn the_spectrum_of_second_differences_is_known() {
        let n = 20;
        let a = symmetric(n, |i, j| [2.0, -1.0].get(j - i).copied().unwrap_or(0.0));
        for (k, value) in (1..).zip(check(&a)) {
            let angle = f64::from(k) * std::f64::consts::PI / (2.0 * (n + 1) as f64);
            assert!((value - 4.0 * angle.sin().powi(2)).abs() < 1e-14, "{k} {value}");
        }
    }

    #[test]
    fn equal_eigenvalues_have_orthonormal_vectors() {
        check(&symmetric(6, |i, j| if i == j { 3.0 } else { 0.0 }));
        let values = check(&symmetric(6, |i, j| if i == j { 3.0 } else { 1.0 }));
        assert!(values[..5].iter().all(|value| (value - 2.0).abs() < 1e-14) && (values[5] - 8.0).abs() < 1e-14);
    }

    #[test]
    fn singular_and_indefinite_matrices_end() {
        for seed in 0..200 {
            let (n, rank) = (2 + seed as usize % 9, 1 + seed as usize % 3);
            let x = Matrix::new(n, rank, random(seed, n * rank));
            let signs = random(seed + 1000, rank);
            check(&x.scaled_columns(&signs).times(&x.transposed()));
        }
        check(&symmetric(5, |i, j| if j - i == 4 - 2 * i.min(2) { 1.0 } else { 0.0 }));
    }

    /// A = DBD, where D falls so fast that to rounding the eigenvalues are those of D² times the pivots of B.
    #[test]
    fn small_eigenvalues_of_a_graded_matrix_are_accurate_relative_to_themselves() {
        let n = 5;
        let d = |i: usize| power(-40 * i as i32);
        let a = symmetric(n, |i, j| d(i) * d(j) * if i == j { 1.0 } else { 0.25 });
        let mut values = check(&a);
        values.reverse();
        let leading = |k: usize| 0.75f64.powi(k as i32 - 1) * (0.75 + 0.25 * k as f64);
        for k in 1..=n {
            let pivot = leading(k) / if k == 1 { 1.0 } else { leading(k - 1) };
            let value = values[k - 1] / d(k - 1) / d(k - 1);
            assert!((value - pivot).abs() <= 4.0 * f64::EPSILON * pivot, "{k}: {value} {pivot}");
        }
    }

    #[test]
    fn the_scale_passes_to_the_values_alone() {
        let numbers = random(9, 9);
        let a = symmetric(3, |i, j| numbers[i * 3 + j]);
        let (values, vectors) = spectrum(&a);
        for e in [-1000, 1000] {
            let (scaled_values, same) = spectrum(&Matrix::from_fn(3, 3, |i, j| scaled(a.at(i, j), e)));
            assert_eq!(same, vectors);
            assert_eq!(scaled_values, values.iter().map(|&x| scaled(x, e)).collect::<Vec<_>>());
        }
        assert_eq!(spectrum(&symmetric(2, |i, j| if i == j { 0.0 } else { 5e-324 })).0, [-5e-324, 5e-324]);
        assert_eq!(spectrum(&symmetric(1, |_, _| f64::MAX)).0, [f64::MAX]);
    }

    #[test]
    fn the_part_that_is_not_symmetric_does_not_count() {
        let skewed = Matrix::new(2, 2, vec![1.0, 5.0, -1.0, 4.0]);
        assert_eq!(spectrum(&skewed), spectrum(&Matrix::new(2, 2, vec![1.0, 2.0, 2.0, 4.0])));
    }

    #[test]
    fn what_is_not_finite_gives_nan_everywhere() {
        let (values, vectors) = spectrum(&Matrix::new(2, 2, vec![1.0, f64::INFINITY, 0.0, 4.0]));
        assert!(values.iter().chain(&vectors.elements).all(|x| x.is_nan()));
    }
}
