//! All mixed partial derivatives of a formula up to an order, as one function.
//!
//! A partial of order k is derived from one of order k − 1, by the variable that comes last; equal partials are built
//! once. (Power series give all orders in one variable at once instead.) The graph is simplified before the first order
//! and between orders, because that is what stops the swell.
//!
//! A partial of arrays has the shape of the formula's value followed by that of each variable. It is the dense Jacobian
//! of the one before, by rows in reverse mode and by columns in forward mode: one sweep, batched over that side.

mod work;

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use graph_core::{DType, NodeId, Op, Type, walk};
use opt::{Level, Report, simplify};

use crate::error::Error;
use crate::formula::Formula;
use crate::function::Function;
use crate::mode::{MAX_TAYLOR_ORDER, Mode, Sweep};
use work::{Done, Work};

/// In up to so many variables `auto` tries power series as well, variable by variable.
const FEW: usize = 8;

/// What to derive, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Highest total order.
    pub order: usize,
    /// Variables to differentiate by, in this order; `None`: every variable, in order of first appearance.
    pub wrt: Option<Vec<String>>,
    /// Which sweep builds each order.
    pub mode: Mode,
    /// How far to simplify.
    pub level: Level,
    /// Most partial derivatives.
    pub max_partials: usize,
    /// Most nodes at any time.
    pub max_nodes: usize,
    /// Most elements of one partial derivative.
    pub max_elements: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            order: 1,
            wrt: None,
            mode: Mode::Auto,
            level: Level::default(),
            max_partials: 100_000,
            max_nodes: 5_000_000,
            max_elements: 1_000_000,
        }
    }
}

/// Sizes of the graphs on the way: how many nodes compute something (all but parameters and constants).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeCounts {
    /// The formula as written.
    pub function: usize,
    /// With all derivatives, as the last order left it.
    pub generated: usize,
    /// Simplified.
    pub optimized: usize,
}

/// How long the stages took.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// From the formula to a graph.
    pub build: Duration,
    /// From a graph to one with derivatives, in all that was tried.
    pub differentiate: Duration,
    /// Simplification before, between and after the orders.
    pub optimize: Duration,
}

/// All partials of a formula, ready to evaluate.
#[derive(Clone, Debug)]
pub struct Partials {
    /// The variables of differentiation, in the order in which `wrt` of a partial is sorted.
    pub variables: Vec<String>,
    /// For each result of [`Partials::function`], the positions in `variables` to differentiate by, ascending; the first
    /// is empty, the formula itself.
    pub wrt: Vec<Vec<usize>>,
    /// From the variables of the formula (then those of `variables` that it does not use) to all partials.
    pub function: Function,
    /// Sizes.
    pub nodes: NodeCounts,
    /// What the last simplification did.
    pub report: Report,
    /// How long it all took.
    pub times: Times,
    used: usize,
}

impl Partials {
    /// Derives them; every variable is a number.
    ///
    /// # Errors
    /// More partials, nodes or elements than the limits; arrays that do not fit.
    pub fn new(formula: &Formula, settings: &Settings) -> Result<Partials, Error> {
        Partials::with_shapes(formula, settings, |_| &[])
    }

