//! Triangular factors: Cholesky and LU.

use graph_core::op::{Axes, Compare, GatherSpec, Op, Scatter, Triangle};
use graph_core::{Graph, NodeId, Shape};

/// The elements of a triangle, zeros elsewhere; without the diagonal if that is taken to be 1.
pub fn only(g: &mut Graph, x: NodeId, triangle: Triangle) -> NodeId {
    let keeps = match (triangle.upper, triangle.unit) {
        (false, false) => Compare::Ge,
        (false, true) => Compare::Gt,
        (true, false) => Compare::Le,
        (true, true) => Compare::Lt,
    };
    kept(g, x, keeps)
}

/// The elements whose row and column compare so.
pub fn kept(g: &mut Graph, x: NodeId, row_to_column: Compare) -> NodeId {
    let mask = g.triangle_mask(x, row_to_column);
    let zero = g.splat_like(0.0, x);
    g.select(mask, x, zero)
}

/// Identity matrices of the shape of `like`.
pub fn identity(g: &mut Graph, like: NodeId) -> NodeId {
    let (one, zero) = (g.splat_like(1.0, like), g.splat_like(0.0, like));
    let diagonal = g.triangle_mask(like, Compare::Eq);
    g.select(diagonal, one, zero)
}

/// (x + xᵀ)/2
pub fn symmetric(g: &mut Graph, x: NodeId) -> NodeId {
    let transposed = g.transpose(x);
    let (sum, half) = (g.add(x, transposed), g.splat_like(0.5, x));
    g.mul(sum, half)
}

/// Φ: the lower triangle, and half of the diagonal. It is its own transpose.
fn lower_half(g: &mut Graph, x: NodeId) -> NodeId {
    let lower = kept(g, x, Compare::Ge);
    let (half, diagonal) = (g.splat_like(0.5, x), g.triangle_mask(x, Compare::Eq));
    let halved = g.mul(lower, half);
    g.select(diagonal, halved, lower)
}

/// L̇ = L·Φ(L⁻¹ẊL⁻ᵀ) for the symmetric part of Ẋ.
pub fn push_cholesky(g: &mut Graph, l: NodeId, dx: NodeId) -> NodeId {
    let dx = symmetric(g, dx);
    let left = g.triangular_solve(l, dx, Triangle::LOWER);
    let left = g.transpose(left);
    let both = g.triangular_solve(l, left, Triangle::LOWER);
    let half = lower_half(g, both);
    g.matmul(l, half)
}

/// The symmetric part of L⁻ᵀ·Φ(LᵀL̄)·L⁻¹.
pub fn pull_cholesky(g: &mut Graph, l: NodeId, ct: NodeId) -> NodeId {
    let transposed = g.transpose(l);
    let product = g.matmul(transposed, ct);
    let half = lower_half(g, product);
    let left = g.triangular_solve(l, half, Triangle::LOWER.turned());
    let left = g.transpose(left);
    let both = g.triangular_solve(l, left, Triangle::LOWER.turned());
    symmetric(g, both)
}

/// The factors of a node `lu`, as square matrices: L and U, padded by the identity.
struct Lu {
    lower: NodeId,
    upper: NodeId,
    /// Where the rows come from.
    rows: NodeId,
}

impl Lu {
    fn of(g: &mut Graph, y: NodeId) -> Lu {
        let (packed, rows) = (g.get(y, 0), g.get(y, 1));
        let (m, n) = extents(g, packed);
        let left = resized(g, packed, m, m);
        let lower = kept(g, left, Compare::Gt);
        let one = identity(g, lower);
        let lower = g.add(lower, one);
        let above = resized(g, packed, n, n);
        let upper = kept(g, above, Compare::Le);
        // Rows that the operand does not have continue the diagonal by ones.
        let upper = if n > m { with_ones(g, upper, m) } else { upper };
        Lu { lower, upper, rows }
    }

    /// X·U⁻¹, or X·U⁻ᵀ.
    fn over_upper(&self, g: &mut Graph, x: NodeId, transposed: bool) -> NodeId {
        let x = g.transpose(x);
        let triangle = if transposed { Triangle::UPPER } else { Triangle::UPPER.turned() };
        let solved = g.triangular_solve(self.upper, x, triangle);
        g.transpose(solved)
    }
}

const UNIT: Triangle = Triangle { unit: true, ..Triangle::LOWER };

