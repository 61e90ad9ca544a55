//! Linear algebra. Each derivative is stated as a linear map of tangents and as its transpose, of products of matrices,
//! triangular solutions and masks; `tests/closure.rs` holds both to each other.
//!
//! Sources: Giles 2008, "Collected matrix derivative results for forward and reverse mode"; Murray 2016, "Differentiation
//! of the Cholesky decomposition"; Walter & Lehmann 2018 for QR; Townsend 2016, "Differentiating the singular value
//! decomposition". Guards end here: a factorisation mixes elements, so derivatives are settled first.

mod confluent;
mod decompose;
mod determinant;
mod factor;
mod spectrum;

use graph_core::op::{Linalg, Op, Triangle};
use graph_core::{Graph, NodeId, Opcode};
use smallvec::SmallVec;

use super::{Context, LeafValues, attribute};
use crate::leaves;
use crate::masked::Masked;
use crate::taylor::Coefficients;

/// The cotangents of the operands.
pub fn pull(
    cx: &Context,
    g: &mut Graph,
    y: NodeId,
    ct: &LeafValues,
    wanted: &[bool],
    send: &mut dyn FnMut(&mut Graph, usize, usize, Masked),
) {
    let ct: SmallVec<[Option<NodeId>; 3]> = ct.iter().map(|ct| ct.map(|ct| ct.settle(g))).collect();
    if ct.iter().all(Option::is_none) {
        return;
    }
    let x = g.operands(y)[0];
    attribute(cx, g, y, 0);
    match g.op(y) {
        Op::TriangularSolve(triangle) => return solution(cx, g, y, ct[0], Some(triangle), wanted, send),
        Op::Linalg(Linalg::Solve) => return solution(cx, g, y, ct[0], None, wanted, send),
        _ => {}
    }
    let adjoint = match (g.op(y), &ct[..]) {
        (Op::Linalg(Linalg::Cholesky), &[Some(ct)]) => factor::pull_cholesky(g, y, ct),
        (Op::Linalg(Linalg::Det), &[Some(ct)]) => determinant::pull_det(g, x, ct),
        (Op::Linalg(Linalg::Cofactor), &[Some(ct)]) => determinant::second(g, x, ct),
        (Op::Linalg(Linalg::SlogDet), &[_, ct]) => match ct {
            Some(ct) => determinant::pull_slogdet(g, x, ct),
            None => return,
        },
        (Op::Linalg(Linalg::Lu), &[Some(ct), _]) => factor::pull_lu(g, y, ct),
        (Op::Linalg(Linalg::Qr), &[q, r]) => decompose::pull_qr(g, y, q, r),
        (Op::Linalg(Linalg::Eigh), &[values, vectors]) => spectrum::pull_eigh(g, y, cx.order, values, vectors),
        (Op::Linalg(Linalg::Svd), &[u, s, vt]) => spectrum::pull_svd(g, y, cx.order, [u, s, vt]),
        (Op::Linalg(Linalg::Expm), &[Some(ct)]) => {
            let transposed = g.transpose(x);
            determinant::expm_of_block(g, transposed, ct)
        }
        _ => unreachable!("the rule of linear algebra, with a cotangent for some result"),
    };
    send(g, 0, 0, adjoint.into());
}

/// For y = A⁻¹b: b̄ = A⁻ᵀȳ, Ā = −b̄·yᵀ; of a triangle only its elements.
fn solution(
    cx: &Context,
    g: &mut Graph,
    y: NodeId,
    ct: Option<NodeId>,
    triangle: Option<Triangle>,
    wanted: &[bool],
    send: &mut dyn FnMut(&mut Graph, usize, usize, Masked),
) {
    let Some(ct) = ct else { return };
    let a = g.operands(y)[0];
    let of_b = match triangle {
        Some(triangle) => g.triangular_solve(a, ct, triangle.turned()),
        None => {
            let transposed = g.transpose(a);
            g.linalg(Linalg::Solve, &[transposed, ct])
        }
    };
    if wanted[0] {
        let (left, right) = if triangle.is_some_and(|t| t.transposed) { (y, of_b) } else { (of_b, y) };
        let right = g.transpose(right);
        let product = g.matmul(left, right);
        let product = g.neg(product);
        let of_a = triangle.map_or(product, |triangle| factor::only(g, product, triangle));
        send(g, 0, 0, of_a.into());
    }
    if wanted[1] {
        attribute(cx, g, y, 1);
        send(g, 1, 0, of_b.into());
    }
}

