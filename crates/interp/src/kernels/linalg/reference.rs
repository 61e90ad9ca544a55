//! The reference evaluator's linear algebra: matrix after matrix, by the textbook kernels.

use graph_core::{DType, Graph, NodeId, Scalar, TensorType};

use super::problem::Problem;
use crate::fault::What;
use crate::value::{Tensor, Value};

/// The results of a node, and the first of its matrices that has none.
pub fn linalg(g: &Graph, id: NodeId, operands: &[&Tensor]) -> (Value, Option<What>) {
    let problem = Problem::of(g, id);
    let (given, lengths) = (problem.operands(), problem.results());
    let mut results: Vec<Vec<f64>> = vec![Vec::new(); lengths.len()];
    let mut stretch = vec![0.0; problem.len()];
    let mut failed = None;
    for element in 0..problem.batch {
        let mut at = 0;
        for (operand, &len) in operands.iter().zip(&given) {
            (0..len).for_each(|i| stretch[at + i] = operand.get(element * len + i));
            at += len;
        }
        if let Err(failure) = problem.run(&mut stretch, false) {
            failed = failed.or(Some(failure.at(element)));
        }
        for (result, &len) in results.iter_mut().zip(&lengths) {
            result.extend(&stretch[at..][..len]);
            at += len;
        }
    }
    let types = g.ty(id).leaves();
    let mut tensors = types.into_iter().zip(results).map(|(ty, numbers)| tensor(ty, &numbers));
    (Value::from_leaves(g.ty(id), &mut tensors).expect("a result for each leaf"), failed)
}

fn tensor(ty: &TensorType, numbers: &[f64]) -> Tensor {
    debug_assert!(matches!(ty.dtype, DType::F64 | DType::F32 | DType::I64));
    Tensor::collect(ty.dtype, ty.shape.clone(), numbers.iter().map(|&x| Scalar::F64(x).cast(ty.dtype)))
}
