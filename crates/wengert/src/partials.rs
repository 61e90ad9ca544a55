//! All mixed partial derivatives of a formula up to an order, as one function.
//!
//! A partial of order k is derived from one of order k − 1, by the variable that comes last; equal partials are built
//! once. (Power series give all orders in one variable at once instead.) The graph is simplified before the first order
//! and between orders, because that is what stops the swell.
//!
//! A partial of arrays has the shape of the formula's value followed by that of each variable. It is the dense Jacobian
//! of the one before, by rows in reverse mode and by columns in forward mode: one sweep, batched over that side.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use autodiff::mixed::{Mixed, multisets};
use autodiff::{Derivative, dense};
use graph_core::{DType, NodeId, Op, Shape, TensorType, Type, walk};
use opt::{Level, Report, simplify};

use crate::error::Error;
use crate::formula::Formula;
use crate::function::Function;
use crate::mode::{MAX_TAYLOR_ORDER, Mode, Sweep};

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
        let mut work = Work { g, inputs: Vec::new(), roots: vec![y], wrt: vec![Vec::new()], settings };
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

/// A graph under construction, its partials so far, and the nodes of the variables.
#[derive(Clone)]
struct Work<'s> {
    g: graph_core::Graph,
    inputs: Vec<NodeId>,
    roots: Vec<NodeId>,
    wrt: Vec<Vec<usize>>,
    settings: &'s Settings,
}

