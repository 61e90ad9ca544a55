//! A function: a closed graph with named parameters and results, immutable and shared.

mod rule;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::arena::NodeId;
use crate::error::Error;
use crate::graph::{Graph, Param};
use crate::text;
use crate::ty::Type;
use crate::verify;
use crate::walk;

pub use rule::CustomRule;

/// Deepest nesting of calls, so that whoever executes or walks callees may recurse over them (never over nodes).
pub const MAX_CALL_DEPTH: usize = 128;

/// A named closed graph. It holds its parameters (used or not) and the ancestors of its results, and may have a
/// derivative of its own.
pub struct Function {
    name: Arc<str>,
    graph: Graph,
    results: Vec<NodeId>,
    rule: Option<CustomRule>,
    depth: usize,
    identity: OnceLock<String>,
}

impl Function {
    /// The function that computes `results` from the parameters of `graph`. Dead nodes are dropped. Every transform ends
    /// here, so debug builds verify here.
    pub fn new(name: &str, graph: &Graph, results: &[NodeId]) -> Result<Function, Error> {
        Function::closed(name, walk::compact(graph, results))
    }

    /// As [`Function::new`], of a graph that is given away: it is not copied, unless it has dead nodes.
    pub fn of(name: &str, graph: Graph, results: &[NodeId]) -> Result<Function, Error> {
        Function::closed(name, walk::compacted(graph, results))
    }

    fn closed(name: &str, (graph, results): (Graph, Vec<NodeId>)) -> Result<Function, Error> {
        if !text::is_name(name) {
            return Err(Error::Name { name: name.to_string(), why: text::NOT_A_NAME.into() });
        }
        debug_assert_eq!(verify::violations(&graph), Vec::<String>::new(), "in @{name}");
        let depth = graph.functions().iter().map(|f| f.depth + 1).max().unwrap_or(0);
        if depth > MAX_CALL_DEPTH {
            return Err(Error::limit("nesting of calls", MAX_CALL_DEPTH));
        }
        Ok(Function { name: name.into(), graph, results, rule: None, depth, identity: OnceLock::new() })
    }

    /// The same function with a derivative of its own. Its types are checked here, its linearity where it is used.
    ///
    /// # Errors
    /// A rule of other parameters or results than it needs.
    pub fn with_rule(&self, rule: CustomRule) -> Result<Function, Error> {
        rule.check(self)?;
        let depth = self.depth.max(rule.function().depth + 1);
        if depth > MAX_CALL_DEPTH {
            return Err(Error::limit("nesting of calls", MAX_CALL_DEPTH));
        }
        Ok(Function { rule: Some(rule), depth, ..self.renamed(&self.name) })
    }

    /// The same function under another name, which the caller knows to be a name.
    pub(crate) fn renamed(&self, name: &str) -> Function {
        Function {
            name: name.into(),
            graph: self.graph.clone(),
            results: self.results.clone(),
            rule: self.rule.clone(),
            depth: self.depth,
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

    /// Its own derivative, if it has one.
    pub fn rule(&self) -> Option<&CustomRule> {
        self.rule.as_ref()
    }

    /// The functions that its body calls, then its rule.
    pub fn callees(&self) -> impl ExactSizeIterator<Item = &Arc<Function>> {
        let rule = self.rule.as_ref().map(CustomRule::function);
        let count = self.graph.functions().len() + usize::from(rule.is_some());
        let at = move |i: usize| self.graph.functions().get(i).or(rule).expect("as many as were counted");
        (0..count).map(at)
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
            let same_size = a.graph.len() == b.graph.len() && a.callees().len() == b.callees().len();
            if !same_size || a.identity() != b.identity() {
                return false;
            }
            for (a, b) in a.callees().zip(b.callees()) {
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

/// Its text, without its callees.
impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Equal name, equal printed body, equal callees.
impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.name == other.name && self.same_but_for_name(other)
    }
}
impl Eq for Function {}
