//! What must hold of every program, tried on random ones from a fixed seed. `just fuzz MINUTES` tries others.

use testkit::case;
use testkit::random::{Campaign, Check, Find, Gene, Program, Recipe, World, case_file, shrink_while};

/// Runs so many programs; all differences must be explained, and few are.
fn holds_for(world: World, programs: u64) {
    let mut campaign = Campaign::new(world, 2024);
    for _ in 0..programs {
        if let Some((recipe, find)) = campaign.step() {
            panic!("{find:?}\nin {recipe:?}; `just fuzz` shrinks it");
        }
    }
    let explained: u64 = campaign.tally.explained.values().sum();
    assert!(explained * 50 <= programs, "{}", campaign.tally);
}

#[test]
fn scalar_programs_are_what_all_witnesses_say() {
    holds_for(World::Scalar, 2000);
}

#[test]
fn tensor_programs_are_what_all_witnesses_say() {
    holds_for(World::Tensor, 600);
}

#[test]
fn every_op_occurs_in_some_program() {
    let mut left: Vec<_> = graph_core::Opcode::all().to_vec();
    for seed in 0..4000 {
        let world = if seed % 4 == 0 { World::Scalar } else { World::Tensor };
        let program = Program::of(&Recipe::random(world, seed));
        let g = program.whole.graph();
        left.retain(|&op| g.nodes().iter().all(|&x| g.op(x).code() != op));
        if left.is_empty() {
            return;
        }
    }
    panic!("no program has {left:?}");
}

#[test]
fn any_list_of_genes_is_a_program_with_a_point() {
    for genes in [vec![], vec![[0; 16]], vec![[255; 16]; 9], vec![[77; 16]; 40]] {
        for world in [World::Scalar, World::Tensor] {
            let program = Program::of(&Recipe { world, genes: genes.clone() });
            assert_eq!(program.at.len(), program.direction.len());
        }
    }
}

/// A check that dislikes `atan2` stands for a wrong rule: one op is left, and simple operands.
#[test]
fn a_counterexample_is_shrunk_to_the_step_that_is_to_blame() {
    let fails = |recipe: &Recipe| graph_core::text::print(&Program::of(recipe).loss).contains("atan2");
    let mut seeds = 0..;
    let large = seeds.find_map(|seed| {
        let recipe = Recipe::random(World::Scalar, seed);
        (recipe.genes.len() > 40 && fails(&recipe)).then_some(recipe)
    });
    let small = shrink_while(&large.expect("some program of 40 steps has it"), fails);
    assert_eq!(small.genes.len(), 2, "{small:?}");
    let bytes = |gene: &Gene| gene.iter().filter(|&&byte| byte > 0).count();
    assert!(small.genes.iter().map(bytes).sum::<usize>() <= 2, "{small:?}");
}

/// The case file of a find is a case: it is read, its point fits, and without the fault it passes.
#[test]
fn a_find_becomes_a_case() {
    for (world, seed) in [World::Scalar, World::Tensor].into_iter().flat_map(|world| (0..12).map(move |n| (world, n))) {
        let mut recipe = Recipe::random(world, 77 + seed);
        recipe.genes.truncate(5);
        for check in [Check::Modes, Check::SecondOrder, Check::Executors, Check::Text] {
            let find = Find::new(check, "as if\nit had failed");
            let text = case_file(&recipe, &find);
            case::check(&text).unwrap_or_else(|failure| panic!("{failure}\n{text}"));
        }
    }
}