    /// Derives them; each variable is an array of the given extents, or a number where there are none.
    ///
    /// # Errors
    /// Those of [`Partials::new`].
    pub fn with_shapes<'s>(
        formula: &Formula,
        settings: &Settings,
        extents: impl Fn(&str) -> &'s [usize],
    ) -> Result<Partials, Error> {
        let start = Instant::now();
        let mut names: Vec<String> = formula.variables().iter().map(|name| name.to_string()).collect();
        let used = names.len();
        let inputs = names.iter().map(|name| extents(name).iter().product::<usize>()).sum();
        let within = settings.mode.sweeps(inputs, 1, 1).map_or(Sweep::Forward, |(first, _)| first);
        let variables = settings.wrt.clone().unwrap_or_else(|| names.clone());
        check_count(variables.len(), settings)?;
        if formula.exprs().len() > settings.max_nodes {
            return Err(limit("terms and factors of the formula", settings.max_nodes));
        }
        check_distinct(&variables)?;
        let known: HashSet<&str> = formula.variables().iter().map(|name| &**name).collect();
        names.extend(variables.iter().filter(|name| !known.contains(name.as_str())).cloned());
        names[used..].sort();
        names.dedup();

        let mut g = graph_core::Graph::new();
        for name in &names {
            g.param(name, Type::tensor(DType::F64, extents(name)))?;
        }
        let y = lower(formula, &mut g, within, settings)?;
        let by_numbers = names.iter().all(|name| extents(name).is_empty());
        let sweeps = match settings.mode {
            Mode::Auto if autodiff::prefers_reverse(&g, &[y]) => Some((Sweep::Reverse, Sweep::Reverse)),
            mode => mode.sweeps(inputs, g.shape(y).elements(), if by_numbers { settings.order } else { 0 }),
        };
        let function = walk::operations(&g, &[y]);
        let build = start.elapsed();
        let simplifying = Rc::new(Cell::new(Duration::ZERO));
        let (roots, wrt) = (vec![y], vec![Vec::new()]);
        let mut work = Work { g, inputs: Vec::new(), roots, wrt, settings, simplifying: Rc::clone(&simplifying) };
        work.simplify();
        work.find_inputs(&variables);
        let series_may_win = settings.mode == Mode::Auto
            && by_numbers
            && variables.len() <= FEW
            && (1..=MAX_TAYLOR_ORDER).contains(&settings.order)
            && sweeps.is_some_and(|(_, further)| further == Sweep::Forward);
        let done = match sweeps {
            None => work.expand(&variables)?.finish(),
            Some(sweeps) if series_may_win => {
                let series = work.clone().expand(&variables).map(Work::finish);
                let nested = work.nest(sweeps, &variables).map(Work::finish);
                Done::smaller(nested, series)?
            }
            Some(sweeps) => work.nest(sweeps, &variables)?.finish(),
        };
        let function_of = graph_core::Function::new("f", &done.simplified.graph, &done.simplified.roots)?;
        Ok(Partials {
            variables,
            wrt: done.wrt,
            function: Arc::new(function_of).into(),
            nodes: NodeCounts { function, generated: done.generated, optimized: done.optimized },
            report: done.simplified.report,
            times: Times {
                build,
                differentiate: start.elapsed() - build - simplifying.get(),
                optimize: simplifying.get(),
            },
            used,
        })
    }

    /// The extents of a partial: those of the formula's value, then those of each variable in its `wrt`.
    pub fn extents(&self, partial: usize) -> &[usize] {
        let core = self.function.core();
        core.graph().shape(core.results()[partial])
    }

    /// Whether every partial is a number.
    pub fn are_numbers(&self) -> bool {
        (0..self.wrt.len()).all(|partial| self.extents(partial).is_empty())
    }

    /// The values of the function's parameters at a point of numbers. Variables that the formula does not use need none.
    ///
    /// # Errors
    /// Variables without a value (all are named).
    pub fn arguments(&self, value: impl Fn(&str) -> Option<f64>) -> Result<Vec<f64>, Error> {
        self.elements(|name, elements| match value(name) {
            Some(value) => {
                elements.push(value);
                true
            }
            None => false,
        })
    }

    /// The elements of the function's parameters at a point, one parameter after the other; `read` appends those of a
    /// variable and says whether there were any. Variables that the formula does not use need none.
    ///
    /// # Errors
    /// Variables without a value (all are named).
    pub fn elements(&self, read: impl Fn(&str, &mut Vec<f64>) -> bool) -> Result<Vec<f64>, Error> {
        let mut missing = Vec::new();
        let mut elements = Vec::new();
        let graph = self.function.core().graph();
        for (index, param) in graph.params().iter().enumerate() {
            if read(&param.name, &mut elements) {
                continue;
            }
            match index >= self.used {
                true => elements.resize(elements.len() + graph.shape(param.node).elements(), 0.0),
                false => missing.push(format!("`{}`", param.name)),
            }
        }
        if missing.is_empty() { Ok(elements) } else { Err(Error::NoValue { names: missing }) }
    }
}

