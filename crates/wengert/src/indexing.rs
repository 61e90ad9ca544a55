//! Elements and windows that indices choose: read them, put others in their place, combine others with them.
//!
//! Indices are `i64` expressions ([`Graph::integers`](crate::Graph::integers)) or plain numbers, and count from 0. One that
//! is out of range is an error: of the builder's line if the index is a constant, else of the run. Clamping and leaving
//! out are asked for with [`Expr::gather`] and [`Expr::scatter`]. Indices have no derivative; elements that are read
//! more than once accumulate theirs.

use graph_core::op::{Axes, GatherSpec, Op, Scatter};
use graph_core::provenance::Site;
use graph_core::{Buffer, DType, Graph, Literal, NodeId, Scalar, Shape};

use crate::broadcast;
use crate::error::Error;
use crate::expr::{Expr, Repr, build, make};
use crate::shape::join;

/// Why a builder cannot do what it was asked, with a way out.
type Refusal = String;

/// Reading.
///
/// ```
/// use wengert::prelude::*;
///
/// let g = Graph::new();
/// let x = g.tensor("x", &[3]);
/// let y = x.take(0, g.integers(&[4], &[2, 0, 2, 2]));
/// let [d] = grad((y * y).sum(), [x])?;
/// assert_eq!(g.compile((y, d))?.run(&[1.0, 2.0, 3.0])?, [3.0, 1.0, 3.0, 3.0, 2.0, 0.0, 18.0]);
/// # Ok::<(), Error>(())
/// ```
impl Expr {
    /// Elements along an axis, in the order of the indices, whose axes take the place of that axis: NumPy's `take`. One
    /// index of rank 0 takes the axis away.
    #[track_caller]
    pub fn take(self, axis: usize, indices: impl Into<Expr>) -> Expr {
        read("take", self, indices.into(), |x, indices| take(x, axis, indices))
    }

    /// Element `[.., indices[.., i, ..], ..]` at each place of the indices, which differ from this in shape along the
    /// axis only: NumPy's `take_along_axis`, the inverse of [`Expr::argsort`].
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let g = Graph::new();
    /// let x = g.tensor("x", &[2, 3]);
    /// let p = g.compile(x.take_along_axis(1, x.argsort(1)))?;
    /// assert_eq!(p.run(&[3.0, 1.0, 2.0, 4.0, 6.0, 5.0])?, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn take_along_axis(self, axis: usize, indices: impl Into<Expr>) -> Expr {
        read("take_along_axis", self, indices.into(), |x, indices| along(x, axis, indices))
    }

    /// One element along an axis, which disappears, for each place of the other axes; mistakes are those of `name`.
    #[track_caller]
    pub(crate) fn pick(self, name: &str, axis: usize, indices: Expr) -> Expr {
        read(name, self, indices, |x, indices| pick(x, axis, indices))
    }

    /// The window of these extents that starts at `start`, an index for each axis. It must lie within this.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let g = Graph::new();
    /// let x = g.tensor("x", &[2, 3]);
    /// let column = g.integers(&[], &[1]);
    /// let p = g.compile(x.dynamic_slice(&[0.0.into(), column], &[2, 2]))?;
    /// assert_eq!(p.run(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?, [2.0, 3.0, 5.0, 6.0]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn dynamic_slice(self, start: &[Expr], sizes: &[usize]) -> Expr {
        let count = start.len();
        read("dynamic_slice", self, vector(self, start), |x, _| window(x, count, &Shape::new(sizes)))
    }

    /// The windows of a [`GatherSpec`], which also says what becomes of those out of range.
    #[track_caller]
    pub fn gather(self, indices: impl Into<Expr>, spec: GatherSpec) -> Expr {
        read("gather", self, indices.into(), |_, _| Ok(spec))
    }

    /// For each of these indices the row of 0 and, at the index, 1: a last axis of this extent.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let g = Graph::new();
    /// let p = g.compile(g.integers(&[2], &[2, 0]).one_hot(3))?;
    /// assert_eq!(p.run(&[])?, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn one_hot(self, depth: usize) -> Expr {
        let shape = Shape::new(&self.shape().unwrap_or_default());
        let rows: Shape = shape.iter().copied().chain([depth]).collect();
        let axes: Axes = (0..shape.rank()).collect();
        let spec = GatherSpec {
            collapsed: Axes::new(&[shape.rank()]),
            operand_batch: axes.clone(),
            indices_batch: axes,
            start_map: Axes::new(&[shape.rank()]),
            index_axis: shape.rank(),
            sizes: rows.iter().map(|_| 1).collect(),
            ..GatherSpec::default()
        };
        let zeros = constant(self, Scalar::F64(0.0), rows);
        write("one_hot", Scatter::Set, [zeros, self, Expr::from(1.0)], |_, _| Ok(spec))
    }
}

