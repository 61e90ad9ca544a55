//! `nist FILE.dat --model "b1*(1-exp(-b2*x))"` fits one data set, `nist --all` every one at hand.
//!
//! The exit code is 0 where 8 digits or more agree with the certified results, 1 where fewer do, 2 where a file or a
//! model cannot be read.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use nist::archive;
use nist::dataset::Dataset;
use nist::report::Report;

/// Fits nonlinear regression problems of the NIST Statistical Reference Datasets, with exact derivatives
#[derive(Parser)]
struct Args {
    /// A file of the archive's format; a name alone may be one of the files that come with the program
    #[arg(required_unless_present = "all")]
    file: Option<PathBuf>,
    /// The model, as a formula or in the notation of the files [default: the one that the file states]
    #[arg(long)]
    model: Option<String>,
    /// Fit every file of a folder [default: those that come with the program] and print a summary
    #[arg(long, value_name = "DIR", num_args = 0..=1, conflicts_with_all = ["file", "model"])]
    all: Option<Option<PathBuf>>,
}

/// What to print, and whether the digits agree.
type Outcome = (String, bool);

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match (args.all, args.file) {
        (Some(folder), _) => all(folder.as_deref()),
        (None, Some(file)) => one(&file, args.model.as_deref()),
        (None, None) => Err("a file is needed".to_string()),
    };
    let (text, code) = match outcome {
        Ok((text, passed)) => (text, if passed { 0 } else { 1 }),
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(2);
        }
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::from(code),
        Err(_) => ExitCode::FAILURE,
    }
}

fn one(file: &Path, model: Option<&str>) -> Result<Outcome, String> {
    let set = Dataset::parse(&read(file)?).map_err(|e| format!("{}: {e}", file.display()))?;
    let report = Report::new(&set, model).map_err(|e| format!("the model: {e}"))?;
    Ok((report.full(), report.passed()))
}

/// The file, or the one of its name that comes with the program.
fn read(file: &Path) -> Result<String, String> {
    let packaged = archive::FILES.iter().find(|(name, _)| Path::new(name) == file);
    match (std::fs::read_to_string(file), packaged) {
        (Ok(text), _) => Ok(text),
        (Err(_), Some((_, text))) => Ok(text.to_string()),
        (Err(e), None) => Err(format!("{}: {e}", file.display())),
    }
}

fn all(folder: Option<&Path>) -> Result<Outcome, String> {
    let files = match folder {
        Some(folder) => files_of(folder)?,
        None => archive::FILES.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect(),
    };
    let (mut table, mut notes, mut passed) = (Report::heading(), String::new(), true);
    for (name, text) in files {
        let set = Dataset::parse(&text).map_err(|e| format!("{name}: {e}"))?;
        let report = Report::new(&set, None).map_err(|e| format!("{name}: the model: {e}"))?;
        table += &report.summary();
        notes += &report.note().unwrap_or_default();
        passed &= report.passed();
    }
    Ok((table + &notes, passed))
}

/// The data sets of a folder, in order of their names.
fn files_of(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let failed = |e: std::io::Error| format!("{}: {e}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "dat") {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err(format!("{}: no file ends in `.dat`", folder.display()));
    }
    paths.iter().map(|path| Ok((path.display().to_string(), read(path)?))).collect()
}
