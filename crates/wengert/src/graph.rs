//! The handle of a graph: makes parameters and constants, prints, compiles.

use std::panic::Location;
use std::sync::Arc;

use graph_core::provenance::Site;
use graph_core::{Buffer, DType, Literal, NodeId, Shape, TensorType, Type, text};

use crate::error::Error;
use crate::expr::{Expr, Repr};
use crate::function::Function;
use crate::program::Program;
use crate::registry::{self, GraphId};
use crate::structure::{self, Structure};

/// A graph of this thread. Expressions are handles into it; it is freed when this handle drops.
#[derive(Debug)]
pub struct Graph {
    pub(crate) id: GraphId,
    /// Graphs belong to their thread.
    thread: std::marker::PhantomData<*const ()>,
}

impl Default for Graph {
    fn default() -> Graph {
        Graph::new()
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        registry::remove(self.id);
    }
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Graph {
        Graph::from_core(graph_core::Graph::new())
    }

    pub(crate) fn from_core(core: graph_core::Graph) -> Graph {
        Graph { id: registry::insert(core), thread: std::marker::PhantomData }
    }

    /// A real scalar parameter.
    #[track_caller]
    pub fn scalar(&self, name: &str) -> Expr {
        self.param(name, Type::f64())
    }

    /// A parameter that is a real tensor of this shape.
    #[track_caller]
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Expr {
        self.param(name, Type::tensor(DType::F64, shape))
    }

    /// A parameter of any type. Names are letters, digits, `_` and `.`, and distinct.
    #[track_caller]
    pub fn param(&self, name: &str, ty: Type) -> Expr {
        let site = Location::caller();
        self.make(|core| {
            core.set_site(site);
            core.param(name, ty).map_err(|source| Error::Build { source, site: Some(site) })
        })
    }

    /// A constant tensor with these row-major elements.
    #[track_caller]
    pub fn constant(&self, shape: &[usize], elements: &[f64]) -> Expr {
        self.dense(shape, Buffer::F64(elements.to_vec()))
    }

    /// A constant of these elements, if they are as many as the shape has.
    #[track_caller]
    pub(crate) fn dense(&self, shape: &[usize], elements: Buffer) -> Expr {
        let (site, shape) = (Location::caller(), Shape::new(shape));
        self.make(|core| {
            core.set_site(site);
            let made = shape.check().and_then(|()| {
                let ty = TensorType { dtype: elements.dtype(), shape: shape.clone() };
                let why = format!("a constant of {} element(s), and {} are given", shape.elements(), elements.len());
                let misfit = graph_core::Error::Shape { node: format!("const … : {ty}"), why };
                Literal::dense(elements, shape).ok_or(misfit)
            });
            match made {
                Ok(literal) => Ok(core.literal_node(literal)),
                Err(source) => Err(Error::Build { source, site: Some(site) }),
            }
        })
    }

    pub(crate) fn make(&self, make: impl FnOnce(&mut graph_core::Graph) -> Result<NodeId, Error>) -> Expr {
        let made = registry::with(self.id, |b| make(&mut b.core).map_err(|mistake| b.blame(mistake)).ok());
        match made.flatten() {
            Some(node) => Expr::node(self.id, node),
            None => Expr::of(Repr::Broken(self.id)),
        }
    }

    /// Number of nodes so far, whether anything uses them or not.
    pub fn len(&self) -> usize {
        registry::with(self.id, |b| b.core.len()).unwrap_or(0)
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Nothing, unless a mistake was made in building this graph.
    pub(crate) fn sound(&self, site: Site) -> Result<(), Error> {
        registry::sound(self.id, site, |_| Ok(()))
    }

    /// The first mistake made in building this graph, if any.
    pub fn mistake(&self) -> Option<Error> {
        registry::with(self.id, |b| b.mistake.clone()).flatten()
    }

    /// The function from all parameters of this graph to `results`.
    ///
    /// # Errors
    /// The first mistake of the graph; results of another graph.
    #[track_caller]
    pub fn function(&self, name: &str, results: impl Structure<Expr>) -> Result<Function, Error> {
        let site = Location::caller();
        let nodes = nodes_in(self.id, &structure::leaves(&results))?;
        registry::sound(self.id, site, |core| {
            let function = graph_core::Function::new(name, core, &nodes);
            Ok(Function::from(Arc::new(function.map_err(|source| Error::Build { source, site: Some(site) })?)))
        })
    }

    /// The text of `results`, or of the first mistake.
    #[track_caller]
    pub fn text(&self, results: impl Structure<Expr>) -> String {
        match self.function("f", results) {
            Ok(f) => text::print(f.core()),
            Err(mistake) => format!("error: {mistake}\n"),
        }
    }

    /// Optimises and plans the computation of `results` from all parameters.
    ///
    /// # Errors
    /// The first mistake of the graph; a program too large to plan.
    #[track_caller]
    pub fn compile(&self, results: impl Structure<Expr>) -> Result<Program, Error> {
        self.function("f", results)?.compile()
    }

    /// The value of one real number at a point, by the reference evaluator. `point` names the parameters that matter.
    ///
    /// # Errors
    /// The first mistake of the graph; a parameter that matters and has no value; a value that is no single number.
    #[track_caller]
    pub fn eval(&self, result: Expr, point: &[(&str, f64)]) -> Result<f64, Error> {
        self.function("f", result)?.eval_scalar(point)
    }
}

/// The nodes of expressions of one graph; a plain number becomes a constant of it.
#[track_caller]
pub(crate) fn nodes_in(graph: GraphId, exprs: &[Expr]) -> Result<Vec<NodeId>, Error> {
    let site = Location::caller();
    registry::sound(graph, site, |core| {
        let node = |x: &Expr| match x.repr {
            Repr::Node(g, node) if g == graph => Ok(node),
            Repr::Number(value) => Ok(core.scalar(value)),
            Repr::Stray(site) => Err(Error::OnlyNumbers { site }),
            Repr::Node(..) | Repr::Broken(_) => Err(Error::MixedGraphs { site }),
        };
        exprs.iter().map(node).collect()
    })
}
