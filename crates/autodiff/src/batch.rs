//! Batching (vmap): the same nodes for many inputs at once, as nodes with a leading axis.
//!
//! Every op has a rule of its own, by family; none loops over the batch. A node that depends on no batched input stays as
//! it is and is shared by the whole batch; it is repeated only where an op needs it beside one that is batched.
//!
//! Invariant: the batched image of a node has its type with one more axis, the first, of the size of the batch, in every
//! tensor of a structure.
//!
//! Method: Bradbury et al., JAX (2018), `vmap`: batching rules for primitives, here on a graph instead of a trace.

mod contract;
mod index;
mod shape;

use std::sync::Arc;

use graph_core::op::{Op, Reduce};
use graph_core::provenance::Origin;
use graph_core::{
    CustomRule, Function, Graph, Id, MAX_ELEMENTS, MAX_RANK, Misfit, NodeId, Shape, TensorType, Type, path, walk,
};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::error::Error;
use crate::function::called;
use crate::rules::fresh_param;

/// The type with a leading axis of this extent in every tensor.
pub fn batched_type(ty: &Type, size: usize) -> Type {
    match ty {
        Type::Tensor(t) => TensorType { dtype: t.dtype, shape: shape::widened(&t.shape, size) }.into(),
        Type::Tuple(parts) => Type::tuple(parts.iter().map(|part| batched_type(part, size))),
        Type::Record(fields) => Type::record(fields.iter().map(|(name, ty)| (name.clone(), batched_type(ty, size)))),
    }
}

/// Extends `g` by the images of `results` for a batch of `size` inputs: each input x stands for its partner, whose type
/// is [`batched_type`] of that of x. A result that depends on no input has no image: it is the same for the whole batch.
///
/// # Errors
/// A partner of another type; a node that with one more axis has too many axes or elements.
pub fn batch(
    g: &mut Graph,
    results: &[NodeId],
    inputs: &[(NodeId, NodeId)],
    size: usize,
) -> Result<Vec<Option<NodeId>>, Error> {
    for &(x, xs) in inputs {
        let fit = batched_type(g.ty(x), size).fit(g.ty(xs));
        fit.map_err(|Misfit { path, expected, found }| {
            let node = format!("the batch of a {}{path}", g.ty(x));
            Error::Seed { node, expected, found }
        })?;
    }
    let images = Batch { size, functions: &mut Functions::default() }.sweep(g, results, inputs);
    g.set_origin(Origin::default());
    images
}

/// [`batch`], with results that are the same for the whole batch repeated.
pub fn batch_all(
    g: &mut Graph,
    results: &[NodeId],
    inputs: &[(NodeId, NodeId)],
    size: usize,
) -> Result<Vec<NodeId>, Error> {
    let images = batch(g, results, inputs, size)?;
    Ok(results.iter().zip(images).map(|(&y, image)| image.unwrap_or_else(|| repeated(g, y, size))).collect())
}

/// A node once for each member of the batch.
pub fn repeated(g: &mut Graph, x: NodeId, size: usize) -> NodeId {
    match g.ty(x).clone() {
        Type::Tensor(t) => {
            let axes = (1..=t.shape.rank()).collect();
            g.broadcast(x, &shape::widened(&t.shape, size), &axes)
        }
        ty @ (Type::Tuple(_) | Type::Record(_)) => {
            let parts: Vec<NodeId> = (0..ty.parts())
                .map(|index| {
                    let part = g.get(x, index);
                    repeated(g, part, size)
                })
                .collect();
            build(g, &ty, &parts)
        }
    }
}

/// A tuple or record of this type but for the types of its parts.
fn build(g: &mut Graph, ty: &Type, parts: &[NodeId]) -> NodeId {
    match ty {
        Type::Record(fields) => {
            let names = g.intern_fields(fields.iter().map(|(name, _)| name.clone()).collect());
            g.node(Op::Record(names), parts)
        }
        Type::Tensor(_) | Type::Tuple(_) => g.node(Op::Tuple, parts),
    }
}

/// Batched callees, by function and by which of its arguments are batched.
type Functions = FxHashMap<(usize, Vec<bool>), Arc<Function>>;

/// A sweep under way.
struct Batch<'f> {
    size: usize,
    functions: &'f mut Functions,
}

/// An operand and its image, if it depends on the batch.
type Operand = (NodeId, Option<NodeId>);

