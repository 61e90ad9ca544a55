//! From text to functions. Recursive descent over types and literals only, whose nesting is limited; a mistake is
//! reported with its line, its column and a way out.

mod attributes;

use std::collections::HashMap;
use std::sync::Arc;

use attributes::Written;

use super::error::ParseError;
use super::lexer::{Lexed, Token, lex};
use crate::arena::NodeId;
use crate::error::Error;
use crate::function::Function;
use crate::graph::Graph;
use crate::literal::{Buffer, Literal, Scalar};
use crate::op::{Op, Opcode};
use crate::ty::{DType, MAX_NESTING, Shape, TensorType, Type};

/// Reads a text of one or more functions; the last is the main one, the others are what it calls.
pub fn parse(source: &str) -> Result<Arc<Function>, Error> {
    let mut parser = Parser { source, tokens: lex(source)?, next: 0, functions: HashMap::new() };
    let mut last = None;
    while parser.peek() != &Token::End {
        let f = parser.function()?;
        parser.functions.insert(f.name().to_string(), Arc::clone(&f));
        last = Some(f);
    }
    last.ok_or_else(|| parser.error("no graph in this text", "a graph starts with `graph @name(…) -> type {`").into())
}

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Lexed>,
    next: usize,
    functions: HashMap<String, Arc<Function>>,
}

