//! `vmap` where only some parameters are batched, along any of their axes: a batch is what its members are one by one.

use std::sync::Arc;

use autodiff::vmap;
use graph_core::text::parse;
use graph_core::{Buffer, DType, Function, Shape, TensorType, Type};
use interp::{Program, Tensor, Value};

/// Ops of several operands, of which one, or another, or all are batched.
const PROGRAMS: [&str; 14] = [
    "graph @dot(%x: f64[2,3], %y: f64[3,4]) -> f64[2,4] { %0 = dot %x, %y {lhs=[1], rhs=[0]} return %0 }",
    "graph @batched(%x: f64[2,5,3], %y: f64[3,4,5]) -> f64[5,2,4] {
       %0 = dot %x, %y {lhs=[2], rhs=[0], lhs_batch=[1], rhs_batch=[2]} return %0 }",
    "graph @outer(%x: f64[2], %y: f64[3]) -> f64[2,3] { %0 = dot %x, %y {lhs=[], rhs=[]} return %0 }",
    "graph @conv(%x: f64[2,3,5], %y: f64[4,3,2]) -> f64[2,4,3] { %0 = conv %x, %y {stride=[2], low=[1]} return %0 }",
    "graph @features(%x: f64[2,4,5], %y: f64[6,2,2]) -> f64[2,6,4] { %0 = conv %x, %y {feature_groups=2} return %0 }",
    "graph @batches(%x: f64[4,3,5], %y: f64[6,3,2]) -> f64[2,6,4] { %0 = conv %x, %y {batch_groups=2} return %0 }",
    "graph @pad(%x: f64[2,3], %y: f64) -> f64[4,6] {
       %0 = pad %x, %y {low=[1,0], high=[1,1], interior=[0,1]} return %0 }",
    "graph @concat(%x: f64[2,3], %y: f64[2,1]) -> f64[2,4] { %0 = concat %x, %y {axis=1} return %0 }",
    "graph @select(%x: f64[3], %y: f64[3]) -> f64[3] { %0 = lt %x, %y %1 = select %0, %x, %y return %1 }",
    "graph @sort(%x: f64[3], %y: f64[3]) -> f64[3] { %0 = sort %x, %y {axis=0} %1 = get %0 {index=1} return %1 }",
    "graph @gather(%x: f64[3,2], %y: i64[4]) -> f64[4,2] {
       %0 = gather %x, %y {offset=[1], collapsed=[0], start_map=[0], index_axis=1, sizes=[1,2]} return %0 }",
    "graph @scatter(%x: f64[3,2], %y: i64[4], %z: f64[4,2]) -> f64[3,2] {
       %0 = scatter_add %x, %y, %z {offset=[1], collapsed=[0], start_map=[0], index_axis=1, sizes=[1,2]} return %0 }",
    "graph @inner(%a: f64[3], %b: f64[3]) -> (f64[3], f64) {
       %0 = mul %a, %b %1 = reduce_sum %a {axes=[0]} return %0, %1 }
     graph @call(%x: f64[3], %y: f64[3]) -> (f64[3], f64) {
       %0 = call @inner(%x, %y) %1 = get %0 {index=0} %2 = get %0 {index=1} return %1, %2 }",
    "graph @record(%x: {a: f64[2], b: f64}, %y: f64[2]) -> {p: f64[2], q: f64} {
       %0 = get %x {field=a} %1 = get %x {field=b} %2 = mul %0, %y %3 = record %2, %1 {fields=[p,q]} return %3 }",
];

const SIZE: usize = 3;

/// A tensor of different elements; integers stay below 3.
fn tensor(ty: &TensorType, seed: usize) -> Tensor {
    let number = |i: usize| ((i + 7 * seed + 1) as f64 * 0.618_033_988_749).fract() * 2.0 - 0.7;
    let elements = 0..ty.shape.elements();
    let data = match ty.dtype {
        DType::I64 => Buffer::I64(elements.map(|i| ((i * 5 + seed * 3 + 1) % 3) as i64).collect()),
        _ => Buffer::F64(elements.map(number).collect()),
    };
    Tensor::new(ty.shape.clone(), data).expect("as many as the shape has")
}

fn value(ty: &Type, seed: usize) -> Value {
    let mut leaves = ty.leaves().into_iter().enumerate().map(|(i, leaf)| tensor(leaf, seed + 31 * i));
    Value::from_leaves(ty, &mut leaves).expect("a tensor for each leaf")
}

/// Values side by side along an axis of each of their tensors.
fn stacked(members: &[Value], axis: usize, ty: &Type) -> Value {
    let leaf = |at: usize| {
        let parts: Vec<&Tensor> = members.iter().map(|member| member.leaves()[at]).collect();
        let shape = parts[0].ty().shape;
        let (outer, inner): (usize, usize) = (shape[..axis].iter().product(), shape[axis..].iter().product());
        let element =
            |index: usize| (index / inner % parts.len(), index / (inner * parts.len()) * inner + index % inner);
        let places = (0..outer * inner * parts.len()).map(element);
        let data = match parts[0].ty().dtype {
            DType::I64 => Buffer::I64(places.map(|(member, at)| parts[member].get(at) as i64).collect()),
            _ => Buffer::F64(places.map(|(member, at)| parts[member].get(at)).collect()),
        };
        let extents: Vec<usize> =
            shape[..axis].iter().copied().chain([parts.len()]).chain(shape[axis..].iter().copied()).collect();
        Tensor::new(Shape::new(&extents), data).expect("as many as the shape has")
    };
    Value::from_leaves(&widened(ty, axis), &mut (0..ty.leaves().len()).map(leaf)).expect("a tensor for each leaf")
}

