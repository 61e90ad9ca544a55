//! The planned executor: a function compiled once to instructions over the cells of a workspace.
//!
//! A program is immutable and shared between threads; each thread has a [`Workspace`] of its own. A run allocates
//! nothing. The reference evaluator gives the same bits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use graph_core::{DType, Function, Graph, NodeId, Op, Type};

use crate::MAX_BYTES;
use crate::alias::TooLarge;
use crate::callees::Callees;
use crate::cells::{self, Cells};
use crate::error::{Error, check_arguments};
use crate::fault::Outcome;
use crate::kernels;
use crate::listing::{bytes, list};
use crate::plan::{Place, Plan};
use crate::planner::{Space, end_of_constants, plan};
use crate::regions::Tiling;
use crate::run::{self, execute};
use crate::slots::LINE;
use crate::value::Value;

/// An executable function.
#[derive(Debug)]
pub struct Program {
    function: Arc<Function>,
    /// Of the function and its callees, callers first, as [`Callees`] lists them.
    plans: Vec<Plan>,
    inputs: Ports,
    outputs: Ports,
    cells: usize,
    tiling: Tiling,
    id: u64,
}

/// How a program is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Most bytes of a workspace.
    pub max_bytes: usize,
    /// How large tiles are.
    pub tiling: Tiling,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { max_bytes: MAX_BYTES, tiling: Tiling::default() }
    }
}

/// The memory of one thread that runs a program.
#[derive(Clone, Debug)]
pub struct Workspace {
    cells: Cells,
    /// For linear algebra.
    stretch: Vec<f64>,
    program: u64,
}

/// Parameters or results as one flat list of numbers: leaf by leaf, row-major.
#[derive(Debug)]
struct Ports {
    ports: Vec<Port>,
    /// Those that lie one after the other, joined.
    joined: Vec<Port>,
    cells: usize,
}

/// One leaf, or several of one kind whose places follow each other.
#[derive(Clone, Copy, Debug)]
struct Port {
    dtype: DType,
    /// Its length, whether or not it has a place.
    len: usize,
    /// `None` for an argument that nothing reads.
    place: Option<Place>,
}

impl Program {
    /// Plans a function. Linear in its nodes and those of its callees.
    pub fn new(f: &Arc<Function>) -> Result<Program, Error> {
        Program::with(f, Settings::default())
    }

    /// As [`Program::new`], with settings of one's own.
    pub fn with(f: &Arc<Function>, settings: Settings) -> Result<Program, Error> {
        let Settings { max_bytes, tiling } = settings;
        let callees = Callees::of(f);
        callees.check_calls()?;
        let too_large = |TooLarge { cells }: TooLarge| {
            let bytes = cells.saturating_mul(size_of::<u64>());
            Error::Memory { function: f.name().into(), bytes, limit: max_bytes }
        };
        let plans = plan_all(&callees, max_bytes / size_of::<u64>(), tiling, false).map_err(too_large)?;
        let cells = plans.iter().map(|plan| plan.end).max().expect("the function itself has a plan");
        if Vec::<u64>::new().try_reserve_exact(cells).is_err() {
            return Err(too_large(TooLarge { cells }));
        }
        let inputs = Ports::new(f.params().iter().map(|p| f.graph().ty(p.node)), plans[0].params.iter().copied());
        let outputs =
            Ports::new(f.results().iter().map(|&y| f.graph().ty(y)), plans[0].results.iter().map(|&p| Some(p)));
        Ok(Program { function: Arc::clone(f), plans, inputs, outputs, cells, tiling, id: fresh_id() })
    }

    /// The function that was planned.
    pub fn function(&self) -> &Arc<Function> {
        &self.function
    }

    /// Memory for one thread, with the constants and what follows from them in place.
    pub fn workspace(&self) -> Workspace {
        let mut memory = Cells::new(self.cells);
        for (f, plan) in Callees::of(&self.function).functions.into_iter().zip(&self.plans) {
            for &(id, place) in &plan.constants {
                store_constant(f.graph(), id, &mut memory[place.at..][..place.len]);
            }
        }
        if let Some(prelude) = &self.plans[0].prelude {
            run::prepare(prelude, &mut memory);
        }
        let stretch = vec![0.0; self.stretch()];
        Workspace { cells: memory, stretch, program: self.id }
    }

