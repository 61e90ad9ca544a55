//! Elementwise steps. Each becomes one loop, compiled for its function: over single cells, or over longer stretches.
//!
//! A loop repeats its step in order on stretches that may depend on each other. Within one repetition every element is
//! read before it is written, and a result lies apart from an operand or exactly on it (see [`crate::plan`]).

use graph_core::DType;
use graph_core::math::Function1;
use graph_core::op::{Binary, Compare, Logic, Nth, Unary, Visit1, Visit2};

use super::{apart, integer};
use crate::cells::{decode, encode};
use crate::plan::{Place, Step};
use crate::vector::{self, Work};

/// Repeats a step: on the cells, for the words (first cells of result and operands), over stretches of this many lanes.
///
/// Boxing the function of an op costs no memory, as it has no size; calling it is the one jump of a dispatch.
pub type Loop = Box<dyn Fn(&mut [u64], &[u32], usize) + Send + Sync>;

/// Rounds to `f32`.
pub fn round(x: f64) -> f64 {
    f64::from(x as f32)
}

/// The loop of a step.
pub fn compile(step: Step) -> Loop {
    match step {
        Step::Unary(op, dtype) => unary(op, dtype),
        Step::Nth(op, n, dtype) => nth(op, n, dtype),
        Step::Binary(op, dtype) => binary(op, dtype),
        Step::Compare(op, dtype) => compare(op, dtype),
        Step::Logic(op) => logic(op),
        Step::Integer(op) => integer::integer(op),
        Step::Test(op) => integer::test(op),
        Step::Select => each3(|c, a, b| if c != 0 { a } else { b }),
        Step::Cast { from, to } => cast(from, to),
    }
}

/// Why an integer op has a value.
const ADMITTED: &str = "inference admits the integer ops only";

fn unary(op: Unary, dtype: DType) -> Loop {
    match dtype {
        DType::F64 => op.visit(Reals),
        DType::F32 => op.visit(Rounded),
        DType::I64 => each1(move |x| op.eval_i64(x as i64).expect(ADMITTED) as u64),
        DType::Bool => unreachable!("inference admits numbers only"),
    }
}

fn nth(op: Nth, n: i32, dtype: DType) -> Loop {
    match dtype {
        DType::F64 => Visit1::visit(Reals, move |x| op.eval(n, x)),
        DType::F32 => Visit1::visit(Rounded, move |x| op.eval(n, x)),
        DType::I64 | DType::Bool => unreachable!("inference admits real numbers only"),
    }
}

fn binary(op: Binary, dtype: DType) -> Loop {
    match dtype {
        DType::F64 => op.visit(Reals),
        DType::F32 => op.visit(Rounded),
        DType::I64 => each2(move |x, y| op.eval_i64(x as i64, y as i64).expect(ADMITTED) as u64),
        DType::Bool => unreachable!("inference admits numbers only"),
    }
}

fn compare(op: Compare, dtype: DType) -> Loop {
    match dtype {
        DType::F64 | DType::F32 => each2(move |x, y| u64::from(op.eval(f64::from_bits(x), f64::from_bits(y)))),
        DType::I64 | DType::Bool => each2(move |x, y| u64::from(op.eval(x as i64, y as i64))),
    }
}

fn logic(op: Logic) -> Loop {
    match op {
        Logic::And => each2(|x, y| x & y),
        Logic::Or => each2(|x, y| x | y),
        Logic::Xor => each2(|x, y| x ^ y),
        Logic::Not => each1(|x| x ^ 1),
    }
}

fn cast(from: DType, to: DType) -> Loop {
    match (from, to) {
        (DType::F64, DType::F32) => each1(|x| round(f64::from_bits(x)).to_bits()),
        (DType::I64, DType::F64) => each1(|x| (x as i64 as f64).to_bits()),
        _ => each1(move |x| encode(decode(from, x).cast(to))),
    }
}

/// Visitors: `f64` functions on cells, as they are and rounded to `f32`.
struct Reals;
struct Rounded;