/// Writing along an axis: the updates have the shape of [`Expr::take`] with the same indices, or broadcast to it.
///
/// ```
/// use wengert::prelude::*;
///
/// let g = Graph::new();
/// let (x, u) = (g.tensor("x", &[3]), g.tensor("u", &[2]));
/// let twice = g.integers(&[2], &[1, 1]);
/// let p = g.compile((x.scatter_set(0, twice, u), x.scatter_add(0, twice, u), x.scatter_mul(0, twice, u)))?;
/// let out = p.run(&[1.0, 2.0, 3.0, 10.0, 20.0])?;
/// assert_eq!(out, [1.0, 20.0, 3.0, 1.0, 32.0, 3.0, 1.0, 400.0, 3.0]);
/// # Ok::<(), Error>(())
/// ```
impl Expr {
    /// Updates take the place of elements; of several for one element the last wins, and has the derivative.
    #[track_caller]
    pub fn scatter_set(self, axis: usize, indices: impl Into<Expr>, updates: impl Into<Expr>) -> Expr {
        let operands = [self, indices.into(), updates.into()];
        write("scatter_set", Scatter::Set, operands, |x, indices| take(x, axis, indices))
    }

    /// Updates are added, in the order of the indices.
    #[track_caller]
    pub fn scatter_add(self, axis: usize, indices: impl Into<Expr>, updates: impl Into<Expr>) -> Expr {
        let operands = [self, indices.into(), updates.into()];
        write("scatter_add", Scatter::Add, operands, |x, indices| take(x, axis, indices))
    }

    /// Updates are multiplied; a polynomial at every order of derivative, also where there are zeros.
    #[track_caller]
    pub fn scatter_mul(self, axis: usize, indices: impl Into<Expr>, updates: impl Into<Expr>) -> Expr {
        let operands = [self, indices.into(), updates.into()];
        write("scatter_mul", Scatter::Mul, operands, |x, indices| take(x, axis, indices))
    }

    /// The largest of an element and its updates; k that tie share the derivative equally.
    #[track_caller]
    pub fn scatter_max(self, axis: usize, indices: impl Into<Expr>, updates: impl Into<Expr>) -> Expr {
        let operands = [self, indices.into(), updates.into()];
        write("scatter_max", Scatter::Max, operands, |x, indices| take(x, axis, indices))
    }

    /// The smallest of an element and its updates; k that tie share the derivative equally.
    #[track_caller]
    pub fn scatter_min(self, axis: usize, indices: impl Into<Expr>, updates: impl Into<Expr>) -> Expr {
        let operands = [self, indices.into(), updates.into()];
        write("scatter_min", Scatter::Min, operands, |x, indices| take(x, axis, indices))
    }

    /// Updates combined with the elements that [`Expr::take_along_axis`] reads with the same indices.
    #[track_caller]
    pub fn scatter_along_axis(
        self,
        op: Scatter,
        axis: usize,
        indices: impl Into<Expr>,
        updates: impl Into<Expr>,
    ) -> Expr {
        let operands = [self, indices.into(), updates.into()];
        write("scatter_along_axis", op, operands, |x, indices| along(x, axis, indices))
    }

