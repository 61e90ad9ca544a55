//! Samples the posterior of the eight schools, then all densities, and prints them beside what is exact.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use hmc::{Plan, comparison, densities, estimates, plot, posterior, potential, sample};

/// Hamiltonian Monte Carlo with gradients by wengert
#[derive(Parser)]
struct Args {
    /// Draws of each density
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(100..))]
    draws: u32,
    /// Seed of the noise
    #[arg(long, default_value_t = 1)]
    seed: i64,
    /// Draw measured and posterior effects into this SVG file
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let draws = args.draws as usize;
    let densities = densities()?;
    let schools = &densities[0];
    let gradient = schools.potential.value_and_grad(0)?;
    let program = gradient.compile()?;
    let plan = Plan { warmup: draws / 4, draws, steps: schools.steps, seed: args.seed };
    let chain = sample(potential(&program), program.inputs(), &plan)?;
    let found = estimates(schools, &chain)?;

    println!("Eight schools: U has {} nodes, U and its gradient {}", schools.potential.nodes(), gradient.nodes());
    println!(
        "{draws} draws, {} gradients, step {:.3}, {:.2} accepted\n",
        chain.gradients, chain.step, chain.acceptance
    );
    println!("{}", posterior(&found));
    print!("{}", comparison(&densities, draws, args.seed)?);
    if let Some(path) = &args.plot {
        std::fs::write(path, plot(&found[2..])?).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("\nThe effects are drawn in {}.", path.display());
    }
    Ok(())
}
