//! Reductions. The operand is walked in row-major order, so each group is combined in that order, from a start that
//! changes no bit of its first element (for sums −0, as +0 would turn a lone −0 over).

use graph_core::op::{Binary, Reduce};
use graph_core::{DType, Graph, NodeId, Op, Scalar};

use super::apart;
use super::pointwise::round;
use crate::alias::tensor;
use crate::cells::encode;
use crate::nest::{Axis, Nest};
use crate::plan::Place;
use crate::vector::{self, Work};

/// Combines cells of one stretch into those of another.
#[derive(Clone, Debug)]
pub struct Reduction {
    op: Reduce,
    dtype: DType,
    start: u64,
}

/// The loops of a `reduce` node: operand, result.
pub fn geometry(g: &Graph, id: NodeId) -> Nest<2> {
    let Op::Reduce(_, axes) = g.op(id) else { unreachable!("asked for reductions only") };
    let x = tensor(g, g.operands(id)[0]);
    let (from_steps, mut kept) = (x.shape.strides(), tensor(g, id).shape.strides().into_iter());
    let axis = |(axis, &extent): (usize, &usize)| {
        let is_kept = !g[axes].contains(&axis);
        let to = if is_kept { kept.next().expect("kept axes are those of the result") } else { 0 };
        Axis { extent, strides: [from_steps[axis] as isize, to as isize] }
    };
    Nest::new([0, 0], x.shape.iter().enumerate().map(axis))
}

impl Reduction {
    /// What a `reduce` node does.
    pub fn of(g: &Graph, id: NodeId) -> Reduction {
        let Op::Reduce(op, _) = g.op(id) else { unreachable!("asked for reductions only") };
        let x = tensor(g, g.operands(id)[0]);
        Reduction { op, dtype: x.dtype, start: start(op, x.dtype, x.shape.elements() == 0) }
    }

    /// Combines `from` into `to`, by these loops relative to both; from the start, or with what is there.
    pub fn combine(&self, cells: &mut [u64], geometry: &Nest<2>, from: Place, to: Place, starts: bool) {
        let groups = Groups { cells, geometry, from, to, starts };
        match (self.op, self.dtype) {
            (Reduce::Any, _) => self.fold(groups, |x, y| x | y),
            (Reduce::All, _) => self.fold(groups, |x, y| x & y),
            (Reduce::Sum, DType::I64) => self.fold(groups, u64::wrapping_add),
            (Reduce::Prod, DType::I64) => self.fold(groups, u64::wrapping_mul),
            (Reduce::Max, DType::I64) => self.fold(groups, |x, y| (x as i64).max(y as i64) as u64),
            (Reduce::Min, DType::I64) => self.fold(groups, |x, y| (x as i64).min(y as i64) as u64),
            (Reduce::Sum, DType::F32) => self.fold(groups, |x, y| real(x, y, |x, y| round(x + y))),
            (Reduce::Prod, DType::F32) => self.fold(groups, |x, y| real(x, y, |x, y| round(x * y))),
            (Reduce::Sum, DType::F64 | DType::Bool) => self.fold(groups, |x, y| real(x, y, |x, y| x + y)),
            (Reduce::Prod, DType::F64 | DType::Bool) => self.fold(groups, |x, y| real(x, y, |x, y| x * y)),
            (Reduce::Max, _) => self.fold(groups, |x, y| real(x, y, |x, y| Binary::Max.eval(x, y))),
            (Reduce::Min, _) => self.fold(groups, |x, y| real(x, y, |x, y| Binary::Min.eval(x, y))),
        }
    }

    fn fold(&self, groups: Groups<'_>, f: impl Fn(u64, u64) -> u64) {
        let Groups { cells, geometry, from, to, starts } = groups;
        let (result, [x]) = apart(cells, to, [from]);
        if starts {
            result.fill(self.start);
        }
        vector::widest(Fold { result, x, geometry, f });
    }
}

/// What is combined.
struct Groups<'g> {
    cells: &'g mut [u64],
    geometry: &'g Nest<2>,
    from: Place,
    to: Place,
    starts: bool,
}

/// The loops of a reduction.
struct Fold<'c, F> {
    result: &'c mut [u64],
    x: &'c [u64],
    geometry: &'c Nest<2>,
    f: F,
}

