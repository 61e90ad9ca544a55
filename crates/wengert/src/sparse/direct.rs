//! Entries without products: where between what is read of the inputs and what is written into the results all is
//! elementwise, an element depends on few single inputs, each by one factor.
//!
//! A *selection* says for each element of a tensor which input it reads, if any: slices, gathers, broadcasts of the inputs
//! are selections. The derivative of an elementwise tensor is then a sum over selections of a factor an element,
//! Σ diag(vₛ)·S. The factors are tangents along ones, kept apart by selection; movements move factors and selections alike.
//! From the results inwards sums, paddings, concatenations and the like only say in which row a factor stands. So each
//! entry is an element of some factor, or a sum of a few, and nothing is multiplied by the zeros of a direction.
//!
//! It is the accumulation of local Jacobians (Griewank and Walther, Evaluating Derivatives, 2008, §9.1), for all elements
//! of an array at once.

use std::rc::Rc;

use autodiff::{Class, Masked, Steps, class};
use graph_core::op::{Binary, Op, Reduce, Scatter, Unary};
use graph_core::smallvec::SmallVec;
use graph_core::{DType, Graph, NodeId, NodeMap, Shape, TensorType, walk};
use rustc_hash::{FxHashMap, FxHashSet};

use super::flow::fold::reduced_positions;
use super::flow::moved::places_of_updates;
use super::flow::{Analysis, Flow};
use crate::error::Error;

/// For each element a place, counted from 1; 0 is nowhere.
type Places = Rc<[u32]>;

/// Most selections that one node may depend on: more are products.
const MOST: usize = 48;

/// A factor of one selection in some rows of the matrix.
pub struct Block {
    /// The factors, a vector.
    pub factors: NodeId,
    /// For each of them its row and its column, where it is in the matrix.
    rows: Places,
    columns: Places,
}

impl Block {
    /// Row, column and place among the factors of each.
    pub fn entries(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let both = self.rows.iter().zip(self.columns.iter()).enumerate();
        both.filter(|&(_, (&row, &column))| row > 0 && column > 0)
            .map(|(at, (&row, &column))| (row as usize - 1, column as usize - 1, at))
    }
}

/// The Jacobian of the results by the inputs as blocks, with the graph extended by their factors and the number of
/// selections among them. `None` where something is not elementwise, or depends on too many selections.
pub fn blocks(
    source: &Graph,
    results: &[NodeId],
    inputs: &[NodeId],
) -> Result<Option<(Graph, Vec<Block>, usize)>, Error> {
    let mut analysis = Analysis::new(source);
    let mut active = NodeMap::new(source.len(), false);
    inputs.iter().for_each(|&x| active[x] = true);
    let live = walk::ancestors(source, results);
    for &id in &live {
        active[id] |= source.operands(id).iter().any(|&x| active[x]) && class(source.op(id).code()) != Class::Zero;
    }
    let Some(ends) = ends(&mut analysis, source, results, &active, 8 * live.len() + 64)? else { return Ok(None) };
    let roots: Vec<NodeId> = ends.iter().map(|end| end.node).collect();
    let mut sweep = Sweep {
        g: source.clone(),
        analysis,
        steps: Steps::new(source, &roots),
        selections: FxHashMap::default(),
        all: Vec::new(),
        factors: FxHashMap::default(),
    };
    let mut first = 0;
    for &x in inputs {
        let end = first + source.shape(x).elements() as u32;
        let selection = sweep.select((first + 1..=end).collect());
        let ty = source.ty(x).as_tensor().expect("it was checked");
        let ones = sweep.g.splat(1.0, ty);
        sweep.factors.insert(x, [(selection, ones.into())].into_iter().collect());
        first = end;
    }
    for id in walk::ancestors(source, &roots) {
        if active[id] && !sweep.factors.contains_key(&id) && !sweep.node(source, id)? {
            return Ok(None);
        }
    }
    // What stands in the same rows and columns is added up before it is settled.
    let mut sums: Vec<(Places, usize, Masked)> = Vec::new();
    let mut known: FxHashMap<(Places, usize), usize> = FxHashMap::default();
    for End { node, rows, negative } in ends {
        let line = Shape::new(&[rows.len()]);
        for (selection, factors) in sweep.factors.get(&node).cloned().unwrap_or_default() {
            let mut factors = factors.moved(&mut sweep.g, |g, x| g.reshape(x, &line));
            if negative {
                let minus = sweep.g.splat_like(-1.0, factors.value);
                factors = factors.times(&mut sweep.g, minus).expect("the factor is not zero");
            }
            match known.get(&(Rc::clone(&rows), selection)) {
                Some(&at) => sums[at].2 = sums[at].2.plus(&mut sweep.g, factors),
                None => {
                    known.insert((Rc::clone(&rows), selection), sums.len());
                    sums.push((Rc::clone(&rows), selection, factors));
                }
            }
        }
    }
    let read: FxHashSet<usize> = sums.iter().map(|(_, selection, _)| *selection).collect();
    let block = |(rows, selection, factors): (Places, usize, Masked)| {
        let columns = Rc::clone(&sweep.all[selection]);
        Block { factors: factors.settle(&mut sweep.g), rows, columns }
    };
    let blocks = sums.into_iter().map(block).collect();
    Ok(Some((sweep.g, blocks, read.len())))
}

