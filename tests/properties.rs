//! Facts about all programs, tried on random ones: text, verifier, both executors, every mode to order three, the optimiser
//! and its cost, differences (`testkit::random::check`). `just fuzz MINUTES` tries more.

use graph_core::{Opcode, text};
use testkit::random::{Outcome, World, check, point, program, shrink};

/// The numbers of program n: multiples of an odd number, so that every bit varies.
fn choices(n: u32) -> Vec<u32> {
    (0..3 + n % 37).map(|i| (n * 64 + i + 1).wrapping_mul(2_654_435_761)).collect()
}

#[test]
fn random_programs_of_both_worlds_hold() {
    for (world, count) in [(World::Scalar, 400), (World::Tensor, 250)] {
        let mut explained = Vec::new();
        for n in 0..count {
            let f = program(world, &choices(n));
            match check(&f, &point(world, u64::from(n)), n % 4 == 0) {
                Outcome::Fine => {}
                Outcome::Explained(why) => explained.push(why),
                Outcome::Wrong(what) => panic!("{world:?} {n}: {what}\n{}", text::print(&f)),
            }
        }
        assert!(explained.len() * 50 < count as usize, "{world:?}: {explained:?}");
    }
}

#[test]
fn programs_of_tensors_use_every_op() {
    let mut missing: Vec<Opcode> = Opcode::all().to_vec();
    for n in 0..2000 {
        let f = program(World::Tensor, &choices(n));
        missing.retain(|&op| !f.graph().nodes().iter().any(|&id| f.graph().op(id).code() == op));
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_fails_shrinks_to_a_small_program() {
    let uses_tan = |choices: &[u32]| {
        let f = program(World::Tensor, choices);
        f.graph().nodes().iter().any(|&id| f.graph().op(id).name() == "tan")
    };
    let failing = (0..2000).map(choices).find(|choices| uses_tan(choices) && choices.len() > 20).expect("some program");
    let small = shrink(&failing, uses_tan);
    assert!(uses_tan(&small) && small.len() == 1, "{} choices are left of {}", small.len(), failing.len());
}
