//! Functions made ready to run on flat lists of numbers, and the facts about a function that need no derivative.

use std::sync::Arc;

use graph_core::{Buffer, Function, Scalar, Type, text, verify};
use interp::{Program, Settings, Tensor, Tiling, Value, Workspace};

use super::check::{Check, Find};

/// A planned function with its workspace.
#[derive(Debug)]
pub struct Machine {
    /// The function.
    pub f: Arc<Function>,
    program: Program,
    workspace: Workspace,
}

impl Machine {
    /// Plans a valid function.
    pub fn new(f: &Arc<Function>) -> Result<Machine, Find> {
        verify(f.graph()).map_err(|e| Find::new(Check::Verify, format!("@{}: {e}", f.name())))?;
        let program = Program::new(f).map_err(|e| Find::new(Check::Plan, format!("@{}: {e}", f.name())))?;
        let workspace = program.workspace();
        Ok(Machine { f: Arc::clone(f), program, workspace })
    }

    /// The numbers of all results; all NaN where the run ended with an error.
    pub fn run(&mut self, inputs: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.program.outputs()];
        if self.program.run_into(&mut self.workspace, inputs, &mut out).is_err() {
            out.fill(f64::NAN);
        }
        out
    }

    /// Compares both executors, the planned one with tiles of usual size and with the smallest, bit by bit; errors, too, must
    /// be the same. Returns the results.
    pub fn executors_agree(&mut self, inputs: &[f64]) -> Result<Option<Vec<Value>>, Find> {
        let args = arguments(&self.f, inputs);
        let reference = interp::evaluate(&self.f, &args);
        let planned = self.program.run(&mut self.workspace, &args);
        let tiling = Tiling { cells: 16, lanes: 2 };
        let tiled = Program::with(&self.f, Settings { tiling, ..Settings::default() });
        let tiled = tiled.and_then(|program| program.run(&mut program.workspace(), &args));
        for (found, how) in [(planned, "as planned"), (tiled, "in small tiles")] {
            let same = match (&reference, &found) {
                (Ok(a), Ok(b)) => same_bits(a, b),
                (Err(a), Err(b)) => a.code() == b.code(),
                _ => false,
            };
            if !same {
                let message = format!("@{}: {reference:?} by reference, {found:?} {how}", self.f.name());
                return Err(Find::new(Check::Executors, message));
            }
        }
        Ok(reference.ok())
    }
}

/// Equal results up to the bits of NaNs.
pub fn same_bits(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.same_bits(y))
}

/// Values of the parameters from all their elements.
pub fn arguments(f: &Function, inputs: &[f64]) -> Vec<Value> {
    let mut rest = inputs.iter();
    let mut value = |ty: &Type| {
        let leaves: Vec<_> = ty.leaves().into_iter().cloned().collect();
        let mut tensors = leaves.iter().map(|t| {
            let numbers = rest.by_ref().take(t.shape.elements());
            let data = Buffer::collect(t.dtype, numbers.map(|&x| Scalar::F64(x).cast(t.dtype)));
            Tensor::new(t.shape.clone(), data).expect("a number for each element")
        });
        Value::from_leaves(ty, &mut tensors).expect("a tensor for each leaf")
    };
    (0..f.params().len()).map(|i| value(f.param_type(i))).collect()
}

/// Text is read back as the function it was printed from. `false` if that function has other names for callees of
/// callees, which text numbers where two of one name are different, and is printed alike.
pub fn round_trips(f: &Arc<Function>) -> Result<bool, Find> {
    let printed = text::print(f);
    let parsed = text::parse(&printed).map_err(|e| Find::new(Check::Text, format!("{e}\n{printed}")))?;
    let nested = f.depth() > 1;
    match parsed == *f {
        true => Ok(true),
        false if nested && uncommented(&text::print(&parsed)) == uncommented(&printed) => Ok(false),
        false => Err(Find::new(Check::Text, format!("the text is another function:\n{printed}"))),
    }
}

/// Text without the comments that say where a node came from, which are not read back.
fn uncommented(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default().trim_end()).collect::<Vec<_>>().join("\n")
}