/// A node whose elements go, with this sign, to these rows and nowhere else.
struct End {
    node: NodeId,
    rows: Places,
    negative: bool,
}

/// From the results inwards as far as elements are only added, moved and dropped; `None` after so many steps.
fn ends(
    analysis: &mut Analysis<'_>,
    g: &Graph,
    results: &[NodeId],
    active: &NodeMap<bool>,
    most: usize,
) -> Result<Option<Vec<End>>, Error> {
    let (mut found, mut waiting, mut first) = (Vec::new(), Vec::new(), 0);
    for &y in results {
        let end = first + g.shape(y).elements() as u32;
        waiting.push(End { node: y, rows: (first + 1..=end).collect(), negative: false });
        first = end;
    }
    waiting.reverse();
    for _ in 0..most {
        let Some(end) = waiting.pop() else { return Ok(Some(found)) };
        if !active[end.node] {
            continue;
        }
        let End { node, rows, negative } = &end;
        let operands = g.operands(*node);
        let same = |node: NodeId, negative: bool| End { node, rows: Rc::clone(rows), negative };
        match g.op(*node) {
            Op::Binary(op @ (Binary::Add | Binary::Sub)) => {
                waiting.push(same(operands[1], *negative != (op == Binary::Sub)));
                waiting.push(same(operands[0], *negative));
            }
            Op::Unary(Unary::Neg) => waiting.push(same(operands[0], !negative)),
            Op::Reshape(_) => waiting.push(same(operands[0], *negative)),
            Op::Reduce(Reduce::Sum, axes) => {
                let (positions, _) = reduced_positions(g.shape(operands[0]), &g[axes]);
                let rows = positions.into_iter().map(|at| rows[at]).collect();
                waiting.push(End { node: operands[0], rows, negative: *negative });
            }
            Op::Scatter(Scatter::Add, spec) if analysis.constant(operands[1]).is_some() => {
                let indices = analysis.constant(operands[1]).expect("it was found");
                let places = places_of_updates(g.shape(operands[0]), g[spec].clone(), &indices)?;
                let of_updates = places.into_iter().map(|place| place.map_or(0, |at| rows[at])).collect();
                waiting.push(End { node: operands[2], rows: of_updates, negative: *negative });
                waiting.push(same(operands[0], *negative));
            }
            Op::Pad(_) | Op::Slice(_) | Op::Permute(_) | Op::Reverse(_) | Op::Concat(_) => {
                let moving = operands.iter().enumerate().filter(|(_, x)| active[**x]);
                let mut inner: Option<Vec<End>> = Some(Vec::new());
                for (at, &x) in moving {
                    match (landing(analysis, g, *node, at, rows)?, &mut inner) {
                        (Some(rows), Some(inner)) => inner.push(End { node: x, rows, negative: *negative }),
                        _ => inner = None,
                    }
                }
                match inner {
                    Some(inner) => waiting.extend(inner.into_iter().rev()),
                    None => found.push(end),
                }
            }
            _ => found.push(end),
        }
    }
    Ok(None)
}

