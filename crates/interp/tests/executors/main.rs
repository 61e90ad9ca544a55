//! Both executors on the same functions: every op, hand-computed values, long chains, many threads.

mod errors;
mod faults;
mod index;
mod integer;
mod linalg;
mod ops;
mod random;
mod regions;
mod scale;
mod shapes;
mod windows;

use std::sync::Arc;

use graph_core::{Buffer, DType, Function, Scalar, TensorType, Type, text};
use interp::{Program, Settings, Tensor, Tiling, Value, evaluate};

fn parse(source: &str) -> Arc<Function> {
    text::parse(source).unwrap_or_else(|e| panic!("{e}\n{source}"))
}

/// The results of the reference, after checking that the planned executor gives the same bits, twice, and in smaller tiles.
fn run(f: &Arc<Function>, args: &[Value]) -> Vec<Value> {
    let expected = evaluate(f, args).expect("arguments that fit");
    let of = |cells, lanes| Settings { tiling: Tiling { cells, lanes }, ..Settings::default() };
    let [program, small, middling] = [Settings::default(), of(16, 2), of(300, 3)]
        .map(|settings| Program::with(f, settings).expect("a small function"));
    let mut workspaces = [program.workspace(), small.workspace(), middling.workspace()];
    let runs = [("first", &program, 0), ("second", &program, 0), ("small", &small, 1), ("middling", &middling, 2)];
    for (time, program, ws) in runs {
        let ws = &mut workspaces[ws];
        let found = program.run(ws, args).expect("arguments that fit");
        let same = expected.len() == found.len() && expected.iter().zip(&found).all(|(x, y)| x.same_bits(y));
        assert!(same, "{time} run of\n{f}\non {args:?}\nreference {expected:?}\nplanned   {found:?}");
    }
    expected
}

/// The only result on real tensors, as numbers.
fn numbers(source: &str, args: &[Tensor]) -> Vec<f64> {
    let args: Vec<Value> = args.iter().cloned().map(Value::from).collect();
    let results = run(&parse(source), &args);
    results[0].as_tensor().expect("a tensor").to_f64()
}

/// A real tensor with elements 1, 2, 3 …
fn counted(shape: &[usize]) -> Tensor {
    let elements = (1..=shape.iter().product()).map(|i: usize| i as f64).collect();
    Tensor::f64(shape, elements).expect("as many elements as the shape has")
}

/// A value of this type made of awkward elements; other seeds give other neighbours.
fn awkward(ty: &Type, seed: usize) -> Value {
    let mut leaves = ty.leaves().into_iter().enumerate().map(|(leaf, t)| awkward_tensor(t, seed + 5 * leaf));
    Value::from_leaves(ty, &mut leaves).expect("leaves of the type")
}

fn awkward_tensor(t: &TensorType, seed: usize) -> Tensor {
    const REALS: [f64; 15] = [
        0.5,
        -1.25,
        2.0,
        0.0,
        0.1,
        -0.0,
        1e300,
        f64::INFINITY,
        3.0,
        f64::NAN,
        -7.5,
        0.3,
        1e-310,
        f64::NEG_INFINITY,
        1.0,
    ];
    const INTEGERS: [i64; 7] = [3, -1, i64::MAX, 0, i64::MIN, 1 << 53, -7];
    let element = |i: usize| match t.dtype {
        DType::F64 | DType::F32 => Scalar::F64(REALS[(i + seed) % REALS.len()]),
        DType::I64 => Scalar::I64(INTEGERS[(i * 3 + seed) % INTEGERS.len()]),
        DType::Bool => Scalar::Bool((i + seed).is_multiple_of(3)),
    };
    let data = Buffer::collect(t.dtype, (0..t.shape.elements()).map(element));
    Tensor { shape: t.shape.clone(), data }
}
