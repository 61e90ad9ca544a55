//! Makes the plan of a function: gives every buffer its cells, and every scheduled node its instruction.
//!
//! A buffer's cells are given back after its last user, and may then hold another. An elementwise instruction may take
//! the cells of a dying operand for its result: on one cell it reads before it writes; on more it does so only if both
//! are the very same stretch, and then element by element. All other instructions get cells that no operand lies in.

pub mod fusion;
mod lists;
mod region;

use std::mem;

use graph_core::smallvec::SmallVec;
use graph_core::{Function, Graph, NodeId, NodeMap, Op, TensorType};
use rustc_hash::FxHashSet;

use self::fusion::Fusion;
use crate::alias::{Aliases, TooLarge, View, tensor};
use crate::callees::Callees;
use crate::fixed::Fixed;
use crate::plan::{Call, Fill, Fold, Instruction, Place, Plan, Run, Step};
use crate::regions::{Finder, Piece, Tiling, regions};
use crate::run::contract::Contraction;
use crate::run::cumulate::Cumulation;
use crate::run::index::{Gathering, Scattering};
use crate::run::linalg::Factorisation;
use crate::run::movement::{self, Movement};
use crate::run::order::Sorting;
use crate::run::pointwise::{compile, is_vector};
use crate::run::reduce::{self, Reduction};
use crate::run::window::{Convolution, WindowReduction};
use crate::schedule::schedule;
use crate::slots::{self, Slots};

/// What a plan may use of the workspace.
pub struct Space {
    /// Next free cell for constants.
    pub constants: usize,
    /// First cell of the frame.
    pub frame: usize,
    /// Cells that the workspace may have.
    pub limit: usize,
    /// How large tiles are.
    pub tiling: Tiling,
    /// Whether it is the function that a program is of: its frame is never another's.
    pub is_main: bool,
    /// Whether plans note which node each instruction is for.
    pub notes: bool,
}

/// The first cell behind the constants of a function, the first of which may start at `from`.
pub fn end_of_constants(g: &Graph, from: usize) -> usize {
    let stored = g.nodes().iter().filter(|&&id| matches!(g.op(id), Op::Const(_) | Op::Iota(_)));
    let lens = stored.map(|&id| tensor(g, id).shape.elements());
    // More than any limit, and far from where a sum wraps.
    lens.fold(from, |end, len| slots::start(end, len).saturating_add(slots::taken(len)).min(1 << 60))
}

/// Plans one function; constants and frame are taken from `space`.
pub fn plan(f: &Function, callees: &Callees<'_>, space: &mut Space) -> Result<Plan, TooLarge> {
    let g = f.graph();
    let aliases = Aliases::of(g, space.limit)?;
    let fusion = Fusion::of_numbers(f, &aliases);
    let mut order = schedule(g, &aliases, &fusion);
    let fixed = if space.is_main { Fixed::of(f, &aliases, &order, &fusion) } else { Fixed::default() };
    order.sort_by_key(|&id| !fixed.contains(id));
    let (once, always) = order.split_at(order.partition_point(|&id| fixed.contains(id)));
    let mut pieces = Vec::with_capacity(order.len());
    let finder = Finder { g, aliases: &aliases, fusion: &fusion, tiling: space.tiling };
    regions(&finder, once, &mut pieces);
    let prelude_pieces = pieces.len();
    regions(&finder, always, &mut pieces);
    let mut last_use = last_uses(f, &aliases, &pieces, &fusion);
    fixed.kept.iter().for_each(|&buffer| last_use[buffer as usize] = NEVER);
    let mut planner = Planner {
        g,
        callees,
        places: vec![0; aliases.buffers.len()],
        slots: Slots::new(space.frame),
        last_use,
        aliases,
        fusion,
        step: None,
        written: FxHashSet::default(),
        inner: 0,
        notes: space.notes,
        uses: None,
        plan: Plan { words: Vec::with_capacity(order.len() * 3), ..Plan::default() },
    };
    planner.store_constants(space);
    planner.take_params(f);
    planner.check(space)?;
    let mut prelude = None;
    let mut time = 0;
    for (at, piece) in pieces.iter().enumerate() {
        if at == prelude_pieces && at > 0 {
            prelude = Some(planner.end_prelude());
        }
        match piece {
            Piece::One(id) => {
                planner.emit(*id, time);
                if space.notes {
                    let parts = planner.fusion.steps(*id).map_or(&[][..], |steps| &steps.parts);
                    planner.note(&[parts, &[*id]].concat());
                }
            }
            Piece::Region { members, rows } => planner.region(members, *rows, time, space.tiling),
        }
        time += piece.nodes().len() as u32;
        planner.check(space)?;
    }
    let results = f.results().iter().flat_map(|&y| planner.leaves(y)).collect();
    if prelude.is_none() && prelude_pieces > 0 {
        prelude = Some(planner.end_prelude());
    }
    let mut plan = Plan { results, prelude, end: planner.slots.end(), ..planner.plan };
    lists::list(&mut plan);
    Ok(plan)
}

