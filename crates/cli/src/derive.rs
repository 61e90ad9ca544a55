//! From a request for derivatives of a formula to an answer, for the command line and for jobs alike.
//!
//! An answer is made in full before anything is written: every mistake is found first. Its values are computed while it
//! is written, so that many points need no more memory than one.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use wengert::formula::Formula;
use wengert::partials::{Partials, Settings};
use wengert::{Error, Function, Level, Program, Tensor, Value};

use crate::args::{DeriveArgs, Exec, Format, Limits, Method, Show};
use crate::check::Witness;
use crate::failure::{Failure, Mistake};
use crate::number::{self, Nested, Numbers};
use crate::point::{self, Point};
use crate::{json, report, show};

/// What to derive, how and where.
#[derive(Clone, Debug)]
pub struct Request {
    pub expr: String,
    pub points: Vec<Point<Numbers>>,
    pub method: Method,
    pub limits: Limits,
    /// Whether to compare first derivatives with differences.
    pub check: bool,
}

/// The tool `derive` on one formula: whether all derivatives agree.
pub fn run(args: &DeriveArgs, out: &mut impl Write) -> Result<bool, Failure> {
    let request = Request::of(args)?;
    let answer = Answer::new(&request)?;
    let shown = match (args.show, args.format) {
        (Show::None, Format::Text) if request.points.is_empty() => Some(show::form(Show::Math, &answer.partials)?),
        (Show::None, _) => None,
        (form, _) => Some(show::form(form, &answer.partials)?),
    };
    if args.report {
        report::setup(&mut io::stderr(), &answer)?;
    }
    Ok(match args.format {
        Format::Json => json::answer(out, &answer, shown.as_deref())?,
        Format::Text => report::answer(out, &answer, args.show, shown.as_deref())?,
    })
}

impl Request {
    fn of(args: &DeriveArgs) -> Result<Request, Mistake> {
        let points = args.at.iter().map(|text| point::parse(text, number::text)).collect::<Result<Vec<_>, _>>()?;
        if args.check && points.is_empty() {
            return Err(Mistake::new("usage", "--check compares values at a point").help("give one with --at"));
        }
        Ok(Request {
            expr: args.expr.clone().unwrap_or_default(),
            points,
            method: args.method.clone(),
            limits: args.limits,
            check: args.check,
        })
    }

    fn settings(&self) -> Settings {
        Settings {
            order: self.method.order,
            wrt: self.method.wrt.clone(),
            mode: self.method.mode,
            level: self.method.opt,
            max_partials: self.limits.max_partials,
            max_nodes: self.limits.max_nodes,
            max_elements: self.limits.max_elements,
        }
    }

    /// The extents of a variable, which the first point tells; without one it is a number.
    pub fn extents(&self, name: &str) -> &[usize] {
        self.points.first().and_then(|point| point.get(name)).map_or(&[], Numbers::extents)
    }

    fn validate(&self) -> Result<(), Mistake> {
        point::check_names(self.method.wrt.as_deref().unwrap_or_default())?;
        let Limits { max_order, .. } = self.limits;
        if self.method.order > max_order {
            let message = format!("order {} is more than the limit of {max_order}", self.method.order);
            return Err(Mistake::new("limit", message).help("raise the limit with --max-order"));
        }
        if self.check && self.method.order == 0 {
            let help = "ask for order 1 or more";
            return Err(Mistake::new("usage", "a check compares first derivatives, and order 0 has none").help(help));
        }
        Ok(())
    }
}

/// All partial derivatives of a formula, and points to evaluate them at.
pub struct Answer<'r> {
    pub request: &'r Request,
    pub partials: Partials,
    /// From the request to a function ready to run.
    pub setup: Duration,
    /// Of that, to read the formula, and to plan the run.
    pub reading: Duration,
    pub planning: Duration,
    executor: Executor,
    /// The function's arguments at each point.
    arguments: Vec<Vec<f64>>,
    witness: Option<Witness>,
}

