//! Prints the lecture; draws the errors of differences where asked.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// The lecture on automatic differentiation, method by method.
#[derive(Parser)]
struct Args {
    /// Draw the error of differences against the step into this SVG file.
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

fn run(args: &Args) -> Result<(), String> {
    print!("{}", lecture::report().map_err(|e| e.to_string())?);
    if let Some(path) = &args.plot {
        let svg = lecture::plot(&lecture::steps())?;
        std::fs::write(path, svg).map_err(|e| format!("{}: {e}", path.display()))?;
        println!("\nThe errors of section 1 are drawn in {}.", path.display());
    }
    Ok(())
}
