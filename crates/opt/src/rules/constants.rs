//! Folding: ops on constants alone, by the evaluation that graph-core's tables define.
//!
//! Reals of 32 bits are computed in 64 and rounded after each op, as executors do. Results are splats wherever the
//! operands are, whatever their shape; other constants are folded up to [`MAX_DENSE`] elements, so that folding never
//! makes large literals out of small programs.

use graph_core::op::{Logic, Reduce};
use graph_core::smallvec::SmallVec;
use graph_core::{Buffer, DType, Data, Graph, Literal, NodeId, Op, Opcode, Scalar, Shape, TensorType};

use crate::level::Class::{Exact, Safe};
use crate::rule::{Rule, law};
use crate::rules::elementwise;

/// Largest number of elements of a folded constant that is not a splat.
const MAX_DENSE: usize = 1024;

/// Whether elementwise ops on this constant, and on others that fold, are folded.
pub fn folds(literal: &Literal) -> bool {
    literal.as_splat().is_some() || literal.ty.shape.elements() <= MAX_DENSE
}

pub fn rules() -> Vec<Rule> {
    let moves = [Opcode::Broadcast, Opcode::Reshape, Opcode::Permute, Opcode::Slice, Opcode::Pad];
    let moves = moves.into_iter().chain([Opcode::Concat, Opcode::Reverse]);
    let choices = [Reduce::Max, Reduce::Min, Reduce::Any, Reduce::All].map(Opcode::Reduce);
    vec![
        law("fold-elementwise", Exact, elementwise(), "f(constants) = constant", fold_elementwise).of(Opcode::Const),
        law("fold-move", Exact, moves, "a splat moved = a splat of the new shape", fold_move).of(Opcode::Const),
        law("fold-reshape", Exact, [Opcode::Reshape], "reshape(constant) = constant", fold_reshape).of(Opcode::Const),
        law("fold-choice", Exact, choices, "max, min, any, all of a splat = its element", fold_choice)
            .of(Opcode::Const),
        law("fold-sum", Safe, [Opcode::Reduce(Reduce::Sum)], "sum of n times c = n * c", fold_sum).of(Opcode::Const),
        law("fold-iota", Exact, [Opcode::Iota], "iota along one element = 0", fold_iota),
    ]
}

fn fold_elementwise(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let literal = folded(g, id)?;
    Some(g.literal_node(literal))
}

fn folded(g: &Graph, id: NodeId) -> Option<Literal> {
    let operands: SmallVec<[&Literal; 3]> = g.operands(id).iter().map(|&x| g.literal(x)).collect::<Option<_>>()?;
    let TensorType { dtype, shape } = g.ty(id).as_tensor()?;
    let element = |i: usize| {
        let scalars: SmallVec<[Scalar; 3]> = operands.iter().map(|literal| literal.get(i)).collect();
        evaluate(g.op(id), &scalars)
    };
    if operands.iter().all(|literal| literal.as_splat().is_some()) {
        return Some(Literal::splat(element(0)?, shape.clone()));
    }
    if shape.elements() > MAX_DENSE {
        return None;
    }
    let elements: Vec<Scalar> = (0..shape.elements()).map(element).collect::<Option<_>>()?;
    Literal::dense(Buffer::collect(*dtype, elements.into_iter()), shape.clone())
}

/// One element of an elementwise op.
fn evaluate(op: Op, scalars: &[Scalar]) -> Option<Scalar> {
    let real = |value: f64| Scalar::F64(value).cast(scalars[0].dtype());
    match (op, scalars) {
        (Op::Unary(op), [Scalar::I64(x)]) => op.eval_i64(*x).map(Scalar::I64),
        (Op::Unary(op), [x]) => Some(real(op.eval(x.as_f64()))),
        (Op::Nth(op, n), [x]) => Some(real(op.eval(n, x.as_f64()))),
        (Op::Binary(op), [Scalar::I64(x), Scalar::I64(y)]) => op.eval_i64(*x, *y).map(Scalar::I64),
        (Op::Binary(op), [x, y]) => Some(real(op.eval(x.as_f64(), y.as_f64()))),
        (Op::Compare(op), [Scalar::I64(x), Scalar::I64(y)]) => Some(Scalar::Bool(op.eval(x, y))),
        (Op::Compare(op), [x, y]) => Some(Scalar::Bool(op.eval(x.as_f64(), y.as_f64()))),
        (Op::Logic(op @ Logic::Not), [x]) => Some(Scalar::Bool(op.eval(x.as_bool(), false))),
        (Op::Logic(op), [x, y]) => Some(Scalar::Bool(op.eval(x.as_bool(), y.as_bool()))),
        (Op::Integer(op), [x]) => Some(Scalar::I64(op.eval(x.as_i64(), 0))),
        (Op::Integer(op), [x, y]) => Some(Scalar::I64(op.eval(x.as_i64(), y.as_i64()))),
        (Op::Test(op), [x]) => Some(Scalar::Bool(op.eval(x.as_f64()))),
        (Op::Bitcast(_), [x]) => Some(x.bitcast()),
        (Op::Select, [c, yes, no]) => Some(if c.as_bool() { *yes } else { *no }),
        (Op::Cast(dtype), [x]) => Some(x.cast(dtype)),
        _ => None,
    }
}

/// All operands are the same splat, so every element of the result is.
fn fold_move(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let mut elements = g.operands(id).iter().map(|&x| g.literal(x).and_then(Literal::as_splat));
    let first = elements.next()??;
    if !elements.all(|other| other.is_some_and(|value| value.bits() == first.bits())) {
        return None;
    }
    let shape = g.shape(id).clone();
    Some(g.literal_node(Literal::splat(first, shape)))
}

/// Shares the elements.
fn fold_reshape(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Literal { ty, data } = g.literal(g.operands(id)[0])?.clone();
    let ty = TensorType { dtype: ty.dtype, shape: g.shape(id).clone() };
    Some(g.literal_node(Literal { ty, data }))
}

fn fold_choice(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let literal = g.literal(g.operands(id)[0])?;
    let element = literal.as_splat().filter(|_| literal.ty.shape.elements() > 0)?;
    let shape = g.shape(id).clone();
    Some(g.literal_node(Literal::splat(element, shape)))
}

fn fold_sum(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Literal { ty, data: Data::Splat(element) } = g.literal(g.operands(id)[0])? else { return None };
    let shape = g.shape(id).clone();
    let n = ty.shape.elements().checked_div(shape.elements()).filter(|&n| n > 0)?;
    let sum = match *element {
        Scalar::I64(x) => Scalar::I64(x.wrapping_mul(n as i64)),
        other => Scalar::F64(other.as_f64() * n as f64).cast(ty.dtype),
    };
    Some(g.literal_node(Literal::splat(sum, shape)))
}

fn fold_iota(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let Op::Iota(spec) = g.op(id) else { return None };
    let (dtype, shape, axis): (DType, Shape, usize) = (g[spec].dtype, g[spec].shape.clone(), g[spec].axis);
    (shape[axis] == 1).then(|| g.splat(0.0, &TensorType { dtype, shape }))
}