/// The tangents of the results.
pub fn push(g: &mut Graph, y: NodeId, dx: &[&[Option<Masked>]]) -> LeafValues {
    let dx: SmallVec<[Option<NodeId>; 2]> = dx.iter().map(|leaves| leaves[0].map(|dx| dx.settle(g))).collect();
    let x = g.operands(y)[0];
    let triangle = match g.op(y) {
        Op::TriangularSolve(triangle) => Some(triangle),
        _ => None,
    };
    if let &[da, db] = &dx[..] {
        let moved = da.map(|da| {
            let da = triangle.map_or(da, |triangle| factor::only(g, da, triangle));
            let da = if triangle.is_some_and(|t| t.transposed) { g.transpose(da) } else { da };
            g.matmul(da, y)
        });
        return SmallVec::from_elem(solved(g, y, db, moved.as_slice()), 1);
    }
    let Some(dx) = dx[0] else { return SmallVec::from_elem(None, leaves::count(g.ty(y))) };
    let tangents: SmallVec<[Option<NodeId>; 3]> = match g.op(y) {
        Op::Linalg(Linalg::Cholesky) => [Some(factor::push_cholesky(g, y, dx))].into_iter().collect(),
        Op::Linalg(Linalg::Det) => [Some(determinant::push_det(g, x, dx))].into_iter().collect(),
        Op::Linalg(Linalg::Cofactor) => [Some(determinant::second(g, x, dx))].into_iter().collect(),
        Op::Linalg(Linalg::SlogDet) => [None, Some(determinant::push_slogdet(g, x, dx))].into_iter().collect(),
        Op::Linalg(Linalg::Lu) => [Some(factor::push_lu(g, y, dx)), None].into_iter().collect(),
        Op::Linalg(Linalg::Qr) => decompose::push_qr(g, y, dx).map(Some).into_iter().collect(),
        Op::Linalg(Linalg::Eigh) => spectrum::push_eigh(g, y, dx).map(Some).into_iter().collect(),
        Op::Linalg(Linalg::Svd) => spectrum::push_svd(g, y, dx).map(Some).into_iter().collect(),
        Op::Linalg(Linalg::Expm) => [Some(determinant::expm_of_block(g, x, dx))].into_iter().collect(),
        _ => unreachable!("the rule of linear algebra, of one operand"),
    };
    tangents.into_iter().map(|tangent| tangent.map(Masked::from)).collect()
}

/// A⁻¹·(b − Σ moved), with the A of the solution y.
fn solved(g: &mut Graph, y: NodeId, b: Option<NodeId>, moved: &[NodeId]) -> Option<Masked> {
    let mut right = b;
    for &term in moved {
        let term = g.neg(term);
        right = Some(right.map_or(term, |right| g.add(right, term)));
    }
    let (op, a) = (g.op(y), g.operands(y)[0]);
    right.map(|right| g.node(op, &[a, right]).into())
}

/// Coefficient n of a solution: A₀yₙ = bₙ − Σ Aₖyₙ₋ₖ, k from 1 to n.
pub fn solution_coefficient(g: &mut Graph, y: NodeId, n: usize, known: &Coefficients<'_>) -> Option<Masked> {
    let (a, b) = (g.operands(y)[0], g.operands(y)[1]);
    let triangle = match g.op(y) {
        Op::TriangularSolve(triangle) => Some(triangle),
        _ => None,
    };
    let mut moved = Vec::new();
    for k in 1..=n {
        let earlier = if k == n { Some(y) } else { known.tensor(y, n - k).map(|y| y.settle(g)) };
        let (Some(earlier), Some(of_a)) = (earlier, known.tensor(a, k)) else { continue };
        let of_a = of_a.settle(g);
        let of_a = triangle.map_or(of_a, |triangle| factor::only(g, of_a, triangle));
        let of_a = if triangle.is_some_and(|t| t.transposed) { g.transpose(of_a) } else { of_a };
        moved.push(g.matmul(of_a, earlier));
    }
    let of_b = known.tensor(b, n).map(|b| b.settle(g));
    solved(g, y, of_b, &moved)
}

/// Coefficient n of an exponential: the upper right block of that of the block Toeplitz matrix with Aₖ on its k-th
/// diagonal of blocks.
pub fn expm_coefficient(g: &mut Graph, y: NodeId, n: usize, known: &Coefficients<'_>) -> Option<Masked> {
    let a = g.operands(y)[0];
    let mut blocks = vec![Some(a)];
    for k in 1..=n {
        let block = known.tensor(a, k).map(|a| a.settle(g));
        blocks.push(block);
    }
    if blocks[1..].iter().all(Option::is_none) {
        return None;
    }
    Some(determinant::expm_of_toeplitz(g, &blocks).into())
}

/// Whether the coefficients of the op follow from the series of its tangent, y' = J·x', and not from a rule of its own.
pub fn follows_tangent(op: Opcode) -> bool {
    match op {
        Opcode::Linalg(Linalg::Solve | Linalg::Expm) | Opcode::TriangularSolve => false,
        op => matches!(op, Opcode::Linalg(_)),
    }
}
