//! Shapes and structures of expressions: move, cut, join, take apart.

use std::ops::Range;

use graph_core::op::{Axes, Op, SliceSpec};
use graph_core::provenance::Site;
use graph_core::{DType, NodeId, Shape, Type};

use crate::error::Error;
use crate::expr::{Expr, Repr, build, make};

/// Moving elements.
impl Expr {
    /// The same elements, row-major, in another shape.
    #[track_caller]
    pub fn reshape(self, shape: &[usize]) -> Expr {
        self.moved(shape.is_empty(), |core| Op::Reshape(core.intern_axes(Shape::new(shape))))
    }

    /// Axes in another order: axis i of the result is axis `axes[i]` of this.
    #[track_caller]
    pub fn permute(self, axes: &[usize]) -> Expr {
        self.moved(axes.is_empty(), |core| Op::Permute(core.intern_axes(Axes::new(axes))))
    }

    /// All axes in opposite order.
    #[track_caller]
    pub fn transpose(self) -> Expr {
        let rank = self.shape().map_or(0, |shape| shape.len());
        self.permute(&(0..rank).rev().collect::<Vec<_>>())
    }

    /// Opposite order of the elements along axes.
    #[track_caller]
    pub fn reverse(self, axes: &[usize]) -> Expr {
        self.moved(axes.is_empty(), |core| Op::Reverse(core.intern_axes(Axes::new(axes))))
    }

    /// The elements `start, start + stride, …` below `limit`, for each axis.
    #[track_caller]
    pub fn slice(self, start: &[usize], limit: &[usize], stride: &[usize]) -> Expr {
        let spec = SliceSpec { start: Shape::new(start), limit: Shape::new(limit), stride: Shape::new(stride) };
        self.moved(limit.is_empty(), |core| Op::Slice(core.intern_slice(spec)))
    }

    /// The elements of a range along one axis, all of the others.
    ///
    /// ```
    /// use wengert::prelude::*;
    ///
    /// let g = Graph::new();
    /// let x = g.tensor("x", &[2, 3]);
    /// let p = g.compile(x.slice_along(1, 1..3))?;
    /// assert_eq!(p.run(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?, [2.0, 3.0, 5.0, 6.0]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn slice_along(self, axis: usize, range: Range<usize>) -> Expr {
        let mut limit = self.shape().unwrap_or_default();
        let mut start = vec![0; limit.len()];
        let axis = axis.min(limit.len());
        if axis == limit.len() {
            // One entry too many, which the op refuses.
            start.push(0);
            limit.push(0);
        }
        (start[axis], limit[axis]) = (range.start, range.end);
        self.slice(&start, &limit, &vec![1; start.len()])
    }

    /// Element `index` along the first axis, which disappears.
    #[track_caller]
    pub fn at(self, index: usize) -> Expr {
        let shape = self.shape().unwrap_or_default();
        let [_, inner @ ..] = &shape[..] else {
            return self.slice(&[index], &[index.saturating_add(1)], &[1]);
        };
        let lead = |first: usize, rest: &mut dyn Iterator<Item = usize>| -> Vec<usize> {
            std::iter::once(first).chain(rest).collect()
        };
        let start = lead(index, &mut inner.iter().map(|_| 0));
        let limit = lead(index.saturating_add(1), &mut inner.iter().copied());
        self.slice(&start, &limit, &vec![1; shape.len()]).reshape(inner)
    }

    /// Elements of another dtype.
    #[track_caller]
    pub fn cast(self, dtype: DType) -> Expr {
        self.moved(dtype == DType::F64, |_| Op::Cast(dtype))
    }

    /// A part of a tuple, by position.
    #[track_caller]
    pub fn get(self, index: usize) -> Expr {
        self.moved(false, |_| Op::Get(index_u32(index)))
    }

    /// A field of a record, by name.
    #[track_caller]
    pub fn field(self, name: &str) -> Expr {
        build(
            [self],
            |_| None,
            |core, [x], site| {
                let index = match core.ty(x) {
                    Type::Record(fields) => fields.iter().position(|(field, _)| &**field == name),
                    Type::Tensor(_) | Type::Tuple(_) => None,
                };
                match index {
                    Some(index) => make(core, Op::Get(index as u32), &[x], site),
                    None => Err(no_field(core.ty(x), name, site)),
                }
            },
        )
    }

    /// `stays`: whether a number is the same after it.
    #[track_caller]
    fn moved(self, stays: bool, op: impl FnOnce(&mut graph_core::Graph) -> Op) -> Expr {
        build(
            [self],
            |[x]| stays.then_some(x),
            |core, [x], site| {
                let op = op(core);
                make(core, op, &[x], site)
            },
        )
    }
}

