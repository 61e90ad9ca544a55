//! Contractions. The loop order is chosen for the memory layout; whatever it is, each element of the result sums its
//! products in row-major order of the contracted axes, each of doubles by one fused operation, so the bits do not depend on it.

mod blocks;

use blocks::Blocks;
use graph_core::op::{DotSpec, Reduce};
use graph_core::{DType, Graph, NodeId, Op, Shape};

use super::apart;
use super::pointwise::round;
use super::reduce::start;
use crate::alias::tensor;
use crate::nest::{Axis, Nest};
use crate::plan::Place;
use crate::vector::{self, Work};

/// Adds products of cells of `from` into those of `to`.
#[derive(Clone, Debug)]
pub struct Contraction {
    dtype: DType,
    geometry: Nest<3>,
    /// Of doubles, where blocks pay.
    blocks: Option<Blocks>,
    start: u64,
    from: [Place; 2],
    to: Place,
}

impl Contraction {
    /// What a `dot` node does.
    pub fn of(g: &Graph, id: NodeId, from: [Place; 2], to: Place) -> Contraction {
        let Op::Dot(spec) = g.op(id) else { unreachable!("asked for `dot` only") };
        let [x, y] = [0, 1].map(|i| tensor(g, g.operands(id)[i]));
        let loops = Loops::of(&g[spec], &x.shape, &y.shape, &tensor(g, id).shape);
        let nothing = loops.contracted.iter().any(|axis| axis.extent == 0);
        let blocks = if x.dtype == DType::F64 { Blocks::of(&loops) } else { None };
        let geometry = Nest::new([0; 3], loops.ordered());
        Contraction { dtype: x.dtype, geometry, blocks, start: start(Reduce::Sum, x.dtype, nothing), from, to }
    }

    /// How it sums.
    pub fn kernel(&self) -> &'static str {
        if self.blocks.is_some() { "blocks" } else { "loops" }
    }

    /// Contracts.
    pub fn run(&self, cells: &mut [u64]) {
        let real = f64::from_bits;
        if let Some(blocks) = &self.blocks {
            let (result, operands) = apart(cells, self.to, self.from);
            return blocks.run(result, operands, self.start);
        }
        match self.dtype {
            DType::F64 => vector::widest(Doubles(self, cells)),
            DType::F32 => self.sum(cells, |sum, x, y| round(real(sum) + round(real(x) * real(y))).to_bits()),
            DType::I64 => self.sum(cells, |sum, x, y| sum.wrapping_add(x.wrapping_mul(y))),
            DType::Bool => unreachable!("inference admits numbers only"),
        }
    }

    /// In plain loops, as in [`super::lanes`].
    #[inline(always)]
    fn sum(&self, cells: &mut [u64], f: impl Fn(u64, u64, u64) -> u64) {
        let (result, [x, y]) = apart(cells, self.to, self.from);
        result.fill(self.start);
        let Axis { extent: n, strides } = self.geometry.inner();
        let [x_step, y_step, step] = strides.map(|s| s as usize);
        let mut walk = self.geometry.start();
        while let Some([i, j, to]) = walk.step() {
            match (x_step, y_step, step) {
                (0, 1, 1) => {
                    let x = x[i];
                    for (sum, &y) in result[to..][..n].iter_mut().zip(&y[j..][..n]) {
                        *sum = f(*sum, x, y);
                    }
                }
                (1, 1, 0) => {
                    let mut sum = result[to];
                    for (&x, &y) in x[i..][..n].iter().zip(&y[j..][..n]) {
                        sum = f(sum, x, y);
                    }
                    result[to] = sum;
                }
                _ => {
                    for k in 0..n {
                        let sum = &mut result[to + k * step];
                        *sum = f(*sum, x[i + k * x_step], y[j + k * y_step]);
                    }
                }
            }
        }
    }
}

/// A contraction of doubles by vectors.
struct Doubles<'c>(&'c Contraction, &'c mut [u64]);

impl Work for Doubles<'_> {
    #[inline(always)]
    fn run(self) {
        let real = f64::from_bits;
        self.0.sum(self.1, |sum, x, y| real(x).mul_add(real(y), real(sum)).to_bits());
    }
}

/// The loops of a contraction by role; strides of left operand, right operand, result.
struct Loops {
    batch: Vec<Axis<3>>,
    left: Vec<Axis<3>>,
    right: Vec<Axis<3>>,
    contracted: Vec<Axis<3>>,
}

impl Loops {
    fn of(spec: &DotSpec, x: &Shape, y: &Shape, to: &Shape) -> Loops {
        let (x_steps, y_steps) = (x.strides(), y.strides());
        let mut to_steps = to.strides().into_iter();
        let mut next = || to_steps.next().expect("batch and free axes are those of the result");
        let axis = |extent: usize, steps: [usize; 3]| Axis { extent, strides: steps.map(|s| s as isize) };
        let batch = spec.lhs_batch.iter().zip(spec.rhs_batch.iter());
        let batch = batch.map(|(&i, &j)| axis(x[i], [x_steps[i], y_steps[j], next()])).collect();
        let left = spec.lhs_free(x.rank()).iter().map(|&i| axis(x[i], [x_steps[i], 0, next()])).collect();
        let right = spec.rhs_free(y.rank()).iter().map(|&j| axis(y[j], [0, y_steps[j], next()])).collect();
        let contracted = spec.lhs.iter().zip(spec.rhs.iter());
        let contracted = contracted.map(|(&i, &j)| axis(x[i], [x_steps[i], y_steps[j], 0])).collect();
        Loops { batch, left, right, contracted }
    }

    /// Innermost are the free axes of the right operand where they are contiguous in memory, else the contracted ones.
    fn ordered(self) -> impl Iterator<Item = Axis<3>> {
        let rows = self.right.iter().rfind(|axis| axis.extent > 1).is_some_and(|axis| axis.strides[1] == 1);
        let (third, fourth) = if rows { (self.contracted, self.right) } else { (self.right, self.contracted) };
        self.batch.into_iter().chain(self.left).chain(third).chain(fourth)
    }
}
