//! Einstein summation: a product of operands with named axes, summed over the names that the result does not have.
//!
//! Every pair of operands is one contraction (`dot`), with transposes and sums before it. A name that occurs twice in
//! one operand takes its diagonal by a stride, so nothing off the diagonal is multiplied with anything. [`notation`]
//! reads the text and checks it against the shapes, [`order`] says which pair comes first.
//!
//! Invariant: a factor has no name twice, and no axis that only broadcasts.

mod notation;
mod order;

use graph_core::op::{Axes, DotSpec, Op, Reduce};
use graph_core::provenance::Site;
use graph_core::{DType, Graph, NodeId, Shape};

use crate::error::Error;
use crate::expr::{Expr, make};
use crate::shape::joined;
use notation::{Mistake, Notation};

/// `einsum("bij,bjk->bik", &[a, b])`: the axes of each operand by letters, between commas, and those of the result.
///
/// Without `->` the result has the letters that occur once, in alphabetical order. `...` stands for the axes that have
/// no letter, which broadcast. An extent of 1 broadcasts, too. At least one operand belongs to a graph; numbers alone
/// give NaN.
///
/// ```
/// use wengert::prelude::*;
/// use wengert::einsum;
///
/// let g = Graph::new();
/// let (a, b) = (g.tensor("a", &[2, 2]), g.tensor("b", &[2]));
/// let form = einsum("i,ij,j", &[b, a, b]);
/// let [da, db] = grad(form, [a, b])?;
/// let p = g.compile((form, da, db))?;
/// assert_eq!(p.run(&[1.0, 2.0, 3.0, 4.0, 1.0, 1.0])?, [10.0, 1.0, 1.0, 1.0, 1.0, 7.0, 13.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// A mistake names the axis, the operands with their types, and the place in the text:
///
/// ```
/// use wengert::prelude::*;
/// use wengert::einsum;
///
/// let g = Graph::new();
/// let (a, b) = (g.tensor("a", &[2, 3]), g.tensor("b", &[4, 5]));
/// let mistake = g.compile(einsum("ij,jk->ik", &[a, b])).unwrap_err().to_string();
/// let expected = "einsum \"ij,jk->ik\" of f64[2,3], f64[4,5]: \
///     axis `j` is 3 in operand 0 and 4 in operand 1; extents are equal or 1 (character 4)";
/// assert!(mistake.starts_with(expected), "{mistake}");
/// ```
#[track_caller]
pub fn einsum(spec: &str, operands: &[Expr]) -> Expr {
    joined(operands, |core, nodes, site| {
        let notation = understood(core, spec, nodes).map_err(|Mistake { place, why }| {
            let operands: Vec<String> = nodes.iter().map(|&x| core.ty(x).to_string()).collect();
            Error::Einsum { spec: spec.to_string(), operands: operands.join(", "), place, why, site }
        })?;
        evaluate(core, &notation, nodes, site)
    })
}

/// Reads `spec` for operands that are tensors of one dtype of numbers.
fn understood(g: &Graph, spec: &str, nodes: &[NodeId]) -> Result<Notation, Mistake> {
    let terms = notation::read(spec)?;
    terms.check_count(nodes.len())?;
    let mut shapes: Vec<&Shape> = Vec::with_capacity(nodes.len());
    let mut dtype = None;
    for (operand, &node) in nodes.iter().enumerate() {
        let wrong = |why| Mistake { place: terms.place(operand), why };
        let Some(t) = g.ty(node).as_tensor() else {
            let why = "is a structure; take the part you mean with `get`";
            return Err(wrong(format!("operand {operand} {why}")));
        };
        let first = *dtype.get_or_insert(t.dtype);
        if t.dtype == DType::Bool || t.dtype != first {
            let needs = if t.dtype == DType::Bool { "numbers".to_string() } else { format!("{first} beside {first}") };
            return Err(wrong(format!("operand {operand} is of {}, and products need {needs}; `cast` it", t.dtype)));
        }
        shapes.push(&t.shape);
    }
    terms.resolve(&shapes)
}

/// An operand, or the product of some of them: which name each axis has.
struct Factor {
    node: NodeId,
    names: Vec<usize>,
}

impl Factor {
    fn axis(&self, name: usize) -> usize {
        self.names.iter().position(|&other| other == name).expect("the factor has the name")
    }
}

