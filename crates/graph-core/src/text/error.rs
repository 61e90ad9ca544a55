//! A mistake in a text: where, what, and what to do.

use std::fmt;

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
    /// The line itself.
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
            source_line: source[start..end].to_string(),
        }
    }
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
