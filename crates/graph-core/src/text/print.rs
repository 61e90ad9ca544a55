//! From functions to text. One node a line, callees before callers, numbers in print order.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use super::FieldName;
use super::names::{Callees, Names};
use crate::arena::NodeId;
use crate::function::{CustomRule, Function};
use crate::graph::{Graph, has_attributes};
use crate::literal::{Literal, Scalar};
use crate::op::Op;
use crate::path;
use crate::provenance::Derived;
use crate::ty::Type;

/// Column at which provenance comments start, where the line leaves room.
const COMMENT_COLUMN: usize = 52;

/// A function and all functions it calls, callees first.
pub fn print(f: &Arc<Function>) -> String {
    let callees = Callees::of(f);
    let callee = |f: &Arc<Function>| callees.name(f).to_string();
    let printed = callees.order.iter().map(|(f, name)| Printer::new(f, &callee, true).function(name));
    printed.collect::<Vec<String>>().join("\n")
}

/// The text of one function without its own name, its callees and comments: what identifies its body.
pub(crate) fn print_body(f: &Function) -> String {
    let callee = |f: &Arc<Function>| f.name().to_string();
    Printer::new(f, &callee, false).function("")
}

/// Operands of a node that a message shows.
const SHOWN_OPERANDS: usize = 8;
/// Characters of the type of one of them.
const SHOWN_TYPE: usize = 120;

/// A node that was asked for but may not exist: its op, its operands, each with its type, and its attributes. It may be
/// wrong in every way.
pub fn asked(g: &Graph, op: Op, operands: &[NodeId]) -> String {
    let names = Names::new(g);
    asked_as(g, op, operands, |i| match path::of_param(g, operands[i]) {
        Some(path) => format!("%{path}"),
        None => names.value(operands[i]),
    })
}

/// [`asked`], with operands under other names.
pub(super) fn asked_as(g: &Graph, op: Op, operands: &[NodeId], name: impl Fn(usize) -> String) -> String {
    let mut text = op.name().to_string();
    let known = has_attributes(g, op);
    if let Op::Call(f) = op
        && known
    {
        let _ = write!(text, " @{}", g[f].name());
    }
    let (open, close) = if matches!(op, Op::Call(_)) { ("(", ")") } else { (" ", "") };
    for (i, &x) in operands.iter().take(SHOWN_OPERANDS).enumerate() {
        let separator = if i == 0 { open } else { ", " };
        let _ = write!(text, "{separator}{}: {}", name(i), cut(g.ty(x).to_string()));
    }
    if operands.len() > SHOWN_OPERANDS {
        let _ = write!(text, ", … ({} operands)", operands.len());
    }
    if !operands.is_empty() {
        text.push_str(close);
    }
    if known && !matches!(op, Op::Const(_)) {
        let _ = write!(text, "{}", Attributes { g, op, operands });
    }
    text
}

/// The beginning of a type that is longer than a message should be.
fn cut(ty: String) -> String {
    match ty.char_indices().nth(SHOWN_TYPE) {
        Some((end, _)) => format!("{}…", &ty[..end]),
        None => ty,
    }
}

/// A node as a user knows it: a parameter or a part of one by its path, another as it was asked for.
pub fn known_as(g: &Graph, id: NodeId) -> String {
    known_at(g, id, "")
}

/// A place inside a node, given by the path from there, as a user knows it.
pub fn known_at(g: &Graph, id: NodeId, inner: &str) -> String {
    let asked = || format!("`{}`", asked(g, g.op(id), g.operands(id)));
    match (path::of_param(g, id), inner) {
        (Some(path), _) => format!("parameter `{path}{inner}`"),
        (None, "") => asked(),
        (None, _) => format!("`{inner}` of {}", asked()),
    }
}

/// A float as text: shortest digits that read back as the same bits.
pub fn print_float(x: f64) -> String {
    match x {
        x if x.is_nan() && x.to_bits() == f64::NAN.to_bits() => "nan".into(),
        x if x.is_nan() => format!("nan(0x{:016x})", x.to_bits()),
        x => format!("{x:?}"),
    }
}

struct Printer<'a> {
    f: &'a Function,
    g: &'a Graph,
    names: Names<'a>,
    callee: &'a dyn Fn(&Arc<Function>) -> String,
    comments: bool,
}

