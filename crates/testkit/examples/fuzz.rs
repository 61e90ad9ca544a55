//! Random programs without end: `just fuzz MINUTES`. What fails is shrunk and written as a case.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use graph_core::text::print;
use indicatif::{ProgressBar, ProgressStyle};
use testkit::random::{Outcome, World, check, point, program, shrink};

/// Checks random programs: text, verifier, both executors, modes of orders one to three, optimiser, differences.
#[derive(Parser)]
struct Args {
    /// What programs are made of.
    #[arg(long, value_enum, default_value_t = Kind::Tensor)]
    world: Kind,
    /// How long.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Stop after so many programs.
    #[arg(long, default_value_t = u64::MAX)]
    programs: u64,
    /// Which programs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write cases.
    #[arg(long, default_value = "target/fuzz")]
    out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Scalar,
    Tensor,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let world = match args.world {
        Kind::Scalar => World::Scalar,
        Kind::Tensor => World::Tensor,
    };
    let end = Instant::now() + Duration::from_secs_f64(60.0 * args.minutes);
    let bar = ProgressBar::new_spinner();
    bar.set_style(
        ProgressStyle::with_template("{elapsed_precise} {pos} programs, {per_sec} {msg}").expect("a template"),
    );
    let mut dice = fastrand::Rng::with_seed(args.seed);
    let (mut explained, mut found, mut nodes) = (BTreeMap::<&str, u64>::new(), 0u64, 0u64);
    while Instant::now() < end && bar.position() < args.programs {
        let choices = choices(&mut dice);
        let (f, at) = (program(world, &choices), point(world, dice.u64(0..1 << 20)));
        let deep = bar.position().is_multiple_of(8);
        nodes += f.graph().len() as u64;
        match check(&f, &at, deep) {
            Outcome::Fine => {}
            Outcome::Explained(why) => *explained.entry(why).or_default() += 1,
            Outcome::Wrong(what) => {
                found += 1;
                bar.println(report(&args.out, world, &choices, &at, &what));
            }
        }
        bar.inc(1);
        bar.set_message(format!("{found} found, explained: {explained:?}"));
    }
    let count = bar.position();
    bar.finish_and_clear();
    println!("{count} programs, {nodes} nodes, {found} found, explained: {explained:?}, seed {}", args.seed);
    if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Mostly short; some of up to 500.
fn choices(dice: &mut fastrand::Rng) -> Vec<u32> {
    let length = match dice.u32(0..100) {
        0..80 => dice.usize(3..14),
        80..98 => dice.usize(14..50),
        _ => dice.usize(50..500),
    };
    (0..length).map(|_| dice.u32(..)).collect()
}

/// Shrinks what fails, writes it, says where.
fn report(out: &Path, world: World, choices: &[u32], at: &[f64], what: &str) -> String {
    let fails = |choices: &[u32]| matches!(check(&program(world, choices), at, true), Outcome::Wrong(_));
    let small = if fails(choices) { shrink(choices, fails) } else { choices.to_vec() };
    let f = program(world, &small);
    let what = match check(&f, at, true) {
        Outcome::Wrong(what) => what,
        Outcome::Fine | Outcome::Explained(_) => what.to_string(),
    };
    let path = out.join(format!(
        "found_{:08x}.graph",
        fastrand::Rng::with_seed(small.iter().map(|&c| u64::from(c)).sum()).u32(..)
    ));
    let numbers: Vec<String> = at.iter().map(|x| format!("{x:?}")).collect();
    let text =
        format!("// {}\n// at {}\n//! transform: hessian\n{}", what.replace('\n', " "), numbers.join(" "), print(&f));
    let written = std::fs::create_dir_all(out).and_then(|()| std::fs::write(&path, &text));
    format!(
        "{what}\n{}{}",
        text,
        written.map_or_else(|e| format!("not written: {e}"), |()| format!("-> {}", path.display()))
    )
}
