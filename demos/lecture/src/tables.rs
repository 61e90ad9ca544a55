//! The tables of both modes, computed by asking the engine for the derivatives by and of every line.

use std::fmt::Write as _;

use wengert::prelude::*;

use crate::list::{Line, list, values};

/// Line by line: v and its tangents for both seeds.
pub fn forward(out: &mut String) -> Result<(), Error> {
    let g = Graph::new();
    let lines = list(&g);
    let v: Vec<Expr> = lines.iter().map(|line| line.expr).collect();
    let (zero, one) = (Expr::from(0.0), Expr::from(1.0));
    let inputs = [v[0], v[1]];
    let by_x1 = jvp(v.clone(), inputs, [one, zero])?;
    let by_x2 = jvp(v.clone(), inputs, [zero, one])?;
    let (v, by_x1, by_x2) = (values(&g, &v)?, values(&g, &by_x1)?, values(&g, &by_x2)?);
    let _ = writeln!(out, "Tangents flow from inputs to results; one sweep for each input.\n");
    let _ = writeln!(out, "  line             v              dv/dx1         dv/dx2");
    for (i, line) in lines.iter().enumerate() {
        let name = format!("{} = {}", line.name, line.formula);
        let _ = writeln!(out, "  {name:<15}  {:<13.8}  {:<13.8}  {:.8}", v[i], by_x1[i], by_x2[i]);
    }
    Ok(())
}

/// Line by line, last first: v, its adjoint, and what it sends to each line that it is computed from.
pub fn reverse(out: &mut String) -> Result<(), Error> {
    let g = Graph::new();
    let lines = list(&g);
    let v: Vec<Expr> = lines.iter().map(|line| line.expr).collect();
    let y = v[v.len() - 1];
    let adjoints = grad(y, v.clone())?;
    let _ = writeln!(out, "Adjoints flow from the result to inputs; one sweep for all of them.\n");
    let _ = writeln!(out, "  line             v              adjoint        sends");
    let (numbers, bars) = (values(&g, &v)?, values(&g, &adjoints)?);
    for (i, line) in lines.iter().enumerate().rev() {
        let name = format!("{} = {}", line.name, line.formula);
        let sends = sends(&g, &lines, i, bars[i])?;
        let _ = writeln!(out, "  {name:<15}  {:<13.8}  {:<13.8}  {sends}", numbers[i], bars[i]);
    }
    Ok(())
}

/// The partial adjoints of a line: its adjoint times its derivative by each line that it is computed from.
fn sends(g: &Graph, lines: &[Line], i: usize, bar: f64) -> Result<String, Error> {
    let mut parts = Vec::new();
    for &j in lines[i].from {
        let [local] = grad(lines[i].expr, [lines[j].expr])?;
        let local = values(g, &[local])?[0];
        parts.push(format!("{:.8} to {}", bar * local, lines[j].name));
    }
    Ok(parts.join(", "))
}
