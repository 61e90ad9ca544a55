//! The program `wengert`: differentiates formulas and graphs on the command line.
//!
//! Invariants: a mistake of the user is one message on standard error and exit code 2, with nothing on standard output;
//! a reader that closes the pipe ends the program quietly; no input panics, recurses or runs without a limit.
//!
//! Reading order: `args` (what can be asked), `derive` (formulas: from a request to an answer) and `jobs` (many of them),
//! `report` and `json` (an answer for people and for programs), `tools` (graph files), `failure`.

mod args;

mod check;
mod derive;
mod jobs;

mod json;
mod report;
mod show;

mod tools;

mod number;
mod point;
mod source;
mod value;

mod failure;
mod growth;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
use failure::Failure;

/// Some job was wrong, or a derivative disagreed with its difference.
const FOUND_WRONG: u8 = 1;

fn main() -> ExitCode {
    let args = Args::parse();
    let mut out = BufWriter::new(io::stdout().lock());
    let done = run(&args.command, &mut out).and_then(|good| {
        out.flush()?;
        Ok(good)
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FOUND_WRONG),
        Err(failure) => failure.report(),
    }
}

/// Whether all went well.
fn run(command: &Command, out: &mut impl Write) -> Result<bool, Failure> {
    match command {
        Command::Derive(args) => match &args.jobs {
            Some(path) => jobs::run(path, args, out),
            None => derive::run(args, out),
        },
        Command::Growth(args) => growth::run(args, out),
        Command::Check(args) => tools::check(args).map(|()| true),
        Command::Grad(args) => tools::transform(args, |f, wrt| f.grad(wrt), out),
        Command::Vjp(args) => tools::transform(args, |f, wrt| f.vjp_by(wrt), out),
        Command::Jvp(args) => tools::transform(args, |f, wrt| f.jvp_by(wrt), out),
        Command::Hvp(args) => tools::transform(args, |f, wrt| f.hvp(wrt), out),
        Command::Hessian(args) => tools::transform(args, |f, wrt| f.hessian(wrt), out),
        Command::Jacobian(args) => tools::transform(args, |f, wrt| f.jacobian(wrt), out),
        Command::Taylor(args) => tools::taylor(args, out),
        Command::Opt(args) => tools::opt(args, out),
        Command::Eval(args) => tools::eval(args, out),
        Command::Show(args) => tools::show(args, out),
    }
}
