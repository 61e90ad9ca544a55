//! Derivatives of expressions, as expressions of the same graph: the same call again gives the next order.

use std::panic::Location;

use autodiff::{Absent, Derivative};
use graph_core::provenance::Site;
use graph_core::{Misfit, NodeId, path, text};

use crate::error::Error;
use crate::expr::Expr;
use crate::graph::nodes_in;
use crate::registry::{self, GraphId};
use crate::structure::{Structure, Tree};

/// The gradient of one real number, with the structure of `wrt`.
///
/// # Errors
/// [`Error::Disconnected`] if `y` does not depend on one of `wrt` (all are named); inputs that are not real; a mistake
/// made earlier in the graph.
#[track_caller]
pub fn grad<W: Structure<Expr>>(y: Expr, wrt: W) -> Result<W, Error> {
    let site = Location::caller();
    let wrt = wrt.to_tree();
    let (graph, ends) = ends(&Tree::Leaf(y), &wrt, site)?;
    let nodes = extend(graph, site, |core| {
        let derivatives = autodiff::gradient(core, ends.results[0], &ends.wrt)?;
        connected(core, derivatives, &ends.wrt, &wrt, site)
    })?;
    rebuild(wrt, graph, nodes)
}

/// As [`grad`]; zeros where `y` does not depend on an input.
#[track_caller]
pub fn grad_or_zeros<W: Structure<Expr>>(y: Expr, wrt: W) -> Result<W, Error> {
    let site = Location::caller();
    let wrt = wrt.to_tree();
    let (graph, ends) = ends(&Tree::Leaf(y), &wrt, site)?;
    let nodes = extend(graph, site, |core| {
        let derivatives = autodiff::gradient(core, ends.results[0], &ends.wrt)?;
        Ok(zeros(core, derivatives, &ends.wrt))
    })?;
    rebuild(wrt, graph, nodes)
}

/// Σ ȳ·∂y/∂x for results `y` with cotangents `ct`, with the structure of `wrt`; zeros where nothing depends on an input.
#[track_caller]
pub fn vjp<Y: Structure<Expr>, W: Structure<Expr>>(y: Y, ct: Y, wrt: W) -> Result<W, Error> {
    let site = Location::caller();
    let (y, wrt) = (y.to_tree(), wrt.to_tree());
    let (graph, ends) = ends(&y, &wrt, site)?;
    let cts = seeds(graph, "cotangent", &y, ct.to_tree(), site)?;
    let nodes = extend(graph, site, |core| {
        let seeds: Vec<_> = ends.results.iter().copied().zip(cts).collect();
        let derivatives = autodiff::reverse(core, &seeds, &ends.wrt)?;
        Ok(zeros(core, derivatives, &ends.wrt))
    })?;
    rebuild(wrt, graph, nodes)
}

/// Σ ∂y/∂x·ẋ for inputs `wrt` with tangents `dx`, with the structure of `y`; zeros where a result depends on no input.
#[track_caller]
pub fn jvp<Y: Structure<Expr>, W: Structure<Expr>>(y: Y, wrt: W, dx: W) -> Result<Y, Error> {
    let site = Location::caller();
    let (y, wrt) = (y.to_tree(), wrt.to_tree());
    let (graph, ends) = ends(&y, &wrt, site)?;
    let tangents = seeds(graph, "tangent", &wrt, dx.to_tree(), site)?;
    let nodes = extend(graph, site, |core| {
        let seeds: Vec<_> = ends.wrt.iter().copied().zip(tangents).collect();
        let derivatives = autodiff::forward(core, &ends.results, &seeds)?;
        Ok(zeros(core, derivatives, &ends.results))
    })?;
    rebuild(y, graph, nodes)
}

/// The Hessian of one real number times a direction, with the structure of `wrt`: a tangent of the gradient, or its
/// adjoint where eigenvalues may be equal.
#[track_caller]
pub fn hvp<W: Structure<Expr>>(y: Expr, wrt: W, direction: W) -> Result<W, Error> {
    let site = Location::caller();
    let wrt = wrt.to_tree();
    let (graph, ends) = ends(&Tree::Leaf(y), &wrt, site)?;
    let directions = seeds(graph, "direction", &wrt, direction.to_tree(), site)?;
    let nodes = extend(graph, site, |core| {
        let inputs: Vec<_> = ends.wrt.iter().copied().zip(directions).collect();
        let products = autodiff::hessian_product(core, ends.results[0], &inputs)?;
        Ok(zeros(core, products, &ends.wrt))
    })?;
    rebuild(wrt, graph, nodes)
}

/// The Hessian of one real number by scalars: entry (i, j) is ∂²y/∂xᵢ∂xⱼ.
///
/// # Errors
/// Those of [`grad`]; use [`crate::Function::hessian`] for tensors.
#[track_caller]
pub fn hessian<const N: usize>(y: Expr, wrt: [Expr; N]) -> Result<[[Expr; N]; N], Error> {
    let gradient = grad_or_zeros(y, wrt)?;
    let mut rows = Vec::with_capacity(N);
    for entry in gradient {
        rows.push(grad_or_zeros(entry, wrt)?);
    }
    Ok(rows.try_into().expect("one row for each input"))
}

/// Whether two expressions become one where they are simplified, and by which rules.
///
/// ```
/// use wengert::prelude::*;
/// use wengert::{Level, explain};
///
/// let g = Graph::new();
/// let x = g.scalar("x");
/// let why = explain(1.0 - x.tanh().square(), x.sech2(), Level::Safe)?;
/// assert!(why.equal);
/// assert_eq!(why.steps[0].rule, "sech2");
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// Expressions of two graphs, or of none; a mistake made earlier in the graph.
#[track_caller]
pub fn explain(x: Expr, y: Expr, level: opt::Level) -> Result<opt::Explanation, Error> {
    let site = Location::caller();
    let (graph, ends) = ends(&Tree::Leaf(x), &Tree::Leaf(y), site)?;
    registry::sound(graph, site, |core| Ok(opt::explain(core, ends.results[0], ends.wrt[0], level)))
}

