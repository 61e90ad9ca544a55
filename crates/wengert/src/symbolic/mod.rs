//! Differentiation of an expression tree, rule by rule, as on paper: a witness of the engine that shares none of its
//! rules, and the picture of what it avoids. A tree has no sharing, so the product rule copies both factors, and the
//! copies are differentiated again at the next order.
//!
//! Invariants: a [`Tree`] is its symbols in postfix order, operands before their operator, so that a subtree is a slice
//! that ends in its root; no walk recurses; no tree is larger than [`MAX_SIZE`].

mod differentiate;
mod display;
mod rules;
mod simplify;

use std::collections::HashMap;
use std::sync::Arc;

use graph_core::op::{Binary, Compare, Nth, Unary};

use crate::formula::{Expr, ExprId, Formula};

/// Largest number of nodes of a tree.
pub const MAX_SIZE: usize = 1 << 22;

/// Why there is no tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// A function that the tables of a textbook do not list.
    #[error("no textbook rule differentiates `{function}`; the graph engine does")]
    NoRule {
        /// Its name.
        function: &'static str,
    },
    /// A function of arrays.
    #[error("a tree is of numbers, and the formula has a function of arrays; the graph engine takes them")]
    Array,
    /// The tree would exceed [`MAX_SIZE`].
    #[error("the tree has more than {limit} nodes; a graph shares what a tree repeats")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
}

/// A node: a leaf, or an operator whose operands stand before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Symbol {
    Number(f64),
    Variable(u32),
    Unary(Unary),
    Nth(Nth, i32),
    Binary(Binary),
    Compare(Compare),
    Where,
}

impl Symbol {
    fn arity(self) -> usize {
        match self {
            Symbol::Number(_) | Symbol::Variable(_) => 0,
            Symbol::Unary(_) | Symbol::Nth(..) => 1,
            Symbol::Binary(_) | Symbol::Compare(_) => 2,
            Symbol::Where => 3,
        }
    }

    /// Equal for equal symbols; numbers go by bits.
    fn key(self) -> (u8, u64) {
        match self {
            Symbol::Number(value) => (0, value.to_bits()),
            Symbol::Variable(index) => (1, u64::from(index)),
            Symbol::Unary(op) => (2, op as u64),
            Symbol::Nth(op, n) => (3, ((op as u64) << 32) | u64::from(n as u32)),
            Symbol::Binary(op) => (4, op as u64),
            Symbol::Compare(op) => (5, op as u64),
            Symbol::Where => (6, 0),
        }
    }
}

/// An expression in which every occurrence is a node of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    symbols: Vec<Symbol>,
    names: Arc<[Arc<str>]>,
}

