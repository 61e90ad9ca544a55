//! Sums of contractions with few terms each (of outer products, say, as the derivative by a matrix that a loop written out
//! has used many times) as one contraction of stacked factors: Σ xᵢ·yᵢ = [x₁ … xₙ]·[y₁ … yₙ].
//!
//! The factors are copied next to each other, and the products, which are larger, no longer leave and enter memory to be
//! added up. Terms keep their order. Each is rounded as before, in a sum of the same terms: [`crate::Class::Safe`].

use std::collections::HashMap;

use graph_core::op::{Axes, Binary, DotSpec};
use graph_core::smallvec::SmallVec;
use graph_core::walk::{self, Translation};
use graph_core::{Graph, NodeId, NodeMap, Op, Shape};

/// Fewer than this many contractions are left alone.
const LEAST: usize = 3;

/// The graph with such sums stacked; `None` if there are none.
pub fn stacked(source: &Graph, roots: &[NodeId]) -> Option<(Graph, Vec<NodeId>)> {
    let live = walk::ancestors(source, roots);
    let sums = sums(source, roots, &live)?;
    let (mut target, params) = walk::with_params(source);
    let mut images = NodeMap::new(source.len(), None);
    params.into_iter().for_each(|(param, placed)| images[param] = Some(placed));
    let mut attributes = Translation::default();
    let mut next = sums.iter().peekable();
    for id in live {
        if matches!(source.op(id), Op::Param(_)) {
            continue;
        }
        target.set_origin(walk::moved_origin(source.origin(id), |primal| images[primal]));
        let sum = next.next_if(|sum| sum.root == id);
        images[id] = Some(match sum {
            Some(sum) => sum.build(source, &mut target, &images),
            None => {
                let image = |&x: &NodeId| images[x].expect("operands are older and live");
                let operands: SmallVec<[NodeId; 4]> = source.operands(id).iter().map(image).collect();
                let op = attributes.translate(source, source.op(id), &mut target);
                target.make(op, &operands).expect("the operands have the types they had")
            }
        });
    }
    let roots: Vec<NodeId> = roots.iter().map(|&root| images[root].expect("roots are live")).collect();
    Some(walk::compact(&target, &roots))
}

/// A sum of which some terms are to be stacked.
struct Sum {
    root: NodeId,
    /// In order.
    terms: Vec<NodeId>,
    /// Terms that become one.
    stacks: Vec<Stack>,
}

struct Stack {
    factors: Factors,
    members: Vec<NodeId>,
}

/// Contractions with equal factors can be stacked.
#[derive(Clone, PartialEq, Eq)]
struct Factors {
    /// The shapes of the two sides without the axis that is contracted.
    free: [Shape; 2],
    /// That axis on both sides; where nothing is contracted the axis of extent 1 that may be put in front.
    axes: [usize; 2],
}

/// The sums worth stacking, oldest first.
fn sums(g: &Graph, roots: &[NodeId], live: &[NodeId]) -> Option<Vec<Sum>> {
    let dots = live.iter().filter(|&&id| factors(g, id).is_some()).count();
    if dots < LEAST {
        return None;
    }
    let mut uses = NodeMap::new(g.len(), 0u32);
    let operands = live.iter().flat_map(|&id| g.operands(id));
    operands.chain(roots).for_each(|&x| uses[x] += 1);
    let is_sum = |id: NodeId| g.op(id) == Op::Binary(Binary::Add);
    let mut inner = NodeMap::new(g.len(), false);
    let mut found = Vec::new();
    for &root in live.iter().rev() {
        if !is_sum(root) || inner[root] {
            continue;
        }
        let (mut terms, mut waiting) = (Vec::new(), vec![root]);
        while let Some(id) = waiting.pop() {
            if id == root || (is_sum(id) && uses[id] == 1) {
                inner[id] = true;
                waiting.extend(g.operands(id).iter().rev());
            } else {
                terms.push(id);
            }
        }
        let mut stacks: Vec<Stack> = Vec::new();
        for &term in terms.iter().filter(|&&term| uses[term] == 1) {
            let Some(factors) = factors(g, term) else { continue };
            match stacks.iter_mut().find(|stack| stack.factors == factors) {
                Some(stack) => stack.members.push(term),
                None => stacks.push(Stack { factors, members: vec![term] }),
            }
        }
        stacks.retain(|stack| stack.pays(g));
        // By the older factor, so that the rows of a matrix that a loop has read one by one come in order.
        let age = |id: &NodeId| g.operands(*id).iter().map(|x| x.index()).min();
        stacks.iter_mut().for_each(|stack| stack.members.sort_by_key(age));
        if !stacks.is_empty() {
            found.push(Sum { root, terms, stacks });
        }
    }
    found.reverse();
    (!found.is_empty()).then_some(found)
}

