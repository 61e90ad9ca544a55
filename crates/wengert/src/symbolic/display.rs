//! A tree in the formula language, with the parentheses it needs and no others: reading it gives the tree back.

use std::fmt;

use graph_core::op::{Binary, Compare, Nth, Unary};

use super::{Symbol, Tree, operands};

/// How tightly a printed piece holds together; see the grammar in [`crate::formula`].
const LOOSE: u8 = 0;
const SUM: u8 = 2;
const PRODUCT: u8 = 3;
const SIGN: u8 = 4;
const POWER: u8 = 5;
const WHOLE: u8 = 6;

enum Task {
    Text(&'static str),
    Integer(i32),
    /// A subtree, in parentheses if it is looser than this.
    Tree(usize, u8),
}
use Task::{Integer, Text};

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let starts = self.starts();
        let mut tasks = vec![Task::Tree(self.size() - 1, LOOSE)];
        while let Some(task) = tasks.pop() {
            match task {
                Text(text) => f.write_str(text)?,
                Integer(n) => write!(f, "{n}")?,
                Task::Tree(end, least) => {
                    let symbol = self.symbols[end];
                    let bare = precedence(symbol) >= least;
                    if !bare {
                        f.write_str("(")?;
                        tasks.push(Text(")"));
                    }
                    match symbol {
                        Symbol::Number(value) => write_number(f, value)?,
                        Symbol::Variable(index) => f.write_str(&self.names[index as usize])?,
                        operator => {
                            let roots = operands(&starts, end, operator.arity());
                            tasks.extend(pieces(operator, roots).into_iter().rev());
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

fn precedence(symbol: Symbol) -> u8 {
    match symbol {
        Symbol::Number(value) => {
            if value.is_sign_negative() {
                SIGN
            } else {
                WHOLE
            }
        }
        Symbol::Unary(Unary::Neg) => SIGN,
        Symbol::Nth(Nth::Powi, _) | Symbol::Binary(Binary::Pow) => POWER,
        Symbol::Binary(Binary::Add | Binary::Sub) => SUM,
        Symbol::Binary(Binary::Mul | Binary::Div) => PRODUCT,
        Symbol::Compare(_) => LOOSE,
        Symbol::Variable(_) | Symbol::Unary(_) | Symbol::Nth(..) | Symbol::Binary(_) | Symbol::Where => WHOLE,
    }
}

fn pieces(symbol: Symbol, [x, y, z]: [usize; 3]) -> Vec<Task> {
    use Task::Tree;
    let call = |name, arguments: &[usize]| {
        let mut pieces = vec![Text(name)];
        for (k, &argument) in arguments.iter().enumerate() {
            pieces.extend([Text(if k == 0 { "(" } else { ", " }), Tree(argument, LOOSE)]);
        }
        pieces.push(Text(")"));
        pieces
    };
    match symbol {
        Symbol::Unary(Unary::Neg) => vec![Text("-"), Tree(x, SIGN)],
        Symbol::Unary(op) => call(op.name(), &[x]),
        Symbol::Nth(Nth::Powi, n) => vec![Tree(x, WHOLE), Text("^"), Integer(n)],
        Symbol::Nth(Nth::Polygamma, n) => vec![Text("polygamma("), Integer(n), Text(", "), Tree(x, LOOSE), Text(")")],
        Symbol::Nth(op @ (Nth::Sinc | Nth::Erfcx | Nth::Mills), _) => call(op.name(), &[x]),
        Symbol::Binary(Binary::Add) => vec![Tree(x, SUM), Text(" + "), Tree(y, SUM + 1)],
        Symbol::Binary(Binary::Sub) => vec![Tree(x, SUM), Text(" - "), Tree(y, SUM + 1)],
        Symbol::Binary(Binary::Mul) => vec![Tree(x, PRODUCT), Text("*"), Tree(y, PRODUCT + 1)],
        Symbol::Binary(Binary::Div) => vec![Tree(x, PRODUCT), Text("/"), Tree(y, PRODUCT + 1)],
        Symbol::Binary(Binary::Pow) => vec![Tree(x, WHOLE), Text("^"), Tree(y, SIGN)],
        Symbol::Binary(op) => call(op.name(), &[x, y]),
        Symbol::Compare(op) => vec![Tree(x, SUM), Text(sign(op)), Tree(y, SUM)],
        Symbol::Where => call("where", &[x, y, z]),
        Symbol::Number(_) | Symbol::Variable(_) => unreachable!("leaves are written at once"),
    }
}

fn sign(op: Compare) -> &'static str {
    match op {
        Compare::Eq => " == ",
        Compare::Ne => " != ",
        Compare::Lt => " < ",
        Compare::Le => " <= ",
        Compare::Gt => " > ",
        Compare::Ge => " >= ",
    }
}

/// Shortest digits that read back; integers without a point.
fn write_number(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    match value.trunc() == value && value.abs() < 1e15 {
        true => write!(f, "{value}"),
        false => write!(f, "{value:?}"),
    }
}
