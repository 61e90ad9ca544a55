//! A small dense evaluator over graph-core's scalar tables: the witness of the rules' values.
//!
//! Each element carries a running bound of its rounding error (Wilkinson: the error of the operands through the partial
//! derivatives, and the rounding of the op itself) and a tangent, so that a test can say "within the rounding of the
//! terms" and "the same derivative at the kink".

mod indexing;
mod linalg;
mod windows;

use std::collections::HashMap;

use graph_core::op::{Binary, Compare, Linalg, Nth, Reduce, SortSpec, Unary};
use graph_core::{DType, Graph, NodeId, Op, Scalar, Shape, Type};

/// One element; `bool` is 0 or 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Element {
    pub value: f64,
    pub error: f64,
    pub tangent: f64,
}

/// The value of a node.
#[derive(Clone, Debug)]
pub enum Value {
    Tensor(Vec<Element>),
    Parts(Vec<Value>),
}

impl Value {
    pub fn leaves(&self) -> Vec<Element> {
        match self {
            Value::Tensor(elements) => elements.clone(),
            Value::Parts(parts) => parts.iter().flat_map(Value::leaves).collect(),
        }
    }

    fn elements(&self) -> &[Element] {
        match self {
            Value::Tensor(elements) => elements,
            Value::Parts(_) => panic!("a tensor"),
        }
    }
}

/// An exact number.
pub fn exact(value: f64) -> Element {
    Element { value, error: 0.0, tangent: 0.0 }
}

/// The value of `root`, given those of the parameters in order.
pub fn evaluate(g: &Graph, root: NodeId, arguments: &[Value]) -> Value {
    let mut values: HashMap<NodeId, Value> = HashMap::new();
    for id in graph_core::walk::ancestors(g, &[root]) {
        let value = node(g, id, arguments, &values);
        values.insert(id, value);
    }
    values.remove(&root).expect("the root is among its ancestors")
}

