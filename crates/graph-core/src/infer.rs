//! Type inference: one dispatcher, one small function for each op.
//!
//! Errors quote the node as it was asked for, with the types of its operands, and say what would fit.

use crate::arena::NodeId;
use crate::error::Error;
use crate::graph::{Graph, TypeId};
use crate::op::{Axes, BroadcastSpec, DotSpec, Logic, Nth, Op, PadSpec, Reduce, SliceSpec};
use crate::text;
use crate::ty::{DType, Shape, TensorType, Type};

mod cumulate;
mod index;
mod integer;
mod linalg;
mod order;
mod window;

type Inferred = Result<Type, Error>;

/// The common case without any allocation: elementwise ops on reals keep their operand's type.
pub(crate) fn shortcut(g: &Graph, op: Op, operands: &[NodeId]) -> Option<TypeId> {
    let same = match (op, operands) {
        (Op::Unary(_), [x]) => *x,
        (Op::Binary(_), [x, y]) if g.type_id(*x) == g.type_id(*y) => *x,
        _ => return None,
    };
    g.ty(same).as_tensor().is_some_and(|t| t.dtype.is_float()).then(|| g.type_id(same))
}

/// The type of `op` on `operands`, or what is wrong with them. Every mistake names the node.
pub(crate) fn infer(g: &Graph, op: Op, operands: &[NodeId]) -> Inferred {
    let inferred = infer_unchecked(g, op, operands).and_then(|ty| ty.check().map(|()| ty));
    inferred.map_err(|error| match error {
        Error::Limit { what, limit } => {
            Error::Limit { what: format!("{what} in `{}`", text::asked(g, op, operands)), limit }
        }
        Error::Name { name, why } => Error::Name { name, why: format!("{why}, in `{}`", text::asked(g, op, operands)) },
        other => other,
    })
}

fn infer_unchecked(g: &Graph, op: Op, operands: &[NodeId]) -> Inferred {
    let n = Asked { g, op, operands };
    if !crate::graph::has_attributes(g, op) {
        return Err(Error::Attribute { node: op.name().into(), why: "its attribute is of another graph".into() });
    }
    match op {
        Op::Param(_) => Err(n.attribute("parameters are made by `Graph::param`")),
        Op::Const(literal) => n.arity(0).map(|()| Type::Tensor(g[literal].ty.clone())),
        Op::Iota(spec) => iota(&n, &g[spec]),
        Op::Unary(op) => n.arity(1).and_then(|()| n.numbers(integer_unary(op))),
        Op::Nth(op, k) => nth(&n, op, k),
        Op::Binary(op) => n.arity(2).and_then(|()| n.alike(0, 1)).and_then(|()| n.numbers(integer_binary(op))),
        Op::Compare(_) => compare(&n),
        Op::Logic(op) => logic(&n, op),
        Op::Integer(op) => integer::integer(&n, op),
        Op::Test(_) => integer::test(&n),
        Op::Bitcast(dtype) => integer::bitcast(&n, dtype),
        Op::Select => select(&n),
        Op::Cast(dtype) => n.arity(1).and_then(|()| n.tensor(0)).map(|t| tensor(dtype, t.shape.clone())),
        Op::Broadcast(spec) => broadcast(&n, &g[spec]),
        Op::Reshape(shape) => reshape(&n, &g[shape]),
        Op::Permute(axes) => permute(&n, &g[axes]),
        Op::Slice(spec) => slice(&n, &g[spec]),
        Op::Pad(spec) => pad(&n, &g[spec]),
        Op::Concat(axis) => concat(&n, axis as usize),
        Op::Reverse(axes) => n.arity(1).and_then(|()| n.axes(&g[axes])).map(|t| t.clone().into()),
        Op::Gather(spec) => index::gather(&n, &g[spec]),
        Op::Scatter(op, spec) => index::scatter(&n, op, &g[spec]),
        Op::Reduce(op, axes) => reduce(&n, op, &g[axes]),
        Op::Cumulate(op, spec) => cumulate::cumulate(&n, op, &g[spec]),
        Op::Sort(spec) => order::sort(&n, &g[spec]),
        Op::Dot(spec) => dot(&n, &g[spec]),
        Op::Conv(spec) => window::conv(&n, &g[spec]),
        Op::ReduceWindow(_, spec) => window::reduce(&n, &g[spec]),
        Op::Linalg(op) => linalg::linalg(&n, op),
        Op::TriangularSolve(_) => linalg::triangular_solve(&n),
        Op::Tuple => Ok(Type::tuple(operands.iter().map(|&x| g.ty(x).clone()))),
        Op::Record(names) => record(&n, &g[names]),
        Op::Get(index) => get(&n, index as usize),
        Op::Call(f) => call(&n, &g[f]),
    }
}