    /// Bytes of a workspace: all that a run needs.
    pub fn peak_bytes(&self) -> usize {
        (self.cells + self.stretch()) * size_of::<u64>()
    }

    /// Numbers that linear algebra needs beside the cells.
    fn stretch(&self) -> usize {
        self.plans.iter().map(|plan| plan.stretch).max().unwrap_or(0)
    }

    /// What a run does, function by function: dispatches in order, with the kernel, how often it is done, and what it
    /// moves and computes; what is done by tiles stands together. Plans the function once more.
    ///
    /// Bytes are those of operands and results, cells of 8 bytes each, wherever they come from; an operation is one
    /// elementwise op on one element, a multiplication and an addition of a contraction count as two.
    pub fn listing(&self) -> String {
        let callees = Callees::of(&self.function);
        let plans = plan_all(&callees, usize::MAX, self.tiling, true);
        let plans = plans.unwrap_or_else(|_| unreachable!("it was planned before, within a limit"));
        let mut out = format!(
            "{} dispatches; {} of memory, {} of them constants\n",
            self.instructions(),
            bytes(self.peak_bytes()),
            bytes(plans.iter().flat_map(|plan| &plan.constants).map(|(_, place)| place.len * size_of::<u64>()).sum()),
        );
        callees.functions.iter().zip(&plans).for_each(|(f, plan)| list(&mut out, f, plan));
        out
    }

    /// Number of dispatches, each callee counted once.
    pub fn instructions(&self) -> usize {
        self.plans.iter().map(|plan| plan.instructions.len()).sum()
    }

    /// Number of scalar cells of all parameters.
    pub fn inputs(&self) -> usize {
        self.inputs.cells
    }

    /// Number of scalar cells of all results.
    pub fn outputs(&self) -> usize {
        self.outputs.cells
    }

    /// Runs on numbers: all parameters, then all results, leaf by leaf and row-major. Numbers become elements of other
    /// kinds, and these numbers, as the op `cast` converts them. Allocates nothing, unless there is an error to tell.
    ///
    /// # Errors
    /// Buffers and workspaces that do not fit; then nothing is written. A fault of a node (an index out of range, a
    /// matrix that is singular), the first one of the run; then all results are written, as in [`Outcome::values`].
    pub fn run_into(&self, ws: &mut Workspace, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Error> {
        self.check(ws)?;
        self.inputs.check(&self.function, "input", inputs.len())?;
        self.outputs.check(&self.function, "output", outputs.len())?;
        for (port, numbers) in self.inputs.split(inputs) {
            if let Some(place) = port.place {
                cells::store_numbers(port.dtype, numbers, &mut ws.cells[place.at..][..place.len]);
            }
        }
        let fault = self.execute(ws);
        let mut rest = outputs;
        for port in &self.outputs.joined {
            let (numbers, after) = rest.split_at_mut(port.len);
            port.place.iter().for_each(|p| cells::load_numbers(port.dtype, &ws.cells[p.at..][..p.len], numbers));
            rest = after;
        }
        fault.map_or(Ok(()), Err)
    }

    /// Runs on values: an argument for each parameter, a value for each result.
    ///
    /// # Errors
    /// Arguments and workspaces that do not fit; the first fault of a node.
    pub fn run(&self, ws: &mut Workspace, args: &[Value]) -> Result<Vec<Value>, Error> {
        self.attempt(ws, args)?.into_result()
    }

    /// As [`Program::run`], with the results also where a node has a fault.
    ///
    /// # Errors
    /// Arguments and workspaces that do not fit.
    pub fn attempt(&self, ws: &mut Workspace, args: &[Value]) -> Result<Outcome, Error> {
        self.check(ws)?;
        check_arguments(&self.function, args)?;
        for (port, leaf) in self.inputs.ports.iter().zip(args.iter().flat_map(Value::leaves)) {
            if let Some(place) = port.place {
                cells::store(leaf, &mut ws.cells[place.at..][..place.len]);
            }
        }
        let fault = self.execute(ws);
        let g = self.function.graph();
        let types = self.function.results().iter().map(|&y| g.ty(y));
        let mut places = self.plans[0].results.iter();
        let mut tensors = types.clone().flat_map(Type::leaves).map(|t| {
            let place = places.next().expect("a place for each leaf");
            cells::load(t.dtype, t.shape.clone(), &ws.cells[place.at..][..place.len])
        });
        let values = types.map(|ty| Value::from_leaves(ty, &mut tensors).expect("the leaves of the results")).collect();
        Ok(Outcome { values, fault })
    }

    /// Runs to the end on the arguments that are in place; the first fault.
    fn execute(&self, ws: &mut Workspace) -> Option<Error> {
        let mut memory = run::Memory { cells: &mut ws.cells, stretch: &mut ws.stretch, fault: None };
        execute(&self.plans, 0, &mut memory);
        memory.fault.map(|fault| fault.what.explain(Callees::of(&self.function).functions[fault.plan], fault.node))
    }

    fn check(&self, ws: &Workspace) -> Result<(), Error> {
        match ws.program == self.id {
            true => Ok(()),
            false => Err(Error::Workspace { function: self.function.name().into() }),
        }
    }
}

impl Port {
    fn leads_to(&self, next: Port) -> bool {
        let follows = match (self.place, next.place) {
            (Some(this), Some(next)) => this.at + this.len == next.at,
            (this, next) => this == next,
        };
        self.dtype == next.dtype && follows
    }

