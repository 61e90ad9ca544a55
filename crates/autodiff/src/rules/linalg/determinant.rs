//! Determinants and exponentials: functions whose derivatives are the same function of larger matrices.
//!
//! A determinant is linear in each row, so the derivative of its cofactors by the elements of row i is the cofactors of
//! the matrix with that row replaced. That is right whatever the rank, at every order, where det(A)·A⁻ᵀ is not.
//! The exponential's derivative in direction E is the upper right block of exp [[A, E], [0, A]] (Higham, Functions of
//! Matrices, 2008, theorem 3.6 with equation 3.16).

use graph_core::op::{Axes, Compare, Linalg, Reduce};
use graph_core::{DType, Graph, NodeId, Shape};

use super::factor::{identity, part};

/// ⟨cofactor(A), Ȧ⟩ for each matrix.
pub fn push_det(g: &mut Graph, x: NodeId, dx: NodeId) -> NodeId {
    let cofactors = g.linalg(Linalg::Cofactor, &[x]);
    inner(g, cofactors, dx)
}

pub fn pull_det(g: &mut Graph, x: NodeId, ct: NodeId) -> NodeId {
    let cofactors = g.linalg(Linalg::Cofactor, &[x]);
    spread(g, cofactors, ct)
}

/// tr(A⁻¹Ȧ) for each matrix.
pub fn push_slogdet(g: &mut Graph, x: NodeId, dx: NodeId) -> NodeId {
    let inverse = inverse_transposed(g, x);
    inner(g, inverse, dx)
}

pub fn pull_slogdet(g: &mut Graph, x: NodeId, ct: NodeId) -> NodeId {
    let inverse = inverse_transposed(g, x);
    spread(g, inverse, ct)
}

fn inverse_transposed(g: &mut Graph, x: NodeId) -> NodeId {
    let (transposed, one) = (g.transpose(x), identity(g, x));
    g.linalg(Linalg::Solve, &[transposed, one])
}

/// Σ aᵢⱼ·bᵢⱼ for each matrix.
fn inner(g: &mut Graph, a: NodeId, b: NodeId) -> NodeId {
    let product = g.mul(a, b);
    let rank = g.shape(product).rank();
    g.reduce(Reduce::Sum, product, &Axes::new(&[rank - 2, rank - 1]))
}

/// Each matrix times a number of its own.
fn spread(g: &mut Graph, matrices: NodeId, numbers: NodeId) -> NodeId {
    if g.known(numbers) == Some(1.0) {
        return matrices;
    }
    let shape = g.shape(matrices).clone();
    let numbers = g.broadcast(numbers, &shape, &(0..shape.rank() - 2).collect());
    g.mul(matrices, numbers)
}

/// The derivative of the cofactors of A in direction B, which is also its transpose: the sum over i of the cofactors of A
/// with row i of B in place of its own, but for row i.
pub fn second(g: &mut Graph, a: NodeId, b: NodeId) -> NodeId {
    let shape = g.shape(a).clone();
    let (rank, n) = (shape.rank(), shape[shape.rank() - 1]);
    let batch = &shape[..rank - 2];
    let copies: Shape = batch.iter().copied().chain([n, n, n]).collect();
    let behind: Axes = (0..rank - 2).chain([rank - 1, rank]).collect();
    let [a, b] = [a, b].map(|x| g.broadcast(x, &copies, &behind));
    let [copy, row] = [rank - 2, rank - 1].map(|axis| g.iota(DType::I64, &copies, axis));
    let replaced = g.compare(Compare::Eq, copy, row);
    let mixed = g.select(replaced, b, a);
    let cofactors = g.linalg(Linalg::Cofactor, &[mixed]);
    let zero = g.splat_like(0.0, cofactors);
    let others = g.select(replaced, zero, cofactors);
    g.reduce(Reduce::Sum, others, &Axes::new(&[rank - 2]))
}

/// The derivative of the exponential of A in direction E.
pub fn expm_of_block(g: &mut Graph, a: NodeId, e: NodeId) -> NodeId {
    expm_of_toeplitz(g, &[Some(a), Some(e)])
}

/// The upper right block of the exponential of the block Toeplitz matrix with these blocks in its first row, zero below.
pub fn expm_of_toeplitz(g: &mut Graph, blocks: &[Option<NodeId>]) -> NodeId {
    let first = blocks[0].expect("the matrix itself");
    let rank = g.shape(first).rank();
    let (n, count) = (g.shape(first)[rank - 1], blocks.len());
    let zero = g.splat_like(0.0, first);
    let row = |g: &mut Graph, i: usize| {
        let block = |j: usize| if j < i { zero } else { blocks[j - i].unwrap_or(zero) };
        g.concat(&(0..count).map(block).collect::<Vec<_>>(), rank - 1)
    };
    let rows: Vec<NodeId> = (0..count).map(|i| row(g, i)).collect();
    let whole = g.concat(&rows, rank - 2);
    let exponential = g.linalg(Linalg::Expm, &[whole]);
    part(g, exponential, [0, (count - 1) * n], [n, count * n])
}
