//! Windows of an operand that indices choose: the attribute that `gather` and `scatter` share.
//!
//! A line of the indices along `index_axis` is an index vector: it says where a window of extents `sizes` starts, along
//! the axes of the operand that `start_map` lists. `gather` reads the windows into a tensor, `scatter` combines a tensor
//! of the same shape (the updates) into the operand, window after window in row-major order of the index vectors. That
//! tensor has the axes of the indices but for `index_axis` (one window at each position), and among them, at the
//! positions `offset`, those axes of a window that are neither `collapsed` nor in `operand_batch`.
//!
//! The dimension numbers are those of StableHLO. A start that is out of range is never ignored in silence: what happens
//! is part of the attribute.

use smallvec::SmallVec;

use super::elementwise::Binary;
use super::shape::Axes;
use crate::ty::Shape;

/// Position along each axis.
type Index = SmallVec<[usize; 4]>;

/// Which windows of the operand are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GatherSpec {
    /// Axes of the tensor of windows along which the elements of one window lie; increasing.
    pub offset: Axes,
    /// Axes of the operand along which a window has one element, and no axis in the tensor of windows; increasing.
    pub collapsed: Axes,
    /// Axes of the operand that run in parallel with `indices_batch`; increasing.
    pub operand_batch: Axes,
    /// Axes of the indices that run in parallel with `operand_batch`, paired by position.
    pub indices_batch: Axes,
    /// The axis of the operand that each component of an index vector is for.
    pub start_map: Axes,
    /// The axis of the indices along which index vectors lie; their rank, if each index is a vector of its own.
    pub index_axis: usize,
    /// Extents of a window, along all axes of the operand.
    pub sizes: Shape,
    /// What a window does that does not lie in the operand.
    pub out: OutOfRange,
}

/// The answer to a window that does not lie within the operand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OutOfRange {
    /// It is an error when the program runs.
    #[default]
    Error,
    /// It is moved to the nearest place that lies within.
    Clamp,
    /// It is left out: `gather` fills in zeros, `scatter` drops the updates.
    Skip,
}

/// A window that starts out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Miss {
    /// Axis of the operand.
    pub axis: usize,
    /// Where the window should have started.
    pub index: i64,
}

impl Miss {
    /// What is wrong, and what to do.
    pub fn explain(self, spec: &GatherSpec, operand: &Shape) -> String {
        let Miss { axis, index } = self;
        let (extent, size) = (operand[axis], spec.sizes[axis]);
        let what = match size {
            1 => format!("index {index} is out of range along axis {axis} of {extent} element(s)"),
            _ => {
                format!("a window of {size} at index {index} is out of range along axis {axis} of {extent} element(s)")
            }
        };
        what + "; indices count from 0; `out` says what else to do"
    }
}

impl GatherSpec {
    /// Windows of one element along `axis` and of all elements along the others, which take the place of the axis: the
    /// elements that NumPy's `take` reads with indices of this rank.
    pub fn take(operand: &Shape, axis: usize, indices_rank: usize) -> GatherSpec {
        let before = 0..axis;
        let behind = axis + indices_rank..(operand.rank() + indices_rank).saturating_sub(1);
        GatherSpec {
            offset: before.chain(behind).collect(),
            collapsed: Axes::new(&[axis]),
            start_map: Axes::new(&[axis]),
            index_axis: indices_rank,
            sizes: operand.iter().enumerate().map(|(a, &extent)| if a == axis { 1 } else { extent }).collect(),
            ..GatherSpec::default()
        }
    }

    /// One element along `axis` for each index, in parallel along all other axes: what NumPy's `take_along_axis` reads. The
    /// indices have the shape of the operand but for that axis.
    pub fn along(operand: &Shape, axis: usize) -> GatherSpec {
        let others: Axes = (0..operand.rank()).filter(|&other| other != axis).collect();
        GatherSpec {
            collapsed: Axes::new(&[axis]),
            operand_batch: others.clone(),
            indices_batch: others,
            start_map: Axes::new(&[axis]),
            index_axis: operand.rank(),
            sizes: operand.iter().map(|_| 1).collect(),
            ..GatherSpec::default()
        }
    }

    /// One window of these extents, by an index vector with a component for each axis: what `dynamic_slice` reads.
    pub fn window(sizes: &Shape) -> GatherSpec {
        let axes: Axes = (0..sizes.rank()).collect();
        GatherSpec { offset: axes.clone(), start_map: axes, sizes: sizes.clone(), ..GatherSpec::default() }
    }

