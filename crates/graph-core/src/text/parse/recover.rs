//! Going on behind a mistake: to the next node, or to the next function.

use std::collections::HashMap;

use super::Parser;
use crate::arena::NodeId;
use crate::graph::Graph;
use crate::text::error::ParseError;
use crate::text::lexer::Token;
use crate::ty::Type;

/// Most mistakes of one text that are told.
pub const MOST_MISTAKES: usize = 100;

/// What a name of a function means so far.
#[derive(Clone, Copy)]
pub(super) enum Value {
    Node(NodeId),
    /// It is defined, but wrongly.
    Broken,
    /// It is used, but not defined.
    Unknown,
}

/// A function under construction.
#[derive(Default)]
pub(super) struct Scope {
    pub graph: Graph,
    names: HashMap<String, Value>,
    stand_ins: usize,
}

impl Scope {
    pub fn value(&self, name: &str) -> Option<Value> {
        self.names.get(name).copied()
    }

    pub fn define(&mut self, name: String, value: Value) {
        self.names.insert(name, value);
    }

    /// A node of this type in place of one that cannot be made; the function is refused anyway.
    pub fn stand_in(&mut self, ty: Type) -> Option<NodeId> {
        self.stand_ins += 1;
        self.graph.param(&format!("stand.in.{}", self.stand_ins), ty).ok()
    }
}

impl Parser<'_> {
    /// Keeps a mistake; with the last that is told, reading ends.
    pub fn tell(&mut self, mistake: ParseError) {
        if self.mistakes.len() < MOST_MISTAKES {
            self.mistakes.push(mistake);
        }
        if self.mistakes.len() == MOST_MISTAKES {
            self.next = self.tokens.len() - 1;
        }
    }

    /// Skips the rest of a node, and stands in for it if its type is written. Moves on, unless it is at the end of a
    /// node already.
    pub fn skip_node(&mut self, scope: &mut Scope) -> Option<NodeId> {
        loop {
            match self.peek() {
                Token::Mark(":") => return self.written_type(scope),
                Token::Mark("}") if self.ends_function() => return None,
                Token::Value(_) if self.follows(&Token::Mark("=")) => return None,
                Token::Word(word) if word == "return" => return None,
                Token::End => return None,
                _ if self.starts_function() => return None,
                _ => self.skip(),
            }
        }
    }

    /// Skips to the next function.
    pub fn skip_function(&mut self) {
        while self.peek() != &Token::End && !self.starts_function() {
            self.skip();
        }
    }

    /// Moves on; a character that nothing starts with is a mistake of its own.
    fn skip(&mut self) {
        let at = self.at();
        let told = self.mistakes.last().is_some_and(|mistake| mistake.offset == at);
        if matches!(self.peek(), Token::Unknown(_)) && !told {
            self.tell(self.error("", ""));
        }
        self.bump();
    }

    /// `: type`, if it is there: a node that stands in for one of this type.
    pub fn written_type(&mut self, scope: &mut Scope) -> Option<NodeId> {
        let ty = if self.accept(":") { self.ty(0).ok() } else { None };
        ty.and_then(|ty| scope.stand_in(ty))
    }

    pub fn starts_function(&self) -> bool {
        matches!(self.peek(), Token::Word(word) if word == "graph") && matches!(self.after(), Some(Token::Function(_)))
    }

    /// Whether the brace that is looked at is the last of a function, not of a list of attributes.
    fn ends_function(&self) -> bool {
        match self.after() {
            Some(Token::Word(word)) => word == "graph",
            Some(Token::End) | None => true,
            Some(_) => false,
        }
    }

    fn follows(&self, token: &Token) -> bool {
        self.after() == Some(token)
    }

    fn after(&self) -> Option<&Token> {
        self.tokens.get(self.next + 1).map(|lexed| &lexed.token)
    }
}
