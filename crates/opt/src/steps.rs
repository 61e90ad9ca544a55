//! The way from a graph to its simpler form, rule by rule: why two nodes are equal.

use graph_core::{Function, Graph, NodeId, Op, text};

use crate::driver::{self, Tally};
use crate::level::Level;
use crate::table::{Index, rules};

/// One rule that fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub rule: &'static str,
    /// What it replaced, as a formula of the parameters.
    pub before: String,
    /// What it put there.
    pub after: String,
}

/// Why two nodes are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Whether both have the same simpler form, at this level and by these rules.
    pub equal: bool,
    /// All steps on the way there, of both.
    pub steps: Vec<Step>,
    /// The simpler forms of both.
    pub forms: [String; 2],
}

/// The rules that fire where a function is simplified, in order. Calls stay calls, and the collecting of sums and products
/// at [`Level::Relaxed`], which is no rule, is left out.
pub fn steps(f: &Function, level: Level) -> Vec<Step> {
    traced(f.graph(), f.results(), level).0
}

/// Whether two nodes of a graph become one, and by which rules.
///
/// ```
/// use graph_core::{Graph, Type, op::Unary};
/// use opt::{Level, explain};
///
/// let mut g = Graph::new();
/// let x = g.param("x", Type::f64())?;
/// let (exp, one) = (g.unary(Unary::Exp, x), g.scalar(1.0));
/// let sum = g.add(exp, one);
/// let (written, op) = (g.unary(Unary::Log, sum), g.unary(Unary::Softplus, x));
/// let why = explain(&g, written, op, Level::Safe);
/// assert!(why.equal);
/// assert_eq!((why.steps[0].rule, &*why.steps[0].after), ("softplus", "softplus(x)"));
/// # Ok::<(), graph_core::Error>(())
/// ```
pub fn explain(g: &Graph, x: NodeId, y: NodeId, level: Level) -> Explanation {
    let (steps, scratch, images) = traced(g, &[x, y], level);
    let forms = [images[0], images[1]].map(|id| formula(&scratch, id));
    Explanation { equal: images[0] == images[1], steps, forms }
}

fn traced(g: &Graph, roots: &[NodeId], level: Level) -> (Vec<Step>, Graph, Vec<NodeId>) {
    let mut tally = Tally { trace: Some(Vec::new()), ..Tally::new() };
    let same = |f, target: &mut Graph| Op::Call(target.add_function(&g[f]));
    let (scratch, images) = driver::rewritten(g, roots, Index::of(level), &mut tally, same);
    let names: Vec<&'static str> = rules().map(crate::Rule::name).collect();
    let step = |(rule, before, after): (usize, NodeId, NodeId)| Step {
        rule: names[rule],
        before: formula(&scratch, before),
        after: formula(&scratch, after),
    };
    let steps = tally.trace.take().unwrap_or_default().into_iter().map(step).collect();
    (steps, scratch, images)
}

fn formula(g: &Graph, id: NodeId) -> String {
    match Function::new("step", g, &[id]) {
        // Temporaries stand before what uses them.
        Ok(f) => text::math(&f, 0).replace('\n', "; "),
        Err(e) => e.to_string(),
    }
}
