//! Runs random programs for a while, or so many of them, and says what they found.
//!
//! ```sh
//! cargo run --release -p wengert-testkit --example fuzz -- --minutes 1 --seed 7 --tensor --cases found
//! ```
//! `--programs N` runs so many instead; a run ends at the 20th find, with `--first` at the first. Each find is shrunk to a case file in the folder `--cases`, and makes the exit
//! status 1.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use testkit::random::{Campaign, Find, Recipe, World, case_file, shrink};

/// What to do.
struct Options {
    worlds: Vec<World>,
    minutes: f64,
    programs: u64,
    seed: u64,
    most_finds: usize,
    cases: PathBuf,
}

const USAGE: &str = "fuzz [--minutes M | --programs N] [--seed S] [--scalar] [--tensor] [--first] [--cases FOLDER]";

fn options() -> Option<Options> {
    let mut options = Options {
        worlds: vec![],
        minutes: 1.0,
        programs: u64::MAX,
        seed: 7,
        most_finds: 20,
        cases: "target/fuzz".into(),
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--scalar" => options.worlds.push(World::Scalar),
            "--tensor" => options.worlds.push(World::Tensor),
            "--minutes" => options.minutes = args.next()?.parse().ok()?,
            "--programs" => {
                options.programs = args.next()?.parse().ok()?;
                options.minutes = f64::INFINITY;
            }
            "--seed" => options.seed = args.next()?.parse().ok()?,
            "--first" => options.most_finds = 1,
            "--cases" => options.cases = args.next()?.into(),
            _ => return None,
        }
    }
    if options.worlds.is_empty() {
        options.worlds = vec![World::Scalar, World::Tensor];
    }
    Some(options)
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!("usage: {USAGE}");
        return ExitCode::from(2);
    };
    // panics are finds; their messages stand in the summary
    std::panic::set_hook(Box::new(|_| {}));
    let finds: usize = options.worlds.iter().map(|&world| run(world, &options)).sum();
    ExitCode::from(u8::from(finds > 0))
}

/// The number of finds.
fn run(world: World, options: &Options) -> usize {
    let mut campaign = Campaign::new(world, options.seed);
    let start = Instant::now();
    let limit = options.minutes * 60.0 / options.worlds.len() as f64;
    let mut shown = Duration::ZERO;
    while campaign.tally.programs < options.programs && start.elapsed().as_secs_f64() < limit {
        if let Some((recipe, find)) = campaign.step() {
            report(recipe, find, options);
        }
        if campaign.tally.finds.len() >= options.most_finds {
            break;
        }
        if start.elapsed() > shown + Duration::from_secs(1) {
            shown = start.elapsed();
            let (programs, finds) = (campaign.tally.programs, campaign.tally.finds.len());
            eprint!("\r{world:?}: {programs} programs, {finds} unexplained, {} s  ", shown.as_secs());
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("\n{world:?}, seed {}: {}, in {seconds:.0} s", options.seed, campaign.tally);
    campaign.tally.finds.len()
}

/// Shrinks a find to a case file.
fn report(recipe: &Recipe, find: &Find, options: &Options) {
    println!("\n{:?}: {}", find.check, find.message.lines().next().unwrap_or_default());
    let small = shrink(recipe, find.check);
    println!("  small {small:?}");
    match write(&options.cases, &small, find) {
        Ok(path) => println!("  case {}", path.display()),
        Err(e) => println!("  no case: {e}"),
    }
}

fn write(folder: &Path, small: &Recipe, find: &Find) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let name = format!("{:?}_{:?}", find.check, small).replace(|c: char| !c.is_alphanumeric(), "_");
    let path = folder.join(format!("{}.graph", &name[..name.len().min(80)]));
    std::fs::write(&path, case_file(small, find))?;
    Ok(path)
}
