//! Eigenvalues and singular values. The derivatives of the values alone need no quotient, so they are right where values
//! are equal; those of vectors divide by differences of values. In reverse mode the quotient has its limit where the
//! function does not depend on the choice of vectors (`confluent`); forward mode cannot know, and is not finite there.

use graph_core::op::{Axes, Binary, Compare, Reduce, Unary};
use graph_core::{Graph, NodeId};

use super::confluent::{Numerator, quotient};
use super::factor::{extents, kept, symmetric};

/// Numbers along the columns of matrices: element (i, j) is x[j]. The shape is that of `like`.
pub fn along_columns(g: &mut Graph, x: NodeId, like: NodeId) -> NodeId {
    let shape = g.shape(like).clone();
    let axes: Axes = (0..shape.rank() - 2).chain([shape.rank() - 1]).collect();
    g.broadcast(x, &shape, &axes)
}

/// Element (i, j) is x[i].
pub fn along_rows(g: &mut Graph, x: NodeId, like: NodeId) -> NodeId {
    let shape = g.shape(like).clone();
    g.broadcast(x, &shape, &(0..shape.rank() - 1).collect())
}

/// The diagonals of matrices.
fn diagonal(g: &mut Graph, x: NodeId) -> NodeId {
    let on = kept(g, x, Compare::Eq);
    let rank = g.shape(on).rank();
    g.reduce(Reduce::Sum, on, &Axes::new(&[rank - 1]))
}

/// Matrices with these diagonals; `like` has their shape.
fn diagonal_matrix(g: &mut Graph, x: NodeId, like: NodeId) -> NodeId {
    let columns = along_columns(g, x, like);
    kept(g, columns, Compare::Eq)
}

/// x / divisor off the diagonal, 0 on it.
fn off_diagonal_quotient(g: &mut Graph, x: NodeId, divisor: NodeId) -> NodeId {
    let (on, one) = (g.triangle_mask(x, Compare::Eq), g.splat_like(1.0, x));
    let divisor = g.select(on, one, divisor);
    let quotient = g.binary(Binary::Div, x, divisor);
    kept(g, quotient, Compare::Ne)
}

/// a − aᵀ
fn skew(g: &mut Graph, a: NodeId) -> NodeId {
    let transposed = g.transpose(a);
    g.binary(Binary::Sub, a, transposed)
}

/// |a| + |aᵀ|: what [`skew`] is the difference of.
fn size(g: &mut Graph, a: NodeId) -> NodeId {
    let magnitude = g.unary(Unary::Abs, a);
    let transposed = g.transpose(magnitude);
    g.add(magnitude, transposed)
}

/// aᵀ·b
fn turned_product(g: &mut Graph, a: NodeId, b: NodeId) -> NodeId {
    let a = g.transpose(a);
    g.matmul(a, b)
}

/// a·bᵀ
fn product_turned(g: &mut Graph, a: NodeId, b: NodeId) -> NodeId {
    let b = g.transpose(b);
    g.matmul(a, b)
}

/// λⱼ − λᵢ
pub fn differences(g: &mut Graph, values: NodeId, like: NodeId) -> NodeId {
    let (columns, rows) = (along_columns(g, values, like), along_rows(g, values, like));
    g.binary(Binary::Sub, columns, rows)
}

/// With E = VᵀẊV: λ̇ = diag E, V̇ = V·(Eᵢⱼ/(λⱼ − λᵢ)).
pub fn push_eigh(g: &mut Graph, y: NodeId, dx: NodeId) -> [NodeId; 2] {
    let (values, vectors) = (g.get(y, 0), g.get(y, 1));
    let dx = symmetric(g, dx);
    let right = g.matmul(dx, vectors);
    let inside = turned_product(g, vectors, right);
    let gaps = differences(g, values, inside);
    let turn = off_diagonal_quotient(g, inside, gaps);
    [diagonal(g, inside), g.matmul(vectors, turn)]
}

/// X̄ = V·(diag λ̄ + (P − Pᵀ)ᵢⱼ/(2(λⱼ − λᵢ)))·Vᵀ with P = VᵀV̄, or the limit of the quotient.
pub fn pull_eigh(g: &mut Graph, y: NodeId, order: u8, of_values: Option<NodeId>, of_vectors: Option<NodeId>) -> NodeId {
    let (values, vectors) = (g.get(y, 0), g.get(y, 1));
    let from_values = of_values.map(|ct| diagonal_matrix(g, ct, vectors));
    let from_vectors = of_vectors.map(|ct| {
        let inside = turned_product(g, vectors, ct);
        let half = g.splat_like(0.5, inside);
        let [value, size] = [skew(g, inside), size(g, inside)].map(|part| g.mul(part, half));
        quotient(g, Numerator { value, size, order }, values)
    });
    let inside = sum(g, from_values, from_vectors).expect("a cotangent of values or vectors");
    let left = g.matmul(vectors, inside);
    let adjoint = product_turned(g, left, vectors);
    symmetric(g, adjoint)
}

fn sum(g: &mut Graph, a: Option<NodeId>, b: Option<NodeId>) -> Option<NodeId> {
    match (a, b) {
        (Some(a), Some(b)) => Some(g.add(a, b)),
        (one, other) => one.or(other),
    }
}

/// U, s and V of a node `svd`.
struct Svd {
    u: NodeId,
    s: NodeId,
    v: NodeId,
    k: usize,
}

