//! Reverse mode: cotangents flow from results to inputs, newest node first.
//!
//! Age order is a topological order, so one walk over the ancestors of the results suffices. Only nodes on a path from
//! an input to a result get an adjoint. Method: Griewank and Walther, Evaluating Derivatives (2008), §3.2, with the
//! reverse sweep recorded as nodes.

use graph_core::provenance::Origin;
use graph_core::{Graph, NodeId, Op};
use smallvec::SmallVec;

use crate::absent::Derivative;
use crate::class::{Class, class};
use crate::ends::{self, Seed};
use crate::error::Error;
use crate::masked::Masked;
use crate::parts::Parts;
use crate::paths;
use crate::piece::Piece;
use crate::rules::{self, Context, LeafValues};

/// Extends `g` by the adjoints of `wrt`: for each result y with cotangent ȳ (of the [`graph_core::Type::cotangent`] type of y) the
/// sum Σ ȳ·∂y/∂x. Each adjoint has the structure of its input.
///
/// # Errors
/// If a result or input has no real numbers in it (all are listed), or a cotangent has the wrong type.
pub fn reverse(g: &mut Graph, results: &[(NodeId, NodeId)], wrt: &[NodeId]) -> Result<Vec<Derivative>, Error> {
    let roots: Vec<NodeId> = results.iter().map(|&(y, _)| y).collect();
    ends::check_real(g, roots.iter().chain(wrt).copied())?;
    let mut seeds = Vec::new();
    for &(y, ct) in results {
        seeds.extend(ends::seeds(g, y, ct)?);
    }
    let adjoints = sweep(&mut Context::default(), g, &seeds, wrt)?;
    g.set_origin(Origin::default());
    let finish = |(&x, leaves): (&NodeId, LeafValues)| ends::finish(g, x, &leaves, |g| paths::absence(g, &roots, &[x]));
    Ok(wrt.iter().zip(adjoints).map(finish).collect())
}

/// The gradient of one real number: [`reverse`] with cotangent 1.
///
/// # Errors
/// Those of [`reverse`], and [`Error::NotScalar`].
pub fn gradient(g: &mut Graph, y: NodeId, wrt: &[NodeId]) -> Result<Vec<Derivative>, Error> {
    ends::check_real(g, std::iter::once(y).chain(wrt.iter().copied()))?;
    if g.ty(y).as_tensor().is_none_or(|t| t.shape.rank() > 0) {
        return Err(Error::NotScalar { found: g.ty(y).to_string() });
    }
    let one = g.splat_like(1.0, y);
    reverse(g, &[(y, one)], wrt)
}

/// The adjoints of `wrt`, leaf by leaf.
pub(crate) fn sweep(cx: &mut Context, g: &mut Graph, seeds: &[Seed], wrt: &[NodeId]) -> Result<Vec<LeafValues>, Error> {
    let roots: Vec<NodeId> = seeds.iter().map(|seed| seed.0).collect();
    let piece = Piece::new(g, &roots);
    let active = active(g, &piece, wrt);
    cx.order = rules::next_order(g, piece.nodes());
    let mut table: Vec<Option<Masked>> = vec![None; piece.leaves()];
    for &(node, leaf, ct) in seeds {
        let position = piece.position(node).expect("results are in the piece");
        accumulate(g, &mut table[piece.slots(position).start + leaf], ct);
    }
    let mut parts = Parts::default();
    for position in (0..piece.nodes().len()).rev() {
        let y = piece.nodes()[position];
        let slots = piece.slots(position);
        for slot in slots.clone() {
            for ct in parts.take(cx, g, slot) {
                accumulate(g, &mut table[slot], ct);
            }
        }
        if !active[position] || table[slots.clone()].iter().all(Option::is_none) {
            continue;
        }
        let ct: LeafValues = SmallVec::from_slice(&table[slots]);
        let operands = g.operands_vec(y);
        if let (Op::Slice(_), Some(ct)) = (g.op(y), ct[0]) {
            let place = piece.position(operands[0]).filter(|&at| active[at]);
            place.into_iter().for_each(|at| parts.push(piece.slots(at).start, y, ct));
            continue;
        }
        let places: SmallVec<[Option<usize>; 4]> =
            operands.iter().map(|&x| piece.position(x).filter(|&at| active[at])).collect();
        let wanted: SmallVec<[bool; 4]> = places.iter().map(Option::is_some).collect();
        let mut send = |g: &mut Graph, operand: usize, leaf: usize, ct: Masked| {
            if let Some(place) = places[operand] {
                accumulate(g, &mut table[piece.slots(place).start + leaf], ct);
            }
        };
        rules::pull(cx, g, y, &ct, &wanted, &mut send)?;
    }
    let adjoint = |&x: &NodeId| match piece.position(x) {
        Some(position) => SmallVec::from_slice(&table[piece.slots(position)]),
        None => SmallVec::from_elem(None, crate::leaves::count(g.ty(x))),
    };
    Ok(wrt.iter().map(adjoint).collect())
}

fn accumulate(g: &mut Graph, slot: &mut Option<Masked>, ct: Masked) {
    *slot = Some(match *slot {
        Some(sum) => sum.plus(g, ct),
        None => ct,
    });
}

/// For each node of the piece, whether a real value of it depends smoothly on `wrt`.
fn active(g: &Graph, piece: &Piece, wrt: &[NodeId]) -> Vec<bool> {
    let mut active = vec![false; piece.nodes().len()];
    for position in wrt.iter().filter_map(|&x| piece.position(x)) {
        active[position] = true;
    }
    for (position, &id) in piece.nodes().iter().enumerate() {
        let depends = |&x: &NodeId| piece.position(x).is_some_and(|at| active[at]);
        if !active[position] && class(g.op(id).code()) != Class::Zero && ends::is_real(g, id) {
            active[position] = g.operands(id).iter().any(depends);
        }
    }
    active
}
