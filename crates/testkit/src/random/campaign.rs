//! Many programs in a row, and what they found.

use std::collections::BTreeMap;
use std::fmt;

use super::check::{Effort, Find, Reason, check};
use super::gene::{Random, Recipe, World};
use super::program::Program;

/// A sequence of programs from a seed.
#[derive(Debug)]
pub struct Campaign {
    world: World,
    seeds: Random,
    /// What was seen so far.
    pub tally: Tally,
}

/// What many programs showed.
#[derive(Debug, Default)]
pub struct Tally {
    /// Number of programs.
    pub programs: u64,
    /// Nodes of all of them, without those of derivatives.
    pub nodes: u64,
    /// The largest number of nodes.
    pub largest: usize,
    /// Programs with a difference that is explained, by reason.
    pub explained: BTreeMap<Reason, u64>,
    /// Programs with a difference that is not.
    pub finds: Vec<(Recipe, Find)>,
}

impl Campaign {
    /// Nothing is done yet.
    pub fn new(world: World, seed: u64) -> Campaign {
        Campaign { world, seeds: Random(seed), tally: Tally::default() }
    }

    /// Checks one more program; the find, if it is one.
    pub fn step(&mut self) -> Option<&(Recipe, Find)> {
        let recipe = Recipe::random(self.world, self.seeds.next());
        let program = Program::of(&recipe);
        let nodes = program.whole.graph().len();
        let outcome = check(&program, Effort::nth(self.tally.programs));
        let tally = &mut self.tally;
        tally.programs += 1;
        tally.nodes += nodes as u64;
        tally.largest = tally.largest.max(nodes);
        match outcome {
            Ok(reasons) => {
                reasons.into_iter().for_each(|reason| *tally.explained.entry(reason).or_default() += 1);
                None
            }
            Err(find) => {
                tally.finds.push((recipe, find));
                tally.finds.last()
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mean = self.nodes as f64 / (self.programs.max(1)) as f64;
        writeln!(f, "{} programs, {mean:.0} nodes on average, at most {}", self.programs, self.largest)?;
        for (reason, rule) in Reason::ALL {
            let count = self.explained.get(&reason).copied().unwrap_or(0);
            let share = 100.0 * count as f64 / self.programs.max(1) as f64;
            writeln!(f, "{count} ({share:.3} %) explained: {rule}")?;
        }
        write!(f, "{} unexplained", self.finds.len())
    }
}