fn check_nodes(g: &graph_core::Graph, settings: &Settings) -> Result<(), Error> {
    match g.len() > settings.max_nodes {
        true => Err(limit("nodes of the derivatives", settings.max_nodes)),
        false => Ok(()),
    }
}

fn check_distinct(variables: &[String]) -> Result<(), Error> {
    let mut seen = HashSet::new();
    match variables.iter().find(|name| !seen.insert(name.as_str())) {
        Some(name) => {
            let why = "is named twice among the variables of differentiation; name each once".into();
            Err(graph_core::Error::Name { name: name.clone(), why }.into())
        }
        None => Ok(()),
    }
}

/// There are C(n + k, k) partials of total order up to k in n variables.
fn check_count(variables: usize, settings: &Settings) -> Result<(), Error> {
    let mut count: usize = 1;
    for i in 1..=settings.order.min(variables.max(settings.order)) {
        if variables == 0 || count > settings.max_partials {
            break;
        }
        count = count * (variables + i) / i;
    }
    match count > settings.max_partials {
        true => Err(limit("partial derivatives", settings.max_partials)),
        false => Ok(()),
    }
}

fn limit(what: &str, limit: usize) -> Error {
    graph_core::Error::Limit { what: what.to_string(), limit }.into()
}

/// Builds the formula; each `D` in it is differentiated in a graph of its own, simplified before and after, at a cost
/// that is that of its piece of the formula.
fn lower(formula: &Formula, g: &mut graph_core::Graph, sweep: Sweep, settings: &Settings) -> Result<NodeId, Error> {
    let by_name: HashMap<Arc<str>, NodeId> = g.params().iter().map(|p| (p.name.clone(), p.node)).collect();
    let env = |name: &str| by_name[name];
    formula.lower(g, env, &mut |g, y, x| {
        let (piece, y, outside) = piece_of(g, y)?;
        let mut piece = simplify(&piece, &[y], settings.level);
        let at = outside.iter().position(|&param| param == x).expect("a `D` is by a variable that its piece uses");
        let x = piece.graph.params()[at].node;
        let y = piece.roots[0];
        let derivative = match sweep {
            Sweep::Reverse => autodiff::gradient(&mut piece.graph, y, &[x])?,
            Sweep::Forward => {
                let one = piece.graph.scalar(1.0);
                autodiff::forward(&mut piece.graph, &[y], &[(x, one)])?
            }
        };
        let derivative = derivative[0].or_zeros(&mut piece.graph, y);
        let done = simplify(&piece.graph, &[derivative], settings.level);
        check_nodes(&done.graph, settings)?;
        let given: Vec<_> = done.graph.params().iter().map(|p| p.node).zip(outside).collect();
        let copied = walk::copy(&done.graph, &done.roots, g, &given);
        check_nodes(g, settings)?;
        Ok(copied[0])
    })
}

/// What a node depends on as a graph of its own, with the node in it, and the outside nodes of its parameters.
fn piece_of(g: &graph_core::Graph, y: NodeId) -> Result<(graph_core::Graph, NodeId, Vec<NodeId>), Error> {
    let mut piece = graph_core::Graph::new();
    let mut given = Vec::new();
    for id in walk::ancestors(g, &[y]) {
        if let Op::Param(index) = g.op(id) {
            let name = &g.params()[index as usize].name;
            given.push((id, piece.param(name, g.ty(id).clone())?));
        }
    }
    let y = walk::copy(g, &[y], &mut piece, &given)[0];
    Ok((piece, y, given.into_iter().map(|(outside, _)| outside).collect()))
}
