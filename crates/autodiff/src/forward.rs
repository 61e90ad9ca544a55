//! Forward mode: tangents flow from inputs to results, oldest node first.
//!
//! Method: Griewank and Walther, Evaluating Derivatives (2008), §3.1, with the tangents recorded as nodes.

use graph_core::provenance::Origin;
use graph_core::{Graph, NodeId};
use smallvec::SmallVec;

use crate::absent::Derivative;
use crate::ends::{self, Seed};
use crate::error::Error;
use crate::masked::Masked;
use crate::paths;
use crate::piece::Piece;
use crate::rules::{self, Context, LeafValues};

/// Extends `g` by the tangents of `results`: for inputs x with tangents ẋ (of the [`graph_core::Type::cotangent`] type of x) the sum
/// Σ ∂y/∂x·ẋ. Each tangent has the structure of its result.
///
/// # Errors
/// If a result or input has no real numbers in it (all are listed), or a tangent has the wrong type.
pub fn forward(g: &mut Graph, results: &[NodeId], inputs: &[(NodeId, NodeId)]) -> Result<Vec<Derivative>, Error> {
    ends::check_real(g, results.iter().copied().chain(inputs.iter().map(|&(x, _)| x)))?;
    ends::check_distinct(g, inputs)?;
    let mut seeds = Vec::new();
    for &(x, dx) in inputs {
        seeds.extend(ends::seeds(g, x, dx)?);
    }
    let tangents = sweep(&mut Context::default(), g, results, &seeds)?;
    g.set_origin(Origin::default());
    let xs: Vec<NodeId> = inputs.iter().map(|&(x, _)| x).collect();
    let mut derivatives = Vec::new();
    for (&y, leaves) in results.iter().zip(tangents) {
        derivatives.push(ends::finish(g, y, &leaves, |g| paths::absence(g, &[y], &xs)));
    }
    Ok(derivatives)
}

/// Forward mode node by node, for callers that keep several tangents of each node apart.
#[derive(Default)]
pub struct Steps(Context);

impl Steps {
    /// For tangents of these results.
    pub fn new(g: &Graph, results: &[NodeId]) -> Steps {
        let piece = Piece::new(g, results);
        Steps(Context { order: rules::next_order(g, piece.nodes()), ..Context::default() })
    }

    /// Extends `g` by the tangent of a node on tensors, given those of its operands.
    ///
    /// # Errors
    /// If the op has no rule for it.
    pub fn push(&mut self, g: &mut Graph, y: NodeId, dx: &[Option<Masked>]) -> Result<Option<Masked>, Error> {
        let dx: SmallVec<[&[Option<Masked>]; 4]> = dx.iter().map(std::slice::from_ref).collect();
        Ok(rules::push(&mut self.0, g, y, &dx)?[0])
    }
}

/// The tangents of `results`, leaf by leaf.
pub(crate) fn sweep(
    cx: &mut Context,
    g: &mut Graph,
    results: &[NodeId],
    seeds: &[Seed],
) -> Result<Vec<LeafValues>, Error> {
    let piece = Piece::new(g, results);
    cx.order = rules::next_order(g, piece.nodes());
    sweep_piece(cx, g, &piece, results, seeds)
}

/// [`sweep`] as part of a rule: what it builds has the order of the sweep that the rule serves, which `cx` holds.
pub(crate) fn sweep_within(
    cx: &mut Context,
    g: &mut Graph,
    results: &[NodeId],
    seeds: &[Seed],
) -> Result<Vec<LeafValues>, Error> {
    let piece = Piece::new(g, results);
    sweep_piece(cx, g, &piece, results, seeds)
}

fn sweep_piece(
    cx: &mut Context,
    g: &mut Graph,
    piece: &Piece,
    results: &[NodeId],
    seeds: &[Seed],
) -> Result<Vec<LeafValues>, Error> {
    let mut table: Vec<Option<Masked>> = vec![None; piece.leaves()];
    let mut seeded = vec![false; piece.nodes().len()];
    for &(node, leaf, dx) in seeds {
        if let Some(position) = piece.position(node) {
            seeded[position] = true;
            table[piece.slots(position).start + leaf] = Some(dx);
        }
    }
    for (position, &y) in piece.nodes().iter().enumerate() {
        let places: SmallVec<[Option<usize>; 4]> = g.operands(y).iter().map(|&x| piece.position(x)).collect();
        if !ends::is_real(g, y) {
            continue;
        }
        let dx: SmallVec<[&[Option<Masked>]; 4]> =
            places.iter().map(|place| place.map_or(&[][..], |at| &table[piece.slots(at)])).collect();
        if dx.iter().all(|leaves| leaves.iter().all(Option::is_none)) {
            continue;
        }
        let tangents = rules::push(cx, g, y, &dx)?;
        drop(dx);
        for (slot, tangent) in piece.slots(position).zip(tangents) {
            table[slot] = match (table[slot].filter(|_| seeded[position]), tangent) {
                (Some(seed), Some(tangent)) => Some(seed.plus(g, tangent)),
                (one, other) => one.or(other),
            };
        }
    }
    let tangent = |&y: &NodeId| piece.position(y).map(|at| SmallVec::from_slice(&table[piece.slots(at)]));
    Ok(results.iter().map(|y| tangent(y).expect("results are in the piece")).collect())
}
