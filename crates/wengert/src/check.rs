//! Checking derivatives of a function against differences, for users and for tests.
//!
//! Along one direction v the derivative of order k is a number, Dᵏf(x)[v, …, v]. Each mode builds it as nodes from the
//! one before; the witness is the central difference of the derivative of order k − 1 along the same direction.

use std::fmt;
use std::sync::Arc;

use autodiff::Derivative;
use graph_core::op::{Axes, Reduce};
use graph_core::{Graph, NodeId, Type};

use crate::error::Error;
use crate::function::Function;
use crate::mode::{Mode, Sweep};
use crate::numeric::{self, Verdict};
use crate::program::Program;

/// One derivative along the direction, and what its witness says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checked {
    /// The order of the derivative.
    pub order: usize,
    /// The mode that built it.
    pub mode: Mode,
    /// The derivative along the direction.
    pub derivative: f64,
    /// The central difference of the derivative of one order less.
    pub difference: f64,
    /// The step of the difference.
    pub step: f64,
    /// How far the difference can be trusted: truncation and rounding error, from two steps.
    pub uncertainty: f64,
    /// Whether both agree within ten times the uncertainty; undecided where the uncertainty is as large as what it is
    /// to judge, as at a kink.
    pub verdict: Verdict,
}

impl Checked {
    /// Whether both agree.
    pub fn agrees(&self) -> bool {
        self.verdict == Verdict::Agrees
    }
}

/// The outcome of [`check_gradient`].
#[derive(Clone, Debug, PartialEq)]
pub struct GradientCheck {
    /// Order by order, mode by mode.
    pub checked: Vec<Checked>,
}

impl GradientCheck {
    /// Whether every derivative agrees with its difference; one that cannot be judged does not count as agreement.
    pub fn passed(&self) -> bool {
        self.checked.iter().all(Checked::agrees)
    }
}

impl fmt::Display for GradientCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "order  mode                  derivative               difference               verdict")?;
        for c in &self.checked {
            let verdict = match c.verdict {
                Verdict::Agrees => "agrees",
                Verdict::Disagrees => "DISAGREES",
                Verdict::Undecided => "undecided: no difference can tell here",
            };
            writeln!(f, "{:<6} {:<21} {:<24?} {:<24?} {verdict}", c.order, c.mode.name(), c.derivative, c.difference)?;
        }
        Ok(())
    }
}

/// Compares derivatives of `f` (one real result) at a point along a fixed direction with central differences, for orders
/// 1 to `order` in each of `modes`. `at` holds the elements of all parameters; integers and truth values stay fixed.
///
/// # Errors
/// Order 0 or no mode; a function whose result is not one real number; a point of the wrong length; an op without a series rule
/// in [`Mode::Taylor`].
pub fn check_gradient(f: &Function, at: &[f64], order: usize, modes: &[Mode]) -> Result<GradientCheck, Error> {
    if order == 0 || modes.is_empty() {
        let what = "a check of nothing: it needs an order from 1 on and at least one mode";
        return Err(Error::Unsupported(what.into()));
    }
    let direction = direction(at.len());
    let mut checked = Vec::new();
    for &mode in modes {
        let tower = Tower::new(f, order, mode)?;
        for order in 1..=order {
            checked.push(tower.check(at, &direction, order, mode)?);
        }
    }
    checked.sort_by_key(|c| c.order);
    Ok(GradientCheck { checked })
}

/// A direction without special structure: the golden ratio's multiples, spread over ±[0.5, 1.5).
fn direction(len: usize) -> Vec<f64> {
    let spread = |i: usize| (i as f64 * 0.618_033_988_749_894_9).fract();
    (0..len).map(|i| if i % 2 == 0 { 0.5 + spread(i) } else { -0.5 - spread(i) }).collect()
}

/// A function and its derivatives along a direction, as one program: (x, v) to Dᵏf(x)[v, …, v] for k = 0, 1, ….
struct Tower {
    program: Program,
    /// For each element of the parameters, whether it is real.
    real: Vec<bool>,
}

impl Tower {
    fn new(f: &Function, order: usize, mode: Mode) -> Result<Tower, Error> {
        let core = f.core();
        let (mut g, inputs, results) = autodiff::function::open(core, &f.real_params())?;
        let mut seeds = Vec::new();
        for (i, &x) in inputs.iter().enumerate() {
            let ty = g.ty(x).cotangent();
            seeds.push((x, g.param(&format!("direction.{i}"), ty)?));
        }
        let [y] = &results[..] else {
            return Err(autodiff::Error::NotScalar { found: format!("{} results", results.len()) }.into());
        };
        let mut tower = vec![*y];
        match mode.sweeps(core.params().len(), 1, order) {
            Some((first, further)) => {
                for k in 1..=order {
                    let sweep = if k == 1 { first } else { further };
                    tower.push(along(&mut g, sweep, tower[k - 1], &seeds)?);
                }
            }
            None => tower.extend(expanded(&mut g, *y, &seeds, order)?),
        }
        let function = Arc::new(graph_core::Function::new("tower", &g, &tower)?);
        let leaves = core.params().iter().flat_map(|p| core.graph().ty(p.node).leaves());
        let real = leaves.flat_map(|t| std::iter::repeat_n(t.dtype.is_float(), t.shape.elements())).collect();
        Ok(Tower { program: Program::new(&function)?, real })
    }

