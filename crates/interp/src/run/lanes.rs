//! Loops over single cells, or over longer stretches by the widest vectors of the machine.
//!
//! A loop repeats its step in order on stretches that may depend on each other. Within one repetition every element is
//! read before it is written, and a result lies apart from an operand or exactly on it (see [`crate::plan`]). Inside, loops
//! are plain: a closure handed to an iterator is compiled for narrow vectors, unless it happens to be inlined.

use graph_core::math::Function1;

use super::apart;
use crate::plan::Place;
use crate::vector::{self, Work};

/// Part of stretches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lanes {
    /// So many cells are left out at the start.
    pub skipped: usize,
    /// So many are taken.
    pub count: usize,
}

impl Lanes {
    /// The cells of the stretch that starts at a word.
    #[inline(always)]
    fn of(self, word: u32) -> Place {
        Place { at: word as usize + self.skipped, len: self.count }
    }
}

/// Repeats a step: on the cells, for the words (first cells of result and operands), over these lanes; one lane alone is
/// never part of a longer stretch.
///
/// Boxing the function of an op costs no memory, as it has no size; calling it is the one jump of a dispatch.
pub type Loop = Box<dyn Fn(&mut [u64], &[u32], Lanes) + Send + Sync>;

/// The loop of a function of one cell.
pub fn each1(f: impl Fn(u64) -> u64 + Send + Sync + 'static) -> Loop {
    Box::new(move |cells, words, lanes| {
        let repetitions = words.as_chunks().0;
        match lanes.count {
            1 => repetitions.iter().for_each(|&[to, x]| cells[to as usize] = f(cells[x as usize])),
            _ => vector::widest(Stretches { cells, repetitions, lanes, f: &f }),
        }
    })
}

/// The loop of a function of two cells.
pub fn each2(f: impl Fn(u64, u64) -> u64 + Send + Sync + 'static) -> Loop {
    Box::new(move |cells, words, lanes| {
        let repetitions = words.as_chunks().0;
        match lanes.count {
            1 => {
                repetitions.iter().for_each(|&[to, x, y]| cells[to as usize] = f(cells[x as usize], cells[y as usize]))
            }
            _ => vector::widest(Stretches { cells, repetitions, lanes, f: &f }),
        }
    })
}

/// The loop of a function of three cells.
pub fn each3(f: impl Fn(u64, u64, u64) -> u64 + Send + Sync + 'static) -> Loop {
    Box::new(move |cells, words, lanes| {
        vector::widest(Stretches { cells, repetitions: words.as_chunks().0, lanes, f: &f });
    })
}

/// The loop of a function of one real number, followed by a conversion; over stretches by vectors, where it is made for them.
pub fn reals1<F: Function1>(f: F, convert: impl Fn(f64) -> f64 + Copy + Send + Sync + 'static) -> Loop {
    let one = move |x| convert(f.at(f64::from_bits(x))).to_bits();
    if !F::IS_VECTOR {
        return each1(one);
    }
    Box::new(move |cells, words, lanes| {
        let repetitions = words.as_chunks().0;
        match lanes.count {
            1 if repetitions.len() >= FEW => vector::widest(Singles { cells, repetitions, f, convert }),
            1 => repetitions.iter().for_each(|&[to, x]| cells[to as usize] = one(cells[x as usize])),
            _ => repetitions.iter().for_each(|&[to, x]| {
                let [to, x] = [to, x].map(|word| lanes.of(word).at);
                vector::widest(Map { cells, lanes: lanes.count, to, x, f, convert });
            }),
        }
    })
}

/// A step of `N` − 1 operands over stretches.
struct Stretches<'r, F, const N: usize> {
    cells: &'r mut [u64],
    repetitions: &'r [[u32; N]],
    lanes: Lanes,
    f: &'r F,
}

impl<F: Fn(u64) -> u64> Work for Stretches<'_, F, 2> {
    #[inline(always)]
    fn run(self) {
        for &places in self.repetitions {
            let [to, x] = places.map(|word| self.lanes.of(word));
            if to == x {
                for cell in &mut self.cells[to.at..][..to.len] {
                    *cell = (self.f)(*cell);
                }
            } else {
                let (result, [x]) = apart(self.cells, to, [x]);
                for (cell, &x) in result.iter_mut().zip(x) {
                    *cell = (self.f)(x);
                }
            }
        }
    }
}

impl<F: Fn(u64, u64) -> u64> Work for Stretches<'_, F, 3> {
    #[inline(always)]
    fn run(self) {
        for &places in self.repetitions {
            let [to, x, y] = places.map(|word| self.lanes.of(word));
            match (to == x, to == y) {
                (true, true) => {
                    for cell in &mut self.cells[to.at..][..to.len] {
                        *cell = (self.f)(*cell, *cell);
                    }
                }
                (true, false) => {
                    let (result, [y]) = apart(self.cells, to, [y]);
                    for (cell, &y) in result.iter_mut().zip(y) {
                        *cell = (self.f)(*cell, y);
                    }
                }
                (false, true) => {
                    let (result, [x]) = apart(self.cells, to, [x]);
                    for (cell, &x) in result.iter_mut().zip(x) {
                        *cell = (self.f)(x, *cell);
                    }
                }
                (false, false) => {
                    let (result, [x, y]) = apart(self.cells, to, [x, y]);
                    for (cell, (&x, &y)) in result.iter_mut().zip(x.iter().zip(y)) {
                        *cell = (self.f)(x, y);
                    }
                }
            }
        }
    }
}

impl<F: Fn(u64, u64, u64) -> u64> Work for Stretches<'_, F, 4> {
    #[inline(always)]
    fn run(self) {
        let cells = self.cells;
        for &places in self.repetitions {
            let [to, x, y, z] = places.map(|word| self.lanes.of(word));
            if to.len == 1 || [x, y, z].contains(&to) {
                for i in 0..to.len {
                    cells[to.at + i] = (self.f)(cells[x.at + i], cells[y.at + i], cells[z.at + i]);
                }
            } else {
                let (result, [x, y, z]) = apart(cells, to, [x, y, z]);
                for (cell, (&x, (&y, &z))) in result.iter_mut().zip(x.iter().zip(y.iter().zip(z))) {
                    *cell = (self.f)(x, y, z);
                }
            }
        }
    }
}

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