impl Batch<'_> {
    fn sweep(
        &mut self,
        g: &mut Graph,
        results: &[NodeId],
        inputs: &[(NodeId, NodeId)],
    ) -> Result<Vec<Option<NodeId>>, Error> {
        let mut images: FxHashMap<NodeId, NodeId> = inputs.iter().copied().collect();
        for id in walk::ancestors(g, results) {
            if images.contains_key(&id) {
                continue;
            }
            let operands: SmallVec<[Operand; 4]> =
                g.operands(id).iter().map(|x| (*x, images.get(x).copied())).collect();
            if operands.iter().any(|operand| operand.1.is_some()) {
                self.check_limits(g.ty(id))?;
                g.set_origin(g.origin(id));
                let image = self.image(g, id, &operands)?;
                images.insert(id, image);
            }
        }
        Ok(results.iter().map(|y| images.get(y).copied()).collect())
    }

    /// Whether a type has room for one more axis.
    fn check_limits(&self, ty: &Type) -> Result<(), graph_core::Error> {
        let limit = |what: &str, limit: usize| graph_core::Error::Limit { what: what.to_string(), limit };
        for leaf in ty.leaves() {
            if leaf.shape.rank() >= MAX_RANK {
                return Err(limit("axes of a batched tensor", MAX_RANK));
            }
            if leaf.shape.elements().saturating_mul(self.size) > MAX_ELEMENTS {
                return Err(limit("elements of a batched tensor", MAX_ELEMENTS));
            }
        }
        Ok(())
    }

    /// The image of an operand, repeated if it has none.
    fn lift(&self, g: &mut Graph, (x, image): Operand) -> NodeId {
        image.unwrap_or_else(|| repeated(g, x, self.size))
    }

    fn lift_all(&self, g: &mut Graph, operands: &[Operand]) -> SmallVec<[NodeId; 4]> {
        operands.iter().map(|&operand| self.lift(g, operand)).collect()
    }

    /// The image of a node of which at least one operand has one.
    fn image(&mut self, g: &mut Graph, id: NodeId, operands: &[Operand]) -> Result<NodeId, Error> {
        let op = g.op(id);
        if self.size == 0 && g.ty(id).as_tensor().is_some() {
            return Ok(shape::empty(g, id));
        }
        match op {
            Op::Unary(_) | Op::Nth(..) | Op::Binary(_) | Op::Compare(_) | Op::Logic(_) => self.same(g, op, operands),
            Op::Integer(_) | Op::Test(_) | Op::Bitcast(_) => self.same(g, op, operands),
            Op::Select | Op::Cast(_) | Op::Tuple | Op::Record(_) => self.same(g, op, operands),
            // Batches come first already.
            Op::Linalg(_) | Op::TriangularSolve(_) => self.same(g, op, operands),
            Op::Broadcast(spec) => Ok(shape::broadcast(g, spec, self.only(operands), self.size)),
            Op::Reshape(_) => Ok(shape::reshape(g, id, self.only(operands), self.size)),
            Op::Permute(axes) => Ok(shape::permute(g, axes, self.only(operands))),
            Op::Slice(spec) => Ok(shape::slice(g, spec, self.only(operands), self.size)),
            Op::Reverse(axes) => Ok(shape::reverse(g, axes, self.only(operands))),
            Op::Reduce(kind, axes) => Ok(shape::reduce(g, kind, axes, self.only(operands))),
            Op::Cumulate(kind, spec) => Ok(shape::cumulate(g, kind, spec, self.only(operands))),
            Op::ReduceWindow(kind, spec) => Ok(shape::reduce_window(g, kind, spec, self.only(operands))),
            Op::Pad(spec) => {
                let x = self.lift(g, operands[0]);
                Ok(shape::pad(g, spec, x, operands[1]))
            }
            Op::Concat(axis) => {
                let parts = self.lift_all(g, operands);
                Ok(g.concat(&parts, axis as usize + 1))
            }
            Op::Sort(spec) => {
                let parts = self.lift_all(g, operands);
                Ok(shape::sort(g, spec, &parts))
            }
            Op::Gather(spec) => Ok(index::gather(g, spec, operands, self.size)),
            Op::Scatter(kind, spec) => {
                let (x, updates) = (self.lift(g, operands[0]), self.lift(g, operands[2]));
                Ok(index::scatter(g, kind, spec, [x, updates], operands[1], self.size))
            }
            Op::Dot(spec) => Ok(contract::dot(g, id, spec, operands)),
            Op::Conv(spec) => Ok(contract::conv(g, id, spec, operands)),
            Op::Get(index) => {
                let x = self.only(operands);
                Ok(g.get(x, index as usize))
            }
            Op::Call(f) => self.call(g, f, operands),
            Op::Param(_) | Op::Const(_) | Op::Iota(_) => unreachable!("they have no operands"),
        }
    }

    /// Ops that do the same with one more axis.
    fn same(&self, g: &mut Graph, op: Op, operands: &[Operand]) -> Result<NodeId, Error> {
        let operands = self.lift_all(g, operands);
        Ok(g.make(op, &operands)?)
    }

    /// The image of the only operand.
    fn only(&self, operands: &[Operand]) -> NodeId {
        operands[0].1.expect("an op of one operand is batched because that is")
    }

    /// Calls the callee's own batched form.
    fn call(&mut self, g: &mut Graph, f: Id<Function>, operands: &[Operand]) -> Result<NodeId, Error> {
        let f = Arc::clone(&g[f]);
        let batched: Vec<bool> = operands.iter().map(|operand| operand.1.is_some()).collect();
        let key = (Arc::as_ptr(&f) as usize, batched);
        let image = match self.functions.get(&key) {
            Some(image) => Arc::clone(image),
            None => {
                let image = self.function(&f, &key.1)?;
                self.functions.insert(key, Arc::clone(&image));
                image
            }
        };
        let arguments: Vec<NodeId> = operands.iter().map(|&(x, image)| image.unwrap_or(x)).collect();
        let image = g.add_function(&image);
        Ok(g.make(Op::Call(image), &arguments)?)
    }

    /// A function of batched parameters where `batched` says so; all its results are batched.
    fn function(&mut self, f: &Arc<Function>, batched: &[bool]) -> Result<Arc<Function>, Error> {
        let mut body = f.graph().clone();
        let (mut target, mut inputs, mut given) = (Graph::new(), Vec::new(), Vec::new());
        for (param, &batched) in f.params().iter().zip(batched) {
            let ty = body.ty(param.node).clone();
            let ty = if batched { batched_type(&ty, self.size) } else { ty };
            let inner = if batched { fresh_param(&mut body, &param.name, ty.clone())? } else { param.node };
            if batched {
                inputs.push((param.node, inner));
            }
            given.push((inner, target.param(&param.name, ty)?));
        }
        let images = self.sweep(&mut body, f.results(), &inputs)?;
        body.set_origin(Origin::default());
        let lifted: Vec<NodeId> =
            f.results().iter().zip(images).map(|(&y, image)| self.lift(&mut body, (y, image))).collect();
        let results = walk::copy(&body, &lifted, &mut target, &given);
        let image = Function::new(&format!("{}.vmap", f.name()), &target, &results)?;
        Ok(Arc::new(match f.rule() {
            Some(rule) => image.with_rule(self.rule(f, rule, batched)?)?,
            None => image,
        }))
    }

    /// The rule of a batched function. The cotangent of a parameter that all members share is the sum of theirs.
    fn rule(&mut self, f: &Function, rule: &CustomRule, batched: &[bool]) -> Result<CustomRule, Error> {
        let real = |i: &usize| f.param_type(*i).has_float();
        let params: Vec<usize> = (0..batched.len()).collect();
        let flags = |of: &mut dyn Iterator<Item = usize>| of.map(|i| batched[i]).collect::<Vec<bool>>();
        let results = f.results().iter();
        Ok(match rule {
            CustomRule::Jvp(jvp) => {
                let axes = flags(&mut params.iter().copied().chain(params.iter().copied().filter(real)));
                CustomRule::Jvp(self.function(jvp, &axes)?)
            }
            CustomRule::Vjp(vjp) => {
                let mut axes = batched.to_vec();
                axes.resize(vjp.params().len(), true);
                let shared = flags(&mut params.into_iter().filter(real));
                CustomRule::Vjp(summed(&self.function(vjp, &axes)?, &shared)?)
            }
            CustomRule::Transpose { wrt, function } => {
                let mut axes = flags(&mut params.into_iter().filter(|i| !wrt.contains(i)));
                axes.extend(results.filter(|&&y| f.graph().ty(y).has_float()).map(|_| true));
                let shared = flags(&mut wrt.iter().copied());
                let function = summed(&self.function(function, &axes)?, &shared)?;
                CustomRule::Transpose { wrt: wrt.clone(), function }
            }
        })
    }
}

