//! Calls. The derivative of a function is a function, built once for each question and called.
//!
//! The question: which results have a cotangent and which parameters want one (reverse), or which parameters have a
//! tangent (forward). The answer takes the function's own parameters, then one for each derivative that comes in, and
//! returns one result for each leaf that has a derivative. A function with a rule of its own is asked in `custom`.

mod custom;

use std::sync::Arc;

use graph_core::op::{Op, Reduce};
use graph_core::{Function, Graph, NodeId, Shape};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::{Context, LeafValues, attribute};
use crate::error::Error;
use crate::leaves;
use crate::masked::{Guard, Masked};
use crate::{forward, reverse};

/// Derivative functions by question.
#[derive(Default)]
pub struct CallCache {
    answers: FxHashMap<Question, Answer>,
    /// Rules of functions turned round, by identity, with what keeps them alive.
    transposed: FxHashMap<usize, [Arc<Function>; 2]>,
}

/// Identity of the function (kept alive by the answer), direction, incoming leaves, and wanted parameters.
type Question = (usize, Mode, Vec<bool>, Vec<bool>);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Mode {
    Forward,
    Reverse,
}

#[derive(Clone)]
struct Answer {
    #[expect(dead_code, reason = "kept alive, so that its address names it")]
    primal: Arc<Function>,
    derivative: Arc<Function>,
    /// For each parameter (reverse) or result (forward), for each leaf: which result of `derivative` it is.
    places: Vec<Vec<Option<usize>>>,
}

/// Reverse mode through a call.
pub fn pull(
    cx: &mut Context,
    g: &mut Graph,
    y: NodeId,
    ct: &LeafValues,
    wanted: &[bool],
    send: &mut dyn FnMut(&mut Graph, usize, usize, Masked),
) -> Result<(), Error> {
    let f = callee(g, y);
    let mut by_body = wanted.to_vec();
    if let Some(rule) = f.rule() {
        by_body = custom::pull(cx, g, y, (&f, rule), ct, wanted, send)?;
        if !by_body.contains(&true) {
            return Ok(());
        }
    }
    let incoming: Vec<bool> = ct.iter().map(Option::is_some).collect();
    let answer = answer(cx, &f, Mode::Reverse, incoming, by_body)?;
    if answer.derivative.results().is_empty() {
        return Ok(());
    }
    attribute(cx, g, y, 0);
    let (results, guard) = call(g, &answer, y, ct.iter().flatten());
    for (operand, leaves) in answer.places.iter().enumerate() {
        attribute(cx, g, y, operand);
        for (leaf, place) in leaves.iter().enumerate().filter_map(|(leaf, place)| Some((leaf, (*place)?))) {
            let value = result(g, results, place, &answer);
            let product = guarded(g, value, guard);
            send(g, operand, leaf, product);
        }
    }
    Ok(())
}

/// Forward mode through a call.
pub fn push(cx: &mut Context, g: &mut Graph, y: NodeId, dx: &[&[Option<Masked>]]) -> Result<LeafValues, Error> {
    let f = callee(g, y);
    match f.rule() {
        Some(rule) => custom::push(cx, g, y, (&f, rule), dx),
        None => push_body(cx, g, y, &f, dx),
    }
}

/// The tangents by the function's body.
fn push_body(
    cx: &mut Context,
    g: &mut Graph,
    y: NodeId,
    f: &Arc<Function>,
    dx: &[&[Option<Masked>]],
) -> Result<LeafValues, Error> {
    let leaves = dx.iter().zip(f.params()).flat_map(|(leaves, param)| {
        let count = leaves::count(f.graph().ty(param.node));
        (0..count).map(|leaf| leaves.get(leaf).copied().flatten())
    });
    let dx: Vec<Option<Masked>> = leaves.collect();
    let incoming: Vec<bool> = dx.iter().map(Option::is_some).collect();
    let answer = answer(cx, f, Mode::Forward, incoming, Vec::new())?;
    if answer.derivative.results().is_empty() {
        return Ok(answer.places.iter().flatten().map(|_| None).collect());
    }
    let (results, guard) = call(g, &answer, y, dx.iter().flatten());
    let places: SmallVec<[Option<usize>; 1]> = answer.places.iter().flatten().copied().collect();
    let mut tangent = |place: usize| {
        let value = result(g, results, place, &answer);
        guarded(g, value, guard)
    };
    Ok(places.into_iter().map(|place| place.map(&mut tangent)).collect())
}

fn callee(g: &Graph, y: NodeId) -> Arc<Function> {
    match g.op(y) {
        Op::Call(f) => Arc::clone(&g[f]),
        _ => unreachable!("the rule of calls"),
    }
}

/// Calls a derivative on the operands of `y` and these derivatives; also whether any of them counts (a scalar `bool`),
/// where that is in doubt.
fn call<'m>(
    g: &mut Graph,
    answer: &Answer,
    y: NodeId,
    incoming: impl Iterator<Item = &'m Masked> + Clone,
) -> (NodeId, Option<NodeId>) {
    let counts = counts(g, incoming.clone());
    let mut arguments = g.operands_vec(y);
    for d in incoming {
        arguments.push(d.settle(g));
    }
    let f = g.add_function(&answer.derivative);
    (g.node(Op::Call(f), &arguments), counts)
}

