//! Windows that slide over a tensor. What taps, places and elements have to do with each other is worked out when the
//! plan is made: a list of nests, one for each tap (all places it serves) or, where there are fewer, for each place (all
//! taps that serve it). Either way an element of the result meets its taps in row-major order, so the bits are the same.

use graph_core::op::{ConvSpec, Meetings, ReduceWindow, Slide, Visit2};
use graph_core::{DType, Graph, NodeId, Op, Scalar, Shape};

use super::apart;
use super::pointwise::round;
use crate::alias::tensor;
use crate::cells::encode;
use crate::kernels::positions;
use crate::nest::{Axis, Nest};
use crate::plan::Place;

/// Adds products of base and kernel to the result.
#[derive(Clone, Debug)]
pub struct Convolution {
    dtype: DType,
    /// Groups, batch, out-features and, innermost, in-features.
    outer: Nest<3>,
    /// Taps and places.
    inner: Vec<Nest<3>>,
    from: [Place; 2],
    to: Place,
}

impl Convolution {
    /// What a `conv` node does.
    pub fn of(g: &Graph, id: NodeId, from: [Place; 2], to: Place) -> Convolution {
        let Op::Conv(spec) = g.op(id) else { unreachable!("asked for `conv` only") };
        let [x, kernel] = [0, 1].map(|i| &tensor(g, g.operands(id)[i]).shape);
        let y = tensor(g, id);
        let outer = features(&g[spec], x, kernel, &y.shape);
        let (base, window, places) = (Grid::of(x, 2), Grid::of(kernel, 2), Grid::of(&y.shape, 2));
        Convolution { dtype: y.dtype, outer, inner: meetings(&g[spec].slides, &base, &window, &places), from, to }
    }

    /// Convolves.
    pub fn run(&self, cells: &mut [u64]) {
        let real = f64::from_bits;
        match self.dtype {
            DType::F64 => self.sum(cells, |sum, x, k| (real(sum) + real(x) * real(k)).to_bits()),
            DType::F32 => self.sum(cells, |sum, x, k| round(real(sum) + round(real(x) * real(k))).to_bits()),
            DType::I64 => self.sum(cells, |sum, x, k| sum.wrapping_add(x.wrapping_mul(k))),
            DType::Bool => unreachable!("inference admits numbers only"),
        }
    }

    fn sum(&self, cells: &mut [u64], f: impl Fn(u64, u64, u64) -> u64) {
        let (result, [x, kernel]) = apart(cells, self.to, self.from);
        result.fill(0);
        each(&self.outer, |[i, j, to]| {
            for nest in &self.inner {
                let (x, kernel, result) = (&x[i..], &kernel[j..], &mut result[to..]);
                add_products(nest, x, kernel, result, &f);
            }
        });
    }
}

fn add_products(nest: &Nest<3>, x: &[u64], kernel: &[u64], result: &mut [u64], f: impl Fn(u64, u64, u64) -> u64) {
    let Axis { extent: n, strides } = nest.inner();
    let [x_step, kernel_step, step] = strides.map(|s| s as usize);
    nest.walk(|[i, j, to]| match (x_step, kernel_step, step) {
        (1, 0, 1) => {
            let k = kernel[j];
            result[to..][..n].iter_mut().zip(&x[i..][..n]).for_each(|(sum, &x)| *sum = f(*sum, x, k));
        }
        (1, 1, 0) => {
            let pairs = x[i..][..n].iter().zip(&kernel[j..][..n]);
            result[to] = pairs.fold(result[to], |sum, (&x, &k)| f(sum, x, k));
        }
        _ => (0..n).for_each(|k| {
            let sum = &mut result[to + k * step];
            *sum = f(*sum, x[i + k * x_step], kernel[j + k * kernel_step]);
        }),
    });
}

/// Combines the elements under a window.
#[derive(Clone, Debug)]
pub struct WindowReduction {
    op: ReduceWindow,
    dtype: DType,
    nests: Vec<Nest<3>>,
    start: u64,
    from: Place,
    to: Place,
}

impl WindowReduction {
    /// What a `reduce_window` node does.
    pub fn of(g: &Graph, id: NodeId, from: Place, to: Place) -> WindowReduction {
        let Op::ReduceWindow(op, spec) = g.op(id) else { unreachable!("asked for windowed reductions only") };
        let y = tensor(g, id);
        let (base, places) = (Grid::of(&tensor(g, g.operands(id)[0]).shape, 0), Grid::of(&y.shape, 0));
        let window = Grid { shape: g[spec].window.clone(), strides: vec![0; y.shape.rank()] };
        let nests = meetings(&g[spec].slides, &base, &window, &places);
        let start = encode(Scalar::F64(op.of_nothing()).cast(y.dtype));
        WindowReduction { op, dtype: y.dtype, nests, start, from, to }
    }

    /// Combines.
    pub fn run(&self, cells: &mut [u64]) {
        let step = self.op.step();
        match self.dtype {
            DType::F64 => step.visit(Reals(self, cells)),
            DType::F32 => step.visit(Rounded(self, cells)),
            DType::I64 | DType::Bool => {
                let admitted = "inference admits the integer ops only";
                self.fold(cells, |x, y| step.eval_i64(x as i64, y as i64).expect(admitted) as u64);
            }
        }
    }