impl Visit1 for Reals {
    type Out = Loop;
    fn visit(self, f: impl Function1) -> Loop {
        reals1(f, |y| y)
    }
}
impl Visit1 for Rounded {
    type Out = Loop;
    fn visit(self, f: impl Function1) -> Loop {
        reals1(f, round)
    }
}
impl Visit2 for Reals {
    type Out = Loop;
    fn visit(self, f: impl Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static) -> Loop {
        each2(move |x, y| f(f64::from_bits(x), f64::from_bits(y)).to_bits())
    }
}
impl Visit2 for Rounded {
    type Out = Loop;
    fn visit(self, f: impl Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static) -> Loop {
        each2(move |x, y| round(f(f64::from_bits(x), f64::from_bits(y))).to_bits())
    }
}

/// The loop of a function of one real number, followed by a conversion; over stretches by vectors, where it is made for them.
fn reals1<F: Function1>(f: F, convert: impl Fn(f64) -> f64 + Copy + Send + Sync + 'static) -> Loop {
    let one = move |x| convert(f.at(f64::from_bits(x))).to_bits();
    if !F::IS_VECTOR {
        return each1(one);
    }
    Box::new(move |cells, words, lanes| {
        let repetitions = words.as_chunks().0;
        match lanes {
            1 => repetitions.iter().for_each(|&[to, x]| cells[to as usize] = one(cells[x as usize])),
            _ => repetitions.iter().for_each(|&[to, x]| {
                vector::widest(Map { cells, lanes, to: to as usize, x: x as usize, f, convert });
            }),
        }
    })
}

/// A function made for vectors over a stretch.
struct Map<'c, F, C> {
    cells: &'c mut [u64],
    lanes: usize,
    to: usize,
    x: usize,
    f: F,
    convert: C,
}

impl<F: Function1, C: Fn(f64) -> f64> Map<'_, F, C> {
    /// `N` elements from `at` on, of which the first `count` exist. All are read before one is written.
    ///
    /// In plain loops: a closure handed to an iterator is compiled for narrow vectors, unless it happens to be inlined.
    #[inline(always)]
    fn chunk<const N: usize>(&mut self, at: usize, count: usize) {
        let (mut x, mut y, mut rare) = ([1.0; N], [0.0; N], 0);
        for (x, &cell) in x.iter_mut().zip(&self.cells[self.x + at..][..count]) {
            *x = f64::from_bits(cell);
        }
        for (y, &x) in y.iter_mut().zip(&x) {
            *y = self.f.usual(x);
        }
        for &x in &x {
            rare |= u64::from(!self.f.is_usual(x));
        }
        if rare != 0 {
            for (y, &x) in y.iter_mut().zip(&x) {
                *y = self.f.at(x);
            }
        }
        for (cell, &y) in self.cells[self.to + at..][..count].iter_mut().zip(&y) {
            *cell = (self.convert)(y).to_bits();
        }
    }
}

impl<F: Function1, C: Fn(f64) -> f64> Work for Map<'_, F, C> {
    #[inline(always)]
    fn run(mut self) {
        const WHOLE: usize = 32;
        const PART: usize = 8;
        let mut at = 0;
        while at + WHOLE <= self.lanes {
            self.chunk::<WHOLE>(at, WHOLE);
            at += WHOLE;
        }
        while at < self.lanes {
            let count = PART.min(self.lanes - at);
            self.chunk::<PART>(at, count);
            at += count;
        }
    }
}

