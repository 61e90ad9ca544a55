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
/// Columns of the last strip, where no more are left.
const HALF: usize = COLUMNS / 2;
/// Rows of a block: their sums fit the registers.
const ROWS: usize = 8;
/// From so many rows on a strip is packed; so many columns make one worth its while.
const FEW: usize = 4;
/// Products of a sum that are packed at once: with the columns 32 KiB.
const PACKED: usize = 256;
/// The same for short sums.
const SHORT: usize = 32;

/// Where the elements of both operands and of the result lie.
#[derive(Clone, Debug)]
pub struct Blocks {
    /// Places in left operand, right operand and result for each member of the batch.
    batch: Vec<[usize; 3]>,
    /// Of each row: in its operand, and in the result.
    rows: Vec<[usize; 2]>,
    /// Of each column: in its operand, and in the result.
    columns: Vec<[usize; 2]>,
    /// Whether columns are neighbours, one after the other: in their operand, and in the result.
    neighbours: [bool; 2],
    /// Of each product of a sum: in the operand of rows, and in that of columns.
    products: Vec<[usize; 2]>,
    /// Whether products are neighbours in both operands.
    along: bool,
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
        if count(rows) == 0 || count(columns) < FEW || count(&loops.contracted) < 2 {
            return None;
        }
        let (of_rows, of_columns) = if swapped { (1, 0) } else { (0, 1) };
        let columns = places(columns, [of_columns, 2]);
        let neighbours = [0, 1].map(|k| columns.windows(2).all(|pair| pair[0][k] + 1 == pair[1][k]));
        let products = places(&loops.contracted, [of_rows, of_columns]);
        let along = products.windows(2).all(|pair| [0, 1].iter().all(|&k| pair[0][k] + 1 == pair[1][k]));
        Some(Blocks {
            batch: places(&loops.batch, [0, 1, 2]),
            rows: places(rows, [of_rows, 2]),
            columns,
            neighbours,
            products,
            along,
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
        let start = f64::from_bits(start);
        for &[of_left, of_right, of_result] in &blocks.batch {
            let (x, y) = if blocks.swapped { (&x[of_right..], &y[of_left..]) } else { (&x[of_left..], &y[of_right..]) };
            let result = &mut result[of_result..];
            match &blocks.rows[..] {
                [row] if !blocks.neighbours[0] => chains(blocks, *row, result, x, y, start),
                rows if rows.len() < FEW => strips_in_place(blocks, result, x, y, start),
                // A strip that is no longer than needed: to clear it takes time, too.
                _ if blocks.products.len() <= SHORT => {
                    packed_strips(blocks, result, x, y, start, &mut [[0.0; COLUMNS]; SHORT]);
                }
                _ => packed_strips(blocks, result, x, y, start, &mut [[0.0; COLUMNS]; PACKED]),
            }
        }
    }
}

/// Sums of one row that are computed side by side, each a chain of its own.
const CHAINS: usize = 8;

/// One row with columns that lie apart.
#[inline(always)]
fn chains(blocks: &Blocks, row: [usize; 2], result: &mut [u64], x: &[u64], y: &[u64], start: f64) {
    let x = &x[row[0]..];
    let (whole, rest) = blocks.columns.as_chunks::<CHAINS>();
    for columns in whole {
        let sums =
            if blocks.along { chains_along(blocks, columns, x, y, start) } else { sums(blocks, columns, x, y, start) };
        blocks.store(columns, &sums, result, row[1]);
    }
    for column in rest {
        let [sum] = sums(blocks, &[*column], x, y, start);
        result[row[1] + column[1]] = sum.to_bits();
    }
}

/// The sums of a row with some columns.
#[inline(always)]
fn sums<const C: usize>(blocks: &Blocks, columns: &[[usize; 2]; C], x: &[u64], y: &[u64], start: f64) -> [f64; C] {
    let mut sums = [start; C];
    for &[of_row, of_column] in &blocks.products {
        let factor = f64::from_bits(x[of_row]);
        for (sum, column) in sums.iter_mut().zip(columns) {
            *sum = factor.mul_add(f64::from_bits(y[column[0] + of_column]), *sum);
        }
    }
    sums
}

/// The same where products are neighbours: squares of them are loaded at once.
#[inline(always)]
fn chains_along(blocks: &Blocks, columns: &[[usize; 2]; CHAINS], x: &[u64], y: &[u64], start: f64) -> [f64; CHAINS] {
    let count = blocks.products.len();
    let (x, x_rest) = x[..count].as_chunks::<CHAINS>();
    let y: [_; CHAINS] = std::array::from_fn(|i| y[columns[i][0]..][..count].as_chunks::<CHAINS>());
    let mut sums = [start; CHAINS];
    for (at, x) in x.iter().enumerate() {
        let square: [&[u64; CHAINS]; CHAINS] = std::array::from_fn(|i| &y[i].0[at]);
        for (k, &x) in x.iter().enumerate() {
            for (sum, y) in sums.iter_mut().zip(square) {
                *sum = f64::from_bits(x).mul_add(f64::from_bits(y[k]), *sum);
            }
        }
    }
    for (k, &x) in x_rest.iter().enumerate() {
        for (sum, (_, y_rest)) in sums.iter_mut().zip(&y) {
            *sum = f64::from_bits(x).mul_add(f64::from_bits(y_rest[k]), *sum);
        }
    }
    sums
}

/// Few rows: a strip is read where it lies, as it is used too rarely to be packed.
#[inline(always)]
fn strips_in_place(blocks: &Blocks, result: &mut [u64], x: &[u64], y: &[u64], start: f64) {
    if !blocks.neighbours[0] {
        return gathered(blocks, result, x, y, start);
    }
    // As wide as there are sums to keep the units busy, then as wide as what is left.
    let (widest, rest) = blocks.columns.as_chunks::<{ 4 * COLUMNS }>();
    for columns in widest {
        strip_in_place(blocks, columns, result, x, y, start);
    }
    let (whole, rest) = rest.as_chunks::<COLUMNS>();
    for columns in whole {
        strip_in_place(blocks, columns, result, x, y, start);
    }
    let (whole, rest) = rest.as_chunks::<HALF>();
    for columns in whole {
        strip_in_place(blocks, columns, result, x, y, start);
    }
    let (whole, rest) = rest.as_chunks::<2>();
    for columns in whole {
        strip_in_place(blocks, columns, result, x, y, start);
    }
    let (whole, _) = rest.as_chunks::<1>();
    for columns in whole {
        strip_in_place(blocks, columns, result, x, y, start);
    }
}

/// `C` columns that are neighbours.
#[inline(always)]
fn strip_in_place<const C: usize>(
    blocks: &Blocks,
    columns: &[[usize; 2]; C],
    result: &mut [u64],
    x: &[u64],
    y: &[u64],
    start: f64,
) {
    let y = &y[columns[0][0]..];
    for row in &blocks.rows {
        let x = &x[row[0]..];
        let mut sums = [start; C];
        for &[of_row, of_column] in &blocks.products {
            let factor = f64::from_bits(x[of_row]);
            let values: &[u64; C] =
                y[of_column..].first_chunk().expect("the columns of each product are in the operand");
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = factor.mul_add(f64::from_bits(*value), *sum);
            }
        }
        blocks.store(columns, &sums, result, row[1]);
    }
}

