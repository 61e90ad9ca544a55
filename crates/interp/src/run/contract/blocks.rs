//! Contractions of doubles in blocks: a few rows of one operand with a strip of columns of the other, which lies packed in
//! the first cache. Each element of the result sums its products in the order in which the plain loops do, in a register
//! of its own, so the bits are the same; what is gained are wide vectors, and operands that are read from near.
//!
//! Source of the blocking: Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008), without the
//! outer blocks, as sums may not be taken in parts.

use super::Loops;
use crate::nest::Axis;
use crate::vector::{self, Work};

/// Columns of a strip: two vectors of 512 bits.
const COLUMNS: usize = 16;
/// Rows of a block: their sums fit the registers.
const ROWS: usize = 4;
/// Products of a sum that are packed at once: with the columns 32 KiB.
const PACKED: usize = 256;

/// Where the elements of both operands and of the result lie.
#[derive(Clone, Debug)]
pub struct Blocks {
    /// Places in left operand, right operand and result for each member of the batch.
    batch: Vec<[usize; 3]>,
    /// Of each row: in its operand, and in the result.
    rows: Vec<[usize; 2]>,
    /// Of each column: in its operand, and in the result.
    columns: Vec<[usize; 2]>,
    /// Of each product of a sum: in the operand of rows, and in that of columns.
    products: Vec<[usize; 2]>,
    /// Rows are those of the right operand.
    swapped: bool,
}

impl Blocks {
    /// Of these loops, if blocks pay: sums of two and more products with four and more columns and some row. The longer free side is
    /// that of columns.
    pub fn of(loops: &Loops) -> Option<Blocks> {
        let count = |axes: &[Axis<3>]| axes.iter().map(|axis| axis.extent).product::<usize>();
        let swapped = count(&loops.right) < COLUMNS && count(&loops.left) > count(&loops.right);
        let (rows, columns) = if swapped { (&loops.right, &loops.left) } else { (&loops.left, &loops.right) };
        // Where there is no row, a member of the batch has no place in an operand without elements.
        if count(rows) == 0 || count(columns) < ROWS || count(&loops.contracted) < 2 {
            return None;
        }
        let (of_rows, of_columns) = if swapped { (1, 0) } else { (0, 1) };
        Some(Blocks {
            batch: places(&loops.batch, [0, 1, 2]),
            rows: places(rows, [of_rows, 2]),
            columns: places(columns, [of_columns, 2]),
            products: places(&loops.contracted, [of_rows, of_columns]),
            swapped,
        })
    }

    /// Fills the result; `start` is what sums start from.
    pub fn run(&self, result: &mut [u64], [x, y]: [&[u64]; 2], start: u64) {
        let (x, y) = if self.swapped { (y, x) } else { (x, y) };
        vector::widest(Sums { blocks: self, result, x, y, start });
    }
}

/// The places along axes in some of their buffers, row-major.
fn places<const K: usize>(axes: &[Axis<3>], buffers: [usize; K]) -> Vec<[usize; K]> {
    let mut all = vec![[0; K]];
    for axis in axes {
        let further = |at: [usize; K]| {
            (0..axis.extent).map(move |i| std::array::from_fn(|k| at[k] + i * axis.strides[buffers[k]] as usize))
        };
        all = all.into_iter().flat_map(further).collect();
    }
    all
}

struct Sums<'r> {
    blocks: &'r Blocks,
    result: &'r mut [u64],
    x: &'r [u64],
    y: &'r [u64],
    start: u64,
}

impl Work for Sums<'_> {
    #[inline(always)]
    fn run(self) {
        let Sums { blocks, result, x, y, start } = self;
        let mut strip = [[0.0; COLUMNS]; PACKED];
        for &[of_left, of_right, of_result] in &blocks.batch {
            let (x, y) = if blocks.swapped { (&x[of_right..], &y[of_left..]) } else { (&x[of_left..], &y[of_right..]) };
            for columns in blocks.columns.chunks(COLUMNS) {
                for (part, products) in blocks.products.chunks(PACKED).enumerate() {
                    for (packed, &[_, k]) in strip.iter_mut().zip(products) {
                        packed.iter_mut().zip(columns).for_each(|(cell, &[j, _])| *cell = f64::from_bits(y[k + j]));
                    }
                    for rows in blocks.rows.chunks(ROWS) {
                        let at = |row: &[usize; 2], column: &[usize; 2]| of_result + row[1] + column[1];
                        let mut sums = [[f64::from_bits(start); COLUMNS]; ROWS];
                        if part > 0 {
                            for (sums, row) in sums.iter_mut().zip(rows) {
                                sums.iter_mut().zip(columns).for_each(|(s, j)| *s = f64::from_bits(result[at(row, j)]));
                            }
                        }
                        match rows {
                            [a, b, c, d] => multiply([a[0], b[0], c[0], d[0]], x, products, &strip, &mut sums),
                            _ => rows.iter().zip(&mut sums).for_each(|(row, sums)| {
                                multiply([row[0]], x, products, &strip, std::array::from_mut(sums));
                            }),
                        }
                        for (sums, row) in sums.iter().zip(rows) {
                            sums.iter().zip(columns).for_each(|(s, j)| result[at(row, j)] = s.to_bits());
                        }
                    }
                }
            }
        }
    }
}

/// Adds the products of some rows with a strip.
#[inline(always)]
fn multiply<const R: usize>(
    rows: [usize; R],
    x: &[u64],
    products: &[[usize; 2]],
    strip: &[[f64; COLUMNS]; PACKED],
    sums: &mut [[f64; COLUMNS]; R],
) {
    let mut held = *sums;
    for (&[k, _], packed) in products.iter().zip(strip) {
        for (held, row) in held.iter_mut().zip(rows) {
            let factor = f64::from_bits(x[row + k]);
            for (sum, value) in held.iter_mut().zip(packed) {
                *sum += factor * value;
            }
        }
    }
    *sums = held;
}
