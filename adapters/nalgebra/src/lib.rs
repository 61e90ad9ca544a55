//! Vectors and matrices of [`nalgebra`](https://docs.rs/nalgebra) in and out of functions of wengert.
//!
//! [`Objective`] and [`Mapping`] are functions of one vector: gradients are vectors, Hessians and Jacobians matrices.
//! [`tensor`], [`matrix`] and [`vector`] convert what goes in and out of programs of several parameters
//! ([`Program::call`](wengert::Program::call)). nalgebra stores matrices by columns, wengert by rows; entry (i, j) is entry
//! (i, j) on both sides.
//!
//! ```
//! use nalgebra::{DMatrix, DVector};
//! use wengert::prelude::*;
//! use wengert_nalgebra::{Mapping, matrix, tensor};
//!
//! let f = Function::new("f", &[("x", Type::tensor(DType::F64, &[2]))], |v| {
//!     (v[0].square(), v[0].at(0) * v[0].at(1))
//! })?;
//! let f = Mapping::new(&f)?;
//! assert_eq!(f.values(&DVector::from_column_slice(&[2.0, 3.0]))?, DVector::from_column_slice(&[4.0, 9.0, 6.0]));
//! assert_eq!(f.jacobian(&DVector::from_column_slice(&[2.0, 3.0]))?, DMatrix::from_row_slice(3, 2, &[4.0, 0.0, 0.0, 6.0, 3.0, 2.0]));
//!
//! // The gradient of log det A is the transposed inverse.
//! let a = DMatrix::from_row_slice(2, 2, &[2.0, 1.0, 0.0, 4.0]);
//! let g = Graph::new();
//! let x = g.tensor("a", &[2, 2]);
//! let gradient = g.function("logdet", x.logdet())?.grad("a")?.compile()?;
//! let found = matrix(&gradient.call((&tensor(&a),))?)?;
//! assert!((found - a.try_inverse().expect("it is regular").transpose()).norm() < 1e-15);
//! # Ok::<(), Error>(())
//! ```

use nalgebra::{DMatrix, DVector, Dim, IsContiguous, Matrix, RawStorage, U1};
use wengert::{Buffer, Error, Function, Misfit, Shape, Tensor, plain};

/// A vector of any kind, whose elements lie side by side: `DVector`, `SVector`, a view of a column.
pub type Vector<D, S> = Matrix<f64, D, U1, S>;

/// A real number of a vector, with its derivatives; see [`plain::Objective`].
#[derive(Debug)]
pub struct Objective(plain::Objective);

impl Objective {
    /// Of all parameters of the function, one after the other as one vector.
    ///
    /// # Errors
    /// Those of [`plain::Objective::new`].
    #[track_caller]
    pub fn new(f: &Function) -> Result<Objective, Error> {
        plain::Objective::new(f).map(Objective)
    }

    /// Its value.
    ///
    /// # Errors
    /// Those of [`plain::Objective::value`], as for all methods.
    pub fn value<D: Dim, S: Elements<D>>(&self, x: &Vector<D, S>) -> Result<f64, Error> {
        self.0.value(x.as_slice())
    }

    /// Its value and its gradient, by one forward and one reverse sweep.
    ///
    /// # Errors
    /// Those of [`plain::Objective::value`].
    pub fn value_and_gradient<D: Dim, S: Elements<D>>(&self, x: &Vector<D, S>) -> Result<(f64, DVector<f64>), Error> {
        let (value, gradient) = self.0.value_and_gradient(x.as_slice())?;
        Ok((value, gradient.into()))
    }

    /// Its gradient.
    ///
    /// # Errors
    /// Those of [`plain::Objective::value`].
    pub fn gradient<D: Dim, S: Elements<D>>(&self, x: &Vector<D, S>) -> Result<DVector<f64>, Error> {
        Ok(self.value_and_gradient(x)?.1)
    }

