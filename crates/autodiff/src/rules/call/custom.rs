//! Calls of functions with a derivative of their own. Whichever direction the rule is given for, the other is its
//! transpose, so every rule works in both modes; and because a rule is a function, at every order.

use std::sync::Arc;

use graph_core::op::Op;
use graph_core::{CustomRule, Function, Graph, NodeId};
use smallvec::SmallVec;

use super::{counts, guarded, push_body};
use crate::error::Error;
use crate::leaves;
use crate::linear;
use crate::masked::Masked;
use crate::rules::{Context, LeafValues, attribute};

/// A function and its rule.
type Ruled<'f> = (&'f Arc<Function>, &'f CustomRule);

/// Sends the cotangents that the rule gives; returns which operands are still wanted, by the body.
pub fn pull(
    cx: &mut Context,
    g: &mut Graph,
    y: NodeId,
    (f, rule): Ruled<'_>,
    ct: &LeafValues,
    wanted: &[bool],
    send: &mut dyn FnMut(&mut Graph, usize, usize, Masked),
) -> Result<Vec<bool>, Error> {
    let (by_rule, transposed): (Vec<usize>, Arc<Function>) = match rule {
        CustomRule::Jvp(jvp) => (real_params(f), turned(cx, jvp, f.params().len())?),
        CustomRule::Vjp(vjp) => (real_params(f), Arc::clone(vjp)),
        CustomRule::Transpose { wrt, function } => (wrt.clone(), Arc::clone(function)),
    };
    let by_body = (0..wanted.len()).map(|i| wanted[i] && !by_rule.contains(&i)).collect();
    if !by_rule.iter().any(|&i| wanted[i]) {
        return Ok(by_body);
    }
    attribute(cx, g, y, 0);
    let guard = counts(g, ct.iter().flatten());
    let results = results(g, y, f);
    let mut arguments: Vec<NodeId> = match rule {
        CustomRule::Jvp(_) => g.operands_vec(y).to_vec(),
        CustomRule::Vjp(_) => g.operands_vec(y).iter().chain(&results).copied().collect(),
        CustomRule::Transpose { wrt, .. } => {
            g.operands_vec(y).iter().enumerate().filter(|(i, _)| !wrt.contains(i)).map(|(_, &x)| x).collect()
        }
    };
    let mut incoming = ct.iter();
    for &result in &results {
        arguments.extend(joined(g, &mut incoming, result));
    }
    let adjoints = apply(g, &transposed, &arguments);
    for (&operand, adjoint) in by_rule.iter().zip(adjoints).filter(|(operand, _)| wanted[**operand]) {
        attribute(cx, g, y, operand);
        for (leaf, value) in leaves::split(g, adjoint, f.param_type(operand)).into_iter().enumerate() {
            if let Some(value) = value {
                let value = guarded(g, value, guard);
                send(g, operand, leaf, value);
            }
        }
    }
    Ok(by_body)
}

