//! Structures of users: what goes in comes out with the same structure.
//!
//! A structure of numbers is a parameter or a result; inside a traced closure it is the same structure of expressions. In
//! a graph it is one value of record or tuple type, which costs nothing (parts of structures have no buffers of their
//! own) and is one parameter for every transform, one line of text and one JSON object.

mod library;
mod tree;

use graph_core::op::Op;
use graph_core::provenance::Site;
use graph_core::{Graph, Misfit, NodeId, Type};
use interp::{Tensor, Value};

use crate::error::Error;
use crate::expr::Expr;
use crate::graph::nodes_in;
use crate::registry::{self, GraphId};
use crate::shape;

pub use tree::{Fields, Parts, Tree};

/// A structure with leaves `L`: a [`Tensor`] (or Rust number), an [`Expr`]; or an array, vector, tuple, string-keyed map,
/// struct or enum without data of such, the last two by `#[derive(Structure)]`.
///
/// ```
/// use std::collections::BTreeMap;
/// use wengert::prelude::*;
///
/// #[derive(Clone, Debug, PartialEq, Structure)]
/// struct Layer<T> {
///     w: T,
///     b: T,
///     activation: Activation,
/// }
///
/// #[derive(Clone, Copy, Debug, PartialEq, Structure)]
/// enum Activation {
///     Tanh,
///     Relu,
/// }
///
/// #[derive(Clone, Debug, PartialEq, Structure)]
/// struct Model<T> {
///     layers: Vec<Layer<T>>,
///     scale: T,
///     named: BTreeMap<String, T>,
/// }
///
/// # fn main() -> Result<(), Error> {
/// let layer = |w, b, activation| Layer { w, b, activation };
/// let model = Model {
///     layers: vec![layer(0.5, 1.0, Activation::Tanh), layer(2.0, -0.5, Activation::Relu)],
///     scale: 3.0,
///     named: BTreeMap::from([("bias".to_string(), 0.25)]),
/// };
///
/// // The closure gets a `Model<Expr>` for the `Model<f64>`, an `Expr` for the number.
/// let loss = Function::of("loss", ["params", "x"], (&model, &0.7), |(m, x)| {
///     let layered = m.layers.iter().fold(x, |x, layer| {
///         let z = layer.w * x + layer.b;
///         match layer.activation {
///             Activation::Tanh => z.tanh(),
///             Activation::Relu => z.relu(),
///         }
///     });
///     m.scale * layered + m.named["bias"]
/// })?;
///
/// let step = loss.value_and_grad("params")?.compile()?;
/// let (value, gradient): (f64, Model<f64>) = step.call((&model, &0.7))?;
/// let hidden = (0.5 * 0.7 + 1.0f64).tanh();
/// assert_eq!(value, 3.0 * (2.0 * hidden - 0.5) + 0.25);
/// assert_eq!(gradient.scale, 2.0 * hidden - 0.5);
/// assert_eq!(gradient.layers[1], layer(3.0 * hidden, 3.0, Activation::Relu));
/// assert_eq!(gradient.named["bias"], 1.0);
///
/// // What does not fit is named by its path.
/// let mut other = model.clone();
/// other.layers[1].activation = Activation::Tanh;
/// let wrong: Result<(f64, Model<f64>), Error> = step.call((&other, &0.7));
/// let place = "parameter `params.layers[1].activation` of @loss.value_and_grad";
/// assert_eq!(wrong.unwrap_err().to_string(), format!("{place}: `Relu` expected, `Tanh` found"));
/// # Ok(())
/// # }
/// ```
///
/// The derive takes a struct of any fields that are structures, with any generics and bounds. A type parameter may be a
/// leaf (`Model<f64>`, `Model<Tensor>`, `Model<Expr>`) or any structure. A struct without parameters may hold `Expr`
/// for [`crate::grad`] and the like; one that is to go into a program is generic over its leaves. An enum without data is
/// configuration: no part of it is differentiated, and a program traced with one variant refuses another. Integers and
/// truth values are arguments but have no derivative: in a gradient their place is `()`, so a struct with such leaves has a
/// parameter of its own for them, and its gradient is a `Batch<f64, ()>`. Unions and enums with data are refused:
///
/// ```compile_fail
/// #[derive(wengert::Structure)]
/// enum Loss {
///     Squared,
///     Huber(f64), // error: an enum with data is no structure; …
/// }
/// ```
///
/// ```compile_fail
/// #[derive(wengert::Structure)]
/// union Bits { x: f64, n: i64 } // error: a union is no structure; …
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no structure with leaves of type `{L}`",
    note = "leaves of programs are `f64`, `i64`, `bool` and `Tensor`, leaves of graphs are `Expr`",
    note = "structs and enums without data get `#[derive(Structure)]`; a struct of numbers is generic over them: \
            `struct Model<T> {{ w: T }}`, and its expressions are a `Model<Expr>`"
)]
pub trait Structure<L>: Sized {
    /// The same structure of expressions: what a traced closure gets.
    type Exprs: Structure<Expr, Exprs = Self::Exprs>;

