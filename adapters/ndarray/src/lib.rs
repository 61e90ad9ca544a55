//! Arrays of [`ndarray`](https://docs.rs/ndarray) in and out of programs of wengert, of any rank and any layout.
//!
//! ```
//! use ndarray::array;
//! use wengert::prelude::*;
//! use wengert_ndarray::Call;
//!
//! let g = Graph::new();
//! let (w, x) = (g.tensor("w", &[2, 3]), g.tensor("x", &[3]));
//! let loss = g.function("loss", w.matmul(x).tanh().square().sum())?;
//! let step = loss.value_and_grad("w")?.compile()?;
//! let weights = array![[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]];
//! let results = step.call_arrays(&[weights.view().into_dyn(), array![1.0, 0.0, -1.0].view().into_dyn()])?;
//! assert_eq!(results[0].shape(), []); // the value
//! assert_eq!(results[1].shape(), [2, 3]); // the gradient, as the weights are
//! # Ok::<(), Error>(())
//! ```

use ndarray::{ArrayBase, ArrayD, ArrayViewD, Data, Dimension, IxDyn};
use wengert::{Buffer, Error, Misfit, Program, Shape, Tensor, Value};

/// Programs on arrays.
pub trait Call {
    /// Runs on an array for each parameter, and returns one for each result.
    ///
    /// # Errors
    /// Arrays that do not fit the parameters, which are named; results that are no arrays of double-precision numbers; the
    /// first node that fails.
    fn call_arrays(&self, args: &[ArrayViewD<'_, f64>]) -> Result<Vec<ArrayD<f64>>, Error>;
}

impl Call for Program {
    fn call_arrays(&self, args: &[ArrayViewD<'_, f64>]) -> Result<Vec<ArrayD<f64>>, Error> {
        let args: Vec<Value> = args.iter().map(|x| Value::Tensor(tensor(x))).collect();
        let results = self.run_values(&args)?.into_iter();
        results.map(|y| y.as_tensor().ok_or_else(|| misfit(y.ty().to_string())).and_then(array)).collect()
    }
}

/// An array as a tensor of its shape.
pub fn tensor<S: Data<Elem = f64>, D: Dimension>(array: &ArrayBase<S, D>) -> Tensor {
    Tensor { shape: Shape::new(array.shape()), data: Buffer::F64(array.iter().copied().collect()) }
}

/// A tensor as an array of its shape.
///
/// # Errors
/// Elements that are no double-precision numbers.
pub fn array(tensor: &Tensor) -> Result<ArrayD<f64>, Error> {
    match &tensor.data {
        Buffer::F64(elements) => Ok(ArrayD::from_shape_vec(IxDyn(&tensor.shape), elements.clone())
            .expect("a tensor has as many elements as its shape")),
        _ => Err(misfit(tensor.ty().to_string())),
    }
}

fn misfit(found: String) -> Error {
    Error::Structure { misfit: Misfit::new("an array of f64", found).within("tensor"), site: None }
}