/// The type with one more axis at this position.
fn widened(ty: &Type, axis: usize) -> Type {
    match ty {
        Type::Tensor(t) => {
            let mut extents = t.shape.to_vec();
            extents.insert(axis, SIZE);
            Type::tensor(t.dtype, &extents)
        }
        Type::Tuple(parts) => Type::tuple(parts.iter().map(|part| widened(part, axis))),
        Type::Record(fields) => Type::record(fields.iter().map(|(name, ty)| (name.clone(), widened(ty, axis)))),
    }
}

fn run(f: &Arc<Function>, args: &[Value]) -> Vec<Value> {
    let program = Program::new(f).expect("a small function");
    program.run(&mut program.workspace(), args).expect("arguments fit")
}

/// Whether the batch along these axes is its members.
fn check(f: &Arc<Function>, axes: &[Option<usize>]) {
    let image = vmap(f, axes, SIZE).unwrap_or_else(|e| panic!("@{}: {e}", f.name()));
    let member = |index: usize| -> Vec<Value> {
        let seed = |param: usize| if axes[param].is_some() { 10 * param + index } else { 10 * param };
        (0..f.params().len()).map(|param| value(f.param_type(param), seed(param))).collect()
    };
    let members: Vec<Vec<Value>> = (0..SIZE).map(member).collect();
    let argument = |param: usize| match axes[param] {
        Some(axis) => {
            let values: Vec<Value> = members.iter().map(|args| args[param].clone()).collect();
            stacked(&values, axis, f.param_type(param))
        }
        None => members[0][param].clone(),
    };
    let found = run(&image, &(0..axes.len()).map(argument).collect::<Vec<_>>());
    let alone: Vec<Vec<Value>> = members.iter().map(|args| run(f, args)).collect();
    for (at, found) in found.iter().enumerate() {
        let results: Vec<Value> = alone.iter().map(|results| results[at].clone()).collect();
        let expected = stacked(&results, 0, f.graph().ty(f.results()[at]));
        for (found, expected) in found.leaves().into_iter().zip(expected.leaves()) {
            assert_eq!(found.ty(), expected.ty(), "@{} {axes:?}", f.name());
            let close = found.to_f64().iter().zip(expected.to_f64()).all(|(a, b)| (a - b).abs() <= 1e-13);
            assert!(close, "@{} {axes:?}: {found:?} as a batch, {expected:?} one by one", f.name());
        }
    }
}

/// Every choice of an axis, or none, for each parameter; at least one has one.
fn choices(f: &Function) -> Vec<Vec<Option<usize>>> {
    let mut all: Vec<Vec<Option<usize>>> = vec![Vec::new()];
    for param in 0..f.params().len() {
        let rank = f.param_type(param).leaves().iter().map(|leaf| leaf.shape.rank()).min().unwrap_or(0);
        let places: Vec<Option<usize>> = (0..=rank).map(Some).chain([None]).collect();
        all = all.iter().flat_map(|axes| places.iter().map(move |&axis| [&axes[..], &[axis]].concat())).collect();
    }
    all.retain(|axes| axes.iter().any(Option::is_some));
    all
}

#[test]
fn a_batch_of_some_parameters_along_any_axis_is_its_members() {
    for text in PROGRAMS {
        let f = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        choices(&f).iter().for_each(|axes| check(&f, axes));
    }
}

#[test]
fn a_batch_of_nothing_has_empty_results() {
    for text in PROGRAMS {
        let f = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let image = vmap(&f, &vec![Some(0); f.params().len()], 0).unwrap_or_else(|e| panic!("@{}: {e}", f.name()));
        let args: Vec<Value> = (0..f.params().len()).map(|param| value(image.param_type(param), 0)).collect();
        let cells: usize =
            run(&image, &args).iter().flat_map(|v| v.leaves().into_iter().map(|t| t.ty().shape.elements())).sum();
        assert_eq!(cells, 0, "@{}", f.name());
    }
}

#[test]
fn wrong_axes_are_named() {
    let f = parse(PROGRAMS[0]).expect("a program");
    let message = |axes: &[Option<usize>]| vmap(&f, axes, 2).expect_err("wrong axes").to_string();
    assert_eq!(
        message(&[Some(0)]),
        "1 batch axes for 2 parameter(s); give one for each, or none where all share a value"
    );
    assert_eq!(
        message(&[Some(0), Some(3)]),
        "parameter `y` has no batch axis 3: with the batch it has 3 axes, counted from 0"
    );
}
