//! Trains the network and prints how large each function is, and how the error falls.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use pinn::{Equations, Progress, plot, train};

/// A Poisson equation solved by a network, with derivatives by wengert
#[derive(Parser)]
struct Args {
    /// Hidden units
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    hidden: u16,
    /// Steps of BFGS
    #[arg(long, default_value_t = 1000)]
    steps: usize,
    /// Seed of the first weights
    #[arg(long, default_value_t = 1)]
    seed: i64,
    /// Draw solution and error into this SVG file
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
    let equations = Equations::new(usize::from(args.hidden), 10)?;
    let Equations { u, laplacian, residual, loss, training } = &equations;
    println!("{} hidden units, 10 x 10 points; nodes as built and as simplified", args.hidden);
    let of_one = [("trial solution", u), ("its Laplacian", laplacian), ("residual", residual)];
    let of_all = [("loss of all points", loss), ("loss and its gradient", training)];
    for (name, f) in of_one.into_iter().chain(of_all) {
        println!("{name:<22}{:>6}{:>6}", f.nodes(), f.optimize(wengert::Level::default()).0.nodes());
    }

    println!("\n{:>6}{:>11}{:>12}{:>12}", "steps", "gradients", "residual", "error");
    let errors = train(&equations, args.steps, args.seed, |at| {
        let Progress { steps, gradients, residual, error } = at;
        println!("{steps:>6}{gradients:>11}{residual:>12.1e}{error:>12.1e}");
    })?;
    if let Some(path) = &args.plot {
        std::fs::write(path, plot(&errors)?).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("\nSolution and error are drawn in {}.", path.display());
    }
    Ok(())
}
