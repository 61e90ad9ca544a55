//! Matrices to try, and how far results are from what defines them.

use super::vector::{dot, norm};

/// Numbers in [-1, 1), the same on every machine.
pub fn random(seed: u64, len: usize) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..len).map(|_| next()).collect()
}

/// 1/(i + j + 1).
pub fn hilbert(n: usize) -> Vec<f64> {
    (0..n * n).map(|at| 1.0 / (at / n + at % n + 1) as f64).collect()
}

/// Row-major, with extents.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    pub rows: usize,
    pub cols: usize,
    pub elements: Vec<f64>,
}

impl Matrix {
    pub fn new(rows: usize, cols: usize, elements: Vec<f64>) -> Matrix {
        assert_eq!(elements.len(), rows * cols);
        Matrix { rows, cols, elements }
    }

    pub fn from_fn(rows: usize, cols: usize, element: impl Fn(usize, usize) -> f64) -> Matrix {
        Matrix::new(rows, cols, (0..rows * cols).map(|at| element(at / cols, at % cols)).collect())
    }

    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.elements[i * self.cols + j]
    }

    pub fn transposed(&self) -> Matrix {
        Matrix::from_fn(self.cols, self.rows, |i, j| self.at(j, i))
    }

    pub fn times(&self, other: &Matrix) -> Matrix {
        let columns = other.transposed();
        let row = |x: &Matrix, i: usize| x.elements[i * x.cols..][..x.cols].to_vec();
        Matrix::from_fn(self.rows, other.cols, |i, j| dot(&row(self, i), &row(&columns, j)))
    }

    /// The columns, each by a factor.
    pub fn scaled_columns(&self, factors: &[f64]) -> Matrix {
        Matrix::from_fn(self.rows, self.cols, |i, j| self.at(i, j) * factors[j])
    }

    pub fn distance(&self, other: &Matrix) -> f64 {
        assert_eq!((self.rows, self.cols), (other.rows, other.cols));
        norm(&self.elements.iter().zip(&other.elements).map(|(x, y)| x - y).collect::<Vec<_>>())
    }

    pub fn norm(&self) -> f64 {
        norm(&self.elements)
    }

    /// How far the columns are from orthonormal.
    pub fn skew(&self) -> f64 {
        let identity = Matrix::from_fn(self.cols, self.cols, |i, j| if i == j { 1.0 } else { 0.0 });
        self.transposed().times(self).distance(&identity)
    }
}
