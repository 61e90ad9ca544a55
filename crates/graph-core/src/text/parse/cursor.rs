//! Tokens, looked at and taken one by one, and mistakes at their places.

use super::{Parsed, Parser};
use crate::error::Error;
use crate::text::error::ParseError;
use crate::text::lexer::Token;

/// What to do about a character that nothing starts with.
const STARTS: &str = "values start with `%`, graphs with `@`, comments with `//`";

impl Parser<'_> {
    pub(super) fn peek(&self) -> &Token {
        &self.tokens[self.next].token
    }

    pub(super) fn at(&self) -> usize {
        self.tokens[self.next].at
    }

    pub(super) fn bump(&mut self) -> Token {
        let token = self.tokens[self.next].token.clone();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    pub(super) fn error(&self, message: impl Into<String>, help: impl Into<String>) -> ParseError {
        self.error_at(self.at(), message, help)
    }

    pub(super) fn error_at(&self, at: usize, message: impl Into<String>, help: impl Into<String>) -> ParseError {
        let token = self.tokens.binary_search_by_key(&at, |lexed| lexed.at).map(|index| &self.tokens[index].token);
        match token {
            Ok(Token::Unknown(c)) => ParseError::new(self.source, at, format!("unexpected character {c:?}"), STARTS),
            _ => ParseError::new(self.source, at, message, help),
        }
    }

    /// A mistake that the type checker found, at the place of the node.
    pub(super) fn wrap(&self, at: usize, error: &Error) -> ParseError {
        self.error_at(at, error.to_string(), "")
    }

    pub(super) fn mark(&mut self, mark: &'static str) -> Parsed<()> {
        match self.peek() == &Token::Mark(mark) {
            true => {
                self.bump();
                Ok(())
            }
            false => Err(self.error(format!("expected `{mark}`, found {}", self.found()), "")),
        }
    }

    /// The next token, for a message.
    pub(super) fn found(&self) -> String {
        match self.peek() {
            Token::Word(text) | Token::Number(text) => format!("`{text}`"),
            Token::Quoted(name) => format!("`{name:?}`"),
            Token::Value(name) => format!("`%{name}`"),
            Token::Function(name) => format!("`@{name}`"),
            Token::Mark(mark) => format!("`{mark}`"),
            Token::Unknown(c) => format!("{c:?}"),
            Token::End => "the end of the text".into(),
        }
    }

    pub(super) fn accept(&mut self, mark: &'static str) -> bool {
        let found = self.peek() == &Token::Mark(mark);
        if found {
            self.bump();
        }
        found
    }

    pub(super) fn word(&mut self, what: &str) -> Parsed<String> {
        match self.peek() {
            Token::Word(word) => {
                let word = word.clone();
                self.bump();
                Ok(word)
            }
            _ => Err(self.error(format!("expected {what}, found {}", self.found()), "")),
        }
    }

    /// The name of a field: a word, or any string in quotes.
    pub(super) fn field(&mut self) -> Parsed<String> {
        if let Token::Quoted(name) = self.peek() {
            let name = name.clone();
            self.bump();
            return Ok(name);
        }
        self.word("the name of a field")
    }

    /// `open item, item close`, possibly empty.
    pub(super) fn separated<T>(
        &mut self,
        open: &'static str,
        close: &'static str,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        self.mark(open)?;
        let mut items = Vec::new();
        if self.accept(close) {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if self.accept(close) {
                return Ok(items);
            }
            self.mark(",")?;
        }
    }
}
