//! What a node may be unable to do when it runs. A run does not stop there: the node fills in a value, the others go on,
//! and the first fault in order of execution is told at the end. Both executors fill in the same values.

use graph_core::op::Miss;
use graph_core::text::Names;
use graph_core::{Function, NodeId, Op};

use crate::error::Error;
use crate::value::Value;

/// The first node of a run that could not do what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Position of its plan.
    pub plan: usize,
    /// The node.
    pub node: NodeId,
    /// What it could not do.
    pub what: What,
}

/// What a node could not do. An `element` is the row-major position among the batch axes of its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A window starts out of range: it reads as zeros, and what should be written there is dropped.
    Miss(Miss),
    /// A matrix is not positive definite: its result is NaN.
    NotPositiveDefinite { element: usize },
    /// A matrix is singular: its result is NaN.
    Singular { element: usize },
    /// An iteration does not converge: its result is NaN.
    NoConvergence { element: usize },
}

impl What {
    /// The error of a node of `f`.
    pub fn explain(self, f: &Function, id: NodeId) -> Error {
        let g = f.graph();
        let function = f.name().to_string();
        let node = format!("{} = {}", Names::new(g).value(id), g.op(id).name());
        match self {
            What::Miss(miss) => {
                let (Op::Gather(spec) | Op::Scatter(_, spec)) = g.op(id) else {
                    unreachable!("other nodes have no indices")
                };
                Error::Index { function, node, why: miss.explain(&g[spec], g.shape(g.operands(id)[0])) }
            }
            What::NotPositiveDefinite { element } => Error::NotPositiveDefinite { function, node, element },
            What::Singular { element } => Error::Singular { function, node, element },
            What::NoConvergence { element } => Error::NoConvergence { function, node, element },
        }
    }
}

/// Results of a run that went on behind a fault.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// One for each result. Those that depend on the node of the fault are made from the value that it filled in, all
    /// others are what they would be without it.
    pub values: Vec<Value>,
    /// The first fault, as the error that it is.
    pub fault: Option<Error>,
}

impl Outcome {
    /// The results, unless there was a fault.
    ///
    /// # Errors
    /// The fault.
    pub fn into_result(self) -> Result<Vec<Value>, Error> {
        self.fault.map_or(Ok(self.values), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_matrices_name_function_node_and_element() -> Result<(), graph_core::Error> {
        let f = graph_core::text::parse("graph @f(%x: f64) -> f64 { %0 = exp %x : f64 %1 = sin %0 : f64 return %1 }")?;
        let node = f.results()[0];
        let whats = [
            What::NotPositiveDefinite { element: 0 },
            What::Singular { element: 5 },
            What::NoConvergence { element: 2 },
        ];
        let errors = whats.map(|what| what.explain(&f, node));
        assert_eq!(errors.each_ref().map(Error::code), ["not_positive_definite", "singular", "no_convergence"]);
        assert_eq!(
            errors.map(|e| e.to_string()),
            [
                "matrix 0 of `%1 = sin` of @f is not positive definite; add a positive multiple of the identity to it, \
                 or use a factorisation that does not need it",
                "matrix 5 of `%1 = sin` of @f is singular; check that its rows are independent, or solve by least squares",
                "the iteration for matrix 2 of `%1 = sin` of @f does not converge; check that its elements are finite",
            ]
        );
        Ok(())
    }
}
