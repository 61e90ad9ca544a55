//! Attributes of the ops that move elements without changing them.

use crate::ty::{DType, Shape};

/// A list of axes or extents has the same representation.
pub type Axes = Shape;

/// Numbers 0, 1, 2 … along `axis` of a tensor of this kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IotaSpec {
    /// Kind of the elements.
    pub dtype: DType,
    /// Shape of the result.
    pub shape: Shape,
    /// The axis along which the numbers count.
    pub axis: usize,
}

/// Axis i of the operand becomes axis `axes[i]` of the result, with equal extent; all other axes repeat.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BroadcastSpec {
    /// Shape of the result.
    pub shape: Shape,
    /// Strictly increasing.
    pub axes: Axes,
}

impl BroadcastSpec {
    /// Axes of the result along which elements repeat.
    pub fn repeated(&self) -> Axes {
        (0..self.shape.rank()).filter(|axis| !self.axes.contains(axis)).collect()
    }
}

/// For each axis the elements `start, start + stride, …` below `limit`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SliceSpec {
    /// First index of each axis.
    pub start: Shape,
    /// End of each axis, exclusive.
    pub limit: Shape,
    /// Step of each axis, at least 1.
    pub stride: Shape,
}

/// For each axis the number of fill elements before, after, and between two neighbours.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PadSpec {
    /// Before the first element.
    pub low: Shape,
    /// After the last element.
    pub high: Shape,
    /// Between neighbours.
    pub interior: Shape,
}
