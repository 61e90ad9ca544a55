//! Hands out stretches of workspace cells and takes them back.
//!
//! Single cells go through a stack, so a scalar graph costs a push and a pop a node. Longer stretches are best fit: the
//! shortest free stretch that is long enough, the lowest of equals; neighbours that become free are joined.
//!
//! Instructions that are done by tiles may use a stretch again for one of the same length only. So long stretches rest
//! before they are joined and split: until a group of tiles must end anyway, or too many rest.

use std::collections::{BTreeMap, BTreeSet};

/// Length from which stretches rest.
const LONG: usize = 256;
/// Most cells that rest: 8 MiB.
const MOST_AT_REST: usize = 1 << 20;

/// The free stretches of one frame.
#[derive(Debug)]
pub struct Slots {
    single: Vec<usize>,
    by_place: BTreeMap<usize, usize>,
    by_length: BTreeSet<(usize, usize)>,
    /// By length.
    resting: BTreeMap<usize, Vec<usize>>,
    cells_at_rest: usize,
    end: usize,
}

impl Slots {
    /// A frame that starts at cell `base`.
    pub fn new(base: usize) -> Slots {
        Slots {
            single: Vec::new(),
            by_place: BTreeMap::new(),
            by_length: BTreeSet::new(),
            resting: BTreeMap::new(),
            cells_at_rest: 0,
            end: base,
        }
    }

    /// One past the highest cell ever handed out.
    pub fn end(&self) -> usize {
        self.end
    }

    /// Where `len` free cells start.
    pub fn take(&mut self, len: usize) -> usize {
        if len == 1
            && let Some(at) = self.single.pop()
        {
            return at;
        }
        if len == 0 {
            return self.end;
        }
        if let Some(at) = self.resting.get_mut(&len).and_then(Vec::pop) {
            self.cells_at_rest -= len;
            return at;
        }
        match self.by_length.range((len, 0)..).next().copied() {
            Some((found, at)) => {
                self.remove(at, found);
                self.insert(at + len, found - len);
                at
            }
            None => self.grow(len),
        }
    }

    /// Gives cells back.
    pub fn give(&mut self, at: usize, len: usize) {
        match len {
            0 => {}
            1 => self.single.push(at),
            LONG.. => {
                self.resting.entry(len).or_default().push(at);
                self.cells_at_rest += len;
                if self.cells_at_rest > MOST_AT_REST {
                    self.wake();
                }
            }
            _ => self.join(at, len),
        }
    }

    /// Stretches at rest may now be joined and split.
    pub fn wake(&mut self) {
        self.cells_at_rest = 0;
        for (len, places) in std::mem::take(&mut self.resting) {
            places.into_iter().for_each(|at| self.join(at, len));
        }
    }

    fn grow(&mut self, len: usize) -> usize {
        let at = match self.by_place.last_key_value() {
            Some((&at, &tail)) if at + tail == self.end => {
                self.remove(at, tail);
                at
            }
            _ => self.end,
        };
        self.end = at + len;
        at
    }

    fn join(&mut self, mut at: usize, mut len: usize) {
        if let Some(&after) = self.by_place.get(&(at + len)) {
            self.remove(at + len, after);
            len += after;
        }
        if let Some((&before, &extent)) = self.by_place.range(..at).next_back()
            && before + extent == at
        {
            self.remove(before, extent);
            (at, len) = (before, len + extent);
        }
        self.insert(at, len);
    }

    fn insert(&mut self, at: usize, len: usize) {
        if len > 0 {
            self.by_place.insert(at, len);
            self.by_length.insert((len, at));
        }
    }

    fn remove(&mut self, at: usize, len: usize) {
        self.by_place.remove(&at);
        self.by_length.remove(&(len, at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freed_neighbours_join_and_serve_a_longer_stretch() {
        let mut slots = Slots::new(10);
        let parts = [5, 7, 3].map(|len| (slots.take(len), len));
        assert_eq!(parts, [(10, 5), (15, 7), (22, 3)]);
        slots.give(10, 5);
        slots.give(22, 3);
        slots.give(15, 7);
        assert_eq!(slots.take(15), 10);
        assert_eq!(slots.end(), 25);
    }

    #[test]
    fn the_best_fit_is_taken_and_split() {
        let mut slots = Slots::new(0);
        let places = [8, 2, 4, 2].map(|len| slots.take(len));
        slots.give(places[0], 8);
        slots.give(places[2], 4);
        assert_eq!(slots.take(3), places[2]);
        assert_eq!(slots.take(6), places[0]);
    }

    #[test]
    fn long_stretches_rest_and_serve_their_own_length_first() {
        let mut slots = Slots::new(0);
        let at = slots.take(2 * LONG);
        slots.give(at, 2 * LONG);
        assert_eq!((slots.take(LONG), slots.take(2 * LONG)), (2 * LONG, at));
        slots.give(at, 2 * LONG);
        slots.wake();
        assert_eq!(slots.take(LONG), at);
        let (huge, end) = (slots.take(MOST_AT_REST + 1), slots.end());
        slots.give(huge, MOST_AT_REST + 1);
        assert_eq!((slots.take(MOST_AT_REST), slots.end()), (huge, end));
    }

    #[test]
    fn a_free_tail_grows_instead_of_leaving_a_hole() {
        let mut slots = Slots::new(0);
        let at = slots.take(4);
        slots.give(at, 4);
        assert_eq!((slots.take(6), slots.end()), (0, 6));
    }
}
