//! Words, numbers and punctuation of the text form, each with its place.

use super::quote::unquoted;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A bare word: keywords, op names, field names, `true`, `inf`.
    Word(String),
    /// `%name`
    Value(String),
    /// `@name`
    Function(String),
    /// A name of a field in quotes.
    Quoted(String),
    /// Digits with optional sign, point and exponent; or `nan(0x…)`.
    Number(String),
    /// One of `( ) [ ] { } , : = ->`
    Mark(&'static str),
    /// A character that starts none of these.
    Unknown(char),
    End,
}

#[derive(Clone, Debug)]
pub(super) struct Lexed {
    pub token: Token,
    /// Byte offset in the source.
    pub at: usize,
}

const MARKS: [&str; 10] = ["->", "(", ")", "[", "]", "{", "}", ",", ":", "="];

pub(super) fn lex(source: &str) -> Vec<Lexed> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let first = rest.chars().next().expect("rest is not empty");
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let (token, length) = token(rest, first).unwrap_or((Token::Unknown(first), first.len_utf8()));
        tokens.push(Lexed { token, at });
        at += length;
    }
    tokens.push(Lexed { token: Token::End, at: source.len() });
    tokens
}

fn token(rest: &str, first: char) -> Option<(Token, usize)> {
    let span =
        |from: usize, keep: &dyn Fn(char) -> bool| rest[from..].find(|c| !keep(c)).map_or(rest.len(), |n| from + n);
    let wordlike = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) {
        return Some((Token::Mark(mark), mark.len()));
    }
    if first == '%' || first == '@' {
        let end = span(1, &wordlike);
        let name = rest[1..end].to_string();
        let token = if first == '%' { Token::Value(name) } else { Token::Function(name) };
        return (end > 1).then_some((token, end));
    }
    if first == '"' {
        return unquoted(rest).map(|(name, length)| (Token::Quoted(name), length));
    }
    if rest.starts_with("nan(0x") {
        let end = rest.find(')')? + 1;
        return Some((Token::Number(rest[..end].to_string()), end));
    }
    if first.is_ascii_digit() || first == '-' {
        return Some(number(rest));
    }
    if first.is_alphabetic() || first == '_' {
        let end = span(0, &wordlike);
        return Some((Token::Word(rest[..end].to_string()), end));
    }
    None
}

/// Sign, digits, point, exponent; `-inf` too. Whether it is a number of the wanted kind is asked later.
fn number(rest: &str) -> (Token, usize) {
    let bytes = rest.as_bytes();
    let mut end = 1;
    while end < bytes.len() {
        let signed_exponent = matches!(bytes[end], b'+' | b'-') && matches!(bytes[end - 1], b'e' | b'E');
        if !(bytes[end].is_ascii_alphanumeric() || bytes[end] == b'.' || signed_exponent) {
            break;
        }
        end += 1;
    }
    (Token::Number(rest[..end].to_string()), end)
}
