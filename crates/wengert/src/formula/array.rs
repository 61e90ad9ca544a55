//! Functions of arrays, each built from ops of `graph_core` with the shapes at hand. Shapes follow NumPy; where NumPy
//! has no function of the name (`softmax`), the axis is the last one.
//!
//! Invariant: no array of a formula has more than [`MAX_ELEMENTS`] elements, so no derivative of it outgrows what a
//! graph can hold.

use graph_core::op::{Axes, Cumulate, Linalg, Op, PadSpec, Reduce};
use graph_core::{Graph, NodeId, Shape};

use super::reduce::Along;
use super::{ExprId, linalg, product};
use crate::broadcast::{self, Mismatch};

/// Most elements of any array inside a formula.
pub const MAX_ELEMENTS: usize = 1 << 24;

/// A function of arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrayOp {
    /// `a @ b`: NumPy's `matmul`, over batches.
    Matmul,
    /// `x[i, j]`: an element, or a row where there are fewer indices than axes.
    Index,
    /// Σxᵢ
    Sum,
    /// Σxᵢ/n
    Mean,
    /// Πxᵢ
    Prod,
    /// The largest element.
    Max,
    /// The smallest element.
    Min,
    /// √Σxᵢ², scaled inside; its gradient at 0 is 0.
    Norm,
    /// log Σ exp xᵢ, shifted inside.
    LogSumExp,
    /// exp xᵢ / Σ exp xⱼ, along the last axis.
    Softmax,
    /// log softmax, along the last axis.
    LogSoftmax,
    /// NumPy's `dot`: the last axis of the left with the last but one of the right.
    Dot,
    /// All products of an element of the left and one of the right, as a matrix.
    Outer,
    /// Axes in opposite order.
    Transpose,
    /// Σxᵢᵢ over the first two axes.
    Trace,
    /// The diagonal of a matrix, or the matrix with this diagonal.
    Diag,
    /// Arrays of one shape along a new axis.
    Stack,
    /// Arrays one after the other along an axis.
    Concat,
    /// The sums of the elements up to each place, along an axis; of all elements in a row if none is given.
    Cumsum,
    /// The products of the elements up to each place.
    Cumprod,
    /// The elements, smallest first, along the last axis.
    Sort,
    /// The determinant.
    Det,
    /// The logarithm of the magnitude of the determinant.
    Logdet,
    /// The inverse.
    Inv,
    /// The solution of a system of equations.
    Solve,
    /// The lower triangular L with L·Lᵀ = (x + xᵀ)/2.
    Cholesky,
    /// The eigenvalues of (x + xᵀ)/2, ascending.
    Eigvalsh,
}

/// A function of arrays and what it is applied to.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrayCall {
    /// The function.
    pub op: ArrayOp,
    /// What `axis=` says; negative ones count from the end.
    pub axis: Option<i32>,
    /// The indices of an `Index`; negative ones count from the end.
    pub indices: Vec<i32>,
    /// The arguments.
    pub operands: Vec<ExprId>,
}

impl ArrayOp {
    /// Numbers of arguments that it takes: least and most.
    pub(super) fn arity(self) -> (usize, usize) {
        match self {
            ArrayOp::Matmul | ArrayOp::Dot | ArrayOp::Outer | ArrayOp::Solve => (2, 2),
            ArrayOp::Stack | ArrayOp::Concat => (1, usize::MAX),
            ArrayOp::Index | ArrayOp::Transpose | ArrayOp::Trace | ArrayOp::Diag => (1, 1),
            ArrayOp::Sum | ArrayOp::Mean | ArrayOp::Prod | ArrayOp::Max | ArrayOp::Min => (1, 1),
            ArrayOp::Norm | ArrayOp::LogSumExp | ArrayOp::Softmax | ArrayOp::LogSoftmax => (1, 1),
            ArrayOp::Cumsum | ArrayOp::Cumprod | ArrayOp::Sort => (1, 1),
            ArrayOp::Det | ArrayOp::Logdet | ArrayOp::Inv | ArrayOp::Cholesky | ArrayOp::Eigvalsh => (1, 1),
        }
    }

