//! Operator precedence by two stacks: operands, and what waits for operands (shunting yard, Dijkstra 1961). Depth of
//! nesting is length of a stack, so no text can exhaust the call stack.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use graph_core::op::{Binary, Compare};

use super::error::{FormulaError, column};
use super::function::{self, Function};
use super::operand::{Exprs, Operand, Value, as_integer};
use super::token::{self, Lexed, Token};
use super::{Formula, VariableId};

/// Longest text that is read, in bytes.
pub const LONGEST: usize = 1 << 24;

pub(super) fn parse(text: &str) -> Result<Formula, FormulaError> {
    if text.len() > LONGEST {
        let message = format!("a formula of {} bytes is longer than the limit of {LONGEST}", text.len());
        return Err(FormulaError::new("limit", text, 0..0, message));
    }
    if text.trim_start().is_empty() {
        let error = FormulaError::new("syntax", text, text.len()..text.len(), "the formula is empty");
        return Err(error.help("write one, like `x^2 + 1`"));
    }
    let mut parser = Parser::new(text)?;
    loop {
        parser.read_operand()?;
        if parser.read_operator()? == Read::End {
            return parser.finish();
        }
    }
}

/// What was read after an operand.
#[derive(PartialEq)]
enum Read {
    Operator,
    End,
}

#[derive(Clone, Copy)]
pub(super) enum Infix {
    Compare(Compare),
    Binary(Binary),
    Matmul,
    Power,
}

/// A call whose arguments are read.
pub(super) struct Call {
    pub function: Function,
    pub name: Range<usize>,
    /// How many arguments stand before `axis=`.
    pub arguments: usize,
    /// What stands after `axis=`, and the place of both.
    pub axis: Option<(i32, Range<usize>)>,
}

/// What waits for the operands that follow it.
pub(super) enum Frame {
    Group {
        open: Range<usize>,
    },
    Call(Call),
    /// With the place of the operator.
    Infix(Infix, Range<usize>),
    Sign {
        negative: bool,
        at: usize,
    },
}

impl Infix {
    fn of(token: Token) -> Option<Infix> {
        match token {
            Token::Plus => Some(Infix::Binary(Binary::Add)),
            Token::Minus => Some(Infix::Binary(Binary::Sub)),
            Token::Star => Some(Infix::Binary(Binary::Mul)),
            Token::Slash => Some(Infix::Binary(Binary::Div)),
            Token::At => Some(Infix::Matmul),
            Token::Caret => Some(Infix::Power),
            Token::Compare(op) => Some(Infix::Compare(op)),
            Token::Number(_) | Token::Name | Token::Open | Token::Close | Token::Comma => None,
            Token::Assign | Token::OpenBracket | Token::CloseBracket | Token::End => None,
        }
    }

    fn precedence(self) -> u8 {
        match self {
            Infix::Compare(_) => 1,
            Infix::Binary(Binary::Add | Binary::Sub) => 2,
            Infix::Binary(_) | Infix::Matmul => 3,
            Infix::Power => 5,
        }
    }

    /// What waits with at least this precedence takes its operand before this operator does.
    fn waits_for(self) -> u8 {
        match self {
            Infix::Compare(_) | Infix::Binary(_) | Infix::Matmul => self.precedence(),
            Infix::Power => self.precedence() + 1,
        }
    }
}

impl Frame {
    fn precedence(&self) -> u8 {
        match self {
            Frame::Group { .. } | Frame::Call(_) => 0,
            Frame::Infix(infix, _) => infix.precedence(),
            Frame::Sign { .. } => 4,
        }
    }
}

