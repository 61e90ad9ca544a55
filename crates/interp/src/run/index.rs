//! Windows that indices choose. Where index vectors and windows lie is worked out when the plan is made; a run reads each
//! index vector, in row-major order, and walks the window it names.

use graph_core::op::{GatherSpec, Miss, OutOfRange, Scatter, Visit2};
use graph_core::{DType, Graph, NodeId, Op, Shape};

use super::apart;
use super::pointwise::round;
use crate::alias::tensor;
use crate::fault::What;
use crate::nest::{Axis, Nest};
use crate::plan::Place;

/// One component of index vectors.
#[derive(Clone, Copy, Debug)]
struct Component {
    /// Its distance from the first one in the indices.
    at: usize,
    /// The axis it is for, and the distance of neighbours along it.
    axis: usize,
    step: usize,
    /// The last place where a window may start.
    last: i64,
}

/// Where windows lie.
#[derive(Clone, Debug)]
struct Windows {
    out: OutOfRange,
    components: Vec<Component>,
    /// For each window the places of its index vector, in the tensor of windows, and in the operand at index 0.
    outer: Nest<3>,
    /// The elements of one window, in the operand and in the tensor of windows.
    inner: Nest<2>,
}

impl Windows {
    fn of(g: &Graph, node: NodeId, spec: &GatherSpec) -> Windows {
        let [x, indices] = [0, 1].map(|i| &tensor(g, g.operands(node)[i]).shape);
        let windows = spec.windows(indices);
        let (x_steps, index_steps, steps) = (x.strides(), indices.strides(), windows.strides());
        let at = index_steps.get(spec.index_axis).copied().unwrap_or(0);
        let component = |(i, &axis): (usize, &usize)| Component {
            at: i * at,
            axis,
            step: x_steps[axis],
            last: spec.last_start(x, axis),
        };
        let kept = spec.kept();
        let elements = kept.iter().zip(spec.offset.iter()).map(|(&axis, &along)| Axis {
            extent: spec.sizes[axis],
            strides: [x_steps[axis] as isize, steps[along] as isize],
        });
        Windows {
            out: spec.out,
            components: spec.start_map.iter().enumerate().map(component).collect(),
            outer: positions(spec, x, indices, &windows),
            inner: Nest::new([0; 2], elements),
        }
    }

    /// Calls `f` for each window with its place in the tensor of windows and where it starts in the operand; nowhere if
    /// it is left out, as one that must not start out of range is. The first of those is the answer.
    fn each(&self, indices: &[u64], mut f: impl FnMut(usize, Option<usize>)) -> Option<What> {
        let Axis { extent, strides } = self.outer.inner();
        let step = strides.map(|s| s as usize);
        let mut missed = None;
        self.outer.walk(|at| {
            for n in 0..extent {
                let [vector, window, base] = [0, 1, 2].map(|k| at[k] + n * step[k]);
                let start = self.start(indices, vector, base).unwrap_or_else(|miss| {
                    missed.get_or_insert(What::Miss(miss));
                    None
                });
                f(window, start);
            }
        });
        missed
    }

    /// If indices that follow each other choose single elements along one axis, and nothing else.
    fn take(&self) -> Option<Take> {
        let Axis { extent, strides: [1, 1, 0] } = self.outer.inner() else { return None };
        let &[Component { at: 0, axis, step, last }] = &self.components[..] else { return None };
        let is_take = self.inner.is_one_element() && self.outer.is_one_loop();
        is_take.then_some(Take { count: extent, axis, step, last, out: self.out })
    }

    fn start(&self, indices: &[u64], vector: usize, base: usize) -> Result<Option<usize>, Miss> {
        let mut start = base;
        for &Component { at, axis, step, last } in &self.components {
            let index = indices[vector + at] as i64;
            start += step
                * match self.out {
                    _ if (0..=last).contains(&index) => index as usize,
                    OutOfRange::Error => return Err(Miss { axis, index }),
                    OutOfRange::Clamp => index.clamp(0, last) as usize,
                    OutOfRange::Skip => return Ok(None),
                };
        }
        Ok(Some(start))
    }
}

/// Single elements along one axis.
struct Take {
    count: usize,
    axis: usize,
    step: usize,
    last: i64,
    out: OutOfRange,
}

impl Take {
    fn run(&self, indices: &[u64], result: &mut [u64], x: &[u64]) -> Option<What> {
        let mut missed = None;
        for (cell, &index) in result[..self.count].iter_mut().zip(&indices[..self.count]) {
            let index = index as i64;
            *cell = match self.out {
                _ if (0..=self.last).contains(&index) => x[index as usize * self.step],
                OutOfRange::Clamp => x[index.clamp(0, self.last) as usize * self.step],
                OutOfRange::Skip => 0,
                OutOfRange::Error => {
                    missed.get_or_insert(What::Miss(Miss { axis: self.axis, index }));
                    0
                }
            };
        }
        missed
    }
}

