//! Answers for people: the value, the gradient, the Hessian as a matrix, further orders as a list, and the sizes of the
//! graphs. Beside a graph or a picture all of it stands in comments of that language, so that the output is still one.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use wengert::numeric::Verdict;
use wengert::partials::{NodeCounts, Partials, Times};

use crate::args::Show;
use crate::check::{self, Sentence};
use crate::derive::Answer;
use crate::json::plain;
use crate::number::{Nested, Numbers, Rows};
use crate::point::Point;
use crate::show::name;

/// A Hessian in more variables is a list.
const WIDEST_MATRIX: usize = 8;
/// A longer formula is not repeated in full.
const LONGEST_FORMULA: usize = 200;

/// Writes an answer: whether all derivatives agree with differences, as far as they were compared.
pub fn answer(out: &mut impl Write, answer: &Answer<'_>, show: Show, shown: Option<&str>) -> io::Result<bool> {
    let comment = Comment::of(show);
    let mut good = true;
    if let Some(shown) = shown {
        out.write_all(shown.as_bytes())?;
    } else {
        writeln!(out, "f = {}", shortened(&answer.request.expr))?;
    }
    for (index, point) in answer.request.points.iter().enumerate() {
        let values = answer.values(index);
        let mut text = format!("\nat {}\n", At(point));
        partials(&mut text, answer, &values);
        if let Some(agreement) = answer.check(index, &values) {
            good &= check::verdict(&agreement) != Verdict::Disagrees;
            let _ = writeln!(text, "check\n  {}", Sentence(&agreement));
        }
        comment.write(out, &text)?;
    }
    let NodeCounts { function, generated, optimized } = answer.partials.nodes;
    let nodes = format!("{function} in the function, {generated} with its derivatives, {optimized} after optimisation");
    comment.write(out, &format!("\nnodes: {nodes}\nset-up: {:.3} ms\n", 1e3 * answer.setup.as_secs_f64()))?;
    Ok(good)
}

/// How long each stage of set-up took, and the rules of the last simplification.
pub fn setup(out: &mut impl Write, answer: &Answer<'_>) -> io::Result<()> {
    let Times { build, differentiate, optimize } = answer.partials.times;
    let stages = [
        ("read the formula", answer.reading),
        ("build its graph", build),
        ("differentiate", differentiate),
        ("optimise", optimize),
        ("plan the run", answer.planning),
        ("all of set-up", answer.setup),
    ];
    for (name, time) in stages {
        writeln!(out, "{:>10.3} ms  {name}", 1e3 * time.as_secs_f64())?;
    }
    write!(out, "{}", answer.partials.report)
}

/// How to say something to people beside a text that a program reads.
#[derive(Clone, Copy)]
enum Comment {
    /// Nothing else is there.
    Plain,
    /// `// …`
    Slashes,
    /// `<!-- … -->`
    Xml,
}

impl Comment {
    fn of(show: Show) -> Comment {
        match show {
            Show::None | Show::Math => Comment::Plain,
            Show::Graph | Show::Dot => Comment::Slashes,
            Show::Svg => Comment::Xml,
        }
    }

    fn write(self, out: &mut impl Write, text: &str) -> io::Result<()> {
        for line in text.lines() {
            match self {
                Comment::Plain => writeln!(out, "{line}")?,
                Comment::Slashes if line.is_empty() => writeln!(out, "//")?,
                Comment::Slashes => writeln!(out, "// {line}")?,
                Comment::Xml => writeln!(out, "<!-- {line} -->")?,
            }
        }
        Ok(())
    }
}

/// Order by order.
fn partials(text: &mut String, answer: &Answer<'_>, values: &[f64]) {
    let partials = &answer.partials;
    let matrix = partials.variables.len() <= WIDEST_MATRIX && partials.are_numbers();
    let values: Vec<Nested<'_>> = answer.each(values).collect();
    let mut start = 0;
    for group in partials.wrt.chunk_by(|a, b| a.len() == b.len()) {
        let values = &values[start..start + group.len()];
        start += group.len();
        match group[0].len() {
            0 => _ = writeln!(text, "value\n  {}", Rows { nested: values[0], column: 2 }),
            1 => list(text, "gradient", partials, group, values),
            2 if matrix => hessian(text, &partials.variables, group, values),
            2 => list(text, "Hessian", partials, group, values),
            order => list(text, &format!("order {order}"), partials, group, values),
        }
    }
}

fn list(text: &mut String, title: &str, partials: &Partials, group: &[Vec<usize>], values: &[Nested<'_>]) {
    let names: Vec<String> = group.iter().map(|wrt| name(partials, wrt)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let _ = writeln!(text, "{title}");
    for (name, &nested) in names.iter().zip(values) {
        let _ = writeln!(text, "  {name:<width$} = {}", Rows { nested, column: width + 5 });
    }
}

/// The whole symmetric matrix, under the names of the variables.
fn hessian(text: &mut String, variables: &[String], group: &[Vec<usize>], values: &[Nested<'_>]) {
    let entry = |row: usize, column: usize| {
        let wrt = [row.min(column), row.max(column)];
        group.iter().position(|w| **w == wrt).map_or_else(String::new, |at| Shown(values[at].elements[0]).to_string())
    };
    let all = 0..variables.len();
    let cells: Vec<Vec<String>> =
        all.clone().map(|row| all.clone().map(|column| entry(row, column)).collect()).collect();
    let length = |cell: &String| cell.chars().count();
    let widest = |column: usize| cells.iter().map(|row| length(&row[column])).max().unwrap_or(0);
    let widths: Vec<usize> = all.map(|column| widest(column).max(length(&variables[column]))).collect();
    let first = variables.iter().map(length).max().unwrap_or(0);
    let line = |name: &str, cells: &[String]| {
        let cells = cells.iter().zip(&widths).map(|(cell, &width)| format!("  {cell:>width$}"));
        format!("  {name:<first$}{}\n", cells.collect::<String>())
    };
    let _ = write!(text, "Hessian\n{}", line("", variables));
    variables.iter().zip(&cells).for_each(|(name, row)| text.push_str(&line(name, row)));
}

fn shortened(formula: &str) -> String {
    let line: String = formula.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match line.char_indices().nth(LONGEST_FORMULA) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// A number, as users write it.
pub struct Shown(pub f64);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.is_nan() {
            true => f.write_str("nan"),
            false => write!(f, "{:?}", self.0),
        }
    }
}

/// A number, or an array as JSON has it.
struct InLine<'a>(&'a Numbers);

impl fmt::Display for InLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Numbers::One(x) => write!(f, "{}", Shown(*x)),
            array => f.write_str(&plain(&Nested::of(array))),
        }
    }
}

/// `x1 = 2.0, x2 = 5.0`
struct At<'a>(&'a Point<Numbers>);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.entries().is_empty() {
            f.write_str("the empty point")?;
        }
        for (i, (name, value)) in self.0.entries().iter().enumerate() {
            write!(f, "{}{name} = {}", if i == 0 { "" } else { ", " }, InLine(value))?;
        }
        Ok(())
    }
}
