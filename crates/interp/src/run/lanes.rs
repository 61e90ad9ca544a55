//! Loops over single cells, or over longer stretches by the widest vectors of the machine.
//!
//! A loop repeats its step in order on stretches that may depend on each other. Within one repetition every element is
//! read before it is written, and a result lies apart from an operand or exactly on it (see [`crate::plan`]). Inside, loops
//! are plain: a closure handed to an iterator is compiled for narrow vectors, unless it happens to be inlined.

use graph_core::math::Function1;

use crate::vector::{self, Work};

/// Repeats a step: on the cells, for the words (first cells of result and operands), over so many lanes.
///
/// Boxing the function of an op costs no memory, as it has no size; calling it is the one jump of a dispatch.
pub type Loop = Box<dyn Fn(&mut [u64], &[u32], usize) + Send + Sync>;

/// The loop of a function of one cell.
pub fn each1(f: impl Fn(u64) -> u64 + Copy + Send + Sync + 'static) -> Loop {
    Box::new(move |cells, words, lanes| {
        let repetitions = words.as_chunks().0;
        match lanes {
            1 => repetitions.iter().for_each(|&[to, x]| cells[to as usize] = f(cells[x as usize])),
            _ => vector::widest(Stretches { cells, repetitions, lanes, f: Of1(f) }),
        }
    })
}

/// The loop of a function of two cells.
pub fn each2(f: impl Fn(u64, u64) -> u64 + Copy + Send + Sync + 'static) -> Loop {
    Box::new(move |cells, words, lanes| {
        let repetitions = words.as_chunks().0;
        match lanes {
            1 => {
                repetitions.iter().for_each(|&[to, x, y]| cells[to as usize] = f(cells[x as usize], cells[y as usize]))
            }
            _ => vector::widest(Stretches { cells, repetitions, lanes, f: Of2(f) }),
        }
    })
}

/// The loop of a function of three cells.
pub fn each3(f: impl Fn(u64, u64, u64) -> u64 + Copy + Send + Sync + 'static) -> Loop {
    Box::new(move |cells, words, lanes| {
        let repetitions = words.as_chunks().0;
        match lanes {
            1 => repetitions.iter().for_each(|&[to, x, y, z]| {
                cells[to as usize] = f(cells[x as usize], cells[y as usize], cells[z as usize]);
            }),
            _ => vector::widest(Stretches { cells, repetitions, lanes, f: Of3(f) }),
        }
    })
}

/// The loop of a function of four cells.
pub fn each4(f: impl Fn(u64, u64, u64, u64) -> u64 + Copy + Send + Sync + 'static) -> Loop {
    Box::new(move |cells, words, lanes| {
        let repetitions = words.as_chunks().0;
        match lanes {
            1 => repetitions.iter().for_each(|&[to, x, y, z, w]| {
                cells[to as usize] = f(cells[x as usize], cells[y as usize], cells[z as usize], cells[w as usize]);
            }),
            _ => vector::widest(Stretches { cells, repetitions, lanes, f: Of4(f) }),
        }
    })
}

/// The loop of a function of one real number, followed by a conversion; over stretches by vectors, where it is made for them.
pub fn reals1<F: Function1>(f: F, convert: impl Fn(f64) -> f64 + Copy + Send + Sync + 'static) -> Loop {
    let one = move |x: u64| convert(f.at(f64::from_bits(x))).to_bits();
    if !F::IS_VECTOR {
        return each1(one);
    }
    Box::new(move |cells, words, lanes| {
        let repetitions = words.as_chunks().0;
        match lanes {
            1 if repetitions.len() >= FEW => vector::widest(Singles { cells, repetitions, f, convert }),
            1 => repetitions.iter().for_each(|&[to, x]| cells[to as usize] = one(cells[x as usize])),
            _ => repetitions.iter().for_each(|&[to, x]| {
                let [to, x] = [to, x].map(|word| word as usize);
                vector::widest(Map { cells, lanes, to, x, f, convert });
            }),
        }
    })
}

/// A step of `N` − 1 operands over stretches.
struct Stretches<'r, F, const N: usize> {
    cells: &'r mut [u64],
    repetitions: &'r [[u32; N]],
    lanes: usize,
    f: F,
}

impl<F: Function, const N: usize> Work for Stretches<'_, F, N> {
    #[inline(always)]
    fn run(self) {
        for places in self.repetitions {
            let mut at = 0;
            while at + LONG <= self.lanes {
                chunk::<F, N, LONG>(&self.f, self.cells, places, at);
                at += LONG;
            }
            while at + WHOLE <= self.lanes {
                chunk::<F, N, WHOLE>(&self.f, self.cells, places, at);
                at += WHOLE;
            }
            while at + PART <= self.lanes {
                chunk::<F, N, PART>(&self.f, self.cells, places, at);
                at += PART;
            }
            if at + PART / 2 <= self.lanes {
                chunk::<F, N, { PART / 2 }>(&self.f, self.cells, places, at);
                at += PART / 2;
            }
            if at + PART / 4 <= self.lanes {
                chunk::<F, N, { PART / 4 }>(&self.f, self.cells, places, at);
                at += PART / 4;
            }
            if at < self.lanes {
                chunk::<F, N, 1>(&self.f, self.cells, places, at);
            }
        }
    }
}

/// A function of some cells.
trait Function {
    /// Its value at elements `i` of some stretches.
    fn at<const L: usize>(&self, x: &[[u64; L]], i: usize) -> u64;
}

