//! Solves the swing-up, prints the way there and what derivatives cost, and draws the motion.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use ocp::{Collocation, costs, iterations, plot, simulate, solve};

/// A cart-pole swung up with the least force, by collocation with sparse derivatives
#[derive(Parser)]
struct Args {
    /// Intervals of the grid
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(2..=2000))]
    intervals: u32,
    /// Draw the motion into this SVG file
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
    let problem = Collocation::new(args.intervals as usize)?;
    let solution = solve(&problem, problem.straight())?;
    print!("{}", iterations(&solution.path));
    let trajectory = problem.trajectory(&solution.decisions);
    let most = trajectory.forces.iter().fold(0.0, |most: f64, u| most.max(u.abs()));
    let [position, angle, ..] = simulate(&trajectory, 50);
    println!(
        "\nThe largest force is {most:.3} N; simulated, the cart ends at {position:.5} m, the pole at {angle:.5} rad.\n"
    );
    println!("Entries and passes of the Jacobian, then of the Hessian of the Lagrangian:");
    print!("{}", costs(&[25, 50, 100, 200])?);
    if let Some(path) = &args.plot {
        std::fs::write(path, plot(&trajectory)?).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("\nThe motion is drawn in {}.", path.display());
    }
    Ok(())
}