    /// This with a patch in the place of the window that starts at `start`, an index for each axis. The patch must lie
    /// within this.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let g = Graph::new();
    /// let (x, patch) = (g.tensor("x", &[4]), g.tensor("patch", &[2]));
    /// let y = x.dynamic_update(&[1.0.into()], patch);
    /// let [dx] = grad((y * y).sum(), [x])?;
    /// let out = g.compile((y, dx))?.run(&[1.0, 2.0, 3.0, 4.0, 8.0, 9.0])?;
    /// assert_eq!(out, [1.0, 8.0, 9.0, 4.0, 2.0, 0.0, 0.0, 8.0]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn dynamic_update(self, start: &[Expr], patch: impl Into<Expr>) -> Expr {
        let (patch, count) = (patch.into(), start.len());
        let sizes = Shape::new(&patch.shape().unwrap_or_default());
        let operands = [self, vector(self, start), patch];
        write("dynamic_update", Scatter::Set, operands, |x, _| window(x, count, &sizes))
    }

    /// Updates, of the type of [`Expr::gather`] with this spec, combined with the windows.
    #[track_caller]
    pub fn scatter(self, op: Scatter, indices: impl Into<Expr>, updates: impl Into<Expr>, spec: GatherSpec) -> Expr {
        let operands = [self, index(self, indices.into()), updates.into()];
        build(operands, |_| None, |core, nodes, site| combined(core, op, nodes, spec, site))
    }
}

/// Rows, columns …: all elements at each index along an axis.
fn take(x: &Shape, axis: usize, indices: &Shape) -> Result<GatherSpec, Refusal> {
    has_axis(x, axis)?;
    Ok(GatherSpec::take(x, axis, indices.rank()))
}

/// One element along an axis for each index, in parallel along all other axes.
fn along(x: &Shape, axis: usize, indices: &Shape) -> Result<GatherSpec, Refusal> {
    has_axis(x, axis)?;
    let fits = |other: usize| other == axis || indices[other] == x[other];
    if indices.rank() != x.rank() || !(0..x.rank()).all(fits) {
        let why = format!("indices {indices} and operand {x} differ along more than axis {axis}");
        return Err(why + "; `take` reads with indices of any shape");
    }
    Ok(GatherSpec::along(x, axis))
}

/// As [`along`], with indices that lack the axis.
fn pick(x: &Shape, axis: usize, indices: &Shape) -> Result<GatherSpec, Refusal> {
    has_axis(x, axis)?;
    let others: Axes = (0..x.rank()).filter(|&other| other != axis).collect();
    let expected: Shape = others.iter().map(|&other| x[other]).collect();
    if *indices != expected {
        return Err(format!("indices {indices} along axis {axis} of {x}; give one for each place of {expected}"));
    }
    Ok(GatherSpec {
        collapsed: Axes::new(&[axis]),
        operand_batch: others,
        indices_batch: (0..indices.rank()).collect(),
        start_map: Axes::new(&[axis]),
        index_axis: indices.rank(),
        sizes: x.iter().map(|_| 1).collect(),
        ..GatherSpec::default()
    })
}

fn window(x: &Shape, starts: usize, sizes: &Shape) -> Result<GatherSpec, Refusal> {
    let rank = x.rank();
    if (starts, sizes.rank()) != (rank, rank) {
        let why = format!("{starts} start(s) and a window of shape {sizes} for an operand of shape {x}");
        return Err(why + "; give one of each for each axis, the window an extent of 1 where it is thin");
    }
    match (0..rank).find(|&axis| sizes[axis] > x[axis]) {
        None => Ok(GatherSpec::window(sizes)),
        Some(axis) => {
            Err(format!("a window of shape {sizes} does not fit into {x} along axis {axis}; make it smaller"))
        }
    }
}

fn has_axis(x: &Shape, axis: usize) -> Result<(), Refusal> {
    match axis < x.rank() {
        true => Ok(()),
        false => Err(format!("axis {axis} of an operand of shape {x}; axes count from 0")),
    }
}

/// The windows of `x` that the spec means.
#[track_caller]
fn read(name: &str, x: Expr, indices: Expr, spec: impl FnOnce(&Shape, &Shape) -> Result<GatherSpec, Refusal>) -> Expr {
    build(
        [x, index(x, indices)],
        |_| None,
        |core, nodes, site| {
            let spec = planned(name, core, &nodes, spec, site)?;
            let spec = core.intern_gather(spec);
            let y = make(core, Op::Gather(spec), &nodes, site)?;
            checked(core, y, site)
        },
    )
}

