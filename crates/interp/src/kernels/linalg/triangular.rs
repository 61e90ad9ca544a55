//! Cholesky factors and triangular systems (Golub & Van Loan, Matrix Computations, 4th ed., sections 3.1 and 4.2).

use graph_core::op::Triangle;

use super::vector::{add_multiple, dot};

/// The lower triangular L with LLᵀ = (A + Aᵀ)/2; whether that is positive definite. A matrix that holds NaN has factors
/// that are NaN.
pub fn cholesky(n: usize, a: &[f64], l: &mut [f64]) -> bool {
    l.fill(0.0);
    for i in 0..n {
        for j in 0..=i {
            let (above, row) = l.split_at_mut(i * n);
            let symmetric = 0.5 * (a[i * n + j] + a[j * n + i]);
            let other = if j < i { &above[j * n..][..j] } else { &row[..j] };
            let rest = symmetric - dot(&row[..j], other);
            row[j] = match () {
                () if i > j => rest / above[j * n + j],
                () if rest > 0.0 || rest.is_nan() => rest.sqrt(),
                () => return false,
            };
        }
    }
    true
}

/// x = T⁻¹x in place for several right sides, row-major n×cols; whether T is regular.
pub fn solve(n: usize, a: &[f64], triangle: Triangle, cols: usize, x: &mut [f64]) -> bool {
    let forward = triangle.upper == triangle.transposed;
    let element = |i: usize, j: usize| if triangle.transposed { a[j * n + i] } else { a[i * n + j] };
    for step in 0..n {
        let i = if forward { step } else { n - 1 - step };
        let known = if forward { 0..i } else { i + 1..n };
        for j in known {
            let (row, other) = rows(x, cols, i, j);
            add_multiple(-element(i, j), other, row);
        }
        if triangle.unit {
            continue;
        }
        let pivot = element(i, i);
        if pivot == 0.0 {
            return false;
        }
        x[i * cols..][..cols].iter_mut().for_each(|x| *x /= pivot);
    }
    true
}

/// Row i to change and row j to read.
fn rows(x: &mut [f64], cols: usize, i: usize, j: usize) -> (&mut [f64], &[f64]) {
    let (head, tail) = x.split_at_mut(i.max(j) * cols);
    let (low, high) = (&mut head[i.min(j) * cols..][..cols], &mut tail[..cols]);
    if i < j { (low, high) } else { (high, low) }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{Matrix, random};
    use super::*;

    #[test]
    fn cholesky_factors_multiply_to_the_symmetric_part() {
        for n in 0..8 {
            let x = Matrix::new(n, n, random(n as u64, n * n));
            let a = x.times(&x.transposed());
            let skew = Matrix::from_fn(n, n, |i, j| {
                a.at(i, j)
                    + if i > j {
                        3.0
                    } else if i < j {
                        -3.0
                    } else {
                        0.0
                    }
            });
            let mut l = vec![7.0; n * n];
            assert!(cholesky(n, &skew.elements, &mut l));
            let l = Matrix::new(n, n, l);
            assert!(l.times(&l.transposed()).distance(&a) < 1e-13 * a.norm().max(1.0), "{n}");
            assert!((0..n).all(|i| (i + 1..n).all(|j| l.at(i, j) == 0.0)));
        }
    }

    #[test]
    fn indefinite_and_semidefinite_matrices_have_no_factor() {
        let mut l = [0.0; 4];
        assert!(!cholesky(2, &[1.0, 2.0, 2.0, 1.0], &mut l));
        assert!(!cholesky(2, &[1.0, 1.0, 1.0, 1.0], &mut l));
        assert!(cholesky(2, &[f64::NAN, 0.0, 0.0, 1.0], &mut l));
    }

    #[test]
    fn every_triangle_solves_its_system() {
        let n = 4;
        let a = Matrix::new(n, n, random(1, n * n));
        let b = Matrix::new(n, 3, random(2, n * 3));
        for bits in 0..8 {
            let triangle = Triangle { upper: bits & 1 > 0, transposed: bits & 2 > 0, unit: bits & 4 > 0 };
            let inside = |i: usize, j: usize| if triangle.upper { i < j } else { i > j };
            let t = Matrix::from_fn(n, n, |i, j| match i == j {
                true if triangle.unit => 1.0,
                true => a.at(i, i),
                false => {
                    if inside(i, j) {
                        a.at(i, j)
                    } else {
                        0.0
                    }
                }
            });
            let t = if triangle.transposed { t.transposed() } else { t };
            let mut x = b.elements.clone();
            assert!(solve(n, &a.elements, triangle, 3, &mut x));
            assert!(t.times(&Matrix::new(n, 3, x)).distance(&b) < 1e-12, "{triangle:?}");
        }
    }
}