impl<'r> Answer<'r> {
    /// Derives, plans, and finds every mistake of the request.
    pub fn new(request: &'r Request) -> Result<Answer<'r>, Mistake> {
        let start = Instant::now();
        request.validate()?;
        let formula = Formula::parse(&request.expr).map_err(|e| Mistake::in_text(e, &request.expr))?;
        let reading = start.elapsed();
        if let Some(first) = request.points.first() {
            check_values(request, &formula, first)?;
        }
        let in_text = |error| match error {
            Error::Formula(error) => Mistake::in_text(error, &request.expr),
            error if error.code() == "limit" => Mistake::from(error).help("raise it: see `wengert derive --help`"),
            error => error.into(),
        };
        let settings = request.settings();
        let partials = Partials::with_shapes(&formula, &settings, |name| request.extents(name)).map_err(in_text)?;
        let planning = Instant::now();
        let executor = Executor::new(&partials.function, request.method.exec)?;
        let (planning, setup) = (planning.elapsed(), start.elapsed());
        let at = request.points.iter().map(|point| arguments(request, &formula, &partials, point));
        let arguments: Vec<Vec<f64>> = at.collect::<Result<_, _>>()?;
        if let Some(first) = arguments.first() {
            executor.run(first)?;
        }
        let witness = || Witness::new(&formula, &settings, |name| request.extents(name));
        let witness = request.check.then(witness).transpose()?;
        Ok(Answer { request, partials, setup, reading, planning, executor, arguments, witness })
    }

    /// The values of all partials at a point.
    pub fn values(&self, point: usize) -> Vec<f64> {
        let values = self.executor.run(&self.arguments[point]);
        values.expect("the first point was evaluated, and what a run needs does not depend on values")
    }

    /// The elements of each partial among those of all.
    pub fn each<'v>(&'v self, values: &'v [f64]) -> impl Iterator<Item = Nested<'v>> {
        let mut rest = values;
        (0..self.partials.wrt.len()).map(move |partial| {
            let extents = self.partials.extents(partial);
            let (elements, after) = rest.split_at(extents.iter().product());
            rest = after;
            Nested { extents, elements }
        })
    }

    /// What differences say about the first derivatives at a point, if they were asked.
    pub fn check(&self, point: usize, values: &[f64]) -> Option<wengert::numeric::Agreement> {
        let first = self.partials.wrt.iter().zip(self.each(values)).filter(|(wrt, _)| wrt.len() == 1);
        let blocks: Vec<&[f64]> = first.map(|(_, block)| block.elements).collect();
        self.witness.as_ref().map(|witness| witness.compare(&blocks, &self.arguments[point]))
    }
}

/// Refuses a point that lacks a variable, shown where the formula needs it first.
fn check_values(request: &Request, formula: &Formula, point: &Point<Numbers>) -> Result<(), Mistake> {
    let missing: Vec<&str> =
        formula.variables().iter().map(|name| &**name).filter(|n| point.get(n).is_none()).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let error = Error::NoValue { names: missing.iter().map(|name| format!("`{name}`")).collect() };
    let help = "a point gives every variable a value: x1=2,x2=5";
    Err(match formula.first_use(first) {
        Some(place) => Mistake::at(error.code(), &request.expr, place, error.to_string(), help),
        None => Mistake::from(error).help(help),
    })
}

/// The function's arguments at a point, whose arrays have the shapes of those of the first point.
fn arguments(
    request: &Request,
    formula: &Formula,
    partials: &Partials,
    point: &Point<Numbers>,
) -> Result<Vec<f64>, Mistake> {
    check_values(request, formula, point)?;
    let params = partials.function.core().params();
    let given = params.iter().filter_map(|param| Some((&*param.name, point.get(&param.name)?)));
    for (name, numbers) in given {
        let (here, first) = (numbers.extents(), request.extents(name));
        if here != first {
            let message = format!("`{name}` is {} here and {} at the first point", shape(here), shape(first));
            return Err(Mistake::new("shape", message).help("all points of one request have the same shapes"));
        }
    }
    let read = |name: &str, elements: &mut Vec<f64>| match point.get(name) {
        Some(numbers) => {
            elements.extend_from_slice(numbers.elements());
            true
        }
        None => false,
    };
    Ok(partials.elements(read)?)
}

fn shape(extents: &[usize]) -> String {
    if extents.is_empty() { "a number".to_string() } else { format!("an array of shape {extents:?}") }
}

/// Runs a function on its arguments.
enum Executor {
    Reference(Function),
    Compiled(Program),
}

impl Executor {
    fn new(f: &Function, exec: Exec) -> Result<Executor, Error> {
        Ok(match exec {
            Exec::Reference => Executor::Reference(f.clone()),
            Exec::Compiled => Executor::Compiled(f.compile_at(Level::None)?),
        })
    }

    fn run(&self, arguments: &[f64]) -> Result<Vec<f64>, Error> {
        match self {
            Executor::Compiled(program) => program.run(arguments),
            Executor::Reference(f) => {
                let mut rest = arguments;
                let mut values = Vec::new();
                for param in f.core().params() {
                    let extents = f.core().graph().shape(param.node);
                    let (elements, after) = rest.split_at(extents.elements());
                    values.push(Value::Tensor(Tensor::f64(extents, elements.to_vec())?));
                    rest = after;
                }
                let results = f.eval(&values)?;
                let tensors = results.iter().flat_map(Value::leaves);
                Ok(tensors.flat_map(|tensor| tensor.to_f64()).collect())
            }
        }
    }
}
