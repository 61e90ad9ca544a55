//! Numbers and arrays of numbers: read from JSON, written as JSON and for people. Recursion goes over JSON, whose nesting
//! is limited.

use std::fmt;

use serde_json::Value as Json;

use crate::json::Number;
use crate::point::{self, Wrong, named, quote};
use crate::report::Shown;

/// A number, or an array of them, row-major.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    One(f64),
    Array { extents: Vec<usize>, elements: Vec<f64> },
}

impl Numbers {
    /// Outermost first; none for a number.
    pub fn extents(&self) -> &[usize] {
        match self {
            Numbers::One(_) => &[],
            Numbers::Array { extents, .. } => extents,
        }
    }

    /// All elements, row-major.
    pub fn elements(&self) -> &[f64] {
        match self {
            Numbers::One(x) => std::slice::from_ref(x),
            Numbers::Array { elements, .. } => elements,
        }
    }
}

/// A number or nested arrays of a job.
pub fn json(value: &Json) -> Result<Numbers, Wrong> {
    let Json::Array(_) = value else { return number(value).map(Numbers::One) };
    let mut extents = Vec::new();
    let mut first = value;
    while let Json::Array(rows) = first {
        extents.push(rows.len());
        let Some(row) = rows.first() else { break };
        first = row;
    }
    let mut elements = Vec::new();
    flatten(value, &extents, &mut elements)?;
    Ok(Numbers::Array { extents, elements })
}

/// A number or a JSON array of the command line.
pub fn text(text: &str) -> Result<Numbers, Wrong> {
    if text.starts_with(['[', '{']) {
        let value: Json = serde_json::from_str(text).map_err(|_| not_an_array(text))?;
        return json(&value);
    }
    point::number(text).map(Numbers::One).ok_or_else(|| not_a_number(text))
}

/// Elements of nested arrays of the extents that the first ones have.
fn flatten(value: &Json, extents: &[usize], elements: &mut Vec<f64>) -> Result<(), Wrong> {
    match (value, extents.split_first()) {
        (Json::Array(rows), Some((extent, inner))) if rows.len() == *extent => {
            rows.iter().try_for_each(|row| flatten(row, inner, elements))
        }
        (Json::Array(rows), Some((extent, _))) => Err(ragged(&format!("of length {extent} and of {}", rows.len()))),
        (Json::Array(_), None) => Err(ragged("numbers and arrays")),
        (_, Some(_)) => Err(ragged("arrays and numbers")),
        (_, None) => number(value).map(|x| elements.push(x)),
    }
}

fn number(value: &Json) -> Result<f64, Wrong> {
    match value {
        Json::Number(number) => number.as_f64().ok_or_else(|| not_a_number(&number.to_string())),
        Json::String(name) => named(name).ok_or_else(|| not_a_number(name)),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => Err(not_a_number(&value.to_string())),
    }
}

fn not_a_number(text: &str) -> Wrong {
    let message = format!("{} is not a number", quote(text));
    Wrong { code: "value", message, help: "write a number like 2, -0.5 or 1e-3, or inf, -inf, nan" }
}

fn not_an_array(text: &str) -> Wrong {
    let message = format!("{} is not a JSON array", quote(text));
    Wrong { code: "value", message, help: "write it like [1, 2] or [[1, 2], [3, \"inf\"]]" }
}

fn ragged(rows: &str) -> Wrong {
    let message = format!("the rows of an array differ: {rows}");
    Wrong { code: "value", message, help: "all rows of an array have one length, at every depth" }
}

/// Row-major elements as nested arrays, in JSON.
#[derive(Clone, Copy)]
pub struct Nested<'a> {
    pub extents: &'a [usize],
    pub elements: &'a [f64],
}

