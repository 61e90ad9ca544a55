//! Running combinations: row after row of a block, each from the row before and the operand.

use graph_core::op::{Binary, Cumulate, Visit2};
use graph_core::{DType, Graph, NodeId, Op};

use super::apart;
use super::pointwise::round;
use crate::alias::tensor;
use crate::lines::Lines;
use crate::plan::Place;

/// Combines the cells of `from` into those of `to`.
#[derive(Clone, Debug)]
pub struct Cumulation {
    op: Cumulate,
    dtype: DType,
    lines: Lines,
    reverse: bool,
    from: Place,
    to: Place,
}

impl Cumulation {
    /// What a `cumulate` node does.
    pub fn of(g: &Graph, id: NodeId, from: Place, to: Place) -> Cumulation {
        let Op::Cumulate(op, spec) = g.op(id) else { unreachable!("asked for running combinations only") };
        let x = tensor(g, id);
        let lines = Lines::along(g[spec].axis, &x.shape);
        Cumulation { op, dtype: x.dtype, lines, reverse: g[spec].reverse, from, to }
    }

    /// Combines.
    pub fn run(&self, cells: &mut [u64]) {
        let step: Binary = self.op.step();
        match self.dtype {
            DType::F64 => step.visit(Reals(self, cells)),
            DType::F32 => step.visit(Rounded(self, cells)),
            DType::I64 | DType::Bool => {
                let admitted = "inference admits the integer ops only";
                self.scan(cells, |x, y| step.eval_i64(x as i64, y as i64).expect(admitted) as u64);
            }
        }
    }

    fn scan(&self, cells: &mut [u64], f: impl Fn(u64, u64) -> u64) {
        let (result, [x]) = apart(cells, self.to, [self.from]);
        let Lines { outer, extent, inner } = self.lines;
        result.copy_from_slice(x);
        for block in 0..outer {
            let start = block * self.lines.block();
            for step in 1..extent {
                let (row, before) = match self.reverse {
                    true => (extent - 1 - step, extent - step),
                    false => (step, step - 1),
                };
                let (row, before) = (start + row * inner, start + before * inner);
                (0..inner).for_each(|i| result[row + i] = f(result[before + i], result[row + i]));
            }
        }
    }
}

/// Visitors: `f64` functions on cells, as they are and rounded to `f32`.
struct Reals<'a>(&'a Cumulation, &'a mut [u64]);
struct Rounded<'a>(&'a Cumulation, &'a mut [u64]);

impl Visit2 for Reals<'_> {
    type Out = ();
    fn visit(self, f: impl Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static) {
        self.0.scan(self.1, |x, y| f(f64::from_bits(x), f64::from_bits(y)).to_bits());
    }
}
impl Visit2 for Rounded<'_> {
    type Out = ();
    fn visit(self, f: impl Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static) {
        self.0.scan(self.1, |x, y| round(f(f64::from_bits(x), f64::from_bits(y))).to_bits());
    }
}