    /// Takes it apart.
    fn to_tree(&self) -> Tree<L>;

    /// Puts it together.
    ///
    /// # Errors
    /// The first place where `tree` has another structure.
    fn from_tree(tree: Tree<L>) -> Result<Self, Misfit>;
}

/// `N` arguments by reference, as a tuple: `(&params, &batch)`.
pub trait Arguments<const N: usize> {
    /// The same structures of expressions.
    type Exprs: Structure<Expr>;

    /// Takes each apart.
    fn to_trees(&self) -> [Tree<Tensor>; N];
}

impl From<Tree<Tensor>> for Value {
    fn from(tree: Tree<Tensor>) -> Value {
        match tree {
            Tree::Leaf(tensor) => Value::Tensor(tensor),
            Tree::Tuple(parts) => Value::Tuple(parts.into_iter().map(Value::from).collect()),
            Tree::Record(fields) => Value::Record(fields.into_iter().map(|(name, part)| (name, part.into())).collect()),
        }
    }
}

impl From<Value> for Tree<Tensor> {
    fn from(value: Value) -> Tree<Tensor> {
        match value {
            Value::Tensor(tensor) => Tree::Leaf(tensor),
            Value::Tuple(parts) => Tree::Tuple(parts.into_iter().map(Tree::from).collect()),
            Value::Record(fields) => Tree::Record(fields.into_iter().map(|(name, part)| (name, part.into())).collect()),
        }
    }
}

/// A structure of numbers as a value of a program: structs and maps as records, the rest as tuples.
pub fn to_value(structure: &impl Structure<Tensor>) -> Value {
    structure.to_tree().into()
}

/// A value of a program as a structure of numbers.
///
/// # Errors
/// The first place where it has another structure.
pub fn from_value<S: Structure<Tensor>>(value: Value) -> Result<S, Error> {
    S::from_tree(value.into()).map_err(|misfit| Error::Structure { misfit: misfit.within("result"), site: None })
}

/// A structure of expressions as one expression of record or tuple type, as [`crate::Function::call`] takes it. At least
/// one leaf belongs to a graph.
#[track_caller]
pub fn pack(structure: &impl Structure<Expr>) -> Expr {
    match structure.to_tree() {
        Tree::Leaf(x) => x,
        tree => {
            let shape = tree.clone();
            shape::joined(&tree.into_leaves(), |core, nodes, site| join(core, shape, &mut nodes.iter().copied(), site))
        }
    }
}

/// An expression of record or tuple type as a structure of its parts.
///
/// # Errors
/// The first place where it has another structure; the first mistake of its graph.
#[track_caller]
pub fn unpack<S: Structure<Expr>>(x: Expr) -> Result<S, Error> {
    let site = std::panic::Location::caller();
    if let Some(graph) = x.graph_id() {
        registry::sound(graph, site, |_| Ok(()))?;
    }
    S::from_tree(split(x)).map_err(|misfit| Error::Structure { misfit: misfit.within("expression"), site: Some(site) })
}

/// An expression and its parts, down to tensors.
pub(crate) fn split(x: Expr) -> Tree<Expr> {
    match x.ty() {
        Some(Type::Tuple(parts)) => Tree::Tuple((0..parts.len()).map(|at| split(x.get(at))).collect()),
        Some(Type::Record(fields)) => {
            Tree::Record(fields.iter().enumerate().map(|(at, (name, _))| (name.clone(), split(x.get(at)))).collect())
        }
        Some(Type::Tensor(_)) | None => Tree::Leaf(x),
    }
}

/// As [`pack`], in a graph that is known, so that nothing in the structure needs to belong to it.
#[track_caller]
pub(crate) fn pack_in(graph: GraphId, tree: Tree<Expr>, site: Site) -> Result<NodeId, Error> {
    let leaves = nodes_in(graph, &tree.clone().into_leaves())?;
    registry::sound(graph, site, |core| join(core, tree, &mut leaves.into_iter(), site))
}

/// The nodes of leaves as one node.
fn join<L>(
    core: &mut Graph,
    tree: Tree<L>,
    leaves: &mut impl Iterator<Item = NodeId>,
    site: Site,
) -> Result<NodeId, Error> {
    let (op, parts) = match tree {
        Tree::Leaf(_) => return Ok(leaves.next().expect("a node for each leaf")),
        Tree::Tuple(parts) => (Op::Tuple, parts),
        Tree::Record(fields) => {
            let (names, parts): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
            (Op::Record(core.intern_fields(names.into())), parts)
        }
    };
    let parts: Vec<NodeId> = parts.into_iter().map(|part| join(core, part, leaves, site)).collect::<Result<_, _>>()?;
    crate::expr::make(core, op, &parts, site)
}

/// The expressions inside, in order.
pub(crate) fn leaves(structure: &impl Structure<Expr>) -> Vec<Expr> {
    structure.to_tree().into_leaves()
}
