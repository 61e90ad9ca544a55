//! The attributes of a node: from `{name=value, …}` as written to the op that carries them.

mod index;
mod window;

use std::sync::Arc;

use super::{Parsed, Parser};
use crate::arena::NodeId;
use crate::graph::Graph;
use crate::op::{
    Axes, BroadcastSpec, CumulateSpec, DotSpec, IotaSpec, Op, Opcode, PadSpec, SliceSpec, SortSpec, Triangle,
    WindowSpec,
};
use crate::text::FieldName;
use crate::text::lexer::Token;
use crate::ty::{TensorType, Type};

/// Attributes of one node as written: lists of numbers or words.
#[derive(Default)]
pub(super) struct Written {
    entries: Vec<(String, usize, Value)>,
    /// The first that was asked for and is of another kind: its name, its place, and what it should be.
    misfit: Option<(String, usize, &'static str)>,
}

pub(super) enum Value {
    Numbers(Vec<i64>),
    Words(Vec<String>),
}

impl Parser<'_> {
    /// `{name=value, …}`, each name once.
    pub(super) fn attributes(&mut self) -> Parsed<Written> {
        let entries = self.separated("{", "}", Parser::attribute)?;
        let before = |at: usize| entries[..at].iter().any(|(name, ..)| *name == entries[at].0);
        match (0..entries.len()).find(|&at| before(at)) {
            Some(at) => {
                let (name, place, _) = &entries[at];
                Err(self.error_at(*place, format!("`{name}` is written twice"), "every attribute has one value"))
            }
            None => Ok(Written { entries, misfit: None }),
        }
    }

    fn attribute(&mut self) -> Parsed<(String, usize, Value)> {
        let at = self.at();
        let name = self.word("the name of an attribute")?;
        self.mark("=")?;
        let value = if self.peek() == &Token::Mark("[") {
            let mut quoted = false;
            let items = self.separated("[", "]", |p| {
                let at = p.at();
                match p.bump() {
                    Token::Number(text) | Token::Word(text) => Ok(text),
                    Token::Quoted(text) => {
                        quoted = true;
                        Ok(text)
                    }
                    _ => Err(p.error_at(at, "expected a number or a name", "")),
                }
            })?;
            match items.iter().map(|text| text.parse()).collect() {
                Ok(numbers) if !quoted => Value::Numbers(numbers),
                _ => Value::Words(items),
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
                Token::Word(text) | Token::Quoted(text) => Value::Words(vec![text]),
                _ => return Err(self.error_at(at, "expected a number, a name or a list", "")),
            }
        };
        Ok((name, at, value))
    }

    /// The op of this code with its attributes, all of which it must know and all of the kind that it takes.
    pub(super) fn op(
        &self,
        g: &mut Graph,
        code: Opcode,
        operands: &[NodeId],
        mut written: Written,
        ty: Option<&Type>,
        at: usize,
    ) -> Parsed<Op> {
        let op = self.with_attributes(g, code, operands, &mut written, ty, at);
        if let Some((name, at, what)) = written.misfit {
            return Err(self.error_at(at, format!("`{name}` of `{}` is {what}", code.name()), ""));
        }
        match (op?, written.entries.first()) {
            (op, None) => Ok(op),
            (_, Some((name, at, _))) => {
                let message = format!("`{}` has no attribute `{name}`", code.name());
                Err(self.error_at(*at, message, "docs/ir.md lists those it has"))
            }
        }
    }