/// Times at which buffers die that die with no instruction.
const NEVER: u32 = u32::MAX;
const UNUSED: u32 = u32::MAX - 1;

/// For each buffer the position of its last user among the nodes of the pieces.
fn last_uses(f: &Function, aliases: &Aliases, pieces: &[Piece], fusion: &Fusion) -> Vec<u32> {
    let g = f.graph();
    let mut last = vec![UNUSED; aliases.buffers.len()];
    for (time, &id) in pieces.iter().flat_map(Piece::nodes).enumerate() {
        for &x in fusion.operands(g, id) {
            aliases.views(x).iter().for_each(|view| last[view.buffer as usize] = time as u32);
        }
    }
    let constants = g.nodes().iter().filter(|&&id| matches!(g.op(id), Op::Const(_) | Op::Iota(_)));
    for &id in f.results().iter().chain(constants) {
        aliases.views(id).iter().for_each(|view| last[view.buffer as usize] = NEVER);
    }
    last
}

struct Planner<'a> {
    g: &'a Graph,
    callees: &'a Callees<'a>,
    aliases: Aliases,
    /// Single numbers that go to no cell.
    fusion: Fusion,
    /// First cell of each buffer that is alive.
    places: Vec<u32>,
    last_use: Vec<u32>,
    slots: Slots,
    /// The step of the last run.
    step: Option<Step>,
    /// The cells of its results, where it goes by vectors of single cells.
    written: FxHashSet<u32>,
    /// Members of regions so far, but for one of each.
    inner: usize,
    notes: bool,
    /// How often each node is used, once that was asked.
    uses: Option<NodeMap<u32>>,
    plan: Plan,
}

