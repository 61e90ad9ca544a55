//! Which elements depend on which inputs: through every op, array by array, without taking arrays apart.
//!
//! Each tensor inside a node has a set for each of its elements. Ops that move elements move sets as they move numbers,
//! by running; all others unite them as their indices say. A factor that is a constant 0 lets nothing through, and a
//! condition or index that is constant is looked at. Linear algebra is dense within a matrix.

pub mod fold;
pub mod moved;
mod windows;

use std::rc::Rc;

use autodiff::{Class, class};
use graph_core::op::{Binary, Op, Scatter};
use graph_core::{Graph, NodeId, Shape, Type, walk};
use interp::Tensor;
use rustc_hash::FxHashMap;

use super::sets::{EMPTY, SetId, Sets};
use crate::error::Error;

/// The sets of the elements of one tensor; none if all are empty.
pub type Flow = Option<Rc<[SetId]>>;

/// One flow for each tensor inside a node.
type Flows = Vec<Flow>;

/// The sets of all elements of the results, one tensor after the other. Inputs count from 0, one after the other.
pub fn dependences(g: &Graph, results: &[NodeId], inputs: &[NodeId]) -> Result<(Sets, Vec<SetId>), Error> {
    let mut analysis = Analysis::new(g);
    let mut next = 0;
    for &x in inputs {
        let leaves = g.ty(x).leaves();
        let mut flows = Flows::new();
        for leaf in leaves {
            let end = next + leaf.shape.elements() as u32;
            flows.push(Some((next..end).map(|i| analysis.sets.single(i)).collect()));
            next = end;
        }
        analysis.flows.insert(x, flows);
    }
    for id in walk::ancestors(g, results) {
        if !analysis.flows.contains_key(&id) {
            let flows = analysis.node(id)?;
            analysis.sets.check()?;
            analysis.flows.insert(id, flows);
        }
    }
    let mut all = Vec::new();
    for y in results {
        for (flow, leaf) in analysis.flows[y].iter().zip(g.ty(*y).leaves()) {
            match flow {
                Some(sets) => all.extend(sets.iter().copied()),
                None => all.resize(all.len() + leaf.shape.elements(), EMPTY),
            }
        }
    }
    Ok((analysis.sets, all))
}

/// The walk under way.
pub struct Analysis<'g> {
    g: &'g Graph,
    sets: Sets,
    flows: FxHashMap<NodeId, Flows>,
    /// Values of nodes that depend on no parameter, as far as they were asked for.
    constants: FxHashMap<NodeId, Option<Rc<Tensor>>>,
}

impl<'g> Analysis<'g> {
    /// Of no nodes so far.
    pub fn new(g: &'g Graph) -> Analysis<'g> {
        Analysis { g, sets: Sets::new(), flows: FxHashMap::default(), constants: FxHashMap::default() }
    }
}

impl Analysis<'_> {
    fn node(&mut self, id: NodeId) -> Result<Flows, Error> {
        let g = self.g;
        let operands = g.operands(id);
        let leaves = g.ty(id).leaves().len();
        let flows: Vec<&Flows> = operands.iter().map(|x| &self.flows[x]).collect();
        let nothing = flows.iter().all(|flows| flows.iter().all(Option::is_none));
        if nothing || class(g.op(id).code()) == Class::Zero {
            return Ok(vec![None; leaves]);
        }
        match g.op(id) {
            Op::Tuple | Op::Record(_) => Ok(flows.into_iter().flatten().cloned().collect()),
            Op::Get(index) => {
                let whole = g.ty(operands[0]);
                let before: usize = (0..index as usize).filter_map(|i| whole.part(i)).map(|ty| ty.leaves().len()).sum();
                Ok(flows[0][before..before + leaves].to_vec())
            }
            Op::Sort(spec) => {
                let axis = g[spec].axis;
                let parts: Vec<(Flow, Shape)> =
                    operands.iter().zip(&flows).map(|(x, flows)| (flows[0].clone(), g.shape(*x).clone())).collect();
                let united =
                    parts.into_iter().map(|(flow, shape)| fold::spread(&mut self.sets, &flow, &shape, &[axis]));
                // The permutation is made of integers.
                Ok(united.chain([None]).collect())
            }
            Op::Linalg(_) | Op::TriangularSolve(_) => Ok(self.matrices(id)),
            Op::Call(_) => Ok(self.everything(id)),
            _ => Ok(vec![self.tensor(id)?]),
        }
    }

