//! Cotangents of slices, put together.
//!
//! Code that reads an array element by element sends back one small cotangent for each. Padded to the whole one by one and
//! added, n of them would cost n² operations. So they wait until all are there: what lies side by side is concatenated,
//! with zeros in the gaps, and only what overlaps is added.

use graph_core::op::PadSpec;
use graph_core::{Graph, NodeId, Op, Shape};
use rustc_hash::FxHashMap;

use crate::masked::Masked;
use crate::rules::shape::{padded, unslice};
use crate::rules::{Context, attribute};

/// Up to this many are padded where they do not lie side by side; more of them are first widened axis by axis.
const FEW: usize = 8;

/// What waits for each place of a table of cotangents.
#[derive(Default)]
pub struct Parts {
    waiting: FxHashMap<usize, Vec<(NodeId, Masked)>>,
}

impl Parts {
    /// The cotangent of a slice, for its operand, whose place this is.
    pub fn push(&mut self, place: usize, slice: NodeId, ct: Masked) {
        self.waiting.entry(place).or_default().push((slice, ct));
    }

    /// The contributions of all slices to this place, to be added.
    pub fn take(&mut self, cx: &Context, g: &mut Graph, place: usize) -> Vec<Masked> {
        let Some(slices) = self.waiting.remove(&place) else { return Vec::new() };
        attribute(cx, g, slices[0].0, 0);
        let whole = g.shape(g.operands(slices[0].0)[0]).clone();
        let boxes = slices.into_iter().map(|(slice, ct)| Part::new(g, slice, ct)).collect();
        assembled(g, &whole, boxes).into_iter().map(|part| part.whole(g, &whole)).collect()
    }
}

/// A cotangent of the elements from `start` to `limit`, with `interior` others between two neighbours.
#[derive(Clone)]
struct Part {
    start: Shape,
    limit: Shape,
    interior: Shape,
    ct: Masked,
}

impl Part {
    fn new(g: &Graph, slice: NodeId, ct: Masked) -> Part {
        let Op::Slice(spec) = g.op(slice) else { unreachable!("what waits are slices") };
        let whole = g.shape(g.operands(slice)[0]);
        let PadSpec { low: start, high, interior } = unslice(&g[spec], whole, g.shape(slice));
        let limit = whole.iter().zip(high.iter()).map(|(extent, high)| extent - high).collect();
        Part { start, limit, interior, ct }
    }

    fn range(&self, axis: usize) -> (usize, usize) {
        (self.start[axis], self.limit[axis])
    }

    /// Where it lies along all other axes.
    fn across(&self, axis: usize) -> Vec<(usize, usize)> {
        (0..self.start.rank()).filter(|&a| a != axis).map(|a| self.range(a)).collect()
    }

    /// Zeros between neighbours.
    fn filled(mut self, g: &mut Graph) -> Part {
        let none: Shape = self.interior.iter().map(|_| 0).collect();
        if self.interior != none {
            let interior = std::mem::replace(&mut self.interior, none.clone());
            self.ct = padded(g, self.ct, &PadSpec { low: none.clone(), high: none, interior });
        }
        self
    }

    /// Zeros between neighbours and all around.
    fn whole(self, g: &mut Graph, whole: &Shape) -> Masked {
        let high: Shape = whole.iter().zip(self.limit.iter()).map(|(extent, limit)| extent - limit).collect();
        let is_whole = self.start.iter().chain(high.iter()).chain(self.interior.iter()).all(|&n| n == 0);
        let spec = PadSpec { low: self.start, high, interior: self.interior };
        if is_whole { self.ct } else { padded(g, self.ct, &spec) }
    }

    /// Of the same elements.
    fn plus(self, g: &mut Graph, other: &Part) -> Part {
        Part { ct: self.ct.plus(g, other.ct), ..self }
    }
}

/// As few parts as lie in the same places, or side by side, together.
fn assembled(g: &mut Graph, whole: &Shape, mut parts: Vec<Part>) -> Vec<Part> {
    if parts.len() == 1 {
        return parts;
    }
    for axis in (0..whole.rank()).rev() {
        let widen = parts.len() > FEW;
        // In the order in which they came, so that sums are taken as in a chain of additions.
        let mut rows: Vec<Vec<Part>> = Vec::new();
        let mut known = FxHashMap::default();
        for part in parts {
            let row = *known.entry(part.across(axis)).or_insert_with(|| {
                rows.push(Vec::new());
                rows.len() - 1
            });
            rows[row].push(part);
        }
        parts = rows.into_iter().flat_map(|row| joined(g, axis, whole[axis], row, widen)).collect();
    }
    parts
}

/// Parts of one row: those of the same place added, those that do not overlap one behind the other, in as many layers as
/// it takes.
fn joined(g: &mut Graph, axis: usize, extent: usize, row: Vec<Part>, widen: bool) -> Vec<Part> {
    let mut places: Vec<Part> = Vec::new();
    let mut known = FxHashMap::default();
    for part in row {
        let place = *known.entry((part.range(axis), part.interior.clone())).or_insert(places.len());
        match place == places.len() {
            true => places.push(part),
            false => places[place] = places[place].clone().plus(g, &part),
        }
    }
    places.sort_by_key(|part| part.range(axis));
    let mut layers: Vec<Vec<Part>> = Vec::new();
    for part in places {
        let fits = |layer: &Vec<Part>| layer.last().is_none_or(|last| last.limit[axis] <= part.start[axis]);
        match layers.iter().position(fits) {
            Some(layer) => layers[layer].push(part),
            None => layers.push(vec![part]),
        }
    }
    layers.into_iter().map(|layer| concatenated(g, axis, extent, layer, widen)).collect()
}

/// One part of those of a layer, from the first to the last, or along the whole axis.
fn concatenated(g: &mut Graph, axis: usize, extent: usize, layer: Vec<Part>, widen: bool) -> Part {
    if layer.len() == 1 && !widen {
        return layer.into_iter().next().expect("one");
    }
    let layer: Vec<Part> = layer.into_iter().map(|part| part.filled(g)).collect();
    let (first, last) = (layer[0].clone(), layer[layer.len() - 1].range(axis).1);
    let (from, to) = if widen { (0, extent) } else { (first.range(axis).0, last) };
    let at = |shape: &Shape, n: usize| -> Shape {
        shape.iter().enumerate().map(|(a, &extent)| if a == axis { n } else { extent }).collect()
    };
    let mut pieces = Vec::new();
    let mut end = from;
    let gap = |g: &mut Graph, pieces: &mut Vec<Masked>, end: usize, until: usize| {
        if end < until {
            let mut ty = g.ty(first.ct.value).as_tensor().expect("derivatives are tensors").clone();
            ty.shape = at(&ty.shape, until - end);
            pieces.push(Masked::absent(g, &ty));
        }
    };
    for part in &layer {
        let (start, limit) = part.range(axis);
        gap(g, &mut pieces, end, start);
        pieces.push(part.ct);
        end = limit;
    }
    gap(g, &mut pieces, end, to);
    let (start, limit) = (at(&first.start, from), at(&first.limit, to));
    Part { ct: Masked::concatenated(g, &pieces, axis), start, limit, interior: first.interior }
}
