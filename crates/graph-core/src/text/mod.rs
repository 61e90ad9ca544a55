//! The text form: `parse(print(f)) == f`, and printing is deterministic. The grammar is in `docs/ir.md`.
//! Beside it, one-way texts for people: [`dot`] for Graphviz and [`math`] in infix form.

mod dot;
mod error;
mod index;
mod lexer;
mod math;
mod names;
mod parse;
mod print;
mod quote;
mod window;

use std::fmt;

pub use dot::dot;
pub use error::ParseError;
pub use math::{Formulas, math, math_results};
pub use names::{Names, callees};
pub use parse::{MOST_MISTAKES, check, parse};
pub(crate) use print::print_body;
pub use print::{asked, known_as, known_at, print, print_float};
pub use quote::FieldName;

/// Why a string cannot name anything.
pub(crate) const NOT_A_NAME: &str = "is not a name: letters, digits, `_` and `.`, not starting with a digit";

/// Whether a string can name a parameter or a function, or a field without quotes.
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