    /// An op from tensors to a tensor.
    fn tensor(&mut self, id: NodeId) -> Result<Flow, Error> {
        let g = self.g;
        let operands = g.operands(id);
        let x: Vec<Flow> = operands.iter().map(|x| self.flows[x][0].clone()).collect();
        match g.op(id) {
            Op::Binary(Binary::Mul) => {
                let (a, b) = (self.masked(&x[0], operands[1]), self.masked(&x[1], operands[0]));
                Ok(fold::elementwise(&mut self.sets, &[a, b]))
            }
            Op::Unary(_) | Op::Nth(..) | Op::Binary(_) => Ok(fold::elementwise(&mut self.sets, &x)),
            Op::Cast(dtype) if dtype.is_float() => Ok(x[0].clone()),
            Op::Select => Ok(self.select(&x, operands[0])),
            Op::Broadcast(_) | Op::Reshape(_) | Op::Permute(_) | Op::Slice(_) | Op::Pad(_) | Op::Concat(_) => {
                self.moved(id, &x)
            }
            Op::Reverse(_) => self.moved(id, &x),
            Op::Gather(_) => match self.constant(operands[1]) {
                Some(_) => self.moved(id, &x),
                None => Ok(self.anywhere(id)),
            },
            Op::Scatter(op, spec) => match self.constant(operands[1]) {
                Some(_) if op == Scatter::Set => self.moved(id, &x),
                Some(indices) => self.scattered(id, g[spec].clone(), &x, &indices),
                None => Ok(self.anywhere(id)),
            },
            Op::Reduce(_, axes) => Ok(fold::reduce(&mut self.sets, &x[0], g.shape(operands[0]), &g[axes])),
            Op::Cumulate(_, spec) => {
                Ok(fold::cumulate(&mut self.sets, &x[0], g.shape(operands[0]), g[spec].axis, g[spec].reverse))
            }
            Op::Dot(_) => Ok(self.dot(id, &x)),
            Op::Conv(_) => Ok(self.conv(id, &x)),
            Op::ReduceWindow(_, _) => Ok(self.reduce_window(id, &x[0])),
            // Their class is zero, or they are handled by `node`.
            Op::Param(_) | Op::Const(_) | Op::Iota(_) | Op::Compare(_) | Op::Logic(_) | Op::Integer(_) => Ok(None),
            Op::Test(_) | Op::Bitcast(_) | Op::Cast(_) => Ok(None),
            Op::Tuple | Op::Record(_) | Op::Get(_) | Op::Sort(_) | Op::Linalg(_) => unreachable!("handled by `node`"),
            Op::TriangularSolve(_) | Op::Call(_) => unreachable!("handled by `node`"),
        }
    }

    /// The sets of one factor, but where the other is a constant 0.
    fn masked(&mut self, flow: &Flow, factor: NodeId) -> Flow {
        let sets = flow.as_ref()?;
        match self.constant(factor) {
            Some(factor) => {
                let kept = sets.iter().enumerate().map(|(i, &set)| if factor.get(i) == 0.0 { EMPTY } else { set });
                full(kept.collect())
            }
            None => flow.clone(),
        }
    }

    fn select(&mut self, x: &[Flow], condition: NodeId) -> Flow {
        let Some(condition) = self.constant(condition) else { return fold::elementwise(&mut self.sets, &x[1..]) };
        let chosen = (0..condition.data.len()).map(|i| {
            let branch = if condition.get(i) != 0.0 { &x[1] } else { &x[2] };
            branch.as_ref().map_or(EMPTY, |sets| sets[i])
        });
        full(chosen.collect())
    }

    /// Every element of the result depends on all elements of all operands.
    fn anywhere(&mut self, id: NodeId) -> Flow {
        let all = self.all_of(id);
        let elements = self.g.shape(id).elements();
        full(vec![all; elements])
    }

    /// Every element of every real tensor inside depends on all that the operands depend on.
    fn everything(&mut self, id: NodeId) -> Flows {
        let all = self.all_of(id);
        let leaves = self.g.ty(id).leaves();
        leaves.iter().map(|t| if t.dtype.is_float() { full(vec![all; t.shape.elements()]) } else { None }).collect()
    }

    fn all_of(&mut self, id: NodeId) -> SetId {
        let flows: Vec<Flow> = self.g.operands(id).iter().flat_map(|x| self.flows[x].iter().cloned()).collect();
        let sets = flows.iter().flatten().flat_map(|sets| sets.iter().copied());
        self.sets.union_all(sets)
    }

    /// Factorisations and solutions: dense within each matrix of the batch.
    fn matrices(&mut self, id: NodeId) -> Flows {
        let g = self.g;
        let mut of_batch: Vec<SetId> = Vec::new();
        for x in g.operands(id) {
            let shape = g.shape(*x);
            let batches: usize = shape[..shape.rank() - 2].iter().product();
            of_batch.resize(batches, EMPTY);
            if let Some(sets) = &self.flows[x][0] {
                for (batch, chunk) in of_batch.iter_mut().zip(sets.chunks((sets.len() / batches.max(1)).max(1))) {
                    let all = self.sets.union_all(chunk.iter().copied());
                    *batch = self.sets.union(*batch, all);
                }
            }
        }
        let leaf = |t: &graph_core::TensorType| {
            let each = t.shape.elements() / of_batch.len().max(1);
            let all = of_batch.iter().flat_map(|&set| std::iter::repeat_n(set, each)).collect();
            if t.dtype.is_float() { full(all) } else { None }
        };
        match g.ty(id) {
            Type::Tensor(t) => vec![leaf(t)],
            ty => ty.leaves().into_iter().map(leaf).collect(),
        }
    }
}

/// A flow of these sets.
fn full(sets: Vec<SetId>) -> Flow {
    sets.iter().any(|&set| set != EMPTY).then(|| sets.into())
}

/// The set of an element.
fn at(flow: &Flow, element: usize) -> SetId {
    flow.as_ref().map_or(EMPTY, |sets| sets[element])
}
