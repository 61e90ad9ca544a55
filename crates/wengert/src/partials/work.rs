//! The graph of a formula and its partials while it grows, order by order or all orders at once.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use autodiff::mixed::{Mixed, multisets};
use autodiff::{Derivative, dense};
use graph_core::{DType, NodeId, Shape, TensorType, walk};
use opt::Simplified;

use super::{Settings, check_nodes, limit};
use crate::error::Error;
use crate::mode::{MAX_TAYLOR_ORDER, Sweep};

/// A graph under construction, its partials so far, and the nodes of the variables.
#[derive(Clone)]
pub struct Work<'s> {
    pub g: graph_core::Graph,
    pub inputs: Vec<NodeId>,
    pub roots: Vec<NodeId>,
    pub wrt: Vec<Vec<usize>>,
    pub settings: &'s Settings,
    /// How long simplification has taken, in this and in all clones.
    pub simplifying: Rc<Cell<Duration>>,
}

impl Work<'_> {
    pub fn simplify(&mut self) {
        let simplified = self.simplified();
        self.g = simplified.graph;
        self.roots = simplified.roots;
    }

    fn simplified(&self) -> Simplified {
        let start = Instant::now();
        let simplified = opt::simplify(&self.g, &self.roots, self.settings.level);
        self.simplifying.set(self.simplifying.get() + start.elapsed());
        simplified
    }

    pub fn find_inputs(&mut self, variables: &[String]) {
        let nodes: HashMap<&str, NodeId> = self.g.params().iter().map(|p| (&*p.name, p.node)).collect();
        self.inputs = variables.iter().map(|name| nodes[name.as_str()]).collect();
    }

    pub fn finish(self) -> Done {
        let simplified = self.simplified();
        Done {
            wrt: self.wrt,
            generated: walk::operations(&self.g, &self.roots),
            optimized: walk::operations(&simplified.graph, &simplified.roots),
            simplified,
        }
    }

    /// All orders, each by a sweep over the one before.
    pub fn nest(mut self, (first, further): (Sweep, Sweep), variables: &[String]) -> Result<Self, Error> {
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
    pub fn expand(mut self, variables: &[String]) -> Result<Self, Error> {
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
pub struct Done {
    pub wrt: Vec<Vec<usize>>,
    pub simplified: opt::Simplified,
    pub generated: usize,
    pub optimized: usize,
}

impl Done {
    /// The one that computes less; where a limit stops one way, the other.
    pub fn smaller(nested: Result<Done, Error>, series: Result<Done, Error>) -> Result<Done, Error> {
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
