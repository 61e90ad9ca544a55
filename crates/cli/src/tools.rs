//! Tools on graph files. Each reads the text form, and those that make a graph print it, so that they chain in a pipe.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::Value as Json;
use wengert::{Error, Function, Level, Stage, Step, Value, Work, svg, text};

use crate::args::{EvalArgs, Exec, FileArgs, Form, Format, OptArgs, ShowArgs, TaylorArgs, TransformArgs};
use crate::failure::{Failure, Mistake};
use crate::json::{Text, comma, plain};
use crate::point::{self, Point};
use crate::source::Source;
use crate::value::{self, Written};

/// `check`: every problem of a graph is a mistake.
pub fn check(args: &FileArgs) -> Result<(), Failure> {
    let source = text(args)?;
    Function::check(&source).map_err(|errors| {
        let mut mistakes: Vec<Mistake> = errors.into_iter().map(|error| in_graph(error, &source)).collect();
        if mistakes.len() == text::MOST_MISTAKES {
            let message = format!("the first {} mistakes are shown; there may be more", text::MOST_MISTAKES);
            mistakes.push(Mistake::new("limit", message).help("correct these and check again"));
        }
        Failure::Mistakes(mistakes)
    })?;
    Ok(())
}

/// `grad`, `vjp`, `jvp`, `hvp`, `hessian`, `jacobian`: prints a derivative function.
pub fn transform(
    args: &TransformArgs,
    derive: impl Fn(&Function, &[usize]) -> Result<Function, Error>,
    out: &mut impl Write,
) -> Result<bool, Failure> {
    let f = read(&args.file)?;
    let wrt = positions(&f, args.wrt.as_deref())?;
    let derived = derive(&f, &wrt)?;
    out.write_all(derived.text().as_bytes())?;
    Ok(true)
}

/// `taylor`: prints the function of Taylor coefficients.
pub fn taylor(args: &TaylorArgs, out: &mut impl Write) -> Result<bool, Failure> {
    transform(&args.transform, |f, wrt| f.taylor_by(wrt, args.order), out)
}

/// `opt`: prints an equal function.
pub fn opt(args: &OptArgs, out: &mut impl Write) -> Result<bool, Failure> {
    let given = read(&args.file)?;
    let (optimized, report) = given.optimize(args.opt);
    out.write_all(optimized.text().as_bytes())?;
    if args.steps {
        for Step { rule, before, after } in given.steps(args.opt) {
            let _ = writeln!(io::stderr(), "{rule}: {before} = {after}");
        }
    }
    if args.report {
        // On standard error, so that the graph can go on through the pipe.
        let mut err = io::stderr();
        let _ = writeln!(err, "{report}\n     nodes  operations  transcendental        cost        ms  stage");
        for Stage { name, nodes, work: Work { operations, transcendental, cost }, elapsed } in given.stages(args.opt) {
            let ms = elapsed.as_secs_f64() * 1e3;
            let _ = writeln!(err, "{nodes:>10}{operations:>12}{transcendental:>16}{cost:>12}{ms:>10.3}  {name}");
        }
    }
    Ok(true)
}

/// `show`: prints another form.
pub fn show(args: &ShowArgs, out: &mut impl Write) -> Result<bool, Failure> {
    let f = read(&args.file)?;
    let shown = match args.form {
        Form::Text => f.text(),
        Form::Dot => text::dot(f.core()),
        Form::Svg => svg(f.core()).map_err(|e| Mistake::from(Error::from(e)).help("use `--as dot` and Graphviz"))?,
        Form::Math => text::math_results(f.core()) + "\n",
        Form::Plan => f.compile()?.plan().listing(),
    };
    out.write_all(shown.as_bytes())?;
    Ok(true)
}

/// `eval`: prints the results at each point, one a line for people, all in one line for programs.
pub fn eval(args: &EvalArgs, out: &mut impl Write) -> Result<bool, Failure> {
    let f = read(&args.file)?;
    check_size(&f, args.max_elements)?;
    let points = match args.at.is_empty() {
        true => vec![Point::new()],
        false => args.at.iter().map(|text| point::parse(text, point::json)).collect::<Result<_, _>>()?,
    };
    let arguments = points.iter().map(|point| arguments(&f, point)).collect::<Result<Vec<_>, _>>()?;
    let results = run(&f, args, &arguments)?;
    match args.format {
        Format::Text => results_for_people(out, &args.at, &results)?,
        Format::Json => results_for_programs(out, &f, args, &points, &results)?,
    }
    Ok(true)
}

fn text(args: &FileArgs) -> Result<String, Mistake> {
    Source::open(&args.file)?.read(args.max_bytes)
}

