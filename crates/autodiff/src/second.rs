//! Products of a Hessian with a direction.

use graph_core::op::{Linalg, Op};
use graph_core::{Graph, NodeId, walk};

use crate::absent::Derivative;
use crate::error::Error;
use crate::leaves;
use crate::{forward, gradient, reverse};

/// The Hessian of `y` times a direction ẋ for each input x: a tangent of the gradient; or, where [`prefers_reverse`] says so,
/// its adjoint, which is the same because a Hessian is symmetric.
pub fn hessian_product(g: &mut Graph, y: NodeId, inputs: &[(NodeId, NodeId)]) -> Result<Vec<Derivative>, Error> {
    let xs: Vec<NodeId> = inputs.iter().map(|&(x, _)| x).collect();
    let adjoints = gradient(g, y, &xs)?;
    let by_reverse = prefers_reverse(g, &adjoints.iter().filter_map(|d| d.node()).collect::<Vec<_>>());
    if by_reverse {
        let seeds: Vec<(NodeId, NodeId)> =
            adjoints.iter().zip(inputs).filter_map(|(adjoint, &(_, dx))| Some((adjoint.node()?, dx))).collect();
        return reverse(g, &seeds, &xs);
    }
    let mut whole = Vec::new();
    for (adjoint, &x) in adjoints.into_iter().zip(&xs) {
        whole.push(adjoint.node().unwrap_or_else(|| leaves::zeros(g, x)));
    }
    forward(g, &whole, inputs)
}

/// Whether derivatives of these nodes should be taken by reverse mode: with eigenvalues or singular values in them, which
/// may be equal, only it knows what becomes of the vectors, and finds the limit of what forward mode has as 0/0.
pub fn prefers_reverse(g: &Graph, results: &[NodeId]) -> bool {
    walk::ancestors(g, results).iter().any(|&id| matches!(g.op(id), Op::Linalg(Linalg::Eigh | Linalg::Svd)))
}