impl<'a> Printer<'a> {
    fn new(f: &'a Function, callee: &'a dyn Fn(&Arc<Function>) -> String, comments: bool) -> Printer<'a> {
        Printer { f, g: f.graph(), names: Names::new(f.graph()), callee, comments }
    }

    fn function(&self, name: &str) -> String {
        let mut out = String::new();
        let params: Vec<_> = self.f.params().iter().map(|p| format!("%{}: {}", p.name, self.g.ty(p.node))).collect();
        let _ = write!(out, "graph @{name}({}) -> {} ", params.join(", "), self.f.result_type());
        if let Some(rule) = self.f.rule() {
            let _ = write!(out, "{} @{} ", rule.word(), (self.callee)(rule.function()));
            if let CustomRule::Transpose { wrt, .. } = rule {
                let _ = write!(out, "{wrt:?} ");
            }
        }
        out.push_str("{\n");
        for &id in self.g.nodes() {
            if !matches!(self.g.op(id), Op::Param(_)) {
                self.node(&mut out, id);
            }
        }
        let results: Vec<_> = self.f.results().iter().map(|&y| self.name(y)).collect();
        let space = if results.is_empty() { "" } else { " " };
        let _ = writeln!(out, "  return{space}{}\n}}", results.join(", "));
        out
    }

    fn name(&self, id: NodeId) -> String {
        self.names.value(id)
    }

    fn node(&self, out: &mut String, id: NodeId) {
        let start = out.len();
        let (op, operands) = (self.g.op(id), self.g.operands(id));
        let _ = write!(out, "  {} = {}", self.name(id), op.name());
        if let Op::Call(f) = op {
            let arguments: Vec<_> = operands.iter().map(|&x| self.name(x)).collect();
            let _ = write!(out, " @{}({})", (self.callee)(&self.g[f]), arguments.join(", "));
        } else {
            for (i, &x) in operands.iter().enumerate() {
                let _ = write!(out, "{}{}", if i == 0 { " " } else { ", " }, self.name(x));
            }
        }
        let _ = write!(out, "{} : {}", Attributes { g: self.g, op, operands }, self.g.ty(id));
        let comment = if self.comments { self.comment(id) } else { String::new() };
        if !comment.is_empty() {
            let width = out[start..].chars().count();
            let _ = write!(out, "{}// {comment}", " ".repeat(COMMENT_COLUMN.saturating_sub(width).max(2)));
        }
        out.push('\n');
    }

    /// Label, and for a node of a derivative what it is the derivative of.
    fn comment(&self, id: NodeId) -> String {
        let origin = self.g.origin(id);
        let mut parts = Vec::new();
        parts.extend(origin.label.as_deref().map(str::to_string));
        parts.extend(origin.derived.map(|d| self.derivative(d)));
        parts.join("; ")
    }

    /// `d %2 mul / d %x`, or `d mul` where the node that was differentiated is gone.
    fn derivative(&self, d: Derived) -> String {
        let primal = d.primal.map(|primal| format!("{} ", self.name(primal))).unwrap_or_default();
        let towards = d.primal.and_then(|primal| self.g.operands(primal).get(d.operand as usize));
        let towards = towards.map_or_else(String::new, |&x| format!(" / d {}", self.name(x)));
        let order = if d.order > 1 { format!(", order {}", d.order) } else { String::new() };
        format!("d {primal}{}{towards}{order}", d.op.name())
    }
}

/// The attribute list of a node, with a leading space, or nothing.
pub(super) struct Attributes<'a> {
    pub g: &'a Graph,
    pub op: Op,
    pub operands: &'a [NodeId],
}

