//! The rewriting of one graph: greedy, bottom-up, iterative.
//!
//! Each live node of the source is made again in a scratch graph on the normal forms of its operands, and then brought
//! to normal form itself: the first rule that applies forwards it to another node of the scratch graph, and so on until
//! none does. Every scratch node is tried at most once, so the cost is that of the nodes made.
//!
//! Invariants: a scratch node is untried, forwarded, or normal; a normal node's operands are normal. One source node
//! fires at most [`FUEL`] rules; going round in circles is noticed and stops. Both are counted, and are bugs.

use std::collections::HashSet;

use graph_core::provenance::Origin;
use graph_core::smallvec::SmallVec;
use graph_core::walk::{self, Translation};
use graph_core::{Function, Graph, Id, NodeId, NodeMap, Op};

use crate::rules::commute;
use crate::table::{Index, rules};

/// Rules that may fire on behalf of one source node.
const FUEL: usize = 256;

/// What rewriting has done so far, over a graph and its callees.
#[derive(Clone)]
pub struct Tally {
    /// For each rule of the table how often it fired.
    pub fired: Vec<usize>,
    /// Each rule that fired with the nodes before and after, of the scratch graph; kept where it was asked for.
    pub trace: Option<Vec<(usize, NodeId, NodeId)>>,
    /// Graphs of which sums of contractions were stacked ([`crate::stack`]).
    pub stacked: usize,
    /// Graphs of which sums and products were collected and factored anew ([`crate::algebra`]).
    pub collected: usize,
    /// Nodes at which rewriting stopped early.
    pub exhausted: usize,
}

impl Tally {
    /// Nothing yet.
    pub fn new() -> Tally {
        Tally { fired: vec![0; rules().count()], trace: None, stacked: 0, collected: 0, exhausted: 0 }
    }
}

/// Rewrites the live part of `source`; `call` translates calls of functions.
pub fn rewrite(
    source: &Graph,
    roots: &[NodeId],
    index: &'static Index,
    tally: &mut Tally,
    call: impl FnMut(Id<Function>, &mut Graph) -> Op,
) -> (Graph, Vec<NodeId>) {
    let (scratch, roots) = rewritten(source, roots, index, tally, call);
    walk::compacted(scratch, &roots)
}

/// As [`rewrite`], with everything that was made on the way.
pub fn rewritten(
    source: &Graph,
    roots: &[NodeId],
    index: &'static Index,
    tally: &mut Tally,
    mut call: impl FnMut(Id<Function>, &mut Graph) -> Op,
) -> (Graph, Vec<NodeId>) {
    let (scratch, params) = walk::with_params(source);
    let mut image = NodeMap::new(source.len(), None);
    params.into_iter().for_each(|(param, placed)| image[param] = Some(placed));
    let mut states = NodeMap::new(2 * source.len(), None);
    scratch.params().iter().for_each(|param| states[param.node] = Some(param.node));
    let mut rewriter =
        Rewriter { g: scratch, states, pending: Vec::new(), shared: HashSet::new(), index, tally, fuel: 0 };
    let uses = walk::use_counts(source);
    let mut attributes = Translation::default();
    let live = walk::ancestors(source, roots);
    rewriter.g.reserve(live.len());
    for id in live {
        if matches!(source.op(id), Op::Param(_)) {
            continue;
        }
        let placed = |&x: &NodeId| image[x].expect("operands are older and live");
        let operands = source.operands(id).iter().map(placed).collect();
        let op = match source.op(id) {
            Op::Call(f) => call(f, &mut rewriter.g),
            op => attributes.translate(source, op, &mut rewriter.g),
        };
        let origin = origin(source, id, &rewriter.g, &image);
        let placed = rewriter.rewrite(op, operands, origin);
        if uses[id] > 1 && matches!(source.op(id), Op::Dot(_)) {
            rewriter.shared.insert(placed);
        }
        image[id] = Some(placed);
    }
    let Rewriter { g: mut scratch, .. } = rewriter;
    scratch.set_origin(Origin::default());
    let roots = roots.iter().map(|&root| image[root].expect("roots are live")).collect();
    (scratch, roots)
}

/// The origin of a node in terms of the images so far. Where the image of the primal is another op, or has its operands
/// in another order, the operand is looked up; `u32::MAX` if it is gone.
fn origin(source: &Graph, id: NodeId, g: &Graph, image: &NodeMap<Option<NodeId>>) -> Origin {
    let mut origin = walk::moved_origin(source.origin(id), |primal| image[primal]);
    if let Some(derived) = &mut origin.derived
        && let (Some(old), Some(new)) = (source.derived(id).and_then(|d| d.primal), derived.primal)
    {
        let towards = source.operands(old).get(derived.operand as usize).and_then(|&x| image[x]);
        let place = towards.and_then(|x| g.operands(new).iter().position(|&y| x == y));
        derived.operand = place.map_or(u32::MAX, |place| place as u32);
    }
    origin
}

