//! Reverse mode that adds nodes: the derivative is a program like any other.

use std::fmt::Write as _;

use wengert::Level;
use wengert::prelude::*;

use crate::{AT, lecture};

/// The extended graph, before and after optimisation.
pub fn first_order(out: &mut String) -> Result<(), Error> {
    let g = Graph::new();
    let (x1, x2) = (g.scalar("x1"), g.scalar("x2"));
    let y = lecture(x1, x2);
    let gradient = grad(y, [x1, x2])?;
    let f = g.function("f", (y, gradient))?;
    let (optimized, report) = f.optimize(Level::Safe);
    let _ = writeln!(out, "The gradient as nodes of the same graph ({} nodes):\n\n{}", f.nodes(), f.text());
    let _ = writeln!(out, "Optimised ({} nodes):\n\n{}", optimized.nodes(), optimized.text());
    let _ = write!(out, "{report}");
    Ok(())
}

/// The Hessian by the same call again.
pub fn second_order(out: &mut String) -> Result<(), Error> {
    let g = Graph::new();
    let (x1, x2) = (g.scalar("x1"), g.scalar("x2"));
    let gradient = grad(lecture(x1, x2), [x1, x2])?;
    let rows = [grad(gradient[0], [x1, x2])?, grad(gradient[1], [x1, x2])?];
    let values = g.compile((gradient, rows))?.run(&AT)?;
    let [d1, d2, d11, d12, d21, d22] = values[..] else { return Ok(()) };
    let _ = writeln!(out, "gradient  {d1:.10}  {d2:.10}");
    let _ = writeln!(out, "Hessian   {d11:.10}  {d12:.10}\n          {d21:.10}  {d22:.10}");
    let _ = writeln!(out, "\nAs formulas:\n\n{}", wengert::text::math_results(g.function("hessian", rows)?.core()));
    Ok(())
}