/// How one real number `y` depends on `x`: whether a derivative can be built, and if not, why it is zero.
#[track_caller]
pub fn dependence(y: Expr, x: Expr) -> Result<Dependence, Error> {
    let site = Location::caller();
    let (graph, ends) = ends(&Tree::Leaf(y), &Tree::Leaf(x), site)?;
    registry::sound(graph, site, |core| {
        let derivatives = autodiff::gradient(core, ends.results[0], &ends.wrt).map_err(|e| located(e, site))?;
        Ok(match derivatives[0] {
            Derivative::Node(_) => Dependence::Smooth,
            Derivative::Absent(Absent::Zero(at)) => Dependence::Zero { op: core.op(at).name() },
            Derivative::Absent(Absent::Disconnected(_)) => Dependence::Disconnected,
        })
    })
}

/// How a result depends on an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependence {
    /// A derivative can be built.
    Smooth,
    /// Every path passes an op whose derivative is zero.
    Zero {
        /// The first such op.
        op: &'static str,
    },
    /// There is no path.
    Disconnected,
}

/// Results and inputs of one derivative, as nodes of one graph.
struct Ends {
    results: Vec<NodeId>,
    wrt: Vec<NodeId>,
}

#[track_caller]
fn ends(y: &Tree<Expr>, wrt: &Tree<Expr>, site: Site) -> Result<(GraphId, Ends), Error> {
    let (y, wrt) = (y.clone().into_leaves(), wrt.clone().into_leaves());
    let graph = y.iter().chain(&wrt).find_map(|x| x.graph_id()).ok_or(Error::OnlyNumbers { site })?;
    Ok((graph, Ends { results: nodes_in(graph, &y)?, wrt: nodes_in(graph, &wrt)? }))
}

/// The nodes of a seed, which has the structure and types of what it is for; what is no structure is for the
/// differentiator to tell.
#[track_caller]
fn seeds(graph: GraphId, root: &str, like: &Tree<Expr>, seed: Tree<Expr>, site: Site) -> Result<Vec<NodeId>, Error> {
    // After a mistake a leaf has no type; the mistake is what the graph tells then.
    let ty = |tree: &Tree<Expr>| tree.clone().try_map(&mut |x| x.ty().ok_or(())).map(Tree::into_type);
    if let (false, Ok(expected), Ok(found)) = (matches!(like, Tree::Leaf(_)), ty(like), ty(&seed)) {
        let misfit = |misfit: Misfit| Error::Structure { misfit: misfit.within(root), site: Some(site) };
        expected.fit(&found).map_err(misfit)?;
    }
    nodes_in(graph, &seed.into_leaves())
}

/// Runs a differentiator on the graph, and gives its error the caller's line.
fn extend(
    graph: GraphId,
    site: Site,
    work: impl FnOnce(&mut graph_core::Graph) -> Result<Vec<NodeId>, Error>,
) -> Result<Vec<NodeId>, Error> {
    registry::sound(graph, site, |core| {
        core.set_site(site);
        work(core).map_err(|e| match e {
            Error::Derivative { source, site: None } => located(source, site),
            other => other,
        })
    })
}

fn located(source: autodiff::Error, site: Site) -> Error {
    Error::Derivative { source, site: Some(site) }
}

fn zeros(core: &mut graph_core::Graph, derivatives: Vec<Derivative>, like: &[NodeId]) -> Vec<NodeId> {
    derivatives.into_iter().zip(like).map(|(d, &like)| d.or_zeros(core, like)).collect()
}

/// The nodes, with zeros where mathematics says so; inputs without any path are an error.
fn connected(
    core: &mut graph_core::Graph,
    derivatives: Vec<Derivative>,
    wrt: &[NodeId],
    like: &Tree<Expr>,
    site: Site,
) -> Result<Vec<NodeId>, Error> {
    let lost = |d: &Derivative| matches!(d, Derivative::Absent(Absent::Disconnected(_)));
    let places = wrt.iter().zip(like.paths());
    let lost = derivatives.iter().zip(places).filter(|(d, _)| lost(d));
    let inputs: Vec<String> = lost.map(|(_, (&x, path))| name(core, x, &path)).collect();
    match inputs.is_empty() {
        true => Ok(zeros(core, derivatives, wrt)),
        false => Err(Error::Disconnected { inputs, site }),
    }
}

/// A node as the user knows it: by its place in the parameters, or else in what was asked by.
fn name(core: &graph_core::Graph, x: NodeId, path: &str) -> String {
    match path::of_param(core, x).is_some() || path.is_empty() {
        true => text::known_as(core, x),
        false => format!("`wrt{path}`, which is {}", text::known_as(core, x)),
    }
}

/// The structure with these nodes as its leaves.
#[track_caller]
fn rebuild<S: Structure<Expr>>(like: Tree<Expr>, graph: GraphId, nodes: Vec<NodeId>) -> Result<S, Error> {
    let mut nodes = nodes.into_iter();
    let node =
        |_| nodes.next().map(|node| Expr::node(graph, node)).ok_or_else(|| Misfit::new("a further leaf", "none"));
    let rebuilt = like.try_map(&mut { node }).and_then(S::from_tree);
    rebuilt.map_err(|misfit| Error::Structure { misfit: misfit.within("wrt"), site: Some(Location::caller()) })
}