    /// Whether a call may say `axis=`.
    pub(super) fn takes_axis(self) -> bool {
        match self {
            ArrayOp::Matmul | ArrayOp::Dot | ArrayOp::Outer | ArrayOp::Index => false,
            ArrayOp::Transpose | ArrayOp::Trace | ArrayOp::Diag => false,
            ArrayOp::Sum | ArrayOp::Mean | ArrayOp::Prod | ArrayOp::Max | ArrayOp::Min => true,
            ArrayOp::Norm | ArrayOp::LogSumExp | ArrayOp::Softmax | ArrayOp::LogSoftmax => true,
            ArrayOp::Stack | ArrayOp::Concat => true,
            ArrayOp::Cumsum | ArrayOp::Cumprod | ArrayOp::Sort => true,
            ArrayOp::Det | ArrayOp::Logdet | ArrayOp::Inv | ArrayOp::Solve => false,
            ArrayOp::Cholesky | ArrayOp::Eigvalsh => false,
        }
    }
}

/// Shapes that do not fit; whoever knows the formula knows the place.
#[derive(Debug)]
pub(super) struct Misfit {
    pub code: &'static str,
    pub message: String,
    pub help: &'static str,
}

pub(super) type Built = Result<NodeId, Misfit>;

/// The nodes of a call.
pub(super) fn build(g: &mut Graph, call: &ArrayCall, operands: &[NodeId]) -> Built {
    match (call.op, operands) {
        (ArrayOp::Matmul, &[x, y]) => product::matmul(g, x, y),
        (ArrayOp::Dot, &[x, y]) => product::dot(g, x, y),
        (ArrayOp::Outer, &[x, y]) => product::outer(g, x, y),
        (ArrayOp::Stack, operands) => stack(g, operands, call.axis.unwrap_or(0)),
        (ArrayOp::Concat, operands) => concat(g, operands, call.axis.unwrap_or(0)),
        (ArrayOp::Index, &[x, ..]) => index(g, x, &call.indices),
        (ArrayOp::Transpose, &[x, ..]) => Ok(transpose(g, x)),
        (ArrayOp::Trace, &[x, ..]) => trace(g, x),
        (ArrayOp::Diag, &[x, ..]) => diag(g, x),
        (ArrayOp::Sum, &[x, ..]) => Along::new(g, x, call.axis).map(|along| along.reduce(g, Reduce::Sum, x)),
        (ArrayOp::Mean, &[x, ..]) => Along::new(g, x, call.axis).map(|along| along.mean(g, x)),
        (ArrayOp::Prod, &[x, ..]) => Along::new(g, x, call.axis).map(|along| along.reduce(g, Reduce::Prod, x)),
        (ArrayOp::Max, &[x, ..]) => Along::new(g, x, call.axis)?.extremum(g, Reduce::Max, x),
        (ArrayOp::Min, &[x, ..]) => Along::new(g, x, call.axis)?.extremum(g, Reduce::Min, x),
        (ArrayOp::Norm, &[x, ..]) => Along::new(g, x, call.axis).map(|along| along.norm(g, x)),
        (ArrayOp::LogSumExp, &[x, ..]) => Along::new(g, x, call.axis).map(|along| along.logsumexp(g, x)),
        (ArrayOp::Softmax, &[x, ..]) => Along::new(g, x, last(g, x, call.axis)).map(|along| along.softmax(g, x)),
        (ArrayOp::LogSoftmax, &[x, ..]) => Along::new(g, x, last(g, x, call.axis)).map(|along| along.log_softmax(g, x)),
        (ArrayOp::Cumsum, &[x, ..]) => cumulate(g, Cumulate::Sum, x, call.axis),
        (ArrayOp::Cumprod, &[x, ..]) => cumulate(g, Cumulate::Prod, x, call.axis),
        (ArrayOp::Sort, &[x, ..]) => sort(g, x, call.axis.unwrap_or(-1)),
        (ArrayOp::Det, &[x, ..]) => linalg::of_square(g, "det", Linalg::Det, x),
        (ArrayOp::Logdet, &[x, ..]) => linalg::logdet(g, x),
        (ArrayOp::Inv, &[x, ..]) => linalg::inv(g, x),
        (ArrayOp::Solve, &[a, b]) => linalg::solve(g, a, b),
        (ArrayOp::Cholesky, &[x, ..]) => linalg::of_square(g, "cholesky", Linalg::Cholesky, x),
        (ArrayOp::Eigvalsh, &[x, ..]) => linalg::eigvalsh(g, x),
        (ArrayOp::Matmul | ArrayOp::Dot | ArrayOp::Outer | ArrayOp::Solve, _) | (_, []) => {
            unreachable!("the parser counts arguments")
        }
    }
}

