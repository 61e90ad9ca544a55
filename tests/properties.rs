//! Facts about all programs, tried on random ones.

use std::sync::Arc;

use graph_core::{Function, text, verify};
use interp::{Program, Tensor, Value};
use opt::Level;
use proptest::prelude::*;
use testkit::random::{Outcome, World, check, point, program};

fn programs() -> impl Strategy<Value = Arc<Function>> {
    prop::collection::vec(any::<u32>(), 0..24).prop_map(|choices| program(World::Tensor, &choices))
}

/// The elements of all results at the fixed point, by the planned executor, which must agree with the reference.
fn run(f: &Arc<Function>, inputs: &[f64]) -> Vec<f64> {
    let program = Program::new(f).expect("a small program");
    let mut out = vec![0.0; program.outputs()];
    program.run_into(&mut program.workspace(), inputs, &mut out).expect("as many inputs as there are");
    let mut rest = inputs.iter().copied();
    let args: Vec<Value> = (0..f.params().len())
        .map(|i| {
            let ty = f.param_type(i);
            let mut leaves = ty.leaves().into_iter().map(|t| {
                let elements = rest.by_ref().take(t.shape.elements()).collect();
                Tensor::f64(&t.shape, elements).expect("as many elements as the shape has")
            });
            Value::from_leaves(ty, &mut leaves).expect("a tensor for each leaf")
        })
        .collect();
    let reference = interp::evaluate(f, &args).expect("arguments fit");
    let reference: Vec<f64> =
        reference.iter().flat_map(|v| v.leaves().into_iter().flat_map(Tensor::to_f64).collect::<Vec<_>>()).collect();
    assert!(same_bits(&out, &reference), "planned {out:?}, reference {reference:?}");
    out
}

fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan()))
}

/// Equal up to rounding; programs are bounded, so rounding errors stay small.
fn close(a: &[f64], b: &[f64]) -> bool {
    let near = |x: f64, y: f64| (x - y).abs() <= 1e-9 * (1.0 + x.abs()) || (x.is_nan() && y.is_nan());
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| near(*x, *y))
}

fn gradient(f: &Arc<Function>) -> Arc<Function> {
    autodiff::function::grad(f, &[0, 1, 2, 3]).expect("all parameters are real")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_parses_back_to_the_same_function(f in programs()) {
        for f in [f.clone(), gradient(&f)] {
            let printed = text::print(&f);
            let parsed = text::parse(&printed).expect("printed text parses");
            prop_assert_eq!(&parsed, &f);
            prop_assert_eq!(text::print(&parsed).lines().count(), printed.lines().count());
        }
    }

    #[test]
    fn optimised_programs_give_the_same_numbers(f in programs()) {
        let f = gradient(&f);
        let plain = run(&f, &point(World::Tensor, 0));
        for level in Level::ALL {
            let (optimised, report) = opt::optimize(&f, level);
            verify(optimised.graph()).expect("rewriting keeps the invariants");
            let cost = |f: &Function| opt::total_cost(f.graph(), f.results());
            prop_assert!(cost(&optimised) <= cost(&f), "{} became {}\n{report}", text::print(&f), text::print(&optimised));
            let numbers = run(&optimised, &point(World::Tensor, 0));
            let equal = if level <= Level::Exact { same_bits(&plain, &numbers) } else { close(&plain, &numbers) };
            prop_assert!(equal, "{level}: {plain:?} became {numbers:?}");
        }
    }

    #[test]
    fn both_modes_give_the_same_hessian_product(f in programs()) {
        let mut inputs = point(World::Tensor, 0);
        let direction: Vec<f64> = inputs.iter().map(|x| 0.3 - x).collect();
        inputs.extend(&direction);
        let forward_over_reverse = autodiff::function::hvp(&f, &[0, 1, 2, 3]).expect("all parameters are real");
        verify(forward_over_reverse.graph()).expect("rules build valid nodes");
        let tangent = autodiff::function::jvp(&f, &[0, 1, 2, 3]).expect("all parameters are real");
        let reverse_over_forward = autodiff::function::grad(&tangent, &[0, 1, 2, 3]).expect("one real result");
        verify(reverse_over_forward.graph()).expect("rules build valid nodes");
        let (a, b) = (run(&forward_over_reverse, &inputs), run(&reverse_over_forward, &inputs));
        prop_assert!(close(&a, &b), "{a:?}, {b:?}");
    }

    #[test]
    fn gradients_agree_with_tangents(f in programs()) {
        let inputs = point(World::Tensor, 0);
        let direction: Vec<f64> = inputs.iter().map(|x| 0.3 - x).collect();
        let adjoint = run(&gradient(&f), &inputs);
        let along: f64 = adjoint.iter().zip(&direction).map(|(a, v)| a * v).sum();
        let tangent = autodiff::function::jvp(&f, &[0, 1, 2, 3]).expect("all parameters are real");
        let both: Vec<f64> = inputs.iter().chain(&direction).copied().collect();
        prop_assert!(close(&[along], &run(&tangent, &both)));
    }
}

/// The programs of one seed: all that `check` asks for holds, and little is explained away.
#[test]
fn random_programs_of_both_worlds_hold() {
    for (world, count) in [(World::Scalar, 300_u32), (World::Tensor, 150)] {
        let mut explained = Vec::new();
        for n in 0..count {
            // Multiples of an odd number: every bit varies.
            let choices: Vec<u32> = (0..5 + n % 40).map(|i| (n * 64 + i + 1).wrapping_mul(2_654_435_761)).collect();
            let f = program(world, &choices);
            match check(&f, &point(world, u64::from(n)), n % 4 == 0) {
                Outcome::Fine => {}
                Outcome::Explained(why) => explained.push(why),
                Outcome::Wrong(what) => panic!("{world:?} {n}: {what}\n{}", text::print(&f)),
            }
        }
        assert!(explained.len() * 50 < count as usize, "{world:?}: {explained:?}");
    }
}
