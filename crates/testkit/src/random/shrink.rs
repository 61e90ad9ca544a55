//! From a large counterexample to a small one, and from that to a case file.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use autodiff::function;
use graph_core::{Function, text};

use super::check::{Check, Effort, Find, check};
use super::gene::{Gene, Recipe};
use super::machine::arguments;
use super::program::Program;
use crate::case::exact;

/// The smallest recipe found whose program fails the same check.
pub fn shrink(recipe: &Recipe, of: Check) -> Recipe {
    let fails = |recipe: &Recipe| {
        let outcome = catch_unwind(AssertUnwindSafe(|| check(&Program::of(recipe), Effort::ALL)));
        matches!(outcome, Ok(Err(find)) if find.check == of)
    };
    shrink_while(recipe, fails)
}

/// Drops genes and sets bytes to smaller ones as long as `fails` holds, until nothing more can be done.
pub fn shrink_while(recipe: &Recipe, mut fails: impl FnMut(&Recipe) -> bool) -> Recipe {
    let mut best = recipe.clone();
    loop {
        let before = best.clone();
        drop_genes(&mut best, &mut fails);
        lower_bytes(&mut best, &mut fails);
        if best == before {
            return best;
        }
    }
}

/// Whether the recipe may become the candidate.
fn adopt(best: &mut Recipe, genes: Vec<Gene>, fails: &mut impl FnMut(&Recipe) -> bool) -> bool {
    let candidate = Recipe { genes, ..*best };
    let better = candidate != *best && fails(&candidate);
    if better {
        *best = candidate;
    }
    better
}

/// Long runs first.
fn drop_genes(best: &mut Recipe, fails: &mut impl FnMut(&Recipe) -> bool) {
    let mut run = best.genes.len() / 2;
    while run > 0 {
        let mut at = best.genes.len();
        while at > 0 {
            let start = at.saturating_sub(run);
            let rest = [&best.genes[..start], &best.genes[at.min(best.genes.len())..]].concat();
            adopt(best, rest, fails);
            at = start;
        }
        run /= 2;
    }
}

/// All bytes from one on to 0, then single bytes to 0, half and one less.
fn lower_bytes(best: &mut Recipe, fails: &mut impl FnMut(&Recipe) -> bool) {
    for at in 0..best.genes.len() {
        for from in 0..best.genes[at].len() {
            let mut genes = best.genes.clone();
            genes[at][from..].fill(0);
            if adopt(best, genes, fails) {
                break;
            }
        }
        for byte in 0..best.genes[at].len() {
            let old = best.genes[at][byte];
            for lower in [0, old / 2, old.saturating_sub(1)] {
                let mut genes = best.genes.clone();
                genes[at][byte] = lower;
                if adopt(best, genes, fails) {
                    break;
                }
            }
        }
    }
}

/// The program as a case: what was found, the transform that shows it, the point.
pub fn case_file(recipe: &Recipe, find: &Find) -> String {
    let program = Program::of(recipe);
    let (transform, last) = stage(&program, find.check);
    let mut out = format!("// Found by a random program: {:?}.\n", find.check);
    for line in find.message.lines().take(3) {
        let line: String = line.chars().take(200).collect();
        let _ = writeln!(out, "// {line}");
    }
    if let Some(name) = transform {
        let _ = writeln!(out, "//! transform: {name}");
    }
    let values = arguments(&last, &inputs(&program, &last));
    let named = last.params().iter().zip(values).map(|(param, value)| format!("{}={}", param.name, exact(&value)));
    let _ = writeln!(out, "//! at: {}", named.collect::<Vec<_>>().join(" "));
    out + &text::print(if transform.is_some() { &program.loss } else { &program.whole })
}

/// The transform that shows a find, and the function it leads to.
fn stage(program: &Program, check: Check) -> (Option<&'static str>, Arc<Function>) {
    let wrt = function::real_params(&program.loss);
    let made = match check {
        Check::SecondOrder | Check::SecondDifferences | Check::Taylor => ("hvp", function::hvp(&program.loss, &wrt)),
        Check::Hessian => ("hessian", function::hessian(&program.loss, &wrt)),
        Check::Panic | Check::Text | Check::Plan => return (None, Arc::clone(&program.whole)),
        Check::Transform
        | Check::Verify
        | Check::Executors
        | Check::Modes
        | Check::Batch
        | Check::Optimised(_)
        | Check::Ends
        | Check::Differences
        | Check::Single => ("grad", function::grad(&program.loss, &wrt)),
    };
    match made {
        (name, Ok(last)) => (Some(name), last),
        (_, Err(_)) => (None, Arc::clone(&program.whole)),
    }
}

/// The point, and the direction for the tangents of a second derivative.
fn inputs(program: &Program, last: &Function) -> Vec<f64> {
    let elements = |f: &Function, i: usize| f.param_type(i).leaves().iter().map(|t| t.shape.elements()).sum::<usize>();
    let mut all = program.at.clone();
    let mut at = 0;
    for index in 0..program.loss.params().len() {
        let next = at + elements(&program.loss, index);
        if last.params().len() > program.loss.params().len() && program.loss.param_type(index).has_float() {
            all.extend(&program.direction[at..next]);
        }
        at = next;
    }
    all
}
