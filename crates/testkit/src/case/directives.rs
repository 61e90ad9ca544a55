//! The lines above a graph: description and directives, with the line numbers on which they stand.

use graph_core::Function;

use super::Failure;
use super::stage::Transform;
use super::values::close_of;

/// All that a case file says above its graph.
#[derive(Debug, Default)]
pub struct Directives {
    /// The comment, without slashes.
    pub description: Vec<String>,
    /// The chain of transforms; empty to look at values only.
    pub transforms: Vec<Transform>,
    /// Names of the parameters to differentiate by, with the line; `None`: all real ones.
    pub wrt: Option<(usize, Vec<String>)>,
    /// Relative, instead of those of double precision.
    pub tolerance: Option<f64>,
    /// The code of the error that must come, with the line.
    pub error: Option<(usize, String)>,
    /// Where to look at the numbers.
    pub points: Vec<Point>,
}

/// Values of the parameters, and what is known about the numbers there.
#[derive(Debug)]
pub struct Point {
    /// Where it stands.
    pub line: usize,
    /// Name and text of each value.
    pub values: Vec<(String, String)>,
    /// Results that are known by other means.
    pub expected: Vec<Expected>,
    /// Whether the function is not smooth there.
    pub kink: bool,
}

/// Results of a stage at a point.
#[derive(Debug)]
pub struct Expected {
    /// Where it stands.
    pub line: usize,
    /// `None`: the last stage.
    pub stage: Option<String>,
    /// The value, as text.
    pub text: String,
}

impl Directives {
    /// Reads the comments above the first graph.
    pub fn read(source: &str) -> Result<Directives, Failure> {
        let mut directives = Directives::default();
        let lines = source.lines().map(str::trim).enumerate();
        for (at, line) in lines.take_while(|(_, line)| line.is_empty() || line.starts_with("//")) {
            if let Some(directive) = line.strip_prefix("//!") {
                directives.directive(at + 1, directive.trim()).map_err(|failure| failure.or_at(at + 1))?;
            } else if let Some(comment) = line.strip_prefix("//") {
                directives.description.push(comment.trim().to_string());
            }
        }
        directives.complete()
    }

    /// Whether the primal has the parameters to differentiate by.
    pub fn check_names(&self, primal: &Function) -> Result<(), Failure> {
        let Some((line, names)) = &self.wrt else { return Ok(()) };
        let known = |name: &&String| primal.params().iter().any(|param| *param.name == ***name);
        match names.iter().find(|name| !known(name)) {
            Some(name) => Err(Failure::at(*line, format!("@{} has no parameter `{name}`", primal.name()))),
            None => Ok(()),
        }
    }

    fn directive(&mut self, line: usize, directive: &str) -> Result<(), Failure> {
        let (key, value) = directive.split_once(':').unwrap_or((directive, ""));
        let (key, value) = (key.trim(), value.trim());
        match key.split_once(' ').unwrap_or((key, "")) {
            ("transform", "") => self.transforms = names(value).map(Transform::named).collect::<Result<_, _>>()?,
            ("wrt", "") => self.wrt = Some((line, names(value).map(str::to_string).collect())),
            ("tolerance", "") => {
                let tolerance = value.parse().map_err(|_| Failure::new(format!("`{value}` is not a number")))?;
                self.tolerance = Some(tolerance);
            }
            ("error", "") => self.error = Some((line, value.to_string())),
            ("at", "") => {
                self.points.push(Point { line, values: assignments(value)?, expected: Vec::new(), kink: false });
            }
            ("kink", "") => self.point(key)?.kink = true,
            ("expect", stage) => {
                let stage = (!stage.is_empty()).then(|| stage.to_string());
                self.point(key)?.expected.push(Expected { line, stage, text: value.to_string() });
            }
            _ => return Err(Failure::new(format!("unknown directive `{key}`"))),
        }
        Ok(())
    }

    fn point(&mut self, key: &str) -> Result<&mut Point, Failure> {
        self.points.last_mut().ok_or_else(|| Failure::new(format!("`{key}` needs an `at` above it")))
    }

    fn complete(self) -> Result<Directives, Failure> {
        if self.description.is_empty() {
            return Err(Failure::at(1, "a case starts with a comment that says what it shows"));
        }
        if let Some(point) = self.points.iter().find(|point| point.kink && point.expected.is_empty()) {
            return Err(Failure::at(point.line, "a `kink` needs `expect`, because nothing else checks its numbers"));
        }
        match self.points.is_empty() && self.error.is_none() {
            true => Err(Failure::at(1, "a case needs a point: `//! at: …`")),
            false => Ok(self),
        }
    }
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty())
}

/// `x=[1.0, 2.0] y=3.0`: names and texts of values.
fn assignments(text: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some((name, value)) = rest.split_once('=') else {
            return Err(Failure::new(format!("`{rest}` is not `name=value`")));
        };
        let end = close_of(value, char::is_whitespace);
        found.push((name.trim().to_string(), value[..end].to_string()));
        rest = value[end..].trim_start();
    }
    Ok(found)
}
