//! Windows that slide over a tensor: the geometry that convolutions and windowed reductions share, and their attributes.
//!
//! Along one axis, the element i of the base lies at i·`base_dilation`, between `low` places before the first and `high`
//! behind the last; tap t of the window at place p looks at p·`stride` + t·`window_dilation`. So they meet where
//!
//! ```text
//! stride·p + window_dilation·t = low + base_dilation·i
//! ```
//!
//! What a tap meets elsewhere (padding, the gaps of a dilated base) is not an element and takes no part in anything.

use super::cumulate::{Cumulate, CumulateSpec};
use super::elementwise::Binary;
use crate::ty::{MAX_ELEMENTS, Shape};

/// How a window slides along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slide {
    /// Distance of neighbouring places, at least 1.
    pub stride: usize,
    /// Room before the first element; a negative number cuts off.
    pub low: i64,
    /// Room behind the last element; a negative number cuts off.
    pub high: i64,
    /// Distance of neighbouring elements of the base, at least 1.
    pub base_dilation: usize,
    /// Distance of neighbouring taps of the window, at least 1.
    pub window_dilation: usize,
}

impl Default for Slide {
    /// One step at a time, no padding, no dilation.
    fn default() -> Slide {
        Slide { stride: 1, low: 0, high: 0, base_dilation: 1, window_dilation: 1 }
    }
}

/// Pairs of indices in which an equation a·u − b·v = c holds: `first`, `first + step`, … `count` times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meetings {
    /// The first pair.
    pub first: [usize; 2],
    /// From one pair to the next.
    pub step: [usize; 2],
    /// How many pairs there are.
    pub count: usize,
}

/// Room from the first to the last of `extent` points at this distance, both included.
pub fn reach(extent: usize, distance: usize) -> i64 {
    if extent == 0 { 0 } else { (extent as i64 - 1) * distance as i64 + 1 }
}

impl Slide {
    /// Number of places of a window of `window` taps over `base` elements; `None` if something reaches further than a
    /// tensor can have elements.
    pub fn places(&self, base: usize, window: usize) -> Option<usize> {
        let limit = MAX_ELEMENTS as i128;
        let reach = |extent: usize, distance: usize| match extent as i128 {
            0 => Some(0),
            n => Some((n - 1) * distance as i128 + 1).filter(|&reach| reach <= limit && distance as i128 <= limit),
        };
        if [self.low, self.high].iter().any(|n| i128::from(*n).abs() > 8 * limit) {
            return None;
        }
        let padded = reach(base, self.base_dilation)? + i128::from(self.low) + i128::from(self.high);
        let free = padded - reach(window, self.window_dilation)?;
        let places = if free < 0 { 0 } else { free / self.stride as i128 + 1 };
        let places = usize::try_from(places).ok()?;
        reach(places, self.stride).map(|_| places)
    }

    /// What one tap of the window meets: pairs of a place and an element.
    pub fn meetings_of_tap(&self, tap: usize, places: usize, base: usize) -> Option<Meetings> {
        let c = i128::from(self.low) - tap as i128 * self.window_dilation as i128;
        solve([self.stride, self.base_dilation], c, [places, base])
    }

    /// What the window meets at one place: pairs of a tap and an element.
    pub fn meetings_at(&self, place: usize, window: usize, base: usize) -> Option<Meetings> {
        let c = i128::from(self.low) - place as i128 * self.stride as i128;
        solve([self.window_dilation, self.base_dilation], c, [window, base])
    }

    /// The taps that meet some element at some place, in order.
    pub fn met_taps(&self, window: usize, places: usize, base: usize) -> Vec<usize> {
        if window <= places.saturating_mul(base) {
            return (0..window).filter(|&tap| self.meetings_of_tap(tap, places, base).is_some()).collect();
        }
        let at = |place| self.meetings_at(place, window, base);
        let taps = (0..places).filter_map(at).flat_map(|m| (0..m.count).map(move |k| m.first[0] + k * m.step[0]));
        let mut taps: Vec<usize> = taps.collect();
        taps.sort_unstable();
        taps.dedup();
        taps
    }