/// Functions of one, two and three cells.
struct Of1<F>(F);
struct Of2<F>(F);
struct Of3<F>(F);
struct Of4<F>(F);

impl<F: Fn(u64) -> u64> Function for Of1<F> {
    #[inline(always)]
    fn at<const L: usize>(&self, x: &[[u64; L]], i: usize) -> u64 {
        (self.0)(x[0][i])
    }
}
impl<F: Fn(u64, u64) -> u64> Function for Of2<F> {
    #[inline(always)]
    fn at<const L: usize>(&self, x: &[[u64; L]], i: usize) -> u64 {
        (self.0)(x[0][i], x[1][i])
    }
}
impl<F: Fn(u64, u64, u64) -> u64> Function for Of3<F> {
    #[inline(always)]
    fn at<const L: usize>(&self, x: &[[u64; L]], i: usize) -> u64 {
        (self.0)(x[0][i], x[1][i], x[2][i])
    }
}
impl<F: Fn(u64, u64, u64, u64) -> u64> Function for Of4<F> {
    #[inline(always)]
    fn at<const L: usize>(&self, x: &[[u64; L]], i: usize) -> u64 {
        (self.0)(x[0][i], x[1][i], x[2][i], x[3][i])
    }
}

/// `L` elements from `at` on. All are read before one is written, so the result may be an operand.
#[inline(always)]
fn chunk<F: Function, const N: usize, const L: usize>(f: &F, cells: &mut [u64], places: &[u32; N], at: usize) {
    let mut x = [[0; L]; MOST_OPERANDS];
    for (x, &place) in x.iter_mut().zip(&places[1..]) {
        x.copy_from_slice(&cells[place as usize + at..][..L]);
    }
    let result = &mut cells[places[0] as usize + at..][..L];
    for (i, cell) in result.iter_mut().enumerate() {
        *cell = f.at(&x, i);
    }
}

/// Most operands of a step.
const MOST_OPERANDS: usize = 4;

/// From so many single cells on, a function made for vectors goes by vectors.
const FEW: usize = 4;

/// A function made for vectors on single cells, none of which is the result of another repetition ([`super::pointwise::is_vector`]).
struct Singles<'c, F, C> {
    cells: &'c mut [u64],
    repetitions: &'c [[u32; 2]],
    f: F,
    convert: C,
}

impl<F: Function1, C: Fn(f64) -> f64> Work for Singles<'_, F, C> {
    #[inline(always)]
    fn run(mut self) {
        let whole = self.repetitions.chunks_exact(WHOLE);
        let rest = whole.remainder().chunks(PART);
        for repetitions in whole {
            self.chunk::<WHOLE>(repetitions);
        }
        for repetitions in rest {
            self.chunk::<PART>(repetitions);
        }
    }
}

impl<F: Function1, C: Fn(f64) -> f64> Singles<'_, F, C> {
    /// At most `N` repetitions.
    #[inline(always)]
    fn chunk<const N: usize>(&mut self, repetitions: &[[u32; 2]]) {
        let mut x = [1.0; N];
        for (x, &[_, from]) in x.iter_mut().zip(repetitions) {
            *x = f64::from_bits(self.cells[from as usize]);
        }
        let y = values(self.f, &x);
        for (&[to, _], y) in repetitions.iter().zip(y) {
            self.cells[to as usize] = (self.convert)(y).to_bits();
        }
    }
}

/// Elements that are computed at once, several vectors side by side, and those of what is left.
const LONG: usize = 64;
const WHOLE: usize = 32;
const PART: usize = 8;

/// The values at some arguments, most of them usual.
#[inline(always)]
fn values<F: Function1, const N: usize>(f: F, x: &[f64; N]) -> [f64; N] {
    let (mut y, mut rare) = ([0.0; N], 0);
    for (y, &x) in y.iter_mut().zip(x) {
        *y = f.usual(x);
    }
    for &x in x {
        rare |= u64::from(!f.is_usual(x));
    }
    if rare != 0 {
        for (y, &x) in y.iter_mut().zip(x) {
            *y = f.at(x);
        }
    }
    y
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
    #[inline(always)]
    fn chunk<const N: usize>(&mut self, at: usize, count: usize) {
        let mut x = [1.0; N];
        for (x, &cell) in x.iter_mut().zip(&self.cells[self.x + at..][..count]) {
            *x = f64::from_bits(cell);
        }
        let y = values(self.f, &x);
        for (cell, &y) in self.cells[self.to + at..][..count].iter_mut().zip(&y) {
            *cell = (self.convert)(y).to_bits();
        }
    }
}

impl<F: Function1, C: Fn(f64) -> f64> Work for Map<'_, F, C> {
    #[inline(always)]
    fn run(mut self) {
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

#[cfg(test)]
mod tests {
    use graph_core::op::{Unary, Visit1};

    use super::*;
    use crate::vector::{Width, checked_at};

    /// Usual and rare arguments side by side.
    const ARGUMENTS: [f64; 12] =
        [0.3, -0.0, 1e300, -1.7, f64::NAN, 25.0, 5e-324, -708.5, f64::INFINITY, 1e-9, 1e6, -3e-5];

    struct OverStretches;

    impl Visit1 for OverStretches {
        type Out = Result<(), String>;

        fn visit<F: Function1>(self, f: F) -> Result<(), String> {
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
