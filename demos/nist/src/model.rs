//! A model and its data as one compiled program: the residual of a row, its gradient and its Hessian by the parameters.
//!
//! The residual is the formula `(response) - (mean)`, differentiated once; the program runs on every row. Invariant: the
//! order of the program's inputs is that of the formula's variables, followed by parameters that it does not use.

use faer::Mat;
use thiserror::Error;
use wengert::Program;
use wengert::formula::{Formula, FormulaError};
use wengert::partials::{Partials, Settings};

use crate::dataset::Dataset;
use crate::notation::{Equation, NotationError, translate};
use crate::sum::Sum;

/// A model that does not fit its data set.
#[derive(Debug, Error)]
pub enum ModelError {
    /// Not in the notation of the headers.
    #[error(transparent)]
    Notation(#[from] NotationError),
    /// Not a formula.
    #[error("{report}")]
    Formula {
        /// The message with the formula, a caret and help.
        report: String,
    },
    /// A name that means nothing.
    #[error("`{name}` is neither a parameter ({parameters}) nor a column ({columns})")]
    Name {
        /// The name.
        name: String,
        /// The parameters of the data set.
        parameters: String,
        /// Its columns.
        columns: String,
    },
    /// The derivatives cannot be built.
    #[error(transparent)]
    Derivative(#[from] wengert::Error),
}

/// What an input of the program is.
#[derive(Clone, Copy, Debug)]
enum Input {
    Parameter(usize),
    Column(usize),
    Unused,
}

/// What an output of the program is, by the positions of parameters.
#[derive(Clone, Copy, Debug)]
enum Output {
    Residual,
    First(usize),
    Second(usize, usize),
}

/// The compiled residuals of a data set.
#[derive(Debug)]
pub struct Model<'d> {
    /// The model as it was understood.
    pub equation: Equation,
    rows: &'d [Vec<f64>],
    parameters: usize,
    program: Program,
    inputs: Vec<Input>,
    outputs: Vec<Output>,
}

/// The residuals at one point, with derivatives.
#[derive(Clone, Debug)]
pub struct Residuals {
    /// rᵢ, one for each row.
    pub values: Vec<f64>,
    /// ∂rᵢ/∂bⱼ
    pub jacobian: Mat<f64>,
    /// Σ rᵢ·∂²rᵢ/∂bⱼ∂bₖ
    pub curvature: Mat<f64>,
    /// Σ rᵢ²
    pub rss: f64,
}

impl<'d> Model<'d> {
    /// The model that the file itself states.
    pub fn of(set: &'d Dataset) -> Result<Model<'d>, ModelError> {
        Model::from_equation(set, translate(&set.equations, &set.columns[0])?)
    }

    /// Another model: an equation or the mean of the response, as a formula or in the notation of the files.
    pub fn new(set: &'d Dataset, model: &str) -> Result<Model<'d>, ModelError> {
        Model::from_equation(set, translate(&[model], &set.columns[0])?)
    }

    fn from_equation(set: &'d Dataset, equation: Equation) -> Result<Model<'d>, ModelError> {
        for side in [&equation.response, &equation.mean] {
            Formula::parse(side).map_err(|e| wrong_formula(&e, side))?;
        }
        let text = format!("({}) - ({})", equation.response, equation.mean);
        let residual = Formula::parse(&text).map_err(|e| wrong_formula(&e, &text))?;
        let mut inputs = Vec::new();
        for name in residual.variables() {
            inputs.push(meaning(name, set)?);
        }
        let names = set.parameters.iter().map(|p| p.name.clone()).collect();
        let partials = Partials::new(&residual, &Settings { order: 2, wrt: Some(names), ..Settings::default() })?;
        let program = partials.function.compile()?;
        inputs.resize(program.inputs(), Input::Unused);
        let outputs = partials.wrt.iter().map(|wrt| output(wrt)).collect();
        Ok(Model { equation, rows: &set.rows, parameters: set.parameters.len(), program, inputs, outputs })
    }

    /// The residuals at `b`.
    ///
    /// # Errors
    /// The wrong number of parameters.
    pub fn at(&self, b: &[f64]) -> Result<Residuals, wengert::Error> {
        let (n, p) = (self.rows.len(), self.parameters);
        if b.len() != p {
            return Err(wengert::Error::Count { what: "parameters", expected: p, found: b.len() });
        }
        let mut values = Vec::with_capacity(n);
        let mut jacobian = Mat::zeros(n, p);
        let mut curvature = vec![Sum::default(); p * p];
        let mut rss = Sum::default();
        let mut outputs = vec![0.0; self.outputs.len()];
        for (i, row) in self.rows.iter().enumerate() {
            self.program.run_into(&self.inputs(b, row), &mut outputs)?;
            let r = outputs[0];
            for (&value, output) in outputs.iter().zip(&self.outputs) {
                match *output {
                    Output::Residual => values.push(value),
                    Output::First(j) => jacobian[(i, j)] = value,
                    Output::Second(j, k) => curvature[j * p + k].add_product(r, value),
                }
            }
            rss.add_product(r, r);
        }
        let entry = |j: usize, k: usize| curvature[j.min(k) * p + j.max(k)].total();
        Ok(Residuals { values, jacobian, curvature: Mat::from_fn(p, p, entry), rss: rss.total() })
    }

    fn inputs(&self, b: &[f64], row: &[f64]) -> Vec<f64> {
        let value = |input: &Input| match *input {
            Input::Parameter(j) => b[j],
            Input::Column(j) => row[j],
            Input::Unused => 0.0,
        };
        self.inputs.iter().map(value).collect()
    }
}

fn wrong_formula(error: &FormulaError, text: &str) -> ModelError {
    ModelError::Formula { report: error.render(text) }
}

fn meaning(name: &str, set: &Dataset) -> Result<Input, ModelError> {
    let parameter = set.parameters.iter().position(|p| p.name == name).map(Input::Parameter);
    let column = || set.columns.iter().position(|column| column == name).map(Input::Column);
    parameter.or_else(column).ok_or_else(|| ModelError::Name {
        name: name.to_string(),
        parameters: set.parameters.iter().map(|p| &*p.name).collect::<Vec<_>>().join(", "),
        columns: set.columns.join(", "),
    })
}

fn output(wrt: &[usize]) -> Output {
    match *wrt {
        [] => Output::Residual,
        [j] => Output::First(j),
        [j, k] => Output::Second(j, k),
        _ => unreachable!("partials of order two at most were asked for"),
    }
}

impl Residuals {
    /// Jᵀr, half of the gradient of the sum of squares.
    pub fn gradient(&self) -> Vec<f64> {
        let column = |j: usize| {
            let mut sum = Sum::default();
            for (i, r) in self.values.iter().enumerate() {
                sum.add_product(self.jacobian[(i, j)], *r);
            }
            sum.total()
        };
        (0..self.jacobian.ncols()).map(column).collect()
    }

    /// Whether everything is a finite number.
    pub fn is_finite(&self) -> bool {
        self.rss.is_finite() && self.jacobian.is_all_finite() && self.curvature.is_all_finite()
    }

    /// Lengths of the columns of the Jacobian; 1 for a column of zeros.
    pub fn scales(&self) -> Vec<f64> {
        let length = |j| self.jacobian.col(j).norm_l2();
        (0..self.jacobian.ncols()).map(length).map(|length| if length > 0.0 { length } else { 1.0 }).collect()
    }
}
