//! What the parser holds while it does not know yet what an operand is for: a literal may be an exponent, a quotient of
//! two integers a rational one, a name the variable of a `D`. Only an operand that is used as a number becomes an
//! expression.

use std::ops::Range;

use graph_core::op::Binary;

use super::array::ArrayCall;
use super::{ArrayId, Expr, ExprId, VariableId};

#[derive(Clone, Debug)]
pub(super) struct Operand {
    pub value: Value,
    /// Parentheses included.
    pub span: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    Literal(f64),
    /// A quotient of two integer literals, the lower one not zero.
    Ratio(f64, f64),
    Name(VariableId),
    Expr(ExprId),
}

/// What stands in an exponent.
pub(super) enum Exponent {
    Integer(i32),
    Real(f64),
    General,
}

impl Value {
    pub fn exponent(self) -> Exponent {
        match self {
            Value::Literal(value) => as_integer(value).map_or(Exponent::Real(value), Exponent::Integer),
            Value::Ratio(p, q) => {
                as_integer(p / q).filter(|_| p % q == 0.0).map_or(Exponent::Real(p / q), Exponent::Integer)
            }
            Value::Name(_) | Value::Expr(_) => Exponent::General,
        }
    }

    /// An integer that is written as one.
    pub fn integer(self) -> Option<i32> {
        match self {
            Value::Literal(value) => as_integer(value),
            Value::Ratio(..) | Value::Name(_) | Value::Expr(_) => None,
        }
    }

    /// Its negative, if it is still a literal.
    pub fn negated(self) -> Option<Value> {
        match self {
            Value::Literal(value) => Some(Value::Literal(-value)),
            Value::Ratio(p, q) => Some(Value::Ratio(-p, q)),
            Value::Name(_) | Value::Expr(_) => None,
        }
    }

    /// The quotient, if it is one of integer literals.
    pub fn ratio(self, below: Value) -> Option<Value> {
        let exact = |x: f64| x.trunc() == x && x.abs() <= LARGEST_EXACT;
        match (self, below) {
            (Value::Literal(p), Value::Literal(q)) if exact(p) && exact(q) && q != 0.0 => Some(Value::Ratio(p, q)),
            _ => None,
        }
    }
}

/// 2⁵³: up to here every integer is an f64.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

pub(super) fn as_integer(value: f64) -> Option<i32> {
    let integer = value as i32;
    (f64::from(integer) == value).then_some(integer)
}

/// The expressions so far.
#[derive(Default)]
pub(super) struct Exprs {
    pub exprs: Vec<Expr>,
    pub spans: Vec<Range<usize>>,
    pub places: Vec<Range<usize>>,
    pub arrays: Vec<ArrayCall>,
}

impl Exprs {
    pub fn push(&mut self, expr: Expr, span: &Range<usize>) -> ExprId {
        self.push_at(expr, span, span)
    }

    /// As `push`, of an expression whose mistakes are shown at `place`.
    pub fn push_at(&mut self, expr: Expr, span: &Range<usize>, place: &Range<usize>) -> ExprId {
        self.exprs.push(expr);
        self.spans.push(span.clone());
        self.places.push(place.clone());
        ExprId(self.exprs.len() as u32 - 1)
    }

    pub fn push_array(&mut self, call: ArrayCall, span: &Range<usize>, place: &Range<usize>) -> ExprId {
        self.arrays.push(call);
        self.push_at(Expr::Array(ArrayId(self.arrays.len() as u32 - 1)), span, place)
    }

    /// The expression that an operand is, whatever its type.
    pub fn settle(&mut self, operand: &Operand) -> ExprId {
        match operand.value {
            Value::Literal(value) => self.push(Expr::Number(value), &operand.span),
            Value::Name(variable) => self.push(Expr::Variable(variable), &operand.span),
            Value::Expr(id) => id,
            Value::Ratio(p, q) => {
                let p = self.push(Expr::Number(p), &operand.span);
                let q = self.push(Expr::Number(q), &operand.span);
                self.push(Expr::Binary(Binary::Div, p, q), &operand.span)
            }
        }
    }
}
