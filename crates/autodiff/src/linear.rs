//! Which values are linear in some inputs, and the two transforms that rest on it: `linearize` splits a derivative into
//! what is computed once at a point and a linear map of tangents, `transpose` turns a linear map round.
//!
//! Linear means f(0) = 0 as well: a sum of a linear value and a constant other than 0 is not. The analysis is structural:
//! it knows no algebra beyond its table, and says at which node it lost the thread. Method: Radul, Paszke, Frostig,
//! Johnson, Maclaurin 2023, "You only linearize once"; the split here is a cut through the graph, not a second trace.

use std::sync::Arc;

use graph_core::op::{Binary, Cumulate, Linalg, Op, Reduce, ReduceWindow, Scatter, Unary};
use graph_core::text::known_as;
use graph_core::{CustomRule, Function, Graph, NodeId, walk};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::ends;
use crate::error::Error;
use crate::function;
use crate::leaves;
use crate::reverse;
use crate::rules::fresh_param;

/// How one tensor depends on the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dependence {
    /// Not at all, and it is 0.
    Zero,
    /// Not at all.
    Constant,
    /// Linearly.
    Linear,
    /// In another way, or in one that the analysis does not see through, from this node on (of the function itself; in a
    /// callee, the call).
    Other(NodeId),
}

use Dependence::{Constant, Linear, Other, Zero};

type States = SmallVec<[Dependence; 1]>;

/// How the tensors inside each of `results` depend on those inside `wrt`, taken together.
pub fn dependence(g: &Graph, results: &[NodeId], wrt: &[NodeId]) -> Vec<Vec<Dependence>> {
    let states = |&x: &NodeId| (x, SmallVec::from_elem(Linear, leaves::count(g.ty(x))));
    let found = Analysis::default().states(g, results, wrt.iter().map(states).collect());
    results.iter().map(|y| found[y].to_vec()).collect()
}

/// Every real result is linear in `wrt`, or the first node that is not is named.
pub fn check_linear(g: &Graph, results: &[NodeId], wrt: &[NodeId]) -> Result<(), Error> {
    for (states, &y) in dependence(g, results, wrt).iter().zip(results) {
        for state in states {
            let (at, reason) = match *state {
                Linear | Zero => continue,
                Constant if !ends::is_real(g, y) => continue,
                Constant => (y, "does not become 0 with them"),
                Other(at) => (at, "is not linear in them as far as its op says"),
            };
            return Err(Error::NotLinear { node: known_as(g, at), reason });
        }
    }
    Ok(())
}

/// Callees by identity and by how their arguments depend.
#[derive(Default)]
struct Analysis {
    callees: FxHashMap<(usize, Vec<States>), States>,
}

impl Analysis {
    fn states(
        &mut self,
        g: &Graph,
        results: &[NodeId],
        mut known: FxHashMap<NodeId, States>,
    ) -> FxHashMap<NodeId, States> {
        for id in walk::ancestors(g, results) {
            if known.contains_key(&id) {
                continue;
            }
            let operands: Vec<&States> = g.operands(id).iter().map(|x| &known[x]).collect();
            let states = match g.op(id) {
                Op::Tuple | Op::Record(_) => operands.iter().flat_map(|states| states.iter().copied()).collect(),
                Op::Get(index) => part(g, id, index as usize, operands[0]),
                Op::Call(f) => {
                    let arguments: Vec<States> = operands.into_iter().cloned().collect();
                    self.call(&g[f], arguments, id)
                }
                Op::Sort(_) if operands[0][0] != Constant && operands[0][0] != Zero => {
                    SmallVec::from_elem(Other(id), leaves::count(g.ty(id)))
                }
                // The permutation is constant with the keys.
                Op::Sort(_) => operands.iter().map(|x| x[0]).chain([Constant]).collect(),
                _ => {
                    let of_tensors: SmallVec<[Dependence; 4]> = operands.iter().map(|states| states[0]).collect();
                    SmallVec::from_elem(tensor(g, id, &of_tensors), leaves::count(g.ty(id)))
                }
            };
            known.insert(id, states);
        }
        known
    }

