//! Taylor mode: truncated power series flow from inputs to results, all orders at once.
//!
//! With x(t) given as a series, y(t) = f(x(t)) satisfies y' = p·x' with p the partial of f, so its coefficients are
//! n·yₙ = Σ k·xₖ·pₙ₋ₖ. The partial is an ordinary node whose own series is needed to one order less, and so on: the
//! recursion ends because the order falls, and stays small because partials are interned (cos is the partial of sin, and
//! −sin that of cos). Cost grows with the square of the order, where nested sweeps grow exponentially. Method: Griewank
//! and Walther, Evaluating Derivatives (2008), ch. 13; the step from partials to series is CasADi's rule idea one order up.

use graph_core::op::{Op, Unary};
use graph_core::provenance::Origin;
use graph_core::smallvec::SmallVec;
use graph_core::{Graph, NodeId, walk};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::absent::Derivative;
use crate::class::{Class, class};
use crate::ends;
use crate::error::{Error, Missing};
use crate::forward;
use crate::inline::inline;
use crate::leaves;
use crate::masked::Masked;
use crate::paths;
use crate::rules::linalg;
use crate::rules::series::{self, Partials};
use crate::rules::{Context, LeafValues};

/// Highest order of a series. A node has up to order²/2 terms, so beyond this a mistyped order would never end.
pub const MAX_SERIES_ORDER: usize = 1000;

/// Extends `g` by Taylor coefficients: for x(t) = x + ẋ·t with the inputs (x, ẋ) the coefficients y₁, …, y_order of each
/// result, y(t) = y + Σ yₖ·tᵏ. The k-th derivative along ẋ is k!·yₖ.
///
/// # Errors
/// If a result or input has no real numbers in it, a direction has the wrong type, or calls (which are inlined) grow
/// beyond the limit, or the order is beyond [`MAX_SERIES_ORDER`].
pub fn taylor(
    g: &mut Graph,
    results: &[NodeId],
    inputs: &[(NodeId, NodeId)],
    order: usize,
) -> Result<Vec<Vec<Derivative>>, Error> {
    if order > MAX_SERIES_ORDER {
        return Err(Error::Order { order, limit: MAX_SERIES_ORDER });
    }
    ends::check_real(g, results.iter().copied().chain(inputs.iter().map(|&(x, _)| x)))?;
    ends::check_distinct(g, inputs)?;
    let mut seeds: FxHashMap<NodeId, LeafValues> = FxHashMap::default();
    for &(x, dx) in inputs {
        let count = leaves::count(g.ty(x));
        let entry = seeds.entry(x).or_insert_with(|| SmallVec::from_elem(None, count));
        for (_, leaf, d) in ends::seeds(g, x, dx)? {
            entry[leaf] = Some(d);
        }
    }
    fix(g, &mut seeds);
    let inlined = inline(g, results, |id| seeds.contains_key(&id))?;
    let plan = Plan::new(g, &inlined, &seeds, order)?;
    let series = plan.coefficients(g, &seeds, order);
    g.set_origin(Origin::default());
    let xs: Vec<NodeId> = inputs.iter().map(|&(x, _)| x).collect();
    let mut derivatives = Vec::new();
    for (&y, inlined) in results.iter().zip(&inlined) {
        let of_y = (0..order).map(|k| match series.get(inlined) {
            Some(coefficients) => coefficients[k].clone(),
            None => SmallVec::from_elem(None, leaves::count(g.ty(y))),
        });
        let of_y: Vec<LeafValues> = of_y.collect();
        let finish = |leaves: &LeafValues| ends::finish(g, y, leaves, |g| paths::absence(g, &[y], &xs));
        derivatives.push(of_y.iter().map(finish).collect());
    }
    Ok(derivatives)
}

/// The line along which a series runs is straight: a direction that depends on the inputs is what it is at this point, also
/// where the tangent of a tangent is taken.
fn fix(g: &mut Graph, seeds: &mut FxHashMap<NodeId, LeafValues>) {
    let directions: Vec<NodeId> = seeds.values().flatten().flatten().map(|direction| direction.value).collect();
    let mut moving: FxHashSet<NodeId> = FxHashSet::default();
    for id in walk::ancestors(g, &directions) {
        if seeds.contains_key(&id) || g.operands(id).iter().any(|x| moving.contains(x)) {
            moving.insert(id);
        }
    }
    for direction in seeds.values_mut().flatten().flatten().filter(|direction| moving.contains(&direction.value)) {
        direction.value = g.unary(Unary::StopGradient, direction.value);
    }
}

/// For each node that depends on the inputs and that a result needs: to which order its series is needed, and the nodes
/// of its partials.
struct Plan {
    /// Oldest first.
    nodes: Vec<(NodeId, usize, Partials)>,
}

/// Coefficients 1, 2, … of a node, leaf by leaf.
type Series = FxHashMap<NodeId, Vec<LeafValues>>;

