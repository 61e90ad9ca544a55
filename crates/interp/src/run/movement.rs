//! Ops that move elements: each is a nest of loops over its operand and its result.

use graph_core::op::{Axes, BroadcastSpec, PadSpec, SliceSpec};
use graph_core::smallvec::SmallVec;
use graph_core::{Graph, NodeId, Op, Shape};

use super::apart;
use crate::alias::tensor;
use crate::nest::{Axis, Nest};
use crate::plan::Place;

/// Copies cells of `from` into `to`.
#[derive(Clone, Debug)]
pub struct Movement {
    /// The loops, relative to both places: source, target.
    pub geometry: Nest<2>,
    /// The operand.
    pub from: Place,
    /// The result.
    pub to: Place,
}

impl Movement {
    /// What a node with one operand to move does.
    pub fn of(g: &Graph, id: NodeId, from: Place, to: Place) -> Movement {
        Movement { geometry: geometry(g, id), from, to }
    }

    /// Copies.
    pub fn run(&self, cells: &mut [u64]) {
        copy(cells, &self.geometry, self.from, self.to);
    }
}

/// Copies cells of `from` into `to`, by these loops relative to both.
pub fn copy(cells: &mut [u64], geometry: &Nest<2>, from: Place, to: Place) {
    if let Some((start, count, times)) = geometry.repetition() {
        let (result, [x]) = apart(cells, to, [from]);
        let (x, result) = (&x[start[0]..][..count], &mut result[start[1]..][..count * times]);
        return match times {
            2 => repeat::<2>(x, result),
            3 => repeat::<3>(x, result),
            4 => repeat::<4>(x, result),
            _ => result.chunks_exact_mut(times).zip(x).for_each(|(cells, &x)| cells.fill(x)),
        };
    }
    let (result, [x]) = apart(cells, to, [from]);
    let Axis { extent, strides: [from_step, to_step] } = geometry.inner();
    geometry.walk(|[from, to]| match (from_step, to_step) {
        (1, 1) => result[to..][..extent].copy_from_slice(&x[from..][..extent]),
        (0, 1) => result[to..][..extent].fill(x[from]),
        (from_step, to_step) if from_step > 0 && to_step > 0 => {
            let [from_step, to_step] = [from_step, to_step].map(|step| step as usize);
            let pairs = result[to..].chunks_mut(to_step).zip(x[from..].chunks(from_step));
            pairs.take(extent).for_each(|(cells, x)| cells[0] = x[0]);
        }
        _ => {
            let (mut from, mut to) = (from, to);
            for _ in 0..extent {
                result[to] = x[from];
                from = from.wrapping_add_signed(from_step);
                to = to.wrapping_add_signed(to_step);
            }
        }
    });
}

/// Each element so many times, one after the other; a number that the compiler knows becomes a shuffle.
fn repeat<const N: usize>(x: &[u64], result: &mut [u64]) {
    result.as_chunks_mut::<N>().0.iter_mut().zip(x).for_each(|(cells, &x)| *cells = [x; N]);
}

/// The loops of a node that moves one operand.
pub fn geometry(g: &Graph, id: NodeId) -> Nest<2> {
    let (x, y) = (&tensor(g, g.operands(id)[0]).shape, &tensor(g, id).shape);
    match g.op(id) {
        Op::Broadcast(spec) => broadcast(&g[spec], x, y),
        Op::Permute(axes) => permute(&g[axes], x, y),
        Op::Slice(spec) => slice(&g[spec], x, y),
        Op::Reverse(axes) => reverse(&g[axes], x),
        Op::Pad(spec) => pad(&g[spec], x, y),
        Op::Param(_)
        | Op::Const(_)
        | Op::Iota(_)
        | Op::Unary(_)
        | Op::Nth(..)
        | Op::Binary(_)
        | Op::Compare(_)
        | Op::Logic(_)
        | Op::Integer(_)
        | Op::Test(_)
        | Op::Bitcast(_)
        | Op::Select
        | Op::Cast(_)
        | Op::Reshape(_)
        | Op::Concat(_)
        | Op::Reduce(..)
        | Op::Cumulate(..)
        | Op::Gather(_)
        | Op::Scatter(..)
        | Op::Sort(_)
        | Op::Linalg(_)
        | Op::TriangularSolve(_)
        | Op::Dot(_)
        | Op::Conv(_)
        | Op::ReduceWindow(..)
        | Op::Tuple
        | Op::Record(_)
        | Op::Get(_)
        | Op::Call(_) => unreachable!("it moves no single operand"),
    }
}

/// The loops of the operands of `concat`.
pub fn pieces(g: &Graph, id: NodeId) -> Vec<Nest<2>> {
    let Op::Concat(axis) = g.op(id) else { unreachable!("asked for `concat` only") };
    let step = tensor(g, id).shape.strides();
    let mut start = 0;
    let piece = |&x: &NodeId| {
        let shape = &tensor(g, x).shape;
        let to = start * step[axis as usize];
        start += shape[axis as usize];
        nest([0, to], shape, &signed(&shape.strides()), &signed(&step))
    };
    g.operands(id).iter().map(piece).collect()
}

type Strides = SmallVec<[isize; 4]>;

fn signed(strides: &[usize]) -> Strides {
    strides.iter().map(|&s| s as isize).collect()
}

fn nest(start: [usize; 2], extents: &[usize], from: &[isize], to: &[isize]) -> Nest<2> {
    let axis = |k: usize| Axis { extent: extents[k], strides: [from[k], to[k]] };
    Nest::new(start, (0..extents.len()).map(axis))
}

fn broadcast(spec: &BroadcastSpec, x: &Shape, y: &Shape) -> Nest<2> {
    let mut from = Strides::from_elem(0, y.rank());
    spec.axes.iter().zip(x.strides()).for_each(|(&axis, stride)| from[axis] = stride as isize);
    nest([0, 0], y, &from, &signed(&y.strides()))
}

fn permute(axes: &Axes, x: &Shape, y: &Shape) -> Nest<2> {
    let strides = x.strides();
    let from: Strides = axes.iter().map(|&axis| strides[axis] as isize).collect();
    nest([0, 0], y, &from, &signed(&y.strides()))
}

fn slice(spec: &SliceSpec, x: &Shape, y: &Shape) -> Nest<2> {
    let strides = x.strides();
    let start = dot(&spec.start, &strides);
    let from: Strides = strides.iter().zip(spec.stride.iter()).map(|(&s, &step)| (s * step) as isize).collect();
    nest([start, 0], y, &from, &signed(&y.strides()))
}

fn reverse(axes: &Axes, x: &Shape) -> Nest<2> {
    let to = signed(&x.strides());
    let mut from = to.clone();
    let mut start = 0;
    for &axis in axes.iter() {
        start += x[axis].saturating_sub(1) * to[axis] as usize;
        from[axis] = -to[axis];
    }
    nest([start, 0], x, &from, &to)
}

fn pad(spec: &PadSpec, x: &Shape, y: &Shape) -> Nest<2> {
    let strides = y.strides();
    let start = dot(&spec.low, &strides);
    let to: Strides = strides.iter().zip(spec.interior.iter()).map(|(&s, &gap)| (s * (gap + 1)) as isize).collect();
    nest([0, start], x, &signed(&x.strides()), &to)
}

fn dot(x: &[usize], y: &[usize]) -> usize {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}
