//! Many requests: one JSON object a line in, one line of JSON out, in the same order.
//!
//! A line is answered before the next one is read, and nothing of it is kept. A wrong job is answered by its mistake;
//! its place is a column of the formula where the formula is wrong, and of the line otherwise.

use std::io::{self, Write};
use std::ops::Range;

use serde_json::{Map, Value as Json};
use wengert::{Level, Mode};

use crate::args::{DeriveArgs, Exec, Method};
use crate::derive::{Answer, Request};
use crate::failure::{Failure, Mistake};
use crate::json;
use crate::number::{self, Numbers};
use crate::point::{Point, Wrong, quote};
use crate::source::{Line, Source};

/// What a job may say.
const KEYS: [&str; 7] = ["expr", "at", "order", "wrt", "mode", "opt", "exec"];

const EXAMPLE: &str = r#"write {"expr": "x^2", "at": [{"x": 3}]}"#;

/// The tool `derive` on a file of jobs: whether every job was right and every derivative agrees.
pub fn run(path: &str, args: &DeriveArgs, out: &mut impl Write) -> Result<bool, Failure> {
    let mut source = Source::open(path)?;
    let mut good = true;
    while let Some(line) = source.line(args.limits.max_bytes)? {
        let request = match line {
            Line::Text(text) if text.trim().is_empty() => continue,
            Line::Text(text) => parse(&text, args),
            Line::TooLong => Err(too_long(args.limits.max_bytes)),
            Line::NotText => Err(Mistake::new("encoding", "the line is not UTF-8 text")),
        };
        good &= answer(request, out)?;
        out.flush()?;
    }
    Ok(good)
}

fn answer(request: Result<Request, Mistake>, out: &mut impl Write) -> io::Result<bool> {
    let request = match request {
        Ok(request) => request,
        Err(mistake) => return refuse(&mistake, out),
    };
    match Answer::new(&request) {
        Ok(answer) => json::answer(out, &answer, None),
        Err(mistake) => refuse(&mistake, out),
    }
}

fn refuse(mistake: &Mistake, out: &mut impl Write) -> io::Result<bool> {
    json::mistake(out, mistake)?;
    Ok(false)
}

fn too_long(limit: usize) -> Mistake {
    Mistake::new("limit", format!("the line is longer than the limit of {limit} bytes"))
        .help("raise it with --max-bytes")
}

/// Reads a job; what it does not say is as on the command line.
fn parse(line: &str, args: &DeriveArgs) -> Result<Request, Mistake> {
    match serde_json::from_str(line) {
        Ok(Json::Object(keys)) => Job { line, keys }.request(args),
        Ok(_) => Err(Mistake::at("json", line, 0..0, "a job is a JSON object", EXAMPLE)),
        Err(error) => Err(not_json(line, &error)),
    }
}

fn not_json(line: &str, error: &serde_json::Error) -> Mistake {
    let offset = error.column().saturating_sub(1).min(line.len());
    let at = (0..=offset).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
    let message = error.to_string();
    let what = message.split(" at line ").next().unwrap_or_default();
    Mistake::at("json", line, at..at, format!("the line is not JSON: {what}"), EXAMPLE)
}

struct Job<'l> {
    line: &'l str,
    keys: Map<String, Json>,
}

