//! LU with partial pivoting, and what follows from it: solutions and determinants; cofactors by complete pivoting
//! (Golub & Van Loan, Matrix Computations, 4th ed., sections 3.4.4 and 3.4.8).

use super::triangular;
use super::vector::{add_multiple, exponent, scaled};
use graph_core::op::Triangle;

/// Factors a row-major matrix in place: L below the diagonal (1 on it), U on and above. `sources[i]` is the row of the
/// operand that became row i. Returns the sign of the permutation.
pub fn lu(rows: usize, cols: usize, a: &mut [f64], sources: &mut [f64]) -> f64 {
    let mut sign = 1.0;
    sources.iter_mut().enumerate().for_each(|(i, source)| *source = i as f64);
    for k in 0..rows.min(cols) {
        let pivot =
            (k + 1..rows).fold(k, |best, i| if a[i * cols + k].abs() > a[best * cols + k].abs() { i } else { best });
        if pivot != k {
            sources.swap(k, pivot);
            swap_rows(a, cols, k, pivot);
            sign = -sign;
        }
        eliminate(a, cols, k);
    }
    sign
}

fn swap_rows(a: &mut [f64], cols: usize, i: usize, j: usize) {
    let (head, tail) = a.split_at_mut(i.max(j) * cols);
    head[i.min(j) * cols..][..cols].swap_with_slice(&mut tail[..cols]);
}

/// Subtracts multiples of row k from the rows below, so that column k becomes zero there; the factors take its place.
fn eliminate(a: &mut [f64], cols: usize, k: usize) {
    let (done, below) = a.split_at_mut((k + 1) * cols);
    let pivot_row = &done[k * cols..];
    let pivot = pivot_row[k];
    if pivot == 0.0 {
        return;
    }
    for row in below.chunks_exact_mut(cols) {
        row[k] /= pivot;
        let factor = row[k];
        add_multiple(-factor, &pivot_row[k + 1..], &mut row[k + 1..]);
    }
}

/// Length of the scratch of [`solve`] and of the determinants.
pub fn work(n: usize) -> usize {
    n * n + n
}

/// x = a⁻¹b; whether a is regular. A matrix that holds NaN is not singular, its solutions are NaN.
pub fn solve(n: usize, cols: usize, a: &[f64], b: &[f64], x: &mut [f64], work: &mut [f64]) -> bool {
    let (factors, sources) = work.split_at_mut(n * n);
    factors.copy_from_slice(a);
    lu(n, n, factors, &mut sources[..n]);
    for (row, source) in x.chunks_exact_mut(cols.max(1)).zip(&*sources) {
        row.copy_from_slice(&b[*source as usize * cols..][..cols]);
    }
    triangular::solve(n, factors, Triangle { unit: true, ..Triangle::LOWER }, cols, x)
        && triangular::solve(n, factors, Triangle::UPPER, cols, x)
}

/// The determinant: the product of the pivots, which overflows only if it must.
pub fn det(n: usize, a: &[f64], work: &mut [f64]) -> f64 {
    let (mut mantissa, mut power) = (pivots(n, a, work), 0i64);
    for k in 0..n {
        let factor = work[k * n + k];
        match exponent([factor].into_iter()) {
            Some(e) => {
                mantissa *= scaled(factor, -e);
                power += i64::from(e);
            }
            None => mantissa *= factor,
        }
        if let Some(e) = exponent([mantissa].into_iter()) {
            mantissa = scaled(mantissa, -e);
            power += i64::from(e);
        }
    }
    let power = power.clamp(-4000, 4000) as i32;
    scaled(scaled(mantissa, power / 2), power - power / 2)
}

/// The sign of the determinant and the logarithm of its magnitude.
pub fn slogdet(n: usize, a: &[f64], work: &mut [f64]) -> [f64; 2] {
    let mut sign = pivots(n, a, work);
    let mut log = 0.0;
    for k in 0..n {
        let pivot = work[k * n + k];
        sign *= if pivot == 0.0 {
            0.0
        } else if pivot.is_nan() {
            pivot
        } else {
            1f64.copysign(pivot)
        };
        log += pivot.abs().ln();
    }
    [sign, log]
}

