//! Newton's method on the conditions of Karush, Kuhn and Tucker, made to converge from afar: the Hessian is shifted until
//! steps go downhill (N.-Y. Chiang and V. M. Zavala, "An inertia-free filter line-search algorithm for large-scale nonlinear
//! programming", 2016), and steps are shortened until they help the sum of cost and violations (J. Nocedal and
//! S. J. Wright, *Numerical optimization*, 2006).

use faer::Mat;
use faer::prelude::Solve;
use faer::sparse::linalg::solvers::Lu;
use faer::sparse::{SparseColMat, Triplet};
use wengert::prelude::*;

use crate::collocation::Collocation;

/// Where the solver was.
#[derive(Clone, Copy, Debug)]
pub struct Iterate {
    /// The cost.
    pub cost: f64,
    /// The largest violation of an equation.
    pub violation: f64,
    /// The largest element of the gradient of the Lagrangian.
    pub slope: f64,
    /// What was added to the diagonal of the Hessian.
    pub shift: f64,
    /// The part of the step that was taken.
    pub length: f64,
}

/// Where the solver ended.
#[derive(Clone, Debug)]
pub struct Solution {
    /// The decisions.
    pub decisions: Vec<f64>,
    /// The multipliers of the equations.
    pub multipliers: Vec<f64>,
    /// All iterates, the last of which is this one.
    pub path: Vec<Iterate>,
}

/// Up to this violation and slope.
const TOLERANCE: f64 = 1e-9;
const MOST_STEPS: usize = 200;

/// Solves it from these decisions.
///
/// # Errors
/// No convergence, with what was reached; a matrix that cannot be factored.
pub fn solve(problem: &Collocation, start: Vec<f64>) -> Result<Solution, Box<dyn std::error::Error>> {
    let mut x = start;
    let mut multipliers = vec![0.0; problem.equations];
    let (mut path, mut weight) = (Vec::new(), 1.0);
    let mut at = Point::new(problem, &x)?;
    loop {
        let jacobian = problem.jacobian.at(&x)?;
        let mut iterate = Iterate {
            cost: at.cost(),
            violation: largest(&at.defects),
            slope: largest(&slope(&at, &jacobian, &multipliers)),
            shift: 0.0,
            length: 0.0,
        };
        if iterate.violation < TOLERANCE && iterate.slope < TOLERANCE {
            path.push(iterate);
            return Ok(Solution { decisions: x, multipliers, path });
        }
        if path.len() == MOST_STEPS {
            return Err(format!("no convergence after {MOST_STEPS} steps: {iterate:?}").into());
        }
        let hessian = problem.hessian.at(&[&x[..], &multipliers].concat())?;
        let step = step(problem, &at, &hessian, &jacobian)?;
        iterate.shift = step.shift;
        let merit = |point: &Point, weight: f64| point.cost() + weight * sum(&point.defects);
        weight = f64::max(weight, 1.1 * largest(&step.multipliers));
        let descent = dot(at.gradient(), &step.direction) - weight * sum(&at.defects);
        let enough = |point: &Point, length: f64| {
            let most = merit(&at, weight) + 1e-4 * length * descent;
            // Near the solution the merit function is rounding.
            merit(point, weight) <= most + 1e-12 * most.abs()
        };
        let moved = |direction: &[f64], length: f64| -> Result<(Vec<f64>, Point), Error> {
            let next: Vec<f64> = x.iter().zip(direction).map(|(x, d)| x + length * d).collect();
            let there = Point::new(problem, &next)?;
            Ok((next, there))
        };
        let (mut next, mut there) = moved(&step.direction, 1.0)?;
        let mut length = 1.0;
        if !enough(&there, 1.0) {
            (next, there) = moved(&step.corrected(problem, &there), 1.0)?;
        }
        while !enough(&there, length) && length > 1e-8 {
            length *= 0.5;
            (next, there) = moved(&step.direction, length)?;
        }
        iterate.length = length;
        path.push(iterate);
        multipliers.iter_mut().zip(&step.multipliers).for_each(|(old, new)| *old += length * (new - *old));
        (x, at) = (next, there);
    }
}

