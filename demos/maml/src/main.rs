//! Prints both meta-gradients of two learners, then trains one of them with either.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use maml::{Meta, NETWORK, TASKS, plot, report, start, train};

/// Learning to learn with exact and first-order meta-gradients by wengert
#[derive(Parser)]
struct Args {
    /// Batches of tasks to train with
    #[arg(long, default_value_t = 1000)]
    batches: usize,
    /// Seed of the first weights
    #[arg(long, default_value_t = 1)]
    seed: i64,
    /// Draw one held-out task into this SVG file
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
    println!(
        "A polynomial: the gradient of the loss after steps, by the weights before them; error against the closed form"
    );
    println!("\n{}", report::polynomial()?);

    let theta = start(&NETWORK, args.seed)?;
    println!("A network of {} weights and {TASKS} sine waves: nodes and lengths of both gradients\n", theta.len());
    println!("{}", report::network(&theta)?);

    println!("Trained with {} batches: loss of 200 new waves after steps on ten examples of each\n", args.batches);
    println!("{}\n{}", report::heading(), report::losses(&NETWORK, "nothing", &theta)?);
    let mut learned = Vec::new();
    for (name, steps, meta) in [
        ("1 step, first order", 1, Meta::FirstOrder),
        ("1 step, exact", 1, Meta::Exact),
        ("5 steps, first order", 5, Meta::FirstOrder),
        ("5 steps, exact", 5, Meta::Exact),
    ] {
        learned = train(&NETWORK, &theta, steps, meta, args.batches)?;
        println!("{}", report::losses(&NETWORK, name, &learned)?);
    }
    if let Some(path) = &args.plot {
        std::fs::write(path, plot(&NETWORK, &learned)?).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("\nOne of the waves is drawn in {}.", path.display());
    }
    Ok(())
}
