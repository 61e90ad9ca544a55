//! Types of linear algebra: real matrices in the last two axes, batches before.

use super::{Asked, Inferred, tensor};
use crate::error::Error;
use crate::op::Linalg;
use crate::ty::{DType, Shape, TensorType, Type};

/// One operand: its batches and the extents of its matrices.
struct Matrices<'g> {
    ty: &'g TensorType,
    rows: usize,
    cols: usize,
}

impl Matrices<'_> {
    fn batches(&self) -> &[usize] {
        &self.ty.shape[..self.ty.shape.rank() - 2]
    }

    /// A tensor with these extents for each of the matrices.
    fn each(&self, extents: &[usize]) -> Type {
        tensor(self.ty.dtype, self.shape(extents))
    }

    fn shape(&self, extents: &[usize]) -> Shape {
        self.batches().iter().chain(extents).copied().collect()
    }
}

/// Operand `i` as matrices.
fn matrices<'g>(n: &Asked<'g>, i: usize) -> Result<Matrices<'g>, Error> {
    let ty = n.tensor(i)?;
    if !ty.dtype.is_float() {
        return Err(n.dtype_error(format!("it needs real elements, not {}; `cast` to f64", ty.dtype)));
    }
    match ty.shape[..] {
        [.., rows, cols] => Ok(Matrices { ty, rows, cols }),
        _ => {
            let why = format!("operand {i} of shape {} is no matrix; a vector becomes a column by `reshape`", ty.shape);
            Err(n.shape_error(why))
        }
    }
}

fn square<'g>(n: &Asked<'g>, i: usize) -> Result<Matrices<'g>, Error> {
    let x = matrices(n, i)?;
    match x.rows == x.cols {
        true => Ok(x),
        false => Err(n.shape_error(format!(
            "it needs square matrices, not {} by {}; `slice` them, or take `qr` or `svd`",
            x.rows, x.cols
        ))),
    }
}

/// The solution of systems with the matrices of operand 0 and the columns of operand 1.
fn solution(n: &Asked<'_>) -> Inferred {
    n.arity(2)?;
    let (a, b) = (square(n, 0)?, matrices(n, 1)?);
    if a.ty.dtype != b.ty.dtype {
        return Err(n.dtype_error(format!("{} and {} do not mix; `cast` one of them", a.ty.dtype, b.ty.dtype)));
    }
    if a.batches() != b.batches() {
        let why = format!("batches of {} and {} differ; `broadcast` one of them", a.ty.shape, b.ty.shape);
        return Err(n.shape_error(why));
    }
    if a.cols != b.rows {
        return Err(n.shape_error(format!(
            "the matrices have {} columns, the right sides {} rows; `slice` or `pad` one of them",
            a.cols, b.rows
        )));
    }
    Ok(b.ty.clone().into())
}

pub(super) fn triangular_solve(n: &Asked<'_>) -> Inferred {
    solution(n)
}

pub(super) fn linalg(n: &Asked<'_>, op: Linalg) -> Inferred {
    if op == Linalg::Solve {
        return solution(n);
    }
    n.arity(op.arity())?;
    let x = if op.is_square() { square(n, 0)? } else { matrices(n, 0)? };
    let (rows, cols, k) = (x.rows, x.cols, x.rows.min(x.cols));
    Ok(match op {
        Linalg::Solve => unreachable!("it has two operands"),
        Linalg::Cholesky | Linalg::Cofactor | Linalg::Expm => x.ty.clone().into(),
        Linalg::Det => x.each(&[]),
        Linalg::SlogDet => Type::tuple([x.each(&[]), x.each(&[])]),
        Linalg::Lu => Type::tuple([x.ty.clone().into(), tensor(DType::I64, x.shape(&[rows]))]),
        Linalg::Qr => Type::tuple([x.each(&[rows, k]), x.each(&[k, cols])]),
        Linalg::Eigh => Type::tuple([x.each(&[rows]), x.ty.clone().into()]),
        Linalg::Svd => Type::tuple([x.each(&[rows, k]), x.each(&[k]), x.each(&[k, cols])]),
    })
}