fn read(args: &FileArgs) -> Result<Function, Mistake> {
    let source = text(args)?;
    Function::parse(&source).map_err(|error| in_graph(error, &source))
}

/// A mistake with its place in the text, if it has one.
fn in_graph(error: Error, source: &str) -> Mistake {
    match error.parse_error() {
        Some(error) => Mistake::in_graph(error, source),
        None => error.into(),
    }
}

/// The positions of named parameters, or of all that are real.
fn positions(f: &Function, names: Option<&[String]>) -> Result<Vec<usize>, Mistake> {
    let Some(names) = names else { return Ok(f.real_params()) };
    point::check_names(names)?;
    let params = f.core().params();
    let places: HashMap<&str, usize> = params.iter().enumerate().map(|(at, p)| (&*p.name, at)).collect();
    let position = |name: &String| {
        places.get(name.as_str()).copied().ok_or_else(|| {
            let known: Vec<String> = params.iter().map(|p| format!("`{}`", p.name)).collect();
            let message = format!("@{} has no parameter {}", f.name(), point::quote(name));
            Mistake::new("wrt", message).help(format!("its parameters are {}", known.join(", ")))
        })
    };
    names.iter().map(position).collect()
}

/// Refuses results too long to print. The rows of an array without elements count, for they are printed.
fn check_size(f: &Function, limit: usize) -> Result<(), Mistake> {
    let result = f.core().result_type();
    let size = |extents: &[usize]| extents.iter().fold(1_usize, |size, &extent| size.saturating_mul(extent.max(1)));
    match result.leaves().into_iter().find(|t| size(&t.shape) > limit) {
        Some(t) => {
            let message = format!("a result of type {t} has more elements or rows than the limit of {limit}");
            Err(Mistake::new("limit", message).help("raise the limit with --max-elements"))
        }
        None => Ok(()),
    }
}

/// A value for each parameter; all that are missing are named.
fn arguments(f: &Function, point: &Point<Json>) -> Result<Vec<Value>, Mistake> {
    let params = || f.core().params().iter().enumerate().map(|(i, p)| (&*p.name, f.core().param_type(i)));
    let missing = params().filter(|(name, _)| point.get(name).is_none());
    let missing: Vec<String> = missing.map(|(name, ty)| format!("`{name}` of type {ty}")).collect();
    if !missing.is_empty() {
        let mistake = Mistake::new("no-value", format!("no value for {}", missing.join(", ")));
        return Err(mistake.help("give every parameter a value: `--at x=2,w=[1,2]`"));
    }
    let argument = |(name, ty)| {
        let json = point.get(name).expect("none is missing");
        value::read(ty, json).map_err(|wrong| Mistake::new("value", wrong.of(name)))
    };
    params().map(argument).collect()
}

fn run(f: &Function, args: &EvalArgs, points: &[Vec<Value>]) -> Result<Vec<Vec<Value>>, Error> {
    let f = match args.opt {
        Level::None => f.clone(),
        level => f.optimize(level).0,
    };
    match args.exec {
        Exec::Reference => points.iter().map(|arguments| f.eval(arguments)).collect(),
        Exec::Compiled => {
            let program = f.compile_at(Level::None)?;
            points.iter().map(|arguments| program.run_values(arguments)).collect()
        }
    }
}

fn results_for_people(out: &mut impl Write, at: &[String], results: &[Vec<Value>]) -> io::Result<()> {
    for (index, results) in results.iter().enumerate() {
        if at.len() > 1 {
            writeln!(out, "{}at {}", if index == 0 { "" } else { "\n" }, at[index])?;
        }
        for result in results {
            writeln!(out, "{}", plain(&Written(result)))?;
        }
    }
    Ok(())
}

fn results_for_programs(
    out: &mut impl Write,
    f: &Function,
    args: &EvalArgs,
    points: &[Point<Json>],
    results: &[Vec<Value>],
) -> io::Result<()> {
    write!(out, "{{\"function\":{},\"opt\":\"{}\",\"exec\":\"{}\"", Text(f.name()), args.opt, args.exec.name())?;
    write!(out, ",\"points\":[")?;
    for (index, (point, results)) in points.iter().zip(results).enumerate() {
        write!(out, "{}{{\"at\":{{", comma(index))?;
        for (i, (name, value)) in point.entries().iter().enumerate() {
            write!(out, "{}{}:{value}", comma(i), Text(name))?;
        }
        write!(out, "}},\"results\":[")?;
        for (i, result) in results.iter().enumerate() {
            write!(out, "{}{}", comma(i), Written(result))?;
        }
        write!(out, "]}}")?;
    }
    writeln!(out, "]}}")
}