/// Updates of the shape of the windows, or that broadcast to it, combined with them. The spec must be right by itself.
#[track_caller]
fn write(
    name: &str,
    op: Scatter,
    [x, indices, updates]: [Expr; 3],
    spec: impl FnOnce(&Shape, &Shape) -> Result<GatherSpec, Refusal>,
) -> Expr {
    build(
        [x, index(x, indices), updates],
        |_| None,
        |core, [x, indices, updates], site| {
            let spec = planned(name, core, &[x, indices], spec, site)?;
            let windows = spec.windows(core.shape(indices));
            let updates = match core.ty(updates).as_tensor() {
                Some(t) if broadcast::common_shape(&t.shape, &windows).is_ok_and(|shape| shape == windows) => {
                    broadcast::stretch(core, updates, &windows)
                }
                _ => updates,
            };
            combined(core, op, [x, indices, updates], spec, site)
        },
    )
}

fn combined(core: &mut Graph, op: Scatter, nodes: [NodeId; 3], spec: GatherSpec, site: Site) -> Result<NodeId, Error> {
    let spec = core.intern_gather(spec);
    let y = make(core, Op::Scatter(op, spec), &nodes, site)?;
    checked(core, y, site)
}

/// The windows for operands that are tensors.
fn planned(
    name: &str,
    core: &Graph,
    nodes: &[NodeId; 2],
    spec: impl FnOnce(&Shape, &Shape) -> Result<GatherSpec, Refusal>,
    site: Site,
) -> Result<GatherSpec, Error> {
    let types = nodes.map(|node| core.ty(node));
    let node = || format!("{name} {}, {}", types[0], types[1]);
    let refused = |source| Error::Build { source, site: Some(site) };
    let [Some(x), Some(indices)] = types.map(|ty| ty.as_tensor()) else {
        let why = "an operand is a structure; take the part you mean with `get`".into();
        return Err(refused(graph_core::Error::Shape { node: node(), why }));
    };
    spec(&x.shape, &indices.shape).map_err(|why| refused(graph_core::Error::Attribute { node: node(), why }))
}

/// A node whose constant indices lie within its operand.
fn checked(core: &Graph, y: NodeId, site: Site) -> Result<NodeId, Error> {
    let checked = core.check_indices(y).map(|()| y);
    checked.map_err(|source| Error::Build { source, site: Some(site) })
}

/// An index for use beside `x`: a plain number becomes an integer, if it is one.
#[track_caller]
fn index(x: Expr, index: Expr) -> Expr {
    match index.repr {
        Repr::Number(value) if value.fract() == 0.0 => {
            constant(x, Scalar::F64(value).cast(DType::I64), Shape::scalar())
        }
        Repr::Number(_) | Repr::Node(..) | Repr::Broken(_) | Repr::Stray(_) => index,
    }
}

/// Indices as a vector; a constant if all are plain numbers.
#[track_caller]
fn vector(x: Expr, indices: &[Expr]) -> Expr {
    let plain = |i: &Expr| match i.repr {
        Repr::Number(value) if value.fract() == 0.0 => Some(Scalar::F64(value)),
        Repr::Number(_) | Repr::Node(..) | Repr::Broken(_) | Repr::Stray(_) => None,
    };
    if let Some(elements) = indices.iter().map(plain).collect::<Option<Vec<_>>>() {
        let elements = Buffer::collect(DType::I64, elements.into_iter());
        let literal = Literal::dense(elements, Shape::new(&[indices.len()])).expect("as many as the shape has");
        return build([x], |_| None, |core, _, _| Ok(core.literal_node(literal)));
    }
    let mut rows = Vec::with_capacity(indices.len());
    for &i in indices {
        rows.push(index(x, i).reshape(&[1]));
    }
    join(&rows, |_| Op::Concat(0))
}

/// Equal elements, for use beside `x`.
#[track_caller]
fn constant(x: Expr, element: Scalar, shape: Shape) -> Expr {
    build(
        [x],
        |_| None,
        |core, _, site| {
            shape.check().map_err(|source| Error::Build { source, site: Some(site) })?;
            Ok(core.literal_node(Literal::splat(element, shape)))
        },
    )
}