/// A node that is being asked for.
struct Asked<'g> {
    g: &'g Graph,
    op: Op,
    operands: &'g [NodeId],
}

impl<'g> Asked<'g> {
    fn shown(&self) -> String {
        text::asked(self.g, self.op, self.operands)
    }

    fn shape_error(&self, why: impl Into<String>) -> Error {
        Error::Shape { node: self.shown(), why: why.into() }
    }

    fn dtype_error(&self, why: impl Into<String>) -> Error {
        Error::DType { node: self.shown(), why: why.into() }
    }

    fn attribute(&self, why: impl Into<String>) -> Error {
        Error::Attribute { node: self.shown(), why: why.into() }
    }

    fn arity(&self, expected: usize) -> Result<(), Error> {
        if self.operands.len() == expected {
            return Ok(());
        }
        let expected = match expected {
            1 => "1 operand".to_string(),
            n => format!("{n} operands"),
        };
        Err(Error::Arity { op: self.shown(), expected, found: self.operands.len() })
    }

    fn ty(&self, operand: usize) -> &'g Type {
        self.g.ty(self.operands[operand])
    }

    fn tensor(&self, operand: usize) -> Result<&'g TensorType, Error> {
        let why = || format!("operand {operand} is a structure; take the part you mean with `get`");
        self.ty(operand).as_tensor().ok_or_else(|| self.shape_error(why()))
    }

    /// Operands `i` and `j` have one type.
    fn alike(&self, i: usize, j: usize) -> Result<(), Error> {
        if self.g.type_id(self.operands[i]) == self.g.type_id(self.operands[j]) {
            return Ok(());
        }
        let (a, b) = (self.tensor(i)?, self.tensor(j)?);
        match a.dtype == b.dtype {
            true => {
                Err(self.shape_error(format!("shapes {} and {} differ; `broadcast` one of them", a.shape, b.shape)))
            }
            false => Err(self.dtype_error(format!("{} and {} do not mix; `cast` one of them", a.dtype, b.dtype))),
        }
    }

    /// The type of operand 0, which must be real, or an integer where the op has an integer meaning.
    fn numbers(&self, integers: bool) -> Inferred {
        let t = self.tensor(0)?;
        match t.dtype {
            DType::F64 | DType::F32 => Ok(t.clone().into()),
            DType::I64 if integers => Ok(t.clone().into()),
            DType::I64 => Err(self.dtype_error("it needs real elements; `cast` to f64")),
            DType::Bool => Err(self.dtype_error("it needs numbers, not bool; `cast` to f64, or use `select`")),
        }
    }

    /// Operand 0, for an op with these axes: in range and distinct.
    fn axes(&self, axes: &Axes) -> Result<&'g TensorType, Error> {
        let t = self.tensor(0)?;
        self.distinct(axes, t.shape.rank())?;
        Ok(t)
    }

    fn distinct(&self, axes: &Axes, rank: usize) -> Result<(), Error> {
        for (i, axis) in axes.iter().enumerate() {
            if *axis >= rank {
                return Err(self.attribute(no_axis(*axis, rank)));
            }
            if axes[..i].contains(axis) {
                return Err(self.attribute(format!("axis {axis} occurs twice; name it once")));
            }
        }
        Ok(())
    }
}

fn no_axis(axis: usize, rank: usize) -> String {
    match rank {
        0 => format!("axis {axis} is out of range: a scalar has no axes; `reshape` it first"),
        1 => format!("axis {axis} is out of range: a vector has axis 0 alone"),
        _ => format!("axis {axis} is out of range: a tensor of rank {rank} has axes 0 to {}", rank - 1),
    }
}

