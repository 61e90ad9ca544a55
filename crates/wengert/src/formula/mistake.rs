//! Mistakes of syntax and of calls, told from where the parser stands.

use std::ops::Range;

use super::error::{FormulaError, quote};
use super::function::{self, Function};
use super::parse::{Call, Frame, Parser};
use super::token::Token;

impl Parser<'_> {
    pub fn error(&self, code: &'static str, span: &Range<usize>, message: &str) -> FormulaError {
        FormulaError::new(code, self.text, span.clone(), message)
    }

    pub fn syntax(&self, message: &str) -> FormulaError {
        self.error("syntax", &self.token.span, message)
    }

    fn found(&self) -> String {
        quote(&self.text[self.token.span.clone()])
    }

    pub fn no_operand(&self) -> FormulaError {
        match self.token.token {
            Token::End => self.syntax("the formula ends where a number, a name or `(` should follow"),
            Token::OpenBracket => {
                let error = self.error("unsupported", &self.token.span, "a formula holds no arrays of its own");
                error.help("stack numbers: `stack(1, 2)`; or give an array at a point: `--at x=[1,2]`")
            }
            Token::Star if self.last.end == self.token.span.start && self.text[self.last.clone()] == *"*" => {
                self.syntax("`**` is not an operator").help("write `^` for a power")
            }
            Token::Close if matches!(self.frames.last(), Some(Frame::Call(Call { arguments: 1, .. }))) => {
                self.error("arity", &self.token.span, "a call without arguments").help("no function takes none")
            }
            _ => self.syntax(&format!("expected a number, a name or `(`, found {}", self.found())),
        }
    }

    pub fn no_operator(&self) -> FormulaError {
        let before = &self.text[self.last.clone()];
        match self.token.token {
            Token::Assign if before == "axis" => self
                .syntax("`axis=` stands in a call, after the other arguments")
                .help("write it like `sum(x, axis=0)`"),
            Token::Assign => self.syntax("a single `=` means nothing here").help("compare with `==`"),
            _ => {
                let error = self.syntax(&format!("expected an operator, found {}", self.found()));
                match function::find(self.text, self.last.clone()) {
                    Ok(function) => {
                        error.help(format!("call a function with parentheses: `{}`", function.usage(before)))
                    }
                    Err(_) => error.help("write `*` between factors"),
                }
            }
        }
    }

    pub fn no_axis(&self, function: Function, name: &Range<usize>, place: &Range<usize>) -> FormulaError {
        let called = &self.text[name.clone()];
        let error = self.error("arity", place, &format!("{} takes no `axis` here", quote(called)));
        error.help(format!("write `{}`", function.usage(called)))
    }

    pub fn arity(&self, function: Function, name: Range<usize>, count: usize) -> FormulaError {
        let called = &self.text[name.clone()];
        let takes = match function.arity() {
            (1, 1) => "1 argument".to_string(),
            (1, 2) => "1 or 2 arguments".to_string(),
            (1, usize::MAX) => "at least 1 argument".to_string(),
            (least, usize::MAX) => format!("at least {least} arguments"),
            (least, _) => format!("{least} arguments"),
        };
        let error = self.error("arity", &name, &format!("{} takes {takes}, not {count}", quote(called)));
        error.help(format!("write `{}`", function.usage(called)))
    }
}
