//! Sorts: the places of each line are sorted by their keys, then every operand is read in that order.
//!
//! Places are sorted as pairs of key and place, which no two share, so the sort in place gives what a stable one would.
//! A key that is itself a permutation, as in derivatives of sorts, is inverted in one pass.

use std::cmp::Ordering;

use graph_core::op::SortSpec;
use graph_core::{DType, Graph, NodeId, Op};

use super::apart;
use crate::alias::tensor;
use crate::lines::Lines;
use crate::plan::Place;

/// Sorts operands by the first of them.
#[derive(Clone, Debug)]
pub struct Sorting {
    spec: SortSpec,
    dtype: DType,
    lines: Lines,
    operands: Vec<Place>,
    /// Of the sorted operands, then of the permutation.
    results: Vec<Place>,
    /// The places of one line.
    scratch: Place,
}

impl Sorting {
    /// What a `sort` node does.
    pub fn of(g: &Graph, id: NodeId, operands: Vec<Place>, results: Vec<Place>, scratch: Place) -> Sorting {
        let Op::Sort(spec) = g.op(id) else { unreachable!("asked for sorts only") };
        let key = tensor(g, g.operands(id)[0]);
        let lines = Lines::along(g[spec].axis, &key.shape);
        Sorting { spec: g[spec].clone(), dtype: key.dtype, lines, operands, results, scratch }
    }

    /// Sorts line after line.
    pub fn run(&self, cells: &mut [u64]) {
        let Lines { outer, extent, inner } = self.lines;
        let starts = (0..outer).flat_map(|block| (0..inner).map(move |line| block * extent * inner + line));
        for start in starts {
            self.order(cells, start);
            self.take(cells, start);
        }
    }

    /// Sorts the places of the line that starts here.
    fn order(&self, cells: &mut [u64], start: usize) {
        let (places, [key]) = apart(cells, self.scratch, [self.operands[0]]);
        let key = |i: u64| key[start + i as usize * self.lines.inner];
        let (reals, integers) = (
            |i, j| self.spec.reals(f64::from_bits(key(i)), f64::from_bits(key(j))),
            |i, j| self.spec.integers(key(i) as i64, key(j) as i64),
        );
        match self.dtype {
            DType::F64 | DType::F32 => sort(places, reals),
            DType::I64 if !self.spec.descending && invert(places, key) => {}
            DType::I64 | DType::Bool => sort(places, integers),
        }
    }

    /// Reads all operands of a line in the order of its places.
    fn take(&self, cells: &mut [u64], start: usize) {
        let (permutation, sorted) = self.results.split_last().expect("the permutation is a result");
        for i in 0..self.lines.extent {
            let source = cells[self.scratch.at + i];
            let (from, to) = (start + source as usize * self.lines.inner, start + i * self.lines.inner);
            for (operand, result) in self.operands.iter().zip(sorted) {
                cells[result.at + to] = cells[operand.at + from];
            }
            cells[permutation.at + to] = source;
        }
    }
}

/// All places in order; those that compare as equal in the order of their numbers.
fn sort(places: &mut [u64], compare: impl Fn(u64, u64) -> Ordering) {
    (0..).zip(places.iter_mut()).for_each(|(i, place)| *place = i);
    places.sort_unstable_by(|&i, &j| compare(i, j).then(i.cmp(&j)));
}

/// The places of a key that is a permutation; whether it is one.
fn invert(places: &mut [u64], key: impl Fn(u64) -> u64) -> bool {
    const FREE: u64 = u64::MAX;
    places.fill(FREE);
    (0..places.len() as u64).all(|i| match places.get_mut(key(i) as usize) {
        Some(place) if *place == FREE => {
            *place = i;
            true
        }
        _ => false,
    })
}
