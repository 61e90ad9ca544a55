//! Windows that slide over a tensor. Both transposes of a convolution are convolutions, that of a windowed sum is a
//! windowed sum; strides and dilations change places, and paddings follow from the extents.
//!
//! Elements that no window meets have derivative 0 whatever flows elsewhere, so they are guarded, as are places whose
//! window meets nothing.

mod conv;
mod reduce;

use graph_core::op::{Axes, Slide, reach};
use graph_core::{Buffer, Graph, Literal, NodeId, Shape};

pub use conv::{pull as pull_conv, push as push_conv};
pub use reduce::{pull as pull_reduce, push as push_reduce, series_weights, taps, unfolded};

use crate::masked::{Guard, Masked};

/// How windows lie over a base, along all axes from `first` on.
struct Geometry {
    first: usize,
    slides: Vec<Slide>,
    base: Shape,
    window: Shape,
    places: Shape,
}

/// Along each axis, for each index, whether it meets anything.
type Met = Vec<Vec<bool>>;

impl Geometry {
    fn along(&self, met: impl Fn(&Slide, [usize; 3]) -> Vec<bool>) -> Met {
        let extents = |axis: usize| [self.base[axis], self.window[axis], self.places[axis]];
        self.slides.iter().enumerate().map(|(axis, slide)| met(slide, extents(axis))).collect()
    }

    /// Elements of the base.
    fn met_elements(&self) -> Met {
        self.along(|s, [base, window, places]| (0..base).map(|i| s.meets(i, places, window)).collect())
    }

    /// Taps of the window.
    fn met_taps(&self) -> Met {
        self.along(|s, [base, window, places]| {
            (0..window).map(|tap| s.meetings_of_tap(tap, places, base).is_some()).collect()
        })
    }

    /// Places of the window.
    fn met_places(&self) -> Met {
        self.along(|s, [base, window, places]| {
            (0..places).map(|place| s.meetings_at(place, window, base).is_some()).collect()
        })
    }

    /// What slides over the places to give the base: reversed taps, from the last place that can meet the first element.
    fn backward(&self) -> Vec<Slide> {
        let slide = |axis: usize| {
            let (slide, [base, window, places]) = (self.slides[axis], self.reaches(axis));
            let low = window - 1 - slide.low;
            let high = base - 1 + window - places - low;
            Slide { stride: slide.base_dilation, low, high, base_dilation: slide.stride, ..slide }
        };
        (0..self.slides.len()).map(slide).collect()
    }

    /// How the places, as a window, slide over the base to give the taps.
    fn across(&self) -> Vec<Slide> {
        let slide = |axis: usize| {
            let (slide, [base, window, places]) = (self.slides[axis], self.reaches(axis));
            let high = window - 1 + places - base - slide.low;
            Slide { stride: slide.window_dilation, high, window_dilation: slide.stride, ..slide }
        };
        (0..self.slides.len()).map(slide).collect()
    }

    fn reaches(&self, axis: usize) -> [i64; 3] {
        let Slide { stride, base_dilation, window_dilation, .. } = self.slides[axis];
        let base = reach(self.base[axis], base_dilation);
        [base, reach(self.window[axis], window_dilation), reach(self.places[axis], stride)]
    }

    /// A derivative that is 0 already at what meets nothing, and that does not count there.
    fn guarded(&self, g: &mut Graph, value: NodeId, met: &Met) -> Masked {
        let shape = g.shape(value).clone();
        let mut mask = None;
        for (axis, met) in met.iter().enumerate().filter(|(_, met)| met.contains(&false)) {
            let literal = Literal::dense(Buffer::Bool(met.clone()), Shape::new(&[met.len()]));
            let along = g.literal_node(literal.expect("as many elements as the shape has"));
            let spread = g.broadcast(along, &shape, &Axes::new(&[self.first + axis]));
            mask = Some(mask.map_or(spread, |mask| g.and(mask, spread)));
        }
        Masked { value, guard: mask.map(|mask| Guard { mask, clean: true }) }
    }
}

/// Whether nothing meets anything, so that all is 0.
fn is_nothing(met: &Met) -> bool {
    met.iter().any(|met| !met.contains(&true))
}
