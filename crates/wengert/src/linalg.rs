//! Linear algebra on expressions: matrices are the last two axes, batches before them broadcast.

use graph_core::op::{Axes, Compare, DotSpec, Linalg, Op, Triangle};
use graph_core::{DType, Graph, NodeId, Shape, Type};

use crate::broadcast;
use crate::expr::{Expr, build, make};

/// Factorisations, systems and functions of matrices, differentiable at every order.
///
/// A matrix without a factor or an inverse is an error when it runs, which names the matrix of the batch. Determinants have
/// their derivatives at singular matrices, too; functions of eigenvalues and singular values where those are equal, by
/// reverse mode.
///
/// ```
/// use wengert::prelude::*;
///
/// let g = Graph::new();
/// let (a, b) = (g.tensor("a", &[2, 2]), g.tensor("b", &[2]));
/// let y = b.dot(a.solve(b)) + a.logdet();
/// let [da, db] = grad(y, [a, b])?;
/// let p = g.compile((y, da, db))?;
/// let out = p.run(&[2.0, 0.0, 0.0, 4.0, 1.0, 2.0])?;
/// assert!((out[0] - (1.5 + 8f64.ln())).abs() < 1e-15);
/// assert_eq!(out[1..], [0.25, -0.25, -0.25, 0.0, 1.0, 1.0]);
/// # Ok::<(), Error>(())
/// ```
impl Expr {
    /// The product of matrices `[.., m, k]` and `[.., k, n]`, as NumPy's `matmul`: a vector on the left is a row, on the
    /// right a column, and that axis is gone from the result.
    #[track_caller]
    pub fn matmul(self, other: Expr) -> Expr {
        let rank = |x: Expr| x.shape().map_or(0, |shape| shape.len());
        let (row, column) = (rank(self) == 1, rank(other) == 1);
        if row && column {
            return self.dot(other);
        }
        let extents = |x: Expr| x.shape().unwrap_or_default();
        let left = if row { self.reshape(&[1, extents(self)[0]]) } else { self };
        let right = if column { other.reshape(&[extents(other)[0], 1]) } else { other };
        let product = build(
            [left, right],
            |[x, _]| x,
            |core, operands, site| {
                let operands = common_batches(core, operands);
                let [a, b] = operands.map(|x| core.ty(x).as_tensor().map_or(0, |t| t.shape.rank()));
                let batch: Axes = (0..a.min(b).saturating_sub(2)).collect();
                let (lhs, rhs) = (Axes::new(&[a.saturating_sub(1)]), Axes::new(&[b.saturating_sub(2)]));
                let spec = DotSpec { lhs, rhs, lhs_batch: batch.clone(), rhs_batch: batch };
                let op = Op::Dot(core.intern_dot(spec));
                make(core, op, &operands, site)
            },
        );
        let mut shape = extents(product);
        match (row, column) {
            (true, _) if shape.len() >= 2 => shape.remove(shape.len() - 2),
            (_, true) if shape.len() >= 2 => shape.remove(shape.len() - 1),
            _ => return product,
        };
        product.reshape(&shape)
    }

    /// The lower triangular L with L·Lᵀ = (x + xᵀ)/2; of matrices `[.., n, n]`.
    #[track_caller]
    pub fn cholesky(self) -> Expr {
        self.factored(Linalg::Cholesky)
    }

    /// The determinant of matrices `[.., n, n]`, as `[..]`: right at every order and every rank.
    #[track_caller]
    pub fn det(self) -> Expr {
        self.factored(Linalg::Det)
    }

    /// The sign of the determinant, and the logarithm of its magnitude.
    #[track_caller]
    pub fn slogdet(self) -> (Expr, Expr) {
        let both = self.factored(Linalg::SlogDet);
        (both.get(0), both.get(1))
    }

    /// log |det x|, without overflow.
    #[track_caller]
    pub fn logdet(self) -> Expr {
        self.slogdet().1
    }

    /// The solution y of x·y = b for matrices `[.., n, n]`: b is a vector `[n]`, or matrices `[.., n, m]`.
    #[track_caller]
    pub fn solve(self, b: Expr) -> Expr {
        self.solved(b, Op::Linalg(Linalg::Solve))
    }

    /// The same for the lower triangle of x, or what `triangle` says.
    #[track_caller]
    pub fn triangular_solve(self, b: Expr, triangle: Triangle) -> Expr {
        self.solved(b, Op::TriangularSolve(triangle))
    }

    /// The inverse. To solve equations, [`Expr::solve`] is cheaper and more accurate.
    #[track_caller]
    pub fn inv(self) -> Expr {
        self.solve(self.identity())
    }

    /// L (below the diagonal, 1 on it) and U of matrices `[.., m, n]` in one, and which row of x became each row (`i64`).
    #[track_caller]
    pub fn lu(self) -> (Expr, Expr) {
        let both = self.factored(Linalg::Lu);
        (both.get(0), both.get(1))
    }

    /// Q `[.., m, k]` with orthonormal columns and R `[.., k, n]` with a diagonal that is not negative, k = min(m, n).
    #[track_caller]
    pub fn qr(self) -> (Expr, Expr) {
        let both = self.factored(Linalg::Qr);
        (both.get(0), both.get(1))
    }