fn evaluate(g: &mut Graph, notation: &Notation, nodes: &[NodeId], site: Site) -> Result<NodeId, Error> {
    let simple = |(names, &node): (&Vec<usize>, &NodeId)| {
        Some(simplified(g, Factor { node, names: names.clone() }, &notation.extents))
    };
    let mut factors: Vec<Option<Factor>> = notation.operands.iter().zip(nodes).map(simple).collect();
    let names: Vec<Vec<usize>> = factors.iter().flatten().map(|factor| factor.names.clone()).collect();
    let mut uses = order::uses(&names, &notation.result, notation.extents.len());
    for (left, right) in order::pairs(names, &notation.result, &notation.extents) {
        let [left, right] = [left, right].map(|at| factors[at].take().expect("a factor is contracted once"));
        for &name in left.names.iter().chain(&right.names) {
            uses[name] -= 1;
        }
        let product = contracted(g, left, right, |name| uses[name] > 0, site)?;
        for &name in &product.names {
            uses[name] += 1;
        }
        factors.push(Some(product));
    }
    let last = factors.pop().flatten().expect("the last product is left");
    Ok(arranged(g, last, &notation.result))
}

/// Axes dropped that only broadcast, and diagonals taken.
fn simplified(g: &mut Graph, mut factor: Factor, extents: &[usize]) -> Factor {
    let shape = g.shape(factor.node).clone();
    let stays: Vec<usize> = (0..shape.rank()).filter(|&axis| shape[axis] == extents[factor.names[axis]]).collect();
    factor.node = g.reshape(factor.node, &stays.iter().map(|&axis| shape[axis]).collect());
    factor.names = stays.iter().map(|&axis| factor.names[axis]).collect();
    let repeated = |names: &[usize]| (0..names.len()).find(|&axis| names[..axis].contains(&names[axis]));
    while let Some(second) = repeated(&factor.names) {
        let first = factor.axis(factor.names[second]);
        factor = diagonal(g, &factor, first, second);
    }
    factor
}

/// Every (n + 1)-th element of the two axes in one, which come last.
fn diagonal(g: &mut Graph, factor: &Factor, first: usize, second: usize) -> Factor {
    let rank = factor.names.len();
    let others: Vec<usize> = (0..rank).filter(|&axis| axis != first && axis != second).collect();
    let moved = g.permute(factor.node, &others.iter().copied().chain([first, second]).collect());
    let shape = g.shape(moved).clone();
    let (lead, n) = (&shape[..rank - 2], shape[rank - 1]);
    let flat: Shape = lead.iter().copied().chain([n * n]).collect();
    let row = g.reshape(moved, &flat);
    let start = flat.iter().map(|_| 0).collect();
    let stride = lead.iter().map(|_| 1).chain([n + 1]).collect();
    let names = others.iter().map(|&axis| factor.names[axis]).chain([factor.names[first]]).collect();
    Factor { node: g.slice(row, &start, &flat, &stride), names }
}

/// One contraction. Names of one side that neither the other side nor anything later needs are summed before it.
fn contracted(
    g: &mut Graph,
    left: Factor,
    right: Factor,
    kept: impl Fn(usize) -> bool,
    site: Site,
) -> Result<Factor, Error> {
    let needed = |other: &[usize], name| kept(name) || other.contains(&name);
    let (of_left, of_right) = (left.names.clone(), right.names.clone());
    let left = summed(g, left, |name| needed(&of_right, name));
    let right = summed(g, right, |name| needed(&of_left, name));
    let shared = left.names.iter().copied().filter(|name| right.names.contains(name));
    let (batch, over): (Vec<usize>, Vec<usize>) = shared.partition(|&name| kept(name));
    let axes = |factor: &Factor, names: &[usize]| -> Axes { names.iter().map(|&name| factor.axis(name)).collect() };
    let spec = DotSpec {
        lhs: axes(&left, &over),
        rhs: axes(&right, &over),
        lhs_batch: axes(&left, &batch),
        rhs_batch: axes(&right, &batch),
    };
    let is_free = |name: &usize| !batch.contains(name) && !over.contains(name);
    let free = left.names.iter().chain(&right.names).copied().filter(is_free);
    let names = batch.iter().copied().chain(free).collect();
    let spec = g.intern_dot(spec);
    // The product may have more elements than a tensor may.
    Ok(Factor { node: make(g, Op::Dot(spec), &[left.node, right.node], site)?, names })
}

/// Summed over the names that are not needed.
fn summed(g: &mut Graph, mut factor: Factor, needed: impl Fn(usize) -> bool) -> Factor {
    let axes: Axes = (0..factor.names.len()).filter(|&axis| !needed(factor.names[axis])).collect();
    factor.node = g.reduce(Reduce::Sum, factor.node, &axes);
    factor.names.retain(|&name| needed(name));
    factor
}

/// Summed over what the result does not have, with its axes in the order of the result.
fn arranged(g: &mut Graph, factor: Factor, result: &[usize]) -> NodeId {
    let factor = summed(g, factor, |name| result.contains(&name));
    g.permute(factor.node, &result.iter().map(|&name| factor.axis(name)).collect())
}