impl Planner<'_> {
    fn check(&self, space: &Space) -> Result<(), TooLarge> {
        let cells = self.slots.end();
        if cells <= space.limit { Ok(()) } else { Err(TooLarge { cells }) }
    }

    /// Takes what was emitted so far as what is done once.
    fn end_prelude(&mut self) -> Box<Plan> {
        (self.step, self.inner) = (None, 0);
        Box::new(Plan {
            instructions: mem::take(&mut self.plan.instructions),
            words: mem::take(&mut self.plan.words),
            notes: mem::take(&mut self.plan.notes),
            ..Plan::default()
        })
    }

    /// Remembers, where that is asked for, that what was emitted last is for these nodes.
    fn note(&mut self, nodes: &[NodeId]) {
        if self.notes {
            let end = self.plan.instructions.len() + self.inner;
            self.plan.notes.extend(nodes.iter().map(|&id| (id, end)));
        }
    }

    fn store_constants(&mut self, space: &mut Space) {
        for &id in self.g.nodes().iter().filter(|&&id| matches!(self.g.op(id), Op::Const(_) | Op::Iota(_))) {
            let buffer = self.aliases.views(id)[0].buffer as usize;
            let len = self.aliases.buffers[buffer] as usize;
            let place = Place { at: slots::start(space.constants, len), len };
            self.places[buffer] = place.at as u32;
            space.constants = place.at + slots::taken(len);
            self.plan.constants.push((id, place));
        }
    }

    fn take_params(&mut self, f: &Function) {
        for param in f.params() {
            for leaf in 0..self.aliases.views(param.node).len() {
                let buffer = self.aliases.views(param.node)[leaf].buffer;
                let place = (self.last_use[buffer as usize] != UNUSED).then(|| self.take(buffer));
                self.plan.params.push(place);
            }
        }
    }

    fn take(&mut self, buffer: u32) -> Place {
        let len = self.aliases.buffers[buffer as usize] as usize;
        let at = self.slots.take(len);
        self.places[buffer as usize] = at as u32;
        Place { at, len }
    }

    /// The places of all leaves of a value.
    fn leaves(&self, id: NodeId) -> Vec<Place> {
        let types = self.g.ty(id).leaves();
        self.aliases.views(id).iter().zip(types).map(|(view, t)| self.locate(view, t)).collect()
    }

    /// The place of a tensor node.
    fn place(&self, id: NodeId) -> Place {
        self.locate(&self.aliases.views(id)[0], tensor(self.g, id))
    }

    fn locate(&self, view: &View, t: &TensorType) -> Place {
        Place { at: (self.places[view.buffer as usize] + view.offset) as usize, len: t.shape.elements() }
    }

    fn emit(&mut self, id: NodeId, time: u32) {
        match self.g.op(id) {
            Op::Unary(_)
            | Op::Nth(..)
            | Op::Binary(_)
            | Op::Compare(_)
            | Op::Logic(_)
            | Op::Integer(_)
            | Op::Test(_) => {
                self.elementwise(id, time);
            }
            Op::Select | Op::Cast(_) => self.elementwise(id, time),
            Op::Bitcast(_) => unreachable!("its result is its operand's cells"),
            Op::Broadcast(_) | Op::Permute(_) | Op::Slice(_) | Op::Reverse(_) => self.apart(id, time, Self::movement),
            Op::Pad(_) => self.apart(id, time, Self::pad),
            Op::Concat(_) => self.apart(id, time, Self::concat),
            Op::Gather(_) => self.apart(id, time, Self::gather),
            Op::Scatter(..) => self.apart(id, time, Self::scatter),
            Op::Reduce(..) => self.apart(id, time, Self::reduce),
            Op::Cumulate(..) => self.apart(id, time, Self::cumulate),
            Op::Sort(_) => self.apart(id, time, Self::sort),
            Op::Dot(_) => self.apart(id, time, Self::dot),
            Op::Conv(_) => self.apart(id, time, Self::conv),
            Op::ReduceWindow(..) => self.apart(id, time, Self::reduce_window),
            Op::Linalg(_) | Op::TriangularSolve(_) => self.apart(id, time, Self::linalg),
            Op::Call(_) => self.apart(id, time, Self::call),
            Op::Param(_) | Op::Const(_) | Op::Iota(_) | Op::Reshape(_) | Op::Tuple | Op::Record(_) | Op::Get(_) => {
                unreachable!("such nodes are not scheduled")
            }
        }
    }

    /// An instruction that writes while it still reads: the result lies apart from all operands.
    fn apart(&mut self, id: NodeId, time: u32, emit: fn(&mut Self, NodeId)) {
        self.take_result(id);
        emit(self, id);
        self.give_operands(id, time);
        self.give_unused(id);
    }

    /// The step of an elementwise node.
    fn step_of(&self, id: NodeId) -> Step {
        if let Some(steps) = self.fusion.steps(id) {
            return Step::Fused(steps.fused);
        }
        let g = self.g;
        let operand = |index: usize| tensor(g, g.operands(id)[index]).dtype;
        match g.op(id) {
            Op::Unary(op) => Step::Unary(op, operand(0)),
            Op::Nth(op, n) => Step::Nth(op, n, operand(0)),
            Op::Binary(op) => Step::Binary(op, operand(0)),
            Op::Compare(op) => Step::Compare(op, operand(0)),
            Op::Logic(op) => Step::Logic(op),
            Op::Integer(op) => Step::Integer(op),
            Op::Test(op) => Step::Test(op),
            Op::Select => Step::Select,
            Op::Cast(to) => Step::Cast { from: operand(0), to },
            _ => unreachable!("asked for elementwise nodes only"),
        }
    }

    fn elementwise(&mut self, id: NodeId, time: u32) {
        let step = self.step_of(id);
        let operands: SmallVec<[u32; 4]> =
            self.fusion.operands(self.g, id).iter().map(|&x| self.place(x).at as u32).collect();
        let result = self.aliases.views(id)[0].buffer as usize;
        let lanes = self.aliases.buffers[result] as usize;
        if lanes == 1 {
            self.give_operands(id, time);
            self.take_result(id);
        } else {
            match self.inherit(id, time, lanes) {
                Some(place) => self.places[result] = place,
                None => self.take_result(id),
            }
            self.give_operands(id, time);
        }
        self.append(step, lanes, self.places[result], &operands);
        self.give_unused(id);
    }

    /// The cells of an operand that dies here and is exactly as long as the result.
    fn inherit(&mut self, id: NodeId, time: u32, lanes: usize) -> Option<u32> {
        let dying = |x: &NodeId| {
            let buffer = self.aliases.views(*x)[0].buffer as usize;
            (self.last_use[buffer] == time && self.aliases.buffers[buffer] as usize == lanes).then_some(buffer)
        };
        let buffer = self.g.operands(id).iter().find_map(dying)?;
        self.last_use[buffer] = NEVER;
        Some(self.places[buffer])
    }

    fn append(&mut self, step: Step, lanes: usize, result: u32, operands: &[u32]) {
        self.plan.words.push(result);
        self.plan.words.extend_from_slice(operands);
        let more = 1 + operands.len() as u32;
        // What goes by vectors must not read the result of another repetition.
        let is_vector = lanes == 1 && is_vector(step);
        let waits = is_vector && operands.iter().any(|x| self.written.contains(x));
        match self.plan.instructions.last_mut() {
            Some(Instruction::Run(run)) if self.step == Some(step) && run.lanes as usize == lanes && !waits => {
                run.words += more;
            }
            _ => {
                self.written.clear();
                let run = Run { repeat: compile(step), lanes: lanes as u32, words: more, step };
                self.plan.instructions.push(Instruction::Run(run));
                self.step = Some(step);
            }
        }
        if is_vector {
            self.written.insert(result);
        }
    }

    fn take_result(&mut self, id: NodeId) {
        for leaf in 0..self.aliases.views(id).len() {
            self.take(self.aliases.views(id)[leaf].buffer);
        }
    }

    fn give_operands(&mut self, id: NodeId, time: u32) {
        for at in 0..self.fusion.operands(self.g, id).len() {
            self.give(self.fusion.operands(self.g, id)[at], time);
        }
    }

    fn give_unused(&mut self, id: NodeId) {
        self.give(id, UNUSED);
    }

    /// Gives back the buffers of a value that die at `time`, each once.
    fn give(&mut self, id: NodeId, time: u32) {
        for view in self.aliases.views(id) {
            let buffer = view.buffer as usize;
            if self.last_use[buffer] == time {
                self.last_use[buffer] = NEVER;
                self.slots.give(self.places[buffer] as usize, self.aliases.buffers[buffer] as usize);
            }
        }
    }

    fn push(&mut self, instruction: Instruction) {
        self.plan.instructions.push(instruction);
    }

    fn movement(&mut self, id: NodeId) {
        let movement = Movement::of(self.g, id, self.place(self.g.operands(id)[0]), self.place(id));
        self.push(Instruction::Move(Box::new(movement)));
    }

    fn pad(&mut self, id: NodeId) {
        let fill = self.place(self.g.operands(id)[1]).at;
        self.push(Instruction::Fill(Box::new(Fill { to: self.place(id), from: fill })));
        self.movement(id);
    }

    fn concat(&mut self, id: NodeId) {
        for (piece, geometry) in movement::pieces(self.g, id).into_iter().enumerate() {
            let x = self.g.operands(id)[piece];
            let movement = Movement { geometry, from: self.place(x), to: self.place(id) };
            self.push(Instruction::Move(Box::new(movement)));
        }
    }

    fn gather(&mut self, id: NodeId) {
        let &[x, indices] = self.g.operands(id) else { unreachable!("`gather` has two operands") };
        let gathering = Gathering::of(self.g, id, [self.place(x), self.place(indices)], self.place(id));
        self.push(Instruction::Gather(Box::new(gathering)));
    }

    fn scatter(&mut self, id: NodeId) {
        let &[x, indices, updates] = self.g.operands(id) else { unreachable!("`scatter` has three operands") };
        let from = [x, indices, updates].map(|operand| self.place(operand));
        let scattering = Scattering::of(self.g, id, from, self.place(id));
        self.push(Instruction::Scatter(Box::new(scattering)));
    }

    fn reduce(&mut self, id: NodeId) {
        let x = self.g.operands(id)[0];
        let (reduction, geometry) = (Reduction::of(self.g, id), reduce::geometry(self.g, id));
        let fold = Fold { reduction, geometry, from: self.place(x), to: self.place(id) };
        self.push(Instruction::Reduce(Box::new(fold)));
    }

    fn cumulate(&mut self, id: NodeId) {
        let x = self.g.operands(id)[0];
        let cumulation = Cumulation::of(self.g, id, self.place(x), self.place(id));
        self.push(Instruction::Cumulate(Box::new(cumulation)));
    }

    /// The places of one line lie in cells that are free again afterwards.
    fn sort(&mut self, id: NodeId) {
        let Op::Sort(spec) = self.g.op(id) else { unreachable!("emitted for sorts only") };
        let operands = self.g.operands(id).iter().map(|&x| self.place(x)).collect();
        let len = tensor(self.g, self.g.operands(id)[0]).shape[self.g[spec].axis];
        let scratch = Place { at: self.slots.take(len), len };
        self.slots.give(scratch.at, len);
        let sorting = Sorting::of(self.g, id, operands, self.leaves(id), scratch);
        self.push(Instruction::Sort(Box::new(sorting)));
    }

    fn dot(&mut self, id: NodeId) {
        let &[x, y] = self.g.operands(id) else { unreachable!("`dot` has two operands") };
        let contraction = Contraction::of(self.g, id, [self.place(x), self.place(y)], self.place(id));
        self.push(Instruction::Dot(Box::new(contraction)));
    }

    fn conv(&mut self, id: NodeId) {
        let &[x, kernel] = self.g.operands(id) else { unreachable!("`conv` has two operands") };
        let convolution = Convolution::of(self.g, id, [self.place(x), self.place(kernel)], self.place(id));
        self.push(Instruction::Conv(Box::new(convolution)));
    }

    fn reduce_window(&mut self, id: NodeId) {
        let x = self.g.operands(id)[0];
        let reduction = WindowReduction::of(self.g, id, self.place(x), self.place(id));
        self.push(Instruction::ReduceWindow(Box::new(reduction)));
    }

    fn linalg(&mut self, id: NodeId) {
        let operands = self.g.operands(id).iter().map(|&x| self.place(x)).collect();
        let factorisation = Factorisation::of(self.g, id, operands, self.leaves(id));
        self.plan.stretch = self.plan.stretch.max(factorisation.stretch());
        self.push(Instruction::Linalg(Box::new(factorisation)));
    }

    fn call(&mut self, id: NodeId) {
        let Op::Call(callee) = self.g.op(id) else { unreachable!("emitted for calls only") };
        let args = self.g.operands(id).iter().flat_map(|&x| self.leaves(x)).collect();
        let results = self.leaves(id);
        let callee = self.callees.position(&self.g[callee]);
        self.push(Instruction::Call(Box::new(Call { callee, args, results })));
    }
}