/// Values at some decisions.
struct Point {
    value_and_gradient: Vec<f64>,
    defects: Vec<f64>,
}

impl Point {
    fn new(problem: &Collocation, x: &[f64]) -> Result<Point, Error> {
        Ok(Point { value_and_gradient: problem.cost.run(x)?, defects: problem.defects.run(x)? })
    }

    fn cost(&self) -> f64 {
        self.value_and_gradient[0]
    }

    fn gradient(&self) -> &[f64] {
        &self.value_and_gradient[1..]
    }
}

struct Step {
    direction: Vec<f64>,
    multipliers: Vec<f64>,
    shift: f64,
    factors: Lu<usize, f64>,
}

impl Step {
    /// The step with a second-order correction: from where it leads, the least further step that brings the equations
    /// back. Without it good steps are refused for the curvature of the equations (Nocedal and Wright).
    fn corrected(&self, problem: &Collocation, there: &Point) -> Vec<f64> {
        let (n, m) = (problem.decisions, problem.equations);
        let right = Mat::from_fn(n + m, 1, |i, _| if i < n { 0.0 } else { -there.defects[i - n] });
        let correction = self.factors.solve(&right);
        self.direction.iter().enumerate().map(|(i, d)| d + correction[(i, 0)]).collect()
    }
}

/// The step of Newton's method, (H + δ, Jᵀ; J, 0)·(d, λ) = −(∇f, c), with the least δ of a sequence that lets d see a
/// positive curvature.
fn step(
    problem: &Collocation,
    at: &Point,
    hessian: &SparseColMat<usize, f64>,
    jacobian: &SparseColMat<usize, f64>,
) -> Result<Step, Box<dyn std::error::Error>> {
    let (n, m) = (problem.decisions, problem.equations);
    let mut entries: Vec<Triplet<usize, usize, f64>> = hessian.triplet_iter().map(owned).collect();
    for Triplet { row, col, val } in jacobian.triplet_iter() {
        entries.push(Triplet::new(n + row, col, *val));
        entries.push(Triplet::new(col, n + row, *val));
    }
    let right = Mat::from_fn(n + m, 1, |i, _| if i < n { -at.gradient()[i] } else { -at.defects[i - n] });
    let mut shift = 0.0;
    loop {
        let shifted = entries.iter().copied().chain((0..n).map(|i| Triplet::new(i, i, shift)));
        let matrix = SparseColMat::try_new_from_triplets(n + m, n + m, &shifted.collect::<Vec<_>>())?;
        let factors = matrix.sp_lu().map_err(|e| format!("the matrix of a step: {e:?}"))?;
        let solution = factors.solve(&right);
        let direction: Vec<f64> = (0..n).map(|i| solution[(i, 0)]).collect();
        let square = dot(&direction, &direction);
        let curvature: f64 = hessian.triplet_iter().map(|t| direction[t.row] * t.val * direction[t.col]).sum();
        if curvature + shift * square >= 1e-8 * square && square.is_finite() {
            let multipliers = (n..n + m).map(|i| solution[(i, 0)]).collect();
            return Ok(Step { direction, multipliers, shift, factors });
        }
        shift = if shift == 0.0 { 1e-2 } else { 4.0 * shift };
        if shift > 1e12 {
            return Err("no shift of the Hessian lets a step go downhill".into());
        }
    }
}

fn owned(t: Triplet<usize, usize, &f64>) -> Triplet<usize, usize, f64> {
    Triplet::new(t.row, t.col, *t.val)
}

/// ∇f + Jᵀλ
fn slope(at: &Point, jacobian: &SparseColMat<usize, f64>, multipliers: &[f64]) -> Vec<f64> {
    let mut slope = at.gradient().to_vec();
    jacobian.triplet_iter().for_each(|t| slope[t.col] += t.val * multipliers[t.row]);
    slope
}

fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |most: f64, x| most.max(x.abs()))
}

fn sum(x: &[f64]) -> f64 {
    x.iter().map(|x| x.abs()).sum()
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}