fn node(g: &Graph, id: NodeId, arguments: &[Value], values: &HashMap<NodeId, Value>) -> Value {
    let part = |i: usize| &values[&g.operands(id)[i]];
    match g.op(id) {
        Op::Param(index) => return arguments[index as usize].clone(),
        Op::Tuple | Op::Record(_) => return Value::Parts((0..g.operands(id).len()).map(|i| part(i).clone()).collect()),
        Op::Sort(spec) => {
            let parts: Vec<&[Element]> = (0..g.operands(id).len()).map(|i| part(i).elements()).collect();
            return sorted(&g[spec], g.shape(g.operands(id)[0]), &parts);
        }
        Op::Linalg(Linalg::SlogDet) => {
            let n = g.shape(g.operands(id)[0])[0];
            return Value::Parts(linalg::slogdet(part(0).elements(), n).map(|x| Value::Tensor(vec![x])).to_vec());
        }
        Op::Get(index) => match part(0) {
            Value::Parts(parts) => return parts[index as usize].clone(),
            Value::Tensor(_) => panic!("a structure"),
        },
        _ => {}
    }
    let x = |i: usize| part(i).elements();
    let shape_of = |i: usize| g.shape(g.operands(id)[i]);
    let ty = g.ty(id).as_tensor().expect("a tensor");
    let n = ty.shape.elements();
    let gather = |from: &dyn Fn(&[usize]) -> Vec<usize>| {
        (0..n).map(|at| x(0)[position(shape_of(0), &from(&index(&ty.shape, at)))]).collect()
    };
    Value::Tensor(match g.op(id) {
        Op::Const(_) => (0..n).map(|i| exact(g.literal(id).expect("it is one").get(i).as_f64())).collect(),
        Op::Iota(spec) => (0..n).map(|at| exact(index(&ty.shape, at)[g[spec].axis] as f64)).collect(),
        op
        @ (Op::Unary(_) | Op::Nth(..) | Op::Binary(_) | Op::Compare(_) | Op::Logic(_) | Op::Select | Op::Cast(_)) => {
            let operands = |i: usize| (0..g.operands(id).len()).map(|k| x(k)[i]).collect::<Vec<_>>();
            (0..n).map(|i| elementwise(op, ty.dtype, &operands(i))).collect()
        }
        op @ (Op::Integer(_) | Op::Test(_) | Op::Bitcast(_)) => {
            let operands = |i: usize| (0..g.operands(id).len()).map(|k| x(k)[i]).collect::<Vec<_>>();
            (0..n).map(|i| flat(op, &operands(i))).collect()
        }
        Op::Broadcast(spec) => gather(&|at| g[spec].axes.iter().map(|&axis| at[axis]).collect()),
        Op::Reshape(_) => x(0).to_vec(),
        Op::Permute(axes) => gather(&|at| {
            let mut from = vec![0; at.len()];
            g[axes].iter().zip(at).for_each(|(&axis, &i)| from[axis] = i);
            from
        }),
        Op::Slice(spec) => gather(&|at| (0..at.len()).map(|a| g[spec].start[a] + at[a] * g[spec].stride[a]).collect()),
        Op::Reverse(axes) => gather(&|at| {
            (0..at.len()).map(|a| if g[axes].contains(&a) { ty.shape[a] - 1 - at[a] } else { at[a] }).collect()
        }),
        Op::Pad(spec) => {
            let mut padded = vec![x(1)[0]; n];
            for (from, &element) in x(0).iter().enumerate() {
                let at: Vec<_> = index(shape_of(0), from)
                    .iter()
                    .enumerate()
                    .map(|(a, &i)| g[spec].low[a] + i * (g[spec].interior[a] + 1))
                    .collect();
                padded[position(&ty.shape, &at)] = element;
            }
            padded
        }
        Op::Concat(axis) => {
            let mut joined = vec![Element::default(); n];
            let mut before = 0;
            for k in 0..g.operands(id).len() {
                for (from, &element) in x(k).iter().enumerate() {
                    let mut at = index(shape_of(k), from);
                    at[axis as usize] += before;
                    joined[position(&ty.shape, &at)] = element;
                }
                before += shape_of(k)[axis as usize];
            }
            joined
        }
        Op::Reduce(op, axes) => {
            let kept: Vec<_> = (0..shape_of(0).rank()).filter(|axis| !g[axes].contains(axis)).collect();
            let mut groups: Vec<Vec<Element>> = vec![Vec::new(); n];
            for (from, &element) in x(0).iter().enumerate() {
                let at = index(shape_of(0), from);
                groups[position(&ty.shape, &kept.iter().map(|&axis| at[axis]).collect::<Vec<_>>())].push(element);
            }
            groups.iter().map(|group| reduce(op, ty.dtype, group)).collect()
        }
        Op::Cumulate(op, spec) => {
            let mut elements = x(0).to_vec();
            let (axis, step) = (g[spec].axis, ty.shape.strides()[g[spec].axis]);
            let mut places: Vec<usize> = (0..n).collect();
            if g[spec].reverse {
                places.reverse();
            }
            for place in places {
                let at = index(&ty.shape, place)[axis];
                let before = match g[spec].reverse {
                    true if at + 1 < ty.shape[axis] => place + step,
                    false if at > 0 => place - step,
                    _ => continue,
                };
                let pair = [elements[before], elements[place]];
                elements[place] = elementwise(Op::Binary(op.step()), ty.dtype, &pair);
            }
            elements
        }
        Op::Gather(spec) => indexing::gather(&g[spec], (x(0), shape_of(0)), (x(1), shape_of(1))),
        Op::Scatter(op, spec) => indexing::scatter(op, &g[spec], ty, x(0), (x(1), shape_of(1)), x(2)),
        Op::ReduceWindow(op, spec) => windows::combine(op, &g[spec], (x(0), shape_of(0)), ty),
        Op::Conv(spec) => windows::convolve(&g[spec], (x(0), shape_of(0)), (x(1), shape_of(1)), ty),
        Op::Dot(spec) => {
            let spec = &g[spec];
            let (left, right) = (spec.lhs_free(shape_of(0).rank()), spec.rhs_free(shape_of(1).rank()));
            let summed: Shape = spec.lhs.iter().map(|&axis| shape_of(0)[axis]).collect();
            let term = |at: &[usize], k: &[usize]| {
                let (mut i, mut j) = (vec![0; shape_of(0).rank()], vec![0; shape_of(1).rank()]);
                let batch = spec.lhs_batch.rank();
                spec.lhs_batch.iter().chain(left.iter()).zip(at).for_each(|(&axis, &v)| i[axis] = v);
                spec.rhs_batch.iter().zip(at).for_each(|(&axis, &v)| j[axis] = v);
                right.iter().zip(&at[batch + left.rank()..]).for_each(|(&axis, &v)| j[axis] = v);
                spec.lhs.iter().zip(k).for_each(|(&axis, &v)| i[axis] = v);
                spec.rhs.iter().zip(k).for_each(|(&axis, &v)| j[axis] = v);
                let pair = [x(0)[position(shape_of(0), &i)], x(1)[position(shape_of(1), &j)]];
                elementwise(Op::Binary(Binary::Mul), ty.dtype, &pair)
            };
            let entry = |at: &[usize]| {
                let terms: Vec<_> = (0..summed.elements()).map(|k| term(at, &index(&summed, k))).collect();
                reduce(Reduce::Sum, ty.dtype, &terms)
            };
            (0..n).map(|at| entry(&index(&ty.shape, at))).collect()
        }
        Op::Linalg(Linalg::Det) => vec![linalg::det(x(0), shape_of(0)[0])],
        Op::Linalg(_)
        | Op::TriangularSolve(_)
        | Op::Param(_)
        | Op::Sort(_)
        | Op::Tuple
        | Op::Record(_)
        | Op::Get(_)
        | Op::Call(_) => {
            panic!("not a tensor op here")
        }
    })
}