    /// Its Hessian.
    ///
    /// # Errors
    /// Those of [`plain::Objective::hessian`].
    pub fn hessian<D: Dim, S: Elements<D>>(&self, x: &Vector<D, S>) -> Result<DMatrix<f64>, Error> {
        let n = self.0.inputs();
        Ok(DMatrix::from_row_slice(n, n, &self.0.hessian(x.as_slice())?))
    }

    /// Its Hessian times `v`.
    ///
    /// # Errors
    /// Those of [`plain::Objective::value`].
    pub fn hessian_product<D: Dim, S: Elements<D>>(
        &self,
        x: &Vector<D, S>,
        v: &Vector<D, S>,
    ) -> Result<DVector<f64>, Error> {
        Ok(self.0.hessian_product(x.as_slice(), v.as_slice())?.into())
    }
}

/// A vector of a vector, with its derivatives; see [`plain::Mapping`].
#[derive(Debug)]
pub struct Mapping(plain::Mapping);

impl Mapping {
    /// Of all parameters of the function, one after the other as one vector, to all its results.
    ///
    /// # Errors
    /// Those of [`plain::Mapping::new`].
    #[track_caller]
    pub fn new(f: &Function) -> Result<Mapping, Error> {
        plain::Mapping::new(f).map(Mapping)
    }

    /// Its values.
    ///
    /// # Errors
    /// Those of [`plain::Mapping::values`], as for all methods.
    pub fn values<D: Dim, S: Elements<D>>(&self, x: &Vector<D, S>) -> Result<DVector<f64>, Error> {
        Ok(self.0.values(x.as_slice())?.into())
    }

    /// Its Jacobian: a row for each value, a column for each element of `x`.
    ///
    /// # Errors
    /// Those of [`plain::Mapping::jacobian`].
    pub fn jacobian<D: Dim, S: Elements<D>>(&self, x: &Vector<D, S>) -> Result<DMatrix<f64>, Error> {
        let (m, n) = (self.0.outputs(), self.0.inputs());
        Ok(DMatrix::from_row_slice(m, n, &self.0.jacobian(x.as_slice())?))
    }
}

/// Storage of a vector whose elements lie side by side.
pub trait Elements<D: Dim>: RawStorage<f64, D, U1> + IsContiguous {}

impl<D: Dim, S: RawStorage<f64, D, U1> + IsContiguous> Elements<D> for S {}

/// A matrix as a tensor of rank two.
pub fn tensor<R: Dim, C: Dim, S: RawStorage<f64, R, C>>(matrix: &Matrix<f64, R, C, S>) -> Tensor {
    let (rows, columns) = matrix.shape();
    let elements = (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j))).map(|place| matrix[place]);
    Tensor { shape: Shape::new(&[rows, columns]), data: Buffer::F64(elements.collect()) }
}

/// A vector as a tensor of rank one.
pub fn tensor_of_vector<D: Dim, S: RawStorage<f64, D, U1>>(vector: &Vector<D, S>) -> Tensor {
    Tensor { shape: Shape::new(&[vector.len()]), data: Buffer::F64(vector.iter().copied().collect()) }
}

/// A tensor of rank two as a matrix.
///
/// # Errors
/// Another rank, or elements that are no double-precision numbers.
pub fn matrix(tensor: &Tensor) -> Result<DMatrix<f64>, Error> {
    match (&tensor.shape[..], &tensor.data) {
        (&[rows, columns], Buffer::F64(elements)) => Ok(DMatrix::from_row_slice(rows, columns, elements)),
        _ => Err(misfit("a matrix of f64", tensor)),
    }
}

/// A tensor of rank one as a vector.
///
/// # Errors
/// Another rank, or elements that are no double-precision numbers.
pub fn vector(tensor: &Tensor) -> Result<DVector<f64>, Error> {
    match (&tensor.shape[..], &tensor.data) {
        (&[_], Buffer::F64(elements)) => Ok(DVector::from_column_slice(elements)),
        _ => Err(misfit("a vector of f64", tensor)),
    }
}

fn misfit(expected: &str, found: &Tensor) -> Error {
    Error::Structure { misfit: Misfit::new(expected, found.ty().to_string()).within("tensor"), site: None }
}
