//! Answers for programs. Keys and their order are a promise; numbers are the shortest that read back as the same bits.

use std::fmt;
use std::io::{self, Write};

use serde_json::Value as Json;
use wengert::numeric::{Agreement, Verdict};

use crate::check;
use crate::derive::Answer;
use crate::failure::Mistake;
use crate::number::{Nested, Numbers};
use crate::point::Point;

/// Writes an answer as one line: whether all derivatives agree with differences, as far as they were compared.
pub fn answer(out: &mut impl Write, answer: &Answer<'_>, shown: Option<&str>) -> io::Result<bool> {
    head(out, answer)?;
    let wrt: Vec<String> = answer.partials.wrt.iter().map(|wrt| names(answer, wrt)).collect();
    let mut good = true;
    write!(out, ",\"points\":[")?;
    for (index, point) in answer.request.points.iter().enumerate() {
        let values = answer.values(index);
        write!(out, "{}{{\"at\":{},\"partials\":[", comma(index), At(point))?;
        for (i, (wrt, value)) in wrt.iter().zip(answer.each(&values)).enumerate() {
            write!(out, "{}{{\"wrt\":{wrt},\"value\":{value}}}", comma(i))?;
        }
        write!(out, "]")?;
        if let Some(agreement) = answer.check(index, &values) {
            good &= check::verdict(&agreement) != Verdict::Disagrees;
            checked(out, &agreement)?;
        }
        write!(out, "}}")?;
    }
    write!(out, "]")?;
    if let Some(shown) = shown {
        write!(out, ",\"show\":{}", Text(shown))?;
    }
    writeln!(out, "}}")?;
    Ok(good)
}

/// Writes a mistake as one line; what to do about it is part of the message.
pub fn mistake(out: &mut impl Write, mistake: &Mistake) -> io::Result<()> {
    let Mistake { code, message, help, column, .. } = mistake;
    let message = help.iter().fold(message.clone(), |message, help| format!("{message}; {help}"));
    let at = column.unwrap_or(1);
    writeln!(out, "{{\"error\":{{\"code\":{},\"message\":{},\"at\":{at}}}}}", Text(code), Text(&message))
}

fn head(out: &mut impl Write, answer: &Answer<'_>) -> io::Result<()> {
    let (request, partials) = (answer.request, &answer.partials);
    let (method, nodes) = (&request.method, partials.nodes);
    let all: Vec<usize> = (0..partials.variables.len()).collect();
    write!(out, "{{\"expr\":{},\"variables\":{}", Text(&request.expr), names(answer, &all))?;
    write!(out, ",\"order\":{},\"mode\":\"{}\",\"opt\":\"{}\"", method.order, method.mode.name(), method.opt.name())?;
    write!(out, ",\"nodes\":{{\"function\":{},\"generated\":{}", nodes.function, nodes.generated)?;
    write!(out, ",\"optimized\":{}}},\"seconds\":{{\"setup\":{:?}}}", nodes.optimized, answer.setup.as_secs_f64())
}

/// The names of variables, as an array.
fn names(answer: &Answer<'_>, variables: &[usize]) -> String {
    let names = variables.iter().map(|&v| Text(&answer.partials.variables[v]).to_string());
    format!("[{}]", names.collect::<Vec<_>>().join(","))
}

fn checked(out: &mut impl Write, agreement: &Agreement) -> io::Result<()> {
    let Agreement { claimed, measured, .. } = *agreement;
    let verdict = check::name(check::verdict(agreement));
    write!(out, ",\"check\":{{\"verdict\":\"{verdict}\",\"derivative\":{}", Number(claimed))?;
    write!(out, ",\"difference\":{},\"error\":{}}}", Number(measured.value), Number(measured.error))
}

/// What stands before an element of a list.
pub fn comma(index: usize) -> &'static str {
    if index == 0 { "" } else { "," }
}

/// JSON as people write it: blanks after commas, no quotes.
pub fn plain(json: &impl fmt::Display) -> String {
    json.to_string().replace(',', ", ").replace("\":", ": ").replace('"', "")
}

/// A number; a string where JSON has no such number.
pub struct Number(pub f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            x if x.is_nan() => f.write_str("\"nan\""),
            x if x.is_infinite() => write!(f, "\"{x}\""),
            x => write!(f, "{x:?}"),
        }
    }
}

/// A string.
pub struct Text<'a>(pub &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Json::from(self.0))
    }
}

/// A point.
struct At<'a>(&'a Point<Numbers>);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, (name, value)) in self.0.entries().iter().enumerate() {
            write!(f, "{}{}:{}", comma(i), Text(name), Nested::of(value))?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_as_the_same_bits() {
        let values = [0.1, -0.0, 5.0, 1e300, 5e-324, 1.7976931348623157e308, 1.0 / 3.0, 123456789012345680.0];
        for x in values {
            let text = Number(x).to_string();
            let json: Json = serde_json::from_str(&text).expect("JSON");
            assert_eq!(json.as_f64().map(f64::to_bits), Some(x.to_bits()), "{text}");
        }
        assert_eq!(Number(2.0).to_string(), "2.0");
    }

    #[test]
    fn numbers_that_json_lacks_are_strings() {
        let texts = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN].map(|x| Number(x).to_string());
        assert_eq!(texts, ["\"inf\"", "\"-inf\"", "\"nan\""]);
    }
}