impl Work<'_> {
    fn simplify(&mut self) {
        let simplified = simplify(&self.g, &self.roots, self.settings.level);
        self.g = simplified.graph;
        self.roots = simplified.roots;
    }

    fn find_inputs(&mut self, variables: &[String]) {
        let nodes: HashMap<&str, NodeId> = self.g.params().iter().map(|p| (&*p.name, p.node)).collect();
        self.inputs = variables.iter().map(|name| nodes[name.as_str()]).collect();
    }

    fn finish(self) -> Done {
        let simplified = simplify(&self.g, &self.roots, self.settings.level);
        Done {
            wrt: self.wrt,
            generated: walk::operations(&self.g, &self.roots),
            optimized: walk::operations(&simplified.graph, &simplified.roots),
            simplified,
        }
    }

    /// All orders, each by a sweep over the one before.
    fn nest(mut self, (first, further): (Sweep, Sweep), variables: &[String]) -> Result<Self, Error> {
        for order in 1..=self.settings.order {
            self.extend(if order == 1 { first } else { further }, order)?;
            if order < self.settings.order {
                self.simplify();
                self.find_inputs(variables);
            }
        }
        Ok(self)
    }

    /// All orders in one variable at once by power series, variable after variable: what has been differentiated by
    /// earlier variables is expanded in the next. The k-th derivative is k! times the coefficient. By arrays, along several
    /// directions at once ([`Mixed`]).
    fn expand(mut self, variables: &[String]) -> Result<Self, Error> {
        if self.settings.order > MAX_TAYLOR_ORDER {
            return Err(limit("order of a power series (171! overflows)", MAX_TAYLOR_ORDER));
        }
        if self.inputs.iter().any(|&x| self.g.shape(x).rank() > 0) {
            return self.combine();
        }
        for variable in 0..variables.len() {
            for order in 1..=self.settings.order {
                let parents: Vec<usize> =
                    (0..self.wrt.len()).filter(|&i| self.is_expanded(i, variable, order)).collect();
                self.expand_in(variable, order, &parents)?;
            }
            self.simplify();
            self.find_inputs(variables);
        }
        let mut order: Vec<usize> = (0..self.wrt.len()).collect();
        order.sort_by_key(|&i| (self.wrt[i].len(), &self.wrt[i]));
        self.roots = order.iter().map(|&i| self.roots[i]).collect();
        self.wrt = order.iter().map(|&i| self.wrt[i].clone()).collect();
        Ok(self)
    }

    /// All partials by arrays from power series along several directions.
    fn combine(mut self) -> Result<Self, Error> {
        if self.settings.order == 0 {
            return Ok(self);
        }
        let y = self.roots[0];
        let mixed = Mixed::new(&mut self.g, &[y], &self.inputs, self.settings.order)?;
        for order in 1..=self.settings.order {
            for wrt in multisets(self.inputs.len(), order) {
                let shapes = wrt.iter().map(|&variable| self.g.shape(self.inputs[variable]));
                let shape: Shape =
                    [self.g.shape(y)].into_iter().chain(shapes).flat_map(|s| s.iter().copied()).collect();
                if size(&shape) > self.settings.max_elements {
                    return Err(limit("elements of a partial derivative", self.settings.max_elements));
                }
                let block = mixed.block(&mut self.g, 0, &wrt);
                let zeros = TensorType { dtype: DType::F64, shape };
                self.roots.push(block.node().unwrap_or_else(|| self.g.splat(0.0, &zeros)));
                self.wrt.push(wrt);
            }
        }
        self.check_nodes()?;
        Ok(self)
    }

    /// Whether a partial by earlier variables lacks this many orders.
    fn is_expanded(&self, i: usize, variable: usize, order: usize) -> bool {
        self.wrt[i].len() + order == self.settings.order && self.wrt[i].iter().all(|&v| v < variable)
    }

    fn expand_in(&mut self, variable: usize, order: usize, parents: &[usize]) -> Result<(), Error> {
        let results: Vec<NodeId> = parents.iter().map(|&i| self.roots[i]).collect();
        let one = self.g.scalar(1.0);
        let series = autodiff::taylor(&mut self.g, &results, &[(self.inputs[variable], one)], order)?;
        for (&parent, coefficients) in parents.iter().zip(series) {
            let (mut wrt, mut factorial) = (self.wrt[parent].clone(), 1.0);
            for (k, coefficient) in coefficients.into_iter().enumerate() {
                factorial *= (k + 1) as f64;
                let coefficient = coefficient.or_zeros(&mut self.g, self.roots[parent]);
                let scale = self.g.splat_like(factorial, coefficient);
                let derivative = if k == 0 { coefficient } else { self.g.mul(coefficient, scale) };
                wrt.push(variable);
                self.wrt.push(wrt.clone());
                self.roots.push(derivative);
            }
        }
        self.check_nodes()
    }

    /// Adds all partials of one more order.
    fn extend(&mut self, sweep: Sweep, order: usize) -> Result<(), Error> {
        let parents: Vec<usize> = (0..self.wrt.len()).filter(|&i| self.wrt[i].len() + 1 == order).collect();
        self.check_elements(&parents)?;
        let children = match sweep {
            Sweep::Reverse => self.by_reverse(&parents)?,
            Sweep::Forward => self.by_forward(&parents)?,
        };
        for (parent, variable, node) in children {
            let mut wrt = self.wrt[parent].clone();
            wrt.push(variable);
            self.wrt.push(wrt);
            self.roots.push(node);
        }
        Ok(())
    }

    /// The variables by which a partial is differentiated further: its last and those after it.
    fn further(&self, parent: usize) -> std::ops::Range<usize> {
        self.wrt[parent].last().copied().unwrap_or(0)..self.inputs.len()
    }

    /// One reverse sweep for each parent.
    fn by_reverse(&mut self, parents: &[usize]) -> Result<Vec<(usize, usize, NodeId)>, Error> {
        let mut children = Vec::new();
        for &parent in parents {
            let further = self.further(parent);
            let inputs = self.inputs[further.clone()].to_vec();
            let blocks = dense::by_rows(&mut self.g, self.roots[parent], &inputs)?;
            for (variable, block) in further.zip(blocks) {
                let block = self.block(parent, variable, &block);
                children.push((parent, variable, block));
            }
            self.check_nodes()?;
        }
        Ok(children)
    }

    /// One forward sweep for each variable, over all parents that need it.
    fn by_forward(&mut self, parents: &[usize]) -> Result<Vec<(usize, usize, NodeId)>, Error> {
        let mut children = Vec::new();
        for variable in 0..self.inputs.len() {
            let needing: Vec<usize> =
                parents.iter().copied().filter(|&parent| self.further(parent).contains(&variable)).collect();
            let results: Vec<NodeId> = needing.iter().map(|&parent| self.roots[parent]).collect();
            let blocks = dense::by_columns(&mut self.g, &results, self.inputs[variable])?;
            for (parent, block) in needing.into_iter().zip(blocks) {
                let block = self.block(parent, variable, &block);
                children.push((parent, variable, block));
            }
            self.check_nodes()?;
        }
        children.sort_by_key(|&(parent, variable, _)| (parent, variable));
        Ok(children)
    }

    /// ∂y/∂x, zeros if it does not depend.
    fn block(&mut self, parent: usize, variable: usize, block: &Derivative) -> NodeId {
        let shapes = [self.roots[parent], self.inputs[variable]].map(|node| self.g.shape(node).clone());
        let zeros = TensorType { dtype: DType::F64, shape: shapes.iter().flat_map(|s| s.iter().copied()).collect() };
        block.node().unwrap_or_else(|| self.g.splat(0.0, &zeros))
    }

    /// Refuses a partial that would be too large, in elements or in empty rows.
    fn check_elements(&self, parents: &[usize]) -> Result<(), Error> {
        for &parent in parents {
            let rows = size(self.g.shape(self.roots[parent]));
            let columns = self.inputs[self.further(parent)].iter().map(|&x| size(self.g.shape(x)));
            if rows.saturating_mul(columns.max().unwrap_or(0)) > self.settings.max_elements {
                return Err(limit("elements of a partial derivative", self.settings.max_elements));
            }
        }
        Ok(())
    }

    fn check_nodes(&self) -> Result<(), Error> {
        check_nodes(&self.g, self.settings)
    }
}

/// All partials, simplified.
struct Done {
    wrt: Vec<Vec<usize>>,
    simplified: opt::Simplified,
    generated: usize,
    optimized: usize,
}

impl Done {
    /// The one that computes less; where a limit stops one way, the other.
    fn smaller(nested: Result<Done, Error>, series: Result<Done, Error>) -> Result<Done, Error> {
        match (nested, series) {
            (Ok(nested), Ok(series)) if series.optimized < nested.optimized => Ok(series),
            (Ok(nested), _) => Ok(nested),
            (Err(_), Ok(series)) => Ok(series),
            (Err(error), Err(_)) => Err(error),
        }
    }
}

/// Number of elements, where an extent of 0 counts as 1.
fn size(extents: &[usize]) -> usize {
    extents.iter().fold(1, |size: usize, &extent| size.saturating_mul(extent.max(1)))
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
