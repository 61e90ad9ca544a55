//! A mistake in a text: where, what, and what to do.

use std::fmt;

/// Most characters of a line that are kept on either side of a mistake.
const CONTEXT: usize = 1000;

/// A place in a text and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Byte offset.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
    /// The line itself, without what is more than 1000 characters away from the place.
    pub source_line: String,
}

impl ParseError {
    pub(super) fn new(source: &str, offset: usize, message: impl Into<String>, help: impl Into<String>) -> ParseError {
        let before = &source[..offset];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let end = source[offset..].find('\n').map_or(source.len(), |at| offset + at);
        ParseError {
            line: before.matches('\n').count() + 1,
            column: source[start..offset].chars().count() + 1,
            offset,
            message: message.into(),
            help: help.into(),
            source_line: around(&source[start..end], offset - start).to_string(),
        }
    }
}

fn around(line: &str, place: usize) -> &str {
    let start = line[..place].char_indices().rev().nth(CONTEXT - 1).map_or(0, |(at, _)| at);
    let end = line[place..].char_indices().nth(CONTEXT).map_or(line.len(), |(length, _)| place + length);
    &line[start..end]
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)?;
        if !self.help.is_empty() {
            write!(f, "; {}", self.help)?;
        }
        Ok(())
    }
}
impl std::error::Error for ParseError {}
