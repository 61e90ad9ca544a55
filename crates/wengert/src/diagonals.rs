//! Diagonals and triangles of matrices. Diagonal `offset` holds the elements whose column is their row plus `offset`.
//!
//! All are moves of elements, so derivatives are moves, too, and elements that are dropped have derivative 0 whatever
//! flows elsewhere.

use graph_core::op::{Compare, Op, PadSpec, SliceSpec};
use graph_core::provenance::Site;
use graph_core::{DType, NodeId, Shape};

use crate::error::Error;
use crate::expr::{Expr, build, make};
use crate::graph::Graph;

/// Matrices and their diagonals.
///
/// ```
/// use wengert::prelude::*;
///
/// let g = Graph::new();
/// let x = g.tensor("x", &[2, 2]);
/// let p = g.compile((x.diag(0), x.diag(0).diag(1).diag(1), x.tril(0), x.triu(1)))?;
/// let out = p.run(&[1.0, 2.0, 3.0, 4.0])?;
/// assert_eq!(out[..4], [1.0, 4.0, 1.0, 4.0]);
/// assert_eq!(out[4..], [1.0, 0.0, 3.0, 4.0, 0.0, 2.0, 0.0, 0.0]);
/// # Ok::<(), Error>(())
/// ```
impl Expr {
    /// Of a vector the matrix with that diagonal, of a matrix the diagonal: NumPy's `diag`.
    #[track_caller]
    pub fn diag(self, offset: isize) -> Expr {
        diagonal("diag", self, offset, |rank| match rank {
            1 => Ok(Way::Embed),
            2 => Ok(Way::Part),
            _ => Err("is neither a vector nor a matrix; `diag_part` and `diag_embed` take the last axes of any rank"),
        })
    }

    /// Diagonals of matrices along the last two axes, which become one.
    #[track_caller]
    pub fn diag_part(self, offset: isize) -> Expr {
        diagonal("diag_part", self, offset, |rank| match rank {
            0 | 1 => Err("has no matrices along its last two axes; `reshape` it, or `diag_embed` a vector"),
            _ => Ok(Way::Part),
        })
    }

    /// Square matrices with these diagonals, which lie along the last axis, and 0 elsewhere.
    #[track_caller]
    pub fn diag_embed(self, offset: isize) -> Expr {
        diagonal("diag_embed", self, offset, |rank| match rank {
            0 => Err("has no axis for a diagonal to lie along; `reshape` it to [1]"),
            _ => Ok(Way::Embed),
        })
    }

    /// The elements on diagonal `offset` and below of matrices along the last two axes, 0 above.
    #[track_caller]
    pub fn tril(self, offset: isize) -> Expr {
        triangle("tril", self, Compare::Le, offset)
    }

    /// The elements on diagonal `offset` and above of matrices along the last two axes, 0 below.
    #[track_caller]
    pub fn triu(self, offset: isize) -> Expr {
        triangle("triu", self, Compare::Ge, offset)
    }
}

impl Graph {
    /// The constant matrix with 1 on diagonal `offset` and below, 0 above.
    #[track_caller]
    pub fn tri(&self, rows: usize, columns: usize, offset: isize) -> Expr {
        let site = std::panic::Location::caller();
        self.make(|core| {
            let shape = Shape::new(&[rows, columns]);
            shape.check().map_err(|source| Error::Build { source, site: Some(site) })?;
            let mask = mask(core, &shape, Compare::Le, offset);
            Ok(core.cast(DType::F64, mask))
        })
    }
}

/// From a diagonal to a matrix, or back.
enum Way {
    Embed,
    Part,
}

#[track_caller]
fn diagonal(name: &str, x: Expr, offset: isize, way: impl FnOnce(usize) -> Result<Way, &'static str>) -> Expr {
    build(
        [x],
        |_| None,
        |core, [x], site| {
            let shape = shape_of(core, name, x, site)?;
            match way(shape.rank()).map_err(|why| refused(core, name, x, why, site))? {
                Way::Embed => embed(core, x, &shape, offset, site),
                Way::Part => part(core, x, &shape, offset, site),
            }
        },
    )
}