/// Few rows with columns that lie apart.
#[inline(always)]
fn gathered(blocks: &Blocks, result: &mut [u64], x: &[u64], y: &[u64], start: f64) {
    for columns in blocks.columns.chunks(COLUMNS) {
        for row in &blocks.rows {
            let mut sums = [start; COLUMNS];
            for &[of_row, of_column] in &blocks.products {
                let factor = f64::from_bits(x[row[0] + of_row]);
                for (sum, column) in sums.iter_mut().zip(columns) {
                    *sum = factor.mul_add(f64::from_bits(y[of_column + column[0]]), *sum);
                }
            }
            blocks.store(columns, &sums, result, row[1]);
        }
    }
}

/// Strips of two vectors, and one of one vector where no more columns are left.
#[inline(always)]
fn packed_strips(blocks: &Blocks, result: &mut [u64], x: &[u64], y: &[u64], start: f64, strip: &mut [[f64; COLUMNS]]) {
    let (whole, rest) = blocks.columns.as_chunks::<COLUMNS>();
    for columns in whole {
        packed_strip(blocks, columns, result, x, y, start, strip);
    }
    if rest.len() > HALF {
        packed_strip(blocks, rest, result, x, y, start, strip);
    } else if !rest.is_empty() {
        let halves = strip.as_flattened_mut().as_chunks_mut::<HALF>().0;
        let count = halves.len() / 2;
        packed_strip(blocks, rest, result, x, y, start, &mut halves[..count]);
    }
}

