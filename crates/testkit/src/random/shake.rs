//! How well the numbers of a program are determined: by the same program with every real number in it moved by a few
//! ulps, which is what another order of its operations may do.

use std::sync::Arc;

use graph_core::op::{Binary, Compare, Unary};
use graph_core::{DType, Function, Graph, NodeId, NodeMap, Op, walk};

use super::explain::{ROUNDINGS, ULPS, apart};
use super::machine::Machine;

/// Programs with numbers moved that are tried; behind them one in which numbers as near as that count as equal.
const ROUNDS: usize = 6;

/// Whether the numbers move as far as this, up to a factor, when those inside do.
pub fn is_undetermined(f: &Arc<Function>, inputs: &[f64], distance: f64) -> bool {
    let run = |f: &Arc<Function>| Machine::new(f).ok().map(|mut machine| machine.run(inputs));
    let Some((f, plain)) = inlined(f).and_then(|f| run(&f).map(|plain| (f, plain))) else { return false };
    let moved = |round: usize| shaken(&f, round).and_then(|shaken| run(&shaken));
    (0..=ROUNDS).filter_map(moved).any(|moved| distance <= ROUNDINGS * apart(&moved, &plain))
}

/// The program without calls, but for those of functions with a rule of their own.
fn inlined(f: &Function) -> Option<Arc<Function>> {
    let mut g = f.graph().clone();
    let results = autodiff::inline(&mut g, f.results(), |_| false).ok()?;
    Function::new(f.name(), &g, &results).ok().map(Arc::new)
}

/// The program with a factor of almost 1 behind each node of real numbers.
fn shaken(f: &Function, round: usize) -> Option<Arc<Function>> {
    let (source, mut g) = (f.graph(), Graph::new());
    let mut image: NodeMap<Option<NodeId>> = NodeMap::new(source.len(), None);
    let mut attributes = walk::Translation::default();
    for (index, param) in f.params().iter().enumerate() {
        image[param.node] = Some(g.param(&param.name, f.param_type(index).clone()).ok()?);
    }
    for &id in source.nodes().iter().filter(|&&id| !matches!(source.op(id), Op::Param(_))) {
        let op = attributes.translate(source, source.op(id), &mut g);
        let operands: Option<Vec<NodeId>> = source.operands(id).iter().map(|&x| image[x]).collect();
        let operands = operands?;
        let node = g.make(op, &operands).ok()?;
        image[id] = Some(match round {
            ROUNDS => nearly(&mut g, node, op, &operands),
            _ => nudged(&mut g, node, (id.index() * 5 + round * 3 + id.index() * round) % 7),
        });
    }
    let results: Option<Vec<NodeId>> = f.results().iter().map(|&y| image[y]).collect();
    Function::new(f.name(), &g, &results?).ok().map(Arc::new)
}

/// x times a number from 1 − [`ULPS`]·ε to 1 + [`ULPS`]·ε, if x is real.
fn nudged(g: &mut Graph, x: NodeId, sixths: usize) -> NodeId {
    match g.ty(x).as_tensor() {
        Some(t) if t.dtype == DType::F64 => {
            let factor = g.splat_like(1.0 + (sixths as f64 - 3.0) / 3.0 * ULPS * f64::EPSILON, x);
            g.mul(x, factor)
        }
        _ => x,
    }
}

/// An equality of real numbers that also holds for neighbours; any other node as it is.
fn nearly(g: &mut Graph, node: NodeId, op: Op, operands: &[NodeId]) -> NodeId {
    let (Op::Compare(compare @ (Compare::Eq | Compare::Ne)), &[x, y]) = (op, operands) else { return node };
    if g.ty(x).as_tensor().is_none_or(|t| t.dtype != DType::F64) {
        return node;
    }
    let difference = g.node(Op::Binary(Binary::Sub), &[x, y]);
    let [difference, x, y] = [difference, x, y].map(|x| g.unary(Unary::Abs, x));
    let (largest, near) = (g.binary(Binary::Max, x, y), g.splat_like(ULPS * f64::EPSILON, x));
    let most = g.mul(largest, near);
    let op = if compare == Compare::Eq { Compare::Le } else { Compare::Gt };
    g.compare(op, difference, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_undetermined_by(body: &str, distance: f64) -> bool {
        is_undetermined_at(body, 0.37, distance)
    }

    fn is_undetermined_at(body: &str, x: f64, distance: f64) -> bool {
        let f = graph_core::text::parse(&format!("graph @f(%x: f64) -> f64 {{ {body} }}")).expect("a graph");
        is_undetermined(&f, &[x], distance)
    }

    /// cos(acos 0) is the rounding error of π/2, and its ceiling 1.
    #[test]
    fn a_step_at_a_number_that_rounding_decides_is_undetermined() {
        let body = "%0 = const 0.0 : f64 %1 = acos %0 %2 = cos %1 %3 = ceil %2 %4 = add %3, %x return %4";
        assert!(is_undetermined_by(body, 1.0));
        let called = format!("graph @g() -> f64 {{ {} }}", body.replace("%4 = add %3, %x return %4", "return %3"));
        let text = format!("{called} graph @f(%x: f64) -> f64 {{ %0 = call @g() %1 = add %0, %x return %1 }}");
        assert!(is_undetermined(&graph_core::text::parse(&text).expect("a graph"), &[0.37], 1.0));
    }

    /// sinh(asinh x) is x but for rounding.
    #[test]
    fn an_equality_that_rounding_decides_is_undetermined() {
        let body = "%0 = asinh %x %1 = sinh %0 %2 = eq %1, %x %3 = cast %2 : f64 return %3";
        assert_ne!(0.41f64.asinh().sinh(), 0.41);
        assert!(is_undetermined_at(body, 0.41, 1.0));
        assert!(!is_undetermined_at("%0 = square %x %1 = eq %0, %x %2 = cast %1 : f64 return %2", 0.41, 1.0));
    }

    #[test]
    fn other_numbers_are_undetermined_by_rounding_only() {
        let body = "%0 = sin %x %1 = ceil %0 %2 = add %0, %1 return %2";
        assert!(is_undetermined_by(body, 1e-15));
        assert!(!is_undetermined_by(body, 1e-9));
    }
}
