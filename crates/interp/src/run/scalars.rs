//! Runs of a few single cells each, as one flat list of operations: what is done for a number is one jump, not a call.
//!
//! The bits are those of the loops of [`super::pointwise`].

use std::fmt;

use graph_core::DType;
use graph_core::op::{Binary, Unary};

use super::fused::{Arithmetic, Fused};
use super::lanes::Loop;
use crate::plan::{Run, Step};

/// Operations in order.
#[derive(Debug)]
pub struct Scalars {
    /// In order.
    pub code: Vec<Operation>,
    /// How many runs they were.
    pub runs: usize,
}

/// One operation on cells.
pub struct Operation {
    code: Code,
    to: u32,
    from: [u32; 4],
}

enum Code {
    Add,
    Sub,
    Mul,
    Div,
    Neg,
    Square,
    Recip,
    AddMul,
    SubMul,
    MulAdd,
    MulSub,
    MulMul,
    SubOfMul,
    AddMuls,
    SubMuls,
    Function(Unary),
    Other(Box<(Loop, u32)>),
}

/// Runs of up to so many repetitions on average are a list.
const FEW: usize = 4;

/// The list of these runs, given their words; the runs themselves, if their loops are worth it.
pub fn list(runs: Vec<Run>, words: &[u32]) -> Result<Scalars, Vec<Run>> {
    let repetitions: usize = runs.iter().map(|run| run.words as usize / run.arity()).sum();
    if runs.len() < 2 || repetitions > FEW * runs.len() {
        return Err(runs);
    }
    let mut code = Vec::with_capacity(repetitions);
    let (mut rest, count) = (words, runs.len());
    for run in runs {
        let (these, after) = rest.split_at(run.words as usize);
        rest = after;
        let arity = run.arity();
        let mut repeat = Some(run.repeat);
        for places in these.chunks_exact(arity) {
            let mut from = [0; 4];
            from.iter_mut().zip(&places[1..]).for_each(|(from, &place)| *from = place);
            let code_of = Code::of(run.step).unwrap_or_else(|| {
                let again = repeat.take().unwrap_or_else(|| super::pointwise::compile(run.step));
                Code::Other(Box::new((again, arity as u32 - 1)))
            });
            code.push(Operation { code: code_of, to: places[0], from });
        }
    }
    Ok(Scalars { code, runs: count })
}

impl Code {
    fn of(step: Step) -> Option<Code> {
        use Arithmetic::{Add, Mul, Sub};
        Some(match step {
            Step::Binary(Binary::Add, DType::F64) => Code::Add,
            Step::Binary(Binary::Sub, DType::F64) => Code::Sub,
            Step::Binary(Binary::Mul, DType::F64) => Code::Mul,
            Step::Binary(Binary::Div, DType::F64) => Code::Div,
            Step::Unary(Unary::Neg, DType::F64) => Code::Neg,
            Step::Unary(Unary::Square, DType::F64) => Code::Square,
            Step::Unary(Unary::Recip, DType::F64) => Code::Recip,
            Step::Unary(op, DType::F64) => Code::Function(op),
            Step::Fused(Fused::Chain { inner: Mul, outer: Add, .. }) => Code::MulAdd,
            Step::Fused(Fused::Chain { inner: Mul, outer: Sub, is_last: false }) => Code::MulSub,
            Step::Fused(Fused::Chain { inner: Mul, outer: Sub, is_last: true }) => Code::SubOfMul,
            Step::Fused(Fused::Chain { inner: Mul, outer: Mul, .. }) => Code::MulMul,
            Step::Fused(Fused::Chain { inner: Add, outer: Mul, .. }) => Code::AddMul,
            Step::Fused(Fused::Chain { inner: Sub, outer: Mul, .. }) => Code::SubMul,
            Step::Fused(Fused::Pair { left: Mul, right: Mul, outer: Add }) => Code::AddMuls,
            Step::Fused(Fused::Pair { left: Mul, right: Mul, outer: Sub }) => Code::SubMuls,
            _ => return None,
        })
    }
}

impl Scalars {
    /// Does them.
    pub fn run(&self, cells: &mut [u64]) {
        for Operation { code, to, from: [x, y, z, w] } in &self.code {
            let at = |place: &u32| f64::from_bits(cells[*place as usize]);
            let value = match code {
                Code::Add => at(x) + at(y),
                Code::Sub => at(x) - at(y),
                Code::Mul => at(x) * at(y),
                Code::Div => at(x) / at(y),
                Code::Neg => -at(x),
                Code::Square => at(x) * at(x),
                Code::Recip => at(x).recip(),
                Code::AddMul => (at(x) + at(y)) * at(z),
                Code::SubMul => (at(x) - at(y)) * at(z),
                Code::MulAdd => at(x) * at(y) + at(z),
                Code::MulSub => at(x) * at(y) - at(z),
                Code::MulMul => at(x) * at(y) * at(z),
                Code::SubOfMul => at(z) - at(x) * at(y),
                Code::AddMuls => at(x) * at(y) + at(z) * at(w),
                Code::SubMuls => at(x) * at(y) - at(z) * at(w),
                Code::Function(op) => op.eval(at(x)),
                Code::Other(other) => {
                    let (repeat, operands) = &**other;
                    repeat(cells, &[*to, *x, *y, *z, *w][..1 + *operands as usize], 1);
                    continue;
                }
            };
            cells[*to as usize] = value.to_bits();
        }
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <- {:?}", self.to, self.from)
    }
}