/// The rows of the elements of an operand that a node moves; `None` if some go to several.
fn landing(
    analysis: &mut Analysis<'_>,
    g: &Graph,
    node: NodeId,
    operand: usize,
    rows: &Places,
) -> Result<Option<Places>, Error> {
    let elements = g.shape(g.operands(node)[operand]).elements();
    let mut flows: Vec<Flow> = vec![None; g.operands(node).len()];
    flows[operand] = Some((1..=elements as u32).collect());
    let mut landed = vec![0; elements];
    for (&from, &row) in analysis.moved(node, &flows)?.iter().flat_map(|moved| moved.iter()).zip(rows.iter()) {
        if from > 0 && row > 0 && std::mem::replace(&mut landed[from as usize - 1], row) > 0 {
            return Ok(None);
        }
    }
    Ok(Some(landed.into()))
}

/// Factors of a node by selection, in order of first appearance.
type Factors = SmallVec<[(usize, Masked); 4]>;

struct Sweep<'s> {
    g: Graph,
    analysis: Analysis<'s>,
    steps: Steps,
    /// Each selection by what it reads: inputs from 1 on, 0 for none.
    selections: FxHashMap<Places, usize>,
    all: Vec<Places>,
    factors: FxHashMap<NodeId, Factors>,
}

impl Sweep<'_> {
    fn select(&mut self, places: Places) -> usize {
        let next = self.all.len();
        let selection = *self.selections.entry(Rc::clone(&places)).or_insert(next);
        if selection == next {
            self.all.push(places);
        }
        selection
    }

    /// The factors of a node; whether it is of the kind that has them.
    fn node(&mut self, source: &Graph, id: NodeId) -> Result<bool, Error> {
        let operands = source.operands_vec(id);
        let of: Vec<Factors> = operands.iter().map(|x| self.factors.get(x).cloned().unwrap_or_default()).collect();
        let mut own: Factors = SmallVec::new();
        match source.op(id) {
            Op::Unary(_) | Op::Nth(..) | Op::Binary(_) | Op::Select | Op::Cast(_) => {
                let mut selections: SmallVec<[usize; 8]> = SmallVec::new();
                for &(selection, _) in of.iter().flatten() {
                    if !selections.contains(&selection) {
                        selections.push(selection);
                    }
                }
                for selection in selections {
                    let tangent = |factors: &Factors| factors.iter().find(|(s, _)| *s == selection).map(|(_, v)| *v);
                    let tangents: SmallVec<[Option<Masked>; 3]> = of.iter().map(tangent).collect();
                    own.extend(self.steps.push(&mut self.g, id, &tangents)?.map(|factor| (selection, factor)));
                }
            }
            op @ (Op::Broadcast(_)
            | Op::Reshape(_)
            | Op::Permute(_)
            | Op::Slice(_)
            | Op::Pad(_)
            | Op::Concat(_)
            | Op::Reverse(_)
            | Op::Gather(_)) => {
                if matches!(op, Op::Gather(_)) && self.analysis.constant(operands[1]).is_none() {
                    return Ok(false);
                }
                for (at, &(selection, factor)) in
                    of.iter().enumerate().flat_map(|(at, f)| f.iter().map(move |f| (at, f)))
                {
                    let mut flows: Vec<Flow> = vec![None; operands.len()];
                    flows[at] = Some(Rc::clone(&self.all[selection]));
                    let Some(moved) = self.analysis.moved(id, &flows)? else { continue };
                    let selection = self.select(moved);
                    let alone: SmallVec<[Option<Masked>; 3]> =
                        (0..operands.len()).map(|other| (other == at).then_some(factor)).collect();
                    let Some(factor) = self.steps.push(&mut self.g, id, &alone)? else { continue };
                    match own.iter_mut().find(|(other, _)| *other == selection) {
                        Some((_, sum)) => *sum = sum.plus(&mut self.g, factor),
                        None => own.push((selection, factor)),
                    }
                }
            }
            _ => return Ok(false),
        }
        let fits = own.len() <= MOST;
        self.factors.insert(id, own);
        Ok(fits)
    }
}

/// The elements of these vectors, one after the other, and a zero behind them.
pub fn side_by_side(g: &mut Graph, vectors: &[NodeId], dtype: DType) -> NodeId {
    let mut parts: Vec<NodeId> = vectors.iter().map(|&x| g.cast(dtype, x)).collect();
    parts.push(g.splat(0.0, &TensorType { dtype, shape: Shape::new(&[1]) }));
    g.concat(&parts, 0)
}