fn sorted(spec: &SortSpec, shape: &Shape, parts: &[&[Element]]) -> Value {
    let (extent, step) = (shape[spec.axis], shape.strides()[spec.axis]);
    let mut sources: Vec<usize> = (0..shape.elements()).collect();
    for first in (0..shape.elements()).filter(|&at| index(shape, at)[spec.axis] == 0) {
        let mut line: Vec<usize> = (0..extent).map(|i| first + i * step).collect();
        line.sort_by(|&i, &j| spec.reals(parts[0][i].value, parts[0][j].value));
        line.iter().enumerate().for_each(|(i, &source)| sources[first + i * step] = source);
    }
    let moved = parts.iter().map(|part| Value::Tensor(sources.iter().map(|&source| part[source]).collect()));
    let permutation = sources.iter().map(|&source| exact(index(shape, source)[spec.axis] as f64)).collect();
    Value::Parts(moved.chain([Value::Tensor(permutation)]).collect())
}

fn index(shape: &Shape, mut at: usize) -> Vec<usize> {
    let strides = shape.strides();
    strides
        .iter()
        .map(|&stride| {
            let i = at / stride;
            at %= stride;
            i
        })
        .collect()
}

fn position(shape: &Shape, at: &[usize]) -> usize {
    shape.strides().iter().zip(at).map(|(stride, i)| stride * i).sum()
}

fn reduce(op: Reduce, dtype: DType, group: &[Element]) -> Element {
    let two = |op: Op| group[1..].iter().fold(group[0], |a, &b| elementwise(op, dtype, &[a, b]));
    match (op, group) {
        (Reduce::Sum | Reduce::Any, []) => exact(0.0),
        (Reduce::Prod | Reduce::All, []) => exact(1.0),
        (Reduce::Sum, _) => two(Op::Binary(Binary::Add)),
        (Reduce::Prod, _) => two(Op::Binary(Binary::Mul)),
        (Reduce::Max | Reduce::Min, _) => {
            let binary = if op == Reduce::Max { Binary::Max } else { Binary::Min };
            let best = two(Op::Binary(binary)).value;
            let ties: Vec<_> = group.iter().filter(|e| e.value == best).collect();
            let tangent = ties.iter().map(|e| e.tangent).sum::<f64>() / ties.len() as f64;
            Element { tangent, ..exact(best) }
        }
        (Reduce::Any, _) => exact(f64::from(u8::from(group.iter().any(|e| e.value != 0.0)))),
        (Reduce::All, _) => exact(f64::from(u8::from(group.iter().all(|e| e.value != 0.0)))),
    }
}

