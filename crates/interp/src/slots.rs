//! Hands out stretches of workspace cells and takes them back.
//!
//! Single cells go through a stack, so a scalar graph costs a push and a pop a node. Longer stretches are best fit: the
//! shortest free stretch that is long enough, the lowest of equals; neighbours that become free are joined. Those that
//! loops take by vectors start at a line of the cache and are whole lines, and are kept apart from shorter ones.

use std::collections::{BTreeMap, BTreeSet};

/// Length from which stretches are whole lines.
const LONG: usize = 16;
/// Cells of a line.
pub const LINE: usize = 8;

/// The cells that a stretch takes up.
pub fn taken(len: usize) -> usize {
    if len >= LONG { len.next_multiple_of(LINE) } else { len }
}

/// The first cell from `end` on at which such a stretch may start.
pub fn start(end: usize, len: usize) -> usize {
    if len >= LONG { end.next_multiple_of(LINE) } else { end }
}

/// The free stretches of one frame.
#[derive(Debug)]
pub struct Slots {
    single: Vec<usize>,
    short: Pool,
    long: Pool,
    end: usize,
    /// Whether long stretches are whole lines.
    by_lines: bool,
}

/// Free stretches of a kind.
#[derive(Debug, Default)]
struct Pool {
    by_place: BTreeMap<usize, usize>,
    by_length: BTreeSet<(usize, usize)>,
}

impl Slots {
    /// A frame that starts at cell `base`, which starts a line.
    pub fn new(base: usize) -> Slots {
        debug_assert!(base.is_multiple_of(LINE), "frames start at lines");
        Slots { single: Vec::new(), short: Pool::default(), long: Pool::default(), end: base, by_lines: true }
    }

    /// Stretches of a row, which have no lines.
    pub fn of_row() -> Slots {
        Slots { by_lines: false, ..Slots::new(0) }
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
        if self.by_lines && len >= LONG {
            return self.take_lines(taken(len));
        }
        self.short.take(len).unwrap_or_else(|| self.short.grow(len, &mut self.end))
    }

    fn take_lines(&mut self, len: usize) -> usize {
        if let Some(at) = self.long.take(len) {
            return at;
        }
        let gap = self.end.next_multiple_of(LINE) - self.end;
        if gap > 0 {
            self.short.join(self.end, gap);
            self.end += gap;
        }
        self.long.grow(len, &mut self.end)
    }

    /// Gives cells back.
    pub fn give(&mut self, at: usize, len: usize) {
        match len {
            0 => {}
            1 => self.single.push(at),
            LONG.. if self.by_lines => self.long.join(at, taken(len)),
            _ => self.short.join(at, len),
        }
    }
}

impl Pool {
    fn take(&mut self, len: usize) -> Option<usize> {
        let (found, at) = self.by_length.range((len, 0)..).next().copied()?;
        self.remove(at, found);
        self.insert(at + len, found - len);
        Some(at)
    }

    /// New cells at the end, those of a free stretch there among them.
    fn grow(&mut self, len: usize, end: &mut usize) -> usize {
        let at = match self.by_place.last_key_value() {
            Some((&at, &tail)) if at + tail == *end => {
                self.remove(at, tail);
                at
            }
            _ => *end,
        };
        *end = at + len;
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
        let mut slots = Slots::new(8);
        let parts = [5, 7, 3].map(|len| (slots.take(len), len));
        assert_eq!(parts, [(8, 5), (13, 7), (20, 3)]);
        slots.give(8, 5);
        slots.give(20, 3);
        slots.give(13, 7);
        assert_eq!(slots.take(15), 8);
        assert_eq!(slots.end(), 23);
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
    fn long_stretches_are_whole_lines_and_leave_the_gap_to_short_ones() {
        let mut slots = Slots::new(0);
        assert_eq!([slots.take(3), slots.take(20), slots.take(5), slots.end()], [0, 8, 3, 32]);
        slots.give(8, 20);
        assert_eq!([slots.take(16), slots.take(9), slots.take(17), slots.end()], [8, 32, 48, 72]);
        let mut tail = Slots::new(0);
        let at = tail.take(15);
        tail.give(at, 15);
        assert_eq!([tail.take(16), tail.take(15), tail.end()], [16, 0, 32]);
        let mut row = Slots::of_row();
        assert_eq!([row.take(3), row.take(20), row.end()], [0, 3, 23]);
    }

    #[test]
    fn a_free_tail_grows_instead_of_leaving_a_hole() {
        let mut slots = Slots::new(0);
        let at = slots.take(4);
        slots.give(at, 4);
        assert_eq!((slots.take(6), slots.end()), (0, 6));
    }
}
