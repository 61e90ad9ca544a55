//! Prints the lecture; draws the errors of differences where asked.

use std::io::Write as _;
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
    let mut text = lecture::report().map_err(|e| e.to_string())?;
    if let Some(path) = &args.plot {
        let [_, along_x2] = lecture::steps();
        let svg = lecture::plot(&along_x2)?;
        std::fs::write(path, svg).map_err(|e| format!("{}: {e}", path.display()))?;
        text += &format!("\nThe errors of section 1 along x2 are drawn in {}.\n", path.display());
    }
    std::io::stdout().write_all(text.as_bytes()).map_err(|e| format!("standard output: {e}"))
}
