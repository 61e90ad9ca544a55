//! Nests of loops over strided views, the geometry of everything that is not elementwise.
//!
//! A nest visits all positions of its extents, last axis fastest, and keeps the place in K flat buffers on the way.
//! [`Nest::new`] merges axes and drops extents of 1, so the innermost loop is as long as it can be. Walking allocates
//! nothing.

use graph_core::MAX_RANK;
use graph_core::smallvec::SmallVec;

use crate::regions::ByRows;

/// Axes that a nest can have: those of two operands.
const MAX_AXES: usize = 2 * MAX_RANK;

/// One loop: how often, and how far each place moves per step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis<const K: usize> {
    /// Number of steps.
    pub extent: usize,
    /// Distance of neighbours in each buffer.
    pub strides: [isize; K],
}

impl Nest<2> {
    /// The nest that repeats each of some neighbours: where it starts, how many there are, how often.
    pub fn repetition(&self) -> Option<([usize; 2], usize, usize)> {
        let [rows] = self.outer[..] else { return None };
        let times = self.inner.extent;
        let is_repetition = self.inner.strides == [0, 1] && rows.strides == [1, times as isize];
        (is_repetition && times > 0).then_some((self.start, rows.extent, times))
    }

    /// How a nest that reads a buffer of `from` cells and writes one of `to` cells goes by rows: its outermost loop is of
    /// rows of both, of rows of the result that share the operand, or of rows of the operand that are combined.
    pub fn by_rows(&self, from: usize, to: usize) -> Option<ByRows> {
        let extent = self.extent();
        // What stays in rows of this number does so in fewer and longer ones.
        let is_by_rows = |k, len: usize| extent >= 2 && self.stays_in_rows(k, len, extent);
        let (shares, combines) = (self.is_shared_by_rows(0), self.is_shared_by_rows(1));
        let goes = match (shares, combines) {
            (false, false) => is_by_rows(0, from) && is_by_rows(1, to),
            (true, false) => is_by_rows(1, to),
            (false, true) => is_by_rows(0, from),
            (true, true) => false,
        };
        goes.then_some(ByRows { extent, shares, combines })
    }

    /// The loops of the first `count` of so many rows.
    pub fn first_rows(&self, count: usize, of: usize) -> Nest<2> {
        let mut nest = self.clone();
        let outermost = nest.outermost();
        outermost.extent = outermost.extent / of * count;
        nest
    }
}

/// Loops over K buffers, outermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nest<const K: usize> {
    start: [usize; K],
    outer: SmallVec<[Axis<K>; 4]>,
    inner: Axis<K>,
}

impl<const K: usize> Nest<K> {
    /// The loops along `axes` (outermost first) from these places.
    pub fn new(start: [usize; K], axes: impl IntoIterator<Item = Axis<K>>) -> Nest<K> {
        let mut outer: SmallVec<[Axis<K>; 4]> = SmallVec::new();
        for axis in axes.into_iter().filter(|axis| axis.extent != 1) {
            match outer.last_mut() {
                Some(last) if (0..K).all(|k| last.strides[k] == axis.strides[k] * axis.extent as isize) => {
                    *last = Axis { extent: last.extent * axis.extent, strides: axis.strides };
                }
                _ => outer.push(axis),
            }
        }
        let inner = outer.pop().unwrap_or(Axis { extent: 1, strides: [1; K] });
        Nest { start, outer, inner }
    }

    /// The innermost loop.
    pub fn inner(&self) -> Axis<K> {
        self.inner
    }

    /// The nest of all loops but the innermost one, and the last of them: once, where there is none.
    pub fn without_last(&self) -> (Nest<K>, Axis<K>) {
        let mut rest = self.clone();
        let last = rest.outer.pop().unwrap_or(Axis { extent: 1, strides: [0; K] });
        rest.inner = Axis { extent: 1, strides: [0; K] };
        if self.inner.extent == 0 {
            rest.inner.extent = 0;
        }
        (rest, last)
    }

    /// The only stretch of the nest, if it visits every buffer contiguously: where it starts, how long it is.
    pub fn contiguous(&self) -> Option<([usize; K], usize)> {
        let whole = self.outer.is_empty() && self.inner.strides == [1; K];
        whole.then_some((self.start, self.inner.extent))
    }

    /// The outermost loop.
    fn outermost(&mut self) -> &mut Axis<K> {
        self.outer.first_mut().unwrap_or(&mut self.inner)
    }

    /// The extent of the outermost loop.
    pub fn extent(&self) -> usize {
        self.outer.first().unwrap_or(&self.inner).extent
    }

