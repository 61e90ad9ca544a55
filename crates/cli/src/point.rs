//! Points: lists of NAME=VALUE on the command line, objects in a job.
//!
//! A point keeps its entries as given, for the answer, and finds them by name in constant time.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use serde_json::Value as Json;

use crate::failure::Mistake;

/// Entries in the order given; names are distinct.
#[derive(Clone, Debug, Default)]
pub struct Point<V> {
    entries: Vec<(String, V)>,
    places: HashMap<String, usize>,
}

impl<V> Point<V> {
    /// An empty point.
    pub fn new() -> Point<V> {
        Point { entries: Vec::new(), places: HashMap::new() }
    }

    /// Adds an entry; `false` if the name is there already.
    pub fn insert(&mut self, name: &str, value: V) -> bool {
        let fresh = self.places.insert(name.to_string(), self.entries.len()).is_none();
        if fresh {
            self.entries.push((name.to_string(), value));
        }
        fresh
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&V> {
        self.places.get(name).map(|&at| &self.entries[at].1)
    }

    /// All entries, in the order given.
    pub fn entries(&self) -> &[(String, V)] {
        &self.entries
    }
}

/// Reads a list of NAME=VALUE, each value by `read`, which says what is wrong with it.
pub fn parse<V>(text: &str, read: impl Fn(&str) -> Result<V, Wrong>) -> Result<Point<V>, Mistake> {
    let mut point = Point::new();
    for item in items(text) {
        let (name, value) = split(text, item)?;
        let read = read(&text[value.clone()]);
        let value = read.map_err(|wrong| Mistake::at(wrong.code, text, value, wrong.message, wrong.help))?;
        if !point.insert(&text[name.clone()], value) {
            let message = format!("`{}` has a value already", &text[name.clone()]);
            return Err(Mistake::at("value", text, name, message, "a point gives each name one value"));
        }
    }
    Ok(point)
}

/// What is wrong with a value.
#[derive(Debug)]
pub struct Wrong {
    pub code: &'static str,
    pub message: String,
    pub help: &'static str,
}

/// The numbers that JSON does not have.
pub fn named(name: &str) -> Option<f64> {
    match name {
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        "nan" => Some(f64::NAN),
        _ => None,
    }
}

/// A number of the command line. One beyond the largest `f64` is none, as in formulas and in JSON.
pub fn number(text: &str) -> Option<f64> {
    named(text).or_else(|| text.parse().ok().filter(|x: &f64| x.is_finite()))
}

/// A value of the command line as JSON: JSON itself, or a number as JSON does not write it.
pub fn json(text: &str) -> Result<Json, Wrong> {
    let number = || number(text).map(|x| if x.is_finite() { Json::from(x) } else { Json::from(text) });
    serde_json::from_str(text).ok().or_else(number).ok_or_else(|| Wrong {
        code: "value",
        message: format!("{} is not a value", quote(text)),
        help: "write a number, inf, -inf, nan, true, false, or nested arrays like [[1, 2], [3, 4]]",
    })
}

/// Refuses a list of variables that names one twice, or something that is no name.
pub fn check_names(names: &[String]) -> Result<(), Mistake> {
    let mut seen = HashSet::new();
    for name in names {
        if !wengert::text::is_name(name) {
            let message = format!("{} in wrt is not a name", quote(name));
            return Err(Mistake::new("name", message).help("write names between commas, for example x1,x2"));
        }
        if !seen.insert(name) {
            return Err(Mistake::new("wrt", format!("`{name}` is named twice in wrt")).help("name each variable once"));
        }
    }
    Ok(())
}

/// A piece of input in quotes, cut if long; control characters become replacement characters.
pub fn quote(piece: &str) -> String {
    const LONGEST: usize = 40;
    let (end, dots) = piece.char_indices().nth(LONGEST).map_or((piece.len(), ""), |(end, _)| (end, "…"));
    format!("`{}{dots}`", piece[..end].replace(char::is_control, "\u{fffd}"))
}

/// The pieces between commas outside brackets and strings. A blank text has none.
fn items(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut start, mut depth, mut quoted, mut escaped) = (Vec::new(), 0, 0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                found.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !found.is_empty() || !text.trim().is_empty() {
        found.push(start..text.len());
    }
    found
}

/// The name and the value of an item, without the blanks around them.
fn split(text: &str, item: Range<usize>) -> Result<(Range<usize>, Range<usize>), Mistake> {
    let piece = &text[item.clone()];
    let help = "write NAME=VALUE,NAME=VALUE, for example x1=2,x2=5";
    let Some(equals) = piece.find('=') else {
        let place = trimmed(text, item);
        return Err(Mistake::at("value", text, place, format!("{} has no `=`", quote(piece.trim())), help));
    };
    let name = trimmed(text, item.start..item.start + equals);
    if !wengert::text::is_name(&text[name.clone()]) {
        let message = format!("{} is not a name", quote(&text[name.clone()]));
        return Err(Mistake::at("name", text, name, message, help));
    }
    Ok((name, trimmed(text, item.start + equals + 1..item.end)))
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let piece = &text[range.clone()];
    let start = range.start + piece.len() - piece.trim_start().len();
    start..start + piece.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{self, Numbers};

    #[test]
    fn commas_inside_brackets_and_strings_do_not_split() {
        let pieces = |text: &str| items(text).into_iter().map(|r| text[r].to_string()).collect::<Vec<_>>();
        assert_eq!(pieces("x=[1,[2,3]],y={\"a,]\":1},z=\"\\\",\""), ["x=[1,[2,3]]", "y={\"a,]\":1}", "z=\"\\\",\""]);
        assert_eq!(pieces("]],x=1"), ["]]", "x=1"]);
        assert_eq!(pieces("x=1,"), ["x=1", ""]);
        assert!(pieces(" ").is_empty());
    }

    #[test]
    fn entries_keep_their_order_and_blanks_do_not_matter() {
        let point = parse(" y = -inf , x=2e-3,z=nan", number::text).expect("a point");
        let names: Vec<&str> = point.entries().iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["y", "x", "z"]);
        assert_eq!(point.get("x"), Some(&Numbers::One(2e-3)));
        assert_eq!(point.get("y"), Some(&Numbers::One(f64::NEG_INFINITY)));
        assert!(point.get("z").is_some_and(|z| z.elements()[0].is_nan()));
        assert_eq!(point.get("w"), None);
    }

    #[test]
    fn a_mistake_is_named_with_its_column() {
        for (text, code, column) in [
            ("x=1,y", "value", 5),
            ("x=1,y=abc", "value", 7),
            ("x=1,x=2", "value", 5),
            ("x=[1,[2]]", "value", 3),
            ("1x=1", "name", 1),
            ("x=", "value", 3),
            ("x=1,,y=2", "value", 5),
            ("x=1e400", "value", 3),
            ("x=infinity", "value", 3),
        ] {
            let mistake = parse(text, number::text).expect_err(text);
            assert_eq!((mistake.code, mistake.column), (code, Some(column)), "{text}");
        }
    }
}