fn tensor(dtype: DType, shape: Shape) -> Type {
    Type::Tensor(TensorType { dtype, shape })
}

/// Ops with a meaning on integers (wrapping).
fn integer_unary(op: crate::op::Unary) -> bool {
    op.eval_i64(0).is_some()
}

fn integer_binary(op: crate::op::Binary) -> bool {
    op.eval_i64(0, 1).is_some()
}

fn iota(n: &Asked<'_>, spec: &crate::op::IotaSpec) -> Inferred {
    n.arity(0)?;
    if spec.dtype == DType::Bool {
        return Err(n.dtype_error("it counts in numbers, not bool; compare it, or `cast` it"));
    }
    n.distinct(&Axes::new(&[spec.axis]), spec.shape.rank())?;
    Ok(tensor(spec.dtype, spec.shape.clone()))
}

fn nth(n: &Asked<'_>, op: Nth, k: i32) -> Inferred {
    n.arity(1)?;
    if !op.has(k) {
        return Err(n.attribute(format!("n = {k} is negative; n counts from 0")));
    }
    n.numbers(false)
}

fn compare(n: &Asked<'_>) -> Inferred {
    n.arity(2)?;
    n.alike(0, 1)?;
    Ok(tensor(DType::Bool, n.tensor(0)?.shape.clone()))
}

fn logic(n: &Asked<'_>, op: Logic) -> Inferred {
    n.arity(op.arity())?;
    if op.arity() == 2 {
        n.alike(0, 1)?;
    }
    match n.tensor(0)?.dtype {
        DType::Bool => Ok(n.ty(0).clone()),
        other => Err(n.dtype_error(format!("it needs bool, not {other}; compare first"))),
    }
}

fn select(n: &Asked<'_>) -> Inferred {
    n.arity(3)?;
    let condition = n.tensor(0)?;
    if condition.dtype != DType::Bool {
        return Err(n.dtype_error(format!("the condition is {}, not bool; compare first", condition.dtype)));
    }
    n.alike(1, 2)?;
    let branch = n.tensor(1)?;
    if condition.shape != branch.shape {
        let why = format!("condition {} and branches {} differ; `broadcast` first", condition.shape, branch.shape);
        return Err(n.shape_error(why));
    }
    Ok(branch.clone().into())
}

fn broadcast(n: &Asked<'_>, spec: &BroadcastSpec) -> Inferred {
    n.arity(1)?;
    let t = n.tensor(0)?;
    if spec.axes.rank() != t.shape.rank() {
        let why = format!("{} axes for an operand of rank {}", spec.axes.rank(), t.shape.rank());
        let why = why + "; say for each of its axes which axis of the result it becomes";
        return Err(n.attribute(why));
    }
    n.distinct(&spec.axes, spec.shape.rank())?;
    if spec.axes.windows(2).any(|w| w[0] > w[1]) {
        return Err(n.attribute("axes must increase; `permute` first"));
    }
    for (i, &axis) in spec.axes.iter().enumerate() {
        if t.shape[i] != spec.shape[axis] {
            let why = format!("axis {i} has {} elements and cannot become {}", t.shape[i], spec.shape[axis]);
            return Err(n.shape_error(why + "; an extent of 1 is dropped by `reshape` first"));
        }
    }
    Ok(tensor(t.dtype, spec.shape.clone()))
}

fn reshape(n: &Asked<'_>, shape: &Shape) -> Inferred {
    n.arity(1)?;
    shape.check()?;
    let t = n.tensor(0)?;
    if t.shape.elements() != shape.elements() {
        let why = format!("{} elements cannot become {} of shape {shape}", t.shape.elements(), shape.elements());
        let why = why + "; `slice`, `pad` or `broadcast` changes their number";
        return Err(n.shape_error(why));
    }
    Ok(tensor(t.dtype, shape.clone()))
}

