//! Every invariant of a graph, in one place. All violations are reported, each at a printed node.
//!
//! - parameters have distinct names, and the i-th parameter node says i;
//! - operands exist and are older than their user;
//! - attributes are the graph's own, and inference gives the type that the node has;
//! - no two nodes have the same op and operands;
//! - callees satisfy all of this.

use std::collections::HashSet;
use std::sync::Arc;

use crate::arena::NodeId;
use crate::error::Error;
use crate::function::Function;
use crate::graph::Graph;
use crate::infer;
use crate::op::Op;
use crate::text;

/// Checks a graph and everything it calls.
pub fn verify(g: &Graph) -> Result<(), Error> {
    let mut violations = Vec::new();
    let mut seen = HashSet::new();
    check_graph(g, "", &mut violations);
    let mut todo: Vec<Arc<Function>> = g.functions().to_vec();
    while let Some(f) = todo.pop() {
        if !seen.insert(Arc::as_ptr(&f)) {
            continue;
        }
        check_graph(f.graph(), &format!("in @{}: ", f.name()), &mut violations);
        todo.extend(f.callees().cloned());
    }
    match violations.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(violations)),
    }
}

/// The violations of a graph itself, callees aside: what a function checks in debug builds when a transform makes it.
pub(crate) fn violations(g: &Graph) -> Vec<String> {
    let mut violations = Vec::new();
    check_graph(g, "", &mut violations);
    violations
}

fn check_graph(g: &Graph, place: &str, violations: &mut Vec<String>) {
    let mut names = HashSet::new();
    for (index, param) in g.params().iter().enumerate() {
        if g.op(param.node) != Op::Param(index as u32) {
            violations.push(format!("{place}parameter {index} `{}` is another node", param.name));
        }
        if !names.insert(&param.name) {
            violations.push(format!("{place}two parameters are named `{}`", param.name));
        }
    }
    let printed = text::Names::new(g);
    for &id in g.nodes() {
        if let Some(what) = violation(g, id) {
            let node = text::asked(g, g.op(id), g.operands(id));
            violations.push(format!("{place}{} = {node}: {what}", printed.value(id)));
        }
    }
}

fn violation(g: &Graph, id: NodeId) -> Option<String> {
    let (op, operands) = (g.op(id), g.operands(id));
    if let Some(x) = operands.iter().find(|x| !g.contains(**x) || x.index() >= id.index()) {
        let number = operands.iter().position(|operand| operand == x).expect("one of the operands");
        return Some(format!("operand {number} is not older"));
    }
    if g.find(op, operands) != Some(id) {
        return Some("the same op on the same operands is another node".into());
    }
    if matches!(op, Op::Param(_)) {
        return None;
    }
    match infer::infer(g, op, operands) {
        Ok(ty) if ty == *g.ty(id) => None,
        Ok(ty) => Some(format!("has type {}, inference gives {ty}", g.ty(id))),
        Err(e) => Some(e.to_string()),
    }
}
