//! Types, whose nesting is limited.

use super::{Parsed, Parser};
use crate::text::lexer::Token;
use crate::ty::{DType, MAX_NESTING, Shape, TensorType, Type};

const EXTENTS: &str = "extents are integers from 0 on";

impl Parser<'_> {
    pub(super) fn ty(&mut self, depth: usize) -> Parsed<Type> {
        if depth > MAX_NESTING {
            return Err(self.error("types nest too deep", format!("at most {MAX_NESTING}")));
        }
        match self.peek() {
            Token::Mark("(") => self.separated("(", ")", |p| p.ty(depth + 1)).map(Type::tuple),
            Token::Mark("{") => {
                let fields = self.separated("{", "}", |p| {
                    let name = p.field()?;
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
                    text.parse().map_err(|_| p.error_at(at, format!("`{text}` is not an extent"), EXTENTS))
                }
                _ => Err(p.error_at(
                    at,
                    "expected an extent",
                    "extents are integers from 0 on, known when a text is read",
                )),
            }
        })?;
        Ok(Shape::new(&extents))
    }
}