/// The loop of a function of one cell.
pub fn each1(f: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Loop {
    Box::new(move |cells, words, lanes| {
        let repetitions = words.as_chunks().0;
        match lanes {
            1 => repetitions.iter().for_each(|&[to, x]| cells[to as usize] = f(cells[x as usize])),
            _ => repetitions.iter().for_each(|&places| map1(cells, lanes, places, &f)),
        }
    })
}

/// The loop of a function of two cells.
pub fn each2(f: impl Fn(u64, u64) -> u64 + Send + Sync + 'static) -> Loop {
    Box::new(move |cells, words, lanes| {
        let repetitions = words.as_chunks().0;
        match lanes {
            1 => {
                repetitions.iter().for_each(|&[to, x, y]| cells[to as usize] = f(cells[x as usize], cells[y as usize]))
            }
            _ => repetitions.iter().for_each(|&places| map2(cells, lanes, places, &f)),
        }
    })
}

fn each3(f: impl Fn(u64, u64, u64) -> u64 + Send + Sync + 'static) -> Loop {
    Box::new(move |cells, words, lanes| {
        for places in words.as_chunks().0 {
            let [to, x, y, z] = places.map(|at| Place { at: at as usize, len: lanes });
            if lanes == 1 || [x, y, z].contains(&to) {
                (0..lanes).for_each(|i| cells[to.at + i] = f(cells[x.at + i], cells[y.at + i], cells[z.at + i]));
            } else {
                let (result, [x, y, z]) = apart(cells, to, [x, y, z]);
                let operands = x.iter().zip(y.iter().zip(z));
                result.iter_mut().zip(operands).for_each(|(cell, (&x, (&y, &z)))| *cell = f(x, y, z));
            }
        }
    })
}

fn map1(cells: &mut [u64], len: usize, places: [u32; 2], f: impl Fn(u64) -> u64) {
    let [to, x] = places.map(|at| Place { at: at as usize, len });
    if to == x {
        cells[to.at..][..len].iter_mut().for_each(|cell| *cell = f(*cell));
    } else {
        let (result, [x]) = apart(cells, to, [x]);
        result.iter_mut().zip(x).for_each(|(cell, &x)| *cell = f(x));
    }
}

fn map2(cells: &mut [u64], len: usize, places: [u32; 3], f: impl Fn(u64, u64) -> u64) {
    let [to, x, y] = places.map(|at| Place { at: at as usize, len });
    match (to == x, to == y) {
        (true, true) => cells[to.at..][..len].iter_mut().for_each(|cell| *cell = f(*cell, *cell)),
        (true, false) => {
            let (result, [y]) = apart(cells, to, [y]);
            result.iter_mut().zip(y).for_each(|(cell, &y)| *cell = f(*cell, y));
        }
        (false, true) => {
            let (result, [x]) = apart(cells, to, [x]);
            result.iter_mut().zip(x).for_each(|(cell, &x)| *cell = f(x, *cell));
        }
        (false, false) => {
            let (result, [x, y]) = apart(cells, to, [x, y]);
            result.iter_mut().zip(x.iter().zip(y)).for_each(|(cell, (&x, &y))| *cell = f(x, y));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::{Width, checked_at};

    /// Usual and rare arguments side by side.
    const ARGUMENTS: [f64; 12] =
        [0.3, -0.0, 1e300, -1.7, f64::NAN, 25.0, 5e-324, -708.5, f64::INFINITY, 1e-9, 1e6, -3e-5];

    struct OverStretches;

    impl Visit1 for OverStretches {
        type Out = Result<(), String>;

        fn visit(self, f: impl Function1) -> Result<(), String> {
            let differ = |(a, b): (&u64, &u64)| a != b && !(f64::from_bits(*a).is_nan() && f64::from_bits(*b).is_nan());
            for lanes in [1, 7, 8, 31, 32, 33, 100] {
                let x: Vec<u64> = (0..lanes).map(|i| ARGUMENTS[i * (i + 1) / 2 % 12].to_bits()).collect();
                let expected: Vec<u64> = x.iter().map(|&x| f.at(f64::from_bits(x)).to_bits()).collect();
                for (width, to) in Width::all().into_iter().flat_map(|width| [(width, lanes), (width, 0)]) {
                    let mut cells = x.repeat(2);
                    checked_at(width, Map { cells: &mut cells, lanes, to, x: 0, f, convert: |y| y });
                    if cells[to..][..lanes].iter().zip(&expected).any(differ) {
                        return Err(format!("{lanes} lanes of {width:?}, result at {to}"));
                    }
                }
            }
            Ok(())
        }
    }

    /// In vectors of every width, apart from the operand and on it, in lengths around those of chunks.
    #[test]
    fn functions_of_one_number_have_the_same_bits_alone_and_in_vectors() {
        for &op in Unary::ALL {
            assert_eq!(op.visit(OverStretches), Ok(()), "{}", op.name());
        }
    }
}