impl Job<'_> {
    fn request(&self, args: &DeriveArgs) -> Result<Request, Mistake> {
        self.check_keys()?;
        let given = &args.method;
        let method = Method {
            order: self.read("order", order)?.unwrap_or(given.order),
            wrt: self.read("wrt", names)?.or_else(|| given.wrt.clone()),
            mode: self.read("mode", mode)?.unwrap_or(given.mode),
            opt: self.read("opt", level)?.unwrap_or(given.opt),
            exec: self.read("exec", exec)?.unwrap_or(given.exec),
        };
        let points = self.read("at", points)?.unwrap_or_default();
        let Some(expr) = self.read("expr", string)? else {
            return Err(Mistake::at("key", self.line, 0..0, "the job has no `expr`", EXAMPLE));
        };
        Ok(Request { expr, points, method, limits: args.limits, check: args.check })
    }

    fn check_keys(&self) -> Result<(), Mistake> {
        match self.keys.keys().find(|key| !KEYS.contains(&key.as_str())) {
            Some(key) => {
                let help = format!("a job takes {}", KEYS.join(", "));
                Err(Mistake::at("key", self.line, self.place(key), format!("no such key: {}", quote(key)), &help))
            }
            None => Ok(()),
        }
    }

    /// The value of a key; `null` is as good as none.
    fn read<V>(&self, key: &str, read: impl Fn(&Json) -> Result<V, Wrong>) -> Result<Option<V>, Mistake> {
        let value = self.keys.get(key).filter(|value| !value.is_null());
        value.map(read).transpose().map_err(|Wrong { code, message, help }| {
            Mistake::at(code, self.line, self.place(key), format!("`{key}`: {message}"), help)
        })
    }

    /// Where a key stands in the line, or its start if the key is written with escapes.
    fn place(&self, key: &str) -> Range<usize> {
        let quoted = format!("\"{key}\"");
        let mut found = self.line.match_indices(&quoted).map(|(at, _)| at..at + quoted.len());
        found.find(|place| self.line[place.end..].trim_start().starts_with(':')).unwrap_or(0..0)
    }
}

fn wrong(message: String, help: &'static str) -> Wrong {
    Wrong { code: "value", message, help }
}

fn string(value: &Json) -> Result<String, Wrong> {
    let text = value.as_str().map(str::to_string);
    text.ok_or_else(|| wrong(format!("{} is not a string", quote(&value.to_string())), EXAMPLE))
}

fn order(value: &Json) -> Result<usize, Wrong> {
    let order = value.as_u64().and_then(|order| usize::try_from(order).ok());
    order.ok_or_else(|| wrong(format!("{} is not a whole number", quote(&value.to_string())), "write 0, 1, 2, …"))
}

fn names(value: &Json) -> Result<Vec<String>, Wrong> {
    let names = value.as_array().and_then(|names| names.iter().map(|n| n.as_str().map(str::to_string)).collect());
    names.ok_or_else(|| wrong("not a list of names".to_string(), "write [\"x1\", \"x2\"]"))
}

fn mode(value: &Json) -> Result<Mode, Wrong> {
    choice(value, &Mode::ALL, Mode::name)
}

fn level(value: &Json) -> Result<Level, Wrong> {
    choice(value, &Level::ALL, Level::name)
}

fn exec(value: &Json) -> Result<Exec, Wrong> {
    choice(value, &Exec::ALL, Exec::name)
}

/// One of some values, by name.
fn choice<V: Copy>(value: &Json, all: &[V], name: impl Fn(V) -> &'static str) -> Result<V, Wrong> {
    all.iter().copied().find(|&choice| value.as_str() == Some(name(choice))).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|&choice| name(choice)).collect();
        let given = value.as_str().map_or_else(|| value.to_string(), str::to_string);
        wrong(format!("{} is none of {}", quote(&given), names.join(", ")), "")
    })
}

/// A list of points; one point alone is a list of one.
fn points(value: &Json) -> Result<Vec<Point<Numbers>>, Wrong> {
    match value {
        Json::Array(points) => points.iter().map(point).collect(),
        _ => Ok(vec![point(value)?]),
    }
}

fn point(value: &Json) -> Result<Point<Numbers>, Wrong> {
    let Some(entries) = value.as_object() else {
        let message = format!("{} is not a point", quote(&value.to_string()));
        return Err(wrong(message, "a point is an object: {\"x1\": 2, \"x2\": 5}"));
    };
    let mut point = Point::new();
    for (name, value) in entries {
        let numbers = number::json(value);
        let numbers = numbers.map_err(|w| Wrong { message: format!("{}: {}", quote(name), w.message), ..w })?;
        point.insert(name, numbers);
    }
    Ok(point)
}