    /// Whether some tap at some place meets this element.
    pub fn meets(&self, element: usize, places: usize, window: usize) -> bool {
        // counted from the last tap on, taps and places enter the equation with opposite signs
        let element = i128::from(self.low) + element as i128 * self.base_dilation as i128;
        let c = element - i128::from(reach(window, self.window_dilation)) + 1;
        window > 0 && solve([self.stride, self.window_dilation], c, [places, window]).is_some()
    }
}

/// All (u, v) below their limits with a·u − b·v = c, by the extended Euclidean algorithm.
fn solve([a, b]: [usize; 2], c: i128, [u_limit, v_limit]: [usize; 2]) -> Option<Meetings> {
    let (divisor, inverse) = euclid(a as i128, b as i128);
    let (a, b) = (a as i128 / divisor, b as i128 / divisor);
    if c % divisor != 0 || u_limit == 0 || v_limit == 0 {
        return None;
    }
    let c = c / divisor;
    let u = (c.rem_euclid(b) * inverse).rem_euclid(b);
    let low = (-(-c).div_euclid(a)).max(0);
    let high = (c + b * (v_limit as i128 - 1)).div_euclid(a).min(u_limit as i128 - 1);
    let first = low + (u - low).rem_euclid(b);
    let count = if first > high { return None } else { (high - first) / b + 1 };
    let pair = [first, (a * first - c) / b].map(|n| n as usize);
    Some(Meetings { first: pair, step: [b as usize, a as usize], count: count as usize })
}

/// The greatest common divisor of a and b, and the inverse of a/gcd modulo b/gcd.
fn euclid(a: i128, b: i128) -> (i128, i128) {
    let (mut r, mut s) = ([a, b], [1, 0]);
    while r[1] != 0 {
        let q = r[0] / r[1];
        r = [r[1], r[0] - q * r[1]];
        s = [s[1], s[0] - q * s[1]];
    }
    (r[0], s[0].rem_euclid(b / r[0]))
}

/// The attribute of `conv`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConvSpec {
    /// One for each spatial axis.
    pub slides: Vec<Slide>,
    /// So many groups of in- and out-features that have nothing to do with each other.
    pub feature_groups: usize,
    /// So many groups of the batch, each seen by the out-features of one group only; the groups lie side by side in the
    /// features of the result.
    pub batch_groups: usize,
}

impl ConvSpec {
    /// One group.
    pub fn new(slides: impl IntoIterator<Item = Slide>) -> ConvSpec {
        ConvSpec { slides: slides.into_iter().collect(), feature_groups: 1, batch_groups: 1 }
    }
}

/// How the elements under a window are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ReduceWindow {
    Sum,
    Prod,
    Max,
    Min,
}

impl ReduceWindow {
    /// Every windowed reduction.
    pub const ALL: &'static [ReduceWindow] =
        &[ReduceWindow::Sum, ReduceWindow::Prod, ReduceWindow::Max, ReduceWindow::Min];

    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            ReduceWindow::Sum => "reduce_window_sum",
            ReduceWindow::Prod => "reduce_window_prod",
            ReduceWindow::Max => "reduce_window_max",
            ReduceWindow::Min => "reduce_window_min",
        }
    }

    /// The running combination of the same kind.
    pub fn running(self) -> Cumulate {
        match self {
            ReduceWindow::Sum => Cumulate::Sum,
            ReduceWindow::Prod => Cumulate::Prod,
            ReduceWindow::Max => Cumulate::Max,
            ReduceWindow::Min => Cumulate::Min,
        }
    }

    /// The function that combines two elements.
    pub fn step(self) -> Binary {
        match self {
            ReduceWindow::Sum => Binary::Add,
            ReduceWindow::Prod => Binary::Mul,
            ReduceWindow::Max => Binary::Max,
            ReduceWindow::Min => Binary::Min,
        }
    }

    /// What the elements are combined with first, and so the value of a window that meets none. For integers the
    /// infinities stand for the smallest and the largest one.
    pub fn of_nothing(self) -> f64 {
        match self {
            ReduceWindow::Sum => 0.0,
            ReduceWindow::Prod => 1.0,
            ReduceWindow::Max => f64::NEG_INFINITY,
            ReduceWindow::Min => f64::INFINITY,
        }
    }
}