/// Every (columns + 1)-th of the elements of a matrix, as one row.
fn part(core: &mut graph_core::Graph, x: NodeId, shape: &Shape, offset: isize, site: Site) -> Result<NodeId, Error> {
    let (batch, rows, columns) = (&shape[..shape.rank() - 2], shape[shape.rank() - 2], shape[shape.rank() - 1]);
    let (right, down) = (offset.max(0) as usize, offset.min(0).unsigned_abs());
    let len = rows.saturating_sub(down).min(columns.saturating_sub(right));
    let start = if len == 0 { 0 } else { down * columns + right };
    let limit = start + len.saturating_sub(1) * (columns + 1) + usize::from(len > 0);
    let line = with(batch, &[rows * columns]);
    let flat = core.reshape(x, &line);
    let ends =
        |at: usize, other: &dyn Fn(usize) -> usize| -> Shape { (0..batch.len()).map(other).chain([at]).collect() };
    let spec = SliceSpec {
        start: ends(start, &|_| 0),
        limit: ends(limit, &|axis| batch[axis]),
        stride: ends(columns + 1, &|_| 1),
    };
    let spec = core.intern_slice(spec);
    make(core, Op::Slice(spec), &[flat], site)
}

/// The elements as one row with as many zeros between them as a row is long.
fn embed(core: &mut graph_core::Graph, x: NodeId, shape: &Shape, offset: isize, site: Site) -> Result<NodeId, Error> {
    let (batch, n) = (&shape[..shape.rank() - 1], shape[shape.rank() - 1]);
    let (right, down) = (offset.max(0) as usize, offset.min(0).unsigned_abs());
    let extent = n.saturating_add(offset.unsigned_abs());
    let matrices = with(batch, &[extent, extent]);
    matrices.check().map_err(|source| Error::Build { source, site: Some(site) })?;
    let (low, spread) = match n {
        0 => (0, 0),
        _ => (down * extent + right, (n - 1) * (extent + 1) + 1),
    };
    let ends = |at: usize| -> Shape { batch.iter().map(|_| 0).chain([at]).collect() };
    let amounts = PadSpec { low: ends(low), high: ends(extent * extent - low - spread), interior: ends(extent) };
    let dtype = core.ty(x).as_tensor().map_or(DType::F64, |t| t.dtype);
    let zero = core.splat(0.0, &graph_core::TensorType { dtype, shape: Shape::scalar() });
    let row = core.pad(x, zero, amounts);
    Ok(core.reshape(row, &matrices))
}

#[track_caller]
fn triangle(name: &str, x: Expr, keeps: Compare, offset: isize) -> Expr {
    build(
        [x],
        |_| None,
        |core, [x], site| {
            let shape = shape_of(core, name, x, site)?;
            if shape.rank() < 2 {
                let why = "has no matrices along its last two axes; `reshape` it";
                return Err(refused(core, name, x, why, site));
            }
            let mask = mask(core, &shape, keeps, offset);
            let zero = core.splat_like(0.0, x);
            make(core, Op::Select, &[mask, x, zero], site)
        },
    )
}

/// Where the column compares so with the row plus `offset`.
fn mask(core: &mut graph_core::Graph, shape: &Shape, compare: Compare, offset: isize) -> NodeId {
    let axis = shape.rank() - 2;
    let (rows, columns) = (core.iota(DType::I64, shape, axis), core.iota(DType::I64, shape, axis + 1));
    // beyond all extents an offset keeps or drops everything; this far a sum does not wrap
    let offset = core.splat_like((offset as f64).clamp(-1e15, 1e15), rows);
    let diagonal = core.add(rows, offset);
    core.compare(compare, columns, diagonal)
}

fn with(batch: &[usize], extents: &[usize]) -> Shape {
    batch.iter().chain(extents).copied().collect()
}

fn shape_of(core: &graph_core::Graph, name: &str, x: NodeId, site: Site) -> Result<Shape, Error> {
    match core.ty(x).as_tensor() {
        Some(t) => Ok(t.shape.clone()),
        None => Err(refused(core, name, x, "is a structure; take the part you mean with `get`", site)),
    }
}

fn refused(core: &graph_core::Graph, name: &str, x: NodeId, why: &str, site: Site) -> Error {
    let ty = core.ty(x);
    let source = graph_core::Error::Shape { node: format!("{name} {ty}"), why: format!("{ty} {why}") };
    Error::Build { source, site: Some(site) }
}
