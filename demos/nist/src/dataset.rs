//! Reads the files of the NIST Statistical Reference Datasets for nonlinear regression: a header for people, with the
//! model, two starting points and the certified results, and columns of numbers.
//!
//! Sections are found by their headings, so blank lines and the line numbers that the header announces do not matter.
//! Invariants of a [`Dataset`]: every row has as many numbers as there are columns; all numbers are finite; there are
//! more rows than parameters.

use thiserror::Error;

/// One problem: a model, where to start, the data, and what NIST found.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Its name.
    pub name: String,
    /// The equations of the model as the file has them, continuation lines joined; the last is the model itself.
    pub equations: Vec<String>,
    /// The parameters, in order.
    pub parameters: Vec<Parameter>,
    /// Names of the columns, the response first.
    pub columns: Vec<String>,
    /// The observations.
    pub rows: Vec<Vec<f64>>,
    /// The certified residual sum of squares.
    pub rss: f64,
}

/// A line of the table of parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name in the model.
    pub name: String,
    /// Two starting values, the second nearer to the solution.
    pub starts: [f64; 2],
    /// The certified value.
    pub value: f64,
    /// Its certified standard deviation.
    pub deviation: f64,
}

/// A file that is no data set, and the line that says so.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line}: {message}")]
pub struct DatasetError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl Dataset {
    /// Reads a file.
    pub fn parse(text: &str) -> Result<Dataset, DatasetError> {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let title = find(&lines, 0, "Dataset Name:")?;
        let model = find(&lines, title, "Model:")?;
        let starts = find(&lines, model, "Starting Values")?;
        let sum = find(&lines, starts, "Residual Sum of Squares:")?;
        let data = find(&lines, sum, "Data:")?;
        let columns: Vec<String> = after_colon(lines[data]).split_whitespace().map(str::to_string).collect();
        let set = Dataset {
            name: after_colon(lines[title]).split_whitespace().next().unwrap_or_default().to_string(),
            equations: equations(&lines, model, starts)?,
            parameters: parameters(&lines, starts + 1, sum)?,
            rows: rows(&lines, data + 1, &columns)?,
            columns,
            rss: number(after_colon(lines[sum]), sum)?,
        };
        set.check_counts(&lines, sum, data)?;
        Ok(set)
    }

    fn check_counts(&self, lines: &[&str], sum: usize, data: usize) -> Result<(), DatasetError> {
        if let Ok(at) = find(&lines[..data], sum, "Number of Observations:") {
            let announced = number(after_colon(lines[at]), at)?;
            if announced != self.rows.len() as f64 {
                return Err(error(at, format!("{announced} observations are announced, {} follow", self.rows.len())));
            }
        }
        if self.rows.len() <= self.parameters.len() {
            let counts = format!("{} rows for {} parameters", self.rows.len(), self.parameters.len());
            return Err(error(data, format!("{counts}: a fit needs more rows than parameters")));
        }
        Ok(())
    }
}

fn error(index: usize, message: String) -> DatasetError {
    DatasetError { line: index + 1, message }
}

/// The first line from `from` on that starts with a heading, in either case of letters.
fn find(lines: &[&str], from: usize, heading: &str) -> Result<usize, DatasetError> {
    let starts = |line: &&str| line.get(..heading.len()).is_some_and(|start| start.eq_ignore_ascii_case(heading));
    let found = lines[from..].iter().position(starts);
    let last = lines.len().saturating_sub(1);
    found.map(|at| from + at).ok_or_else(|| error(last, format!("the file ends, and no line `{heading}` was found")))
}

fn after_colon(line: &str) -> &str {
    line.split_once(':').map_or("", |(_, rest)| rest.trim())
}

/// The equations between two lines: each starts on a line with a `=`, and goes on over lines without.
fn equations(lines: &[&str], from: usize, to: usize) -> Result<Vec<String>, DatasetError> {
    let mut equations: Vec<String> = Vec::new();
    for line in lines[from + 1..to].iter().filter(|line| !line.is_empty()) {
        match equations.last_mut() {
            _ if line.contains('=') => equations.push(line.to_string()),
            Some(equation) => *equation = format!("{equation} {line}"),
            None => {}
        }
    }
    match equations.is_empty() {
        true => Err(error(from, "no equation `y = …` follows".to_string())),
        false => Ok(equations),
    }
}

/// The lines `b1 = start start value deviation`.
fn parameters(lines: &[&str], from: usize, to: usize) -> Result<Vec<Parameter>, DatasetError> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for (at, line) in lines.iter().enumerate().take(to).skip(from) {
        let Some((name, values)) = line.split_once('=') else { continue };
        let name = name.trim().to_string();
        if parameters.iter().any(|known| known.name == name) {
            return Err(error(at, format!("a second line for the parameter `{name}`")));
        }
        let [first, second, value, deviation] = numbers(values, at, "two starts, a value and its deviation")?;
        parameters.push(Parameter { name, starts: [first, second], value, deviation });
    }
    match parameters.is_empty() {
        true => Err(error(from - 1, "no line `b1 = …` follows".to_string())),
        false => Ok(parameters),
    }
}

fn rows(lines: &[&str], from: usize, columns: &[String]) -> Result<Vec<Vec<f64>>, DatasetError> {
    if columns.is_empty() {
        return Err(error(from - 1, "the columns have no names".to_string()));
    }
    let mut rows = Vec::new();
    for (at, line) in lines.iter().enumerate().skip(from).filter(|(_, line)| !line.is_empty()) {
        let row: Vec<f64> = line.split_whitespace().map(|word| number(word, at)).collect::<Result<_, _>>()?;
        if row.len() != columns.len() {
            return Err(error(at, format!("{} numbers for {} columns", row.len(), columns.len())));
        }
        rows.push(row);
    }
    Ok(rows)
}

fn numbers<const N: usize>(text: &str, at: usize, what: &str) -> Result<[f64; N], DatasetError> {
    let found: Vec<f64> = text.split_whitespace().map(|word| number(word, at)).collect::<Result<_, _>>()?;
    let count = found.len();
    found.try_into().map_err(|_| error(at, format!("{N} numbers expected ({what}), {count} found")))
}

fn number(word: &str, at: usize) -> Result<f64, DatasetError> {
    let value = word.parse().ok().filter(|value: &f64| value.is_finite());
    value.ok_or_else(|| error(at, format!("`{word}` is not a number")))
}
