//! Contractions, convolutions and windowed reductions: each element of the result depends on what meets in it.

use graph_core::op::{DotSpec, Op, Slide};
use graph_core::{NodeId, Shape};

use super::{Analysis, Flow, at, full};
use crate::sparse::sets::{EMPTY, SetId, Sets};

/// The positions along these axes as offsets in the row-major order of the whole.
fn offsets(shape: &Shape, axes: &[usize]) -> Vec<usize> {
    let strides = shape.strides();
    let mut all = vec![0];
    for &axis in axes {
        let stride = strides[axis];
        all = all.iter().flat_map(|at| (0..shape[axis]).map(move |i| at + i * stride)).collect();
    }
    all
}

/// One operand of a contraction: where its elements are, by batch, by what is free, and by what is contracted.
struct Side {
    flow: Flow,
    batch: Vec<usize>,
    free: Vec<usize>,
    contracted: Vec<usize>,
}

impl Side {
    fn new(flow: &Flow, shape: &Shape, batch: &[usize], contracted: &[usize]) -> Side {
        let free: Vec<usize> =
            (0..shape.rank()).filter(|axis| !batch.contains(axis) && !contracted.contains(axis)).collect();
        Side {
            flow: flow.clone(),
            batch: offsets(shape, batch),
            free: offsets(shape, &free),
            contracted: offsets(shape, contracted),
        }
    }

    /// For each batch and free position, the union of those contracted positions that `counts`.
    fn row(&self, sets: &mut Sets, batch: usize, free: usize, counts: impl Fn(usize) -> bool) -> SetId {
        let Some(flow) = &self.flow else { return EMPTY };
        let start = self.batch[batch] + self.free[free];
        let met = (0..self.contracted.len()).filter(|&k| counts(k)).map(|k| flow[start + self.contracted[k]]);
        sets.union_all(met)
    }
}