/// Factors in the scratch; the sign of the permutation.
fn pivots(n: usize, a: &[f64], work: &mut [f64]) -> f64 {
    let (factors, sources) = work.split_at_mut(n * n);
    factors.copy_from_slice(a);
    lu(n, n, factors, &mut sources[..n])
}

/// Length of the scratch of [`cofactor`].
pub fn cofactor_work(n: usize) -> usize {
    2 * n * n + 3 * n
}

/// The cofactors of a, of any rank. With PAQ = LDW, L and W triangular with ones on the diagonal, they are the transpose
/// of adj A = ±Q·W⁻¹·adj(D)·L⁻¹·P, and the adjugate of a diagonal matrix holds the products of all pivots but one. Complete
/// pivoting bounds the elements of L and W by 1 and finds the rank (Stewart 1998, "On the adjugate matrix").
pub fn cofactor(n: usize, a: &[f64], y: &mut [f64], work: &mut [f64]) {
    let Some(e) = exponent(a.iter().copied()).filter(|_| n > 1) else {
        return y.fill(if n == 1 { 1.0 } else { f64::NAN });
    };
    let (factors, work) = work.split_at_mut(n * n);
    let (inner, work) = work.split_at_mut(n * n);
    let (row_of, work) = work.split_at_mut(n);
    let (col_of, products) = work.split_at_mut(n);
    factors.iter_mut().zip(a).for_each(|(x, &a)| *x = scaled(a, -e));
    let sign = complete(n, factors, row_of, col_of);
    all_but_one(n, factors, &mut products[..n]);
    inner.fill(0.0);
    (0..n).for_each(|i| inner[i * n + i] = 1.0);
    triangular::solve(n, factors, Triangle { unit: true, ..Triangle::LOWER }, n, inner);
    inner.chunks_exact_mut(n).zip(&*products).for_each(|(row, product)| row.iter_mut().for_each(|x| *x *= product));
    for k in 0..n {
        let pivot = factors[k * n + k];
        factors[k * n + k + 1..(k + 1) * n].iter_mut().for_each(|x| *x = if pivot == 0.0 { 0.0 } else { *x / pivot });
    }
    triangular::solve(n, factors, Triangle { unit: true, ..Triangle::UPPER }, n, inner);
    let power = e.saturating_mul(n as i32 - 1).clamp(-4000, 4000);
    for (at, &x) in inner.iter().enumerate() {
        let (row, col) = (row_of[at % n] as usize, col_of[at / n] as usize);
        y[row * n + col] = scaled(scaled(sign * x, power / 2), power - power / 2);
    }
}

/// LU in place with the largest element of what is left as pivot; the sign of both permutations. Factors of a zero pivot
/// are zero.
fn complete(n: usize, a: &mut [f64], row_of: &mut [f64], col_of: &mut [f64]) -> f64 {
    [&mut *row_of, &mut *col_of].into_iter().for_each(|of| of.iter_mut().enumerate().for_each(|(i, x)| *x = i as f64));
    let mut sign = 1.0;
    for k in 0..n {
        let left = (k..n).flat_map(|i| (k..n).map(move |j| (i, j)));
        let larger = |best: (usize, usize), at: (usize, usize), a: &[f64]| {
            a[at.0 * n + at.1].abs() > a[best.0 * n + best.1].abs()
        };
        let (i, j) = left.fold((k, k), |best, at| if larger(best, at, a) { at } else { best });
        if i != k {
            swap_rows(a, n, k, i);
            row_of.swap(k, i);
            sign = -sign;
        }
        if j != k {
            a.chunks_exact_mut(n).for_each(|row| row.swap(k, j));
            col_of.swap(k, j);
            sign = -sign;
        }
        eliminate(a, n, k);
    }
    sign
}