/// Along an axis; of the elements in a row if there is none.
fn cumulate(g: &mut Graph, op: Cumulate, x: NodeId, along: Option<i32>) -> Built {
    let shape = g.shape(x).clone();
    match along {
        Some(along) => {
            let axis = axis(along, shape.rank(), || described(&shape))?;
            Ok(g.cumulate(op, x, axis, false))
        }
        None => {
            let row = g.reshape(x, &Shape::new(&[shape.elements()]));
            Ok(g.cumulate(op, row, 0, false))
        }
    }
}

fn sort(g: &mut Graph, x: NodeId, along: i32) -> Built {
    let shape = g.shape(x).clone();
    let axis = axis(along, shape.rank(), || described(&shape))?;
    let sorted = g.sort(&[x], axis, false);
    Ok(g.get(sorted, 0))
}

/// The last axis unless another is given; a scalar has none.
fn last(g: &Graph, x: NodeId, axis: Option<i32>) -> Option<i32> {
    axis.or((g.shape(x).rank() > 0).then_some(-1))
}

/// Position of an axis among `rank` of them, counted from the end if negative; `what` has these axes.
pub(super) fn axis(axis: i32, rank: usize, what: impl FnOnce() -> String) -> Result<usize, Misfit> {
    resolve(axis, rank).ok_or_else(|| Misfit {
        code: "axis",
        message: format!("{} has no axis {axis}", what()),
        help: "axes count from 0, and from -1 backwards",
    })
}

/// What has a shape, in words.
pub(super) fn described(shape: &Shape) -> String {
    if shape.rank() == 0 { "a number".to_string() } else { format!("an array of shape {shape}") }
}

fn resolve(index: i32, count: usize) -> Option<usize> {
    let position = i64::from(index) + if index < 0 { count as i64 } else { 0 };
    usize::try_from(position).ok().filter(|&position| position < count)
}

pub(super) fn shape_error(message: String, help: &'static str) -> Misfit {
    Misfit { code: "shape", message, help }
}

/// An extent of 0 counts as 1, so that what prints as rows is bounded, too.
pub(super) fn check_size(shape: &Shape) -> Result<(), Misfit> {
    let elements = shape.iter().try_fold(1_usize, |n, &extent| n.checked_mul(extent.max(1)));
    match elements.is_some_and(|n| n <= MAX_ELEMENTS) && shape.check().is_ok() {
        true => Ok(()),
        false => Err(Misfit {
            code: "limit",
            message: format!("an array of shape {shape} is beyond the limit of {MAX_ELEMENTS} elements"),
            help: "contract before you expand",
        }),
    }
}

/// Brings operands to their common shape.
pub(super) fn align<const N: usize>(g: &mut Graph, operands: [NodeId; N]) -> Result<[NodeId; N], Misfit> {
    let mut common = Shape::scalar();
    for x in operands {
        common = common_shape(&common, g.shape(x))?;
    }
    check_size(&common)?;
    Ok(operands.map(|x| broadcast::stretch(g, x, &common)))
}

pub(super) fn common_shape(left: &Shape, right: &Shape) -> Result<Shape, Misfit> {
    broadcast::common_shape(left, right).map_err(|Mismatch { extents: (a, b), .. }| {
        let message = format!("shapes {left} and {right} do not broadcast: extents {a} and {b}");
        shape_error(message, "shapes are aligned at the last axis; extents are equal or 1")
    })
}

