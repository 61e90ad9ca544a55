//! The text form: `parse(print(f)) == f`, and printing is deterministic. The grammar is in `docs/ir.md`.

mod lexer;
mod parse;
mod print;

use std::fmt;

pub use parse::{ParseError, parse};
pub(crate) use print::print_one;
pub use print::{asked, print, print_float};

/// Whether a string can name a parameter, a field or a function.
pub fn is_name(s: &str) -> bool {
    let mut chars = s.chars();
    let head = |c: char| c.is_alphabetic() || c == '_';
    chars.next().is_some_and(head) && chars.all(|c| head(c) || c.is_numeric() || c == '.')
}

/// Writes a separated list between brackets.
pub(crate) fn list<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    open: &str,
    items: impl Iterator<Item = T>,
    separator: &str,
    close: &str,
) -> fmt::Result {
    f.write_str(open)?;
    for (i, item) in items.enumerate() {
        if i > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{item}")?;
    }
    f.write_str(close)
}
