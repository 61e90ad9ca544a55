//! Values as text, by type; and as flat lists of cells, leaf by leaf and row-major, as programs take them.

use std::sync::Arc;

use graph_core::text::parse;
use graph_core::{Buffer, Scalar, TensorType, Type};
use interp::{Tensor, Value};

use super::Failure;

/// Digits of a number in a snapshot: fewer than those in which mathematical libraries differ.
const DIGITS: usize = 10;

/// Reads a value of a known type.
pub fn read(ty: &Type, text: &str) -> Result<Value, Failure> {
    let text = text.trim();
    match ty {
        Type::Tensor(t) => read_tensor(t, text).map(Value::Tensor),
        Type::Tuple(parts) => {
            let texts = split(inside(text, '(', ')')?);
            if texts.len() != parts.len() {
                return Err(Failure::new(format!("`{text}` has {} parts, {ty} needs {}", texts.len(), parts.len())));
            }
            let parts: Result<_, _> = parts.iter().zip(texts).map(|(part, text)| read(part, text)).collect();
            parts.map(Value::Tuple)
        }
        Type::Record(fields) => {
            let texts = split(inside(text, '{', '}')?);
            let named: Vec<_> = texts.iter().filter_map(|text| text.split_once(':')).collect();
            let names = named.iter().map(|(name, _)| name.trim());
            if texts.len() != named.len() || !names.eq(fields.iter().map(|(name, _)| &**name)) {
                return Err(Failure::new(format!("`{text}` does not have the fields of {ty}")));
            }
            let field = |((name, part), (_, text)): (&(Arc<str>, Type), (_, &str))| {
                read(part, text).map(|value| (Arc::clone(name), value))
            };
            let fields: Result<_, _> = fields.iter().zip(named).map(field).collect();
            fields.map(Value::Record)
        }
    }
}

/// Elements are written as in a constant node, so the parser of graphs reads them.
fn read_tensor(t: &TensorType, text: &str) -> Result<Tensor, Failure> {
    let wrong = || Failure::new(format!("`{text}` is not a value of type {t}"));
    let f = parse(&format!("graph @value() -> {t} {{ %0 = const {text} : {t} return %0 }}")).map_err(|_| wrong())?;
    let literal = f.graph().literal(f.results()[0]).ok_or_else(wrong)?;
    let elements = (0..t.shape.elements()).map(|i| literal.get(i));
    Tensor::new(t.shape.clone(), Buffer::collect(t.dtype, elements)).map_err(Failure::new)
}

fn inside(text: &str, open: char, close: char) -> Result<&str, Failure> {
    let inner = text.strip_prefix(open).and_then(|text| text.strip_suffix(close));
    inner.ok_or_else(|| Failure::new(format!("`{text}` does not stand between `{open}` and `{close}`")))
}

/// The parts between the commas outside brackets.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.trim().is_empty() {
        let end = close_of(rest, |c| c == ',');
        parts.push(rest[..end].trim());
        rest = rest[end..].strip_prefix(',').unwrap_or_default();
    }
    parts
}

/// Where a character outside brackets satisfies `ends`, or the end of the text.
pub fn close_of(text: &str, ends: impl Fn(char) -> bool) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            c if depth == 0 && ends(c) => return at,
            _ => {}
        }
    }
    text.len()
}

/// A value as text, rounded.
pub fn show(value: &Value) -> String {
    written(value, show_number)
}

/// A value as text that [`read`] reads back to the same bits.
pub fn exact(value: &Value) -> String {
    written(value, |x| if x.is_nan() { "nan".into() } else { format!("{x:?}") })
}

/// A value with its numbers written so.
fn written(value: &Value, number: fn(f64) -> String) -> String {
    let part = |part: &Value| written(part, number);
    match value {
        Value::Tensor(t) => show_elements(t, &t.shape, 0, number),
        Value::Tuple(parts) => format!("({})", join(parts.iter().map(part))),
        Value::Record(fields) => {
            format!("{{{}}}", join(fields.iter().map(|(name, value)| format!("{name}: {}", part(value)))))
        }
    }
}

/// The rows below `extents`, from an element on.
fn show_elements(t: &Tensor, extents: &[usize], from: usize, number: fn(f64) -> String) -> String {
    let [extent, inner @ ..] = extents else { return show_scalar(t.data.get(from), number) };
    let step = inner.iter().product::<usize>();
    format!("[{}]", join((0..*extent).map(|i| show_elements(t, inner, from + i * step, number))))
}

fn show_scalar(x: Scalar, number: fn(f64) -> String) -> String {
    match x {
        Scalar::F64(x) => number(x),
        Scalar::F32(x) => format!("{x:?}"),
        Scalar::I64(x) => x.to_string(),
        Scalar::Bool(x) => x.to_string(),
    }
}

/// A number in few digits.
pub fn show_number(x: f64) -> String {
    let rounded: f64 = format!("{x:.*e}", DIGITS - 1).parse().unwrap_or(x);
    if rounded.is_nan() { "nan".into() } else { format!("{rounded:?}") }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// All elements of all parts.
pub fn cells<'v>(values: impl IntoIterator<Item = &'v Value>) -> Vec<f64> {
    values.into_iter().flat_map(|value| value.leaves()).flat_map(Tensor::to_f64).collect()
}

/// Whether each cell of values of these types holds a real number.
pub fn real_cells<'t>(types: impl IntoIterator<Item = &'t Type>) -> Vec<bool> {
    let leaves = types.into_iter().flat_map(|ty| ty.leaves());
    leaves.flat_map(|t| std::iter::repeat_n(t.dtype.is_float(), t.shape.elements())).collect()
}