/// For each pivot the product of all others.
fn all_but_one(n: usize, factors: &[f64], products: &mut [f64]) {
    let mut before = 1.0;
    for k in 0..n {
        products[k] = before;
        before *= factors[k * n + k];
    }
    let mut after = 1.0;
    for k in (0..n).rev() {
        products[k] *= after;
        after *= factors[k * n + k];
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{Matrix, hilbert, random};
    use super::*;

    fn cofactors(a: &Matrix) -> Matrix {
        let n = a.rows;
        let mut y = vec![7.0; n * n];
        cofactor(n, &a.elements, &mut y, &mut vec![7.0; cofactor_work(n)]);
        Matrix::new(n, n, y)
    }

    fn determinant(a: &Matrix) -> f64 {
        det(a.rows, &a.elements, &mut vec![7.0; work(a.rows)])
    }

    /// By expansion along rows, the definition.
    fn minor_cofactors(a: &Matrix) -> Matrix {
        let n = a.rows;
        let skip = |at: usize, i: usize| if i < at { i } else { i + 1 };
        Matrix::from_fn(n, n, |p, q| {
            let minor = Matrix::from_fn(n - 1, n - 1, |i, j| a.at(skip(p, i), skip(q, j)));
            if (p + q) % 2 == 0 { determinant(&minor) } else { -determinant(&minor) }
        })
    }

    #[test]
    fn cofactors_are_signed_minors_at_every_rank() {
        for n in 1..7 {
            let full = Matrix::new(n, n, random(n as u64, n * n));
            for rank in 0..=n {
                let a = full.scaled_columns(&(0..n).map(|j| if j < rank { 1.0 } else { 0.0 }).collect::<Vec<_>>());
                let a = full.times(&a);
                let scale = a.norm().powi(n as i32 - 1).max(1.0);
                assert!(cofactors(&a).distance(&minor_cofactors(&a)) < 1e-13 * scale, "{n} {rank}");
            }
        }
    }

    #[test]
    fn determinants_of_extreme_scale_neither_overflow_nor_vanish() {
        let a = Matrix::new(2, 2, vec![1e200, 0.0, 0.0, 1e-200]);
        assert!((determinant(&a) - 1.0).abs() < 1e-15);
        assert_eq!(determinant(&Matrix::new(0, 0, vec![])), 1.0);
        assert_eq!(determinant(&Matrix::new(2, 2, vec![1.0, 2.0, 2.0, 4.0])), 0.0);
        // Hilbert, n = 6: 1/186313420339200000
        let exact = 1.0 / 186313420339200000.0;
        assert!((determinant(&Matrix::new(6, 6, hilbert(6))) / exact - 1.0).abs() < 1e-9);
    }

    #[test]
    fn rectangular_factors_multiply_to_the_permuted_operand() {
        for (rows, cols) in [(0, 2), (1, 1), (3, 3), (5, 2), (2, 5)] {
            let a = Matrix::new(rows, cols, random(3, rows * cols));
            let (mut packed, mut sources) = (a.elements.clone(), vec![7.0; rows]);
            lu(rows, cols, &mut packed, &mut sources);
            let at = |i: usize, j: usize| packed[i * cols + j];
            let k = rows.min(cols);
            let lower = Matrix::from_fn(rows, k, |i, j| {
                if i == j {
                    1.0
                } else if i > j {
                    at(i, j)
                } else {
                    0.0
                }
            });
            let upper = Matrix::from_fn(k, cols, |i, j| if i <= j { at(i, j) } else { 0.0 });
            let moved = Matrix::from_fn(rows, cols, |i, j| a.at(sources[i] as usize, j));
            assert!(lower.times(&upper).distance(&moved) < 1e-14, "{rows} {cols}");
        }
    }

    #[test]
    fn a_singular_system_is_told_and_nan_is_none() {
        let mut x = [0.0; 2];
        assert!(!solve(2, 1, &[1.0, 2.0, 2.0, 4.0], &[1.0, 1.0], &mut x, &mut vec![0.0; work(2)]));
        assert!(solve(2, 1, &[f64::NAN, 2.0, 2.0, 4.0], &[1.0, 1.0], &mut x, &mut vec![0.0; work(2)]));
        assert!(x.iter().all(|x| x.is_nan()));
    }
}
