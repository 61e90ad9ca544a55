//! The entry points, and the optimisation of callees: each distinct function once, called by its optimised version.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use graph_core::{Function, Graph, Id, NodeId, Op, walk};

use crate::algebra;
use crate::cost::total_cost;
use crate::driver::{self, Tally};
use crate::level::Level;
use crate::report::{COLLECTED, Report, STACKED, Stage};
use crate::stack;
use crate::table::Index;

/// An optimised graph.
#[derive(Clone, Debug)]
pub struct Simplified {
    /// Fresh: all parameters of the given graph, and what the roots need.
    pub graph: Graph,
    /// The images of the given roots, in order.
    pub roots: Vec<NodeId>,
    /// What was done.
    pub report: Report,
}

/// The same values from a cheaper graph. Parameters stay, used or not; dead nodes go; callees are optimised too.
pub fn simplify(g: &Graph, roots: &[NodeId], level: Level) -> Simplified {
    let mut session = Session::new(level);
    let (graph, roots) = session.graph(g, roots);
    let report = session.report(g.len(), graph.len());
    Simplified { graph, roots, report }
}

/// The same function with a cheaper body: same name, parameters and results.
pub fn optimize(f: &Function, level: Level) -> (Arc<Function>, Report) {
    let mut session = Session::new(level);
    let optimized = session.body(f);
    let report = session.report(f.graph().len(), optimized.graph().len());
    (Arc::new(optimized), report)
}

/// What is computed before and after each stage of [`optimize`], and how long each took.
pub fn stages(f: &Function, level: Level) -> Vec<Stage> {
    let mut session = Session { stages: Some(Vec::new()), ..Session::new(level) };
    session.note("given", f.graph(), f.results());
    session.body(f);
    session.stages.expect("it was asked for")
}

/// A call of the same function from another graph.
fn same(g: &Graph, f: Id<Function>, target: &mut Graph) -> Op {
    Op::Call(target.add_function(&g[f]))
}

/// One optimisation, with the callees that it has met.
struct Session {
    level: Level,
    /// What was computed after each stage of the outermost function, where that was asked for.
    stages: Option<Vec<Stage>>,
    clock: Instant,
    callees: HashMap<*const Function, Arc<Function>>,
    callee_nodes: (usize, usize),
    tally: Tally,
}

impl Session {
    fn new(level: Level) -> Session {
        let (callees, callee_nodes) = (HashMap::new(), (0, 0));
        Session { level, stages: None, clock: Instant::now(), callees, callee_nodes, tally: Tally::new() }
    }

    /// A stage has ended with this graph.
    fn note(&mut self, name: &'static str, g: &Graph, roots: &[NodeId]) {
        if let Some(stages) = &mut self.stages {
            stages.push(Stage::new(name, self.clock.elapsed(), g, roots));
            self.clock = Instant::now();
        }
    }

    fn report(&self, before: usize, after: usize) -> Report {
        let (callees_before, callees_after) = self.callee_nodes;
        Report::new(before + callees_before, after + callees_after, &self.tally)
    }

    fn graph(&mut self, g: &Graph, roots: &[NodeId]) -> (Graph, Vec<NodeId>) {
        if self.level == Level::None {
            let (graph, roots) = walk::compact(g, roots);
            self.note("dead nodes dropped", &graph, &roots);
            return (graph, roots);
        }
        let outer = self.stages.take();
        let callees = self.callees_of(g, roots);
        self.stages = outer;
        if !callees.is_empty() {
            self.note("callees", g, roots);
        }
        let index = Index::of(self.level);
        let (graph, roots) = driver::rewrite(g, roots, index, &mut self.tally, |id, target| {
            let callee = callees[id.index()].as_ref().expect("callees of live calls are optimised");
            Op::Call(target.add_function(callee))
        });
        self.note("rules", &graph, &roots);
        match self.level {
            Level::None | Level::Exact => (graph, roots),
            Level::Safe => self.stacked(graph, roots),
            Level::Relaxed => {
                let (graph, roots) = self.stacked(graph, roots);
                self.collected(graph, roots)
            }
        }
    }

    /// The graph with sums of contractions stacked, and rewritten again, if there are any.
    fn stacked(&mut self, graph: Graph, roots: Vec<NodeId>) -> (Graph, Vec<NodeId>) {
        let Some((stacked, images)) = stack::stacked(&graph, &roots) else { return (graph, roots) };
        self.tally.stacked += 1;
        self.note(STACKED, &stacked, &images);
        let index = Index::of(self.level);
        let better = driver::rewrite(&stacked, &images, index, &mut self.tally, |f, target| same(&stacked, f, target));
        self.note("rules again", &better.0, &better.1);
        better
    }

    /// The graph with sums and products collected and factored anew, and rewritten again, if it costs less.
    fn collected(&mut self, graph: Graph, roots: Vec<NodeId>) -> (Graph, Vec<NodeId>) {
        let (collected, images) = algebra::collect(&graph, &roots);
        self.note(COLLECTED, &collected, &images);
        let mut tally = self.tally.clone();
        let index = Index::of(self.level);
        let (better, images) =
            driver::rewrite(&collected, &images, index, &mut tally, |f, target| same(&collected, f, target));
        self.note("rules again", &better, &images);
        if total_cost(&better, &images) >= total_cost(&graph, &roots) {
            self.note("as before, which costs no more", &graph, &roots);
            return (graph, roots);
        }
        tally.collected += 1;
        self.tally = tally;
        (better, images)
    }

    /// By function id, the optimised versions of those that live nodes call.
    fn callees_of(&mut self, g: &Graph, roots: &[NodeId]) -> Vec<Option<Arc<Function>>> {
        let mut callees = vec![None; g.functions().len()];
        if callees.is_empty() {
            return callees;
        }
        for id in walk::ancestors(g, roots) {
            if let Op::Call(f) = g.op(id)
                && callees[f.index()].is_none()
            {
                callees[f.index()] = Some(self.callee(&g[f]));
            }
        }
        callees
    }

    fn body(&mut self, f: &Function) -> Function {
        let (graph, results) = self.graph(f.graph(), f.results());
        let body = Function::of(f.name(), graph, &results).expect("calls nest no deeper than before");
        match f.rule() {
            Some(rule) => body.with_rule(rule.clone()).expect("the rule has fitted a function of these types"),
            None => body,
        }
    }

    /// The optimised version of a callee. Recursion ends at the nesting limit of calls.
    fn callee(&mut self, f: &Arc<Function>) -> Arc<Function> {
        if let Some(known) = self.callees.get(&Arc::as_ptr(f)) {
            return Arc::clone(known);
        }
        let optimized = match self.body(f) {
            body if body.graph().functions() == f.graph().functions() && body == **f => Arc::clone(f),
            body => Arc::new(body),
        };
        self.callee_nodes.0 += f.graph().len();
        self.callee_nodes.1 += optimized.graph().len();
        self.callees.insert(Arc::as_ptr(f), Arc::clone(&optimized));
        optimized
    }
}