impl Svd {
    fn of(g: &mut Graph, y: NodeId) -> Svd {
        let (u, s, vt) = (g.get(y, 0), g.get(y, 1), g.get(y, 2));
        let (k, _) = extents(g, vt);
        Svd { u, s, v: g.transpose(vt), k }
    }

    /// sⱼ² − sᵢ², as a product that keeps its digits.
    fn gaps(&self, g: &mut Graph, like: NodeId) -> NodeId {
        let (columns, rows) = (along_columns(g, self.s, like), along_rows(g, self.s, like));
        let (difference, sum) = (g.binary(Binary::Sub, columns, rows), g.add(columns, rows));
        g.mul(difference, sum)
    }

    /// x with its columns divided by the singular values.
    fn over_values(&self, g: &mut Graph, x: NodeId) -> NodeId {
        let columns = along_columns(g, self.s, x);
        g.binary(Binary::Div, x, columns)
    }
}

/// (1 − b·bᵀ)·x, if b has fewer columns than rows.
fn outside(g: &mut Graph, b: NodeId, x: NodeId) -> Option<NodeId> {
    let (rows, cols) = extents(g, b);
    (rows > cols).then(|| {
        let along = turned_product(g, b, x);
        let inside = g.matmul(b, along);
        g.binary(Binary::Sub, x, inside)
    })
}

/// With P = UᵀẊV: ṡ = diag P, U̇ = U·((Pᵢⱼsⱼ + sᵢPⱼᵢ)/(sⱼ² − sᵢ²)), V̇ = V·((sᵢPᵢⱼ + Pⱼᵢsⱼ)/(sⱼ² − sᵢ²)), and what lies
/// outside of the columns of U and V.
pub fn push_svd(g: &mut Graph, y: NodeId, dx: NodeId) -> [NodeId; 3] {
    let svd = Svd::of(g, y);
    let right = g.matmul(dx, svd.v);
    let inside = turned_product(g, svd.u, right);
    let turned = g.transpose(inside);
    let (columns, rows) = (along_columns(g, svd.s, inside), along_rows(g, svd.s, inside));
    let mixed = |g: &mut Graph, a: NodeId, b: NodeId| {
        let (by_column, by_row) = (g.mul(a, columns), g.mul(b, rows));
        let (sum, gaps) = (g.add(by_column, by_row), svd.gaps(g, inside));
        off_diagonal_quotient(g, sum, gaps)
    };
    let (turn_u, turn_v) = (mixed(g, inside, turned), mixed(g, turned, inside));
    let mut du = g.matmul(svd.u, turn_u);
    let mut dv = g.matmul(svd.v, turn_v);
    if let Some(rest) = outside(g, svd.u, right) {
        let rest = svd.over_values(g, rest);
        du = g.add(du, rest);
    }
    let left = turned_product(g, dx, svd.u);
    if let Some(rest) = outside(g, svd.v, left) {
        let rest = svd.over_values(g, rest);
        dv = g.add(dv, rest);
    }
    [du, diagonal(g, inside), g.transpose(dv)]
}

/// The transpose of [`push_svd`].
pub fn pull_svd(g: &mut Graph, y: NodeId, order: u8, [of_u, of_s, of_vt]: [Option<NodeId>; 3]) -> NodeId {
    let svd = Svd::of(g, y);
    let of_v = of_vt.map(|ct| g.transpose(ct));
    let from_u = of_u.map(|ct| {
        let inside = turned_product(g, svd.u, ct);
        let columns = along_columns(g, svd.s, inside);
        [skew(g, inside), size(g, inside)].map(|part| g.mul(part, columns))
    });
    let from_v = of_v.map(|ct| {
        let inside = turned_product(g, svd.v, ct);
        let rows = along_rows(g, svd.s, inside);
        [skew(g, inside), size(g, inside)].map(|part| g.mul(part, rows))
    });
    let both = match (from_u, from_v) {
        (Some([a, b]), Some([c, d])) => Some([g.add(a, c), g.add(b, d)]),
        (one, other) => one.or(other),
    };
    let turned = both.map(|both| {
        let (columns, rows) = (along_columns(g, svd.s, both[0]), along_rows(g, svd.s, both[0]));
        let total = g.add(columns, rows);
        let [value, size] = both.map(|part| g.binary(Binary::Div, part, total));
        quotient(g, Numerator { value, size, order }, svd.s)
    });
    let from_s = of_s.map(|ct| {
        let square: graph_core::Shape = g.shape(ct).iter().copied().chain([svd.k]).collect();
        let like = g.broadcast(ct, &square, &(0..square.rank() - 1).collect());
        diagonal_matrix(g, ct, like)
    });
    let inside = sum(g, from_s, turned).expect("a cotangent of values or vectors");
    let left = g.matmul(svd.u, inside);
    let mut adjoint = product_turned(g, left, svd.v);
    if let Some(rest) = of_u.and_then(|ct| outside(g, svd.u, ct)) {
        let rest = svd.over_values(g, rest);
        let more = product_turned(g, rest, svd.v);
        adjoint = g.add(adjoint, more);
    }
    if let Some(rest) = of_v.and_then(|ct| outside(g, svd.v, ct)) {
        let rest = svd.over_values(g, rest);
        let more = product_turned(g, svd.u, rest);
        adjoint = g.add(adjoint, more);
    }
    adjoint
}
