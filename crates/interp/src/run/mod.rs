//! Executes plans: one flat dispatcher, and the loops of each family in a file of its own. Nothing here allocates.

pub mod contract;
pub mod cumulate;
pub mod fused;
pub mod index;
pub mod integer;
pub mod lanes;
pub mod linalg;
pub mod movement;
pub mod order;
pub mod pointwise;
pub mod reduce;
pub mod region;
pub mod scalars;
pub mod window;

use graph_core::NodeId;

use crate::fault::{Fault, What};
use crate::plan::{Call, Instruction, Place, Plan};

/// Where a run takes place.
pub struct Memory<'m> {
    pub cells: &'m mut [u64],
    /// For linear algebra.
    pub stretch: &'m mut [f64],
    /// The first that was met.
    pub fault: Option<Fault>,
}

/// Runs a plan, whose arguments lie at its parameters, to its end. Recurses over calls only, whose nesting is limited.
pub fn execute(plans: &[Plan], index: usize, memory: &mut Memory<'_>) {
    dispatch(&plans[index], plans, index, memory);
}

/// Runs what is done once, into the cells of a new workspace. No node of it can fail.
pub fn prepare(prelude: &Plan, cells: &mut [u64]) {
    dispatch(prelude, &[], 0, &mut Memory { cells, stretch: &mut [], fault: None });
}

fn dispatch(plan: &Plan, plans: &[Plan], index: usize, memory: &mut Memory<'_>) {
    let note = |fault: &mut Option<Fault>, node: NodeId, met: Option<What>| {
        *fault = fault.or(met.map(|what| Fault { plan: index, node, what }));
    };
    let mut words = &plan.words[..];
    for instruction in &plan.instructions {
        let cells = &mut *memory.cells;
        let fault = &mut memory.fault;
        match instruction {
            Instruction::Run(run) => {
                let (these, rest) = words.split_at(run.words as usize);
                (run.repeat)(cells, these, run.lanes as usize);
                words = rest;
            }
            Instruction::Scalars(scalars) => scalars.run(cells),
            Instruction::Fill(fill) => fill.run(cells),
            Instruction::Move(movement) => movement.run(cells),
            Instruction::Reduce(fold) => fold.reduction.combine(cells, &fold.geometry, fold.from, fold.to, true),
            Instruction::Region(region) => region.run(cells),
            Instruction::Gather(gathering) => note(fault, gathering.node, gathering.run(cells)),
            Instruction::Scatter(scattering) => note(fault, scattering.node, scattering.run(cells)),
            Instruction::Cumulate(cumulation) => cumulation.run(cells),
            Instruction::Sort(sorting) => sorting.run(cells),
            Instruction::Dot(contraction) => contraction.run(cells),
            Instruction::Conv(convolution) => convolution.run(cells),
            Instruction::ReduceWindow(reduction) => reduction.run(cells),
            Instruction::Linalg(factorisation) => {
                note(fault, factorisation.node, factorisation.run(cells, memory.stretch));
            }
            Instruction::Call(call) => enter(plans, call, memory),
        }
    }
}

fn enter(plans: &[Plan], call: &Call, memory: &mut Memory<'_>) {
    let callee = &plans[call.callee];
    for (arg, param) in call.args.iter().zip(&callee.params) {
        if let Some(param) = param {
            copy(memory.cells, *arg, *param);
        }
    }
    execute(plans, call.callee, memory);
    for (from, to) in callee.results.iter().zip(&call.results) {
        copy(memory.cells, *from, *to);
    }
}

fn copy(cells: &mut [u64], from: Place, to: Place) {
    cells.copy_within(from.at..from.at + from.len, to.at);
}

/// The cells of a result and those of operands that lie apart from it.
fn apart<const N: usize>(cells: &mut [u64], result: Place, operands: [Place; N]) -> (&mut [u64], [&[u64]; N]) {
    let (low, rest) = cells.split_at_mut(result.at);
    let (middle, high) = rest.split_at_mut(result.len);
    let (low, high): (&[u64], &[u64]) = (low, high);
    let read = |operand: Place| match operand {
        Place { len: 0, .. } => &[],
        Place { at, len } if at < result.at => &low[at..][..len],
        Place { at, len } => &high[at - result.at - result.len..][..len],
    };
    (middle, operands.map(read))
}