fn index(g: &mut Graph, x: NodeId, indices: &[i32]) -> Built {
    let shape = g.shape(x).clone();
    if indices.len() > shape.rank() {
        let message = format!("{} for {}", plural(indices.len(), "index", "indices"), described(&shape));
        return Err(Misfit { code: "index", message, help: "give at most one index for each axis" });
    }
    let mut start: Vec<usize> = vec![0; shape.rank()];
    let mut limit: Vec<usize> = shape.to_vec();
    for (axis, &index) in indices.iter().enumerate() {
        let position = resolve(index, shape[axis]).ok_or_else(|| Misfit {
            code: "index",
            message: format!("index {index} is out of range: axis {axis} of shape {shape} has {}", shape[axis]),
            help: "indices count from 0, and from -1 backwards",
        })?;
        (start[axis], limit[axis]) = (position, position + 1);
    }
    let ones: Shape = shape.iter().map(|_| 1).collect();
    let part = g.slice(x, &Shape::new(&start), &Shape::new(&limit), &ones);
    Ok(g.reshape(part, &Shape::new(&shape[indices.len()..])))
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn transpose(g: &mut Graph, x: NodeId) -> NodeId {
    let axes: Axes = (0..g.shape(x).rank()).rev().collect();
    g.permute(x, &axes)
}

/// The elements xᵢᵢ… of the first two axes: every (k+1)th of the k·k in the leading square.
fn diagonal(g: &mut Graph, x: NodeId) -> NodeId {
    let shape = g.shape(x).clone();
    let k = shape[0].min(shape[1]);
    let rest = &shape[2..];
    let lead = |first: &[usize], fill: &dyn Fn(usize) -> usize| -> Shape {
        first.iter().copied().chain(rest.iter().map(|&extent| fill(extent))).collect()
    };
    let (zero, one, all) = (|_| 0, |_| 1, |extent| extent);
    let square = g.slice(x, &lead(&[0, 0], &zero), &lead(&[k, k], &all), &lead(&[1, 1], &one));
    let flat = g.reshape(square, &lead(&[k * k], &all));
    g.slice(flat, &lead(&[0], &zero), &lead(&[k * k], &all), &lead(&[k + 1], &one))
}

fn trace(g: &mut Graph, x: NodeId) -> Built {
    if g.shape(x).rank() < 2 {
        let message = format!("`trace` is of matrices, and this has shape {}", g.shape(x));
        return Err(shape_error(message, "the sum of a vector is `sum(x)`"));
    }
    let diagonal = diagonal(g, x);
    Ok(g.reduce(Reduce::Sum, diagonal, &Axes::new(&[0])))
}

fn diag(g: &mut Graph, x: NodeId) -> Built {
    match g.shape(x).clone()[..] {
        [n] => {
            check_size(&Shape::new(&[n, n]))?;
            let zero = g.scalar(0.0);
            let [none, between] = [0, n].map(|count| Shape::new(&[count]));
            let flat = g.pad(x, zero, PadSpec { low: none.clone(), high: none, interior: between });
            Ok(g.reshape(flat, &Shape::new(&[n, n])))
        }
        [_, _] => Ok(diagonal(g, x)),
        _ => {
            let message = format!("`diag` is of vectors and matrices, and this has shape {}", g.shape(x));
            Err(shape_error(message, "index it first"))
        }
    }
}

fn stack(g: &mut Graph, operands: &[NodeId], along: i32) -> Built {
    let shape = g.shape(operands[0]).clone();
    if let Some(other) = operands.iter().map(|&x| g.shape(x)).find(|other| **other != shape) {
        let message = format!("`stack` takes arrays of one shape, and these are {shape} and {other}");
        return Err(shape_error(message, "`concat` joins along an axis that is there"));
    }
    let at = axis(along, shape.rank() + 1, || format!("a stack of arrays of shape {shape}"))?;
    let row: Shape = shape[..at].iter().copied().chain([1]).chain(shape[at..].iter().copied()).collect();
    let rows: Vec<NodeId> = operands.iter().map(|&x| g.reshape(x, &row)).collect();
    join(g, &rows, at)
}

fn concat(g: &mut Graph, operands: &[NodeId], along: i32) -> Built {
    let shape = g.shape(operands[0]).clone();
    if shape.rank() == 0 {
        return Err(shape_error("`concat` joins arrays, and this is a number".to_string(), "`stack` joins numbers"));
    }
    let at = axis(along, shape.rank(), || described(&shape))?;
    let fits = |other: &Shape| {
        other.rank() == shape.rank() && (0..shape.rank()).all(|axis| axis == at || other[axis] == shape[axis])
    };
    if let Some(other) = operands.iter().map(|&x| g.shape(x)).find(|other| !fits(other)) {
        let message =
            format!("`concat` takes arrays that differ along axis {at} only, and these are {shape} and {other}");
        return Err(shape_error(message, "`stack` joins along a new axis"));
    }
    join(g, operands, at)
}

fn join(g: &mut Graph, operands: &[NodeId], axis: usize) -> Built {
    let total: usize = operands.iter().map(|&x| g.shape(x)[axis]).sum();
    let mut shape = g.shape(operands[0]).to_vec();
    shape[axis] = total;
    check_size(&Shape::new(&shape))?;
    Ok(match operands {
        [only] => *only,
        _ => g.node(Op::Concat(axis as u32), operands),
    })
}
