//! The derivative of a tree: every node is replaced by its rule, with copies of the operands where the rule names them.

use graph_core::op::{Binary, Nth};

use super::rules::{self, Step};
use super::{MAX_SIZE, Symbol, Tree, TreeError, operands, push};

/// What remains to be written, last first. Nodes are given by their place in the tree.
enum Task {
    Differentiate(usize),
    Copy(usize),
    Emit(Symbol),
}

impl Tree {
    /// The derivative by a variable, as the rules give it: nothing is simplified and nothing shared.
    pub fn differentiate(&self, variable: &str) -> Result<Tree, TreeError> {
        self.derivative(self.names.iter().position(|name| **name == *variable).map(|at| at as u32))
    }

    /// The derivative by the variable of this index, or by one that does not occur.
    pub(super) fn derivative(&self, variable: Option<u32>) -> Result<Tree, TreeError> {
        let starts = self.starts();
        let mut symbols = Vec::new();
        let mut tasks = vec![Task::Differentiate(self.size() - 1)];
        while let Some(task) = tasks.pop() {
            match task {
                Task::Emit(symbol) => push(&mut symbols, &[symbol])?,
                Task::Copy(end) => push(&mut symbols, &self.symbols[starts[end]..=end])?,
                Task::Differentiate(end) => {
                    let symbol = self.symbols[end];
                    let roots = operands(&starts, end, symbol.arity());
                    match symbol {
                        Symbol::Number(_) => push(&mut symbols, &[Symbol::Number(0.0)])?,
                        Symbol::Variable(index) => {
                            let own = variable == Some(index);
                            push(&mut symbols, &[Symbol::Number(f64::from(u8::from(own)))])?;
                        }
                        Symbol::Unary(op) => expand(&mut tasks, rules::unary(op), roots, op.name())?,
                        Symbol::Binary(op) => match (op, self.symbols[roots[1]]) {
                            (Binary::Pow, Symbol::Number(c)) => {
                                expand(&mut tasks, Some(&constant_power(c)), roots, "")?
                            }
                            _ => expand(&mut tasks, rules::binary(op), roots, op.name())?,
                        },
                        Symbol::Nth(op, n) => expand(&mut tasks, member(op, n).as_deref(), roots, op.name())?,
                        Symbol::Where => {
                            let [c, yes, no] = roots;
                            tasks.extend([Task::Emit(Symbol::Where), Task::Differentiate(no)]);
                            tasks.extend([Task::Differentiate(yes), Task::Copy(c)]);
                        }
                        Symbol::Compare(_) => unreachable!("a condition is copied, never differentiated"),
                    }
                }
            }
        }
        Ok(Tree { symbols, names: self.names.clone() })
    }
}

fn expand(
    tasks: &mut Vec<Task>,
    rule: Option<&[Step]>,
    [u, v, _]: [usize; 3],
    function: &'static str,
) -> Result<(), TreeError> {
    let rule = rule.ok_or(TreeError::NoRule { function })?;
    if tasks.len() > MAX_SIZE {
        return Err(TreeError::TooLarge { limit: MAX_SIZE });
    }
    tasks.extend(rule.iter().rev().map(|step| match *step {
        Step::U => Task::Copy(u),
        Step::V => Task::Copy(v),
        Step::Du => Task::Differentiate(u),
        Step::Dv => Task::Differentiate(v),
        Step::Emit(symbol) => Task::Emit(symbol),
    }));
    Ok(())
}

/// c·u^(c−1)·du
fn constant_power(c: f64) -> [Step; 7] {
    let mul = Step::Emit(Symbol::Binary(Binary::Mul));
    let number = |value| Step::Emit(Symbol::Number(value));
    [number(c), Step::U, number(c - 1.0), Step::Emit(Symbol::Binary(Binary::Pow)), mul, Step::Du, mul]
}

/// n·u^(n−1)·du for an integer power, ψ⁽ⁿ⁺¹⁾(u)·du for a polygamma function.
fn member(op: Nth, n: i32) -> Option<Vec<Step>> {
    let mul = Step::Emit(Symbol::Binary(Binary::Mul));
    let number = |value| Step::Emit(Symbol::Number(value));
    match op {
        Nth::Powi if n == 0 => Some(vec![number(0.0)]),
        Nth::Powi => {
            let power = Step::Emit(Symbol::Nth(Nth::Powi, n.saturating_sub(1)));
            Some(vec![number(f64::from(n)), Step::U, power, mul, Step::Du, mul])
        }
        Nth::Polygamma => {
            let next = Step::Emit(Symbol::Nth(Nth::Polygamma, n.saturating_add(1)));
            Some(vec![Step::U, next, Step::Du, mul])
        }
        Nth::Sinc | Nth::Erfcx | Nth::Mills => None,
    }
}
