//! Constants: elements in nested brackets, and the type that says what they are.

use super::recover::Scope;
use super::{Parsed, Parser};
use crate::arena::NodeId;
use crate::literal::{Buffer, Literal, Scalar};
use crate::op::Op;
use crate::text::error::ParseError;
use crate::text::lexer::Token;
use crate::ty::{DType, TensorType, Type};

impl Parser<'_> {
    pub(super) fn constant(&mut self, scope: &mut Scope) -> Parsed<NodeId> {
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
        let help = match ty.dtype {
            DType::F64 | DType::F32 => "write a number within its range, `inf`, `-inf` or `nan`",
            DType::I64 => "write an integer of 64 bits",
            DType::Bool => "write `true` or `false`",
        };
        self.error_at(at, format!("`{text}` is not an element of {}", ty.dtype), help)
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
        (DType::F64, None) => text.parse().ok().filter(|x: &f64| within_range(text, x.is_infinite())).map(Scalar::F64),
        (DType::F32, None) => text.parse().ok().filter(|x: &f32| within_range(text, x.is_infinite())).map(Scalar::F32),
        (DType::I64, _) => text.parse().ok().map(Scalar::I64),
        (DType::Bool, _) => text.parse().ok().map(Scalar::Bool),
    }
}

/// Only `inf` is infinite; digits that give infinity are beyond the range.
fn within_range(text: &str, infinite: bool) -> bool {
    !infinite || !text.bytes().any(|c| c.is_ascii_digit())
}