    /// Eigenvalues of (x + xᵀ)/2, ascending, and eigenvectors as columns; of each the largest component is positive.
    #[track_caller]
    pub fn eigh(self) -> (Expr, Expr) {
        let both = self.factored(Linalg::Eigh);
        (both.get(0), both.get(1))
    }

    /// The eigenvalues of (x + xᵀ)/2, ascending.
    #[track_caller]
    pub fn eigvalsh(self) -> Expr {
        self.eigh().0
    }

    /// U, s (descending) and Vᵀ with x = U·diag(s)·Vᵀ, as many as the smaller extent.
    #[track_caller]
    pub fn svd(self) -> (Expr, Expr, Expr) {
        let all = self.factored(Linalg::Svd);
        (all.get(0), all.get(1), all.get(2))
    }

    /// The singular values, descending.
    #[track_caller]
    pub fn svdvals(self) -> Expr {
        self.svd().1
    }

    /// Σ xⁿ/n! of matrices `[.., n, n]`.
    #[track_caller]
    pub fn expm(self) -> Expr {
        self.factored(Linalg::Expm)
    }

    /// The sum of the diagonal of matrices.
    #[track_caller]
    pub fn trace(self) -> Expr {
        let diagonal = self.diag_part(0);
        let last = diagonal.shape().map_or(0, |shape| shape.len().saturating_sub(1));
        diagonal.reduce(graph_core::op::Reduce::Sum, &[last])
    }

    /// The Frobenius norm of matrices: the root of the sum of squares, flat at 0.
    #[track_caller]
    pub fn norm_frobenius(self) -> Expr {
        self.norm(&self.matrix_axes())
    }

    /// The nuclear norm of matrices: the sum of the singular values.
    #[track_caller]
    pub fn norm_nuclear(self) -> Expr {
        let values = self.svdvals();
        values.reduce(graph_core::op::Reduce::Sum, &last_axis(values))
    }

    /// The spectral norm of matrices: the largest singular value.
    #[track_caller]
    pub fn norm_spectral(self) -> Expr {
        let values = self.svdvals();
        values.reduce(graph_core::op::Reduce::Max, &last_axis(values))
    }

    /// Identity matrices of this shape; for what is no matrix, the expression itself, so that the caller's op says so.
    #[track_caller]
    fn identity(self) -> Expr {
        build(
            [self],
            |[x]| x,
            |core, [x], _| {
                let shape = match core.ty(x) {
                    Type::Tensor(t) if t.shape.rank() >= 2 => t.shape.clone(),
                    Type::Tensor(_) | Type::Tuple(_) | Type::Record(_) => return Ok(x),
                };
                let dtype = core.ty(x).as_tensor().map_or(DType::F64, |t| t.dtype);
                let [row, column] = [2, 1].map(|back| core.iota(DType::I64, &shape, shape.rank() - back));
                let diagonal = core.compare(Compare::Eq, row, column);
                Ok(core.cast(dtype, diagonal))
            },
        )
    }

    /// The last two axes; none of what is no matrix.
    fn matrix_axes(self) -> Vec<usize> {
        let rank = self.shape().map_or(0, |shape| shape.len());
        (rank.saturating_sub(2)..rank).collect()
    }

    #[track_caller]
    fn factored(self, op: Linalg) -> Expr {
        build([self], |[x]| x, |core, [x], site| make(core, Op::Linalg(op), &[x], site))
    }

    #[track_caller]
    fn solved(self, b: Expr, op: Op) -> Expr {
        let vector = b.shape().filter(|shape| shape.len() == 1);
        let b = vector.as_ref().map_or(b, |shape| b.reshape(&[shape[0], 1]));
        let solution = build(
            [self, b],
            |[x, _]| x,
            |core, operands, site| {
                let operands = common_batches(core, operands);
                make(core, op, &operands, site)
            },
        );
        match (vector, solution.shape()) {
            (Some(_), Some(shape)) if !shape.is_empty() => solution.reshape(&shape[..shape.len() - 1]),
            _ => solution,
        }
    }
}

fn last_axis(x: Expr) -> Vec<usize> {
    x.shape().map_or(0, |shape| shape.len()).checked_sub(1).into_iter().collect()
}

/// Matrices with the batches that both broadcast to; what does not broadcast stays, so that the op says what is wrong.
fn common_batches(core: &mut Graph, operands: [NodeId; 2]) -> [NodeId; 2] {
    let shapes = operands.map(|x| core.ty(x).as_tensor().map(|t| t.shape.clone()).filter(|shape| shape.rank() >= 2));
    let [Some(a), Some(b)] = shapes else { return operands };
    let batch = |shape: &Shape| shape[..shape.rank() - 2].to_vec();
    let Ok(common) = broadcast::common_shape(&batch(&a), &batch(&b)) else { return operands };
    let full = |shape: &Shape| -> Shape { common.iter().chain(&shape[shape.rank() - 2..]).copied().collect() };
    let shapes = [full(&a), full(&b)];
    if shapes.iter().any(|shape| shape.check().is_err()) {
        return operands;
    }
    let [x, y] = operands;
    [broadcast::stretch(core, x, &shapes[0]), broadcast::stretch(core, y, &shapes[1])]
}