/// The function with those results summed along their first axis that are not `batched`.
fn summed(f: &Arc<Function>, batched: &[bool]) -> Result<Arc<Function>, Error> {
    if !batched.contains(&false) {
        return Ok(Arc::clone(f));
    }
    let mut g = f.graph().clone();
    let mut results = f.results().to_vec();
    for (result, _) in results.iter_mut().zip(batched).filter(|(_, batched)| !**batched) {
        *result = sum_of_members(&mut g, *result);
    }
    Ok(Arc::new(Function::new(f.name(), &g, &results)?))
}

/// Every tensor inside summed along its first axis.
fn sum_of_members(g: &mut Graph, x: NodeId) -> NodeId {
    match g.ty(x).clone() {
        Type::Tensor(_) => g.reduce(Reduce::Sum, x, &[0].into_iter().collect()),
        ty @ (Type::Tuple(_) | Type::Record(_)) => {
            let mut parts = Vec::new();
            for index in 0..ty.parts() {
                let part = g.get(x, index);
                parts.push(sum_of_members(g, part));
            }
            build(g, &ty, &parts)
        }
    }
}

/// `f.vmap`: a function of batches. A parameter with an axis is a batch along that axis of each of its tensors, one
/// without is the same for all; each result is a batch along its first axis.
///
/// # Errors
/// Another number of axes than of parameters; an axis beyond the rank of a batched tensor; too many axes or elements.
pub fn vmap(f: &Arc<Function>, axes: &[Option<usize>], size: usize) -> Result<Arc<Function>, Error> {
    if axes.len() != f.params().len() {
        return Err(Error::Axes { expected: f.params().len(), found: axes.len() });
    }
    if f.rule().is_some() {
        let (g, results) = called(f);
        let caller = Arc::new(Function::new(f.name(), &g, &results)?);
        return vmap(&caller, axes, size);
    }
    let batched: Vec<bool> = axes.iter().map(Option::is_some).collect();
    let inner = Batch { size, functions: &mut Functions::default() }.function(f, &batched)?;
    if axes.iter().all(|axis| axis.unwrap_or(0) == 0) {
        return Ok(inner);
    }
    let mut g = Graph::new();
    let mut given = Vec::new();
    for (index, (param, axis)) in inner.params().iter().zip(axes).enumerate() {
        let ty = inner.param_type(index);
        let ty = axis.map_or_else(|| Ok(ty.clone()), |axis| moved_type(ty, axis, &param.name))?;
        let outer = g.param(&param.name, ty)?;
        given.push((param.node, axis.map_or(outer, |axis| moved_to_front(&mut g, outer, axis))));
    }
    let results = walk::copy(inner.graph(), inner.results(), &mut g, &given);
    Ok(Arc::new(Function::new(inner.name(), &g, &results)?))
}

