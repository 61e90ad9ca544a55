//! A function: a closed graph with named parameters and results, immutable and shared.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use crate::arena::NodeId;
use crate::error::Error;
use crate::graph::{Graph, Param};
use crate::text;
use crate::ty::Type;
use crate::verify;
use crate::walk;

/// Deepest nesting of calls, so that whoever executes or walks callees may recurse over them (never over nodes).
pub const MAX_CALL_DEPTH: usize = 128;

/// A named closed graph. It holds its parameters (used or not) and the ancestors of its results, nothing else.
#[derive(Debug)]
pub struct Function {
    name: Arc<str>,
    graph: Graph,
    results: Vec<NodeId>,
    depth: usize,
    identity: OnceLock<String>,
}

impl Function {
    /// The function that computes `results` from the parameters of `graph`. Dead nodes are dropped. Every transform ends
    /// here, so debug builds verify here.
    pub fn new(name: &str, graph: &Graph, results: &[NodeId]) -> Result<Function, Error> {
        if !text::is_name(name) {
            return Err(Error::Name { name: name.to_string(), why: text::NOT_A_NAME.into() });
        }
        let (graph, results) = walk::compact(graph, results);
        debug_assert_eq!(verify::violations(&graph), Vec::<String>::new(), "in @{name}");
        let depth = graph.functions().iter().map(|f| f.depth + 1).max().unwrap_or(0);
        if depth > MAX_CALL_DEPTH {
            return Err(Error::limit("nesting of calls", MAX_CALL_DEPTH));
        }
        Ok(Function { name: name.into(), graph, results, depth, identity: OnceLock::new() })
    }

    /// The same function under another name, which the caller knows to be a name.
    pub(crate) fn renamed(&self, name: &str) -> Function {
        let Function { graph, results, depth, .. } = self;
        Function {
            name: name.into(),
            graph: graph.clone(),
            results: results.clone(),
            depth: *depth,
            identity: OnceLock::new(),
        }
    }

    /// The body, to be damaged by tests.
    #[cfg(test)]
    pub(crate) fn graph_mut(&mut self) -> &mut Graph {
        &mut self.graph
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its body.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Its parameters, in order.
    pub fn params(&self) -> &[Param] {
        self.graph.params()
    }

    /// Its results, in order.
    pub fn results(&self) -> &[NodeId] {
        &self.results
    }

    /// The type of a parameter.
    pub fn param_type(&self, index: usize) -> &Type {
        self.graph.ty(self.params()[index].node)
    }

    /// The type that a call has: that of the only result, or a tuple of all.
    pub fn result_type(&self) -> Type {
        match self.results[..] {
            [only] => self.graph.ty(only).clone(),
            _ => Type::tuple(self.results.iter().map(|&y| self.graph.ty(y).clone())),
        }
    }

    /// Longest chain of calls below this function.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Equal up to the function's own name. Every pair of callees is compared once, however they are shared.
    pub(crate) fn same_but_for_name(&self, other: &Function) -> bool {
        let mut seen = HashSet::new();
        let mut todo = vec![(self, other)];
        while let Some((a, b)) = todo.pop() {
            if std::ptr::eq(a, b) || !seen.insert((std::ptr::from_ref(a), std::ptr::from_ref(b))) {
                continue;
            }
            let (callees_a, callees_b) = (a.graph.functions(), b.graph.functions());
            let same_size = a.graph.len() == b.graph.len() && callees_a.len() == callees_b.len();
            if !same_size || a.identity() != b.identity() {
                return false;
            }
            for (a, b) in callees_a.iter().zip(callees_b) {
                if a.name != b.name {
                    return false;
                }
                todo.push((a, b));
            }
        }
        true
    }

    fn identity(&self) -> &str {
        self.identity.get_or_init(|| text::print_body(self))
    }
}

/// Equal name, equal printed body, equal callees.
impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.name == other.name && self.same_but_for_name(other)
    }
}
impl Eq for Function {}
