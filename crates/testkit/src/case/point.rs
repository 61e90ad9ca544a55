//! The numbers of all stages at one point, compared with everything that is known about them.

use graph_core::Function;
use interp::Value;
use opt::Level;

use super::Failure;
use super::compare::{Tolerance, equal_lists};
use super::directives::{Directives, Expected, Point};
use super::runner::{Executable, Run};
use super::values::{cells, read};

/// The results of each stage; `None` for one about which nothing is said.
pub type Numbers = Vec<Option<Vec<Value>>>;

/// The results of each stage at a point, once they are beyond doubt. At a kink nothing is said about stages for which
/// nothing is expected.
pub fn check(
    point: &Point,
    directives: &Directives,
    runs: &[Run<'_>],
    between: &Executable,
) -> Result<Numbers, Failure> {
    let last = &runs.last().expect("the primal is there").stage.f;
    unknown_names(point, last)?;
    let mut numbers = Vec::new();
    for run in runs {
        let args = arguments(point, &run.stage.f)?;
        let results = run.generated.run(&args)?;
        let known = !point.kink || point.expected.iter().any(|expected| stage_of(expected, runs) == run.stage.name);
        if known {
            check_stage(run, &args, &results, point, directives).map_err(|failure| failure.during(&run.stage.name))?;
        }
        numbers.push(known.then_some(results));
    }
    if let Some(Some(results)) = numbers.last() {
        let optimized = between.run(&arguments(point, &between.f)?)?;
        let tolerance = Tolerance::ROUNDING.or(directives.tolerance);
        equal_lists("optimised between stages", tolerance, &cells(&optimized), &cells(results))?;
    }
    point.expected.iter().try_for_each(|expected| check_expected(expected, directives, runs, &numbers))?;
    Ok(numbers)
}

fn stage_of<'a>(expected: &'a Expected, runs: &'a [Run<'_>]) -> &'a str {
    expected.stage.as_deref().unwrap_or_else(|| &runs.last().expect("the primal is there").stage.name)
}

fn check_stage(
    run: &Run<'_>,
    args: &[Value],
    results: &[Value],
    point: &Point,
    directives: &Directives,
) -> Result<(), Failure> {
    for (level, optimized, _) in &run.optimized {
        let compare = || same_numbers(*level, &optimized.run(args)?, results, point.kink, directives.tolerance);
        compare().map_err(|failure| failure.during(format!("level {level}")))?;
    }
    match &run.witness {
        Some(witness) => witness.check(args, results, point.kink, directives.tolerance),
        None => Ok(()),
    }
}

/// What a level promises.
fn same_numbers(
    level: Level,
    found: &[Value],
    expected: &[Value],
    kink: bool,
    wanted: Option<f64>,
) -> Result<(), Failure> {
    let numbers = (cells(found), cells(expected));
    match level {
        Level::None | Level::Exact => match found.iter().zip(expected).all(|(x, y)| x.same_bits(y)) {
            true => Ok(()),
            false => Err(Failure::new(format!("{:?} has other bits than {:?}", numbers.0, numbers.1))),
        },
        Level::Safe => equal_lists("numbers", Tolerance::ROUNDING.or(wanted), &numbers.0, &numbers.1),
        Level::Relaxed if kink => Ok(()),
        Level::Relaxed => equal_lists("numbers", Tolerance::ALGEBRA.or(wanted), &numbers.0, &numbers.1),
    }
}

fn unknown_names(point: &Point, f: &Function) -> Result<(), Failure> {
    let known = |name: &str| f.params().iter().any(|param| *param.name == *name);
    match point.values.iter().find(|(name, _)| !known(name)) {
        Some((name, _)) => Err(Failure::new(format!("@{} has no parameter `{name}`", f.name()))),
        None => Ok(()),
    }
}

fn arguments(point: &Point, f: &Function) -> Result<Vec<Value>, Failure> {
    let argument = |(index, param): (usize, &graph_core::Param)| {
        let found = point.values.iter().find(|(name, _)| **name == *param.name);
        let missing =
            || Failure::new(format!("no value for `{}: {}` of @{}", param.name, f.param_type(index), f.name()));
        let (_, text) = found.ok_or_else(missing)?;
        read(f.param_type(index), text).map_err(|failure| failure.during(&param.name))
    };
    f.params().iter().enumerate().map(argument).collect()
}

fn check_expected(
    expected: &Expected,
    directives: &Directives,
    runs: &[Run<'_>],
    numbers: &Numbers,
) -> Result<(), Failure> {
    let name = stage_of(expected, runs);
    let check = || {
        let at = runs.iter().position(|run| run.stage.name == name);
        let at = at.ok_or_else(|| Failure::new(format!("there is no stage `{name}`")))?;
        let found = cells(numbers[at].iter().flatten());
        let value = read(&runs[at].stage.f.result_type(), &expected.text)?;
        let tolerance = Tolerance { of_terms: 0.0, ..Tolerance::ROUNDING.or(directives.tolerance) };
        equal_lists("expected numbers", tolerance, &found, &cells([&value]))
    };
    check().map_err(|failure: Failure| failure.during(name).or_at(expected.line))
}
