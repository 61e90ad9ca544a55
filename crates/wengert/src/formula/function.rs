//! The functions that a formula may call. Their names are those of graph-core's tables; listed here are the few that
//! are not an op of that name, those of arrays, and a few that are known and refused.

use std::ops::Range;

use graph_core::op::{Binary, Nth, Unary};

use super::array::ArrayOp;
use super::error::{FormulaError, quote};

/// What a call builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Unary(Unary),
    Binary(Binary),
    /// A fixed member of an integer family.
    Nth(Nth, i32),
    /// `polygamma(n, x)`
    Polygamma,
    /// `where(c, a, b)`
    Where,
    /// `clip(x, lo, hi)`
    Clip,
    /// A function of arrays.
    Array(ArrayOp),
    /// `D(f, v, …)`
    Derivative,
}

const OTHERS: [(&str, Function); 9] = [
    ("ln", Function::Unary(Unary::Log)),
    ("digamma", Function::Nth(Nth::Polygamma, 0)),
    ("trigamma", Function::Nth(Nth::Polygamma, 1)),
    ("sinc", Function::Nth(Nth::Sinc, 0)),
    ("erfcx", Function::Nth(Nth::Erfcx, 0)),
    ("polygamma", Function::Polygamma),
    ("where", Function::Where),
    ("clip", Function::Clip),
    ("D", Function::Derivative),
];

/// Functions of arrays; `max` and `min` are in the table of two arguments, and of one argument reduce.
const OF_ARRAYS: [(&str, ArrayOp); 23] = [
    ("sum", ArrayOp::Sum),
    ("mean", ArrayOp::Mean),
    ("prod", ArrayOp::Prod),
    ("norm", ArrayOp::Norm),
    ("logsumexp", ArrayOp::LogSumExp),
    ("softmax", ArrayOp::Softmax),
    ("log_softmax", ArrayOp::LogSoftmax),
    ("dot", ArrayOp::Dot),
    ("outer", ArrayOp::Outer),
    ("transpose", ArrayOp::Transpose),
    ("trace", ArrayOp::Trace),
    ("diag", ArrayOp::Diag),
    ("stack", ArrayOp::Stack),
    ("concat", ArrayOp::Concat),
    ("cumsum", ArrayOp::Cumsum),
    ("cumprod", ArrayOp::Cumprod),
    ("sort", ArrayOp::Sort),
    ("det", ArrayOp::Det),
    ("logdet", ArrayOp::Logdet),
    ("inv", ArrayOp::Inv),
    ("solve", ArrayOp::Solve),
    ("cholesky", ArrayOp::Cholesky),
    ("eigvalsh", ArrayOp::Eigvalsh),
];

impl Function {
    /// Numbers of arguments that it takes: least and most.
    pub fn arity(self) -> (usize, usize) {
        match self {
            Function::Unary(_) | Function::Nth(..) => (1, 1),
            Function::Binary(Binary::Max | Binary::Min) => (1, 2),
            Function::Binary(_) | Function::Polygamma => (2, 2),
            Function::Array(op) => op.arity(),
            Function::Where | Function::Clip => (3, 3),
            Function::Derivative => (2, usize::MAX),
        }
    }

    /// Whether a call may say `axis=`.
    pub fn takes_axis(self) -> bool {
        match self {
            Function::Array(op) => op.takes_axis(),
            Function::Unary(_) | Function::Nth(..) | Function::Binary(_) | Function::Polygamma => false,
            Function::Where | Function::Clip | Function::Derivative => false,
        }
    }

    /// How a call looks, for help.
    pub fn usage(self, name: &str) -> String {
        match self {
            Function::Unary(_) | Function::Nth(..) => format!("{name}(x)"),
            Function::Binary(_) => format!("{name}(x, y)"),
            Function::Polygamma => "polygamma(n, x)".to_string(),
            Function::Where => "where(condition, yes, no)".to_string(),
            Function::Clip => "clip(x, lowest, highest)".to_string(),
            Function::Array(op) if op.arity().1 > 2 => format!("{name}(x, y, …)"),
            Function::Array(op) if op.arity().1 == 2 => format!("{name}(x, y)"),
            Function::Array(_) => format!("{name}(x)"),
            Function::Derivative => "D(expression, x, …)".to_string(),
        }
    }
}

