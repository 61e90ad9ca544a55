//! A = QR by Householder reflections (Golub & Van Loan, Matrix Computations, 4th ed., algorithm 5.2.1).
//!
//! Each column has a scale of its own: it is moved out before and back into the column of R, so tiny columns are as
//! accurate as large ones.

use super::jacobi::identity;
use super::vector::{add_multiple, dot, exponent, norm, power, scaled};

/// Length of the scratch of [`qr`].
pub fn work(rows: usize, cols: usize) -> usize {
    let k = rows.min(cols);
    rows * cols + k * rows + k
}

/// Q with k = min(rows, cols) orthonormal columns, row-major rows×k, and R, k×cols, upper triangular with a diagonal that
/// is not negative. Unique where the first k columns are independent.
pub fn qr(rows: usize, cols: usize, a: &[f64], q: &mut [f64], r: &mut [f64], work: &mut [f64]) {
    if exponent(a.iter().copied()).is_none() {
        q.fill(f64::NAN);
        r.fill(f64::NAN);
        return;
    }
    let k = rows.min(cols);
    if k == 0 {
        return;
    }
    let (columns, work) = work.split_at_mut(rows * cols);
    let (q_columns, factors) = work.split_at_mut(k * rows);
    load(rows, cols, a, columns);
    (0..k).for_each(|i| factors[i] = eliminate(rows, i, columns));
    identity(q_columns, rows);
    for i in (0..k).rev() {
        let reflector = &columns[i * rows + i..][..rows - i];
        (i..k).for_each(|j| reflect(factors[i], reflector, &mut q_columns[j * rows + i..][..rows - i]));
    }
    let sign = |i: usize| if columns[i * rows + i] < 0.0 { -1.0 } else { 1.0 };
    q.iter_mut().enumerate().for_each(|(at, q)| *q = sign(at % k) * q_columns[at % k * rows + at / k]);
    for j in 0..cols {
        let e = column_exponent(a, cols, j);
        for i in 0..k {
            r[i * cols + j] = if i > j { 0.0 } else { scaled(sign(i) * columns[j * rows + i], e) + 0.0 };
        }
    }
}

/// The columns of a row-major matrix one after the other, each with its largest element near 1.
fn load(rows: usize, cols: usize, a: &[f64], columns: &mut [f64]) {
    for j in 0..cols {
        let e = column_exponent(a, cols, j);
        let column = columns[j * rows..][..rows].iter_mut();
        column.zip(a[j..].iter().step_by(cols)).for_each(|(x, &a)| *x = scaled(a, -e));
    }
}

fn column_exponent(a: &[f64], cols: usize, j: usize) -> i32 {
    exponent(a[j..].iter().step_by(cols).copied()).expect("all elements are finite")
}

/// Replaces column i from row i on by its reflector, whose first component is the element of R instead of 1, and reflects
/// the later columns. The factor of the reflector.
fn eliminate(rows: usize, i: usize, columns: &mut [f64]) -> f64 {
    let (done, later) = columns.split_at_mut((i + 1) * rows);
    let reflector = &mut done[i * rows + i..];
    let factor = reflector_of(reflector);
    (0..later.len() / rows).for_each(|j| reflect(factor, reflector, &mut later[j * rows + i..][..rows - i]));
    factor
}

/// The reflection 1 - τvvᵀ that maps x to a multiple β of the first unit vector: v₁ = 1, β has the sign that keeps x₁ - β
/// from cancelling. What is left of a column below 2^-900 of it counts as zero.
fn reflector_of(x: &mut [f64]) -> f64 {
    let length = norm(x);
    let (first, rest) = x.split_first_mut().expect("rows are left");
    if length < power(-900) || rest.iter().all(|&x| x == 0.0) {
        rest.fill(0.0);
        return 0.0;
    }
    let alpha = *first;
    let beta = -length.copysign(alpha);
    rest.iter_mut().for_each(|x| *x /= alpha - beta);
    *first = beta;
    (beta - alpha) / beta
}

