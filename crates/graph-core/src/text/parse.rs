//! From text to functions. Recursive descent over types and literals only, whose nesting is limited; a mistake is
//! reported with its line, its column and a way out.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::lexer::{Lexed, Token, lex};
use crate::arena::NodeId;
use crate::error::Error;
use crate::function::Function;
use crate::graph::Graph;
use crate::literal::{Buffer, Literal, Scalar};
use crate::op::{Axes, BroadcastSpec, DotSpec, IotaSpec, Op, Opcode, PadSpec, SliceSpec};
use crate::ty::{DType, MAX_NESTING, Shape, TensorType, Type};

/// A place in a text and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Byte offset.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
    /// The line itself.
    pub source_line: String,
}

impl ParseError {
    pub(super) fn new(source: &str, offset: usize, message: impl Into<String>, help: impl Into<String>) -> ParseError {
        let before = &source[..offset];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let end = source[offset..].find('\n').map_or(source.len(), |at| offset + at);
        ParseError {
            line: before.matches('\n').count() + 1,
            column: source[start..offset].chars().count() + 1,
            offset,
            message: message.into(),
            help: help.into(),
            source_line: source[start..end].to_string(),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)?;
        if !self.help.is_empty() {
            write!(f, "; {}", self.help)?;
        }
        Ok(())
    }
}
impl std::error::Error for ParseError {}

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

/// Attributes of one node as written: lists of numbers or words.
#[derive(Default)]
struct Written {
    entries: Vec<(String, usize, Value)>,
}