#[inline(always)]
fn packed_strip<const C: usize>(
    blocks: &Blocks,
    columns: &[[usize; 2]],
    result: &mut [u64],
    x: &[u64],
    y: &[u64],
    start: f64,
    strip: &mut [[f64; C]],
) {
    // Blocks of about one size: ten rows are five and five, as few rows leave the units waiting for each other.
    let count = blocks.rows.len().div_ceil(ROWS);
    for (part, products) in blocks.products.chunks(strip.len()).enumerate() {
        for (packed, &[_, k]) in strip.iter_mut().zip(products) {
            blocks.load(columns, y, k, packed);
        }
        for block in 0..count {
            let [first, end] = [block, block + 1].map(|block| block * blocks.rows.len() / count);
            let rows = &blocks.rows[first..end];
            let mut sums = [[start; C]; ROWS];
            if part > 0 {
                for (sums, row) in sums.iter_mut().zip(rows) {
                    for (sum, column) in sums.iter_mut().zip(columns) {
                        *sum = f64::from_bits(result[row[1] + column[1]]);
                    }
                }
            }
            match rows.len() {
                8 => multiply::<8, C>(rows, x, products, strip, &mut sums),
                7 => multiply::<7, C>(rows, x, products, strip, &mut sums),
                6 => multiply::<6, C>(rows, x, products, strip, &mut sums),
                5 => multiply::<5, C>(rows, x, products, strip, &mut sums),
                4 => multiply::<4, C>(rows, x, products, strip, &mut sums),
                3 => multiply::<3, C>(rows, x, products, strip, &mut sums),
                2 => multiply::<2, C>(rows, x, products, strip, &mut sums),
                _ => multiply::<1, C>(rows, x, products, strip, &mut sums),
            }
            for (sums, row) in sums.iter().zip(rows) {
                blocks.store(columns, sums, result, row[1]);
            }
        }
    }
}

impl Blocks {
    /// The elements of these columns for one product of each sum.
    #[inline(always)]
    fn load<const C: usize>(&self, columns: &[[usize; 2]], y: &[u64], product: usize, values: &mut [f64; C]) {
        if self.neighbours[0] && columns.len() == C {
            let cells = &y[product + columns[0][0]..][..C];
            for (value, &cell) in values.iter_mut().zip(cells) {
                *value = f64::from_bits(cell);
            }
        } else {
            for (value, column) in values.iter_mut().zip(columns) {
                *value = f64::from_bits(y[product + column[0]]);
            }
        }
    }

    /// The sums of these columns into a row of the result.
    #[inline(always)]
    fn store<const C: usize>(&self, columns: &[[usize; 2]], sums: &[f64; C], result: &mut [u64], row: usize) {
        if self.neighbours[1] && columns.len() == C {
            let cells = &mut result[row + columns[0][1]..][..C];
            for (cell, sum) in cells.iter_mut().zip(sums) {
                *cell = sum.to_bits();
            }
        } else {
            for (column, sum) in columns.iter().zip(sums) {
                result[row + column[1]] = sum.to_bits();
            }
        }
    }
}

/// Adds the products of some rows, `R` of them, with a strip.
#[inline(always)]
fn multiply<const R: usize, const C: usize>(
    rows: &[[usize; 2]],
    x: &[u64],
    products: &[[usize; 2]],
    strip: &[[f64; C]],
    sums: &mut [[f64; C]; ROWS],
) {
    let mut held: [[f64; C]; R] = std::array::from_fn(|row| sums[row]);
    let rows: [usize; R] = std::array::from_fn(|row| rows[row][0]);
    for (&[k, _], packed) in products.iter().zip(strip) {
        for (held, row) in held.iter_mut().zip(rows) {
            let factor = f64::from_bits(x[row + k]);
            for (sum, value) in held.iter_mut().zip(packed) {
                *sum = factor.mul_add(*value, *sum);
            }
        }
    }
    sums[..R].copy_from_slice(&held);
}