fn permute(n: &Asked<'_>, axes: &Axes) -> Inferred {
    n.arity(1)?;
    let t = n.axes(axes)?;
    if axes.rank() != t.shape.rank() {
        return Err(n.attribute(format!(
            "{} axes for a tensor of rank {}; name each once",
            axes.rank(),
            t.shape.rank()
        )));
    }
    Ok(tensor(t.dtype, axes.iter().map(|&axis| t.shape[axis]).collect()))
}

fn slice(n: &Asked<'_>, spec: &SliceSpec) -> Inferred {
    n.arity(1)?;
    let t = n.tensor(0)?;
    if [&spec.start, &spec.limit, &spec.stride].iter().any(|list| list.rank() != t.shape.rank()) {
        return Err(
            n.attribute(format!("start, limit and stride need {} entries each, one for each axis", t.shape.rank()))
        );
    }
    let mut extents = Vec::with_capacity(t.shape.rank());
    for (axis, &extent) in t.shape.iter().enumerate() {
        let (start, limit, stride) = (spec.start[axis], spec.limit[axis], spec.stride[axis]);
        if stride == 0 || start > limit || limit > extent {
            let why = format!("axis {axis} of {extent} element(s): start {start}, limit {limit}, stride {stride}");
            let why = why + &format!("; they need start ≤ limit ≤ {extent} and a stride from 1 on");
            return Err(n.attribute(why));
        }
        extents.push((limit - start).div_ceil(stride));
    }
    Ok(Type::tensor(t.dtype, &extents))
}

fn pad(n: &Asked<'_>, spec: &PadSpec) -> Inferred {
    n.arity(2)?;
    let (t, fill) = (n.tensor(0)?, n.tensor(1)?);
    if fill.shape.rank() != 0 {
        return Err(n.shape_error(format!("the fill is {fill}, not a scalar; `reshape` one element of it")));
    }
    if fill.dtype != t.dtype {
        return Err(n.dtype_error(format!("the fill is {}, the tensor {}; `cast` the fill", fill.dtype, t.dtype)));
    }
    if [&spec.low, &spec.high, &spec.interior].iter().any(|list| list.rank() != t.shape.rank()) {
        return Err(
            n.attribute(format!("low, high and interior need {} entries each, one for each axis", t.shape.rank()))
        );
    }
    let extent = |axis: usize| {
        let between = t.shape[axis].saturating_sub(1).checked_mul(spec.interior[axis])?;
        t.shape[axis].checked_add(between)?.checked_add(spec.low[axis])?.checked_add(spec.high[axis])
    };
    let shape: Option<Shape> = (0..t.shape.rank()).map(extent).collect();
    shape.map(|s| tensor(t.dtype, s)).ok_or(Error::limit("elements of a tensor", crate::ty::MAX_ELEMENTS))
}

fn concat(n: &Asked<'_>, axis: usize) -> Inferred {
    if n.operands.is_empty() {
        return Err(Error::Arity { op: "concat".into(), expected: "at least 1 operand".into(), found: 0 });
    }
    let first = n.axes(&Axes::new(&[axis]))?;
    let mut total = 0usize;
    for i in 0..n.operands.len() {
        let t = n.tensor(i)?;
        if t.dtype != first.dtype {
            return Err(n.dtype_error(format!("{} and {} do not mix; `cast` one of them", first.dtype, t.dtype)));
        }
        let fits = t.shape.rank() == first.shape.rank()
            && (0..t.shape.rank()).all(|a| a == axis || t.shape[a] == first.shape[a]);
        if !fits {
            let why = format!("operands {} and {} may differ along axis {axis} only", first.shape, t.shape);
            let why = why + "; `reshape`, `slice` or `pad` one of them";
            return Err(n.shape_error(why));
        }
        total =
            total.checked_add(t.shape[axis]).ok_or(Error::limit("elements of a tensor", crate::ty::MAX_ELEMENTS))?;
    }
    let shape = first.shape.iter().enumerate().map(|(a, &e)| if a == axis { total } else { e }).collect();
    Ok(tensor(first.dtype, shape))
}

