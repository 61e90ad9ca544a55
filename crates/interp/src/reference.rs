//! The reference evaluator: node after node in the order of the graph, one function of `kernels/` each.
//!
//! Nothing recurses over nodes; calls recurse over callees, whose nesting is limited. A value is dropped after its last
//! use. Sizes are checked before anything is allocated. A fault of a node is kept, and evaluation goes on behind it.

use graph_core::smallvec::SmallVec;
use graph_core::{Function, Graph, Literal, NodeId, Op, Scalar, TensorType, Type, walk};

use crate::MAX_BYTES;
use crate::callees::Callees;
use crate::error::{Error, check_arguments};
use crate::fault::{Outcome, What};
use crate::kernels::{
    compare, contract, cumulate, elementwise, index, integer, linalg, order, reduce, shape, structure, window,
};
use crate::value::{Tensor, Value};

/// The results of a function: the oracle that every other executor is compared with.
pub fn evaluate(f: &Function, args: &[Value]) -> Result<Vec<Value>, Error> {
    evaluate_within(f, args, MAX_BYTES)
}

/// [`evaluate`] with a limit on the bytes of tensors that are held at a time.
pub fn evaluate_within(f: &Function, args: &[Value], max_bytes: usize) -> Result<Vec<Value>, Error> {
    attempt_within(f, args, max_bytes)?.into_result()
}

/// [`evaluate`], with the results also where a node has a fault.
pub fn attempt(f: &Function, args: &[Value]) -> Result<Outcome, Error> {
    attempt_within(f, args, MAX_BYTES)
}

fn attempt_within(f: &Function, args: &[Value], max_bytes: usize) -> Result<Outcome, Error> {
    check_arguments(f, args)?;
    Callees::of(f).check_calls()?;
    let mut memory = Memory { function: f.name(), held: 0, limit: max_bytes, fault: None };
    let values = apply(f, args.to_vec(), &mut memory)?;
    Ok(Outcome { values, fault: memory.fault })
}

/// Bytes held by the values of all active functions, and the first fault of any of their nodes.
struct Memory<'f> {
    function: &'f str,
    held: usize,
    limit: usize,
    fault: Option<Error>,
}

impl Memory<'_> {
    /// Takes note of a value that is about to be computed.
    fn claim(&mut self, ty: &Type) -> Result<(), Error> {
        let bytes = self.held.saturating_add(size(ty, bytes));
        let with_scratch = bytes.saturating_add(size(ty, scratch));
        if with_scratch > self.limit {
            return Err(Error::Memory { function: self.function.into(), bytes: with_scratch, limit: self.limit });
        }
        self.held = bytes;
        Ok(())
    }

    fn release(&mut self, ty: &Type) {
        self.held -= size(ty, bytes);
    }

    /// Takes note of a fault of a node of `f`.
    fn note(&mut self, f: &Function, id: NodeId, what: What) {
        self.fault.get_or_insert_with(|| what.explain(f, id));
    }
}

fn size(ty: &Type, of: impl Fn(&TensorType) -> usize) -> usize {
    match ty {
        Type::Tensor(t) => of(t),
        Type::Tuple(_) | Type::Record(_) => ty.leaves().iter().fold(0, |sum, t| sum.saturating_add(of(t))),
    }
}

fn bytes(t: &TensorType) -> usize {
    t.shape.elements() * t.dtype.bytes()
}

/// Some kernels collect the elements of their result before they pack them.
fn scratch(t: &TensorType) -> usize {
    t.shape.elements() * size_of::<Scalar>()
}

fn apply(f: &Function, args: Vec<Value>, memory: &mut Memory<'_>) -> Result<Vec<Value>, Error> {
    let g = f.graph();
    let mut uses = walk::use_counts(g);
    f.results().iter().for_each(|&y| uses[y] += 1);
    let mut args: Vec<Option<Value>> = args.into_iter().map(Some).collect();
    let mut values: Vec<Option<Value>> = vec![None; g.len()];
    for &id in g.nodes() {
        memory.claim(g.ty(id))?;
        let value = match g.op(id) {
            Op::Param(index) => args[index as usize].take().expect("one node a parameter"),
            _ => node(f, id, &operands(g, id, &values), memory)?,
        };
        values[id.index()] = Some(value);
        for &x in g.operands(id) {
            uses[x] -= 1;
            if uses[x] == 0 {
                values[x.index()] = None;
                memory.release(g.ty(x));
            }
        }
    }
    let results = f.results().iter().map(|y| values[y.index()].clone().expect("results are kept")).collect();
    let kept = g.nodes().iter().filter(|id| values[id.index()].is_some());
    kept.for_each(|&id| memory.release(g.ty(id)));
    Ok(results)
}