enum Value {
    Numbers(Vec<i64>),
    Words(Vec<String>),
}

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

    fn attribute(&mut self) -> Parsed<(String, usize, Value)> {
        let at = self.at();
        let name = self.word("the name of an attribute")?;
        self.mark("=")?;
        let value = if self.peek() == &Token::Mark("[") {
            let items = self.separated("[", "]", |p| {
                let at = p.at();
                match p.bump() {
                    Token::Number(text) | Token::Word(text) => Ok(text),
                    _ => Err(p.error_at(at, "expected a number or a name", "")),
                }
            })?;
            match items.iter().map(|text| text.parse()).collect() {
                Ok(numbers) => Value::Numbers(numbers),
                Err(_) => Value::Words(items),
            }
        } else {
            let at = self.at();
            match self.bump() {
                Token::Number(text) => match text.parse() {
                    Ok(number) => Value::Numbers(vec![number]),
                    Err(_) => {
                        return Err(self.error_at(at, format!("`{text}` is not an integer"), ""));
                    }
                },
                Token::Word(text) => Value::Words(vec![text]),
                _ => return Err(self.error_at(at, "expected a number, a name or a list", "")),
            }
        };
        Ok((name, at, value))
    }

    fn op(
        &self,
        g: &mut Graph,
        code: Opcode,
        operands: &[NodeId],
        mut written: Written,
        ty: Option<&Type>,
        at: usize,
    ) -> Parsed<Op> {
        let result = || {
            let needed = || self.error_at(at, format!("`{}` needs its type written", code.name()), "add `: type`");
            ty.and_then(Type::as_tensor).ok_or_else(needed)
        };
        let missing = |name: &str| self.error_at(at, format!("`{}` needs {{{name}=…}}", code.name()), "");
        let axes = |written: &mut Written, name: &str| written.axes(name).ok_or_else(|| missing(name));
        let number = |written: &mut Written, name: &str| written.number(name).ok_or_else(|| missing(name));
        let w = &mut written;
        let op = match code {
            Opcode::Param | Opcode::Const | Opcode::Call => {
                unreachable!("these have a syntax of their own")
            }
            Opcode::Unary(op) => Op::Unary(op),
            Opcode::Binary(op) => Op::Binary(op),
            Opcode::Compare(op) => Op::Compare(op),
            Opcode::Logic(op) => Op::Logic(op),
            Opcode::Select => Op::Select,
            Opcode::Tuple => Op::Tuple,
            Opcode::Nth(op) => {
                let n = number(w, "n")?;
                Op::Nth(op, i32::try_from(n).map_err(|_| self.error_at(at, format!("n = {n} is too large"), ""))?)
            }
            Opcode::Iota => {
                let TensorType { dtype, shape } = result()?.clone();
                Op::Iota(g.intern_iota(IotaSpec { dtype, shape, axis: self.index(number(w, "axis")?, at)? }))
            }
            Opcode::Cast => Op::Cast(result()?.dtype),
            Opcode::Broadcast => {
                let shape = result()?.shape.clone();
                Op::Broadcast(g.intern_broadcast(BroadcastSpec { shape, axes: axes(w, "axes")? }))
            }
            Opcode::Reshape => Op::Reshape(g.intern_axes(result()?.shape.clone())),
            Opcode::Permute => Op::Permute(g.intern_axes(axes(w, "axes")?)),
            Opcode::Reverse => Op::Reverse(g.intern_axes(axes(w, "axes")?)),
            Opcode::Reduce(op) => Op::Reduce(op, g.intern_axes(axes(w, "axes")?)),
            Opcode::Slice => {
                let (start, limit, stride) = (axes(w, "start")?, axes(w, "limit")?, axes(w, "stride")?);
                Op::Slice(g.intern_slice(SliceSpec { start, limit, stride }))
            }
            Opcode::Pad => {
                let (low, high, interior) = (axes(w, "low")?, axes(w, "high")?, axes(w, "interior")?);
                Op::Pad(g.intern_pad(PadSpec { low, high, interior }))
            }
            Opcode::Concat => {
                let axis = self.index(number(w, "axis")?, at)?;
                Op::Concat(u32::try_from(axis).map_err(|_| self.error_at(at, "axis is too large", ""))?)
            }
            Opcode::Dot => {
                let (lhs, rhs) = (axes(w, "lhs")?, axes(w, "rhs")?);
                let (lhs_batch, rhs_batch) = (w.axes("lhs_batch"), w.axes("rhs_batch"));
                let (lhs_batch, rhs_batch) = (lhs_batch.unwrap_or_default(), rhs_batch.unwrap_or_default());
                Op::Dot(g.intern_dot(DotSpec { lhs, rhs, lhs_batch, rhs_batch }))
            }
            Opcode::Record => {
                let names = w.words("fields").ok_or_else(|| missing("fields"))?;
                Op::Record(g.intern_fields(names.into_iter().map(Arc::from).collect()))
            }
            Opcode::Get => Op::Get(self.part(g, operands, w, at)?),
        };
        match written.entries.first() {
            Some((name, at, _)) => Err(self.error_at(*at, format!("`{}` has no attribute `{name}`", code.name()), "")),
            None => Ok(op),
        }
    }

    fn index(&self, n: i64, at: usize) -> Parsed<usize> {
        usize::try_from(n).map_err(|_| self.error_at(at, format!("axis {n} is negative"), "axes count from 0"))
    }

    /// `{index=1}` or `{field=w}`.
    fn part(&self, g: &Graph, operands: &[NodeId], w: &mut Written, at: usize) -> Parsed<u32> {
        if let Some(n) = w.number("index") {
            return u32::try_from(n).map_err(|_| self.error_at(at, format!("part {n} does not exist"), ""));
        }
        let Some([field]) =
            w.words("field").as_deref().map(<[String]>::to_vec).and_then(|f| <[String; 1]>::try_from(f).ok())
        else {
            return Err(self.error_at(at, "`get` needs {index=…} or {field=…}", ""));
        };
        let fields = match operands.first().map(|&x| g.ty(x)) {
            Some(Type::Record(fields)) => fields,
            _ => {
                return Err(self.error_at(at, "only a record has fields", "use {index=…} on a tuple"));
            }
        };
        let known = || fields.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>().join(", ");
        let found = fields.iter().position(|(name, _)| **name == *field);
        let unknown = || self.error_at(at, format!("no field `{field}`"), format!("the record has {}", known()));
        found.map(|i| i as u32).ok_or_else(unknown)
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

impl Written {
    fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.entries.iter().position(|(known, _, _)| known == name)?;
        Some(self.entries.remove(at).2)
    }

    fn axes(&mut self, name: &str) -> Option<Axes> {
        match self.take(name)? {
            Value::Numbers(numbers) => numbers.into_iter().map(|n| usize::try_from(n).ok()).collect(),
            Value::Words(_) => None,
        }
    }

    fn number(&mut self, name: &str) -> Option<i64> {
        match self.take(name)? {
            Value::Numbers(numbers) if numbers.len() == 1 => Some(numbers[0]),
            _ => None,
        }
    }

    fn words(&mut self, name: &str) -> Option<Vec<String>> {
        match self.take(name)? {
            Value::Words(words) => Some(words),
            Value::Numbers(numbers) => numbers.is_empty().then(Vec::new),
        }
    }
}

fn scalar(text: &str, dtype: DType) -> Option<Scalar> {
    let float = || match text.strip_prefix("nan(0x").and_then(|t| t.strip_suffix(')')) {
        Some(bits) => u64::from_str_radix(bits, 16).ok().map(f64::from_bits).filter(|x| x.is_nan()),
        None => text.parse::<f64>().ok(),
    };
    match dtype {
        DType::F64 => float().map(Scalar::F64),
        DType::F32 if text.starts_with("nan(") => float().map(|x| Scalar::F32(x as f32)),
        DType::F32 => text.parse().ok().map(Scalar::F32),
        DType::I64 => text.parse().ok().map(Scalar::I64),
        DType::Bool => text.parse().ok().map(Scalar::Bool),
    }
}

/// Ops whose name is close, for a hint.
fn similar(word: &str) -> String {
    let close = |name: &&str| name.contains(word) || word.contains(*name) || name.get(..3) == word.get(..3);
    let names: Vec<_> = Opcode::all().iter().map(|code| code.name()).filter(close).take(5).collect();
    match names.is_empty() {
        true => "docs/ir.md lists the ops".into(),
        false => format!("close names: {}", names.join(", ")),
    }
}