    fn append(&mut self, next: Port) {
        self.len += next.len;
        if let (Some(this), Some(next)) = (&mut self.place, next.place) {
            this.len += next.len;
        }
    }
}

impl Ports {
    fn new<'t>(types: impl Iterator<Item = &'t Type>, places: impl Iterator<Item = Option<Place>>) -> Ports {
        let leaves = types.flat_map(Type::leaves).zip(places);
        let ports: Vec<_> = leaves.map(|(t, place)| Port { dtype: t.dtype, len: t.shape.elements(), place }).collect();
        let cells = ports.iter().map(|port| port.len).sum();
        let mut joined: Vec<Port> = Vec::new();
        for &port in &ports {
            match joined.last_mut() {
                Some(last) if last.leads_to(port) => last.append(port),
                _ => joined.push(port),
            }
        }
        Ports { ports, joined, cells }
    }

    fn check(&self, f: &Function, what: &'static str, found: usize) -> Result<(), Error> {
        match found == self.cells {
            true => Ok(()),
            false => Err(Error::Cells { function: f.name().into(), what, expected: self.cells, found }),
        }
    }

    /// Each leaf with its part of a flat list.
    fn split<'a>(&'a self, numbers: &'a [f64]) -> impl Iterator<Item = (&'a Port, &'a [f64])> {
        self.joined.iter().scan(numbers, |rest, port| {
            let (numbers, after) = rest.split_at(port.len);
            *rest = after;
            Some((port, numbers))
        })
    }
}

/// Tells programs apart, so that a workspace is not used with another one.
fn fresh_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Plans callers before callees, because the frame of a callee starts above those of its callers.
fn plan_all(callees: &Callees<'_>, limit: usize, tiling: Tiling, notes: bool) -> Result<Vec<Plan>, TooLarge> {
    let limit = limit.min(u32::MAX as usize);
    let constants = callees.functions.iter().fold(0, |end, f| end_of_constants(f.graph(), end));
    let constants = constants.checked_next_multiple_of(LINE).unwrap_or(constants);
    if constants > limit {
        return Err(TooLarge { cells: constants });
    }
    let mut frames = vec![constants; callees.functions.len()];
    let mut plans = Vec::with_capacity(callees.functions.len());
    let mut space = Space { constants: 0, frame: constants, limit, tiling, is_main: true, notes };
    for (at, f) in callees.functions.iter().enumerate() {
        space.frame = frames[at];
        let plan = plan(f, callees, &mut space)?;
        space.is_main = false;
        for callee in f.graph().functions() {
            let frame = &mut frames[callees.position(callee)];
            *frame = plan.end.next_multiple_of(LINE).max(*frame);
        }
        plans.push(plan);
    }
    Ok(plans)
}

fn store_constant(g: &Graph, id: NodeId, cells: &mut [u64]) {
    match g.op(id) {
        Op::Iota(spec) => cells::store(&kernels::shape::iota(&g[spec]), cells),
        _ => cells::store_literal(g.literal(id).expect("the other stored nodes are constants"), cells),
    }
}