    /// Whether buffer `k`, of `len` cells, is visited row by row: one of so many rows after the other, each by an equal part
    /// of the outermost loop. The number of rows divides the extent of that loop.
    pub fn stays_in_rows(&self, k: usize, len: usize, rows: usize) -> bool {
        let (first, mut others) =
            (*self.outer.first().unwrap_or(&self.inner), self.outer.iter().skip(1).collect::<Vec<_>>());
        if !self.outer.is_empty() {
            others.push(&self.inner);
        }
        let each = first.extent / rows;
        if !len.is_multiple_of(rows) || first.strides[k] * each as isize != (len / rows) as isize {
            return false;
        }
        // The first and the last cell that are visited in the first row.
        let within = Axis { extent: each, ..first };
        let (mut low, mut high) = (self.start[k] as isize, self.start[k] as isize);
        for axis in others.into_iter().chain([&within]) {
            let span = axis.strides[k] * (axis.extent as isize - 1);
            (low, high) = (low + span.min(0), high + span.max(0));
        }
        low >= 0 && high < (len / rows) as isize
    }

    /// Whether the outermost loop stays where it is in buffer `k`.
    pub fn is_shared_by_rows(&self, k: usize) -> bool {
        self.outer.first().unwrap_or(&self.inner).strides[k] == 0
    }

    /// Whether it is one loop from the first cell of every buffer on.
    pub fn is_one_loop(&self) -> bool {
        self.outer.is_empty() && self.start == [0; K]
    }

    /// Whether it visits the first cell of every buffer, and no other.
    pub fn is_one_element(&self) -> bool {
        self.outer.is_empty() && self.inner.extent == 1 && self.start == [0; K]
    }

    /// Calls `f` with the places at which each run of the innermost loop starts.
    pub fn walk(&self, mut f: impl FnMut([usize; K])) {
        let mut walk = self.start();
        while let Some(at) = walk.step() {
            f(at);
        }
    }

    /// As [`Nest::walk`], for loops that must be part of their caller.
    pub fn start(&self) -> Walk<'_, K> {
        let is_empty = self.inner.extent == 0 || self.outer.iter().any(|axis| axis.extent == 0);
        Walk { nest: self, index: [0; MAX_AXES], next: (!is_empty).then_some(self.start) }
    }
}

/// On the way through a nest.
pub struct Walk<'n, const K: usize> {
    nest: &'n Nest<K>,
    index: [usize; MAX_AXES],
    next: Option<[usize; K]>,
}

impl<const K: usize> Walk<'_, K> {
    /// Where the next run of the innermost loop starts.
    #[inline(always)]
    pub fn step(&mut self) -> Option<[usize; K]> {
        let here = self.next?;
        self.next = None;
        let mut at = here;
        for (level, Axis { extent, strides }) in self.nest.outer.iter().enumerate().rev() {
            self.index[level] += 1;
            if self.index[level] < *extent {
                for k in 0..K {
                    at[k] = at[k].wrapping_add_signed(strides[k]);
                }
                self.next = Some(at);
                break;
            }
            self.index[level] = 0;
            for k in 0..K {
                at[k] = at[k].wrapping_add_signed(-strides[k] * (*extent as isize - 1));
            }
        }
        Some(here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visited(nest: &Nest<1>) -> Vec<usize> {
        let mut places = Vec::new();
        let Axis { extent, strides: [stride] } = nest.inner();
        nest.walk(|[at]| places.extend((0..extent).map(|i| at.wrapping_add_signed(stride * i as isize))));
        places
    }

    fn axis(extent: usize, stride: isize) -> Axis<1> {
        Axis { extent, strides: [stride] }
    }

    #[test]
    fn places_come_last_axis_fastest() {
        let nest = Nest::new([1], [axis(2, 10), axis(3, -100), axis(2, 1)].map(|a| a));
        let nest = Nest { start: [201], ..nest };
        assert_eq!(visited(&nest), [201, 202, 101, 102, 1, 2, 211, 212, 111, 112, 11, 12]);
    }

    #[test]
    fn a_nest_goes_by_rows_that_it_does_not_leave() {
        // Column 2 of five rows of 3; what is two rows further; all columns of every second row.
        let column = |start| Nest::new([start], [axis(5, 3)]);
        assert!(column(2).stays_in_rows(0, 15, 5) && !column(6).stays_in_rows(0, 15, 5));
        let second = Nest::new([0], [axis(2, 6), axis(3, 1)]);
        assert!(second.stays_in_rows(0, 12, 2) && !second.stays_in_rows(0, 15, 2));
        let both = Nest::new([2, 0], [Axis { extent: 5, strides: [3, 1] }]);
        assert_eq!(both.by_rows(15, 5), Some(ByRows { extent: 5, shares: false, combines: false }));
        assert_eq!(both.first_rows(3, 5).inner().extent, 3);
    }

    #[test]
    fn neighbouring_axes_merge_and_unit_axes_vanish() {
        let nest = Nest::new([7], [axis(2, 15), axis(1, 99), axis(3, 5), axis(5, 1)]);
        assert_eq!(nest.contiguous(), Some(([7], 30)));
        assert_eq!(Nest::new([0], [axis(2, 1), axis(3, 2)]).contiguous(), None);
        assert_eq!(Nest::new([4], []).contiguous(), Some(([4], 1)));
    }

    #[test]
    fn an_empty_axis_is_never_entered() {
        assert_eq!(visited(&Nest::new([0], [axis(2, 0), axis(0, 1), axis(3, 7)])), []);
    }
}
