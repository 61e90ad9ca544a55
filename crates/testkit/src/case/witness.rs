//! The whole Jacobian behind a derivative, by both modes and by differences, and the derivative as its contraction.
//!
//! Each mode takes one result and one parameter at a time, so that no zero seed meets an infinite partial of another.

use graph_core::Function;
use interp::Value;

use super::Failure;
use super::compare::{Tolerance, equal_lists, equal_sums, list};
use super::differences;
use super::runner::Executable;
use super::stage::{Derived, Transform};
use super::values::{cells, real_cells};

/// Terms that differences are taken to have at least: near a zero of the function its own value says nothing.
const SMALLEST: f64 = 0.01;

/// What can compute a Jacobian in three ways.
#[derive(Debug)]
pub struct Witness<'s> {
    derived: &'s Derived,
    base: Executable,
    /// For each result, by all parameters in `wrt`.
    pullbacks: Vec<Executable>,
    /// For each parameter in `wrt`, of all results.
    pushforwards: Vec<Executable>,
    /// Cells of the parameters that are differentiated by.
    columns: Vec<usize>,
    /// Cells of the results that are differentiated.
    rows: Vec<usize>,
}

/// Rows of the Jacobian, by cells of the results.
type Matrix = Vec<Vec<f64>>;

impl<'s> Witness<'s> {
    /// Prepares both modes of what is differentiated.
    pub fn new(derived: &'s Derived) -> Result<Witness<'s>, Failure> {
        let Derived { base, wrt, .. } = derived;
        let pullback = |&y| {
            let only = Function::new(base.name(), base.graph(), &[y]).map_err(Failure::new)?;
            Executable::new(&autodiff::function::vjp(&only.into(), wrt).map_err(Failure::new)?)
        };
        let pushforward = |&x| Executable::new(&autodiff::function::jvp(base, &[x]).map_err(Failure::new)?);
        let results = base.results().iter().map(|&y| base.graph().ty(y));
        Ok(Witness {
            derived,
            base: Executable::new(base)?,
            pullbacks: base.results().iter().map(pullback).collect::<Result<_, _>>()?,
            pushforwards: wrt.iter().map(pushforward).collect::<Result<_, _>>()?,
            columns: columns(derived),
            rows: positions(&real_cells(results)),
        })
    }

    /// Compares the results of the derivative with the three Jacobians; without differences at a kink.
    pub fn check(&self, args: &[Value], results: &[Value], kink: bool, wanted: Option<f64>) -> Result<(), Failure> {
        let inputs = cells(args);
        let (point, seeds) = inputs.split_at(cells(&args[..self.base.f.params().len()]).len());
        let (by_rows, by_columns) = (sweeps(&self.pullbacks, point), self.forward(point));
        compare("forward and reverse mode", Tolerance::ROUNDING.or(wanted), &by_columns, &by_rows, &[])?;
        if !kink {
            let (quotients, values) = (self.differences(point), self.values(point));
            let tolerance = Tolerance::DIFFERENCES.or(wanted);
            compare("reverse mode and differences", tolerance, &by_rows, &quotients, &values)?;
        }
        let found = cells(results);
        let finite = |list: &[f64]| list.iter().all(|x| x.is_finite());
        if by_rows.iter().all(|row| finite(row)) && finite(seeds) {
            for jacobian in [&by_rows, &by_columns] {
                let expected = self.contract(jacobian, seeds);
                equal_lists("contraction of the Jacobian", Tolerance::ROUNDING.or(wanted), &found, &expected)?;
            }
        }
        Ok(())
    }

    fn forward(&self, point: &[f64]) -> Matrix {
        self.transposed(sweeps(&self.pushforwards, point))
    }

    /// The results that are differentiated.
    fn values(&self, point: &[f64]) -> Vec<f64> {
        let outputs = self.base.run_cells(&mut self.base.workspace(), point);
        self.rows.iter().map(|&row| outputs[row]).collect()
    }

    fn differences(&self, point: &[f64]) -> Matrix {
        let mut ws = self.base.workspace();
        let mut column = |&at: &usize| {
            let mut moved = point.to_vec();
            differences::derivative(point[at], |x| {
                moved[at] = x;
                let outputs = self.base.run_cells(&mut ws, &moved);
                self.rows.iter().map(|&row| outputs[row]).collect()
            })
        };
        let columns = self.columns.iter().map(&mut column).collect();
        self.transposed(columns)
    }

    fn transposed(&self, columns: Matrix) -> Matrix {
        (0..self.rows.len()).map(|row| columns.iter().map(|column| column[row]).collect()).collect()
    }

    /// The cells of the derivative from a Jacobian and the cells of cotangents or tangents.
    fn contract(&self, jacobian: &Matrix, seeds: &[f64]) -> Vec<f64> {
        match self.derived.transform {
            Transform::Grad => jacobian[0].clone(),
            Transform::Vjp => {
                let column = |at: usize| jacobian.iter().zip(seeds).map(|(row, ct)| row[at] * ct).sum();
                (0..self.columns.len()).map(column).collect()
            }
            Transform::Jvp | Transform::Hvp => {
                jacobian.iter().map(|row| row.iter().zip(seeds).map(|(x, dx)| x * dx).sum()).collect()
            }
            Transform::Jacobian | Transform::Hessian => self.blocks(jacobian),
        }
    }

    /// Block by block: results by parameters, each row-major.
    fn blocks(&self, jacobian: &Matrix) -> Vec<f64> {
        let f = &self.base.f;
        let heights = f.results().iter().map(|&y| f.graph().ty(y));
        let widths: Vec<usize> = self.derived.wrt.iter().map(|&i| real_cells([f.param_type(i)]).len()).collect();
        let mut cells = Vec::new();
        let mut row = 0;
        for height in heights.map(|ty| real_cells([ty]).len()) {
            let mut column = 0;
            for &width in &widths {
                let rows = &jacobian[row..row + height];
                rows.iter().for_each(|row| cells.extend(&row[column..column + width]));
                column += width;
            }
            row += height;
        }
        cells
    }
}

/// The results of each derivative function for each unit seed, one after the other.
fn sweeps(derivatives: &[Executable], point: &[f64]) -> Matrix {
    let sweep = |derivative: &Executable| {
        let seeds = derivative.inputs() - point.len();
        let mut ws = derivative.workspace();
        let run = |unit: Vec<f64>| derivative.run_cells(&mut ws, &[point, &unit].concat());
        units(seeds).map(run).collect::<Matrix>()
    };
    derivatives.iter().flat_map(sweep).collect()
}

/// Compares row by row; `values` are those whose differences were taken.
fn compare(what: &str, tolerance: Tolerance, found: &Matrix, expected: &Matrix, values: &[f64]) -> Result<(), Failure> {
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        let message = || format!("{what} at result {row}: [{}] and [{}]", list(found), list(expected));
        let value = values.get(row).map_or(0.0, |value| value.abs().max(SMALLEST));
        equal_sums("row", tolerance, found, expected, value).map_err(|failure| failure.during(message()))?;
    }
    Ok(())
}

/// The real cells of the parameters in `wrt`, in the order of `wrt`.
fn columns(derived: &Derived) -> Vec<usize> {
    let f = &derived.base;
    let types = (0..f.params().len()).map(|i| f.param_type(i));
    let sizes: Vec<usize> = types.map(|ty| real_cells([ty]).len()).collect();
    let of_param = |&i: &usize| {
        let start: usize = sizes[..i].iter().sum();
        positions(&real_cells([f.param_type(i)])).into_iter().map(move |at| start + at)
    };
    derived.wrt.iter().flat_map(of_param).collect()
}

fn positions(real: &[bool]) -> Vec<usize> {
    (0..real.len()).filter(|&at| real[at]).collect()
}

fn units(n: usize) -> impl Iterator<Item = Vec<f64>> {
    (0..n).map(move |at| (0..n).map(|i| if i == at { 1.0 } else { 0.0 }).collect())
}