impl Tree {
    /// The tree of a formula; every `D` in it is differentiated on the spot.
    ///
    /// ```
    /// # use wengert::{formula::Formula, symbolic::Tree};
    /// let f = Tree::from_formula(&Formula::parse("x^2*sin(x)")?)?;
    /// let df = f.differentiate("x")?;
    /// assert_eq!(df.to_string(), "2*x^1*1*sin(x) + x^2*(cos(x)*1)");
    /// assert_eq!(df.simplify().to_string(), "2*x*sin(x) + x^2*cos(x)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_formula(formula: &Formula) -> Result<Tree, TreeError> {
        enum Task {
            Visit(ExprId),
            Emit(Symbol),
            /// Replaces what was written from here on by its derivative.
            Differentiate(usize, u32),
        }
        let names: Arc<[Arc<str>]> = formula.variables().into();
        let mut symbols = Vec::new();
        let mut tasks = vec![Task::Visit(formula.root())];
        while let Some(task) = tasks.pop() {
            let id = match task {
                Task::Visit(id) => id,
                Task::Emit(symbol) => {
                    push(&mut symbols, &[symbol])?;
                    continue;
                }
                Task::Differentiate(start, variable) => {
                    let subtree = Tree { symbols: symbols.split_off(start), names: names.clone() };
                    push(&mut symbols, &subtree.derivative(Some(variable))?.symbols)?;
                    continue;
                }
            };
            let (after, operands) = match formula.exprs()[id.index()] {
                Expr::Number(value) => (Task::Emit(Symbol::Number(value)), vec![]),
                Expr::Variable(v) => (Task::Emit(Symbol::Variable(v.index() as u32)), vec![]),
                Expr::Unary(op, x) => (Task::Emit(Symbol::Unary(op)), vec![x]),
                Expr::Nth(op, n, x) => (Task::Emit(Symbol::Nth(op, n)), vec![x]),
                Expr::Binary(op, x, y) => (Task::Emit(Symbol::Binary(op)), vec![x, y]),
                Expr::Compare(op, x, y) => (Task::Emit(Symbol::Compare(op)), vec![x, y]),
                Expr::Where(c, yes, no) => (Task::Emit(Symbol::Where), vec![c, yes, no]),
                Expr::Array(_) => return Err(TreeError::Array),
                Expr::Derivative(f, v) => (Task::Differentiate(symbols.len(), v.index() as u32), vec![f]),
            };
            tasks.push(after);
            tasks.extend(operands.into_iter().rev().map(Task::Visit));
        }
        Ok(Tree { symbols, names })
    }

    /// The value, given those of the variables.
    pub fn eval(&self, env: impl Fn(&str) -> f64) -> f64 {
        self.fold(|symbol, x: &[f64]| match symbol {
            Symbol::Number(value) => value,
            Symbol::Variable(index) => env(&self.names[index as usize]),
            Symbol::Unary(op) => op.eval(x[0]),
            Symbol::Nth(op, n) => op.eval(n, x[0]),
            Symbol::Binary(op) => op.eval(x[0], x[1]),
            Symbol::Compare(op) => f64::from(u8::from(op.eval(x[0], x[1]))),
            Symbol::Where => x[if x[0] != 0.0 { 1 } else { 2 }],
        })
    }

    /// Number of nodes.
    pub fn size(&self) -> usize {
        self.symbols.len()
    }

    /// Number of different subexpressions: the nodes that a graph would have.
    pub fn distinct(&self) -> usize {
        let mut known: HashMap<((u8, u64), [u32; 3]), u32> = HashMap::new();
        self.fold(|symbol, x: &[u32]| {
            let mut operands = [u32::MAX; 3];
            operands[..x.len()].copy_from_slice(x);
            let next = known.len() as u32;
            *known.entry((symbol.key(), operands)).or_insert(next)
        });
        known.len()
    }

    /// Number of nodes that only repeat others.
    pub fn repeated(&self) -> usize {
        self.size() - self.distinct()
    }

    /// What `f` makes of every node and of what it made of the operands; the result for the root.
    fn fold<T>(&self, mut f: impl FnMut(Symbol, &[T]) -> T) -> T {
        let mut stack: Vec<T> = Vec::new();
        for &symbol in &self.symbols {
            let operands = stack.len() - symbol.arity();
            let result = f(symbol, &stack[operands..]);
            stack.truncate(operands);
            stack.push(result);
        }
        stack.pop().expect("a tree has a root")
    }

    /// Where the subtree of each node starts.
    fn starts(&self) -> Vec<usize> {
        let mut starts: Vec<usize> = Vec::with_capacity(self.size());
        for (end, symbol) in self.symbols.iter().enumerate() {
            let first = (0..symbol.arity()).fold(end, |before, _| starts[before - 1]);
            starts.push(first);
        }
        starts
    }
}

/// The roots of the operands of a node, in order.
fn operands(starts: &[usize], end: usize, arity: usize) -> [usize; 3] {
    let mut roots = [0; 3];
    let mut before = end;
    for k in (0..arity).rev() {
        roots[k] = before - 1;
        before = starts[before - 1];
    }
    roots
}

fn push(symbols: &mut Vec<Symbol>, more: &[Symbol]) -> Result<(), TreeError> {
    if symbols.len() + more.len() > MAX_SIZE {
        return Err(TreeError::TooLarge { limit: MAX_SIZE });
    }
    symbols.extend_from_slice(more);
    Ok(())
}

#[cfg(test)]
mod tests;
