//! Every op under `vmap`: a batch gives what its members give one by one; the batch of a derivative is the derivative of
//! the batch.

use std::sync::Arc;

use autodiff::function::{grad, hvp, real_params};
use autodiff::vmap;
use graph_core::op::Reduce;
use graph_core::{Function, NodeId, Type};
use interp::{Program, Tensor, Value};
use testkit::sample::Sample;

const SIZE: usize = 2;
/// Levels of `vmap`, one in the other.
pub const LEVELS: usize = 2;

/// What does not hold of the sample.
pub fn problems(sample: &Sample) -> Vec<String> {
    let f = &sample.function;
    let wrt = real_params(f);
    let gradient = grad(f, &wrt).expect("it has been differentiated before");
    let product = hvp(f, &wrt).expect("it has been differentiated before");
    let mut problems: Vec<String> =
        [f, &gradient, &product].into_iter().filter_map(|f| against_members(sample, f)).collect();
    problems.extend((1..=LEVELS).flat_map(|levels| of_sum(sample, &gradient, &product, levels)));
    problems
}

/// Member `index` of a batch of points: near that of the sample, where it is as smooth.
fn member(sample: &Sample, f: &Function, index: usize) -> Vec<Vec<f64>> {
    let mut rest = sample.at.iter().map(|x| x * (1.0 + 1e-4 * index as f64)).cycle();
    let elements = |param: usize| f.param_type(param).as_tensor().expect("parameters are tensors").shape.elements();
    (0..f.params().len()).map(|param| rest.by_ref().take(elements(param)).collect()).collect()
}

/// Tensors of these elements for the parameters, from the first of them on.
pub fn values_from(f: &Function, first: usize, args: &[Vec<f64>]) -> Vec<Value> {
    let value = |(index, elements): (usize, &Vec<f64>)| {
        let ty = f.param_type(first + index).as_tensor().expect("parameters are tensors");
        Value::Tensor(Tensor::f64(&ty.shape, elements.clone()).expect("as many as the shape has"))
    };
    args.iter().enumerate().map(value).collect()
}

/// The elements of all results.
pub fn run(f: &Arc<Function>, args: &[Vec<f64>]) -> Vec<f64> {
    let program = Program::new(f).expect("a small function");
    let results = program.run(&mut program.workspace(), &values_from(f, 0, args)).expect("arguments fit");
    results.iter().flat_map(|value| value.leaves().into_iter().flat_map(Tensor::to_f64)).collect()
}

/// One level with two members, two levels with two times two.
fn against_members(sample: &Sample, f: &Arc<Function>) -> Option<String> {
    let all = vec![Some(0); f.params().len()];
    let once = vmap(f, &all, SIZE).unwrap_or_else(|e| panic!("{}: {e}", sample.name));
    let twice = vmap(&once, &all, SIZE).unwrap_or_else(|e| panic!("{}: {e}", sample.name));
    let members: Vec<_> = (0..SIZE * SIZE).map(|index| member(sample, f, index)).collect();
    let alone: Vec<Vec<f64>> = members.iter().map(|args| run(f, args)).collect();
    let levels = [(once, SIZE), (twice, SIZE * SIZE)];
    levels.into_iter().find_map(|(image, size)| {
        let stacked: Vec<Vec<f64>> = (0..f.params().len())
            .map(|param| members[..size].iter().flat_map(|args| args[param].clone()).collect())
            .collect();
        let found = run(&image, &stacked);
        let expected = by_result(f, &alone[..size]);
        differ(&found, &expected).then(|| {
            format!("{}, {} of {size}: {found:?} as a batch, {expected:?} one by one", sample.name, image.name())
        })
    })
}

/// All members' first results, then all members' second results, and so on.
fn by_result(f: &Function, members: &[Vec<f64>]) -> Vec<f64> {
    let mut start = 0;
    let mut all = Vec::new();
    for &y in f.results() {
        let cells: usize = f.graph().ty(y).leaves().iter().map(|leaf| leaf.shape.elements()).sum();
        all.extend(members.iter().flat_map(|results| results[start..start + cells].iter().copied()));
        start += cells;
    }
    all
}

pub fn differ(found: &[f64], expected: &[f64]) -> bool {
    let apart = |(a, b): (&f64, &f64)| (a - b).abs() > 1e-11 * b.abs().max(1.0) || a.is_nan() != b.is_nan();
    found.len() != expected.len() || found.iter().zip(expected).any(apart)
}

/// The function under so many levels of `vmap`.
fn batched(f: &Arc<Function>, levels: usize) -> Arc<Function> {
    let all = vec![Some(0); f.params().len()];
    (0..levels).fold(Arc::clone(f), |f, _| vmap(&f, &all, SIZE).expect("it was batched before"))
}

/// The derivatives of the sum over a batch are the batch of the derivatives.
fn of_sum(sample: &Sample, gradient: &Arc<Function>, product: &Arc<Function>, levels: usize) -> Vec<String> {
    let whole = batched(&sample.function, levels);
    let mut g = whole.graph().clone();
    let y: NodeId = whole.results()[0];
    let y = match g.ty(y) {
        Type::Tensor(t) if t.shape.rank() == levels => g.reduce(Reduce::Sum, y, &(0..levels).collect()),
        _ => y,
    };
    let sum = Arc::new(Function::new("sum", &g, &[y]).expect("a small function"));
    let wrt = real_params(&sum);
    let pairs = [(grad(&sum, &wrt), gradient), (hvp(&sum, &wrt), product)];
    let problem = |(of_sum, derivative): (Result<Arc<Function>, autodiff::Error>, &Arc<Function>)| {
        let of_sum = of_sum.unwrap_or_else(|e| panic!("{}: {e}", sample.name));
        let of_each = batched(derivative, levels);
        let stacked: Vec<Vec<f64>> = (0..derivative.params().len())
            .map(|param| {
                (0..SIZE.pow(levels as u32)).flat_map(|i| member(sample, derivative, i)[param].clone()).collect()
            })
            .collect();
        let (found, expected) = (run(&of_sum, &stacked), run(&of_each, &stacked));
        differ(&found, &expected)
            .then(|| format!("{}: {found:?} from the sum of a batch, {expected:?} from its members", sample.name))
    };
    pairs.into_iter().filter_map(problem).collect()
}