fn elementwise(op: Op, dtype: DType, x: &[Element]) -> Element {
    let truth = |holds: bool| exact(f64::from(u8::from(holds)));
    match (op, x) {
        (Op::Unary(op), [x]) => unary(op, dtype, *x),
        (Op::Nth(op, n), [x]) => nth(op, n, dtype, *x),
        (Op::Binary(op), [x, y]) => binary(op, dtype, *x, *y),
        (Op::Compare(op), [x, y]) => truth(Compare::eval(op, x.value, y.value)),
        (Op::Logic(op), [x]) => truth(op.eval(x.value != 0.0, false)),
        (Op::Logic(op), [x, y]) => truth(op.eval(x.value != 0.0, y.value != 0.0)),
        (Op::Select, [c, yes, no]) => {
            if c.value != 0.0 {
                *yes
            } else {
                *no
            }
        }
        (Op::Cast(to), [x]) => Element { value: Scalar::F64(x.value).cast(to).as_f64(), ..*x },
        _ => panic!("not elementwise"),
    }
}

/// Ops whose derivative is zero. Integers are held as the nearest reals.
fn flat(op: Op, x: &[Element]) -> Element {
    let integer = |i: usize| x.get(i).map_or(0, |e| e.value as i64);
    exact(match op {
        Op::Integer(op) => op.eval(integer(0), integer(1)) as f64,
        Op::Test(op) => f64::from(u8::from(op.eval(x[0].value))),
        Op::Bitcast(DType::I64) => x[0].value.to_bits() as i64 as f64,
        Op::Bitcast(_) => f64::from_bits(integer(0) as u64),
        _ => panic!("not flat"),
    })
}

/// The value as stored, its bound, its tangent; `slopes` pairs each operand with the partial derivative by it.
fn rounded(dtype: DType, value: f64, slopes: &[(Option<f64>, Element)]) -> Element {
    let (value, epsilon, tiny) = match dtype {
        DType::F32 => (f64::from(value as f32), f64::from(f32::EPSILON), f64::from(f32::from_bits(1))),
        DType::F64 | DType::I64 | DType::Bool => (value, f64::EPSILON, f64::from_bits(1)),
    };
    let through = |f: &dyn Fn(&Element) -> f64| {
        slopes.iter().filter_map(|(slope, x)| Some((*slope)? * f(x)).filter(|_| f(x) != 0.0)).collect::<Vec<_>>()
    };
    let inherited: f64 = through(&|x| x.error).iter().map(|e| e.abs()).sum();
    Element { value, error: inherited + value.abs() * epsilon + tiny, tangent: through(&|x| x.tangent).iter().sum() }
}

fn unary(op: Unary, dtype: DType, x: Element) -> Element {
    let f = op.eval(x.value);
    rounded(dtype, f, &[(op.partial(x.value, f), x)])
}

fn nth(op: Nth, n: i32, dtype: DType, x: Element) -> Element {
    rounded(dtype, op.eval(n, x.value), &[(op.partial(n, x.value), x)])
}

fn binary(op: Binary, dtype: DType, x: Element, y: Element) -> Element {
    let f = op.eval(x.value, y.value);
    let slope = |operand: usize| op.partial(operand, x.value, y.value, f);
    rounded(dtype, f, &[(slope(0), x), (slope(1), y)])
}

/// Arguments for parameters of these types, from a stream of numbers.
pub fn arguments(types: &[&Type], numbers: &mut impl Iterator<Item = f64>) -> Vec<Value> {
    types.iter().map(|ty| argument(ty, numbers)).collect()
}

fn argument(ty: &Type, numbers: &mut impl Iterator<Item = f64>) -> Value {
    match ty {
        Type::Tensor(t) => {
            let mut next = || numbers.next().expect("an endless stream");
            let element = |value: f64| match t.dtype {
                DType::Bool => f64::from(u8::from(value > 0.0)),
                dtype => Scalar::F64(value).cast(dtype).as_f64(),
            };
            Value::Tensor((0..t.shape.elements()).map(|_| exact(element(next()))).collect())
        }
        Type::Tuple(_) | Type::Record(_) => {
            Value::Parts((0..ty.parts()).map(|i| argument(ty.part(i).expect("it has parts"), numbers)).collect())
        }
    }
}