struct Rewriter<'t> {
    g: Graph,
    /// `None` untried; itself: normal; another: forwarded to that one.
    states: NodeMap<Option<NodeId>>,
    /// Untried and forwarded nodes whose normal form is being worked out, the current one last.
    pending: Vec<NodeId>,
    /// Images of contractions that the source uses more than once.
    shared: HashSet<NodeId>,
    index: &'static Index,
    tally: &'t mut Tally,
    fuel: usize,
}

impl Rewriter<'_> {
    /// The normal form of a source node. All nodes made for it share its origin; its label goes to the normal form alone.
    fn rewrite(&mut self, op: Op, operands: SmallVec<[NodeId; 4]>, origin: Origin) -> NodeId {
        let older = self.g.len();
        let label = origin.label.clone();
        self.g.set_origin(Origin { label: None, ..origin });
        let id = self.normal_form(op, operands);
        if let Some(label) = label.filter(|_| id.index() >= older) {
            self.g.set_label(id, &label);
        }
        id
    }

    /// The normal form of `op` on operands that are normal.
    fn normal_form(&mut self, mut op: Op, mut operands: SmallVec<[NodeId; 4]>) -> NodeId {
        if commute::arrange(&self.g, &mut op, &mut operands) {
            self.tally.fired[self.index.commute] += 1;
        }
        let id = self.g.make(op, &operands).expect("rules keep the types of operands");
        self.fuel = FUEL;
        self.settle(id)
    }

    fn settle(&mut self, id: NodeId) -> NodeId {
        if self.is_normal(id) {
            return id;
        }
        self.pending.push(id);
        while let Some(&top) = self.pending.last() {
            match self.states[top] {
                None => self.step(top),
                Some(next) if next == top || self.is_normal(next) => {
                    self.pending.pop();
                }
                Some(next) => match self.states[next] {
                    Some(normal) if self.is_normal(normal) => self.states[top] = Some(normal),
                    _ => self.pending.push(next),
                },
            }
        }
        self.resolve(id)
    }

    /// One move of an untried node: wait for its operands, take their normal forms, fire a rule, or be normal.
    fn step(&mut self, id: NodeId) {
        let waiting = self.pending.len();
        for i in 0..self.g.operands(id).len() {
            let x = self.g.operands(id)[i];
            if !self.is_normal(self.resolve(x)) {
                self.pending.push(x);
            }
        }
        if self.pending.len() > waiting {
            return;
        }
        let next = match self.with_normal_operands(id) {
            Some(remade) => Some(remade),
            None if self.fuel == 0 => None,
            None => self.fire(id),
        };
        self.states[id] = Some(match next {
            Some(next) if self.pending.contains(&next) => self.give_up(id),
            Some(next) => next,
            None => id,
        });
    }

    fn with_normal_operands(&mut self, id: NodeId) -> Option<NodeId> {
        if self.g.operands(id).iter().all(|&x| self.is_normal(x)) {
            return None;
        }
        let operands: SmallVec<[NodeId; 4]> = self.g.operands(id).iter().map(|&x| self.resolve(x)).collect();
        Some(self.g.make(self.g.op(id), &operands).expect("normal forms keep types"))
    }

    fn fire(&mut self, id: NodeId) -> Option<NodeId> {
        let shared = &self.shared;
        let (rule, better) = self.index.apply(&mut self.g, id, |x| shared.contains(&x))?;
        debug_assert_eq!(self.g.ty(better), self.g.ty(id), "a rule keeps the type");
        self.tally.fired[rule] += 1;
        if let Some(trace) = &mut self.tally.trace {
            trace.push((rule, id, better));
        }
        self.fuel -= 1;
        if self.fuel == 0 {
            self.tally.exhausted += 1;
        }
        Some(better)
    }

    fn give_up(&mut self, id: NodeId) -> NodeId {
        self.tally.exhausted += 1;
        id
    }

    fn is_normal(&self, id: NodeId) -> bool {
        self.states[id] == Some(id)
    }

    /// Where forwarding ends.
    fn resolve(&self, mut id: NodeId) -> NodeId {
        while let Some(next) = self.states[id].filter(|&next| next != id) {
            id = next;
        }
        id
    }
}