    fn with_attributes(
        &self,
        g: &mut Graph,
        code: Opcode,
        operands: &[NodeId],
        w: &mut Written,
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
        Ok(match code {
            Opcode::Param | Opcode::Const | Opcode::Call => {
                unreachable!("these have a syntax of their own")
            }
            Opcode::Unary(op) => Op::Unary(op),
            Opcode::Binary(op) => Op::Binary(op),
            Opcode::Compare(op) => Op::Compare(op),
            Opcode::Logic(op) => Op::Logic(op),
            Opcode::Integer(op) => Op::Integer(op),
            Opcode::Test(op) => Op::Test(op),
            Opcode::Bitcast => Op::Bitcast(result()?.dtype),
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
            Opcode::Gather | Opcode::Scatter(_) => self.windows(g, code, w, at)?,
            Opcode::Cumulate(op) => {
                let (axis, reverse) = (self.index(number(w, "axis")?, at)?, self.flag(w, "reverse", at)?);
                Op::Cumulate(op, g.intern_cumulate(CumulateSpec { axis, reverse }))
            }
            Opcode::Sort => {
                let (axis, descending) = (self.index(number(w, "axis")?, at)?, self.flag(w, "descending", at)?);
                Op::Sort(g.intern_sort(SortSpec { axis, descending }))
            }
            Opcode::Dot => {
                let (lhs, rhs) = (axes(w, "lhs")?, axes(w, "rhs")?);
                let (lhs_batch, rhs_batch) = (w.axes("lhs_batch"), w.axes("rhs_batch"));
                let (lhs_batch, rhs_batch) = (lhs_batch.unwrap_or_default(), rhs_batch.unwrap_or_default());
                Op::Dot(g.intern_dot(DotSpec { lhs, rhs, lhs_batch, rhs_batch }))
            }
            Opcode::Conv => Op::Conv(g.intern_conv(self.conv(g, operands, w, at)?)),
            Opcode::ReduceWindow(op) => {
                let window = axes(w, "window")?;
                let slides = self.slides(w, window.rank(), at)?;
                Op::ReduceWindow(op, g.intern_window(WindowSpec { window, slides }))
            }
            Opcode::Linalg(op) => Op::Linalg(op),
            Opcode::TriangularSolve => Op::TriangularSolve(Triangle {
                upper: self.flag(w, "upper", at)?,
                transposed: self.flag(w, "transposed", at)?,
                unit: self.flag(w, "unit", at)?,
            }),
            Opcode::Record => {
                let names = w.words("fields").ok_or_else(|| missing("fields"))?;
                Op::Record(g.intern_fields(names.into_iter().map(Arc::from).collect()))
            }
            Opcode::Get => Op::Get(self.part(g, operands, w, at)?),
        })
    }

    fn index(&self, n: i64, at: usize) -> Parsed<usize> {
        usize::try_from(n).map_err(|_| self.error_at(at, format!("axis {n} is negative"), "axes count from 0"))
    }

    /// `true` or `false`; not written, it is `false`.
    fn flag(&self, w: &mut Written, name: &str, at: usize) -> Parsed<bool> {
        match w.take(name) {
            None => Ok(false),
            Some((_, Value::Words(words))) if words == ["true"] => Ok(true),
            Some((_, Value::Words(words))) if words == ["false"] => Ok(false),
            Some(_) => Err(self.error_at(at, format!("`{name}` is true or false"), "")),
        }
    }

    /// `{index=1}` or `{field=w}`.
    fn part(&self, g: &Graph, operands: &[NodeId], w: &mut Written, at: usize) -> Parsed<u32> {
        if let Some(n) = w.number("index") {
            if w.take("field").is_some() {
                return Err(self.error_at(at, "`get` takes {index=…} or {field=…}, not both", ""));
            }
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
        let known = || fields.iter().map(|(name, _)| FieldName(name).to_string()).collect::<Vec<_>>().join(", ");
        let found = fields.iter().position(|(name, _)| **name == *field);
        let unknown =
            || self.error_at(at, format!("no field `{}`", FieldName(&field)), format!("the record has {}", known()));
        found.map(|i| i as u32).ok_or_else(unknown)
    }
}

impl Written {
    fn take(&mut self, name: &str) -> Option<(usize, Value)> {
        let at = self.entries.iter().position(|(known, ..)| known == name)?;
        let (_, place, value) = self.entries.remove(at);
        Some((place, value))
    }

    /// The value of an attribute, if it is written and `read` makes something of it. Otherwise it is a misfit, and not
    /// taken for one that is not written.
    fn read<T>(&mut self, name: &str, what: &'static str, read: impl FnOnce(Value) -> Option<T>) -> Option<T> {
        let (place, value) = self.take(name)?;
        let found = read(value);
        if found.is_none() {
            self.misfit.get_or_insert((name.to_string(), place, what));
        }
        found
    }

    fn axes(&mut self, name: &str) -> Option<Axes> {
        self.read(name, "a list of integers from 0 on", |value| match value {
            Value::Numbers(numbers) => numbers.into_iter().map(|n| usize::try_from(n).ok()).collect(),
            Value::Words(_) => None,
        })
    }

    fn number(&mut self, name: &str) -> Option<i64> {
        self.read(name, "one integer", |value| match value {
            Value::Numbers(numbers) if numbers.len() == 1 => Some(numbers[0]),
            Value::Numbers(_) | Value::Words(_) => None,
        })
    }

    fn words(&mut self, name: &str) -> Option<Vec<String>> {
        self.read(name, "a list of names", |value| match value {
            Value::Words(words) => Some(words),
            Value::Numbers(numbers) => numbers.is_empty().then(Vec::new),
        })
    }
}
