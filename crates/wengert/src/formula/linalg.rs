//! Linear algebra in formulas, with the shapes of NumPy: matrices are the last two axes, batches before broadcast.

use graph_core::op::{Compare, Linalg};
use graph_core::{DType, Graph, NodeId, Shape};

use super::array::{Built, Misfit, check_size, common_shape};
use crate::broadcast;

/// The result of a function of square matrices.
pub(super) fn of_square(g: &mut Graph, name: &str, op: Linalg, x: NodeId) -> Built {
    check_square(g, name, x)?;
    Ok(g.linalg(op, &[x]))
}

/// log |det x|.
pub(super) fn logdet(g: &mut Graph, x: NodeId) -> Built {
    let both = of_square(g, "logdet", Linalg::SlogDet, x)?;
    Ok(g.get(both, 1))
}

/// The eigenvalues of the symmetric part, ascending.
pub(super) fn eigvalsh(g: &mut Graph, x: NodeId) -> Built {
    let both = of_square(g, "eigvalsh", Linalg::Eigh, x)?;
    Ok(g.get(both, 0))
}

pub(super) fn inv(g: &mut Graph, x: NodeId) -> Built {
    check_square(g, "inv", x)?;
    let (row, column) = {
        let shape = g.shape(x).clone();
        let rank = shape.rank();
        (g.iota(DType::I64, &shape, rank - 2), g.iota(DType::I64, &shape, rank - 1))
    };
    let diagonal = g.compare(Compare::Eq, row, column);
    let identity = g.cast(DType::F64, diagonal);
    Ok(g.linalg(Linalg::Solve, &[x, identity]))
}

/// a⁻¹b; a vector on the right is one right side, and so is the result.
pub(super) fn solve(g: &mut Graph, a: NodeId, b: NodeId) -> Built {
    check_square(g, "solve", a)?;
    let shape = g.shape(b).clone();
    match shape[..] {
        [] => Err(misfit(format!("`solve` has a number on the right of matrices of shape {}", g.shape(a)))),
        [n] => {
            let column = g.reshape(b, &Shape::new(&[n, 1]));
            let solution = solve_matrices(g, a, column)?;
            let extents = g.shape(solution).clone();
            Ok(g.reshape(solution, &extents[..extents.rank() - 1].iter().copied().collect()))
        }
        _ => solve_matrices(g, a, b),
    }
}

fn solve_matrices(g: &mut Graph, a: NodeId, b: NodeId) -> Built {
    let (left, right) = (g.shape(a).clone(), g.shape(b).clone());
    let ([lead_a @ .., _, n], [lead_b @ .., rows, cols]) = (&left[..], &right[..]) else {
        unreachable!("matrices on both sides")
    };
    if n != rows {
        return Err(misfit(format!("`solve` of matrices {left} has {rows} rows on the right ({right}), not {n}")));
    }
    let batch = common_shape(&Shape::new(lead_a), &Shape::new(lead_b))?;
    let full = |rows: usize, cols: usize| -> Shape { batch.iter().copied().chain([rows, cols]).collect() };
    let (left, right) = (full(*n, *n), full(*n, *cols));
    check_size(&left)?;
    check_size(&right)?;
    let (a, b) = (broadcast::stretch(g, a, &left), broadcast::stretch(g, b, &right));
    Ok(g.linalg(Linalg::Solve, &[a, b]))
}

fn check_square(g: &Graph, name: &str, x: NodeId) -> Result<(), Misfit> {
    let shape = g.shape(x);
    match shape[..] {
        [.., rows, cols] if rows == cols => Ok(()),
        _ => Err(misfit(format!("`{name}` needs square matrices, not an array of shape {shape}"))),
    }
}

fn misfit(message: String) -> Misfit {
    Misfit { code: "shape", message, help: "the last two axes are rows and columns: `--at A=[[2,1],[1,3]]`" }
}
