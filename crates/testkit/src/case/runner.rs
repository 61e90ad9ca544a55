//! Functions of a case, ready to run: verified, parsed back from their text, planned, optimised at every level.

use std::sync::Arc;

use graph_core::{Function, Type, text, verify};
use interp::{Program, Value, Workspace};
use opt::{Level, Report};

use super::Failure;
use super::directives::Directives;
use super::stage::{Derived, Stage, chain};
use super::values::cells;
use super::witness::Witness;

/// A function with both executors.
#[derive(Debug)]
pub struct Executable {
    /// The function.
    pub f: Arc<Function>,
    program: Program,
}

impl Executable {
    /// Verifies the function, reads it back from its text, and plans it.
    pub fn new(f: &Arc<Function>) -> Result<Executable, Failure> {
        verify(f.graph()).map_err(Failure::new)?;
        let printed = text::print(f);
        let parsed = text::parse(&printed).map_err(|e| Failure::new(e).during("printed text"))?;
        if parsed != *f {
            return Err(Failure::new(format!("the printed text is another function:\n{printed}")));
        }
        let program = Program::new(f).map_err(Failure::new)?;
        Ok(Executable { f: Arc::clone(f), program })
    }

    /// The results, from both executors to the same bits.
    pub fn run(&self, args: &[Value]) -> Result<Vec<Value>, Failure> {
        let expected = interp::evaluate(&self.f, args).map_err(Failure::new)?;
        let found = self.program.run(&mut self.program.workspace(), args).map_err(Failure::new)?;
        let same = found.len() == expected.len() && found.iter().zip(&expected).all(|(x, y)| x.same_bits(y));
        match same {
            true => Ok(expected),
            false => Err(Failure::new(format!("executors differ: {:?} and {:?}", cells(&expected), cells(&found)))),
        }
    }

    /// Memory for [`Executable::run_cells`].
    pub fn workspace(&self) -> Workspace {
        self.program.workspace()
    }

    /// Number of cells of all parameters.
    pub fn inputs(&self) -> usize {
        self.program.inputs()
    }

    /// All cells of the results from all cells of the parameters, by the planned executor.
    pub fn run_cells(&self, ws: &mut Workspace, inputs: &[f64]) -> Vec<f64> {
        let mut outputs = vec![0.0; self.program.outputs()];
        self.program.run_into(ws, inputs, &mut outputs).expect("buffers of the program's own sizes");
        outputs
    }
}

/// A stage, its optimised versions, and the witnesses of its numbers.
#[derive(Debug)]
pub struct Run<'s> {
    /// The stage.
    pub stage: &'s Stage,
    /// As it was generated.
    pub generated: Executable,
    /// As optimised at every level.
    pub optimized: Vec<(Level, Executable, Report)>,
    /// For a derivative.
    pub witness: Option<Witness<'s>>,
}

impl Run<'_> {
    /// Prepares all versions of a stage.
    pub fn new(stage: &Stage) -> Result<Run<'_>, Failure> {
        let prepare = || {
            check_types(stage)?;
            let generated = Executable::new(&stage.f)?;
            let optimized = Level::ALL.into_iter().map(|level| optimized(&stage.f, level)).collect::<Result<_, _>>()?;
            let witness = stage.derived.as_ref().map(Witness::new).transpose()?;
            Ok(Run { stage, generated, optimized, witness })
        };
        prepare().map_err(|failure: Failure| failure.during(&stage.name))
    }

    /// The default version for users.
    pub fn default_level(&self) -> (&Executable, &Report) {
        let found = self.optimized.iter().find(|(level, ..)| *level == Level::default());
        let (_, executable, report) = found.expect("every level is there");
        (executable, report)
    }
}

/// The adjoint of a record is a record, and so on.
fn check_types(stage: &Stage) -> Result<(), Failure> {
    let Some(expected) = stage.derived.as_ref().and_then(Derived::types) else { return Ok(()) };
    let found = stage.f.results().iter().map(|&y| stage.f.graph().ty(y));
    match found.clone().eq(&expected) {
        true => Ok(()),
        false => {
            let list =
                |types: &mut dyn Iterator<Item = &Type>| types.map(Type::to_string).collect::<Vec<_>>().join(", ");
            let (found, expected) = (list(&mut found.into_iter()), list(&mut expected.iter()));
            Err(Failure::new(format!("results are {found}, not {expected}")))
        }
    }
}

fn optimized(f: &Arc<Function>, level: Level) -> Result<(Level, Executable, Report), Failure> {
    let (optimized, report) = opt::optimize(f, level);
    if report.exhausted > 0 {
        return Err(Failure::new(format!("optimisation at level {level} did not finish:\n{report}")));
    }
    let executable = Executable::new(&optimized).map_err(|failure| failure.during(format!("level {level}")))?;
    Ok((level, executable, report))
}

/// The last stage, if every stage is optimised before it is differentiated.
pub fn optimized_between(primal: &Arc<Function>, directives: &Directives) -> Result<Executable, Failure> {
    let stages = chain(primal, directives, |f| opt::optimize(&f, Level::default()).0);
    let last = stages.map_err(Failure::new)?.pop().expect("the primal is there");
    Executable::new(&last.f).map_err(|failure| failure.during("optimised between stages"))
}