/// With M = L⁻¹·PẊ·U⁻¹: L·(M below the diagonal) + (M on and above it)·U.
pub fn push_lu(g: &mut Graph, y: NodeId, dx: NodeId) -> NodeId {
    let lu = Lu::of(g, y);
    let moved = rows_taken(g, dx, lu.rows);
    let left = g.triangular_solve(lu.lower, moved, UNIT);
    let both = lu.over_upper(g, left, false);
    let (below, above) = (kept(g, both, Compare::Gt), kept(g, both, Compare::Le));
    let (of_lower, of_upper) = (g.matmul(lu.lower, below), g.matmul(above, lu.upper));
    g.add(of_lower, of_upper)
}

/// The transpose of [`push_lu`].
pub fn pull_lu(g: &mut Graph, y: NodeId, ct: NodeId) -> NodeId {
    let lu = Lu::of(g, y);
    let (lower, upper) = (g.transpose(lu.lower), g.transpose(lu.upper));
    let (of_lower, of_upper) = (g.matmul(lower, ct), g.matmul(ct, upper));
    let (below, above) = (kept(g, of_lower, Compare::Gt), kept(g, of_upper, Compare::Le));
    let both = g.add(below, above);
    let right = lu.over_upper(g, both, true);
    let moved = g.triangular_solve(lu.lower, right, UNIT.turned());
    rows_put(g, moved, lu.rows)
}

/// Rows and columns of a node's matrices.
pub fn extents(g: &Graph, x: NodeId) -> (usize, usize) {
    let shape = g.shape(x);
    (shape[shape.rank() - 2], shape[shape.rank() - 1])
}

/// The first rows and columns of matrices, with zeros where there are none.
fn resized(g: &mut Graph, x: NodeId, rows: usize, cols: usize) -> NodeId {
    let (m, n) = extents(g, x);
    let part = part(g, x, [0, 0], [rows.min(m), cols.min(n)]);
    padded(g, part, [0, 0], [rows.saturating_sub(m), cols.saturating_sub(n)])
}

/// Rows and columns of matrices from `start` up to `limit`.
pub fn part(g: &mut Graph, x: NodeId, start: [usize; 2], limit: [usize; 2]) -> NodeId {
    let shape = g.shape(x).clone();
    let batch = &shape[..shape.rank() - 2];
    let start: Shape = batch.iter().map(|_| 0).chain(start).collect();
    let limit: Shape = batch.iter().copied().chain(limit).collect();
    let stride = shape.iter().map(|_| 1).collect();
    g.slice(x, &start, &limit, &stride)
}

/// Zeros before and behind the rows and columns of matrices.
pub fn padded(g: &mut Graph, x: NodeId, low: [usize; 2], high: [usize; 2]) -> NodeId {
    let rank = g.shape(x).rank();
    let around = |n: [usize; 2]| -> Shape { (0..rank - 2).map(|_| 0).chain(n).collect() };
    let zero = crate::masked::fill(g, x);
    let interior = (0..rank).map(|_| 0).collect();
    g.pad(x, zero, graph_core::op::PadSpec { low: around(low), high: around(high), interior })
}

/// With ones on the diagonal from row `from` on.
fn with_ones(g: &mut Graph, x: NodeId, from: usize) -> NodeId {
    let (n, _) = extents(g, x);
    let corner = part(g, x, [from, from], [n, n]);
    let ones = identity(g, corner);
    let ones = padded(g, ones, [from, from], [0, 0]);
    g.add(x, ones)
}

/// Windows of one row of each matrix.
fn row_windows(g: &Graph, x: NodeId) -> GatherSpec {
    let shape = g.shape(x);
    let rank = shape.rank();
    let batch: Axes = (0..rank - 2).collect();
    GatherSpec {
        offset: Axes::new(&[rank - 1]),
        collapsed: Axes::new(&[rank - 2]),
        operand_batch: batch.clone(),
        indices_batch: batch,
        start_map: Axes::new(&[rank - 2]),
        index_axis: rank - 1,
        sizes: (0..rank - 1).map(|_| 1).chain([shape[rank - 1]]).collect(),
        ..GatherSpec::default()
    }
}

/// Row i of the result is row `rows[i]` of the operand.
fn rows_taken(g: &mut Graph, x: NodeId, rows: NodeId) -> NodeId {
    let spec = row_windows(g, x);
    let spec = g.intern_gather(spec);
    g.node(Op::Gather(spec), &[x, rows])
}

/// Row i of the operand is row `rows[i]` of the result.
fn rows_put(g: &mut Graph, x: NodeId, rows: NodeId) -> NodeId {
    let spec = row_windows(g, x);
    let spec = g.intern_gather(spec);
    let zero = g.splat_like(0.0, x);
    g.node(Op::Scatter(Scatter::Add, spec), &[zero, rows, x])
}
