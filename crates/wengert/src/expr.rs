//! Expressions: `Copy` handles of nodes, with the operators and functions of numbers.
//!
//! Nothing here panics or returns a `Result`. The first mistake is kept in the graph with the caller's line; what
//! follows from it is silent, and whoever asks the graph for something (`grad`, `compile`, `text`) gets the mistake.
//! Operands of different shapes are broadcast as NumPy does, by nodes that can be seen.

use std::marker::PhantomData;
use std::panic::Location;

use graph_core::op::{Axes, Binary, Compare, DotSpec, Logic, Nth, Op, Reduce, Unary};
use graph_core::provenance::Site;
use graph_core::text::asked;
use graph_core::{DType, NodeId, Shape, TensorType, Type};

use crate::broadcast;
use crate::error::Error;
use crate::registry::{self, Building, GraphId};

/// A node of a graph of this thread, or a number that belongs to no graph until it meets a node.
#[derive(Clone, Copy, Debug)]
pub struct Expr {
    pub(crate) repr: Repr,
    /// Graphs belong to their thread.
    thread: PhantomData<*const ()>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Repr {
    Number(f64),
    Node(GraphId, NodeId),
    /// Follows from a mistake that the graph keeps.
    Broken(GraphId),
    /// What numbers alone do not have, such as an element, asked for at this line; a mistake of the graph that it meets.
    Stray(Site),
}

impl From<f64> for Expr {
    fn from(value: f64) -> Expr {
        Expr::of(Repr::Number(value))
    }
}

impl Expr {
    pub(crate) fn of(repr: Repr) -> Expr {
        Expr { repr, thread: PhantomData }
    }

    pub(crate) fn node(graph: GraphId, node: NodeId) -> Expr {
        Expr::of(Repr::Node(graph, node))
    }

    pub(crate) fn graph_id(self) -> Option<GraphId> {
        match self.repr {
            Repr::Number(_) | Repr::Stray(_) => None,
            Repr::Node(graph, _) | Repr::Broken(graph) => Some(graph),
        }
    }

    pub(crate) fn is_stray(self) -> bool {
        matches!(self.repr, Repr::Stray(_))
    }

    /// Where it was made, as far as that is known.
    pub(crate) fn site(self) -> Option<Site> {
        match self.repr {
            Repr::Node(graph, node) => registry::with(graph, |b| b.core.origin(node).site).flatten(),
            Repr::Stray(site) => Some(site),
            Repr::Number(_) | Repr::Broken(_) => None,
        }
    }

    /// The value if this is a number, or a node that is a constant with equal elements.
    pub fn known(self) -> Option<f64> {
        match self.repr {
            Repr::Number(value) => Some(value),
            Repr::Node(graph, node) => registry::with(graph, |b| b.core.known(node)).flatten(),
            Repr::Broken(_) | Repr::Stray(_) => None,
        }
    }

    /// Its type; a number that belongs to no graph is a real scalar. `None` after a mistake.
    pub fn ty(self) -> Option<Type> {
        match self.repr {
            Repr::Number(_) => Some(Type::f64()),
            Repr::Node(graph, node) => registry::with(graph, |b| b.core.ty(node).clone()),
            Repr::Broken(_) | Repr::Stray(_) => None,
        }
    }

    /// Its extents, if it is a tensor.
    pub fn shape(self) -> Option<Vec<usize>> {
        Some(self.ty()?.as_tensor()?.shape.to_vec())
    }

