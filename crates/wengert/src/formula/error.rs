//! What is wrong with a formula, where, and what to do; for programs as fields, for people as text with a caret.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use thiserror::Error;

/// Most characters of the formula that are shown on either side of a mistake.
const CONTEXT: usize = 60;

/// A text that is not a formula.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct FormulaError {
    /// A stable name of the kind of mistake: `syntax`, `number`, `name`, `unknown-function`, `arity`, `type`,
    /// `unsupported` or `limit`; of a formula whose variables have shapes also `shape`, `axis` or `index`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The bytes of the text that are wrong; empty where something is missing.
    pub span: Range<usize>,
    /// Where they start, counted in characters from 1.
    pub column: usize,
}

impl FormulaError {
    pub(super) fn new(code: &'static str, text: &str, span: Range<usize>, message: impl Into<String>) -> FormulaError {
        FormulaError { code, message: message.into(), help: None, column: column(text, span.start), span }
    }

    pub(super) fn help(self, help: impl Into<String>) -> FormulaError {
        FormulaError { help: Some(help.into()), ..self }
    }

    /// The message, the line of `text` (which was parsed) with a caret under the place, and the help. A long line is
    /// cut around the place.
    pub fn render(&self, text: &str) -> String {
        let (line, line_text) = line_around(text, self.span.start);
        let at = self.span.start - line.start..self.span.end.clamp(self.span.start, line.end) - line.start;
        let (shown, place) = window(line_text, at);
        let first_line = 1 + text[..line.start].matches('\n').count();
        let snippet = Snippet::source(shown).line_start(first_line).annotation(AnnotationKind::Primary.span(place));
        let title = format!("{} (column {})", self.message, self.column);
        let report = Level::ERROR.primary_title(title).id(self.code).element(snippet);
        let help = self.help.iter().map(|help| Level::HELP.message(help));
        Renderer::plain().render(&[report.elements(help)])
    }
}

/// A piece of the text for a message, in quotes, cut if long.
pub(super) fn quote(piece: &str) -> String {
    const LONGEST: usize = 40;
    match piece.char_indices().nth(LONGEST) {
        None => format!("`{}`", piece.escape_debug()),
        Some((end, _)) => format!("`{}…`", piece[..end].escape_debug()),
    }
}

/// Position in characters, from 1.
pub(super) fn column(text: &str, at: usize) -> usize {
    text[..at].chars().count() + 1
}

fn line_around(text: &str, at: usize) -> (Range<usize>, &str) {
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    (start..end, &text[start..end])
}

/// The part of a line within [`CONTEXT`] characters of a place, with dots where it was cut, and where the place went.
fn window(line: &str, place: Range<usize>) -> (String, Range<usize>) {
    let start = line[..place.start].char_indices().rev().nth(CONTEXT - 1).map_or(0, |(at, _)| at);
    let end = line[place.start..].char_indices().nth(CONTEXT).map_or(line.len(), |(n, _)| place.start + n);
    let clean = |piece: Range<usize>| line[piece].replace(char::is_control, "\u{fffd}");
    let mut shown = if start > 0 { "...".to_string() } else { String::new() };
    shown += &clean(start..place.start);
    let from = shown.len();
    shown += &clean(place.start..place.end.min(end));
    let to = shown.len();
    shown += &clean(place.end.min(end)..end);
    shown += if end < line.len() { "..." } else { "" };
    (shown, from..to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str, piece: &str) -> FormulaError {
        let start = text.find(piece).expect("the piece is in the text");
        FormulaError::new("syntax", text, start..start + piece.len(), "it is wrong").help("write it right")
    }

    #[test]
    fn the_caret_stands_under_the_place_and_the_help_follows() {
        let text = "x +* 2";
        let expected = "\
error[syntax]: it is wrong (column 4)
  |
1 | x +* 2
  |    ^
  |
  = help: write it right";
        assert_eq!(error(text, "*").render(text), expected);
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}?{}", "é+".repeat(100_000), "+x".repeat(100_000));
        let shown = error(&text, "?").render(&text);
        assert!(shown.contains("(column 200001)") && shown.chars().count() < 500, "{shown}");
        let lines: Vec<&str> = shown.lines().collect();
        let position = |line: &str, c| line.chars().position(|found| found == c);
        assert_eq!(position(lines[2], '?'), position(lines[3], '^'), "{shown}");
    }

    #[test]
    fn a_place_on_a_later_line_shows_that_line() {
        let text = "x +\n  ? y\n+ z";
        assert!(error(text, "?").render(text).contains("2 |   ? y\n  |   ^"));
    }

    #[test]
    fn control_characters_are_shown_as_replacements_and_quoted_escaped() {
        let text = "x\u{1b}\0";
        let shown = error(text, "\0").render(text);
        assert!(!shown.contains('\u{1b}') && !shown.contains('\0'), "{shown:?}");
        assert_eq!(quote("\0"), "`\\0`");
    }
}
