//! What is timed: for each workload some functions, the last of which is compared.

mod arrays;
mod control;
mod networks;
mod scalars;
mod vision;

use std::cell::RefCell;
use std::time::{Duration, Instant};

use wengert::prelude::*;

use crate::data::Inputs;

/// The workloads.
pub const NAMES: [&str; 9] = ["gmm", "ba", "lstm", "nth", "hess", "mlp_hvp", "maml", "ocp", "recur"];

type Failure = Box<dyn std::error::Error>;

/// A workload, ready to run.
pub struct Case {
    /// Tracing, differentiating and simplifying.
    pub build: Duration,
    /// Planning.
    pub compile: Duration,
    /// Nodes of the last function.
    pub nodes: usize,
    /// What can be called.
    pub calls: Vec<Call>,
}

/// One function with its inputs.
pub struct Call {
    /// Its name in the protocol.
    pub name: &'static str,
    program: Program,
    inputs: Vec<f64>,
    outputs: RefCell<Vec<f64>>,
    /// Which elements of the output are compared, in this order; none: all.
    chosen: Option<Vec<usize>>,
}

impl Call {
    /// Runs it once.
    pub fn run(&self) -> Result<(), Error> {
        self.program.run_into(&self.inputs, &mut self.outputs.borrow_mut())
    }

    /// What is compared, of the last run.
    pub fn output(&self) -> Vec<f64> {
        let all = self.outputs.borrow();
        match &self.chosen {
            Some(places) => places.iter().map(|&at| all[at]).collect(),
            None => all.clone(),
        }
    }
}

impl Case {
    /// The call of this name.
    pub fn call(&self, name: &str) -> Result<&Call, String> {
        self.calls.iter().find(|call| call.name == name).ok_or_else(|| format!("no function `{name}`"))
    }

    /// Times building and planning of some functions; each comes with its inputs.
    fn new(build: impl FnOnce() -> Result<Vec<Made>, Error>) -> Result<Case, Failure> {
        let start = Instant::now();
        let mut made = build()?;
        for each in &mut made {
            each.function = each.function.optimize(wengert::Level::default()).0;
        }
        let (build, start) = (start.elapsed(), Instant::now());
        let nodes = made.last().map_or(0, |each| each.function.nodes());
        let mut calls = Vec::new();
        for Made { name, function, inputs, chosen } in made {
            let program = function.compile_at(wengert::Level::None)?;
            let outputs = RefCell::new(vec![0.0; program.outputs()]);
            calls.push(Call { name, program, inputs, outputs, chosen });
        }
        Ok(Case { build, compile: start.elapsed(), nodes, calls })
    }
}

/// A function and what it is called with.
struct Made {
    name: &'static str,
    function: Function,
    inputs: Vec<f64>,
    chosen: Option<Vec<usize>>,
}

fn made(name: &'static str, function: Function, inputs: &[f64]) -> Made {
    Made { name, function, inputs: inputs.to_vec(), chosen: None }
}

fn tensor(shape: &[usize]) -> Type {
    Type::tensor(DType::F64, shape)
}

/// A workload at a size.
///
/// # Errors
/// No such workload or size; inputs that cannot be read.
pub fn case(workload: &str, size: &str) -> Result<Case, Failure> {
    match workload {
        "gmm" => arrays::gmm(&Inputs::load("gmm", size)?),
        "ba" => vision::bundle(&Inputs::load("ba", size)?),
        "lstm" => networks::lstm(&Inputs::load("lstm", size)?),
        "nth" => scalars::nth(&Inputs::load("nth", "x")?, number(size, "n")?),
        "hess" => arrays::hessian(&Inputs::load("hess", size)?, size.starts_with("rosen")),
        "mlp_hvp" => networks::mlp(&Inputs::load("mlp", size)?),
        "maml" => networks::maml(&Inputs::load("maml", size)?),
        "ocp" => control::cart_pole(&Inputs::load("ocp", size)?),
        "recur" => scalars::recurrence(&Inputs::load("recur", "x")?, size.parse::<f64>()? as usize),
        _ => Err(format!("no workload `{workload}`; there are {}", NAMES.join(", ")).into()),
    }
}

fn number(size: &str, prefix: &str) -> Result<usize, Failure> {
    Ok(size.strip_prefix(prefix).unwrap_or(size).parse()?)
}