/// The type whose tensors have their first axis at this position.
fn moved_type(ty: &Type, axis: usize, name: &str) -> Result<Type, Error> {
    let part = |at: usize, part: &Type| moved_type(part, axis, &format!("{name}{}", path::step(ty, at)));
    Ok(match ty {
        Type::Tensor(t) if axis >= t.shape.rank() => {
            return Err(Error::Axis { name: name.to_string(), axis, rank: t.shape.rank() });
        }
        Type::Tensor(t) => {
            let mut extents = t.shape.to_vec();
            let size = extents.remove(0);
            extents.insert(axis, size);
            TensorType { dtype: t.dtype, shape: Shape::new(&extents) }.into()
        }
        Type::Tuple(parts) => {
            let parts = parts.iter().enumerate().map(|(at, ty)| part(at, ty));
            Type::tuple(parts.collect::<Result<Vec<_>, _>>()?)
        }
        Type::Record(fields) => {
            let fields = fields.iter().enumerate().map(|(at, (name, ty))| Ok((name.clone(), part(at, ty)?)));
            Type::record(fields.collect::<Result<Vec<_>, Error>>()?)
        }
    })
}

/// The same with this axis of every tensor as its first.
fn moved_to_front(g: &mut Graph, x: NodeId, axis: usize) -> NodeId {
    match g.ty(x).clone() {
        Type::Tensor(t) => {
            let axes = std::iter::once(axis).chain((0..t.shape.rank()).filter(|&a| a != axis)).collect();
            g.permute(x, &axes)
        }
        ty @ (Type::Tuple(_) | Type::Record(_)) => {
            let parts: Vec<NodeId> = (0..ty.parts())
                .map(|index| {
                    let part = g.get(x, index);
                    moved_to_front(g, part, axis)
                })
                .collect();
            build(g, &ty, &parts)
        }
    }
}
