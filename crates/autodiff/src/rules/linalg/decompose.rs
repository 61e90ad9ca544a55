//! QR. For more columns than rows, the left square part is factored and the rest follows from Q.

use graph_core::op::{Compare, Triangle};
use graph_core::{Graph, NodeId};

use super::factor::{extents, kept, padded, part};

/// Q and the square part of R, and the part of R to the right of it.
struct Qr {
    q: NodeId,
    square: NodeId,
    rest: Option<NodeId>,
    k: usize,
    cols: usize,
}

impl Qr {
    fn of(g: &mut Graph, y: NodeId) -> Qr {
        let (q, r) = (g.get(y, 0), g.get(y, 1));
        let (k, cols) = extents(g, r);
        let square = part(g, r, [0, 0], [k, k]);
        let rest = (cols > k).then(|| part(g, r, [0, k], [k, cols]));
        Qr { q, square, rest, k, cols }
    }

    /// X·R⁻¹, or X·R⁻ᵀ.
    fn over_r(&self, g: &mut Graph, x: NodeId, transposed: bool) -> NodeId {
        let x = g.transpose(x);
        let triangle = if transposed { Triangle::UPPER } else { Triangle::UPPER.turned() };
        let solved = g.triangular_solve(self.square, x, triangle);
        g.transpose(solved)
    }
}

/// With M = QᵀẊR⁻¹ and Ω = (M below the diagonal) − its transpose: Q̇ = Q(Ω − M) + ẊR⁻¹, Ṙ = (M − Ω)R.
pub fn push_qr(g: &mut Graph, y: NodeId, dx: NodeId) -> [NodeId; 2] {
    let qr = Qr::of(g, y);
    let (rows, _) = extents(g, dx);
    let left = part(g, dx, [0, 0], [rows, qr.k]);
    let over = qr.over_r(g, left, false);
    let turned = g.transpose(qr.q);
    let inside = g.matmul(turned, over);
    let below = kept(g, inside, Compare::Gt);
    let above = g.transpose(below);
    let above = g.neg(above);
    let skew = g.add(below, above);
    let minus_inside = g.neg(inside);
    let turn = g.add(skew, minus_inside);
    let turned_q = g.matmul(qr.q, turn);
    let dq = g.add(turned_q, over);
    let minus_turn = g.neg(turn);
    let dr = g.matmul(minus_turn, qr.square);
    let Some(rest) = qr.rest else { return [dq, dr] };
    let right = part(g, dx, [0, qr.k], [rows, qr.cols]);
    let of_right = g.matmul(turned, right);
    let (turned_dq, x_right) = (g.transpose(dq), g.matmul(qr.q, rest));
    let of_q = g.matmul(turned_dq, x_right);
    let d_rest = g.add(of_right, of_q);
    let axis = g.shape(dr).rank() - 1;
    [dq, g.concat(&[dr, d_rest], axis)]
}

/// X̄ = (Q̄ + Q·copyltu(M))R⁻ᵀ with M = R·R̄ᵀ − Q̄ᵀQ, where copyltu mirrors the lower triangle.
pub fn pull_qr(g: &mut Graph, y: NodeId, of_q: Option<NodeId>, of_r: Option<NodeId>) -> NodeId {
    let qr = Qr::of(g, y);
    let square = of_r.map(|r| part(g, r, [0, 0], [qr.k, qr.k]));
    let rest = of_r.and_then(|r| qr.rest.map(|_| part(g, r, [0, qr.k], [qr.k, qr.cols])));
    let mut of_q = of_q;
    if let (Some(ct), Some(rest)) = (rest, qr.rest) {
        let (x_right, ct) = (g.matmul(qr.q, rest), g.transpose(ct));
        let more = g.matmul(x_right, ct);
        of_q = Some(of_q.map_or(more, |of_q| g.add(of_q, more)));
    }
    let left = pull_square(g, &qr, of_q, square);
    if qr.cols == qr.k {
        return left;
    }
    let (rows, _) = extents(g, qr.q);
    let right = match rest {
        Some(ct) => {
            let right = g.matmul(qr.q, ct);
            padded(g, right, [0, qr.k], [0, 0])
        }
        None => return padded(g, left, [0, 0], [0, qr.cols - qr.k]),
    };
    debug_assert_eq!(extents(g, right), (rows, qr.cols));
    let left = padded(g, left, [0, 0], [0, qr.cols - qr.k]);
    g.add(left, right)
}

fn pull_square(g: &mut Graph, qr: &Qr, of_q: Option<NodeId>, of_r: Option<NodeId>) -> NodeId {
    let from_r = of_r.map(|ct| {
        let ct = g.transpose(ct);
        g.matmul(qr.square, ct)
    });
    let from_q = of_q.map(|ct| {
        let ct = g.transpose(ct);
        let product = g.matmul(ct, qr.q);
        g.neg(product)
    });
    let inside = match (from_r, from_q) {
        (Some(a), Some(b)) => g.add(a, b),
        (one, other) => one.or(other).expect("a cotangent of one of the factors"),
    };
    let (lower, below) = (kept(g, inside, Compare::Ge), kept(g, inside, Compare::Gt));
    let above = g.transpose(below);
    let mirrored = g.add(lower, above);
    let product = g.matmul(qr.q, mirrored);
    let sum = of_q.map_or(product, |of_q| g.add(of_q, product));
    qr.over_r(g, sum, true)
}
