//! Steps that put values together, take them apart, and call functions.

use std::sync::Arc;

use graph_core::op::Op;
use graph_core::{Function, NodeId, walk};

use super::builder::Builder;
use super::domain::Span;
use super::gene::{Dice, Gene};
use super::{program, step};

/// Any value: real most often, else of another kind.
fn any(b: &mut Builder, dice: &mut Dice<'_>) -> NodeId {
    let others = [&b.structures, &b.singles, &b.integers, &b.truths];
    let kind = dice.roll(12);
    match others.get(kind).filter(|list| !list.is_empty()) {
        Some(list) => list[list.len() - 1 - dice.roll(list.len())],
        None => b.any(dice).0,
    }
}

/// Some part of a structure once more.
pub fn parts(b: &mut Builder, dice: &mut Dice<'_>) {
    if b.structures.is_empty() {
        return tuple(b, dice);
    }
    let structure = b.structures[dice.roll(b.structures.len())];
    let parts = b.g.ty(structure).parts();
    if parts > 0 {
        let part = b.g.get(structure, dice.roll(parts));
        b.push(part, Span::ANY);
    }
}

pub fn tuple(b: &mut Builder, dice: &mut Dice<'_>) {
    let operands: Vec<NodeId> = (0..1 + dice.roll(3)).map(|_| any(b, dice)).collect();
    let y = b.g.node(Op::Tuple, &operands);
    b.push(y, Span::ANY);
}

pub fn record(b: &mut Builder, dice: &mut Dice<'_>) {
    let operands: Vec<NodeId> = (0..1 + dice.roll(3)).map(|_| any(b, dice)).collect();
    let names = b.g.intern_fields(["p".into(), "q".into(), "r".into()][..operands.len()].into());
    let y = b.g.node(Op::Record(names), &operands);
    b.push(y, Span::ANY);
}

/// Calls a function again, or a new one that the genes that follow spell.
pub fn call<'r>(b: &mut Builder, dice: &mut Dice<'_>, rest: &'r [Gene]) -> &'r [Gene] {
    if dice.roll(3) == 2 && call_again(b, dice) {
        return rest;
    }
    if b.depth == 3 {
        return rest;
    }
    let mut operands: Vec<NodeId> = (0..1 + dice.roll(3)).map(|_| any(b, dice)).collect();
    operands.push(b.any(dice).0);
    let (body, rest) = program::split(rest, 1 + dice.roll(5));
    let callee = callee(b, &operands, body, dice);
    let id = b.g.add_function(&callee);
    let y = b.g.node(Op::Call(id), &operands);
    b.callees.push(callee);
    b.push(y, Span::ANY);
    rest
}

/// A function of parameters with the types of these operands.
fn callee(b: &mut Builder, operands: &[NodeId], body: &[Gene], dice: &mut Dice<'_>) -> Arc<Function> {
    let mut inner = Builder::new(b.world, b.depth + 1);
    for (at, &x) in operands.iter().enumerate() {
        let param = inner.g.param(&format!("a{at}"), b.g.ty(x).clone()).expect("distinct names");
        inner.push(param, Span::ANY);
    }
    step::all(&mut inner, body);
    let used = walk::use_counts(&inner.g);
    let mut results: Vec<NodeId> = inner.g.nodes().iter().copied().filter(|&x| used[x] == 0).collect();
    results.reverse();
    results.truncate(1 + dice.roll(3));
    let name = format!("inner{}_{}", b.depth, b.callees.len());
    Arc::new(Function::new(&name, &inner.g, &results).expect("a small function"))
}

/// Whether there was a function to call again, on other operands of the same types.
fn call_again(b: &mut Builder, dice: &mut Dice<'_>) -> bool {
    if b.callees.is_empty() {
        return false;
    }
    let callee = Arc::clone(&b.callees[dice.roll(b.callees.len())]);
    let mut operands = Vec::new();
    for index in 0..callee.params().len() {
        let fits: Vec<NodeId> =
            b.g.nodes().iter().copied().filter(|&x| b.g.ty(x) == callee.param_type(index)).collect();
        if fits.is_empty() {
            return false;
        }
        operands.push(fits[fits.len() - 1 - dice.roll(fits.len())]);
    }
    let id = b.g.add_function(&callee);
    let y = b.g.node(Op::Call(id), &operands);
    b.push(y, Span::ANY);
    true
}
