//! Finds arithmetic steps of a region that are done at once ([`crate::run::fused`]): a number that only the next step reads
//! goes to no cell.

use graph_core::op::{Binary, Unary};
use graph_core::smallvec::{SmallVec, smallvec};
use graph_core::{DType, Graph, NodeId, Op};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::alias::tensor;
use crate::run::fused::{Arithmetic, Fused};

/// What is fused in a region.
#[derive(Default)]
pub struct Fusion {
    /// For the last node of fused steps what is done, the operands, and the other nodes.
    pub into: FxHashMap<NodeId, Steps>,
    /// Nodes that are done with a later one.
    pub gone: FxHashSet<NodeId>,
}

/// Fused steps.
pub struct Steps {
    pub fused: Fused,
    pub operands: SmallVec<[NodeId; 4]>,
    pub parts: SmallVec<[NodeId; 2]>,
}

impl Fusion {
    /// Of the members of a region, given which of them are used once, by another.
    pub fn of(g: &Graph, members: &[NodeId], is_used_once: impl Fn(NodeId) -> bool) -> Fusion {
        let mut fusion = Fusion::default();
        let mut open: FxHashSet<NodeId> = FxHashSet::default();
        for &id in members {
            let Some((outer, [x, y])) = arithmetic(g, id) else { continue };
            let part = |x: NodeId| if open.contains(&x) { arithmetic(g, x) } else { None };
            let steps = match (part(x), part(y)) {
                (Some((left, [a, b])), Some((right, [c, d]))) => Some(Steps {
                    fused: Fused::Pair { left, right, outer },
                    operands: smallvec![a, b, c, d],
                    parts: smallvec![x, y],
                }),
                (Some((inner, [a, b])), None) => Some(Steps {
                    fused: Fused::Chain { inner, outer, is_last: false },
                    operands: smallvec![a, b, y],
                    parts: smallvec![x],
                }),
                (None, Some((inner, [a, b]))) => Some(Steps {
                    fused: Fused::Chain { inner, outer, is_last: true },
                    operands: smallvec![a, b, x],
                    parts: smallvec![y],
                }),
                (None, None) => None,
            };
            match steps {
                Some(steps) => {
                    for part in &steps.parts {
                        open.remove(part);
                        fusion.gone.insert(*part);
                    }
                    fusion.into.insert(id, steps);
                }
                None if is_used_once(id) => {
                    open.insert(id);
                }
                None => {}
            }
        }
        fusion
    }
}

/// The operation of a node on two doubles.
fn arithmetic(g: &Graph, id: NodeId) -> Option<(Arithmetic, [NodeId; 2])> {
    if tensor(g, id).dtype != DType::F64 {
        return None;
    }
    match (g.op(id), g.operands(id)) {
        (Op::Binary(Binary::Add), &[x, y]) => Some((Arithmetic::Add, [x, y])),
        (Op::Binary(Binary::Sub), &[x, y]) => Some((Arithmetic::Sub, [x, y])),
        (Op::Binary(Binary::Mul), &[x, y]) => Some((Arithmetic::Mul, [x, y])),
        (Op::Unary(Unary::Square), &[x]) => Some((Arithmetic::Mul, [x, x])),
        _ => None,
    }
}
