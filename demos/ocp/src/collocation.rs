//! Hermite–Simpson collocation: the state is a cubic on each interval, the force a parabola, and the equations of motion
//! hold at both ends and in the middle. Kelly 2017, with the middle states eliminated.

use wengert::prelude::*;
use wengert_faer::SparseProgram;

use crate::cartpole::{END, START, STATES, acceleration};

/// Seconds from start to end.
pub const TIME: f64 = 2.0;
/// What is decided: states and forces at the ends of intervals, and forces in the middle.
const DECIDED: [&str; 2] = ["ends", "middles"];

/// The problem on a grid of intervals, as functions of the vector of decisions: all [`STATES`] + 1 numbers of each end, then
/// the forces in the middle.
pub struct Collocation {
    /// Number of intervals.
    pub intervals: usize,
    /// Number of decisions.
    pub decisions: usize,
    /// Number of equations.
    pub equations: usize,
    /// Decisions to the integral of the squared force, and its gradient.
    pub cost: Program,
    /// Decisions to what is to be 0: the defects of each interval, then start and end.
    pub defects: Program,
    /// Its Jacobian.
    pub jacobian: SparseProgram,
    /// Decisions and multipliers to the Hessian of the Lagrangian.
    pub hessian: SparseProgram,
    /// What the Jacobian and the Hessian take: selections of the decisions.
    pub passes: [usize; 2],
    /// The functions behind: cost, defects, Lagrangian.
    pub functions: [Function; 3],
}

/// The motion that a vector of decisions stands for.
#[derive(Clone, Debug)]
pub struct Trajectory {
    /// Seconds.
    pub time: Vec<f64>,
    /// State at each of these times.
    pub states: Vec<[f64; STATES]>,
    /// Force at each of these times, and in the middle between.
    pub forces: Vec<f64>,
}

/// States and forces at some points of time, each a vector over intervals or ends.
struct Motion {
    states: [Expr; STATES],
    force: Expr,
}

impl Motion {
    fn rates(&self) -> [Expr; STATES] {
        let [_, angle, moving, turning] = self.states;
        let [cart, pole] = acceleration(angle, turning, self.force);
        [moving, turning, cart, pole]
    }

    /// Of those ends only.
    fn part(&self, ends: std::ops::Range<usize>) -> Motion {
        let part = |x: Expr| x.slice_along(0, ends.clone());
        Motion { states: self.states.map(part), force: part(self.force) }
    }
}

/// Σ over one interval: Simpson's rule, a sixth of start, end and four times the middle.
fn simpson(step: f64, start: Expr, middle: Expr, end: Expr) -> Expr {
    step / 6.0 * (start + 4.0 * middle + end)
}

impl Collocation {
    /// On this many intervals.
    ///
    /// # Errors
    /// None, unless the engine is broken.
    pub fn new(intervals: usize) -> Result<Collocation, Error> {
        let n = intervals;
        let step = TIME / n as f64;
        let params =
            [("ends", Type::tensor(DType::F64, &[n + 1, STATES + 1])), ("middles", Type::tensor(DType::F64, &[n]))];
        let motion = |ends: Expr| {
            let column = |i: usize| ends.slice_along(1, i..i + 1).reshape(&[n + 1]);
            Motion { states: [0, 1, 2, 3].map(column), force: column(STATES) }
        };
        let cost = Function::new("cost", &params, |v| {
            let squares = motion(v[0]).force.square();
            simpson(step, squares.slice_along(0, 0..n), v[1].square(), squares.slice_along(0, 1..n + 1)).sum()
        })?;
        let defects = Function::new("defects", &params, |v| {
            let ends = motion(v[0]);
            let (before, after) = (ends.part(0..n), ends.part(1..n + 1));
            let (start, end) = (before.rates(), after.rates());
            let each = [0, 1, 2, 3];
            let middle = Motion {
                states: each.map(|i| 0.5 * (before.states[i] + after.states[i]) + step / 8.0 * (start[i] - end[i])),
                force: v[1],
            };
            let rates = middle.rates();
            let defect = |i: usize| after.states[i] - before.states[i] - simpson(step, start[i], rates[i], end[i]);
            let at = |i: usize, end: usize| ends.states[i].slice_along(0, end..end + 1);
            let border = |i: usize| concat(&[at(i, 0) - START[i], at(i, n) - END[i]], 0);
            concat(&[&each.map(defect)[..], &each.map(border)[..]].concat(), 0)
        })?;
        let equations = STATES * (n + 2);
        let multipliers = ("multipliers", Type::tensor(DType::F64, &[equations]));
        let lagrangian = Function::new("lagrangian", &[&params[..], &[multipliers]].concat(), |v| {
            cost.call(&v[..2]) + v[2].dot(defects.call(&v[..2]))
        })?;
        let jacobian = defects.sparse_jacobian(DECIDED)?;
        let hessian = lagrangian.sparse_hessian(DECIDED)?;
        Ok(Collocation {
            intervals,
            decisions: (STATES + 1) * (n + 1) + n,
            equations,
            cost: cost.value_and_grad(DECIDED)?.compile()?,
            defects: defects.compile()?,
            passes: [jacobian.passes, hessian.passes],
            jacobian: SparseProgram::new(jacobian)?,
            hessian: SparseProgram::new(hessian)?,
            functions: [cost, defects, lagrangian],
        })
    }

    /// A straight line from start to end without force.
    pub fn straight(&self) -> Vec<f64> {
        let mut decisions = Vec::with_capacity(self.decisions);
        for end in 0..=self.intervals {
            let part = end as f64 / self.intervals as f64;
            decisions.extend(START.iter().zip(END).map(|(a, b)| a + part * (b - a)));
            decisions.push(0.0);
        }
        decisions.resize(self.decisions, 0.0);
        decisions
    }

    /// The motion of these decisions.
    pub fn trajectory(&self, decisions: &[f64]) -> Trajectory {
        let n = self.intervals;
        let (ends, middles) = decisions.split_at((STATES + 1) * (n + 1));
        let ends: Vec<&[f64]> = ends.chunks(STATES + 1).collect();
        let mut forces = Vec::new();
        for (i, end) in ends.iter().enumerate() {
            forces.push(end[STATES]);
            forces.extend(middles.get(i));
        }
        Trajectory {
            time: (0..=n).map(|i| TIME * i as f64 / n as f64).collect(),
            states: ends.iter().map(|end| [end[0], end[1], end[2], end[3]]).collect(),
            forces,
        }
    }
}
