//! A = U·diag(s)·Vᵀ by one-sided Jacobi rotations (Golub & Van Loan, Matrix Computations, 4th ed., section 8.6.3), the
//! longer column first (de Rijk 1989, SIAM J. Sci. Stat. Comput. 10, 359-371).
//!
//! The columns, or for a wide matrix the rows, are turned until each two are orthogonal to rounding relative to their own
//! lengths. Singular values are the lengths, so the small ones of a matrix with graded columns are accurate relative to
//! themselves (Demmel & Veselić 1992). Lengths below 2^-900 of the largest element count as zero.

use super::jacobi::{NoConvergence, Rotation, identity, rows, sort, sweeps};
use super::vector::{add_multiple, dot, exponent, norm, orientation, power, scaled};

/// Length of the scratch of [`svd`].
pub fn work(rows: usize, cols: usize) -> usize {
    let (long, short) = (rows.max(cols), rows.min(cols));
    short * long + short * short + long
}

/// With k = min(rows, cols): U, rows×k, with orthonormal columns, the first component of largest magnitude of each
/// positive; s, descending; Vᵀ, k×cols, with orthonormal rows. That holds for any rank.
pub fn svd(
    (rows, cols): (usize, usize),
    a: &[f64],
    u: &mut [f64],
    s: &mut [f64],
    vt: &mut [f64],
    work: &mut [f64],
) -> Result<(), NoConvergence> {
    let Some(e) = exponent(a.iter().copied()) else {
        [u, s, vt].into_iter().for_each(|result| result.fill(f64::NAN));
        return Ok(());
    };
    let (long, short) = (rows.max(cols), rows.min(cols));
    let tall = rows >= cols;
    let (x, work) = work.split_at_mut(short * long);
    let (turns, spare) = work.split_at_mut(short * short);
    for (at, x) in x.iter_mut().enumerate() {
        *x = scaled(if tall { a[at % long * cols + at / long] } else { a[at] }, -e);
    }
    identity(turns, short);
    orthogonalise(x, long, turns, s)?;
    sort(s, |x, y| x > y, [(x, long), (turns, short)]);
    normalise(x, long, s, spare);
    s.iter_mut().for_each(|s| *s = scaled(*s, e));
    let (left, right) = if tall { (x, turns) } else { (turns, x) };
    for j in 0..short {
        let (left, right) = (&left[j * rows..][..rows], &right[j * cols..][..cols]);
        let sign = orientation(left.iter().copied());
        (0..rows).for_each(|i| u[i * short + j] = sign * left[i]);
        (0..cols).for_each(|i| vt[j * cols + i] = sign * right[i]);
    }
    Ok(())
}

/// Turns the rows of `x` until they are orthogonal, and those of `turns` with them; the lengths of the former.
fn orthogonalise(x: &mut [f64], long: usize, turns: &mut [f64], lengths: &mut [f64]) -> Result<(), NoConvergence> {
    let short = lengths.len();
    let close = f64::EPSILON * (long as f64).sqrt().max(2.0);
    sweeps(|| {
        (0..short).for_each(|j| lengths[j] = length(&x[j * long..][..long]));
        let mut turned = false;
        for p in 0..short {
            bring_longest(lengths, p, [(&mut *x, long), (&mut *turns, short)]);
            for q in p + 1..short {
                let (x_p, x_q) = rows(x, long, p, q);
                if let Some(rotation) = turn(x_p, x_q, [lengths[p], lengths[q]], close) {
                    let (turn_p, turn_q) = rows(turns, short, p, q);
                    rotation.turn(turn_p, turn_q);
                    (lengths[p], lengths[q]) = (length(x_p), length(x_q));
                    turned = true;
                }
            }
        }
        turned
    })
}

/// The length of a vector, zero below the limit.
fn length(x: &[f64]) -> f64 {
    let length = norm(x);
    if length < power(-900) { 0.0 } else { length }
}

/// Swaps the longest of the rows from p on to p.
fn bring_longest(lengths: &mut [f64], p: usize, matrices: [(&mut [f64], usize); 2]) {
    let longest = (p + 1..lengths.len()).fold(p, |found, j| if lengths[j] > lengths[found] { j } else { found });
    if longest != p {
        lengths.swap(p, longest);
        for (matrix, length) in matrices {
            let (x, y) = rows(matrix, length, p, longest);
            x.swap_with_slice(y);
        }
    }
}