impl Analysis<'_> {
    pub fn dot(&mut self, id: NodeId, x: &[Flow]) -> Flow {
        let g = self.g;
        let Op::Dot(spec) = g.op(id) else { unreachable!("the rule of contractions") };
        let DotSpec { lhs, rhs, lhs_batch, rhs_batch } = g[spec].clone();
        let (a, b) = (g.operands(id)[0], g.operands(id)[1]);
        let left = Side::new(&x[0], g.shape(a), &lhs_batch, &lhs);
        let right = Side::new(&x[1], g.shape(b), &rhs_batch, &rhs);
        let (of_a, of_b) = (self.constant(a), self.constant(b));
        let mut united = Vec::with_capacity(left.batch.len() * left.free.len() * right.free.len());
        let everywhere = |_: usize| true;
        for batch in 0..left.batch.len() {
            let mut rows = |side: &Side, whole: bool| -> Vec<SetId> {
                let count = if whole { side.free.len() } else { 0 };
                (0..count).map(|free| side.row(&mut self.sets, batch, free, everywhere)).collect()
            };
            let (of_left, of_right) = (rows(&left, of_b.is_none()), rows(&right, of_a.is_none()));
            for (i, j) in (0..left.free.len()).flat_map(|i| (0..right.free.len()).map(move |j| (i, j))) {
                let from_left = match &of_b {
                    None => of_left[i],
                    Some(b) => left.row(&mut self.sets, batch, i, |k| {
                        b.get(right.batch[batch] + right.free[j] + right.contracted[k]) != 0.0
                    }),
                };
                let from_right = match &of_a {
                    None => of_right[j],
                    Some(a) => right.row(&mut self.sets, batch, j, |k| {
                        a.get(left.batch[batch] + left.free[i] + left.contracted[k]) != 0.0
                    }),
                };
                united.push(self.sets.union(from_left, from_right));
            }
        }
        full(united)
    }

    pub fn reduce_window(&mut self, id: NodeId, x: &Flow) -> Flow {
        let g = self.g;
        let Op::ReduceWindow(_, spec) = g.op(id) else { unreachable!("the rule of windowed reductions") };
        let base = g.shape(g.operands(id)[0]).clone();
        let places = g.shape(id).clone();
        let axes: Vec<usize> = (0..base.rank()).collect();
        let meetings = Meetings::new(&g[spec].slides, &g[spec].window, &base, &places);
        let united = positions(&places, &axes)
            .into_iter()
            .map(|place| self.sets.union_all(meetings.at(&place).map(|(_, element)| at(x, element))));
        full(united.collect())
    }

    pub fn conv(&mut self, id: NodeId, x: &[Flow]) -> Flow {
        let g = self.g;
        let Op::Conv(spec) = g.op(id) else { unreachable!("the rule of convolutions") };
        let spec = g[spec].clone();
        let (base, kernel) = (g.shape(g.operands(id)[0]).clone(), g.shape(g.operands(id)[1]).clone());
        let result = g.shape(id).clone();
        let spatial = |shape: &Shape| -> Shape { shape.iter().skip(2).copied().collect() };
        let meetings = Meetings::new(&spec.slides, &spatial(&kernel), &spatial(&base), &spatial(&result));
        let (inside, taps) = (spatial(&base).elements(), spatial(&kernel).elements());
        let (in_each, out_each) = (kernel[1], (kernel[0] / spec.feature_groups / spec.batch_groups).max(1));
        let (batch_each, base_channels) = (base[0] / spec.batch_groups, base[1]);
        let axes: Vec<usize> = (0..result.rank()).collect();
        let mut united = Vec::with_capacity(result.elements());
        for position in positions(&result, &axes) {
            let (out, group) = (position[1], position[1] / out_each);
            let (batch, first) = match spec.batch_groups {
                1 => (position[0], group * in_each),
                _ => (group * batch_each + position[0], 0),
            };
            let met = meetings.at(&position[2..]).flat_map(|(tap, element)| {
                (0..in_each).flat_map(move |i| {
                    let in_base = (batch * base_channels + first + i) * inside + element;
                    [at(&x[0], in_base), at(&x[1], (out * in_each + i) * taps + tap)]
                })
            });
            united.push(self.sets.union_all(met));
        }
        full(united)
    }
}

/// All positions of a shape, row-major.
fn positions(shape: &Shape, axes: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for &axis in axes {
        all = all.into_iter().flat_map(|at| (0..shape[axis]).map(move |i| [&at[..], &[i]].concat())).collect();
    }
    all
}

/// For each axis and place along it, the pairs of a tap and an element that meet there.
struct Meetings {
    along: Vec<Vec<Vec<(usize, usize)>>>,
    strides: Vec<(usize, usize)>,
}

impl Meetings {
    fn new(slides: &[Slide], window: &Shape, base: &Shape, places: &Shape) -> Meetings {
        let met = |axis: usize, place: usize| {
            let met = slides[axis].meetings_at(place, window[axis], base[axis]);
            met.map_or(Vec::new(), |m| {
                (0..m.count).map(|k| (m.first[0] + k * m.step[0], m.first[1] + k * m.step[1])).collect()
            })
        };
        Meetings {
            along: (0..slides.len()).map(|axis| (0..places[axis]).map(|place| met(axis, place)).collect()).collect(),
            strides: window.strides().into_iter().zip(base.strides()).collect(),
        }
    }

    /// What meets at a place: positions in window and base, row-major.
    fn at(&self, place: &[usize]) -> impl Iterator<Item = (usize, usize)> {
        let mut all = vec![(0, 0)];
        for (axis, &p) in place.iter().enumerate() {
            let (tap_stride, element_stride) = self.strides[axis];
            let met = &self.along[axis][p];
            let next = |(tap, element): (usize, usize)| {
                met.iter().map(move |(t, e)| (tap + t * tap_stride, element + e * element_stride))
            };
            all = all.into_iter().flat_map(next).collect();
        }
        all.into_iter()
    }
}