    /// The results of a call. Recursion ends at the nesting limit of calls.
    fn call(&mut self, f: &Arc<Function>, arguments: Vec<States>, at: NodeId) -> States {
        let key = (Arc::as_ptr(f) as usize, arguments);
        if let Some(known) = self.callees.get(&key) {
            return known.iter().map(|state| here(*state, at)).collect();
        }
        let given = f.params().iter().map(|p| p.node).zip(key.1.iter().cloned()).collect();
        let found = match f.rule() {
            // The rule says what it is linear in; the body need not show it.
            Some(CustomRule::Transpose { wrt, .. })
                if key.1.iter().enumerate().all(|(i, x)| is_fixed(x) || wrt.contains(&i)) =>
            {
                let linear = key.1.iter().flatten().any(|&x| x == Linear);
                let count = leaves::count(&f.result_type());
                SmallVec::from_elem(if linear { Linear } else { Constant }, count)
            }
            Some(CustomRule::Jvp(_) | CustomRule::Vjp(_)) if !key.1.iter().all(is_fixed) => {
                SmallVec::from_elem(Other(at), leaves::count(&f.result_type()))
            }
            _ => {
                let states = self.states(f.graph(), f.results(), given);
                f.results().iter().flat_map(|y| states[y].iter().copied()).collect()
            }
        };
        let states = found.iter().map(|state| here(*state, at)).collect();
        self.callees.insert(key, found);
        states
    }
}

fn is_fixed(states: &States) -> bool {
    states.iter().all(|&x| matches!(x, Zero | Constant))
}

/// A node of a callee is no node here: the call stands for it.
fn here(state: Dependence, call: NodeId) -> Dependence {
    match state {
        Other(_) => Other(call),
        state => state,
    }
}

fn part(g: &Graph, get: NodeId, index: usize, states: &States) -> States {
    let whole = g.ty(g.operands(get)[0]);
    let before: usize = (0..index).filter_map(|i| whole.part(i)).map(leaves::count).sum();
    states.iter().skip(before).take(leaves::count(g.ty(get))).copied().collect()
}

/// An op on tensors.
fn tensor(g: &Graph, id: NodeId, x: &[Dependence]) -> Dependence {
    if let Some(&first) = x.iter().find(|x| matches!(x, Other(_))) {
        return first;
    }
    if x.iter().all(|x| matches!(x, Zero | Constant)) {
        let zero = g.known(id) == Some(0.0) || !x.is_empty() && x.iter().all(|&x| x == Zero) && is_sum(g.op(id));
        return if zero { Zero } else { Constant };
    }
    let linear = match g.op(id) {
        op if is_sum(op) => x.iter().all(|&x| x != Constant),
        Op::Select => x[0] == Constant && x[1] != Constant && x[2] != Constant,
        Op::Gather(_) => x[1] != Linear,
        Op::Scatter(Scatter::Set | Scatter::Add, _) => x[0] != Constant && x[1] != Linear && x[2] != Constant,
        Op::Binary(op) => (0..2).any(|i| op.is_linear_in(i) && x[i] == Linear && x[1 - i] != Linear),
        Op::Dot(_) | Op::Conv(_) => x[0] != Linear || x[1] != Linear,
        Op::Linalg(Linalg::Solve) | Op::TriangularSolve(_) => x[0] != Linear,
        _ => false,
    };
    if linear { Linear } else { Other(id) }
}

/// Whether the op is linear in all its operands together.
fn is_sum(op: Op) -> bool {
    match op {
        Op::Unary(Unary::Neg) | Op::Binary(Binary::Add | Binary::Sub) | Op::Concat(_) | Op::Pad(_) => true,
        Op::Broadcast(_) | Op::Reshape(_) | Op::Permute(_) | Op::Slice(_) | Op::Reverse(_) => true,
        Op::Reduce(Reduce::Sum, _) | Op::Cumulate(Cumulate::Sum, _) | Op::ReduceWindow(ReduceWindow::Sum, _) => true,
        Op::Cast(dtype) => dtype.is_float(),
        _ => false,
    }
}

