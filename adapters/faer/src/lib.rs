//! Dense and sparse matrices of [`faer`](https://docs.rs/faer) from functions of wengert.
//!
//! A [`Sparse`] derivative becomes a [`SparseProgram`], whose values at a point are a `SparseColMat`: the pattern is analysed
//! once, each evaluation fills in numbers. [`matrix`] and [`tensor`] convert dense matrices.
//!
//! ```
//! use wengert::prelude::*;
//! use wengert_faer::SparseProgram;
//!
//! let f = Function::new("f", &[("x", Type::tensor(DType::F64, &[1000]))], |v| {
//!     (v[0].slice_along(0, 1..1000) - v[0].slice_along(0, 0..999).square()).square().sum()
//! })?;
//! let hessian = SparseProgram::new(f.sparse_hessian("x")?)?;
//! let h = hessian.at(&vec![1.0; 1000])?;
//! assert_eq!((h.nrows(), h.compute_nnz()), (1000, 3 * 1000 - 2));
//! assert_eq!(h.get(4, 3), Some(&-4.0));
//! # Ok::<(), Error>(())
//! ```

use faer::Mat;
use faer::sparse::{SparseColMat, SymbolicSparseColMat};
use wengert::{Buffer, Error, Misfit, Pattern, Program, Shape, Sparse, Tensor};

/// A sparse derivative, ready to run.
#[derive(Debug)]
pub struct SparseProgram {
    program: Program,
    pattern: Pattern,
    symbolic: SymbolicSparseColMat<usize>,
}

impl SparseProgram {
    /// Compiles it.
    ///
    /// # Errors
    /// Those of compiling the function.
    pub fn new(sparse: Sparse) -> Result<SparseProgram, Error> {
        let symbolic = symbolic(&sparse.pattern);
        Ok(SparseProgram { program: sparse.function.compile()?, symbolic, pattern: sparse.pattern })
    }

    /// The matrix at a point, given as the elements of all parameters.
    ///
    /// # Errors
    /// Another number of elements; the first node that fails.
    pub fn at(&self, x: &[f64]) -> Result<SparseColMat<usize, f64>, Error> {
        Ok(SparseColMat::new(self.symbolic.clone(), self.program.run(x)?))
    }

    /// Where the entries are.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// The same as faer has it, for symbolic factorisations.
    pub fn symbolic(&self) -> &SymbolicSparseColMat<usize> {
        &self.symbolic
    }
}

/// A pattern as faer has it.
pub fn symbolic(pattern: &Pattern) -> SymbolicSparseColMat<usize> {
    let (pointers, rows) = (pattern.column_pointers().to_vec(), pattern.row_indices().to_vec());
    SymbolicSparseColMat::new_checked(pattern.rows(), pattern.columns(), pointers, None, rows)
}

/// A tensor of rank two as a matrix.
///
/// # Errors
/// Another rank, or elements that are no double-precision numbers.
pub fn matrix(tensor: &Tensor) -> Result<Mat<f64>, Error> {
    match (&tensor.shape[..], &tensor.data) {
        (&[rows, columns], Buffer::F64(elements)) => Ok(Mat::from_fn(rows, columns, |i, j| elements[i * columns + j])),
        _ => {
            let misfit = Misfit::new("a matrix of f64", tensor.ty().to_string()).within("tensor");
            Err(Error::Structure { misfit, site: None })
        }
    }
}

/// A matrix as a tensor of rank two.
pub fn tensor(matrix: faer::MatRef<'_, f64>) -> Tensor {
    let (rows, columns) = (matrix.nrows(), matrix.ncols());
    let elements = (0..rows).flat_map(|i| (0..columns).map(move |j| matrix[(i, j)]));
    Tensor { shape: Shape::new(&[rows, columns]), data: Buffer::F64(elements.collect()) }
}