pub(super) struct Parser<'t> {
    pub text: &'t str,
    /// The token that is looked at.
    pub token: Lexed,
    /// The place of the one before.
    pub last: Range<usize>,
    pub frames: Vec<Frame>,
    pub operands: Vec<Operand>,
    pub exprs: Exprs,
    pub names: HashMap<&'t str, VariableId>,
    pub variables: Vec<Arc<str>>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Result<Parser<'t>, FormulaError> {
        Ok(Parser {
            text,
            token: token::next(text, 0)?,
            last: 0..0,
            frames: Vec::new(),
            operands: Vec::new(),
            exprs: Exprs::default(),
            names: HashMap::new(),
            variables: Vec::new(),
        })
    }

    fn advance(&mut self) -> Result<(), FormulaError> {
        let next = token::next(self.text, self.token.span.end)?;
        self.last = std::mem::replace(&mut self.token, next).span;
        Ok(())
    }

    /// Signs, opening parentheses and calls, up to a number or a name.
    fn read_operand(&mut self) -> Result<(), FormulaError> {
        loop {
            let span = self.token.span.clone();
            match self.token.token {
                Token::Plus => self.frames.push(Frame::Sign { negative: false, at: span.start }),
                Token::Minus => self.frames.push(Frame::Sign { negative: true, at: span.start }),
                Token::Open => self.frames.push(Frame::Group { open: span }),
                Token::Number(value) => {
                    self.operands.push(Operand { value: Value::Literal(value), span });
                    return self.advance();
                }
                Token::Name => {
                    self.advance()?;
                    if self.token.token == Token::Assign && self.takes_keyword(&span) {
                        return self.axis(span.start);
                    }
                    if self.token.token != Token::Open {
                        let value = self.name(&span);
                        self.operands.push(Operand { value, span });
                        return Ok(());
                    }
                    let function = function::find(self.text, span.clone())?;
                    self.frames.push(Frame::Call(Call { function, name: span, arguments: 1, axis: None }));
                }
                Token::Star | Token::Slash | Token::At | Token::Caret | Token::Compare(_) | Token::Close => {
                    return Err(self.no_operand());
                }
                Token::Comma | Token::Assign | Token::OpenBracket | Token::CloseBracket | Token::End => {
                    return Err(self.no_operand());
                }
            }
            self.advance()?;
        }
    }

    /// Closing parentheses and indices, up to an operator, a comma or the end.
    fn read_operator(&mut self) -> Result<Read, FormulaError> {
        loop {
            let token = self.token.token;
            if let Some(infix) = Infix::of(token) {
                self.reduce(infix.waits_for())?;
                self.frames.push(Frame::Infix(infix, self.token.span.clone()));
                self.advance()?;
                return Ok(Read::Operator);
            }
            match token {
                Token::Close => self.close()?,
                Token::OpenBracket => self.indices()?,
                Token::Comma => {
                    self.comma()?;
                    return Ok(Read::Operator);
                }
                Token::End => {
                    self.reduce(1)?;
                    return Ok(Read::End);
                }
                _ => return Err(self.no_operator()),
            }
        }
    }

    fn name(&mut self, span: &Range<usize>) -> Value {
        let name = &self.text[span.clone()];
        if name == "pi" {
            return Value::Literal(std::f64::consts::PI);
        }
        let next = VariableId(self.variables.len() as u32);
        let id = *self.names.entry(name).or_insert(next);
        if id == next {
            self.variables.push(name.into());
        }
        Value::Name(id)
    }

    /// Whether a name before a `=` is that of an argument: at the start of one.
    fn takes_keyword(&self, name: &Range<usize>) -> bool {
        self.text[name.clone()] == *"axis" && matches!(self.frames.last(), Some(Frame::Call(_)))
    }

    /// `axis=-1`, the last argument of a call; the parser stands at the `=`.
    fn axis(&mut self, start: usize) -> Result<(), FormulaError> {
        self.advance()?;
        let axis = self.integer("an axis")?;
        if self.token.token != Token::Close {
            return Err(self.syntax("expected `)`, as `axis=` is the last argument of a call"));
        }
        if let Some(Frame::Call(call)) = self.frames.last_mut() {
            call.arguments -= 1;
            call.axis = Some((axis, start..self.last.end));
        }
        Ok(())
    }

    /// `[i, j]` after an operand.
    fn indices(&mut self) -> Result<(), FormulaError> {
        let start = self.token.span.start;
        let mut indices = Vec::new();
        loop {
            self.advance()?;
            indices.push(self.integer("an index")?);
            match self.token.token {
                Token::Comma => {}
                Token::CloseBracket => break,
                _ => {
                    return Err(self
                        .syntax("expected `,` or `]` after an index")
                        .help("write it like `x[0]` or `x[1, -1]`"));
                }
            }
        }
        self.index(indices, start..self.token.span.end)?;
        self.advance()
    }

    /// An integer that is written out, with a sign or not.
    fn integer(&mut self, what: &str) -> Result<i32, FormulaError> {
        let start = self.token.span.start;
        let negative = self.token.token == Token::Minus;
        if negative {
            self.advance()?;
        }
        let Token::Number(value) = self.token.token else {
            return Err(self.syntax(&format!("{what} is an integer, written out")));
        };
        let integer = as_integer(value);
        self.advance()?;
        let Some(integer) = integer else {
            return Err(self.error("number", &(start..self.last.end), &format!("{what} is an integer, written out")));
        };
        Ok(if negative { -integer } else { integer })
    }

    fn comma(&mut self) -> Result<(), FormulaError> {
        self.reduce(1)?;
        match self.frames.last_mut() {
            Some(Frame::Call(call)) => call.arguments += 1,
            _ => return Err(self.syntax("a `,` stands only between the arguments of a call")),
        }
        self.advance()
    }

    fn close(&mut self) -> Result<(), FormulaError> {
        self.reduce(1)?;
        let end = self.token.span.end;
        match self.frames.pop() {
            Some(Frame::Call(call)) => {
                let span = call.name.start..end;
                let value = self.call(call, &span)?;
                self.operands.push(Operand { value, span });
            }
            Some(Frame::Group { open }) => self.top().span = open.start..end,
            _ => return Err(self.syntax("this `)` closes nothing")),
        }
        self.advance()
    }

    fn finish(mut self) -> Result<Formula, FormulaError> {
        let opened = match self.frames.last() {
            Some(Frame::Group { open }) => Some(open.start),
            Some(Frame::Call(call)) => Some(call.name.start),
            Some(Frame::Infix(..) | Frame::Sign { .. }) | None => None,
        };
        if let Some(at) = opened {
            let help = format!("what opens at column {} is not closed", column(self.text, at));
            return Err(self.syntax("the formula ends where `)` should follow").help(help));
        }
        let whole = self.pop();
        self.number(&whole)?;
        let Exprs { exprs, spans, places, arrays } = self.exprs;
        Ok(Formula { text: self.text.into(), exprs, spans, places, arrays, variables: self.variables })
    }

    pub fn pop(&mut self) -> Operand {
        self.operands.pop().expect("what is reduced has its operands")
    }

    fn top(&mut self) -> &mut Operand {
        self.operands.last_mut().expect("an operand was read before this token")
    }

    /// Applies what waits with at least this precedence.
    fn reduce(&mut self, least: u8) -> Result<(), FormulaError> {
        while let Some(frame) = self.frames.pop_if(|frame| frame.precedence() >= least) {
            match frame {
                Frame::Infix(infix, place) => self.apply(infix, &place)?,
                Frame::Sign { negative, at } => self.sign(negative, at)?,
                Frame::Group { .. } | Frame::Call(_) => unreachable!("their precedence is below all that is asked"),
            }
        }
        Ok(())
    }
}