/// `f.transpose`: for f linear in the parameters `wrt` together, the other parameters, then a cotangent `ct` for each result,
/// to one result for each of `wrt`: ⟨ct, f(x)⟩ = ⟨f.transpose(ct), x⟩.
///
/// # Errors
/// [`Error::NotLinear`] with the node that is not linear.
pub fn transpose(f: &Arc<Function>, wrt: &[usize]) -> Result<Arc<Function>, Error> {
    let (mut g, inputs, results) = function::open(f, wrt)?;
    ends::check_real(&g, results.iter().chain(&inputs).copied())?;
    if let Some(&x) = inputs.iter().find(|&&x| *g.ty(x) != g.ty(x).cotangent()) {
        return Err(Error::NotLinear { node: known_as(&g, x), reason: "has integers or truth values in it" });
    }
    check_linear(&g, &results, &inputs)?;
    let mut seeds = Vec::new();
    for &y in &results {
        let ty = g.ty(y).cotangent();
        seeds.push((y, fresh_param(&mut g, "ct", ty)?));
    }
    let adjoints = reverse(&mut g, &seeds, &inputs)?;
    let results = function::with_zeros(&mut g, adjoints, &inputs);
    let mut target = Graph::new();
    let mut given = Vec::new();
    for param in g.params() {
        // Adjoints of a linear function do not depend on its arguments, though nodes may: a permutation comes out of the
        // same sort as what is permuted.
        let image = match inputs.contains(&param.node) {
            true => leaves::join(&mut target, g.ty(param.node), &mut std::iter::repeat(None)),
            false => target.param(&param.name, g.ty(param.node).clone())?,
        };
        given.push((param.node, image));
    }
    let results = walk::copy(&g, &results, &mut target, &given);
    Ok(Arc::new(Function::new(&format!("{}.transpose", f.name()), &target, &results)?))
}

/// A function split at a point.
#[derive(Clone, Debug)]
pub struct Linearized {
    /// Parameters of f to its results, then the residuals: what the linear part needs of the point.
    pub primal: Arc<Function>,
    /// Residuals, then a tangent `dx` for each x in `wrt`, to the tangent of each result; linear in the tangents.
    pub linear: Arc<Function>,
}

/// f at a point, and its derivative there as a linear function: `linear` can be called for many tangents, and transposed,
/// while the work that depends on the point alone is done once, in `primal`.
pub fn linearize(f: &Arc<Function>, wrt: &[usize]) -> Result<Linearized, Error> {
    let jvp = function::jvp(f, wrt)?;
    let (g, count) = (jvp.graph(), f.params().len());
    let tangents: Vec<NodeId> = g.params()[count..].iter().map(|p| p.node).collect();
    let residuals = residuals(g, jvp.results(), &tangents);
    let (mut opened, params, mut results) = function::open(f, &(0..count).collect::<Vec<_>>())?;
    let given: Vec<(NodeId, NodeId)> = g.params().iter().map(|p| p.node).zip(params).collect();
    results.extend(walk::copy(g, &residuals, &mut opened, &given));
    let primal = Arc::new(Function::new(&format!("{}.primal", f.name()), &opened, &results)?);

    let mut target = Graph::new();
    let mut given = Vec::new();
    for (index, &residual) in residuals.iter().enumerate() {
        given.push((residual, target.param(&format!("r{index}"), g.ty(residual).clone())?));
    }
    for param in &g.params()[count..] {
        let ty = g.ty(param.node).clone();
        given.push((param.node, fresh_param(&mut target, &param.name, ty)?));
    }
    let results = walk::copy(g, jvp.results(), &mut target, &given);
    let linear = Arc::new(Function::new(&format!("{}.linear", f.name()), &target, &results)?);
    Ok(Linearized { primal, linear })
}

/// The values that a linear map needs of the point: operands of what depends on the tangents that do not themselves. What
/// only moves or repeats another value, and what depends on nothing, is left to the linear map.
fn residuals(g: &Graph, results: &[NodeId], tangents: &[NodeId]) -> Vec<NodeId> {
    let piece = walk::ancestors(g, results);
    let (mut follows, mut fixed) = (FxHashSet::from_iter(tangents.iter().copied()), FxHashSet::default());
    let mut wanted: Vec<NodeId> = Vec::new();
    for &id in &piece {
        let operands = g.operands(id);
        if operands.iter().any(|x| follows.contains(x)) {
            follows.insert(id);
            wanted.extend(operands.iter().filter(|x| !follows.contains(x)));
        } else if !matches!(g.op(id), Op::Param(_)) && operands.iter().all(|x| fixed.contains(x)) {
            fixed.insert(id);
        }
    }
    wanted.extend(results.iter().filter(|y| !follows.contains(y)));
    let (mut found, mut seen) = (Vec::new(), FxHashSet::default());
    while let Some(id) = wanted.pop() {
        if fixed.contains(&id) || !seen.insert(id) {
            continue;
        }
        match g.op(id) {
            Op::Broadcast(_) | Op::Reshape(_) | Op::Permute(_) => wanted.extend(g.operands(id)),
            _ => found.push(id),
        }
    }
    found.sort_unstable_by_key(|id| id.index());
    found
}