/// The loops over windows.
fn positions(spec: &GatherSpec, x: &Shape, indices: &Shape, windows: &Shape) -> Nest<3> {
    let (x_steps, index_steps, steps) = (x.strides(), indices.strides(), windows.strides());
    let along = (0..indices.rank()).filter(|&axis| axis != spec.index_axis);
    let axes = along.zip(spec.parallel(windows.rank()).to_vec()).map(|(axis, window)| {
        let paired = spec.indices_batch.iter().position(|&batch| batch == axis);
        let of_operand = paired.map_or(0, |i| x_steps[spec.operand_batch[i]]);
        Axis { extent: indices[axis], strides: [index_steps[axis], steps[window], of_operand].map(|s| s as isize) }
    });
    Nest::new([0; 3], axes)
}

/// Reads windows.
#[derive(Clone, Debug)]
pub struct Gathering {
    /// The node, for its faults.
    pub node: NodeId,
    windows: Windows,
    from: [Place; 2],
    to: Place,
}

impl Gathering {
    /// What a `gather` node does.
    pub fn of(g: &Graph, id: NodeId, from: [Place; 2], to: Place) -> Gathering {
        let Op::Gather(spec) = g.op(id) else { unreachable!("asked for gathers only") };
        Gathering { node: id, windows: Windows::of(g, id, &g[spec]), from, to }
    }

    /// Reads window after window.
    pub fn run(&self, cells: &mut [u64]) -> Option<What> {
        let (result, [x, indices]) = apart(cells, self.to, self.from);
        let inner = &self.windows.inner;
        let Axis { extent, strides } = inner.inner();
        let [from_step, step] = strides.map(|s| s as usize);
        if let Some(take) = self.windows.take() {
            return take.run(indices, result, x);
        }
        if inner.is_one_element() {
            return self.windows.each(indices, |window, start| result[window] = start.map_or(0, |start| x[start]));
        }
        self.windows.each(indices, |window, start| {
            inner.walk(|[from, to]| {
                let to = window + to;
                match start {
                    Some(start) if (from_step, step) == (1, 1) => {
                        result[to..][..extent].copy_from_slice(&x[start + from..][..extent]);
                    }
                    Some(start) => (0..extent).for_each(|n| result[to + n * step] = x[start + from + n * from_step]),
                    None => (0..extent).for_each(|n| result[to + n * step] = 0),
                }
            });
        })
    }
}

/// Combines updates into windows of a copy of the operand.
#[derive(Clone, Debug)]
pub struct Scattering {
    /// The node, for its faults.
    pub node: NodeId,
    op: Scatter,
    dtype: DType,
    windows: Windows,
    from: [Place; 3],
    to: Place,
}

impl Scattering {
    /// What a `scatter` node does.
    pub fn of(g: &Graph, id: NodeId, from: [Place; 3], to: Place) -> Scattering {
        let Op::Scatter(op, spec) = g.op(id) else { unreachable!("asked for scatters only") };
        Scattering { node: id, op, dtype: tensor(g, id).dtype, windows: Windows::of(g, id, &g[spec]), from, to }
    }

    /// Combines window after window.
    pub fn run(&self, cells: &mut [u64]) -> Option<What> {
        let Some(step) = self.op.step() else { return self.combine(cells, |_, update| update) };
        match self.dtype {
            DType::F64 => step.visit(Reals(self, cells)),
            DType::F32 => step.visit(Rounded(self, cells)),
            DType::I64 | DType::Bool => {
                let admitted = "inference admits the integer ops only";
                self.combine(cells, |x, y| step.eval_i64(x as i64, y as i64).expect(admitted) as u64)
            }
        }
    }

    fn combine(&self, cells: &mut [u64], f: impl Fn(u64, u64) -> u64) -> Option<What> {
        let (result, [x, indices, updates]) = apart(cells, self.to, self.from);
        let inner = &self.windows.inner;
        let Axis { extent, strides } = inner.inner();
        let [step, from_step] = strides.map(|s| s as usize);
        result.copy_from_slice(x);
        if inner.is_one_element() {
            return self.windows.each(indices, |window, start| {
                if let Some(start) = start {
                    result[start] = f(result[start], updates[window]);
                }
            });
        }
        self.windows.each(indices, |window, start| {
            let Some(start) = start else { return };
            inner.walk(|[to, from]| {
                for n in 0..extent {
                    let element = &mut result[start + to + n * step];
                    *element = f(*element, updates[window + from + n * from_step]);
                }
            });
        })
    }
}

/// Visitors: `f64` functions on cells, as they are and rounded to `f32`.
struct Reals<'a>(&'a Scattering, &'a mut [u64]);
struct Rounded<'a>(&'a Scattering, &'a mut [u64]);

impl Visit2 for Reals<'_> {
    type Out = Option<What>;
    fn visit(self, f: impl Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static) -> Self::Out {
        self.0.combine(self.1, |x, y| f(f64::from_bits(x), f64::from_bits(y)).to_bits())
    }
}
impl Visit2 for Rounded<'_> {
    type Out = Option<What>;
    fn visit(self, f: impl Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static) -> Self::Out {
        self.0.combine(self.1, |x, y| round(f(f64::from_bits(x), f64::from_bits(y))).to_bits())
    }
}
