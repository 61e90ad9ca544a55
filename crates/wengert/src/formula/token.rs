//! Numbers, names and signs of a formula, each with its place, read one at a time so that the first mistake in the text
//! is the one reported.

use std::ops::Range;

use graph_core::op::Compare;

use super::error::{FormulaError, quote};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Name,
    Plus,
    Minus,
    Star,
    Slash,
    Caret,
    Compare(Compare),
    Open,
    Close,
    Comma,
    /// `=` alone
    Assign,
    /// `@`
    At,
    OpenBracket,
    CloseBracket,
    End,
}

#[derive(Clone, Debug)]
pub(super) struct Lexed {
    pub token: Token,
    pub span: Range<usize>,
}

/// The longer of two signs that start alike stands first.
const SIGNS: [(&str, Token); 18] = [
    ("<=", Token::Compare(Compare::Le)),
    (">=", Token::Compare(Compare::Ge)),
    ("==", Token::Compare(Compare::Eq)),
    ("!=", Token::Compare(Compare::Ne)),
    ("<", Token::Compare(Compare::Lt)),
    (">", Token::Compare(Compare::Gt)),
    ("+", Token::Plus),
    ("-", Token::Minus),
    ("*", Token::Star),
    ("/", Token::Slash),
    ("^", Token::Caret),
    ("(", Token::Open),
    (")", Token::Close),
    (",", Token::Comma),
    ("=", Token::Assign),
    ("@", Token::At),
    ("[", Token::OpenBracket),
    ("]", Token::CloseBracket),
];

/// The token that starts at or after byte `at`; [`Token::End`] at the end.
pub(super) fn next(text: &str, at: usize) -> Result<Lexed, FormulaError> {
    let start = text.len() - text[at..].trim_start().len();
    let rest = &text[start..];
    let Some(first) = rest.chars().next() else { return Ok(Lexed { token: Token::End, span: start..start }) };
    let digit_follows = rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    if first.is_ascii_digit() || (first == '.' && digit_follows) {
        return number(text, start);
    }
    if is_name_start(first) {
        let length = rest.find(|c| !is_name_start(c) && !c.is_ascii_digit()).unwrap_or(rest.len());
        return Ok(Lexed { token: Token::Name, span: start..start + length });
    }
    match SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        Some(&(sign, token)) => Ok(Lexed { token, span: start..start + sign.len() }),
        None => Err(unexpected(text, start, first)),
    }
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Digits, point, digits, and an exponent if there are digits in it.
fn number(text: &str, start: usize) -> Result<Lexed, FormulaError> {
    let rest = &text.as_bytes()[start..];
    let digits = |from: usize| from + rest[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = digits(0);
    if rest.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(rest.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(rest.get(end + 1), Some(b'+' | b'-')));
        let exponent = end + 1 + sign;
        if digits(exponent.min(rest.len())) > exponent {
            end = digits(exponent);
        }
    }
    let span = start..start + end;
    let value: f64 = text[span.clone()].parse().expect("digits with a point and an exponent are a number");
    if value.is_infinite() {
        let what = format!("the number {} is larger than the largest f64", quote(&text[span.clone()]));
        return Err(FormulaError::new("number", text, span, what).help("the largest is 1.7976931348623157e308"));
    }
    Ok(Lexed { token: Token::Number(value), span })
}

fn unexpected(text: &str, at: usize, c: char) -> FormulaError {
    let message = format!("unexpected character {}", quote(c.encode_utf8(&mut [0; 4])));
    let error = FormulaError::new("syntax", text, at..at + c.len_utf8(), message);
    let instead = match c {
        '−' | '–' | '—' => "write `-` for minus",
        '×' | '·' | '⋅' => "write `*` for times",
        '÷' => "write `/` for a quotient",
        '²' => "write `^2` for a square",
        '³' => "write `^3` for a cube",
        '%' => "write `fmod(x, y)` for a remainder",
        '|' => "write `abs(x)` for an absolute value",
        '!' => "write `gamma(n + 1)` for a factorial",
        '{' | '}' => "group with `(` and `)`",
        ';' => "separate arguments by `,`",
        _ => return error,
    };
    error.help(instead)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<(Token, &str)> {
        let mut at = 0;
        let mut found = Vec::new();
        loop {
            let Lexed { token, span } = next(text, at).expect("these are tokens");
            if token == Token::End {
                return found;
            }
            at = span.end;
            found.push((token, &text[span]));
        }
    }

    #[test]
    fn numbers_are_read_to_the_nearest_f64() {
        for text in ["0", "12", "1.", ".5", "0.1", "1e3", "1E-3", "2.5e+10", "1e-400", "9007199254740993"] {
            let value: f64 = text.parse().expect("a number");
            assert_eq!(tokens(text), [(Token::Number(value), text)]);
        }
    }

    #[test]
    fn an_e_without_digits_is_a_name() {
        assert_eq!(tokens("2e"), [(Token::Number(2.0), "2"), (Token::Name, "e")]);
        assert_eq!(tokens("2e+x")[1..], [(Token::Name, "e"), (Token::Plus, "+"), (Token::Name, "x")]);
    }

    #[test]
    fn names_are_letters_digits_and_underscores() {
        for name in ["x", "x1", "_", "_a_1", "αβ"] {
            assert_eq!(tokens(name), [(Token::Name, name)]);
        }
    }

    #[test]
    fn the_longest_sign_wins() {
        let found = tokens("<=<== ");
        assert_eq!(found.iter().map(|t| t.1).collect::<Vec<_>>(), ["<=", "<=", "="]);
    }

    #[test]
    fn what_no_token_starts_with_is_an_error_at_its_place() {
        for text in ["\0", "\u{fffd}", "#", "²", ".", "x\0"] {
            let at = text.strip_prefix('x').map_or(0, |_| 1);
            let error = next(text, at).expect_err("not a token");
            assert_eq!((error.code, error.column), ("syntax", at + 1), "{text:?}");
        }
        assert_eq!(next("1e400", 0).expect_err("too large").code, "number");
    }
}