impl fmt::Display for Attributes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let g = self.g;
        match self.op {
            Op::Const(id) => write!(f, " {}", Elements(&g[id])),
            Op::Iota(id) => write!(f, " {{axis={}}}", g[id].axis),
            Op::Nth(_, n) => write!(f, " {{n={n}}}"),
            Op::Broadcast(id) => write!(f, " {{axes={}}}", g[id].axes),
            Op::Permute(id) | Op::Reverse(id) | Op::Reduce(_, id) => {
                write!(f, " {{axes={}}}", g[id])
            }
            Op::Slice(id) => {
                write!(f, " {{start={}, limit={}, stride={}}}", g[id].start, g[id].limit, g[id].stride)
            }
            Op::Pad(id) => write!(f, " {{low={}, high={}, interior={}}}", g[id].low, g[id].high, g[id].interior),
            Op::Concat(axis) => write!(f, " {{axis={axis}}}"),
            Op::Cumulate(_, id) => {
                write!(f, " {{axis={}", g[id].axis)?;
                f.write_str(if g[id].reverse { ", reverse=true}" } else { "}" })
            }
            Op::Gather(id) | Op::Scatter(_, id) => super::window::braced(f, &super::index::attributes(self.op, &g[id])),
            Op::Sort(id) => {
                write!(f, " {{axis={}", g[id].axis)?;
                f.write_str(if g[id].descending { ", descending=true}" } else { "}" })
            }
            Op::Dot(id) => {
                write!(f, " {{lhs={}, rhs={}", g[id].lhs, g[id].rhs)?;
                if g[id].lhs_batch.rank() > 0 {
                    write!(f, ", lhs_batch={}, rhs_batch={}", g[id].lhs_batch, g[id].rhs_batch)?;
                }
                f.write_str("}")
            }
            Op::Conv(id) => super::window::braced(f, &super::window::conv(&g[id])),
            Op::ReduceWindow(_, id) => super::window::braced(f, &super::window::reduce(&g[id])),
            Op::Record(id) => write!(
                f,
                " {{fields=[{}]}}",
                g[id].iter().map(|name| FieldName(name).to_string()).collect::<Vec<_>>().join(", ")
            ),
            Op::Get(index) => match self.operands.first().map(|&x| g.ty(x)) {
                Some(Type::Record(fields)) if fields.get(index as usize).is_some() => {
                    write!(f, " {{field={}}}", FieldName(&fields[index as usize].0))
                }
                _ => write!(f, " {{index={index}}}"),
            },
            Op::Param(_) | Op::Unary(_) | Op::Binary(_) | Op::Compare(_) | Op::Logic(_) | Op::Select => Ok(()),
            Op::Integer(_) | Op::Test(_) | Op::Bitcast(_) => Ok(()),
            Op::TriangularSolve(triangle) => match triangle.flags().next() {
                Some(_) => super::list(f, " {", triangle.flags().map(|flag| format!("{flag}=true")), ", ", "}"),
                None => Ok(()),
            },
            Op::Cast(_) | Op::Reshape(_) | Op::Linalg(_) | Op::Tuple | Op::Call(_) => Ok(()),
        }
    }
}

/// The elements of a literal: one for a splat, nested brackets otherwise.
pub(crate) struct Elements<'a>(pub &'a Literal);

impl fmt::Display for Elements<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let literal = self.0;
        if let Some(value) = literal.as_splat() {
            return write_scalar(f, value);
        }
        let shape = &literal.ty.shape;
        if shape.elements() == 0 {
            return f.write_str("[]");
        }
        let strides = shape.strides();
        for i in 0..shape.elements() {
            let rows = |i: usize| (0..shape.rank()).filter(|&a| i.is_multiple_of(strides[a] * shape[a])).count();
            if i > 0 {
                f.write_str(", ")?;
            }
            f.write_str(&"[".repeat(rows(i)))?;
            write_scalar(f, literal.get(i))?;
            f.write_str(&"]".repeat(rows(i + 1)))?;
        }
        Ok(())
    }
}

fn write_scalar(f: &mut fmt::Formatter<'_>, value: Scalar) -> fmt::Result {
    match value {
        Scalar::F64(x) => f.write_str(&print_float(x)),
        Scalar::F32(x) if x.is_nan() && x.to_bits() != f32::NAN.to_bits() => write!(f, "nan(0x{:08x})", x.to_bits()),
        Scalar::F32(x) if x.is_nan() => f.write_str("nan"),
        Scalar::F32(x) => write!(f, "{x:?}"),
        Scalar::I64(x) => write!(f, "{x}"),
        Scalar::Bool(x) => write!(f, "{x}"),
    }
}

impl fmt::Display for Function {
    /// The function alone, without its callees; [`print()`] gives a text that parses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let callee = |f: &Arc<Function>| f.name().to_string();
        f.write_str(&Printer::new(self, &callee, true).function(self.name()))
    }
}
