//! The lines of a tensor along one axis: where their elements lie in its row-major stretch.

use graph_core::Shape;

/// A tensor as blocks of `extent` rows of `inner` neighbouring elements; element i of a line lies `inner` cells behind
/// element i − 1.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// Number of blocks.
    pub outer: usize,
    /// Elements of a line.
    pub extent: usize,
    /// Lines of a block, whose elements are neighbours.
    pub inner: usize,
}

impl Lines {
    /// The lines along an axis.
    pub fn along(axis: usize, shape: &Shape) -> Lines {
        let product = |extents: &[usize]| extents.iter().product();
        Lines { outer: product(&shape[..axis]), extent: shape[axis], inner: product(&shape[axis + 1..]) }
    }

    /// Elements of a block.
    pub fn block(self) -> usize {
        self.extent * self.inner
    }
}
