//! Windowed reductions. A sum is linear; its transpose is the sum over the windows that slide back. Every other one is,
//! to first order, a weighted sum over the elements under each window. To have weights for each of them the operand is
//! unfolded, tap by tap and one axis after the other, into a tensor with an axis of taps more for each axis along which
//! the window slides: a reduction of it along the taps is the windowed reduction. So extrema share their derivative
//! among ties, and products have polynomial derivatives at every order, as in `reduce`.

use graph_core::op::{Axes, Compare, Meetings, PadSpec, Reduce, ReduceWindow, Slide, WindowSpec};
use graph_core::{DType, Graph, Id, NodeId, Shape, TensorType};

use super::{Geometry, is_nothing};
use crate::masked::{Guard, Masked, fill, truth};
use crate::rules::reduce::{spread, weights_among};

/// ẏ from ẋ; `None` if no window meets anything.
pub fn push(g: &mut Graph, y: NodeId, op: ReduceWindow, spec: Id<WindowSpec>, dx: Masked) -> Option<Masked> {
    let geometry = geometry(g, y, spec);
    let met = geometry.met_places();
    match weighted(op) {
        _ if is_nothing(&met) => None,
        None => {
            let sum = slid(g, dx, &geometry.window, geometry.slides.clone());
            Some(if sum.guard.is_some() { sum } else { geometry.guarded(g, sum.value, &met) })
        }
        Some(op) => {
            let patches = Patches::of(geometry);
            let weights = patches.weights(g, y, op);
            let product = patches.unfolded(g, dx).times(g, weights)?;
            Some(product.summed(g, &patches.taps()))
        }
    }
}

/// x̄ from ȳ; `None` if no window meets anything.
pub fn pull(g: &mut Graph, y: NodeId, op: ReduceWindow, spec: Id<WindowSpec>, ct: Masked) -> Option<Masked> {
    let geometry = geometry(g, y, spec);
    let met = geometry.met_elements();
    match weighted(op) {
        _ if is_nothing(&met) => None,
        None => {
            let sum = slid(g, ct, &geometry.window, geometry.backward());
            Some(if sum.guard.is_some() { sum } else { geometry.guarded(g, sum.value, &met) })
        }
        Some(op) => {
            let patches = Patches::of(geometry);
            let weights = patches.weights(g, y, op);
            let taps = patches.taps();
            let product = ct.moved(g, |g, ct| spread(g, ct, weights, &taps)).times(g, weights)?;
            Some(patches.folded(g, product, &met))
        }
    }
}

/// The weights over the taps of all windows; `None` for sums, which have none, and where no window meets anything.
pub fn series_weights(g: &mut Graph, y: NodeId, op: ReduceWindow, spec: Id<WindowSpec>) -> Option<NodeId> {
    let geometry = geometry(g, y, spec);
    let op = weighted(op).filter(|_| !is_nothing(&geometry.met_places()))?;
    Some(Patches::of(geometry).weights(g, y, op))
}

/// A coefficient of the operand, as the weights see it.
pub fn unfolded(g: &mut Graph, y: NodeId, spec: Id<WindowSpec>, dx: Masked) -> Masked {
    Patches::of(geometry(g, y, spec)).unfolded(g, dx)
}

/// The axes of taps that an unfolded tensor has.
pub fn taps(g: &Graph, y: NodeId, spec: Id<WindowSpec>) -> Axes {
    Patches::of(geometry(g, y, spec)).taps()
}

fn geometry(g: &Graph, y: NodeId, spec: Id<WindowSpec>) -> Geometry {
    let (base, places) = (g.shape(g.operands(y)[0]).clone(), g.shape(y).clone());
    Geometry { first: 0, slides: g[spec].slides.clone(), base, window: g[spec].window.clone(), places }
}

fn weighted(op: ReduceWindow) -> Option<Reduce> {
    match op {
        ReduceWindow::Sum => None,
        ReduceWindow::Prod => Some(Reduce::Prod),
        ReduceWindow::Max => Some(Reduce::Max),
        ReduceWindow::Min => Some(Reduce::Min),
    }
}

