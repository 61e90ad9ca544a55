//! Linear algebra, matrix after matrix: operands are read into a stretch of numbers that the workspace keeps, the kernel
//! runs there, and results are written back. A matrix that cannot be factored has NaN as its results; the others of the
//! batch are not touched by that.

use graph_core::{DType, Graph, NodeId};

use crate::cells::{load_numbers, store_numbers};
use crate::fault::What;
use crate::kernels::linalg::Problem;
use crate::plan::Place;

/// One node on all matrices of its operands.
#[derive(Clone, Debug)]
pub struct Factorisation {
    pub node: NodeId,
    problem: Problem,
    operands: Vec<Place>,
    results: Vec<(DType, Place)>,
}

impl Factorisation {
    /// What a node of the family does.
    pub fn of(g: &Graph, node: NodeId, operands: Vec<Place>, results: Vec<Place>) -> Factorisation {
        let kinds = g.ty(node).leaves().into_iter().map(|leaf| leaf.dtype);
        let results = kinds.zip(results).collect();
        Factorisation { node, problem: Problem::of(g, node), operands, results }
    }

    /// Length of the stretch it needs.
    pub fn stretch(&self) -> usize {
        self.problem.len()
    }

    /// The first matrix that has no result, if there is one.
    pub fn run(&self, cells: &mut [u64], stretch: &mut [f64]) -> Option<What> {
        let stretch = &mut stretch[..self.problem.len()];
        let (given, lengths) = (self.problem.operands(), self.problem.results());
        let mut failed = None;
        for element in 0..self.problem.batch {
            let mut at = 0;
            for (operand, &len) in self.operands.iter().zip(&given) {
                load_numbers(DType::F64, &cells[operand.at + element * len..][..len], &mut stretch[at..][..len]);
                at += len;
            }
            if let Err(failure) = self.problem.run(stretch, true) {
                failed = failed.or(Some(failure.at(element)));
            }
            for (&(dtype, result), &len) in self.results.iter().zip(&lengths) {
                store_numbers(dtype, &stretch[at..][..len], &mut cells[result.at + element * len..][..len]);
                at += len;
            }
        }
        failed
    }
}