/// Makes two vectors orthogonal by the rotation it returns, unless they are.
fn turn(x: &mut [f64], y: &mut [f64], [nx, ny]: [f64; 2], close: f64) -> Option<Rotation> {
    if nx == 0.0 || ny == 0.0 {
        return None;
    }
    let cos = cosine(x, y, nx, ny);
    if cos.abs() <= close {
        return None;
    }
    let rotation = Rotation::by_half((ny / nx - nx / ny) / (2.0 * cos));
    rotation.turn(x, y);
    Some(rotation)
}

/// The cosine of the angle between vectors of these lengths.
fn cosine(x: &[f64], y: &[f64], nx: f64, ny: f64) -> f64 {
    if nx.min(ny) > power(-400) {
        return dot(x, y) / nx / ny;
    }
    x.iter().zip(y).map(|(x, y)| (x / nx) * (y / ny)).sum()
}

/// Makes the rows of `x` of these lengths, longest first, an orthonormal set; those of length zero become any.
fn normalise(x: &mut [f64], long: usize, lengths: &[f64], spare: &mut [f64]) {
    for (j, &length) in lengths.iter().enumerate() {
        let (done, rest) = x.split_at_mut(j * long);
        let row = &mut rest[..long];
        match length {
            0.0 => complete(done, row, spare),
            _ => row.iter_mut().for_each(|x| *x /= length),
        }
    }
}

/// A unit vector that is orthogonal to orthonormal ones: of the unit vector that they cover least what they do not cover.
fn complete(done: &[f64], row: &mut [f64], covered: &mut [f64]) {
    let long = row.len();
    covered.fill(0.0);
    done.chunks_exact(long).for_each(|u| covered.iter_mut().zip(u).for_each(|(sum, u)| *sum += u * u));
    let least = (1..long).fold(0, |least, i| if covered[i] < covered[least] { i } else { least });
    row.fill(0.0);
    row[least] = 1.0;
    for _ in 0..2 {
        done.chunks_exact(long).for_each(|u| add_multiple(-dot(u, row), u, row));
    }
    let length = norm(row);
    row.iter_mut().for_each(|x| *x /= length);
}

#[cfg(test)]
mod tests {
    use super::super::trial::{Matrix, hilbert, random};
    use super::*;

    fn factors(a: &Matrix) -> (Matrix, Vec<f64>, Matrix) {
        let (rows, cols, k) = (a.rows, a.cols, a.rows.min(a.cols));
        let (mut u, mut s, mut vt) = (vec![7.0; rows * k], vec![7.0; k], vec![7.0; k * cols]);
        let mut scratch = vec![7.0; work(rows, cols)];
        svd((rows, cols), &a.elements, &mut u, &mut s, &mut vt, &mut scratch).expect("sweeps end");
        (Matrix::new(rows, k, u), s, Matrix::new(k, cols, vt))
    }

    /// The product is A, U and V are orthonormal, U is oriented, the values descend and are not negative.
    fn check(a: &Matrix) -> Vec<f64> {
        let (u, s, vt) = factors(a);
        let n = a.rows.max(a.cols) as f64;
        let error = u.scaled_columns(&s).times(&vt).distance(a);
        assert!(error <= 4.0 * n * f64::EPSILON * a.norm(), "{error:e} {a:?}");
        let skew = u.skew().max(vt.transposed().skew());
        assert!(skew <= 8.0 * n * f64::EPSILON, "{skew:e} {a:?} {u:?} {s:?} {vt:?}");
        assert!(s.iter().rev().is_sorted() && s.iter().all(|&s| s >= 0.0));
        (0..u.cols).for_each(|j| assert_eq!(orientation((0..u.rows).map(|i| u.at(i, j))), 1.0));
        s
    }

    #[test]
    fn the_factors_of_random_matrices_of_any_extents_multiply_to_them() {
        let extents = [(0, 3), (3, 0), (1, 1), (1, 4), (4, 1), (2, 3), (5, 3), (7, 7), (20, 33), (33, 20)];
        for (seed, (rows, cols)) in (0..).zip(extents) {
            check(&Matrix::new(rows, cols, random(seed, rows * cols)));
        }
        check(&Matrix::new(12, 12, hilbert(12)));
    }