/// The sum under a window; where there is a guard, it counts where something under the window does.
fn slid(g: &mut Graph, d: Masked, window: &Shape, slides: Vec<Slide>) -> Masked {
    let spec = WindowSpec { window: window.clone(), slides };
    let settled = d.settle(g);
    let value = g.reduce_window(ReduceWindow::Sum, settled, spec.clone());
    let guard = d.guard.map(|guard| {
        let ones = g.cast(DType::I64, guard.mask);
        let count = g.reduce_window(ReduceWindow::Sum, ones, spec);
        let zero = g.splat_like(0.0, count);
        Guard { mask: g.compare(Compare::Gt, count, zero), clean: true }
    });
    Masked { value, guard }
}

/// An operand unfolded: first the places, then, for each axis along which the window slides, the taps that meet anything.
struct Patches {
    geometry: Geometry,
    /// Axis and taps.
    unfolded: Vec<(usize, Vec<usize>)>,
}

/// One tap along one axis: some elements of the base, spaced, become some of the places.
struct Column<'p> {
    patches: &'p Patches,
    axis: usize,
    meetings: Meetings,
}

impl Patches {
    fn of(geometry: Geometry) -> Patches {
        let slides = |axis: &usize| geometry.window[*axis] > 1 || geometry.slides[*axis] != Slide::default();
        let taps = |axis: usize| {
            let (slide, window) = (&geometry.slides[axis], geometry.window[axis]);
            (axis, slide.met_taps(window, geometry.places[axis], geometry.base[axis]))
        };
        let unfolded = (0..geometry.slides.len()).filter(slides).map(taps).collect();
        Patches { geometry, unfolded }
    }

    /// The axes of taps.
    fn taps(&self) -> Axes {
        let rank = self.geometry.slides.len();
        (rank..rank + self.unfolded.len()).collect()
    }

    fn columns<'p>(&'p self, axis: usize, taps: &'p [usize]) -> impl Iterator<Item = Column<'p>> + 'p {
        let (places, base) = (self.geometry.places[axis], self.geometry.base[axis]);
        let meetings = move |&tap: &usize| self.geometry.slides[axis].meetings_of_tap(tap, places, base);
        taps.iter().filter_map(meetings).map(move |meetings| Column { patches: self, axis, meetings })
    }

    /// Whether some tap meets no element at some place.
    fn has_gaps(&self) -> bool {
        let gap = |column: Column<'_>| column.meetings.count < self.geometry.places[column.axis];
        self.unfolded.iter().any(|(axis, taps)| self.columns(*axis, taps).any(gap))
    }

    /// For each place the elements under the taps, `fill` where a tap meets none.
    fn unfold(&self, g: &mut Graph, x: NodeId, fill: NodeId) -> NodeId {
        let mut unfolded = x;
        for (axis, taps) in &self.unfolded {
            let columns: Vec<NodeId> = self
                .columns(*axis, taps)
                .map(|column| {
                    let placed = column.place(g, unfolded, fill);
                    let shape = g.shape(placed).iter().copied().chain([1]).collect();
                    g.reshape(placed, &shape)
                })
                .collect();
            let last = g.shape(unfolded).rank();
            unfolded = g.concat(&columns, last);
        }
        unfolded
    }

    /// The transpose of [`Patches::unfold`], with `join` for what falls on the same element.
    fn fold(&self, g: &mut Graph, patches: NodeId, join: fn(&mut Graph, NodeId, NodeId) -> NodeId) -> NodeId {
        let mut folded = patches;
        for (axis, taps) in self.unfolded.iter().rev() {
            let columns = self.columns(*axis, taps).enumerate().map(|(tap, column)| {
                let shape = g.shape(folded).clone();
                let last = shape.rank() - 1;
                let along = |list: Shape, at: usize| list[..last].iter().copied().chain([at]).collect::<Shape>();
                let (zeros, ones) = (shape.iter().map(|_| 0).collect(), shape.iter().map(|_| 1).collect::<Shape>());
                let one = g.slice(folded, &along(zeros, tap), &along(shape.clone(), tap + 1), &ones);
                let one = g.reshape(one, &Shape::new(&shape[..last]));
                column.take(g, one)
            });
            let columns: Vec<NodeId> = columns.collect();
            folded = columns.into_iter().reduce(|a, b| join(g, a, b)).expect("some tap meets something");
        }
        folded
    }

    /// A tangent, seen by every tap; what is no element does not count.
    fn unfolded(&self, g: &mut Graph, d: Masked) -> Masked {
        let zero = fill(g, d.value);
        let mask = match d.guard {
            Some(guard) => Some(guard.mask),
            None => self.has_gaps().then(|| truth(g, true, d.value)),
        };
        let mask = mask.map(|mask| self.present(g, mask));
        let clean = d.guard.is_none_or(|guard| guard.clean);
        Masked { value: self.unfold(g, d.value, zero), guard: mask.map(|mask| Guard { mask, clean }) }
    }

    fn present(&self, g: &mut Graph, mask: NodeId) -> NodeId {
        let nothing = fill(g, mask);
        self.unfold(g, mask, nothing)
    }

    /// A cotangent of the patches, summed over the places that see an element.
    fn folded(&self, g: &mut Graph, d: Masked, met: &super::Met) -> Masked {
        let settled = d.settle(g);
        let value = self.fold(g, settled, Graph::add);
        match d.guard {
            Some(guard) => {
                let mask = self.fold(g, guard.mask, Graph::or);
                Masked { value, guard: Some(Guard { mask, clean: true }) }
            }
            None => self.geometry.guarded(g, value, met),
        }
    }

    /// For each tap at each place the derivative of the result by what it meets.
    fn weights(&self, g: &mut Graph, y: NodeId, op: Reduce) -> NodeId {
        let x = g.operands(y)[0];
        let dtype = g.ty(x).as_tensor().expect("a windowed reduction takes a tensor").dtype;
        let nothing = match op {
            Reduce::Max => f64::NEG_INFINITY,
            Reduce::Min => f64::INFINITY,
            Reduce::Sum | Reduce::Prod | Reduce::Any | Reduce::All => 1.0,
        };
        let nothing = g.splat(nothing, &TensorType { dtype, shape: Shape::scalar() });
        let patches = self.unfold(g, x, nothing);
        let present = self.has_gaps().then(|| {
            let everywhere = truth(g, true, x);
            self.present(g, everywhere)
        });
        weights_among(g, patches, y, op, &self.taps(), present)
    }
}