    /// The derivative of order k along `direction` at x.
    fn at(&self, x: &[f64], direction: &[f64], k: usize) -> Result<f64, Error> {
        let mut inputs = x.to_vec();
        inputs.extend(direction.iter().zip(&self.real).filter(|(_, real)| **real).map(|(v, _)| v));
        Ok(self.program.run(&inputs)?[k])
    }

    /// Compares order k with the central difference of order k − 1, at the best step and at half of it.
    fn check(&self, x: &[f64], direction: &[f64], order: usize, mode: Mode) -> Result<Checked, Error> {
        if x.len() != self.real.len() {
            return Err(Error::Count { what: "elements of the point", expected: self.real.len(), found: x.len() });
        }
        let scale = x.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let step = numeric::central_step(scale);
        let moved = |h: f64| -> Result<f64, Error> {
            let shift = |sign: f64| -> Vec<f64> {
                let v = direction.iter().zip(&self.real);
                x.iter().zip(v).map(|(x, (v, real))| if *real { x + sign * h * v } else { *x }).collect()
            };
            let (above, below) =
                (self.at(&shift(1.0), direction, order - 1)?, self.at(&shift(-1.0), direction, order - 1)?);
            Ok((above - below) / (2.0 * h))
        };
        let (difference, wider) = (moved(step)?, moved(2.0 * step)?);
        let derivative = self.at(x, direction, order)?;
        let lower = self.at(x, direction, order - 1)?;
        let rounding = f64::EPSILON * (lower.abs() / step + difference.abs());
        let uncertainty = (difference - wider).abs() + 4.0 * rounding;
        let resolution = 1e-3 * derivative.abs().max(difference.abs()) + 1e-6 * lower.abs();
        let verdict = verdict(derivative, difference, uncertainty, resolution);
        Ok(Checked { order, mode, derivative, difference, step, uncertainty, verdict })
    }
}

fn verdict(derivative: f64, difference: f64, uncertainty: f64, resolution: f64) -> Verdict {
    let same = derivative == difference || (derivative.is_nan() && difference.is_nan());
    match () {
        () if same => Verdict::Agrees,
        () if uncertainty.is_nan() || uncertainty > resolution => Verdict::Undecided,
        () if (derivative - difference).abs() <= 10.0 * uncertainty => Verdict::Agrees,
        () => Verdict::Disagrees,
    }
}

/// All derivatives of `y` along the seeds, from its power series.
fn expanded(g: &mut Graph, y: NodeId, seeds: &[(NodeId, NodeId)], order: usize) -> Result<Vec<NodeId>, Error> {
    let series = autodiff::taylor(g, &[y], seeds, order)?;
    let mut factorial = 1.0;
    let derivative = |(k, coefficient): (usize, &Derivative)| {
        factorial *= (k + 1) as f64;
        let coefficient = coefficient.or_zeros(g, y);
        let scale = g.splat_like(factorial, coefficient);
        g.mul(coefficient, scale)
    };
    Ok(series[0].iter().enumerate().map(derivative).collect())
}

/// The derivative of `y` along the seeds: a tangent, or the gradient contracted with them.
fn along(g: &mut Graph, sweep: Sweep, y: NodeId, seeds: &[(NodeId, NodeId)]) -> Result<NodeId, Error> {
    let inputs: Vec<NodeId> = seeds.iter().map(|seed| seed.0).collect();
    match sweep {
        Sweep::Forward => {
            if g.ty(y).as_tensor().is_none_or(|t| t.shape.rank() > 0) {
                return Err(autodiff::Error::NotScalar { found: g.ty(y).to_string() }.into());
            }
            let tangents = autodiff::forward(g, &[y], seeds)?;
            Ok(tangents[0].or_zeros(g, y))
        }
        Sweep::Reverse => {
            let adjoints = autodiff::gradient(g, y, &inputs)?;
            let mut total = None;
            for (&(_, direction), adjoint) in seeds.iter().zip(adjoints) {
                let Derivative::Node(adjoint) = adjoint else { continue };
                for (a, v) in leaves(g, adjoint).into_iter().zip(leaves(g, direction)) {
                    let product = g.mul(a, v);
                    let product = g.cast(graph_core::DType::F64, product);
                    let axes: Axes = (0..g.shape(product).rank()).collect();
                    let sum = g.reduce(Reduce::Sum, product, &axes);
                    total = Some(total.map_or(sum, |total| g.add(total, sum)));
                }
            }
            let total = total.unwrap_or_else(|| g.scalar(0.0));
            let dtype = g.ty(y).as_tensor().map_or(graph_core::DType::F64, |t| t.dtype);
            Ok(g.cast(dtype, total))
        }
    }
}

/// The tensors inside a node, depth first.
fn leaves(g: &mut Graph, node: NodeId) -> Vec<NodeId> {
    let mut found = Vec::new();
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        match g.ty(node) {
            Type::Tensor(_) => found.push(node),
            ty => {
                let parts = ty.parts();
                for index in (0..parts).rev() {
                    let part = g.get(node, index);
                    stack.push(part);
                }
            }
        }
    }
    found
}