    #[test]
    fn known_values_are_found() {
        let s = check(&Matrix::new(2, 2, vec![3.0, 0.0, 4.0, 5.0]));
        assert!((s[0] - 45f64.sqrt()).abs() < 4e-15 && (s[1] - 5f64.sqrt()).abs() < 1e-15, "{s:?}");
        assert_eq!(check(&Matrix::new(1, 2, vec![3.0, -4.0])), [5.0]);
    }

    #[test]
    fn any_rank_has_orthonormal_factors() {
        check(&Matrix::from_fn(4, 3, |_, _| 0.0));
        check(&Matrix::from_fn(3, 5, |_, _| 1.0));
        check(&Matrix::from_fn(6, 6, |i, j| (i * j) as f64));
        let planar = Matrix::new(3, 3, vec![0.3, 0.7, -0.2, 0.0, 0.0, 0.0, 0.9, 0.1, 0.6]);
        assert_eq!(check(&planar)[2], 0.0);
        for seed in 0..200 {
            let (rows, cols, rank) = (2 + seed as usize % 7, 2 + seed as usize % 5, 1 + seed as usize % 3);
            let (x, y) = (random(seed, rows * rank), random(seed + 1000, rank * cols));
            let s = check(&Matrix::new(rows, rank, x).times(&Matrix::new(rank, cols, y)));
            assert!(s.iter().skip(rank).all(|&small| small <= 1e-14 * s[0]), "{s:?}");
        }
    }

    #[test]
    fn equal_values_have_orthonormal_vectors() {
        let s = check(&Matrix::from_fn(6, 4, |i, j| if (i + j) % 6 == 1 { -2.0 } else { 0.0 }));
        assert_eq!(s, [2.0; 4]);
    }

    /// An orthonormal matrix times a triangle of columns of very different lengths.
    #[test]
    fn small_values_of_a_graded_matrix_are_accurate_relative_to_themselves() {
        for e in [-20, -120, -440] {
            let q = Matrix::from_fn(4, 4, |i, j| if (i & j).count_ones() % 2 == 0 { 0.5 } else { -0.5 });
            let lengths = [0, 1, 2, 2].map(|k| scaled(1.0, k * e));
            let upper = Matrix::from_fn(4, 4, |i, j| if i <= j { lengths[j] } else { 0.0 });
            let s = check(&q.times(&upper));
            // Up to 2^2e relative to themselves: those of the blocks of equal lengths on the diagonal of the triangle.
            let golden = (1.0 + 5f64.sqrt()) / 2.0;
            let expected = [1.0, lengths[1], lengths[2] * golden, lengths[2] / golden];
            for (s, expected) in s.iter().zip(expected) {
                let relative = scaled(1.0, (2 * e).max(-50));
                assert!((s - expected).abs() <= 2.0 * relative * expected, "{e}: {s:e} {expected:e}");
            }
        }
    }

    #[test]
    fn the_scale_passes_to_the_values_alone() {
        let a = Matrix::new(4, 3, random(5, 12));
        let (u, s, vt) = factors(&a);
        for e in [-1000, 1000] {
            let scaled_s = s.iter().map(|&x| scaled(x, e)).collect();
            assert_eq!(
                factors(&Matrix::from_fn(4, 3, |i, j| scaled(a.at(i, j), e))),
                (u.clone(), scaled_s, vt.clone())
            );
        }
        assert_eq!(check(&Matrix::from_fn(2, 2, |i, j| if i == j { 5e-324 } else { 0.0 })), [5e-324; 2]);
        assert_eq!(
            check(&Matrix::from_fn(2, 2, |i, j| if i != j {
                0.0
            } else if i == 0 {
                f64::MAX
            } else {
                5e-324
            })),
            [f64::MAX, 0.0]
        );
    }

    #[test]
    fn what_is_not_finite_gives_nan_everywhere() {
        let (u, s, vt) = factors(&Matrix::new(1, 2, vec![f64::NEG_INFINITY, 4.0]));
        assert!(u.elements.iter().chain(&s).chain(&vt.elements).all(|x| x.is_nan()));
    }
}
