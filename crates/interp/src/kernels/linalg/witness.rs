//! Exponentials, singular values and eigenvalues against those of mpmath in `tests/data/spectra/values.txt`.

use super::trial::{Matrix, hilbert, random};
use super::vector::norm;
use super::{eigh, expm, svd};

const VALUES: &str = include_str!("../../../../../tests/data/spectra/values.txt");

/// Extent, numbers of the matrix, and values of the lines of a function.
fn cases(function: &str) -> Vec<(usize, Vec<f64>, Vec<f64>)> {
    let case = |line: &str| {
        let (head, numbers) = line.split_once(": ").expect("a head");
        let n = head.strip_prefix(function)?.trim().parse().expect("an extent");
        let (elements, values) = numbers.split_once("| ").expect("two lists");
        let list = |text: &str| text.split_whitespace().map(|x| x.parse().expect("a number")).collect();
        Some((n, list(elements), list(values)))
    };
    let cases: Vec<_> = VALUES.lines().filter_map(case).collect();
    assert!(cases.len() >= 3, "{function}");
    cases
}

#[test]
fn exponentials() {
    for (n, a, expected) in cases("expm") {
        let mut y = vec![7.0; n * n];
        expm::expm(n, &a, &mut y, &mut vec![7.0; expm::work(n)]);
        let expected = Matrix::new(n, n, expected);
        let error = Matrix::new(n, n, y).distance(&expected);
        // The condition of the exponential is at least the norm of its argument.
        let tolerance = 4.0 * f64::EPSILON * (1.0 + norm(&a));
        assert!(error <= tolerance * expected.norm(), "{n} {a:?}: {:e}", error / expected.norm());
    }
}

#[test]
fn singular_values_of_hilbert_matrices() {
    for (n, _, expected) in cases("singular") {
        let (mut u, mut s, mut vt) = (vec![7.0; n * n], vec![7.0; n], vec![7.0; n * n]);
        svd::svd((n, n), &hilbert(n), &mut u, &mut s, &mut vt, &mut vec![7.0; svd::work(n, n)]).expect("sweeps end");
        for (s, expected) in s.iter().zip(expected) {
            assert!((s - expected).abs() <= 4.0 * f64::EPSILON, "{n}: {s:e} {expected:e}");
        }
    }
}

#[test]
fn eigenvalues_to_a_few_units_of_their_own_last_place() {
    for (n, a, expected) in cases("eigen") {
        let (mut values, mut vectors) = (vec![7.0; n], vec![7.0; n * n]);
        eigh::eigh(n, &a, &mut values, &mut vectors, &mut vec![7.0; eigh::work(n)]).expect("sweeps end");
        for (value, expected) in values.iter().zip(expected) {
            assert!((value - expected).abs() <= 8.0 * f64::EPSILON * expected, "{n}: {value:e} {expected:e}");
        }
    }
}

#[test]
fn the_exponential_of_a_symmetric_matrix_has_the_exponentials_of_its_eigenvalues() {
    for (n, size) in [(7, 0.01), (12, 0.1), (20, 1.0), (30, 3.0)] {
        let half = Matrix::new(n, n, random(n as u64, n * n));
        let a = Matrix::from_fn(n, n, |i, j| size * (half.at(i, j) + half.at(j, i)));
        let (mut values, mut vectors) = (vec![7.0; n], vec![7.0; n * n]);
        eigh::eigh(n, &a.elements, &mut values, &mut vectors, &mut vec![7.0; eigh::work(n)]).expect("sweeps end");
        let mut y = vec![7.0; n * n];
        expm::expm(n, &a.elements, &mut y, &mut vec![7.0; expm::work(n)]);
        let v = Matrix::new(n, n, vectors);
        let exponentials: Vec<f64> = values.iter().map(|value| value.exp()).collect();
        let expected = v.scaled_columns(&exponentials).times(&v.transposed());
        let error = Matrix::new(n, n, y).distance(&expected) / expected.norm();
        assert!(error <= 4.0 * f64::EPSILON * (1.0 + a.norm()), "{n} {error:e}");
    }
}
