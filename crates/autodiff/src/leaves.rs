//! Structures as flat lists of tensors: a sweep keeps one derivative for each tensor inside a node, by position.

use std::ops::Range;
use std::rc::Rc;

use graph_core::op::Op;
use graph_core::{Graph, NodeId, Type, TypeId};
use rustc_hash::FxHashMap;

/// Number of tensors inside.
pub fn count(ty: &Type) -> usize {
    match ty {
        Type::Tensor(_) => 1,
        Type::Tuple(_) | Type::Record(_) => ty.leaves().len(),
    }
}

/// Positions of the parts of structures among their leaves; remembered, because a structure of many parts is asked often.
#[derive(Default)]
pub struct Offsets(FxHashMap<TypeId, Rc<[usize]>>);

impl Offsets {
    /// The leaves of part `index` of a node of this type.
    pub fn part(&mut self, g: &Graph, structure: TypeId, index: usize) -> Range<usize> {
        let starts = self.0.entry(structure).or_insert_with(|| starts(&g[structure]));
        starts[index]..starts[index + 1]
    }
}

fn starts(ty: &Type) -> Rc<[usize]> {
    let mut total = 0;
    let mut starts = vec![0];
    for part in (0..ty.parts()).filter_map(|i| ty.part(i)) {
        total += count(part);
        starts.push(total);
    }
    starts.into()
}

/// The tensors inside a node whose type is a [`Type::cotangent`] of `ty`, one for each leaf of `ty`; `None` for `()`.
pub fn split(g: &mut Graph, node: NodeId, ty: &Type) -> Vec<Option<NodeId>> {
    match ty {
        Type::Tensor(t) => vec![t.dtype.is_float().then_some(node)],
        Type::Tuple(_) | Type::Record(_) => {
            let parts = (0..ty.parts()).filter_map(|i| Some((i, ty.part(i)?)));
            parts
                .flat_map(|(i, part)| {
                    let x = g.get(node, i);
                    split(g, x, part)
                })
                .collect()
        }
    }
}

/// A node of the [`Type::cotangent`] of `ty` from its leaves; a leaf that is missing is zero.
pub fn join(g: &mut Graph, ty: &Type, leaves: &mut impl Iterator<Item = Option<NodeId>>) -> NodeId {
    match ty {
        Type::Tensor(t) => match leaves.next().flatten() {
            Some(leaf) => leaf,
            None if t.dtype.is_float() => g.splat(0.0, t),
            None => g.node(Op::Tuple, &[]),
        },
        Type::Tuple(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| join(g, part, leaves)).collect();
            g.node(Op::Tuple, &parts)
        }
        Type::Record(fields) => {
            let parts: Vec<_> = fields.iter().map(|(_, part)| join(g, part, leaves)).collect();
            let names = g.intern_fields(fields.iter().map(|(name, _)| name.clone()).collect());
            g.node(Op::Record(names), &parts)
        }
    }
}

/// Zeros of the [`Type::cotangent`] of a node.
pub fn zeros(g: &mut Graph, like: NodeId) -> NodeId {
    let ty = g.ty(like).clone();
    join(g, &ty, &mut std::iter::repeat(None))
}

/// Every real number inside times a constant.
pub fn scaled(g: &mut Graph, x: NodeId, factor: f64) -> NodeId {
    let ty = g.ty(x).clone();
    let parts = split(g, x, &ty);
    let product = |part: Option<NodeId>| {
        part.map(|part| {
            let factor = g.splat_like(factor, part);
            g.mul(factor, part)
        })
    };
    let mut parts: Vec<Option<NodeId>> = parts.into_iter().map(product).collect();
    join(g, &ty, &mut parts.drain(..))
}