fn reduce(n: &Asked<'_>, op: Reduce, axes: &Axes) -> Inferred {
    n.arity(1)?;
    let t = n.axes(axes)?;
    match (op.is_logical(), t.dtype) {
        (true, DType::Bool) | (false, DType::F64 | DType::F32 | DType::I64) => {}
        (true, other) => {
            return Err(n.dtype_error(format!("it needs bool, not {other}; compare first")));
        }
        (false, DType::Bool) => {
            return Err(n.dtype_error("it needs numbers, not bool; `cast` to count"));
        }
    }
    if !op.has_identity() && axes.iter().any(|&axis| t.shape[axis] == 0) {
        return Err(
            n.shape_error(format!("{} of no elements has no value; `concat` one that stands for none", op.name()))
        );
    }
    let kept = (0..t.shape.rank()).filter(|axis| !axes.contains(axis)).map(|axis| t.shape[axis]).collect();
    Ok(tensor(t.dtype, kept))
}

fn dot(n: &Asked<'_>, spec: &DotSpec) -> Inferred {
    n.arity(2)?;
    let (a, b) = (n.tensor(0)?, n.tensor(1)?);
    if a.dtype != b.dtype {
        return Err(n.dtype_error(format!("{} and {} do not mix; `cast` one of them", a.dtype, b.dtype)));
    }
    if a.dtype == DType::Bool {
        return Err(n.dtype_error("it needs numbers, not bool; `cast` first"));
    }
    let join = |x: &Axes, y: &Axes| x.iter().chain(y.iter()).copied().collect::<Axes>();
    n.distinct(&join(&spec.lhs, &spec.lhs_batch), a.shape.rank())?;
    n.distinct(&join(&spec.rhs, &spec.rhs_batch), b.shape.rank())?;
    for (what, left, right) in [("contracted", &spec.lhs, &spec.rhs), ("batch", &spec.lhs_batch, &spec.rhs_batch)] {
        if left.rank() != right.rank() {
            return Err(n.attribute(format!(
                "{} {what} axes on the left, {} on the right; they go in pairs",
                left.rank(),
                right.rank()
            )));
        }
        for (&i, &j) in left.iter().zip(right.iter()) {
            if a.shape[i] != b.shape[j] {
                let why = format!(
                    "{what} axes {i} of {} and {j} of {} have {} and {} elements",
                    a.shape, b.shape, a.shape[i], b.shape[j]
                );
                return Err(n.shape_error(why + "; choose axes of one extent, or `permute` first"));
            }
        }
    }
    let batch = spec.lhs_batch.iter().map(|&i| a.shape[i]);
    let (left, right) = (spec.lhs_free(a.shape.rank()), spec.rhs_free(b.shape.rank()));
    let shape = batch.chain(left.iter().map(|&i| a.shape[i])).chain(right.iter().map(|&j| b.shape[j])).collect();
    Ok(tensor(a.dtype, shape))
}

fn record(n: &Asked<'_>, names: &[std::sync::Arc<str>]) -> Inferred {
    n.arity(names.len())?;
    Ok(Type::record(names.iter().cloned().zip(n.operands.iter().map(|&x| n.g.ty(x).clone()))))
}

fn get(n: &Asked<'_>, index: usize) -> Inferred {
    n.arity(1)?;
    let ty = n.ty(0);
    let why = || match ty {
        Type::Tensor(_) => "the operand is a tensor and has no parts; `slice` takes elements".to_string(),
        Type::Tuple(_) | Type::Record(_) => {
            format!("part {index} does not exist; there are {}, counted from 0", ty.parts())
        }
    };
    ty.part(index).cloned().ok_or_else(|| n.attribute(why()))
}

fn call(n: &Asked<'_>, f: &crate::function::Function) -> Inferred {
    n.arity(f.params().len())?;
    for (i, (param, &x)) in f.params().iter().zip(n.operands).enumerate() {
        let (expected, found) = (f.graph().ty(param.node), n.g.ty(x));
        if expected != found {
            let why = format!("@{} expects {expected} for its parameter {i} (`{}`), got {found}", f.name(), param.name);
            let why = why + "; convert the argument, or make a function for its type";
            return Err(n.shape_error(why));
        }
    }
    Ok(f.result_type())
}
