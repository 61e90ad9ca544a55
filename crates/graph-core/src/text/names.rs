//! What the texts and pictures of a function call its nodes, and the order in which its callees appear.
//!
//! Parameters keep their names; the other nodes are numbered from 0 in the order of the graph, which is the order of
//! print. So the same node has the same name in the text form, in DOT and in a picture.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::print::Attributes;
use crate::arena::{NodeId, NodeMap};
use crate::function::Function;
use crate::graph::Graph;
use crate::op::Op;

/// Longest attribute list that [`Names::op`] shows in full, in characters.
const MAX_ATTRIBUTES: usize = 40;

/// The names of the nodes of one graph.
#[derive(Clone, Debug)]
pub struct Names<'a> {
    g: &'a Graph,
    numbers: NodeMap<u32>,
}

impl<'a> Names<'a> {
    /// Numbers the nodes of `g`.
    pub fn new(g: &'a Graph) -> Names<'a> {
        let mut numbers = NodeMap::new(g.len(), 0);
        let numbered = g.nodes().iter().filter(|&&id| !matches!(g.op(id), Op::Param(_)));
        numbered.enumerate().for_each(|(number, &id)| numbers[id] = number as u32);
        Names { g, numbers }
    }

    /// `%x` or `%7`.
    pub fn value(&self, id: NodeId) -> String {
        match self.g.op(id) {
            Op::Param(index) => format!("%{}", self.g.params()[index as usize].name),
            _ => format!("%{}", self.numbers[id]),
        }
    }

    /// The op with its attributes as on its line of text, long literals cut: `dot {lhs=[1], rhs=[0]}`, `call @f`.
    pub fn op(&self, id: NodeId) -> String {
        let op = self.g.op(id);
        if let Op::Call(f) = op {
            return format!("call @{}", self.g[f].name());
        }
        let attributes = Attributes { g: self.g, op, operands: self.g.operands(id) }.to_string();
        let mut shown: String = attributes.chars().take(MAX_ATTRIBUTES).collect();
        if shown.len() < attributes.len() {
            shown.push('…');
        }
        format!("{}{shown}", op.name())
    }
}

/// A function and all that it calls, callees first, each with the name under which it is printed: two different
/// functions of one name are told apart by a number.
pub fn callees(f: &Arc<Function>) -> Vec<(Arc<Function>, String)> {
    Callees::of(f).order
}

/// The result of [`callees`], with look-up.
pub(super) struct Callees {
    pub order: Vec<(Arc<Function>, String)>,
    found: HashMap<*const Function, usize>,
}

impl Callees {
    /// Those of `f`, which comes last.
    pub fn of(f: &Arc<Function>) -> Callees {
        let mut callees = Callees { order: Vec::new(), found: HashMap::new() };
        callees.collect(f, &mut HashSet::new(), &mut HashMap::new());
        callees
    }

    /// Recurses over calls, whose nesting is limited.
    fn collect(
        &mut self,
        f: &Arc<Function>,
        taken: &mut HashSet<String>,
        same_name: &mut HashMap<Arc<str>, Vec<usize>>,
    ) {
        if self.found.contains_key(&Arc::as_ptr(f)) {
            return;
        }
        f.callees().for_each(|callee| self.collect(callee, taken, same_name));
        let namesakes = same_name.entry(f.name().into()).or_default();
        let at = namesakes.iter().copied().find(|&at| self.order[at].0 == *f).unwrap_or_else(|| {
            let numbered = (1..).map(|n| format!("{}_{n}", f.name()));
            let mut names = std::iter::once(f.name().to_string()).chain(numbered);
            let name = names.find(|name| !taken.contains(name)).expect("some number is free");
            taken.insert(name.clone());
            self.order.push((Arc::clone(f), name));
            namesakes.push(self.order.len() - 1);
            self.order.len() - 1
        });
        self.found.insert(Arc::as_ptr(f), at);
    }

    /// The name under which a collected function is printed.
    pub fn name(&self, f: &Arc<Function>) -> &str {
        &self.order[self.found[&Arc::as_ptr(f)]].1
    }
}
