//! All mixed partial derivatives of a formula up to an order, as one function.
//!
//! A partial of order k is derived from one of order k − 1, by the variable that comes last; equal partials are built
//! once. (Power series give all orders in one variable at once instead.) The graph is simplified before the first order and between orders, because that is what stops the swell.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use autodiff::Derivative;
use graph_core::{NodeId, Op, Type, walk};
use opt::{Level, Report, simplify};

use crate::error::Error;
use crate::formula::Formula;
use crate::function::Function;
use crate::mode::{MAX_TAYLOR_ORDER, Mode, Sweep};

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
    /// Derives them.
    ///
    /// # Errors
    /// More partials or nodes than the limits; an op without a series rule in [`Mode::Taylor`].
    pub fn new(formula: &Formula, settings: &Settings) -> Result<Partials, Error> {
        let sweeps = settings.mode.sweeps(formula.variables().len(), settings.order);
        let mut names: Vec<String> = formula.variables().iter().map(|name| name.to_string()).collect();
        let used = names.len();
        let variables = settings.wrt.clone().unwrap_or_else(|| names.clone());
        check_count(variables.len(), settings)?;
        if formula.exprs().len() > settings.max_nodes {
            return Err(limit("terms and factors of the formula", settings.max_nodes));
        }
        let known: HashSet<&str> = formula.variables().iter().map(|name| &**name).collect();
        names.extend(variables.iter().filter(|name| !known.contains(name.as_str())).cloned());
        names[used..].sort();
        names.dedup();

        let mut g = graph_core::Graph::new();
        for name in &names {
            g.param(name, Type::f64())?;
        }
        let y = lower(formula, &mut g, sweeps.map_or(Sweep::Forward, |(first, _)| first), settings)?;
        let function = walk::operations(&g, &[y]);
        let mut work = Work { g, inputs: Vec::new(), roots: vec![y], wrt: vec![Vec::new()], settings };
        work.simplify();
        work.find_inputs(&variables);
        match sweeps {
            Some(sweeps) => work.nest(sweeps, &variables)?,
            None => work.expand(&variables)?,
        }
        let generated = walk::operations(&work.g, &work.roots);
        let simplified = simplify(&work.g, &work.roots, settings.level);
        let optimized = walk::operations(&simplified.graph, &simplified.roots);
        let function_of = graph_core::Function::new("f", &simplified.graph, &simplified.roots)?;
        Ok(Partials {
            variables,
            wrt: work.wrt,
            function: Arc::new(function_of).into(),
            nodes: NodeCounts { function, generated, optimized },
            report: simplified.report,
            used,
        })
    }

    /// The values of the function's parameters at a point. Variables that the formula does not use need none.
    ///
    /// # Errors
    /// Variables without a value (all are named).
    pub fn arguments(&self, value: impl Fn(&str) -> Option<f64>) -> Result<Vec<f64>, Error> {
        let mut missing = Vec::new();
        let mut arguments = Vec::new();
        for (index, param) in self.function.core().params().iter().enumerate() {
            match value(&param.name) {
                Some(value) => arguments.push(value),
                None if index >= self.used => arguments.push(0.0),
                None => missing.push(format!("`{}`", param.name)),
            }
        }
        if missing.is_empty() { Ok(arguments) } else { Err(Error::NoValue { names: missing }) }
    }
}

/// A graph under construction, its partials so far, and the nodes of the variables.
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

    /// All orders, each by a sweep over the one before.
    fn nest(&mut self, (first, further): (Sweep, Sweep), variables: &[String]) -> Result<(), Error> {
        for order in 1..=self.settings.order {
            self.extend(if order == 1 { first } else { further }, order)?;
            if order < self.settings.order {
                self.simplify();
                self.find_inputs(variables);
            }
        }
        Ok(())
    }

    /// All orders in one variable at once by power series, variable after variable: what has been differentiated by
    /// earlier variables is expanded in the next. The k-th derivative is k! times the coefficient.
    fn expand(&mut self, variables: &[String]) -> Result<(), Error> {
        if self.settings.order > MAX_TAYLOR_ORDER {
            return Err(limit("order of a power series (171! overflows)", MAX_TAYLOR_ORDER));
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
        Ok(())
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
                let scale = self.g.scalar(factorial);
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
            let adjoints = autodiff::gradient(&mut self.g, self.roots[parent], &self.inputs[further.clone()])?;
            self.keep(&mut children, parent, further, adjoints)?;
        }
        Ok(children)
    }

    /// One forward sweep for each variable, over all parents that need it.
    fn by_forward(&mut self, parents: &[usize]) -> Result<Vec<(usize, usize, NodeId)>, Error> {
        let mut by_parent: Vec<Vec<Derivative>> = vec![Vec::new(); parents.len()];
        let one = self.g.scalar(1.0);
        for variable in 0..self.inputs.len() {
            let needing: Vec<usize> =
                (0..parents.len()).filter(|&i| self.further(parents[i]).contains(&variable)).collect();
            let results: Vec<NodeId> = needing.iter().map(|&i| self.roots[parents[i]]).collect();
            let tangents = autodiff::forward(&mut self.g, &results, &[(self.inputs[variable], one)])?;
            needing.into_iter().zip(tangents).for_each(|(i, tangent)| by_parent[i].push(tangent));
            self.check_nodes()?;
        }
        let mut children = Vec::new();
        for (&parent, tangents) in parents.iter().zip(by_parent) {
            let further = self.further(parent);
            self.keep(&mut children, parent, further, tangents)?;
        }
        Ok(children)
    }

    fn keep(
        &mut self,
        children: &mut Vec<(usize, usize, NodeId)>,
        parent: usize,
        variables: std::ops::Range<usize>,
        derivatives: Vec<Derivative>,
    ) -> Result<(), Error> {
        for (variable, derivative) in variables.zip(derivatives) {
            let node = derivative.or_zeros(&mut self.g, self.roots[parent]);
            children.push((parent, variable, node));
        }
        self.check_nodes()
    }

    fn check_nodes(&self) -> Result<(), Error> {
        check_nodes(&self.g, self.settings)
    }
}

fn check_nodes(g: &graph_core::Graph, settings: &Settings) -> Result<(), Error> {
    match g.len() > settings.max_nodes {
        true => Err(limit("nodes of the derivatives", settings.max_nodes)),
        false => Ok(()),
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
