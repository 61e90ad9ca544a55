//! The trivial cleanup that makes a derivative readable: zeros and ones that the rules leave behind. It is algebra of
//! real numbers, so `0*x` is 0 even where x is infinite.

use graph_core::op::{Binary, Nth, Unary};

use super::{Symbol, Tree, operands};

/// What a node comes to: a number, or the node at a place of the tree.
#[derive(Clone, Copy, PartialEq)]
enum Meaning {
    Number(f64),
    Node(usize),
}
use Meaning::{Node, Number};

impl Tree {
    /// The tree without 0 + x, x − 0, 0·x, 1·x, 0/x, x/1, x⁰ and x¹.
    pub fn simplify(&self) -> Tree {
        let starts = self.starts();
        let mut meanings: Vec<Meaning> = Vec::with_capacity(self.size());
        for (end, &symbol) in self.symbols.iter().enumerate() {
            let x = operands(&starts, end, symbol.arity()).map(|root| meanings.get(root).copied().unwrap_or(Node(end)));
            meanings.push(meaning(symbol, x).unwrap_or(Node(end)));
        }
        Tree { symbols: self.write(&starts, &meanings), names: self.names.clone() }
    }

    fn write(&self, starts: &[usize], meanings: &[Meaning]) -> Vec<Symbol> {
        enum Task {
            Visit(usize),
            Emit(Symbol),
        }
        let mut symbols = Vec::new();
        let mut tasks = vec![Task::Visit(self.size() - 1)];
        while let Some(task) = tasks.pop() {
            match task {
                Task::Emit(symbol) => symbols.push(symbol),
                Task::Visit(root) => match meanings[root] {
                    Number(value) => symbols.push(Symbol::Number(value)),
                    Node(end) => {
                        let symbol = self.symbols[end];
                        let roots = operands(starts, end, symbol.arity());
                        tasks.push(Task::Emit(symbol));
                        tasks.extend(roots[..symbol.arity()].iter().rev().map(|&root| Task::Visit(root)));
                    }
                },
            }
        }
        symbols
    }
}

/// What an operator comes to, given what its operands come to, if it is not itself.
fn meaning(symbol: Symbol, [x, y, z]: [Meaning; 3]) -> Option<Meaning> {
    let (zero, one) = (|m| m == Number(0.0), |m| m == Number(1.0));
    match symbol {
        Symbol::Number(value) => Some(Number(value)),
        Symbol::Unary(Unary::Neg) => match x {
            Number(value) => Some(Number(0.0 - value)),
            Node(_) => None,
        },
        Symbol::Nth(Nth::Powi, 0) => Some(Number(1.0)),
        Symbol::Nth(Nth::Powi, 1) => Some(x),
        Symbol::Binary(Binary::Pow) if zero(y) => Some(Number(1.0)),
        Symbol::Binary(Binary::Pow) if one(y) => Some(x),
        Symbol::Binary(Binary::Add) if zero(x) => Some(y),
        Symbol::Binary(Binary::Add | Binary::Sub) if zero(y) => Some(x),
        Symbol::Binary(Binary::Mul) if zero(x) || zero(y) => Some(Number(0.0)),
        Symbol::Binary(Binary::Mul) if one(x) => Some(y),
        Symbol::Binary(Binary::Mul | Binary::Div) if one(y) => Some(x),
        Symbol::Binary(Binary::Div) if zero(x) && !zero(y) => Some(Number(0.0)),
        Symbol::Where if matches!(y, Number(_)) && y == z => Some(y),
        Symbol::Variable(_) | Symbol::Unary(_) | Symbol::Nth(..) | Symbol::Binary(_) => None,
        Symbol::Compare(_) | Symbol::Where => None,
    }
}