    /// Axes of the tensor of windows (of this rank) along which windows lie side by side.
    pub fn parallel(&self, rank: usize) -> Axes {
        (0..rank).filter(|axis| !self.offset.contains(axis)).collect()
    }

    /// Axes of the operand that windows keep, in the order of `offset`.
    pub fn kept(&self) -> Axes {
        (0..self.sizes.rank()).filter(|a| !self.collapsed.contains(a) && !self.operand_batch.contains(a)).collect()
    }

    /// One window for each of these positions: the axes of the indices but for that of index vectors.
    pub fn positions(&self, indices: &Shape) -> Shape {
        indices.iter().enumerate().filter(|(axis, _)| *axis != self.index_axis).map(|(_, &extent)| extent).collect()
    }

    /// The last place along an axis of the operand where a window may start; negative if there is none.
    pub fn last_start(&self, operand: &Shape, axis: usize) -> i64 {
        operand[axis] as i64 - self.sizes[axis] as i64
    }

    /// The position in the tensor of windows of the element at `offset` of the window at `position`.
    pub fn element(&self, position: &[usize], offset: &[usize]) -> Index {
        let mut at = Index::from_slice(position);
        self.offset.iter().zip(offset).for_each(|(&axis, &i)| at.insert(axis, i));
        at
    }

    /// The shape of the tensor of windows.
    pub fn windows(&self, indices: &Shape) -> Shape {
        let extents: Index = self.kept().iter().map(|&axis| self.sizes[axis]).collect();
        self.element(&self.positions(indices), &extents).into_iter().collect()
    }

    /// Where the window at this position starts in the operand; nowhere if it is left out. `read` gives an element of
    /// the indices, of this shape.
    pub fn start(
        &self,
        operand: &Shape,
        indices: &Shape,
        position: &[usize],
        read: impl Fn(&[usize]) -> i64,
    ) -> Result<Option<Index>, Miss> {
        let mut start = Index::from_elem(0, operand.rank());
        for (&axis, &along) in self.operand_batch.iter().zip(self.indices_batch.iter()) {
            start[axis] = position[along - usize::from(along > self.index_axis)];
        }
        let mut at = Index::from_slice(position);
        if self.index_axis < indices.rank() {
            at.insert(self.index_axis, 0);
        }
        for (component, &axis) in self.start_map.iter().enumerate() {
            if let Some(slot) = at.get_mut(self.index_axis) {
                *slot = component;
            }
            let (index, last) = (read(&at), self.last_start(operand, axis));
            start[axis] = match self.out {
                _ if (0..=last).contains(&index) => index as usize,
                OutOfRange::Error => return Err(Miss { axis, index }),
                OutOfRange::Clamp => index.clamp(0, last) as usize,
                OutOfRange::Skip => return Ok(None),
            };
        }
        Ok(Some(start))
    }

    /// The place in the operand, along each axis, of the element at `offset` of a window that starts at `start`.
    pub fn place(&self, start: &[usize], offset: &[usize]) -> Index {
        let mut place = Index::from_slice(start);
        self.kept().iter().zip(offset).for_each(|(&axis, &i)| place[axis] += i);
        place
    }
}

/// How `scatter` combines an update with the element that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Scatter {
    Set,
    Add,
    Mul,
    Max,
    Min,
}

impl Scatter {
    /// Every way to combine.
    pub const ALL: &'static [Scatter] = &[Scatter::Set, Scatter::Add, Scatter::Mul, Scatter::Max, Scatter::Min];

    /// Its name in text.
    pub fn name(self) -> &'static str {
        match self {
            Scatter::Set => "scatter_set",
            Scatter::Add => "scatter_add",
            Scatter::Mul => "scatter_mul",
            Scatter::Max => "scatter_max",
            Scatter::Min => "scatter_min",
        }
    }

    /// The function of the element that is there and the update; none where the update takes its place.
    pub fn step(self) -> Option<Binary> {
        match self {
            Scatter::Set => None,
            Scatter::Add => Some(Binary::Add),
            Scatter::Mul => Some(Binary::Mul),
            Scatter::Max => Some(Binary::Max),
            Scatter::Min => Some(Binary::Min),
        }
    }
}