    /// Names the node; the name is printed beside it.
    pub fn named(self, label: &str) -> Expr {
        if let Repr::Node(graph, node) = self.repr {
            registry::with(graph, |b| b.core.set_label(node, label));
        }
        self
    }
}

/// Builds one node from expressions of one graph; `numbers` computes without a graph where all are numbers, and gives
/// `None` where that makes no sense.
#[track_caller]
pub(crate) fn build<const N: usize, T: Into<Option<f64>>>(
    operands: [Expr; N],
    numbers: impl FnOnce([f64; N]) -> T,
    make: impl FnOnce(&mut graph_core::Graph, [NodeId; N], Site) -> Result<NodeId, Error>,
) -> Expr {
    build_at(Location::caller(), operands, numbers, make)
}

/// As [`build`], for a line that is not the caller's.
pub(crate) fn build_at<const N: usize, T: Into<Option<f64>>>(
    site: Site,
    operands: [Expr; N],
    numbers: impl FnOnce([f64; N]) -> T,
    make: impl FnOnce(&mut graph_core::Graph, [NodeId; N], Site) -> Result<NodeId, Error>,
) -> Expr {
    let mut graphs = operands.iter().filter_map(|x| x.graph_id());
    let stray = operands.iter().copied().find(|x| matches!(x.repr, Repr::Stray(_)));
    let Some(graph) = graphs.next() else {
        let known = || numbers(operands.map(|x| x.known().unwrap_or(f64::NAN))).into();
        return stray.or_else(|| known().map(Expr::from)).unwrap_or(Expr::of(Repr::Stray(site)));
    };
    if let Some(Expr { repr: Repr::Stray(site), .. }) = stray {
        registry::with(graph, |b| b.blame(Error::OnlyNumbers { site }));
        return Expr::of(Repr::Broken(graph));
    }
    if let Some(other) = graphs.find(|&other| other != graph) {
        let mixed = |b: &mut Building| b.blame(Error::MixedGraphs { site });
        registry::with(graph, mixed);
        registry::with(other, mixed);
        return Expr::of(Repr::Broken(graph));
    }
    let made = registry::with(graph, |b| {
        b.core.set_site(site);
        let nodes = nodes(&mut b.core, &operands)?;
        match make(&mut b.core, nodes, site) {
            Ok(node) => Some(node),
            Err(mistake) => {
                b.blame(mistake);
                None
            }
        }
    });
    match made.flatten() {
        Some(node) => Expr::node(graph, node),
        None => Expr::of(Repr::Broken(graph)),
    }
}

/// The nodes of operands; numbers take the dtype of the first tensor among them. `None` after a mistake.
fn nodes<const N: usize>(core: &mut graph_core::Graph, operands: &[Expr; N]) -> Option<[NodeId; N]> {
    let real = |x: &Expr| match x.repr {
        Repr::Node(_, node) => core.ty(node).as_tensor().map(|t| t.dtype).filter(|&dtype| dtype != DType::Bool),
        Repr::Number(_) | Repr::Broken(_) | Repr::Stray(_) => None,
    };
    let dtype = operands.iter().find_map(real).unwrap_or(DType::F64);
    let mut nodes = [core.nodes().first().copied(); N];
    for (slot, operand) in nodes.iter_mut().zip(operands) {
        *slot = match operand.repr {
            Repr::Node(_, node) => Some(node),
            Repr::Number(value) => {
                // A number that is no integer stays real, so that the op refuses it beside integers.
                let dtype = if dtype == DType::I64 && value.fract() != 0.0 { DType::F64 } else { dtype };
                Some(core.splat(value, &TensorType { dtype, shape: Shape::scalar() }))
            }
            Repr::Broken(_) | Repr::Stray(_) => None,
        };
    }
    nodes.iter().all(Option::is_some).then(|| nodes.map(|node| node.expect("all are there")))
}

/// A node, with the caller's line in the error.
pub(crate) fn make(core: &mut graph_core::Graph, op: Op, operands: &[NodeId], site: Site) -> Result<NodeId, Error> {
    core.make(op, operands).map_err(|source| Error::Build { source, site: Some(site) })
}

/// Brings tensors to their common shape; structures stay, and the op will refuse them.
pub(crate) fn align<const N: usize>(
    core: &mut graph_core::Graph,
    op: Op,
    mut nodes: [NodeId; N],
    site: Site,
) -> Result<[NodeId; N], Error> {
    let shape_of = |core: &graph_core::Graph, x: NodeId| core.ty(x).as_tensor().map(|t| t.shape.clone());
    let mut common: Option<Shape> = None;
    for &x in &nodes {
        let Some(shape) = shape_of(core, x) else { return Ok(nodes) };
        common = Some(match common {
            Some(so_far) => match broadcast::common_shape(&so_far, &shape) {
                Ok(common) => common,
                Err(broadcast::Mismatch { axis, extents }) => {
                    let (node, left, right) = (asked(core, op, &nodes), so_far.to_string(), shape.to_string());
                    return Err(Error::Broadcast { node, left, right, axis, extents, site });
                }
            },
            None => shape,
        });
    }
    let Some(common) = common else { return Ok(nodes) };
    for x in &mut nodes {
        *x = broadcast::stretch(core, *x, &common);
    }
    Ok(nodes)
}

/// A function of two arguments, asked for at a line.
pub(crate) fn binary_at(site: Site, op: Binary, x: Expr, y: Expr) -> Expr {
    build_at(
        site,
        [x, y],
        |[x, y]| op.eval(x, y),
        |core, nodes, site| {
            let nodes = align(core, Op::Binary(op), nodes, site)?;
            make(core, Op::Binary(op), &nodes, site)
        },
    )
}

/// Ops by table.
impl Expr {
    /// A function of one argument, elementwise.
    #[track_caller]
    pub fn unary(self, op: Unary) -> Expr {
        build([self], |[x]| op.eval(x), |core, [x], site| make(core, Op::Unary(op), &[x], site))
    }