type Parsed<T> = Result<T, ParseError>;

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].token
    }

    fn at(&self) -> usize {
        self.tokens[self.next].at
    }

    fn bump(&mut self) -> Token {
        let token = self.tokens[self.next].token.clone();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    fn error(&self, message: impl Into<String>, help: impl Into<String>) -> ParseError {
        self.error_at(self.at(), message, help)
    }

    fn error_at(&self, at: usize, message: impl Into<String>, help: impl Into<String>) -> ParseError {
        ParseError::new(self.source, at, message, help)
    }

    /// A mistake that the type checker found, at the place of the node.
    fn wrap(&self, at: usize, error: &Error) -> ParseError {
        self.error_at(at, error.to_string(), "")
    }

    fn mark(&mut self, mark: &'static str) -> Parsed<()> {
        match self.peek() == &Token::Mark(mark) {
            true => {
                self.bump();
                Ok(())
            }
            false => Err(self.error(format!("expected `{mark}`"), "")),
        }
    }

    fn accept(&mut self, mark: &'static str) -> bool {
        let found = self.peek() == &Token::Mark(mark);
        if found {
            self.bump();
        }
        found
    }

    fn word(&mut self, what: &str) -> Parsed<String> {
        match self.peek() {
            Token::Word(word) => {
                let word = word.clone();
                self.bump();
                Ok(word)
            }
            _ => Err(self.error(format!("expected {what}"), "")),
        }
    }

    /// `open item, item close`, possibly empty.
    fn separated<T>(
        &mut self,
        open: &'static str,
        close: &'static str,
        item: impl Fn(&mut Self) -> Parsed<T>,
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

    fn function(&mut self) -> Parsed<Arc<Function>> {
        if self.peek() != &Token::Word("graph".into()) {
            return Err(self.error("expected `graph`", "a graph starts with `graph @name(…) -> type {`"));
        }
        self.bump();
        let at = self.at();
        let Token::Function(name) = self.bump() else {
            return Err(self.error_at(at, "expected the graph's name", "names of graphs start with `@`"));
        };
        if self.functions.contains_key(&name) {
            return Err(self.error_at(at, format!("graph @{name} is defined twice"), "rename one of them"));
        }
        let mut scope = Scope::default();
        let params = self.separated("(", ")", |p| {
            let at = p.at();
            let name = p.value()?;
            p.mark(":")?;
            Ok((at, name, p.ty(0)?))
        })?;
        for (at, name, ty) in params {
            let node = scope.graph.param(&name, ty).map_err(|e| self.wrap(at, &e))?;
            scope.names.insert(name, node);
        }
        self.mark("->")?;
        let declared_at = self.at();
        let declared = self.ty(0)?;
        self.mark("{")?;
        let results = loop {
            if self.peek() == &Token::Word("return".into()) {
                self.bump();
                break self.results(&scope)?;
            }
            self.node(&mut scope)?;
        };
        self.mark("}")?;
        let f = Function::new(&name, &scope.graph, &results).map_err(|e| self.wrap(at, &e))?;
        if f.result_type() != declared {
            let message = format!("@{name} is declared to return {declared} but returns {}", f.result_type());
            return Err(self.error_at(declared_at, message, "change the one that is wrong"));
        }
        Ok(Arc::new(f))
    }

    fn results(&mut self, scope: &Scope) -> Parsed<Vec<NodeId>> {
        let mut results = Vec::new();
        while let Token::Value(_) = self.peek() {
            results.push(self.operand(scope)?);
            if !self.accept(",") {
                break;
            }
        }
        Ok(results)
    }

    fn value(&mut self) -> Parsed<String> {
        match self.peek() {
            Token::Value(name) => {
                let name = name.clone();
                self.bump();
                Ok(name)
            }
            _ => Err(self.error("expected a value", "values start with `%`")),
        }
    }

    fn operand(&mut self, scope: &Scope) -> Parsed<NodeId> {
        let at = self.at();
        let name = self.value()?;
        let unknown = || self.error_at(at, format!("unknown value %{name}"), "define it on a line above");
        scope.names.get(&name).copied().ok_or_else(unknown)
    }

    /// `%name = op operands {attributes} : type`
    fn node(&mut self, scope: &mut Scope) -> Parsed<()> {
        let at = self.at();
        if !matches!(self.peek(), Token::Value(_)) {
            return Err(self.error("expected a node or `return`", "a node is `%name = op %operand, …`"));
        }
        let name = self.value()?;
        if scope.names.contains_key(&name) {
            return Err(self.error_at(at, format!("%{name} is defined twice"), "every value has one definition"));
        }
        self.mark("=")?;
        let op_at = self.at();
        let word = self.word("the name of an op")?;
        let code = Opcode::all().iter().copied().find(|code| code.name() == word);
        let Some(code) = code.filter(|&code| code != Opcode::Param) else {
            return Err(self.error_at(op_at, format!("unknown op `{word}`"), similar(&word)));
        };
        let node = match code {
            Opcode::Const => self.constant(scope)?,
            Opcode::Call => self.call(scope, op_at)?,
            _ => self.plain(scope, code, op_at)?,
        };
        scope.names.insert(name, node);
        Ok(())
    }

    fn constant(&mut self, scope: &mut Scope) -> Parsed<NodeId> {
        let at = self.at();
        let mut scalars = Vec::new();
        let extents = self.elements(&mut scalars, 0)?;
        self.mark(":")?;
        let ty = match self.ty(0)? {
            Type::Tensor(t) => t,
            _ => {
                return Err(self.error_at(at, "a constant is a tensor", "build structures with `tuple` or `record`"));
            }
        };
        ty.shape.check().map_err(|e| self.wrap(at, &e))?;
        let parsed: Result<Vec<Scalar>, ParseError> = scalars
            .iter()
            .map(|(at, text)| scalar(text, ty.dtype).ok_or_else(|| self.bad_scalar(*at, text, &ty)))
            .collect();
        let parsed = parsed?;
        let literal = match extents {
            None => Some(Literal::splat(parsed[0], ty.shape.clone())),
            Some(extents) if extents[..] == ty.shape[..] || parsed.is_empty() => {
                Literal::dense(Buffer::collect(ty.dtype, parsed.into_iter()), ty.shape.clone())
            }
            Some(_) => None,
        };
        let Some(literal) = literal else {
            return Err(self.error_at(
                at,
                format!("these elements do not fill {ty}"),
                "write one element for all alike",
            ));
        };
        let op = Op::Const(scope.graph.intern_literal(literal));
        scope.graph.make(op, &[]).map_err(|e| self.wrap(at, &e))
    }

    fn bad_scalar(&self, at: usize, text: &str, ty: &TensorType) -> ParseError {
        self.error_at(at, format!("`{text}` is not an element of {}", ty.dtype), "")
    }

    /// Nested brackets of scalars; the extents found, `None` for one bare scalar. All rows have equal lengths.
    fn elements(&mut self, out: &mut Vec<(usize, String)>, depth: usize) -> Parsed<Option<Vec<usize>>> {
        let at = self.at();
        if self.peek() != &Token::Mark("[") {
            match self.bump() {
                Token::Number(text) | Token::Word(text) => out.push((at, text)),
                _ => return Err(self.error_at(at, "expected an element", "")),
            }
            return Ok(None);
        }
        if depth >= crate::ty::MAX_RANK {
            return Err(self.error("brackets nest too deep", format!("at most {}", crate::ty::MAX_RANK)));
        }
        self.mark("[")?;
        let mut inner: Option<Vec<usize>> = None;
        let mut rows = 0;
        while !self.accept("]") {
            if rows > 0 {
                self.mark(",")?;
            }
            let at = self.at();
            let extents = self.elements(out, depth + 1)?.unwrap_or_default();
            if inner.as_ref().is_some_and(|first| *first != extents) {
                return Err(self.error_at(at, "this row differs in shape from the first", ""));
            }
            inner = Some(extents);
            rows += 1;
        }
        let mut extents = vec![rows];
        extents.extend(inner.unwrap_or_default());
        Ok(Some(extents))
    }

    fn call(&mut self, scope: &mut Scope, at: usize) -> Parsed<NodeId> {
        let name_at = self.at();
        let Token::Function(name) = self.bump() else {
            return Err(self.error_at(name_at, "expected the name of a graph", "names of graphs start with `@`"));
        };
        let Some(f) = self.functions.get(&name).cloned() else {
            return Err(self.error_at(name_at, format!("unknown graph @{name}"), "define it above this graph"));
        };
        let operands = self.separated("(", ")", |p| p.operand(scope))?;
        let op = Op::Call(scope.graph.add_function(&f));
        self.finish(scope, op, &operands, at)
    }

    fn plain(&mut self, scope: &mut Scope, code: Opcode, at: usize) -> Parsed<NodeId> {
        let mut operands = Vec::new();
        while let Token::Value(_) = self.peek() {
            operands.push(self.operand(scope)?);
            if !self.accept(",") {
                break;
            }
        }
        let mut written = Written::default();
        if self.peek() == &Token::Mark("{") {
            written.entries = self.separated("{", "}", Parser::attribute)?;
        }
        // Some ops read their attribute from the type, so look at it before building.
        let mark = self.next;
        let ty = if self.accept(":") { Some(self.ty(0)?) } else { None };
        let op = self.op(&mut scope.graph, code, &operands, written, ty.as_ref(), at)?;
        self.next = mark;
        self.finish(scope, op, &operands, at)
    }

    /// Builds the node and compares its type with the one written.
    fn finish(&mut self, scope: &mut Scope, op: Op, operands: &[NodeId], at: usize) -> Parsed<NodeId> {
        let node = scope.graph.make(op, operands).map_err(|e| self.wrap(at, &e))?;
        if self.accept(":") {
            let ty_at = self.at();
            let ty = self.ty(0)?;
            if ty != *scope.graph.ty(node) {
                let message = format!("the type is {}, not {ty}", scope.graph.ty(node));
                return Err(self.error_at(ty_at, message, "correct it, or leave it out"));
            }
        }
        Ok(node)
    }

    fn ty(&mut self, depth: usize) -> Parsed<Type> {
        if depth > MAX_NESTING {
            return Err(self.error("types nest too deep", format!("at most {MAX_NESTING}")));
        }
        match self.peek() {
            Token::Mark("(") => self.separated("(", ")", |p| p.ty(depth + 1)).map(Type::tuple),
            Token::Mark("{") => {
                let fields = self.separated("{", "}", |p| {
                    let name = p.word("the name of a field")?;
                    p.mark(":")?;
                    Ok((name, p.ty(depth + 1)?))
                })?;
                Ok(Type::record(fields))
            }
            Token::Word(word) => {
                let Some(dtype) = DType::ALL.into_iter().find(|dtype| dtype.name() == word) else {
                    let help = "a type is f64, f32, i64 or bool with extents, (…) or {…}";
                    return Err(self.error(format!("unknown type `{word}`"), help));
                };
                self.bump();
                let shape = match self.peek() == &Token::Mark("[") {
                    true => self.extents()?,
                    false => Shape::scalar(),
                };
                Ok(Type::Tensor(TensorType { dtype, shape }))
            }
            _ => Err(self.error("expected a type", "a type is f64, f32, i64 or bool with extents, (…) or {…}")),
        }
    }

    fn extents(&mut self) -> Parsed<Shape> {
        let extents = self.separated("[", "]", |p| {
            let at = p.at();
            match p.bump() {
                Token::Number(text) => {
                    text.parse().map_err(|_| p.error_at(at, format!("`{text}` is not an extent"), ""))
                }
                _ => Err(p.error_at(at, "expected an extent", "")),
            }
        })?;
        Ok(Shape::new(&extents))
    }
}

#[derive(Default)]
struct Scope {
    graph: Graph,
    names: HashMap<String, NodeId>,
}

/// One element; `nan(0x…)` gives the bits of a NaN, in as many bytes as the dtype has.
fn scalar(text: &str, dtype: DType) -> Option<Scalar> {
    let bits = text.strip_prefix("nan(0x").and_then(|t| t.strip_suffix(')'));
    match (dtype, bits) {
        (DType::F64, Some(bits)) => {
            u64::from_str_radix(bits, 16).ok().map(f64::from_bits).filter(|x| x.is_nan()).map(Scalar::F64)
        }
        (DType::F32, Some(bits)) => {
            u32::from_str_radix(bits, 16).ok().map(f32::from_bits).filter(|x| x.is_nan()).map(Scalar::F32)
        }
        (DType::F64, None) => text.parse().ok().map(Scalar::F64),
        (DType::F32, None) => text.parse().ok().map(Scalar::F32),
        (DType::I64, _) => text.parse().ok().map(Scalar::I64),
        (DType::Bool, _) => text.parse().ok().map(Scalar::Bool),
    }
}

/// Ops whose name is close, for a hint.
fn similar(word: &str) -> String {
    let close = |name: &&str| name.contains(word) || name.get(..3).is_some_and(|start| word.contains(start));
    let names: Vec<_> = Opcode::all().iter().map(|code| code.name()).filter(close).take(5).collect();
    match names.is_empty() {
        true => "docs/ir.md lists the ops".into(),
        false => format!("close names: {}", names.join(", ")),
    }
}