/// An index as nodes hold it. What does not fit is beyond any structure or rank, and stays so.
fn index_u32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn no_field(ty: &Type, name: &str, site: Site) -> Error {
    let why = match ty {
        Type::Record(fields) => {
            let names: Vec<_> = fields.iter().map(|(name, _)| graph_core::text::FieldName(name).to_string()).collect();
            format!("is no field; there are {}", names.join(", "))
        }
        Type::Tensor(_) | Type::Tuple(_) => format!("is asked of a value of type {ty}, which has no fields"),
    };
    Error::Build { source: graph_core::Error::Name { name: name.to_string(), why }, site: Some(site) }
}

/// Operands one after the other along an axis. At least one belongs to a graph.
#[track_caller]
pub fn concat(operands: &[Expr], axis: usize) -> Expr {
    join(operands, |_| Op::Concat(index_u32(axis)))
}

/// Operands of one shape, stacked along a new first axis. At least one belongs to a graph.
#[track_caller]
pub fn stack(operands: &[Expr]) -> Expr {
    let first = operands.iter().copied().find(|x| x.graph_id().is_some());
    let mut rows = Vec::with_capacity(operands.len());
    for &x in operands {
        let x = first.map_or(x, |first| build([first, x], |[_, x]| x, |_, [_, x], _| Ok(x)));
        let shape: Vec<usize> = std::iter::once(1).chain(x.shape().unwrap_or_default()).collect();
        rows.push(x.reshape(&shape));
    }
    concat(&rows, 0)
}

/// A tuple of expressions. At least one belongs to a graph.
#[track_caller]
pub fn tuple(parts: &[Expr]) -> Expr {
    join(parts, |_| Op::Tuple)
}

/// A record of expressions. At least one belongs to a graph.
#[track_caller]
pub fn record(fields: &[(&str, Expr)]) -> Expr {
    let parts: Vec<Expr> = fields.iter().map(|field| field.1).collect();
    join(&parts, |core| Op::Record(core.intern_fields(fields.iter().map(|field| field.0.into()).collect())))
}

/// A node of any number of operands. At least one must belong to a graph; numbers follow it.
#[track_caller]
pub(crate) fn join(operands: &[Expr], op: impl FnOnce(&mut graph_core::Graph) -> Op) -> Expr {
    joined(operands, |core, nodes, site| {
        let op = op(core);
        make(core, op, nodes, site)
    })
}

/// Nodes made of any number of operands. At least one must belong to a graph; numbers follow it.
#[track_caller]
pub(crate) fn joined(
    operands: &[Expr],
    make: impl FnOnce(&mut graph_core::Graph, &[NodeId], Site) -> Result<NodeId, Error>,
) -> Expr {
    let site = std::panic::Location::caller();
    let Some(first) = operands.iter().copied().find(|x| x.graph_id().is_some()) else {
        return operands.iter().copied().find(|x| x.is_stray()).unwrap_or(Expr::of(Repr::Stray(site)));
    };
    let mut nodes: Vec<NodeId> = Vec::with_capacity(operands.len());
    for &x in operands {
        // Pairs with the first, so that numbers get a node and mixed graphs are found.
        let placed = build([first, x], |[_, x]| x, |_, [_, x], _| Ok(x));
        match placed.repr {
            Repr::Node(_, node) => nodes.push(node),
            Repr::Number(_) | Repr::Broken(_) | Repr::Stray(_) => return placed,
        }
    }
    build([first], |[x]| x, |core, _, site| make(core, &nodes, site))
}

/// Whether two expressions are the same node.
pub fn same(x: Expr, y: Expr) -> bool {
    match (x.repr, y.repr) {
        (Repr::Node(g, a), Repr::Node(h, b)) => g == h && a == b,
        (Repr::Number(a), Repr::Number(b)) => a.to_bits() == b.to_bits(),
        _ => false,
    }
}