    /// Member n of a family of functions, elementwise.
    #[track_caller]
    pub fn nth(self, op: Nth, n: i32) -> Expr {
        build([self], |[x]| op.eval(n, x), |core, [x], site| make(core, Op::Nth(op, n), &[x], site))
    }

    /// A function of two arguments, elementwise.
    #[track_caller]
    pub fn binary(self, op: Binary, y: impl Into<Expr>) -> Expr {
        binary_at(Location::caller(), op, self, y.into())
    }

    /// A comparison, elementwise; its result is the condition of [`Expr::select`].
    #[track_caller]
    pub fn compare(self, op: Compare, y: impl Into<Expr>) -> Expr {
        build(
            [self, y.into()],
            |[x, y]| f64::from(u8::from(op.eval(x, y))),
            |core, nodes, site| {
                let nodes = align(core, Op::Compare(op), nodes, site)?;
                make(core, Op::Compare(op), &nodes, site)
            },
        )
    }

    /// A connective of two conditions.
    #[track_caller]
    pub fn logic(self, op: Logic, y: impl Into<Expr>) -> Expr {
        let number = |b: bool| f64::from(u8::from(b));
        build(
            [self, y.into()],
            |[x, y]| number(op.eval(x != 0.0, y != 0.0)),
            |core, nodes, site| {
                let nodes = align(core, Op::Logic(op), nodes, site)?;
                make(core, Op::Logic(op), &nodes[..op.arity()], site)
            },
        )
    }

    /// `yes` where this condition holds, else `no`.
    #[track_caller]
    pub fn select(self, yes: impl Into<Expr>, no: impl Into<Expr>) -> Expr {
        build(
            [self, yes.into(), no.into()],
            |[c, a, b]| if c != 0.0 { a } else { b },
            |core, nodes, site| {
                let nodes = align(core, Op::Select, nodes, site)?;
                make(core, Op::Select, &nodes, site)
            },
        )
    }

    /// xⁿ for an integer n: exact, and a polynomial at every order of derivative.
    #[track_caller]
    pub fn powi(self, n: i32) -> Expr {
        self.nth(Nth::Powi, n)
    }

    /// xʸ; the name that `f64` gives it.
    #[track_caller]
    pub fn powf(self, y: impl Into<Expr>) -> Expr {
        self.binary(Binary::Pow, y)
    }

    /// Natural logarithm; the name that `f64` gives it.
    #[track_caller]
    pub fn ln(self) -> Expr {
        self.unary(Unary::Log)
    }

    /// ψ⁽ⁿ⁾(x)
    #[track_caller]
    pub fn polygamma(self, n: i32) -> Expr {
        self.nth(Nth::Polygamma, n)
    }

    /// sin(πx)/(πx)
    #[track_caller]
    pub fn sinc(self) -> Expr {
        self.nth(Nth::Sinc, 0)
    }

