//! Functions of arrays, each built from ops of `graph_core` with the shapes at hand.
//!
//! Shapes follow NumPy; where NumPy has no function of the name (`softmax`), the axis is the last one. A factor that only
//! keeps numbers in range must not be seen by derivatives, and no op stops them, so it is a power of two or an integer
//! under `floor`, whose derivative is 0 everywhere: exact at every order, and nothing to cancel.
//!
//! Invariant: no array of a formula has more than [`MAX_ELEMENTS`] elements, so no derivative of it outgrows what a
//! graph can hold.

use graph_core::op::{Axes, Binary, Compare, Cumulate, Linalg, Op, PadSpec, Reduce, Unary};
use graph_core::{Graph, NodeId, Shape};

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
fn axis(axis: i32, rank: usize, what: impl FnOnce() -> String) -> Result<usize, Misfit> {
    resolve(axis, rank).ok_or_else(|| Misfit {
        code: "axis",
        message: format!("{} has no axis {axis}", what()),
        help: "axes count from 0, and from -1 backwards",
    })
}

/// What has a shape, in words.
fn described(shape: &Shape) -> String {
    if shape.rank() == 0 { "a number".to_string() } else { format!("an array of shape {shape}") }
}

fn resolve(index: i32, count: usize) -> Option<usize> {
    let position = i64::from(index) + if index < 0 { count as i64 } else { 0 };
    usize::try_from(position).ok().filter(|&position| position < count)
}

fn shape_error(message: String, help: &'static str) -> Misfit {
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

/// The axes that a reduction of an array runs over.
struct Along {
    /// The shape of the array.
    shape: Shape,
    axes: Axes,
}

impl Along {
    fn new(g: &Graph, x: NodeId, along: Option<i32>) -> Result<Along, Misfit> {
        let shape = g.shape(x).clone();
        let axes = match along {
            Some(along) => Axes::new(&[axis(along, shape.rank(), || described(&shape))?]),
            None => (0..shape.rank()).collect(),
        };
        Ok(Along { shape, axes })
    }

    fn kept(&self) -> Axes {
        (0..self.shape.rank()).filter(|axis| !self.axes.contains(axis)).collect()
    }

    /// Number of elements that become one.
    fn count(&self) -> usize {
        self.axes.iter().map(|&axis| self.shape[axis]).product()
    }

    fn reduce(&self, g: &mut Graph, op: Reduce, x: NodeId) -> NodeId {
        g.reduce(op, x, &self.axes)
    }

    /// A reduced array, repeated along what was reduced.
    fn spread(&self, g: &mut Graph, reduced: NodeId) -> NodeId {
        g.broadcast(reduced, &self.shape, &self.kept())
    }

    /// `value` in the shape of a reduced array.
    fn constant(&self, g: &mut Graph, value: f64) -> NodeId {
        let shape: Shape = self.kept().iter().map(|&axis| self.shape[axis]).collect();
        let scalar = g.scalar(value);
        broadcast::stretch(g, scalar, &shape)
    }

    fn extremum(&self, g: &mut Graph, op: Reduce, x: NodeId) -> Built {
        if self.count() == 0 {
            let message = format!("an array of shape {} has no largest and no smallest element", self.shape);
            return Err(shape_error(message, "give it at least one"));
        }
        Ok(self.reduce(g, op, x))
    }

    /// NaN of no elements.
    fn mean(&self, g: &mut Graph, x: NodeId) -> NodeId {
        let sum = self.reduce(g, Reduce::Sum, x);
        let count = g.splat_like(self.count() as f64, sum);
        g.binary(Binary::Div, sum, count)
    }

    /// s·√Σ(xᵢ/s)² with s the power of two below the largest |xᵢ|, from 2⁻⁹⁶⁰ to 2¹⁰⁰⁰, so that neither squares nor
    /// 1/s leave the range; the value and all derivatives where every xᵢ is 0 are 0.
    fn norm(&self, g: &mut Graph, x: NodeId) -> NodeId {
        if self.count() == 0 {
            return self.constant(g, 0.0);
        }
        let size = g.unary(Unary::Abs, x);
        let largest = self.reduce(g, Reduce::Max, size);
        let scale = power_of_two_below(g, largest);
        let divisor = self.spread(g, scale);
        let scaled = g.binary(Binary::Div, x, divisor);
        let squares = g.unary(Unary::Square, scaled);
        let sum = self.reduce(g, Reduce::Sum, squares);
        let root = g.unary(Unary::Sqrt, sum);
        let norm = g.mul(root, scale);
        let zero = g.splat_like(0.0, norm);
        let vanishes = g.compare(Compare::Eq, largest, zero);
        g.select(vanishes, zero, norm)
    }

    /// ⌊max xᵢ⌋, or 0 where that is not finite: with it exp(xᵢ − shift) is at most e, and −∞ stays −∞.
    fn shift(&self, g: &mut Graph, x: NodeId) -> NodeId {
        let largest = self.reduce(g, Reduce::Max, x);
        let shift = g.unary(Unary::Floor, largest);
        let size = g.unary(Unary::Abs, shift);
        let (infinite, zero) = (g.splat_like(f64::INFINITY, size), g.splat_like(0.0, size));
        let finite = g.compare(Compare::Lt, size, infinite);
        g.select(finite, shift, zero)
    }

    /// x − shift, exp(x − shift), Σ exp(x − shift) and the shift.
    fn exponentials(&self, g: &mut Graph, x: NodeId) -> [NodeId; 4] {
        let shift = self.shift(g, x);
        let spread = self.spread(g, shift);
        let shifted = g.binary(Binary::Sub, x, spread);
        let exp = g.unary(Unary::Exp, shifted);
        let sum = self.reduce(g, Reduce::Sum, exp);
        [shifted, exp, sum, shift]
    }

    /// −∞ of nothing and of −∞ alone, with derivatives 0.
    fn logsumexp(&self, g: &mut Graph, x: NodeId) -> NodeId {
        let nothing = self.constant(g, f64::NEG_INFINITY);
        if self.count() == 0 {
            return nothing;
        }
        let [_, _, sum, shift] = self.exponentials(g, x);
        let log = g.unary(Unary::Log, sum);
        let result = g.add(log, shift);
        let zero = g.splat_like(0.0, sum);
        let vanishes = g.compare(Compare::Eq, sum, zero);
        g.select(vanishes, nothing, result)
    }

    fn softmax(&self, g: &mut Graph, x: NodeId) -> NodeId {
        if self.count() == 0 {
            return x;
        }
        let [_, exp, sum, _] = self.exponentials(g, x);
        let sum = self.spread(g, sum);
        g.binary(Binary::Div, exp, sum)
    }

    fn log_softmax(&self, g: &mut Graph, x: NodeId) -> NodeId {
        if self.count() == 0 {
            return x;
        }
        let [shifted, _, sum, _] = self.exponentials(g, x);
        let log = g.unary(Unary::Log, sum);
        let log = self.spread(g, log);
        g.binary(Binary::Sub, shifted, log)
    }
}

/// 2^⌊log₂ x⌋ for x ≥ 0, held within 2⁻⁹⁶⁰ and 2¹⁰⁰⁰; its derivative is 0.
fn power_of_two_below(g: &mut Graph, x: NodeId) -> NodeId {
    let log = g.unary(Unary::Log2, x);
    let exponent = g.unary(Unary::Floor, log);
    let (low, high) = (g.splat_like(-960.0, x), g.splat_like(1000.0, x));
    let exponent = g.binary(Binary::Max, exponent, low);
    let exponent = g.binary(Binary::Min, exponent, high);
    g.unary(Unary::Exp2, exponent)
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
