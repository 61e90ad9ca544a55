//! What operators and calls build from their operands, types checked.

use std::ops::Range;

use graph_core::op::{Binary, Compare, Nth, Unary};

use super::array::{ArrayCall, ArrayOp};
use super::error::{FormulaError, quote};
use super::function::Function;
use super::operand::{Exponent, Operand, Value};
use super::parse::{Call, Infix, Parser};
use super::{Expr, ExprId};

impl Parser<'_> {
    pub fn sign(&mut self, negative: bool, at: usize) -> Result<(), FormulaError> {
        let x = self.pop();
        let span = at..x.span.end;
        let value = match x.value.negated() {
            Some(negated) if negative => negated,
            Some(_) => x.value,
            None => {
                let x = self.number(&x)?;
                Value::Expr(if negative { self.exprs.push(Expr::Unary(Unary::Neg, x), &span) } else { x })
            }
        };
        self.operands.push(Operand { value, span });
        Ok(())
    }

    pub fn apply(&mut self, infix: Infix, place: &Range<usize>) -> Result<(), FormulaError> {
        let (y, x) = (self.pop(), self.pop());
        let span = x.span.start..y.span.end;
        let value = match infix {
            Infix::Power => Value::Expr(self.power(&x, &y, &span, place)?),
            Infix::Compare(op) => Value::Expr(self.compare(op, &x, &y, &span, place)?),
            Infix::Matmul => Value::Expr(self.array(ArrayOp::Matmul, None, &[x, y], &span, place)?),
            Infix::Binary(op) => match x.value.ratio(y.value).filter(|_| op == Binary::Div) {
                Some(ratio) => ratio,
                None => Value::Expr(self.binary(op, &x, &y, &span, place)?),
            },
        };
        self.operands.push(Operand { value, span });
        Ok(())
    }

    /// The expression that an operand is, which must not be a comparison.
    pub fn number(&mut self, operand: &Operand) -> Result<ExprId, FormulaError> {
        let id = self.exprs.settle(operand);
        if let Expr::Compare(..) = self.exprs.exprs[id.index()] {
            let error = self.error("type", &operand.span, "a comparison is true or false, and here stands a number");
            return Err(error.help("compare in the condition of `where(condition, yes, no)`, once"));
        }
        Ok(id)
    }

    fn condition(&mut self, operand: &Operand) -> Result<ExprId, FormulaError> {
        if let Value::Expr(id) = operand.value
            && let Expr::Compare(..) = self.exprs.exprs[id.index()]
        {
            return Ok(id);
        }
        let error = self.error("type", &operand.span, "the condition of `where` is a comparison, and this is a number");
        Err(error.help("compare it, for example with `!= 0`"))
    }

    fn binary(
        &mut self,
        op: Binary,
        x: &Operand,
        y: &Operand,
        span: &Range<usize>,
        place: &Range<usize>,
    ) -> Result<ExprId, FormulaError> {
        let (x, y) = (self.number(x)?, self.number(y)?);
        Ok(self.exprs.push_at(Expr::Binary(op, x, y), span, place))
    }

    fn compare(
        &mut self,
        op: Compare,
        x: &Operand,
        y: &Operand,
        span: &Range<usize>,
        place: &Range<usize>,
    ) -> Result<ExprId, FormulaError> {
        let (x, y) = (self.number(x)?, self.number(y)?);
        Ok(self.exprs.push_at(Expr::Compare(op, x, y), span, place))
    }

    /// xʸ: an integer power where y is one, a rational one where y is a quotient of two.
    fn power(
        &mut self,
        x: &Operand,
        y: &Operand,
        span: &Range<usize>,
        place: &Range<usize>,
    ) -> Result<ExprId, FormulaError> {
        let base = self.number(x)?;
        let exponent = match y.value.exponent() {
            Exponent::Integer(n) => return Ok(self.exprs.push(Expr::Nth(Nth::Powi, n, base), span)),
            Exponent::Real(value) => self.exprs.push(Expr::Number(value), &y.span),
            Exponent::General => self.number(y)?,
        };
        Ok(self.exprs.push_at(Expr::Binary(Binary::Pow, base, exponent), span, place))
    }

    /// A call on arrays, shown at `place` where shapes do not fit.
    fn array(
        &mut self,
        op: ArrayOp,
        axis: Option<i32>,
        operands: &[Operand],
        span: &Range<usize>,
        place: &Range<usize>,
    ) -> Result<ExprId, FormulaError> {
        let operands = operands.iter().map(|x| self.number(x)).collect::<Result<_, _>>()?;
        Ok(self.exprs.push_array(ArrayCall { op, axis, indices: Vec::new(), operands }, span, place))
    }

    /// `x[i, j]` of the last operand.
    pub fn index(&mut self, indices: Vec<i32>, place: Range<usize>) -> Result<(), FormulaError> {
        let x = self.pop();
        let span = x.span.start..place.end;
        let operands = vec![self.number(&x)?];
        let call = ArrayCall { op: ArrayOp::Index, axis: None, indices, operands };
        let value = Value::Expr(self.exprs.push_array(call, &span, &place));
        self.operands.push(Operand { value, span });
        Ok(())
    }

    pub fn call(&mut self, call: Call, span: &Range<usize>) -> Result<Value, FormulaError> {
        let Call { function, name, arguments: count, axis } = call;
        let arguments = self.operands.split_off(self.operands.len() - count);
        let reduces = matches!(function, Function::Binary(Binary::Max | Binary::Min)) && count == 1;
        if let Some((_, place)) = axis.as_ref().filter(|_| !reduces && !function.takes_axis()) {
            return Err(self.no_axis(function, &name, place));
        }
        let axis = axis.map(|(axis, _)| axis);
        let id = match (function, &arguments[..]) {
            (Function::Unary(op), [x]) => {
                let x = self.number(x)?;
                self.exprs.push(Expr::Unary(op, x), span)
            }
            (Function::Nth(op, n), [x]) => {
                let x = self.number(x)?;
                self.exprs.push(Expr::Nth(op, n, x), span)
            }
            (Function::Binary(Binary::Max), [_]) => self.array(ArrayOp::Max, axis, &arguments, span, &name)?,
            (Function::Binary(Binary::Min), [_]) => self.array(ArrayOp::Min, axis, &arguments, span, &name)?,
            (Function::Binary(Binary::Pow), [x, y]) => self.power(x, y, span, &name)?,
            (Function::Binary(op), [x, y]) => self.binary(op, x, y, span, &name)?,
            (Function::Polygamma, [n, x]) => self.polygamma(n, x, span)?,
            (Function::Where, [c, yes, no]) => {
                let (c, yes, no) = (self.condition(c)?, self.number(yes)?, self.number(no)?);
                self.exprs.push_at(Expr::Where(c, yes, no), span, &name)
            }
            (Function::Clip, [x, low, high]) => {
                let above = self.binary(Binary::Max, x, low, span, &name)?;
                let high = self.number(high)?;
                self.exprs.push_at(Expr::Binary(Binary::Min, above, high), span, &name)
            }
            (Function::Array(op), arguments) if (op.arity().0..=op.arity().1).contains(&count) => {
                self.array(op, axis, arguments, span, &name)?
            }
            (Function::Derivative, [f, by @ ..]) if !by.is_empty() => self.derivative(f, by, span)?,
            _ => return Err(self.arity(function, name, count)),
        };
        Ok(Value::Expr(id))
    }

    fn polygamma(&mut self, n: &Operand, x: &Operand, span: &Range<usize>) -> Result<ExprId, FormulaError> {
        let order = n.value.integer().filter(|&order| Nth::Polygamma.has(order));
        let x = self.number(x)?;
        match order {
            Some(order) => Ok(self.exprs.push(Expr::Nth(Nth::Polygamma, order, x), span)),
            None => {
                let error = self.error("number", &n.span, "the order of `polygamma` is an integer from 0, written out");
                Err(error.help("`polygamma(0, x)` is `digamma(x)`"))
            }
        }
    }

    fn derivative(&mut self, f: &Operand, by: &[Operand], span: &Range<usize>) -> Result<ExprId, FormulaError> {
        let mut id = self.number(f)?;
        for variable in by {
            let Value::Name(name) = variable.value else {
                let piece = quote(&self.text[variable.span.clone()]);
                let error =
                    self.error("name", &variable.span, &format!("`D` differentiates by variables; {piece} is not one"));
                return Err(error.help("name it: `D(expression, x)`"));
            };
            id = self.exprs.push_at(Expr::Derivative(id, name), span, &variable.span);
        }
        Ok(id)
    }
}
