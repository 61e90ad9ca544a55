//! Facts hold: random programs are run at numbers of all kinds, and no value leaves the bounds that were claimed.

use graph_core::op::{Binary, Unary};
use graph_core::{DType, Graph, NodeId, Type};

use crate::facts::{Facts, facts};

const NUMBERS: &[f64] = &[
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    5e-324,
    -1e-310,
    1e-160,
    -1e-8,
    0.3,
    -0.7,
    1.0,
    -1.0,
    2.5,
    -37.0,
    710.0,
    -745.0,
    1e16,
    -1e155,
    1e308,
];

fn holds(facts: Facts, value: f64) -> bool {
    match value.is_nan() {
        true => facts.nan,
        false => {
            let whole = !facts.whole || value.is_infinite() || value.fract() == 0.0;
            (facts.low..=facts.high).contains(&value) && whole
        }
    }
}

/// A node of an op drawn at random on nodes drawn at random, with its values for each number.
fn step(noise: &mut fastrand::Rng, g: &mut Graph, dtype: DType, all: &mut Vec<(NodeId, Vec<f64>)>) {
    let rounded = |x: f64| if dtype == DType::F32 { f64::from(x as f32) } else { x };
    let (x, at) = all[noise.usize(..all.len())].clone();
    let (y, also) = all[noise.usize(..all.len())].clone();
    let made = match noise.bool() {
        true => {
            let op = Unary::ALL[noise.usize(..Unary::ALL.len())];
            (g.unary(op, x), at.iter().map(|&x| rounded(op.eval(x))).collect())
        }
        false => {
            let op = Binary::ALL[noise.usize(..Binary::ALL.len())];
            (g.binary(op, x, y), at.iter().zip(&also).map(|(&x, &y)| rounded(op.eval(x, y))).collect())
        }
    };
    all.push(made);
}

#[test]
fn no_value_leaves_the_bounds_that_are_claimed() {
    let mut noise = fastrand::Rng::with_seed(3);
    let (mut claims, mut bounded) = (0, 0);
    for program in 0..4000 {
        let dtype = if program % 2 == 0 { DType::F64 } else { DType::F32 };
        let mut g = Graph::new();
        let x = g.param("x", Type::tensor(dtype, &[])).expect("a fresh name");
        let mut numbers: Vec<f64> = NUMBERS.to_vec();
        numbers.extend((0..20).map(|_| f64::from_bits(noise.u64(..))));
        let numbers: Vec<f64> =
            numbers.into_iter().map(|x| if dtype == DType::F32 { f64::from(x as f32) } else { x }).collect();
        let constant = [-2.0, -0.5, 0.0, 0.25, 1.0, 3.0][noise.usize(..6)];
        let splat = g.splat_like(constant, x);
        let mut all = vec![(x, numbers.clone()), (splat, vec![constant; numbers.len()])];
        for _ in 0..10 {
            step(&mut noise, &mut g, dtype, &mut all);
        }
        for (id, values) in &all {
            let facts = facts(&g, *id);
            claims += 1;
            bounded += usize::from(facts.low > f64::NEG_INFINITY || facts.high < f64::INFINITY || !facts.nan);
            for (value, x) in values.iter().zip(&numbers) {
                assert!(holds(facts, *value), "{:?} at x = {x:e}: {value:e} is not in {facts:?}", g.op(*id));
            }
        }
    }
    assert!(3 * bounded > claims, "of {claims} claims {bounded} say anything");
}