impl<'a> Nested<'a> {
    /// All of a number or an array.
    pub fn of(numbers: &'a Numbers) -> Nested<'a> {
        Nested { extents: numbers.extents(), elements: numbers.elements() }
    }
}

impl fmt::Display for Nested<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        nested(f, self.extents, &mut |f, _| f.write_str(","), &mut |f, at| write!(f, "{}", Number(self.elements[at])))
    }
}

/// The same for people: a row of numbers a line, under the first one at a column.
pub struct Rows<'a> {
    pub nested: Nested<'a>,
    pub column: usize,
}

impl fmt::Display for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Nested { extents, elements } = self.nested;
        let mut between = |f: &mut fmt::Formatter<'_>, opened: usize| match opened {
            0 => f.write_str(", "),
            _ => write!(f, ",\n{:width$}", "", width = self.column + extents.len() - opened),
        };
        nested(f, extents, &mut between, &mut |f, at| write!(f, "{}", Shown(elements[at])))
    }
}

type Write<'w> = &'w mut dyn FnMut(&mut fmt::Formatter<'_>, usize) -> fmt::Result;

/// Nested arrays; the brackets that open and close at an element are those of the rows that start and end there, and
/// `between` learns how many open after it.
pub fn nested(f: &mut fmt::Formatter<'_>, extents: &[usize], between: Write<'_>, element: Write<'_>) -> fmt::Result {
    let count: usize = extents.iter().product();
    if count == 0 {
        return f.write_str(&empty(extents));
    }
    let sizes: Vec<usize> = (0..extents.len()).map(|axis| extents[axis..].iter().product()).collect();
    let rows = |at: usize| sizes.iter().filter(|&&size| at.is_multiple_of(size)).count();
    for at in 0..count {
        if at > 0 {
            between(f, rows(at))?;
        }
        f.write_str(&"[".repeat(rows(at)))?;
        element(f, at)?;
        f.write_str(&"]".repeat(rows(at + 1)))?;
    }
    Ok(())
}

/// An array without elements: arrays down to the first extent of 0.
fn empty(extents: &[usize]) -> String {
    let until = extents.iter().position(|&extent| extent == 0).unwrap_or(0);
    let list = |inner: String, extent: &usize| format!("[{}]", vec![inner; *extent].join(","));
    extents[..until].iter().rev().fold("[]".to_string(), list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &str) -> Numbers {
        text(written).unwrap_or_else(|wrong| panic!("{written}: {}", wrong.message))
    }

    #[test]
    fn arrays_round_trip() {
        for written in ["2.5", "[1.0,2.0]", "[[1.0],[\"-inf\"]]", "[]", "[[],[]]", "[[[1.0,-0.0]]]"] {
            let json: Json = serde_json::from_str(written).expect("JSON");
            assert_eq!(Nested::of(&super::json(&json).expect("an array")).to_string(), written);
        }
        assert_eq!(read("[[1,2,3],[4,5,6]]").extents(), [2, 3]);
        assert_eq!(read("-inf"), Numbers::One(f64::NEG_INFINITY));
    }

    #[test]
    fn ragged_arrays_and_other_values_are_refused() {
        for wrong in ["[[1,2],[3]]", "[1,[2]]", "[[1],2]", "[[[1]],[[2,3]]]", "[1,null]", "[1,\"x\"]", "[1,", "{}", "x"]
        {
            assert_eq!(text(wrong).expect_err(wrong).code, "value", "{wrong}");
        }
    }

    #[test]
    fn people_read_a_row_a_line() {
        let shown = |written: &str, column| Rows { nested: Nested::of(&read(written)), column }.to_string();
        assert_eq!(shown("[1,2]", 4), "[1.0, 2.0]");
        assert_eq!(shown("[[1,2],[3,4]]", 2), "[[1.0, 2.0],\n   [3.0, 4.0]]");
        assert_eq!(shown("[[[1],[2]],[[3],[4]]]", 0), "[[[1.0],\n  [2.0]],\n [[3.0],\n  [4.0]]]");
    }
}
