//! Memory against time: a function whose reverse mode keeps chosen values and computes the rest again.
//!
//! The kept values become results of the function, and its adjoint takes results: so they live from the one to the other,
//! and nothing else does. Method: Griewank and Walther, Evaluating Derivatives (2008), ch. 12.

use std::sync::Arc;

use graph_core::{CustomRule, Function, Graph, NodeId, Opcode, walk};

use crate::error::Error;
use crate::function::{open, real_params, with_zeros};
use crate::reverse;
use crate::rules::fresh_param;

/// `f.kept`: parameters of f to its results, then the values inside whose op is one to `keep`, with a rule that computes
/// the adjoint from parameters and results.
pub fn checkpoint(f: &Arc<Function>, keep: impl Fn(Opcode) -> bool) -> Result<Arc<Function>, Error> {
    let params = f.params().len();
    let (mut g, inputs, mut results) = open(f, &(0..params).collect::<Vec<_>>())?;
    let inside = walk::ancestors(&g, &results);
    let kept: Vec<NodeId> = inside.into_iter().filter(|id| keep(g.op(*id).code()) && !results.contains(id)).collect();
    results.extend(&kept);
    let saving = Function::new(&format!("{}.kept", f.name()), &g, &results)?;

    let mut copies = Vec::new();
    for &y in &results {
        let ty = g.ty(y).clone();
        copies.push(fresh_param(&mut g, "y", ty)?);
    }
    let mut seeds = Vec::new();
    for &y in results.iter().filter(|&&y| g.ty(y).has_float()).collect::<Vec<_>>() {
        let ty = g.ty(y).cotangent();
        seeds.push((y, fresh_param(&mut g, "ct", ty)?));
    }
    let wrt: Vec<NodeId> = real_params(f).into_iter().map(|i| inputs[i]).collect();
    let adjoints = reverse(&mut g, &seeds, &wrt)?;
    let adjoints = with_zeros(&mut g, adjoints, &wrt);
    let vjp = reading(&g, &format!("{}.vjp", f.name()), &adjoints, results.iter().copied().zip(copies))?;
    Ok(Arc::new(saving.with_rule(CustomRule::Vjp(vjp))?))
}

/// The function that reads these nodes from parameters and computes them nowhere.
fn reading(
    g: &Graph,
    name: &str,
    results: &[NodeId],
    read: impl Iterator<Item = (NodeId, NodeId)>,
) -> Result<Arc<Function>, Error> {
    let (mut target, mut given) = walk::with_params(g);
    for (value, param) in read {
        let image = given.iter().find(|(own, _)| *own == param).map(|&(_, image)| image);
        given.push((value, image.expect("it is a parameter of the graph")));
    }
    let results = walk::copy(g, results, &mut target, &given);
    Ok(Arc::new(Function::new(name, &target, &results)?))
}
