//! Elements as 64-bit cells: `f64` by its bits, `f32` as the `f64` of equal value, `i64` by its bits, `bool` as 0 or 1.

use std::ops::{Deref, DerefMut};

use graph_core::{Buffer, DType, Literal, Scalar, Shape};

use crate::slots::LINE;
use crate::value::Tensor;

/// The cell of an element.
pub fn encode(element: Scalar) -> u64 {
    match element {
        Scalar::F64(x) => x.to_bits(),
        Scalar::F32(x) => f64::from(x).to_bits(),
        Scalar::I64(x) => x as u64,
        Scalar::Bool(x) => u64::from(x),
    }
}

/// The element in a cell.
pub fn decode(dtype: DType, cell: u64) -> Scalar {
    match dtype {
        DType::F64 => Scalar::F64(f64::from_bits(cell)),
        DType::F32 => Scalar::F32(f64::from_bits(cell) as f32),
        DType::I64 => Scalar::I64(cell as i64),
        DType::Bool => Scalar::Bool(cell != 0),
    }
}

/// Writes numbers as elements of a kind, converted as the op `cast` does.
pub fn store_numbers(dtype: DType, numbers: &[f64], cells: &mut [u64]) {
    let pairs = cells.iter_mut().zip(numbers);
    match dtype {
        DType::F64 => pairs.for_each(|(cell, x)| *cell = x.to_bits()),
        DType::F32 | DType::I64 | DType::Bool => {
            pairs.for_each(|(cell, &x)| *cell = encode(Scalar::F64(x).cast(dtype)));
        }
    }
}

/// Reads elements of a kind as numbers.
pub fn load_numbers(dtype: DType, cells: &[u64], numbers: &mut [f64]) {
    let pairs = numbers.iter_mut().zip(cells);
    match dtype {
        DType::F64 | DType::F32 => pairs.for_each(|(x, &cell)| *x = f64::from_bits(cell)),
        DType::I64 | DType::Bool => pairs.for_each(|(x, &cell)| *x = decode(dtype, cell).as_f64()),
    }
}

/// Writes the elements of a tensor.
pub fn store(tensor: &Tensor, cells: &mut [u64]) {
    match &tensor.data {
        Buffer::F64(elements) => store_numbers(DType::F64, elements, cells),
        Buffer::F32(_) | Buffer::I64(_) | Buffer::Bool(_) => {
            cells.iter_mut().zip(tensor.elements()).for_each(|(cell, x)| *cell = encode(x));
        }
    }
}

/// Reads a tensor.
pub fn load(dtype: DType, shape: Shape, cells: &[u64]) -> Tensor {
    Tensor::collect(dtype, shape, cells.iter().map(|&cell| decode(dtype, cell)))
}

/// Writes a constant.
pub fn store_literal(literal: &Literal, cells: &mut [u64]) {
    match literal.as_splat() {
        Some(element) => cells.fill(encode(element)),
        None => cells.iter_mut().enumerate().for_each(|(i, cell)| *cell = encode(literal.get(i))),
    }
}

/// Zeroed cells, the first of which starts a line of the cache.
#[derive(Debug)]
pub struct Cells {
    memory: Vec<u64>,
    /// Cells that are left out at the start.
    skipped: usize,
    len: usize,
}

impl Cells {
    /// So many.
    pub fn new(len: usize) -> Cells {
        let memory = vec![0u64; len + LINE - 1];
        let skipped = memory.as_ptr().align_offset(LINE * size_of::<u64>()).min(LINE - 1);
        Cells { memory, skipped, len }
    }
}

impl Clone for Cells {
    fn clone(&self) -> Cells {
        let mut copy = Cells::new(self.len);
        copy.copy_from_slice(self);
        copy
    }
}

impl Deref for Cells {
    type Target = [u64];
    fn deref(&self) -> &[u64] {
        &self.memory[self.skipped..][..self.len]
    }
}

impl DerefMut for Cells {
    fn deref_mut(&mut self) -> &mut [u64] {
        &mut self.memory[self.skipped..][..self.len]
    }
}
