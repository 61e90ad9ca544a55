//! From text to functions. Recursive descent over types and literals only, whose nesting is limited; a mistake is
//! reported with its line, its column and a way out.
//!
//! A mistake ends its node, not the reading ([`recover`]): the value counts as being of the type that is written for it,
//! and what follows from a mistake is no mistake of its own. Invariant: a function is made only where nothing was wrong
//! inside.

mod attributes;
mod constant;
mod cursor;
mod recover;
mod ty;

use std::collections::HashMap;
use std::sync::Arc;

use attributes::Written;
use recover::{Scope, Value};

use super::error::ParseError;
use super::lexer::{Lexed, Token, lex};
use super::print::asked_as;
use crate::arena::NodeId;
use crate::error::Error;
use crate::function::{CustomRule, Function};
use crate::op::{Op, Opcode};

pub use recover::MOST_MISTAKES;

/// Reads a text of one or more functions; the last is the main one, the others are what it calls.
pub fn parse(source: &str) -> Result<Arc<Function>, Error> {
    check(source).map_err(|mistakes| mistakes.into_iter().next().expect("a text is refused for a mistake").into())
}

/// As [`parse`], but goes on behind a mistake: every one that does not follow from another, at most
/// [`MOST_MISTAKES`], as they were found. Where there is none, the function is valid.
pub fn check(source: &str) -> Result<Arc<Function>, Vec<ParseError>> {
    let mut parser = Parser { source, tokens: lex(source), next: 0, functions: HashMap::new(), mistakes: Vec::new() };
    let mut last = None;
    while parser.peek() != &Token::End {
        match parser.function() {
            Ok(f) => last = f,
            Err(mistake) => {
                parser.tell(mistake);
                parser.skip_function();
            }
        }
    }
    if parser.mistakes.is_empty() && last.is_none() {
        let nothing = parser.error("no graph in this text", "a graph starts with `graph @name(…) -> type {`");
        parser.tell(nothing);
    }
    match (last, parser.mistakes) {
        (Some(f), mistakes) if mistakes.is_empty() => Ok(f),
        (_, mistakes) => Err(mistakes),
    }
}

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Lexed>,
    next: usize,
    /// Those so far; `None` where there was a mistake inside.
    functions: HashMap<String, Option<Arc<Function>>>,
    mistakes: Vec<ParseError>,
}

type Parsed<T> = Result<T, ParseError>;

