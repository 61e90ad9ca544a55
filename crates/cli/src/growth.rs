//! How the derivatives of a formula grow with their order: a table for people.

use std::io::Write;

use wengert::Work;

use crate::args::GrowthArgs;
use crate::derive::{Answer, Request};
use crate::failure::{Failure, Mistake};
use crate::{number, point};

/// The tool `growth`: derives to each order, from the first to the one asked for, and counts.
pub fn run(args: &GrowthArgs, out: &mut impl Write) -> Result<bool, Failure> {
    let points = args.at.iter().map(|text| point::parse(text, number::text)).collect::<Result<Vec<_>, Mistake>>()?;
    let mut request =
        Request { expr: args.expr.clone(), points, method: args.method.clone(), limits: args.limits, check: false };
    writeln!(out, "order  partials   generated  operations  transcendental        cost  times  set-up in ms")?;
    let mut last = None;
    for order in 0..=args.method.order {
        request.method.order = order;
        let answer = Answer::new(&request)?;
        let Work { operations, transcendental, cost } = answer.partials.function.work();
        let times = last.map_or(String::new(), |last: u64| format!("{:.2}", cost as f64 / last.max(1) as f64));
        let (count, generated) = (answer.partials.wrt.len(), answer.partials.nodes.generated);
        let setup = 1e3 * answer.setup.as_secs_f64();
        writeln!(
            out,
            "{order:>5}{count:>10}{generated:>12}{operations:>12}{transcendental:>16}{cost:>12}{times:>7}{setup:>14.3}"
        )?;
        last = Some(cost);
    }
    Ok(true)
}
