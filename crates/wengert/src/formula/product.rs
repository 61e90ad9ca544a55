//! Products of arrays, as NumPy has them: `a @ b`, `dot` and `outer`, each one contraction.

use graph_core::op::{Axes, DotSpec, Op};
use graph_core::{Graph, NodeId, Shape};

use super::array::{Built, Misfit, check_size, common_shape};
use crate::broadcast;

/// NumPy's `matmul`: a vector on the left is a row, on the right a column, whose axis is gone from the result; axes
/// before the last two are batches and broadcast.
pub(super) fn matmul(g: &mut Graph, x: NodeId, y: NodeId) -> Built {
    let (a, b) = (g.shape(x).clone(), g.shape(y).clone());
    if a.rank() == 0 || b.rank() == 0 {
        let message = format!("`@` is of arrays, and here stands a number: {} @ {}", shown(&a), shown(&b));
        let help = "write `*` to scale; variables are arrays where the point says so: `--at x=[1,2]`";
        return Err(Misfit { code: "shape", message, help });
    }
    check_inner("@", &a, &b)?;
    if a.rank() >= 2 && b.rank() > 2 {
        return batched(g, x, y);
    }
    contract(g, x, y, DotSpec::contract(&[a.rank() - 1], &[b.rank().saturating_sub(2)]))
}

/// Matrices on both sides, at least those on the right in batches.
fn batched(g: &mut Graph, x: NodeId, y: NodeId) -> Built {
    let (a, b) = (g.shape(x).clone(), g.shape(y).clone());
    let (lead_a, matrix_a) = a.split_at(a.rank() - 2);
    let (lead_b, matrix_b) = b.split_at(b.rank() - 2);
    let batch = common_shape(&Shape::new(lead_a), &Shape::new(lead_b))?;
    let full = |matrix: &[usize]| -> Shape { batch.iter().chain(matrix).copied().collect() };
    let (left, right) = (full(matrix_a), full(matrix_b));
    check_size(&left)?;
    check_size(&right)?;
    let (x, y) = (broadcast::stretch(g, x, &left), broadcast::stretch(g, y, &right));
    let axes: Axes = (0..batch.rank()).collect();
    let (inner, outer) = (Axes::new(&[batch.rank() + 1]), Axes::new(&[batch.rank()]));
    contract(g, x, y, DotSpec { lhs: inner, rhs: outer, lhs_batch: axes.clone(), rhs_batch: axes })
}

/// NumPy's `dot`; numbers scale.
pub(super) fn dot(g: &mut Graph, x: NodeId, y: NodeId) -> Built {
    let (a, b) = (g.shape(x).clone(), g.shape(y).clone());
    if a.rank() == 0 && b.rank() == 0 {
        return Ok(g.mul(x, y));
    }
    if a.rank() == 0 || b.rank() == 0 {
        return contract(g, x, y, DotSpec::default());
    }
    check_inner("dot", &a, &b)?;
    contract(g, x, y, DotSpec::contract(&[a.rank() - 1], &[b.rank().saturating_sub(2)]))
}

/// The elements of both sides in rows.
pub(super) fn outer(g: &mut Graph, x: NodeId, y: NodeId) -> Built {
    let [x, y] = [x, y].map(|x| {
        let flat = Shape::new(&[g.shape(x).elements()]);
        g.reshape(x, &flat)
    });
    contract(g, x, y, DotSpec::default())
}

fn check_inner(name: &str, a: &Shape, b: &Shape) -> Result<(), Misfit> {
    let (left, right) = (a[a.rank() - 1], b[b.rank().saturating_sub(2)]);
    if left == right {
        return Ok(());
    }
    let message = format!("shapes {a} and {b} do not fit `{name}`: inner extents {left} and {right}");
    let help = "the last axis of the left runs along the last but one of the right";
    Err(Misfit { code: "shape", message, help })
}

fn contract(g: &mut Graph, x: NodeId, y: NodeId, spec: DotSpec) -> Built {
    let (a, b) = (g.shape(x).clone(), g.shape(y).clone());
    let (left, right) = (spec.lhs_free(a.rank()), spec.rhs_free(b.rank()));
    let batch = spec.lhs_batch.iter().map(|&axis| a[axis]);
    let free = left.iter().map(|&axis| a[axis]).chain(right.iter().map(|&axis| b[axis]));
    check_size(&batch.chain(free).collect())?;
    let spec = g.intern_dot(spec);
    Ok(g.node(Op::Dot(spec), &[x, y]))
}

fn shown(shape: &Shape) -> String {
    if shape.rank() == 0 { "number".to_string() } else { shape.to_string() }
}