impl Plan {
    /// Order by order, from the highest down: what the nodes of this order need, and the partials that they need to one
    /// order less.
    fn new(
        g: &mut Graph,
        results: &[NodeId],
        seeds: &FxHashMap<NodeId, LeafValues>,
        order: usize,
    ) -> Result<Plan, Error> {
        let mut depends: FxHashMap<NodeId, bool> = seeds.keys().map(|&x| (x, true)).collect();
        let mut planned: FxHashSet<NodeId> = FxHashSet::default();
        let mut nodes = Vec::new();
        let mut missing = Vec::new();
        let mut frontier: Vec<NodeId> = results.to_vec();
        let mut cx = Context::default();
        for order in (1..=order).rev() {
            let piece = walk::ancestors(g, &frontier);
            cx.order = crate::rules::next_order(g, &piece);
            frontier.clear();
            let mut fresh = Vec::new();
            for id in piece {
                let does = depends.get(&id).copied().unwrap_or_else(|| depends_on_operands(g, id, &depends));
                depends.insert(id, does);
                if does && planned.insert(id) {
                    fresh.push(id);
                }
            }
            let mut tangents = tangents(&mut cx, g, &fresh, seeds)?;
            for id in fresh {
                let partials = match (seeds.contains_key(&id), tangents.remove(&id)) {
                    (true, _) => Partials::default(),
                    (false, Some(tangents)) => tangents,
                    (false, None) => {
                        series::partials(&cx, g, id, |x| depends.get(&x) == Some(&true)).unwrap_or_else(|op| {
                            missing.push(Missing::NotImplemented { node: id, op });
                            Partials::default()
                        })
                    }
                };
                frontier.extend(partials.iter().flatten());
                nodes.push((id, order, partials));
            }
        }
        nodes.sort_unstable_by_key(|(id, ..)| id.index());
        if missing.is_empty() { Ok(Plan { nodes }) } else { Err(Error::Missing(missing)) }
    }

    fn coefficients(&self, g: &mut Graph, seeds: &FxHashMap<NodeId, LeafValues>, order: usize) -> Series {
        let mut series: Series = self.nodes.iter().map(|(id, ..)| (*id, Vec::new())).collect();
        let mut cx = Context::default();
        for n in 1..=order {
            for (id, _, partials) in self.nodes.iter().filter(|(_, needed, _)| *needed >= n) {
                let coefficient = match seeds.get(id) {
                    Some(dx) if n == 1 => dx.clone(),
                    Some(dx) => SmallVec::from_elem(None, dx.len()),
                    None => {
                        cx.order = g.derived(*id).map_or(0, |d| d.order).saturating_add(n.min(255) as u8);
                        series::coefficient(&mut cx, g, *id, n, partials, &Coefficients(&series))
                    }
                };
                series.get_mut(id).expect("every planned node has a series").push(coefficient);
            }
        }
        series
    }
}

/// The tangents of those nodes whose coefficients follow from them, by one sweep.
fn tangents(
    cx: &mut Context,
    g: &mut Graph,
    nodes: &[NodeId],
    seeds: &FxHashMap<NodeId, LeafValues>,
) -> Result<FxHashMap<NodeId, Partials>, Error> {
    let follow = |id: &NodeId| follows_tangent(g, *id) && !seeds.contains_key(id);
    let wanted: Vec<NodeId> = nodes.iter().copied().filter(follow).collect();
    if wanted.is_empty() {
        return Ok(FxHashMap::default());
    }
    let mut inputs: Vec<_> = seeds.iter().collect();
    inputs.sort_unstable_by_key(|(id, _)| id.index());
    let leaves = |(&id, leaves): (&NodeId, &LeafValues)| -> Vec<ends::Seed> {
        leaves.iter().enumerate().filter_map(|(leaf, d)| Some((id, leaf, (*d)?))).collect()
    };
    let inputs: Vec<ends::Seed> = inputs.into_iter().flat_map(leaves).collect();
    let order = cx.order;
    let found = forward::sweep(cx, g, &wanted, &inputs)?;
    cx.order = order;
    let settled = |leaves: LeafValues| leaves.into_iter().map(|leaf| leaf.map(|d| d.settle(g))).collect();
    let mut settled: Vec<Partials> = found.into_iter().map(settled).collect();
    inline_all(g, &mut settled, seeds)?;
    Ok(wanted.into_iter().zip(settled).collect())
}

/// Calls in tangents go, as calls in the program do; directions stay what they are.
fn inline_all(g: &mut Graph, tangents: &mut [Partials], seeds: &FxHashMap<NodeId, LeafValues>) -> Result<(), Error> {
    let nodes: Vec<NodeId> = tangents.iter().flatten().flatten().copied().collect();
    let directions: FxHashSet<NodeId> = seeds.values().flatten().flatten().map(|direction| direction.value).collect();
    let mut inlined = inline(g, &nodes, |id| seeds.contains_key(&id) || directions.contains(&id))?.into_iter();
    for tangent in tangents.iter_mut().flatten().flatten() {
        *tangent = inlined.next().expect("one image for each node");
    }
    Ok(())
}

/// Whether the coefficients of a node follow from the series of its tangent, y' = J·x', and not from a rule of their own.
fn follows_tangent(g: &Graph, id: NodeId) -> bool {
    linalg::follows_tangent(g.op(id).code()) || matches!(g.op(id), Op::Call(_))
}

fn depends_on_operands(g: &Graph, id: NodeId, depends: &FxHashMap<NodeId, bool>) -> bool {
    class(g.op(id).code()) != Class::Zero
        && ends::is_real(g, id)
        && g.operands(id).iter().any(|x| depends.get(x) == Some(&true))
}

/// The coefficients so far, for rules.
pub(crate) struct Coefficients<'s>(&'s Series);

impl Coefficients<'_> {
    /// Coefficient k ≥ 1 of a tensor; `None` if it is zero.
    pub fn tensor(&self, id: NodeId, k: usize) -> Option<Masked> {
        self.leaves(id, k).and_then(|leaves| leaves[0])
    }

    /// Coefficient k ≥ 1 of every tensor inside a node; `None` if the node does not depend on the inputs.
    pub fn leaves(&self, id: NodeId, k: usize) -> Option<&[Option<Masked>]> {
        self.0.get(&id).map(|series| &series[k - 1][..])
    }
}
