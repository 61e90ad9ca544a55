//! The formula language of the command line: text in, a checked expression out, scalar nodes of a graph at will.
//!
//! ```text
//! comparison  < <= > >= == !=      only as the condition of where(c, a, b)
//! sum         + -                  to the left
//! product     * / @                to the left
//! sign        - +                  -x^2 is -(x^2)
//! power       ^                    to the right, with a signed right side: 2^-x
//! index       x[0] x[1,-1]         integers written out, negative ones from the end
//! ```
//! Calls are named as the ops of `graph_core` are, and `D(expr, x, y)` is ∂²expr/∂x∂y. Whether a variable is an array is
//! known only from its value, so a formula is read without shapes; they are checked when it is lowered. Functions of
//! arrays are those of NumPy, with its rules for shapes: [`ArrayOp`].
//!
//! Invariants: an expression stands after the expressions it uses, each of which it uses alone, so the list of
//! expressions is a tree with its root at the end; a comparison is used as a condition and by nothing else. No input
//! recurses or takes more than linear time.
//!
//! ```
//! # use wengert::formula::Formula;
//! let f = Formula::parse("ln(x1) + x1*x2 - sin(x2)")?;
//! assert_eq!(f.variables().iter().map(|v| &**v).collect::<Vec<_>>(), ["x1", "x2"]);
//!
//! let wrong = Formula::parse("x +* 2").unwrap_err();
//! assert_eq!((wrong.code, wrong.column), ("syntax", 4));
//! # Ok::<(), wengert::formula::FormulaError>(())
//! ```

mod array;
mod build;
mod error;
mod function;
mod linalg;
mod lower;
mod mistake;
mod operand;
mod parse;
mod product;
mod reduce;
#[cfg(test)]
mod tests;
mod token;

use std::ops::Range;
use std::sync::Arc;

use graph_core::op::{Binary, Compare, Nth, Unary};

pub use array::{ArrayCall, ArrayOp};
pub use error::FormulaError;
pub use parse::LONGEST;

/// The place of an expression in [`Formula::exprs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(u32);

impl ExprId {
    /// Index into [`Formula::exprs`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The place of a variable in [`Formula::variables`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VariableId(u32);

impl VariableId {
    /// Index into [`Formula::variables`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The place of a call on arrays, for [`Formula::array`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArrayId(u32);

/// One step of a formula.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expr {
    /// A literal, or π.
    Number(f64),
    /// A variable.
    Variable(VariableId),
    /// A function of one argument.
    Unary(Unary, ExprId),
    /// Member n of an integer family; powers with an integer exponent are `powi`.
    Nth(Nth, i32, ExprId),
    /// An operator or function of two arguments.
    Binary(Binary, ExprId, ExprId),
    /// A comparison, the condition of a `Where`.
    Compare(Compare, ExprId, ExprId),
    /// `where(condition, yes, no)`
    Where(ExprId, ExprId, ExprId),
    /// A function of arrays.
    Array(ArrayId),
    /// The partial derivative by one variable; `D(f, x, y)` is two of these.
    Derivative(ExprId, VariableId),
}

/// A formula that has been read and checked.
#[derive(Clone, Debug)]
pub struct Formula {
    text: Arc<str>,
    exprs: Vec<Expr>,
    spans: Vec<Range<usize>>,
    places: Vec<Range<usize>>,
    arrays: Vec<ArrayCall>,
    variables: Vec<Arc<str>>,
}

impl Formula {
    /// Reads a formula, in time linear in its length.
    pub fn parse(text: &str) -> Result<Formula, FormulaError> {
        parse::parse(text)
    }

    /// Every name that is neither called nor `pi`, in order of first appearance, those after the commas of a `D`
    /// included.
    pub fn variables(&self) -> &[Arc<str>] {
        &self.variables
    }

    /// All expressions, each after those it uses; the last is the formula.
    pub fn exprs(&self) -> &[Expr] {
        &self.exprs
    }

    /// The expression that is the whole formula.
    pub fn root(&self) -> ExprId {
        ExprId(self.exprs.len() as u32 - 1)
    }

    /// A call on arrays.
    pub fn array(&self, id: ArrayId) -> &ArrayCall {
        &self.arrays[id.0 as usize]
    }

    /// The bytes of the text where a variable is used first; `None` if it stands only after the comma of a `D`.
    pub fn first_use(&self, variable: &str) -> Option<Range<usize>> {
        let is_it = |expr: &Expr| matches!(expr, Expr::Variable(v) if *self.variables[v.index()] == *variable);
        self.exprs.iter().position(is_it).map(|at| self.spans[at].clone())
    }

    /// The bytes of the text that an expression was read from.
    pub fn span(&self, id: ExprId) -> Range<usize> {
        self.spans[id.index()].clone()
    }
}
