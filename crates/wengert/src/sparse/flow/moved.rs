//! Ops that move elements, run on the sets in place of numbers; and the values of constants, which say what moves where.

use std::rc::Rc;
use std::sync::Arc;

use graph_core::op::{GatherSpec, Op};
use graph_core::walk::{self, Translation};
use graph_core::{Buffer, DType, Function, Graph, NodeId, Shape, Type};
use interp::{Tensor, Value};

use super::{Analysis, Flow, at, full};
use crate::error::Error;
use crate::sparse::sets::{EMPTY, SetId};

impl Analysis<'_> {
    /// The op on the sets of its operands.
    pub fn moved(&mut self, id: NodeId, x: &[Flow]) -> Result<Flow, Error> {
        let g = self.g;
        let operands = g.operands(id);
        let constants: Vec<Option<Rc<Tensor>>> =
            operands.iter().map(|&x| if is_index(g, x) { self.constant(x) } else { None }).collect();
        let values: Vec<Tensor> = operands
            .iter()
            .zip(x.iter().zip(constants))
            .map(|(&operand, (flow, constant))| match constant {
                Some(value) => (*value).clone(),
                None => numbers(flow, g.shape(operand)),
            })
            .collect();
        run(g, id, values)
    }

    /// Updates that are combined with what is there.
    pub fn scattered(&mut self, id: NodeId, spec: GatherSpec, x: &[Flow], indices: &Tensor) -> Result<Flow, Error> {
        let g = self.g;
        let operands = g.operands(id);
        let (shape, updates) = (g.shape(operands[0]).clone(), &x[2]);
        let elements = shape.elements();
        let mut going: Vec<(usize, SetId)> = (0..elements).map(|place| (place, at(&x[0], place))).collect();
        if let Some(updates) = updates {
            let places = places_of_updates(&shape, spec, indices)?;
            going.extend(places.into_iter().zip(updates.iter()).filter_map(|(place, &set)| Some((place?, set))));
        }
        Ok(full(self.sets.union_at(elements, going)))
    }

    /// The value of a node that depends on no parameter.
    pub fn constant(&mut self, id: NodeId) -> Option<Rc<Tensor>> {
        if let Some(known) = self.constants.get(&id) {
            return known.clone();
        }
        let value = evaluated(self.g, id).map(Rc::new);
        self.constants.insert(id, value.clone());
        value
    }
}

/// Where each update goes in a tensor of this shape, if anywhere: windows of places, read as scatter writes them.
pub fn places_of_updates(shape: &Shape, spec: GatherSpec, indices: &Tensor) -> Result<Vec<Option<usize>>, Error> {
    // 0 is nowhere.
    let places = (1..=shape.elements() as i64).collect();
    let places = Tensor::new(shape.clone(), Buffer::I64(places)).expect("one for each element");
    let mut small = Graph::new();
    let x = small.param("x", places.ty().into())?;
    let i = small.param("i", indices.ty().into())?;
    let windows = small.gather(x, i, spec);
    let f = Function::new("places", &small, &[windows])?;
    let found = interp::evaluate(&f, &[places.into(), indices.clone().into()])?;
    let found = found[0].as_tensor().expect("a gather gives a tensor");
    Ok(found.elements().map(|place| (place.as_f64() as usize).checked_sub(1)).collect())
}

/// Whether an operand says where something goes, and is not what goes.
fn is_index(g: &Graph, x: NodeId) -> bool {
    g.ty(x).as_tensor().is_some_and(|t| t.dtype == DType::I64)
}

/// Most nodes that a constant is computed from.
const MAX_NODES: usize = 256;

fn evaluated(g: &Graph, id: NodeId) -> Option<Tensor> {
    let mut stack = vec![id];
    let mut seen = vec![id];
    while let Some(id) = stack.pop() {
        if matches!(g.op(id), Op::Param(_) | Op::Call(_)) || seen.len() > MAX_NODES {
            return None;
        }
        for &x in g.operands(id) {
            if !seen.contains(&x) {
                seen.push(x);
                stack.push(x);
            }
        }
    }
    let mut target = Graph::new();
    let image = walk::copy(g, &[id], &mut target, &[]);
    let f = Function::new("constant", &target, &image).ok()?;
    match interp::evaluate(&f, &[]).ok()?.pop()? {
        Value::Tensor(tensor) => Some(tensor),
        Value::Tuple(_) | Value::Record(_) => None,
    }
}

fn numbers(flow: &Flow, shape: &Shape) -> Tensor {
    let elements = match flow {
        Some(sets) => sets.iter().map(|&set| i64::from(set)).collect(),
        None => vec![i64::from(EMPTY); shape.elements()],
    };
    Tensor::new(shape.clone(), Buffer::I64(elements)).expect("a set for each element")
}

/// A node of one op on integers.
fn run(g: &Graph, id: NodeId, values: Vec<Tensor>) -> Result<Flow, Error> {
    let mut small = Graph::new();
    let mut params = Vec::new();
    for (i, value) in values.iter().enumerate() {
        params.push(small.param(&format!("x{i}"), Type::from(value.ty()))?);
    }
    let op = Translation::default().translate(g, g.op(id), &mut small);
    let y = small.make(op, &params)?;
    let f = Arc::new(Function::new("moved", &small, &[y])?);
    let args: Vec<Value> = values.into_iter().map(Value::Tensor).collect();
    let results = interp::evaluate(&f, &args)?;
    let moved = results[0].as_tensor().expect("an op that moves gives a tensor");
    Ok(full(moved.elements().map(|x| x.as_f64() as SetId).collect()))
}
