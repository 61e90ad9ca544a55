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
    let y = lecture(x1, x2);
    let gradient = grad(y, [x1, x2])?;
    let rows = [grad(gradient[0], [x1, x2])?, grad(gradient[1], [x1, x2])?];
    let v = g.compile((y, gradient, rows))?.run(&AT)?;
    let _ = writeln!(out, "value     {:?}", v[0]);
    let _ = writeln!(out, "gradient  {:?}  {:?}", v[1], v[2]);
    let _ = writeln!(out, "Hessian   {:?}  {:?}\n          {:?}  {:?}", v[3], v[4], v[5], v[6]);
    let _ = writeln!(out, "\nAs formulas:\n\n{}", wengert::text::math_results(g.function("hessian", rows)?.core()));
    Ok(())
}