/// Groups that are combined side by side: each in its own order, which is all that its bits depend on.
const SIDE_BY_SIDE: usize = 16;

impl<F: Fn(u64, u64) -> u64> Work for Fold<'_, F> {
    #[inline(always)]
    fn run(mut self) {
        let inner = self.geometry.inner();
        if inner.strides[1] != 0 {
            let mut walk = self.geometry.start();
            while let Some([from, to]) = walk.step() {
                self.along(from, to, inner);
            }
            return;
        }
        let (rest, groups) = self.geometry.without_last();
        let mut walk = rest.start();
        while let Some([from, to]) = walk.step() {
            let mut done = 0;
            while done < groups.extent {
                let count = SIDE_BY_SIDE.min(groups.extent - done);
                let at = |k: usize, at: usize| at.wrapping_add_signed(groups.strides[k] * done as isize);
                match count == SIDE_BY_SIDE && groups.strides[1] == 1 {
                    true => self.side_by_side(at(0, from), at(1, to), groups.strides[0] as usize, inner),
                    false => (0..count).for_each(|i| {
                        let place = |k: usize, base: usize| base.wrapping_add_signed(groups.strides[k] * i as isize);
                        self.one(place(0, at(0, from)), place(1, at(1, to)), inner);
                    }),
                }
                done += count;
            }
        }
    }
}

impl<F: Fn(u64, u64) -> u64> Fold<'_, F> {
    /// Elements of different groups.
    #[inline(always)]
    fn along(&mut self, from: usize, to: usize, Axis { extent, strides }: Axis<2>) {
        if strides == [1, 1] {
            for (sum, &x) in self.result[to..][..extent].iter_mut().zip(&self.x[from..][..extent]) {
                *sum = (self.f)(*sum, x);
            }
            return;
        }
        let [from_step, to_step] = strides.map(|stride| stride as usize);
        for i in 0..extent {
            self.result[to + i * to_step] = (self.f)(self.result[to + i * to_step], self.x[from + i * from_step]);
        }
    }

    /// All elements of one group.
    #[inline(always)]
    fn one(&mut self, from: usize, to: usize, Axis { extent, strides }: Axis<2>) {
        let (step, mut so_far) = (strides[0] as usize, self.result[to]);
        for i in 0..extent {
            so_far = (self.f)(so_far, self.x[from + i * step]);
        }
        self.result[to] = so_far;
    }

    /// All elements of several groups, whose first ones lie so far apart.
    #[inline(always)]
    fn side_by_side(&mut self, from: usize, to: usize, apart: usize, Axis { extent, strides }: Axis<2>) {
        let step = strides[0] as usize;
        let last = (SIDE_BY_SIDE - 1) * apart + extent.saturating_sub(1) * step;
        let (x, result) = (&self.x[from..=from + last], &mut self.result[to..][..SIDE_BY_SIDE]);
        let mut so_far = [0; SIDE_BY_SIDE];
        so_far.copy_from_slice(result);
        for i in 0..extent {
            for (group, so_far) in so_far.iter_mut().enumerate() {
                *so_far = (self.f)(*so_far, x[group * apart + i * step]);
            }
        }
        result.copy_from_slice(&so_far);
    }
}

fn real(x: u64, y: u64, f: impl Fn(f64, f64) -> f64) -> u64 {
    f(f64::from_bits(x), f64::from_bits(y)).to_bits()
}

/// What to start from: the value of nothing, or what leaves the first element as it is.
pub fn start(op: Reduce, dtype: DType, nothing: bool) -> u64 {
    match op {
        Reduce::Sum if dtype.is_float() && !nothing => encode(Scalar::F64(-0.0)),
        Reduce::Sum | Reduce::Any => encode(Scalar::I64(0).cast(dtype)),
        Reduce::Prod | Reduce::All => encode(Scalar::I64(1).cast(dtype)),
        Reduce::Max if dtype == DType::I64 => encode(Scalar::I64(i64::MIN)),
        Reduce::Max => encode(Scalar::F64(f64::NEG_INFINITY)),
        Reduce::Min if dtype == DType::I64 => encode(Scalar::I64(i64::MAX)),
        Reduce::Min => encode(Scalar::F64(f64::INFINITY)),
    }
}