    /// exp(x²)·erfc(x)
    #[track_caller]
    pub fn erfcx(self) -> Expr {
        self.nth(Nth::Erfcx, 0)
    }
}

macro_rules! methods1 {
    ($($op:ident $name:ident,)*) => {
        /// The functions of one argument, each elementwise.
        #[expect(clippy::should_implement_trait, reason = "the table has a row for each operator, too")]
        impl Expr { $(
            #[doc = concat!("`", stringify!($name), "`, elementwise.")]
            #[track_caller]
            pub fn $name(self) -> Expr { self.unary(Unary::$op) }
        )* }
    };
}

macro_rules! methods2 {
    ($($op:ident $name:ident,)*) => {
        /// The functions of two arguments, each elementwise with broadcasting.
        #[expect(clippy::should_implement_trait, reason = "the table has a row for each operator, too")]
        impl Expr { $(
            #[doc = concat!("`", stringify!($name), "`, elementwise.")]
            #[track_caller]
            pub fn $name(self, y: impl Into<Expr>) -> Expr { self.binary(Binary::$op, y) }
        )* }
    };
}

macro_rules! comparisons {
    ($($op:ident $name:ident,)*) => {
        /// Comparisons, elementwise with broadcasting.
        impl Expr { $(
            #[doc = concat!("`", stringify!($name), "`, elementwise; a condition.")]
            #[track_caller]
            pub fn $name(self, y: impl Into<Expr>) -> Expr { self.compare(Compare::$op, y) }
        )* }
    };
}

graph_core::for_each_unary!(methods1);
graph_core::for_each_binary!(methods2);
comparisons! { Eq eq, Ne ne, Lt lt, Le le, Gt gt, Ge ge, }

/// Reductions and contractions.
impl Expr {
    /// Combines all elements along axes.
    #[track_caller]
    pub fn reduce(self, op: Reduce, axes: &[usize]) -> Expr {
        let axes = Axes::new(axes);
        build(
            [self],
            |[x]| (axes.rank() == 0).then_some(x),
            |core, [x], site| {
                let axes = core.intern_axes(axes.clone());
                make(core, Op::Reduce(op, axes), &[x], site)
            },
        )
    }

    /// The sum of all elements.
    #[track_caller]
    pub fn sum(self) -> Expr {
        self.reduce(Reduce::Sum, &self.all_axes())
    }

    /// The product of all elements.
    #[track_caller]
    pub fn prod(self) -> Expr {
        self.reduce(Reduce::Prod, &self.all_axes())
    }

    /// The largest element.
    #[track_caller]
    pub fn max_element(self) -> Expr {
        self.reduce(Reduce::Max, &self.all_axes())
    }

    /// The smallest element.
    #[track_caller]
    pub fn min_element(self) -> Expr {
        self.reduce(Reduce::Min, &self.all_axes())
    }

    /// The matrix product: the last axis of `self` with the first axis of `y`.
    #[track_caller]
    pub fn dot(self, y: impl Into<Expr>) -> Expr {
        build(
            [self, y.into()],
            |[x, y]| x * y,
            |core, [x, y], site| {
                let last = core.ty(x).as_tensor().map_or(0, |t| t.shape.rank().saturating_sub(1));
                let scalar = |x: NodeId| core.ty(x).as_tensor().is_some_and(|t| t.shape.rank() == 0);
                let spec = match scalar(x) || scalar(y) {
                    true => DotSpec::default(),
                    false => DotSpec::contract(&[last], &[0]),
                };
                let spec = core.intern_dot(spec);
                make(core, Op::Dot(spec), &[x, y], site)
            },
        )
    }

    /// A general contraction.
    #[track_caller]
    pub fn contract(self, y: impl Into<Expr>, spec: DotSpec) -> Expr {
        build(
            [self, y.into()],
            |[x, y]| (spec == DotSpec::default()).then_some(x * y),
            |core, nodes, site| {
                let spec = core.intern_dot(spec.clone());
                make(core, Op::Dot(spec), &nodes, site)
            },
        )
    }

    fn all_axes(self) -> Vec<usize> {
        (0..self.shape().map_or(0, |shape| shape.len())).collect()
    }
}