/// y -= τ·v·(vᵀy), v₁ = 1.
fn reflect(factor: f64, v: &[f64], y: &mut [f64]) {
    let (first, rest) = y.split_first_mut().expect("rows are left");
    let along = factor * (*first + dot(&v[1..], rest));
    *first -= along;
    add_multiple(-along, &v[1..], rest);
}

#[cfg(test)]
mod tests {
    use super::super::trial::{Matrix, hilbert, random};
    use super::super::vector::power;
    use super::*;

    const EXTENTS: [(usize, usize); 9] = [(0, 3), (3, 0), (1, 1), (1, 4), (4, 1), (2, 3), (5, 3), (7, 7), (20, 33)];

    fn factors(a: &Matrix) -> (Matrix, Matrix) {
        let k = a.rows.min(a.cols);
        let (mut q, mut r) = (vec![7.0; a.rows * k], vec![7.0; k * a.cols]);
        qr(a.rows, a.cols, &a.elements, &mut q, &mut r, &mut vec![7.0; work(a.rows, a.cols)]);
        (Matrix::new(a.rows, k, q), Matrix::new(k, a.cols, r))
    }

    /// The product is A, Q is orthonormal, R is upper triangular with no negative number on the diagonal.
    fn check(a: &Matrix) -> (Matrix, Matrix) {
        let (q, r) = factors(a);
        let n = a.rows.max(a.cols) as f64;
        assert!(q.times(&r).distance(a) <= n * f64::EPSILON * a.norm(), "{a:?}: {q:?} {r:?}");
        assert!(q.skew() <= 2.0 * n * f64::EPSILON, "{q:?}");
        for i in 0..r.rows {
            assert!(r.at(i, i) >= 0.0 && r.at(i, i).is_sign_positive());
            assert!((0..i).all(|j| r.at(i, j).to_bits() == 0));
        }
        (q, r)
    }

    #[test]
    fn the_factors_of_random_matrices_of_any_extents_multiply_to_them() {
        for (seed, (rows, cols)) in (0..).zip(EXTENTS) {
            check(&Matrix::new(rows, cols, random(seed, rows * cols)));
        }
        check(&Matrix::new(12, 12, hilbert(12)));
    }

    #[test]
    fn known_factors_are_found() {
        let (q, r) = check(&Matrix::new(2, 2, vec![3.0, 1.0, 4.0, 2.0]));
        let close = |x: &Matrix, y: [f64; 4]| x.distance(&Matrix::new(2, 2, y.to_vec())) < 1e-15;
        assert!(close(&q, [0.6, -0.8, 0.8, 0.6]), "{q:?}");
        assert!(close(&r, [5.0, 2.2, 0.0, 0.4]), "{r:?}");
    }

    #[test]
    fn dependent_and_zero_columns_leave_q_orthonormal() {
        check(&Matrix::from_fn(4, 3, |_, _| 0.0));
        check(&Matrix::from_fn(5, 4, |i, _| i as f64 - 2.0));
        check(&Matrix::from_fn(4, 4, |i, j| if j == 1 { 0.0 } else { (i * i + j) as f64 }));
        check(&Matrix::from_fn(3, 3, |i, j| [[1.0, 1.0, 2.0], [0.0, 0.0, 1e-310], [0.0, 1e-320, 3e-300]][i][j]));
    }

    #[test]
    fn scales_of_columns_pass_to_r_alone() {
        let a = Matrix::new(5, 3, random(3, 15));
        let (q, r) = check(&a);
        let scales = [power(-1000), power(1000), power(3)];
        let (same_q, scaled_r) = factors(&a.scaled_columns(&scales));
        assert_eq!((same_q, scaled_r), (q, r.scaled_columns(&scales)));
    }

    #[test]
    fn what_is_not_finite_gives_nan_everywhere() {
        for bad in [f64::NAN, f64::INFINITY] {
            let (q, r) = factors(&Matrix::new(2, 2, vec![1.0, bad, 3.0, 4.0]));
            assert!(q.elements.iter().chain(&r.elements).all(|x| x.is_nan()));
        }
    }
}