impl Parser<'_> {
    /// `graph @name(parameters) -> type { nodes return values }`; `None` if something inside is wrong.
    fn function(&mut self) -> Parsed<Option<Arc<Function>>> {
        if self.peek() != &Token::Word("graph".into()) {
            return Err(self.error("expected `graph`", "a graph starts with `graph @name(…) -> type {`"));
        }
        self.bump();
        let at = self.at();
        let Token::Function(name) = self.bump() else {
            return Err(self.error_at(at, "expected the graph's name", "names of graphs start with `@`"));
        };
        if self.functions.contains_key(&name) {
            self.tell(self.error_at(at, format!("graph @{name} is defined twice"), "rename one of them"));
        }
        let function = self.named(&name, at);
        self.functions.insert(name, function.as_ref().ok().cloned().flatten());
        function
    }

    fn named(&mut self, name: &str, at: usize) -> Parsed<Option<Arc<Function>>> {
        let told = self.mistakes.len();
        let mut scope = self.params()?;
        self.mark("->")?;
        let declared_at = self.at();
        let declared = self.ty(0)?;
        let rule_at = self.at();
        let rule = self.rule()?;
        self.mark("{")?;
        let results = self.body(&mut scope)?;
        self.mark("}")?;
        let Some(results) = results.filter(|_| self.mistakes.len() == told) else { return Ok(None) };
        let f = Function::new(name, &scope.graph, &results).map_err(|e| self.wrap(at, &e))?;
        if f.result_type() != declared {
            let message = format!("@{name} is declared to return {declared} but returns {}", f.result_type());
            return Err(self.error_at(declared_at, message, "change the one that is wrong"));
        }
        let f = match rule {
            Some(rule) => f.with_rule(rule).map_err(|e| self.wrap(rule_at, &e))?,
            None => f,
        };
        Ok(Some(Arc::new(f)))
    }

    /// A derivative of the function's own: `jvp @rule`, `vjp @rule`, `transpose @rule [1]`.
    fn rule(&mut self) -> Parsed<Option<CustomRule>> {
        let kind = match self.peek() {
            Token::Word(word) => ["jvp", "vjp", "transpose"].iter().position(|kind| kind == word),
            _ => None,
        };
        let Some(kind) = kind else { return Ok(None) };
        self.bump();
        let function = self.defined_function()?;
        let wrt = if kind == 2 { self.separated("[", "]", Self::position)? } else { Vec::new() };
        Ok(function.map(|function| match kind {
            0 => CustomRule::Jvp(function),
            1 => CustomRule::Vjp(function),
            _ => CustomRule::Transpose { wrt, function },
        }))
    }

    fn position(&mut self) -> Parsed<usize> {
        let at = self.at();
        match self.bump() {
            Token::Number(text) if text.parse::<usize>().is_ok() => Ok(text.parse().unwrap_or_default()),
            _ => Err(self.error_at(at, "expected the position of a parameter", "the first is 0")),
        }
    }

    /// A function named here and defined above; `None` if it has a mistake.
    fn defined_function(&mut self) -> Parsed<Option<Arc<Function>>> {
        let at = self.at();
        let Token::Function(name) = self.bump() else {
            return Err(self.error_at(at, "expected the name of a graph", "names of graphs start with `@`"));
        };
        let found = self.functions.get(&name).cloned();
        if found.is_none() {
            self.tell(self.error_at(at, format!("unknown graph @{name}"), "define it above this graph"));
        }
        Ok(found.flatten())
    }

    fn params(&mut self) -> Parsed<Scope> {
        let mut scope = Scope::default();
        let params = self.separated("(", ")", |p| {
            let at = p.at();
            let name = p.value()?;
            p.mark(":")?;
            Ok((at, name, p.ty(0)?))
        })?;
        for (at, name, ty) in params {
            match scope.graph.param(&name, ty).map_err(|e| self.wrap(at, &e)) {
                Ok(node) => scope.define(name, Value::Node(node)),
                Err(mistake) => {
                    self.tell(mistake);
                    scope.define(name, Value::Broken);
                }
            }
        }
        Ok(scope)
    }

    /// Nodes, up to the results; `None` if there are none because of a mistake.
    fn body(&mut self, scope: &mut Scope) -> Parsed<Option<Vec<NodeId>>> {
        loop {
            match self.peek() {
                Token::Word(word) if word == "return" => {
                    self.bump();
                    let results = self.operands(scope)?;
                    return Ok(nodes(&results));
                }
                Token::Value(_) => self.node(scope),
                Token::Mark("}") | Token::End => return Err(self.no_node()),
                _ if self.starts_function() => return Err(self.no_node()),
                _ => {
                    self.tell(self.no_node());
                    self.skip_node(scope);
                }
            }
        }
    }

    fn no_node(&self) -> ParseError {
        self.error("expected a node or `return`", "a node is `%name = op %operand, …`")
    }

    fn value(&mut self) -> Parsed<String> {
        match self.peek() {
            Token::Value(name) => {
                let name = name.clone();
                self.bump();
                Ok(name)
            }
            Token::Number(_) => {
                let help = "a number is a node of its own: `%c = const 2.0 : f64`";
                Err(self.error(format!("expected a value, found {}", self.found()), help))
            }
            _ => Err(self.error(format!("expected a value, found {}", self.found()), "values start with `%`")),
        }
    }

    /// A value that is used; if it has no node because of a mistake, that is told.
    fn operand(&mut self, scope: &mut Scope) -> Parsed<Operand> {
        let at = self.at();
        let name = self.value()?;
        let node = match scope.value(&name) {
            Some(Value::Node(node)) => Some(node),
            Some(Value::Broken | Value::Unknown) => None,
            None => {
                self.tell(self.error_at(at, format!("unknown value %{name}"), "define it on a line above"));
                scope.define(name.clone(), Value::Unknown);
                None
            }
        };
        Ok(Operand { name, node })
    }

    /// `%a, %b`, possibly none.
    fn operands(&mut self, scope: &mut Scope) -> Parsed<Vec<Operand>> {
        let mut operands = Vec::new();
        if !matches!(self.peek(), Token::Value(_)) {
            return Ok(operands);
        }
        loop {
            operands.push(self.operand(scope)?);
            if !self.accept(",") {
                return Ok(operands);
            }
        }
    }

    /// `%name = op operands {attributes} : type`
    fn node(&mut self, scope: &mut Scope) {
        let at = self.at();
        let value = match self.value().and_then(|name| self.mark("=").map(|()| name)) {
            Err(mistake) => {
                self.tell(mistake);
                self.skip_node(scope);
                return;
            }
            Ok(name) => {
                let twice = matches!(scope.value(&name), Some(Value::Node(_) | Value::Broken));
                if twice {
                    self.tell(self.error_at(at, format!("%{name} is defined twice"), "every value has one definition"));
                }
                (!twice).then_some(name)
            }
        };
        let node = self.definition(scope).unwrap_or_else(|mistake| {
            self.tell(mistake);
            self.skip_node(scope)
        });
        if let Some(name) = value {
            scope.define(name, node.map_or(Value::Broken, Value::Node));
        }
    }

    fn definition(&mut self, scope: &mut Scope) -> Parsed<Option<NodeId>> {
        let at = self.at();
        let word = self.word("the name of an op")?;
        let code = Opcode::all().iter().copied().find(|code| code.name() == word);
        let Some(code) = code.filter(|&code| code != Opcode::Param) else {
            return Err(self.error_at(at, format!("unknown op `{word}`"), similar(&word)));
        };
        match code {
            Opcode::Const => self.constant(scope).map(Some),
            Opcode::Call => self.call(scope, at),
            _ => self.plain(scope, code, at),
        }
    }

    fn call(&mut self, scope: &mut Scope, at: usize) -> Parsed<Option<NodeId>> {
        let callee = self.defined_function()?;
        let operands = self.separated("(", ")", |p| p.operand(scope))?;
        match (callee, nodes(&operands)) {
            (Some(f), Some(nodes)) => {
                let op = Op::Call(scope.graph.add_function(&f));
                self.finish(scope, op, &operands, &nodes, at).map(Some)
            }
            _ => Ok(self.written_type(scope)),
        }
    }

    fn plain(&mut self, scope: &mut Scope, code: Opcode, at: usize) -> Parsed<Option<NodeId>> {
        let operands = self.operands(scope)?;
        let written = match self.peek() == &Token::Mark("{") {
            true => self.attributes()?,
            false => Written::default(),
        };
        let Some(nodes) = nodes(&operands) else { return Ok(self.written_type(scope)) };
        // Some ops read their attribute from the type, so look at it before building.
        let mark = self.next;
        let ty = if self.accept(":") { Some(self.ty(0)?) } else { None };
        let op = self.op(&mut scope.graph, code, &nodes, written, ty.as_ref(), at);
        self.next = mark;
        self.finish(scope, op?, &operands, &nodes, at).map(Some)
    }

    /// Builds the node and compares its type with the one written.
    fn finish(
        &mut self,
        scope: &mut Scope,
        op: Op,
        operands: &[Operand],
        nodes: &[NodeId],
        at: usize,
    ) -> Parsed<NodeId> {
        let made = scope.graph.make(op, nodes);
        let node = made.map_err(|e| {
            let written = asked_as(&scope.graph, op, nodes, |i| format!("%{}", operands[i].name));
            self.wrap(at, &e.in_words(written))
        })?;
        if self.accept(":") {
            let ty_at = self.at();
            let ty = self.ty(0)?;
            if ty != *scope.graph.ty(node) {
                let message = format!("the type is {}, not {ty}", scope.graph.ty(node));
                self.tell(self.error_at(ty_at, message, "correct it, or leave it out"));
                return Ok(scope.stand_in(ty).unwrap_or(node));
            }
        }
        Ok(node)
    }
}

/// A value that is used: its name, and its node unless there is none because of a mistake.
struct Operand {
    name: String,
    node: Option<NodeId>,
}

/// The nodes of operands, if there is one for each.
fn nodes(operands: &[Operand]) -> Option<Vec<NodeId>> {
    operands.iter().map(|operand| operand.node).collect()
}

/// Ops whose name is close, for a hint.
fn similar(word: &str) -> String {
    let close = |name: &&str| name.contains(word) || name.get(..3).is_some_and(|start| word.contains(start));
    let nodes = Opcode::all().iter().filter(|&&code| code != Opcode::Param);
    let names: Vec<_> = nodes.map(|code| code.name()).filter(close).take(5).collect();
    match names.is_empty() {
        true => "docs/ir.md lists the ops".into(),
        false => format!("close names: {}", names.join(", ")),
    }
}