/// Whether any of these derivatives counts, where that is in doubt.
fn counts<'m>(g: &mut Graph, incoming: impl Iterator<Item = &'m Masked>) -> Option<NodeId> {
    let mut counts = None;
    let mut certain = false;
    for d in incoming {
        match d.guard {
            Some(guard) => {
                let axes = (0..g.shape(guard.mask).rank()).collect();
                let any = g.reduce(Reduce::Any, guard.mask, &axes);
                counts = Some(counts.map_or(any, |counts| g.or(counts, any)));
            }
            None => certain = true,
        }
    }
    counts.filter(|_| !certain)
}

/// One result of a call.
fn result(g: &mut Graph, call: NodeId, place: usize, answer: &Answer) -> NodeId {
    match answer.derivative.results().len() {
        1 => call,
        _ => g.get(call, place),
    }
}

/// Counts only if the scalar guard holds.
fn guarded(g: &mut Graph, value: NodeId, guard: Option<NodeId>) -> Masked {
    let Some(guard) = guard else { return value.into() };
    let shape = g.shape(value).clone();
    let mask = g.broadcast(guard, &shape, &Shape::scalar());
    Masked { value, guard: Some(Guard { mask, clean: false }) }
}

fn answer(
    cx: &mut Context,
    f: &Arc<Function>,
    mode: Mode,
    incoming: Vec<bool>,
    wanted: Vec<bool>,
) -> Result<Answer, Error> {
    let question = (Arc::as_ptr(f) as usize, mode, incoming, wanted);
    if let Some(answer) = cx.calls.answers.get(&question) {
        return Ok(answer.clone());
    }
    // the callee is another graph: it has an order and layouts of its own
    let (order, offsets) = (cx.order, std::mem::take(&mut cx.offsets));
    let answer = match mode {
        Mode::Reverse => build_reverse(cx, f, &question.2, &question.3)?,
        Mode::Forward => build_forward(cx, f, &question.2)?,
    };
    (cx.order, cx.offsets) = (order, offsets);
    cx.calls.answers.insert(question, answer.clone());
    Ok(answer)
}

/// `f.vjp`: parameters of f and cotangents of results to cotangents of parameters.
fn build_reverse(cx: &mut Context, f: &Arc<Function>, incoming: &[bool], wanted: &[bool]) -> Result<Answer, Error> {
    let mut g = f.graph().clone();
    let seeds = incoming_params(&mut g, f.results(), incoming, |_| "ct".to_string())?;
    let wrt: Vec<NodeId> = f.params().iter().zip(wanted).filter(|(_, wanted)| **wanted).map(|(p, _)| p.node).collect();
    let mut adjoints = reverse::sweep(cx, &mut g, &seeds, &wrt)?.into_iter();
    let absent = |index: usize| SmallVec::from_elem(None, leaves::count(f.param_type(index)));
    let adjoints = wanted.iter().enumerate().map(|(index, &wanted)| match wanted {
        true => adjoints.next().expect("one adjoint for each wanted parameter"),
        false => absent(index),
    });
    finish(f, "vjp", g, adjoints.collect())
}

/// `f.jvp`: parameters of f and their tangents to tangents of results.
fn build_forward(cx: &mut Context, f: &Arc<Function>, incoming: &[bool]) -> Result<Answer, Error> {
    let mut g = f.graph().clone();
    let inputs: Vec<NodeId> = f.params().iter().map(|p| p.node).collect();
    let name = |index: usize| format!("d{}", f.params()[index].name);
    let seeds = incoming_params(&mut g, &inputs, incoming, name)?;
    let tangents = forward::sweep(cx, &mut g, f.results(), &seeds)?;
    finish(f, "jvp", g, tangents)
}

/// Adds a parameter for each leaf of `nodes` that has a derivative coming in.
fn incoming_params(
    g: &mut Graph,
    nodes: &[NodeId],
    incoming: &[bool],
    name: impl Fn(usize) -> String,
) -> Result<Vec<(NodeId, usize, Masked)>, Error> {
    let mut seeds = Vec::new();
    let mut incoming = incoming.iter();
    for (index, &node) in nodes.iter().enumerate() {
        let leaf_types: Vec<_> = g.ty(node).leaves().into_iter().cloned().collect();
        for (leaf, ty) in leaf_types.into_iter().enumerate() {
            if incoming.next() == Some(&true) {
                let param = fresh_param(g, &name(index), ty.into())?;
                seeds.push((node, leaf, param.into()));
            }
        }
    }
    Ok(seeds)
}

/// A parameter of this name, or of the next free numbered one.
pub fn fresh_param(g: &mut Graph, name: &str, ty: graph_core::Type) -> Result<NodeId, graph_core::Error> {
    let taken = |name: &str| g.params().iter().any(|p| &*p.name == name);
    let numbered = (1..).map(|n| format!("{name}{n}"));
    let free = std::iter::once(name.to_string()).chain(numbered).find(|name| !taken(name));
    g.param(&free.expect("some number is free"), ty)
}

/// The function that returns the leaves that have a derivative.
fn finish(f: &Arc<Function>, suffix: &str, mut g: Graph, derivatives: Vec<LeafValues>) -> Result<Answer, Error> {
    let mut results = Vec::new();
    let mut places = Vec::new();
    for leaves in derivatives {
        let mut place = |d: Masked| {
            results.push(d.settle(&mut g));
            results.len() - 1
        };
        places.push(leaves.into_iter().map(|leaf| leaf.map(&mut place)).collect());
    }
    let name = format!("{}.{suffix}", f.name());
    let derivative = Arc::new(Function::new(&name, &g, &results)?);
    Ok(Answer { primal: Arc::clone(f), derivative, places })
}