fn all() -> impl Iterator<Item = (&'static str, Function)> {
    let unary = Unary::ALL.iter().map(|&op| (op.name(), Function::Unary(op)));
    let binary = Binary::ALL.iter().map(|&op| (op.name(), Function::Binary(op)));
    let arrays = OF_ARRAYS.iter().map(|&(name, op)| (name, Function::Array(op)));
    unary.chain(binary).chain(OTHERS).chain(arrays)
}

/// The function called `text[span]`.
pub(super) fn find(text: &str, span: Range<usize>) -> Result<Function, FormulaError> {
    let name = &text[span.clone()];
    if let Some((_, function)) = all().find(|(known, _)| *known == name) {
        return Ok(function);
    }
    let error = FormulaError::new("unknown-function", text, span, format!("there is no function {}", quote(name)));
    Err(match nearest(name) {
        Some(known) => error.help(format!("did you mean `{known}`?")),
        None if name == "pi" => error.help("`pi` is a number; write `*` between factors"),
        None => error.help(format!("if {} is a variable, write `*` between factors", quote(name))),
    })
}

/// The known name that fewest edits lead to: at most a third of the letters, the first of equals.
fn nearest(name: &str) -> Option<&'static str> {
    let letters: Vec<char> = name.to_lowercase().chars().take(32).collect();
    let most = letters.len() / 3;
    let distances = all().map(|(known, _)| (distance(&letters, &known.to_lowercase()), known));
    distances.filter(|(edits, _)| *edits <= most).min_by_key(|(edits, _)| *edits).map(|(_, known)| known)
}

/// Least number of letters inserted, deleted or replaced (Wagner and Fischer 1974).
fn distance(a: &[char], b: &str) -> usize {
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (i, c) in b.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &other) in a.iter().enumerate() {
            let replaced = diagonal + usize::from(c != other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[a.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str) -> Result<Function, FormulaError> {
        find(name, 0..name.len())
    }

    #[test]
    fn every_promised_name_is_found() {
        let promised = "exp exp2 exp10 expm1 log ln log2 log10 log1p sqrt rsqrt cbrt square recip abs sign floor ceil \
            trunc round relu sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sinpi cospi sinc \
            sigmoid softplus log_sigmoid silu gelu gelu_tanh mish elu softsign logit log_cosh log1mexp xlogx \
            erf erfc erfcx erfinv ndtr log_ndtr gamma lgamma digamma trigamma polygamma \
            pow atan2 hypot logaddexp xlogy xlog1py lbeta max min fmod copysign where clip D \
            sum mean prod norm logsumexp softmax log_softmax dot outer transpose trace diag stack concat \
            cumsum cumprod sort det logdet inv solve cholesky eigvalsh";
        for name in promised.split_whitespace() {
            assert!(check(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn names_are_distinct() {
        let mut names: Vec<_> = all().map(|(name, _)| name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn a_misspelt_name_is_set_right() {
        for (wrong, right) in
            [("sine", "sin"), ("sqr", "sqrt"), ("Tanh", "tanh"), ("lgama", "lgamma"), ("hypott", "hypot"), ("d", "D")]
        {
            let error = check(wrong).expect_err("misspelt");
            assert_eq!(error.code, "unknown-function");
            assert_eq!(error.help.as_deref(), Some(format!("did you mean `{right}`?").as_str()), "{wrong}");
        }
        for name in ["zzzzz", "f", "x1"] {
            assert!(check(name).expect_err("unknown").help.is_some_and(|help| help.contains("variable")), "{name}");
        }
    }

    #[test]
    fn distance_counts_edits() {
        let of = |a: &str, b| distance(&a.chars().collect::<Vec<_>>(), b);
        assert_eq!((of("kitten", "sitting"), of("", "abc"), of("abc", "abc")), (3, 3, 0));
    }
}