/// The attribute of a windowed reduction, one entry for each axis of the operand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WindowSpec {
    /// Number of taps, at least 1.
    pub window: Shape,
    /// How the window slides.
    pub slides: Vec<Slide>,
}

impl WindowSpec {
    /// The running combination along one axis that this is for an operand of this shape, if it is one: each window
    /// begins at or before the first element and ends at its place, or begins there and ends at or behind the last.
    pub fn cumulative(&self, shape: &[usize]) -> Option<CumulateSpec> {
        let plain = |axis: &usize| self.window[*axis] == 1 && self.slides[*axis] == Slide::default();
        let mut moving = (0..shape.len()).filter(|axis| !plain(axis));
        let (axis, None) = (moving.next()?, moving.next()) else { return None };
        let Slide { stride: 1, low, high, base_dilation: 1, window_dilation: 1 } = self.slides[axis] else {
            return None;
        };
        let before = i64::try_from(self.window[axis]).ok()? - 1;
        let covers = shape[axis] > 0 && before >= shape[axis] as i64 - 1;
        match (low, high) {
            (low, 0) if covers && low == before => Some(CumulateSpec { axis, reverse: false }),
            (0, high) if covers && high == before => Some(CumulateSpec { axis, reverse: true }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All pairs by trial.
    fn pairs(a: usize, b: usize, c: i128, [u, v]: [usize; 2]) -> Vec<[usize; 2]> {
        let all = (0..u).flat_map(|u| (0..v).map(move |v| [u, v]));
        all.filter(|&[u, v]| a as i128 * u as i128 - b as i128 * v as i128 == c).collect()
    }

    #[test]
    fn meetings_are_all_solutions_in_order() {
        for (a, b) in (1..7).flat_map(|a| (1..7).map(move |b| (a, b))) {
            for c in -12..13 {
                for limits in [[0, 3], [1, 1], [5, 2], [3, 8], [9, 9]] {
                    let found: Vec<_> = solve([a, b], c, limits).map_or(Vec::new(), |m| {
                        (0..m.count).map(|k| [0, 1].map(|i| m.first[i] + k * m.step[i])).collect()
                    });
                    assert_eq!(found, pairs(a, b, c, limits), "{a}u - {b}v = {c}, {limits:?}");
                }
            }
        }
    }

    #[test]
    fn windows_count_as_the_field_counts_them() {
        let slide = Slide { stride: 2, low: 1, high: -1, base_dilation: 3, window_dilation: 2 };
        assert_eq!(slide.places(4, 3), Some((10 + 1 - 1 - 5) / 2 + 1));
        assert_eq!(slide.places(4, 9), Some(0));
        assert_eq!(slide.places(0, 0), Some(1));
        assert_eq!(Slide { stride: usize::MAX, ..slide }.places(4, 3), None);
        assert_eq!(Slide { low: i64::MIN, ..slide }.places(4, 3), None);
        assert_eq!(slide.places(usize::MAX, 3), None);
    }

    #[test]
    fn an_element_is_met_if_some_tap_meets_it() {
        for (stride, low) in (1..5).flat_map(|stride| (-3..4).map(move |low| (stride, low))) {
            let slide = Slide { stride, low, high: 2, base_dilation: 2, window_dilation: 3 };
            let (base, window) = (5, 2);
            let places = slide.places(base, window).expect("small");
            for element in 0..base {
                let met = (0..window)
                    .filter_map(|tap| slide.meetings_of_tap(tap, places, base))
                    .any(|m| (0..m.count).any(|k| m.first[1] + k * m.step[1] == element));
                assert_eq!(slide.meets(element, places, window), met, "{slide:?} {element}");
            }
        }
    }
}
