//! The rules as a textbook prints them, in the formula language: u and v are the operands, du and dv their derivatives.
//! They are written without a look at the tables of graph-core, whose witness they are.

use std::sync::LazyLock;

use graph_core::op::{Binary, Unary};

use super::{Symbol, Tree};
use crate::formula::Formula;

/// A symbol of a rule, in postfix order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    U,
    V,
    Du,
    Dv,
    Emit(Symbol),
}

fn rule1(op: Unary) -> Option<&'static str> {
    match op {
        Unary::Neg => Some("-du"),
        Unary::Abs => Some("u/abs(u)*du"),
        Unary::Recip => Some("-du/u^2"),
        Unary::Square => Some("2*u*du"),
        Unary::Sqrt => Some("du/(2*sqrt(u))"),
        Unary::Rsqrt => Some("-du/(2*u*sqrt(u))"),
        Unary::Cbrt => Some("du/(3*cbrt(u)^2)"),
        Unary::Exp => Some("exp(u)*du"),
        Unary::Exp2 => Some("exp2(u)*log(2)*du"),
        Unary::Exp10 => Some("exp10(u)*log(10)*du"),
        Unary::Expm1 => Some("exp(u)*du"),
        Unary::Log => Some("du/u"),
        Unary::Log2 => Some("du/(u*log(2))"),
        Unary::Log10 => Some("du/(u*log(10))"),
        Unary::Log1p => Some("du/(1 + u)"),
        Unary::Sin => Some("cos(u)*du"),
        Unary::Cos => Some("-sin(u)*du"),
        Unary::Tan => Some("du/cos(u)^2"),
        Unary::Asin => Some("du/sqrt(1 - u^2)"),
        Unary::Acos => Some("-du/sqrt(1 - u^2)"),
        Unary::Atan => Some("du/(1 + u^2)"),
        Unary::Sinh => Some("cosh(u)*du"),
        Unary::Cosh => Some("sinh(u)*du"),
        Unary::Tanh => Some("(1 - tanh(u)^2)*du"),
        Unary::Sech2 => Some("-2*tanh(u)/cosh(u)^2*du"),
        Unary::Asinh => Some("du/sqrt(u^2 + 1)"),
        Unary::Acosh => Some("du/sqrt(u^2 - 1)"),
        Unary::Atanh => Some("du/(1 - u^2)"),
        Unary::Sinpi => Some("pi*cospi(u)*du"),
        Unary::Cospi => Some("-pi*sinpi(u)*du"),
        Unary::Sigmoid => Some("exp(-u)/(1 + exp(-u))^2*du"),
        Unary::Softplus => Some("du/(1 + exp(-u))"),
        Unary::LogSigmoid => Some("du/(1 + exp(u))"),
        Unary::Softsign => Some("du/(1 + abs(u))^2"),
        Unary::Logit => Some("du/(u*(1 - u))"),
        Unary::LogCosh => Some("tanh(u)*du"),
        Unary::Log1mexp => Some("-exp(u)/(1 - exp(u))*du"),
        Unary::Xlogx => Some("(log(u) + 1)*du"),
        Unary::Erf => Some("2/sqrt(pi)*exp(-u^2)*du"),
        Unary::Erfc => Some("-2/sqrt(pi)*exp(-u^2)*du"),
        Unary::Erfinv => Some("sqrt(pi)/2*exp(erfinv(u)^2)*du"),
        Unary::Ndtr => Some("exp(-u^2/2)/sqrt(2*pi)*du"),
        Unary::Gamma => Some("gamma(u)*digamma(u)*du"),
        Unary::Lgamma => Some("digamma(u)*du"),
        // Kinks, and compositions that a textbook would take apart first.
        _ => None,
    }
}

fn rule2(op: Binary) -> Option<&'static str> {
    match op {
        Binary::Add => Some("du + dv"),
        Binary::Sub => Some("du - dv"),
        Binary::Mul => Some("du*v + u*dv"),
        Binary::Div => Some("(du*v - u*dv)/v^2"),
        Binary::Pow => Some("u^v*(dv*log(u) + v*du/u)"),
        Binary::Atan2 => Some("(v*du - u*dv)/(u^2 + v^2)"),
        Binary::Hypot => Some("(u*du + v*dv)/sqrt(u^2 + v^2)"),
        Binary::Logaddexp => Some("(exp(u)*du + exp(v)*dv)/(exp(u) + exp(v))"),
        Binary::Xlogy => Some("du*log(v) + u*dv/v"),
        Binary::Xlog1py => Some("du*log(1 + v) + u*dv/(1 + v)"),
        Binary::Lbeta => Some("(digamma(u) - digamma(u + v))*du + (digamma(v) - digamma(u + v))*dv"),
        _ => None,
    }
}

type Rules = LazyLock<Vec<Option<Vec<Step>>>>;
static UNARY: Rules = LazyLock::new(|| Unary::ALL.iter().map(|&op| rule1(op).map(read)).collect());
static BINARY: Rules = LazyLock::new(|| Binary::ALL.iter().map(|&op| rule2(op).map(read)).collect());

/// The rule for a function of one argument, if the textbook has it.
pub(super) fn unary(op: Unary) -> Option<&'static [Step]> {
    UNARY[op as usize].as_deref()
}

/// The rule for a function of two arguments, if the textbook has it.
pub(super) fn binary(op: Binary) -> Option<&'static [Step]> {
    BINARY[op as usize].as_deref()
}

fn read(rule: &str) -> Vec<Step> {
    let formula = Formula::parse(rule).expect("the rules are formulas");
    let tree = Tree::from_formula(&formula).expect("a rule is small and has no D");
    let step = |symbol: &Symbol| match *symbol {
        Symbol::Variable(index) => match &*tree.names[index as usize] {
            "u" => Step::U,
            "v" => Step::V,
            "du" => Step::Du,
            "dv" => Step::Dv,
            other => unreachable!("rules are about u, v, du and dv, not {other}"),
        },
        symbol => Step::Emit(symbol),
    };
    tree.symbols.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_differentiates_each_operand_once_so_that_the_work_is_linear() {
        let count = |rule: &[Step], step| rule.iter().filter(|&&s| s == step).count();
        for rule in Unary::ALL.iter().filter_map(|&op| unary(op)) {
            assert_eq!((count(rule, Step::Du), count(rule, Step::V), count(rule, Step::Dv)), (1, 0, 0), "{rule:?}");
        }
        for rule in Binary::ALL.iter().filter_map(|&op| binary(op)) {
            assert_eq!((count(rule, Step::Du), count(rule, Step::Dv)), (1, 1), "{rule:?}");
        }
    }
}