impl Column<'_> {
    /// The elements that the tap meets, at their places.
    fn place(&self, g: &mut Graph, x: NodeId, fill: NodeId) -> NodeId {
        let Meetings { first: [place, element], step: [place_step, element_step], count } = self.meetings;
        let taken = self.every(g, x, [element, element_step, count]);
        self.spaced(g, taken, fill, [place, place_step, count], self.patches.geometry.places[self.axis])
    }

    /// The transpose: what is at the places goes back to the elements, 0 to all others.
    fn take(&self, g: &mut Graph, placed: NodeId) -> NodeId {
        let Meetings { first: [place, element], step: [place_step, element_step], count } = self.meetings;
        let taken = self.every(g, placed, [place, place_step, count]);
        let zero = fill(g, taken);
        self.spaced(g, taken, zero, [element, element_step, count], self.patches.geometry.base[self.axis])
    }

    /// Elements `first`, `first + step` … along the axis.
    fn every(&self, g: &mut Graph, x: NodeId, [first, step, count]: [usize; 3]) -> NodeId {
        let shape = g.shape(x).clone();
        let along = |at: usize, other: &dyn Fn(usize) -> usize| -> Shape {
            (0..shape.rank()).map(|axis| if axis == self.axis { at } else { other(axis) }).collect()
        };
        let (start, stride) = (along(first, &|_| 0), along(if count > 1 { step } else { 1 }, &|_| 1));
        let limit = along(first + span(step, count), &|axis| shape[axis]);
        g.slice(x, &start, &limit, &stride)
    }

    /// `x` as elements `first`, `first + step` … of `extent` along the axis.
    fn spaced(&self, g: &mut Graph, x: NodeId, fill: NodeId, place: [usize; 3], extent: usize) -> NodeId {
        let [first, step, count] = place;
        let rank = g.shape(x).rank();
        let along = |n: usize| -> Shape { (0..rank).map(|axis| if axis == self.axis { n } else { 0 }).collect() };
        let interior = along(if count > 1 { step - 1 } else { 0 });
        g.pad(x, fill, PadSpec { low: along(first), high: along(extent - first - span(step, count)), interior })
    }
}

/// From the first to the last of `count` elements, both included.
fn span(step: usize, count: usize) -> usize {
    (count - 1) * step + 1
}