/// The tangents of the results.
pub fn push(
    cx: &mut Context,
    g: &mut Graph,
    y: NodeId,
    (f, rule): Ruled<'_>,
    dx: &[&[Option<Masked>]],
) -> Result<LeafValues, Error> {
    let operands = g.operands_vec(y);
    let results = results(g, y, f);
    let (by_rule, pushed, mut arguments): (Vec<usize>, Arc<Function>, Vec<NodeId>) = match rule {
        CustomRule::Jvp(jvp) => (real_params(f), Arc::clone(jvp), operands.to_vec()),
        CustomRule::Vjp(vjp) => {
            let arguments: Vec<NodeId> = operands.iter().chain(&results).copied().collect();
            (real_params(f), turned(cx, vjp, arguments.len())?, arguments)
        }
        CustomRule::Transpose { wrt, .. } => (wrt.clone(), Arc::clone(f), operands.to_vec()),
    };
    let mut tangents: LeafValues = SmallVec::from_elem(None, leaves::count(g.ty(y)));
    let has_tangent = |i: usize| dx[i].iter().any(Option::is_some);
    if by_rule.iter().any(|&i| has_tangent(i)) {
        let guard = counts(g, by_rule.iter().flat_map(|&i| dx[i].iter().flatten()));
        for &i in &by_rule {
            let none = SmallVec::<[Option<Masked>; 1]>::from_elem(None, leaves::count(f.param_type(i)));
            let own = if dx[i].is_empty() { &none[..] } else { dx[i] };
            let tangent = joined(g, &mut own.iter(), operands[i]).expect("the parameters of a rule are real");
            match rule {
                CustomRule::Transpose { .. } => arguments[i] = tangent,
                CustomRule::Jvp(_) | CustomRule::Vjp(_) => arguments.push(tangent),
            }
        }
        let mut found = apply(g, &pushed, &arguments).into_iter();
        let mut leaf = 0;
        for &result in &results {
            let ty = g.ty(result).clone();
            let count = leaves::count(&ty);
            // A function that is linear itself returns all its results.
            let is_given = ty.has_float() || matches!(rule, CustomRule::Transpose { .. });
            if let Some(tangent) = is_given.then(|| found.next()).flatten() {
                for (at, value) in leaves::split(g, tangent, &ty).into_iter().enumerate() {
                    tangents[leaf + at] = value.map(|value| guarded(g, value, guard));
                }
            }
            leaf += count;
        }
    }
    if (0..dx.len()).any(|i| has_tangent(i) && !by_rule.contains(&i)) {
        let others: Vec<&[Option<Masked>]> =
            dx.iter().enumerate().map(|(i, leaves)| if by_rule.contains(&i) { &[] } else { *leaves }).collect();
        for (sum, other) in tangents.iter_mut().zip(push_body(cx, g, y, f, &others)?) {
            *sum = match (*sum, other) {
                (Some(sum), Some(other)) => Some(sum.plus(g, other)),
                (one, other) => one.or(other),
            };
        }
    }
    Ok(tangents)
}

fn real_params(f: &Function) -> Vec<usize> {
    (0..f.params().len()).filter(|&i| f.param_type(i).has_float()).collect()
}

/// The rule with its last parameters, from the first of them on, and its results exchanged.
fn turned(cx: &mut Context, rule: &Arc<Function>, first: usize) -> Result<Arc<Function>, Error> {
    let key = Arc::as_ptr(rule) as usize;
    if let Some([_, known]) = cx.calls.transposed.get(&key) {
        return Ok(Arc::clone(known));
    }
    let wrt: Vec<usize> = (first..rule.params().len()).collect();
    let turned = linear::transpose(rule, &wrt)?;
    cx.calls.transposed.insert(key, [Arc::clone(rule), Arc::clone(&turned)]);
    Ok(turned)
}

/// The results of a call, one by one.
fn results(g: &mut Graph, call: NodeId, f: &Function) -> Vec<NodeId> {
    match f.results().len() {
        1 => vec![call],
        count => (0..count).map(|i| g.get(call, i)).collect(),
    }
}

/// The results of a function on arguments.
fn apply(g: &mut Graph, f: &Arc<Function>, arguments: &[NodeId]) -> Vec<NodeId> {
    let callee = g.add_function(f);
    let call = g.node(Op::Call(callee), arguments);
    results(g, call, f)
}

/// A derivative with the structure of `like`, from as many leaves; `None` if nothing in it is real.
fn joined<'m>(g: &mut Graph, leaves: &mut impl Iterator<Item = &'m Option<Masked>>, like: NodeId) -> Option<NodeId> {
    let ty = g.ty(like).clone();
    let own: Vec<Option<NodeId>> = leaves.take(leaves::count(&ty)).map(|leaf| leaf.map(|d| d.settle(g))).collect();
    ty.has_float().then(|| leaves::join(g, &ty, &mut own.into_iter()))
}