/// Of a contraction without batch axes along at most one pair of axes.
fn factors(g: &Graph, id: NodeId) -> Option<Factors> {
    let Op::Dot(spec) = g.op(id) else { return None };
    let spec = &g[spec];
    let [x, y] = [g.shape(g.operands(id)[0]), g.shape(g.operands(id)[1])];
    let axes = match (&spec.lhs[..], &spec.rhs[..]) {
        (&[], &[]) => [0, 0],
        (&[a], &[b]) => [a, b],
        _ => return None,
    };
    let of = |shape: &Shape, free: Axes| free.iter().map(|&axis| shape[axis]).collect();
    let free = [of(x, spec.lhs_free(x.rank())), of(y, spec.rhs_free(y.rank()))];
    (spec.lhs_batch.rank() == 0).then_some(Factors { free, axes })
}

/// The extent that is contracted.
fn depth(g: &Graph, id: NodeId) -> usize {
    let Op::Dot(spec) = g.op(id) else { return 1 };
    g[spec].lhs.iter().map(|&axis| g.shape(g.operands(id)[0])[axis]).product()
}

impl Stack {
    /// Whether copies of the factors are cheaper than sums of the products.
    fn pays(&self, g: &Graph) -> bool {
        let count = self.members.len();
        let depth: usize = self.members.iter().map(|&id| depth(g, id)).sum();
        let [rows, columns] = [0, 1].map(|side: usize| self.factors.free[side].elements());
        let saved = (count - 1).saturating_mul(rows.saturating_mul(columns));
        // Each member may need two reshapes.
        let copied = depth.saturating_mul(rows + columns) + 2 * count;
        count >= LEAST && copied < saved
    }

    fn build(&self, source: &Graph, target: &mut Graph, images: &NodeMap<Option<NodeId>>) -> NodeId {
        let sides = [0, 1].map(|side| {
            let axis = self.factors.axes[side];
            let mut shape = self.factors.free[side].to_vec();
            shape.insert(axis, 0);
            let factors: Vec<NodeId> = self
                .members
                .iter()
                .map(|&id| {
                    let x = images[source.operands(id)[side]].expect("operands are older and live");
                    shape[axis] = depth(source, id);
                    target.reshape(x, &Shape::new(&shape))
                })
                .collect();
            target.concat(&factors, axis)
        });
        target.dot(sides[0], sides[1], DotSpec::contract(&self.factors.axes[..1], &self.factors.axes[1..]))
    }
}

impl Sum {
    /// The stacks in the places of their first members.
    fn build(&self, source: &Graph, target: &mut Graph, images: &NodeMap<Option<NodeId>>) -> NodeId {
        let members =
            |(at, stack): (usize, &'_ Stack)| stack.members.iter().map(move |&id| (id, at)).collect::<Vec<_>>();
        let stack_of: HashMap<NodeId, usize> = self.stacks.iter().enumerate().flat_map(members).collect();
        let mut built = vec![false; self.stacks.len()];
        let mut total: Option<NodeId> = None;
        for term in &self.terms {
            let value = match stack_of.get(term) {
                Some(&at) if std::mem::replace(&mut built[at], true) => continue,
                Some(&at) => self.stacks[at].build(source, target, images),
                None => images[*term].expect("operands are older and live"),
            };
            total = Some(total.map_or(value, |total| target.add(total, value)));
        }
        total.expect("a sum has terms")
    }
}