fn operands<'v>(g: &Graph, id: NodeId, values: &'v [Option<Value>]) -> SmallVec<[&'v Value; 4]> {
    g.operands(id).iter().map(|x| values[x.index()].as_ref().expect("operands are older and kept")).collect()
}

fn node(f: &Function, id: NodeId, x: &[&Value], memory: &mut Memory<'_>) -> Result<Value, Error> {
    let g = f.graph();
    let t = |index: usize| x[index].as_tensor().expect("inference admits tensors here");
    let mut noted = |(value, what): (Tensor, Option<What>)| {
        what.into_iter().for_each(|what| memory.note(f, id, what));
        value
    };
    let value = match g.op(id) {
        Op::Param(_) => unreachable!("parameters are arguments"),
        Op::Const(literal) => constant(&g[literal]),
        Op::Iota(spec) => shape::iota(&g[spec]),
        Op::Unary(op) => elementwise::unary(op, t(0)),
        Op::Nth(op, n) => elementwise::nth(op, n, t(0)),
        Op::Binary(op) => elementwise::binary(op, t(0), t(1)),
        Op::Compare(op) => compare::compare(op, t(0), t(1)),
        Op::Logic(op) => compare::logic(op, t(0), (op.arity() == 2).then(|| t(1))),
        Op::Integer(op) => integer::integer(op, t(0), (op.arity() == 2).then(|| t(1))),
        Op::Test(op) => integer::test(op, t(0)),
        Op::Bitcast(to) => integer::bitcast(to, t(0)),
        Op::Select => elementwise::select(t(0), t(1), t(2)),
        Op::Cast(dtype) => elementwise::cast(dtype, t(0)),
        Op::Broadcast(spec) => shape::broadcast(&g[spec], t(0)),
        Op::Reshape(to) => shape::reshape(&g[to], t(0)),
        Op::Permute(axes) => shape::permute(&g[axes], t(0)),
        Op::Slice(spec) => shape::slice(&g[spec], t(0)),
        Op::Pad(spec) => shape::pad(&g[spec], t(0), t(1)),
        Op::Concat(axis) => shape::concat(axis as usize, &(0..x.len()).map(t).collect::<Vec<_>>()),
        Op::Reverse(axes) => shape::reverse(&g[axes], t(0)),
        Op::Gather(spec) => noted(index::gather(&g[spec], t(0), t(1))),
        Op::Scatter(op, spec) => noted(index::scatter(op, &g[spec], t(0), t(1), t(2))),
        Op::Reduce(op, axes) => reduce::reduce(op, t(0), &g[axes]),
        Op::Cumulate(op, spec) => cumulate::cumulate(op, &g[spec], t(0)),
        Op::Sort(spec) => return Ok(order::sort(&g[spec], &(0..x.len()).map(t).collect::<Vec<_>>())),
        Op::Dot(spec) => contract::dot(&g[spec], t(0), t(1)),
        Op::Conv(spec) => window::conv(&g[spec], t(0), t(1)),
        Op::ReduceWindow(op, spec) => window::reduce(op, &g[spec], t(0)),
        Op::Linalg(_) | Op::TriangularSolve(_) => {
            let (results, failed) = linalg::linalg(g, id, &(0..x.len()).map(t).collect::<Vec<_>>());
            failed.into_iter().for_each(|what| memory.note(f, id, what));
            return Ok(results);
        }
        Op::Tuple => return Ok(structure::tuple(x)),
        Op::Record(names) => return Ok(structure::record(&g[names], x)),
        Op::Get(index) => return Ok(structure::get(index as usize, x[0])),
        Op::Call(callee) => return call(&g[callee], x, memory),
    };
    Ok(Value::Tensor(value))
}

fn call(callee: &Function, x: &[&Value], memory: &mut Memory<'_>) -> Result<Value, Error> {
    let mut results = apply(callee, x.iter().map(|&x| x.clone()).collect(), memory)?;
    match results.len() {
        1 => Ok(results.remove(0)),
        _ => Ok(Value::Tuple(results)),
    }
}

fn constant(literal: &Literal) -> Tensor {
    let TensorType { dtype, shape } = &literal.ty;
    Tensor::collect(*dtype, shape.clone(), (0..shape.elements()).map(|i| literal.get(i)))
}