    fn fold(&self, cells: &mut [u64], f: impl Fn(u64, u64) -> u64) {
        let (result, [x]) = apart(cells, self.to, [self.from]);
        result.fill(self.start);
        for nest in &self.nests {
            let Axis { extent, strides } = nest.inner();
            let [from_step, _, step] = strides.map(|s| s as usize);
            nest.walk(|[from, _, to]| {
                for k in 0..extent {
                    let so_far = &mut result[to + k * step];
                    *so_far = f(*so_far, x[from + k * from_step]);
                }
            });
        }
    }
}

/// Visitors: `f64` functions on cells, as they are and rounded to `f32`.
struct Reals<'a>(&'a WindowReduction, &'a mut [u64]);
struct Rounded<'a>(&'a WindowReduction, &'a mut [u64]);

impl Visit2 for Reals<'_> {
    type Out = ();
    fn visit(self, f: impl Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static) {
        self.0.fold(self.1, |x, y| f(f64::from_bits(x), f64::from_bits(y)).to_bits());
    }
}
impl Visit2 for Rounded<'_> {
    type Out = ();
    fn visit(self, f: impl Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static) {
        self.0.fold(self.1, |x, y| round(f(f64::from_bits(x), f64::from_bits(y))).to_bits());
    }
}

/// Calls `f` at every position of the nest.
fn each(nest: &Nest<3>, mut f: impl FnMut([usize; 3])) {
    let Axis { extent, strides } = nest.inner();
    let step = strides.map(|s| s as usize);
    nest.walk(|at| (0..extent).for_each(|n| f([0, 1, 2].map(|k| at[k] + n * step[k]))));
}

/// The loops that do not slide; strides of base, kernel, result.
fn features(spec: &ConvSpec, x: &Shape, kernel: &Shape, y: &Shape) -> Nest<3> {
    let (x_step, kernel_step, step) = (x.strides(), kernel.strides(), y.strides());
    let groups = spec.feature_groups * spec.batch_groups;
    let (batch, outputs, inputs) = (y[0], y[1] / groups, kernel[1]);
    let of_group = if spec.batch_groups > 1 { batch * x_step[0] } else { inputs * x_step[1] };
    let axis = |extent: usize, strides: [usize; 3]| Axis { extent, strides: strides.map(|s| s as isize) };
    let loops = [
        axis(groups, [of_group, outputs * kernel_step[0], outputs * step[1]]),
        axis(batch, [x_step[0], 0, step[0]]),
        axis(outputs, [0, kernel_step[0], step[1]]),
        axis(inputs, [x_step[1], kernel_step[1], 0]),
    ];
    Nest::new([0; 3], loops)
}

/// The axes of a tensor along which a window slides, is cut, or stands.
struct Grid {
    shape: Shape,
    strides: Vec<usize>,
}

impl Grid {
    /// All but the first `skipped`.
    fn of(shape: &Shape, skipped: usize) -> Grid {
        Grid { shape: Shape::new(&shape[skipped..]), strides: shape.strides()[skipped..].to_vec() }
    }
}

/// The nests: places in base, window and result.
fn meetings(slides: &[Slide], base: &Grid, window: &Grid, places: &Grid) -> Vec<Nest<3>> {
    if window.shape.elements() <= places.shape.elements() {
        let of_tap = |tap: &[usize], axis: usize| {
            let Meetings { first: [place, element], step: [place_step, element_step], count } =
                slides[axis].meetings_of_tap(tap[axis], places.shape[axis], base.shape[axis])?;
            Some(Line { first: [element, tap[axis], place], step: [element_step, 0, place_step], count })
        };
        let nests = positions(&window.shape).map(|tap| nest([base, window, places], |axis| of_tap(&tap, axis)));
        nests.flatten().collect()
    } else {
        let at = |place: &[usize], axis: usize| {
            let Meetings { first: [tap, element], step: [tap_step, element_step], count } =
                slides[axis].meetings_at(place[axis], window.shape[axis], base.shape[axis])?;
            Some(Line { first: [element, tap, place[axis]], step: [element_step, tap_step, 0], count })
        };
        let nests = positions(&places.shape).map(|place| nest([base, window, places], |axis| at(&place, axis)));
        nests.flatten().collect()
    }
}

/// Along one axis, indices in base, window and result that go together.
struct Line {
    first: [usize; 3],
    step: [usize; 3],
    count: usize,
}

/// The nest of a line along each axis; `None` if one of them has no point.
fn nest(grids: [&Grid; 3], line: impl Fn(usize) -> Option<Line>) -> Option<Nest<3>> {
    let mut start = [0; 3];
    let mut axes = Vec::with_capacity(grids[0].shape.rank());
    for axis in 0..grids[0].shape.rank() {
        let Line { first, step, count } = line(axis)?;
        (0..3).for_each(|k| start[k] += first[k] * grids[k].strides[axis]);
        axes.push(Axis { extent: count, strides: [0, 1, 2].map(|k| (step[k] * grids[k].strides[axis]) as isize) });
    }
    Some(Nest::new(start, axes))
}
