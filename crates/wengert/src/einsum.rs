//! Einstein summation: a product of operands with named axes, summed over the names that the result does not have.
//!
//! Every pair of operands is one contraction (`dot`), with transposes and sums before it; a name that occurs twice in one
//! operand takes its diagonal by a stride, so nothing off the diagonal is multiplied with anything. Pairs are contracted in
//! the order of least work, greedily: the same order on every run.

use graph_core::op::{Axes, DotSpec, Reduce};
use graph_core::provenance::Site;
use graph_core::{Graph, NodeId, Shape};

use crate::error::Error;
use crate::expr::Expr;
use crate::shape::joined;

/// The name of an axis: a letter, or the place of an axis that `...` stands for, from the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Unnamed(std::cmp::Reverse<usize>),
    Letter(char),
}

/// An operand, or what has become of some of them: a name for each axis, all different.
#[derive(Clone, Debug)]
struct Factor {
    node: NodeId,
    names: Vec<Name>,
}

/// `einsum("bij,bjk->bik", &[a, b])`: the axes of each operand by letters, between commas, and those of the result.
///
/// Without `->` the result has the letters that occur once, in alphabetical order. `...` stands for the axes that have no
/// letter, which broadcast. An extent of 1 broadcasts, too.
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
#[track_caller]
pub fn einsum(spec: &str, operands: &[Expr]) -> Expr {
    joined(operands, |core, nodes, site| evaluate(core, spec, nodes, site))
}

fn evaluate(g: &mut Graph, spec: &str, nodes: &[NodeId], site: Site) -> Result<NodeId, Error> {
    let mistake = |g: &Graph, why: String| {
        let types: Vec<String> = nodes.iter().map(|&x| g.ty(x).to_string()).collect();
        let node = format!("einsum \"{spec}\" of {}", types.join(", "));
        Error::Build { source: graph_core::Error::Attribute { node, why }, site: Some(site) }
    };
    let parsed = parse(g, spec, nodes).map_err(|why| mistake(g, why))?;
    let extents = parsed.extents(g).map_err(|why| mistake(g, why))?;
    let mut factors: Vec<Factor> = parsed.factors.iter().map(|factor| simplified(g, factor, &extents)).collect();
    while factors.len() > 1 {
        let (i, j) = cheapest(&factors, &extents);
        let right = factors.remove(j);
        let left = factors.remove(i);
        let kept = |name: &Name| parsed.result.contains(name) || factors.iter().any(|f| f.names.contains(name));
        let product = contracted(g, left, right, kept);
        factors.push(product);
    }
    let last = factors.pop().expect("there is an operand");
    Ok(arranged(g, last, &parsed.result))
}

/// The names of every operand's axes, and of the result's.
struct Parsed {
    factors: Vec<Factor>,
    result: Vec<Name>,
}

fn parse(g: &Graph, spec: &str, nodes: &[NodeId]) -> Result<Parsed, String> {
    let (left, right) = match spec.split_once("->") {
        Some((left, right)) => (left, Some(right)),
        None => (spec, None),
    };
    let terms: Vec<&str> = left.split(',').collect();
    if terms.len() != nodes.len() {
        return Err(format!("it names the axes of {} operand(s), {} are given", terms.len(), nodes.len()));
    }
    let mut at = 0;
    let mut factors = Vec::new();
    for (operand, (term, &node)) in terms.iter().zip(nodes).enumerate() {
        let Some(t) = g.ty(node).as_tensor() else {
            return Err(format!("operand {operand} is a structure; take the part you mean with `get`"));
        };
        factors.push(Factor { node, names: names(term, at, Some((operand, &t.shape)))? });
        at += term.len() + 1;
    }
    let unnamed = factors.iter().flat_map(|f| &f.names).filter_map(|name| match name {
        Name::Unnamed(place) => Some(place.0 + 1),
        Name::Letter(_) => None,
    });
    let unnamed = unnamed.max().unwrap_or(0);
    let result = match right {
        Some(right) => explicit(right, left.len() + 2, unnamed, &factors)?,
        None => implicit(unnamed, &factors),
    };
    Ok(Parsed { factors, result })
}

/// The names in one term; `...` becomes as many as the operand has axes left, or, in a result, nothing yet.
fn names(term: &str, at: usize, operand: Option<(usize, &Shape)>) -> Result<Vec<Name>, String> {
    let mut found: Vec<Option<char>> = Vec::new();
    let mut rest = term;
    while let Some(first) = rest.chars().next() {
        let place = at + term.len() - rest.len();
        let width = match first {
            '.' if rest.starts_with("...") && !found.contains(&None) => {
                found.push(None);
                3
            }
            c if c.is_alphabetic() => {
                found.push(Some(c));
                c.len_utf8()
            }
            ' ' => 1,
            c => return Err(format!("`{c}` at character {place} names no axis: axes are letters, or once `...`")),
        };
        rest = &rest[width..];
    }
    let letters = found.iter().flatten().count();
    let missing = match operand {
        Some((_, shape)) if found.contains(&None) && letters <= shape.rank() => shape.rank() - letters,
        Some((_, shape)) if letters == shape.rank() => 0,
        Some((operand, shape)) => {
            let hint = if found.contains(&None) { "" } else { "; `...` stands for the others" };
            return Err(format!(
                "operand {operand} of shape {shape} has {} axes, \"{}\" names {letters}{hint}",
                shape.rank(),
                term.trim()
            ));
        }
        None => 0,
    };
    let unnamed = (0..missing).rev().map(|place| Name::Unnamed(std::cmp::Reverse(place)));
    let expanded = found.into_iter().flat_map(|letter| match letter {
        Some(letter) => vec![Name::Letter(letter)],
        None => unnamed.clone().collect(),
    });
    Ok(expanded.collect())
}

/// The names after `->`.
fn explicit(right: &str, at: usize, unnamed: usize, factors: &[Factor]) -> Result<Vec<Name>, String> {
    let letters = names(right, at, None)?;
    for (i, name) in letters.iter().enumerate() {
        let Name::Letter(letter) = name else { continue };
        if letters[..i].contains(name) {
            return Err(format!("the result names the axis `{letter}` twice"));
        }
        if !factors.iter().any(|f| f.names.contains(name)) {
            return Err(format!("the result has an axis `{letter}` that no operand has"));
        }
    }
    let places = (0..unnamed).rev().map(|place| Name::Unnamed(std::cmp::Reverse(place)));
    match right.find("...") {
        Some(dots) => {
            let before = right[..dots].chars().filter(|c| c.is_alphabetic()).count();
            let (head, tail) = letters.split_at(before);
            Ok(head.iter().copied().chain(places).chain(tail.iter().copied()).collect())
        }
        None if unnamed > 0 => Err("operands have axes under `...`, the result has none".to_string()),
        None => Ok(letters),
    }
}

/// The unnamed axes, then the letters that occur once.
fn implicit(unnamed: usize, factors: &[Factor]) -> Vec<Name> {
    let all: Vec<Name> = factors.iter().flat_map(|f| f.names.iter().copied()).collect();
    let once = |name: &&Name| all.iter().filter(|other| other == name).count() == 1;
    let mut letters: Vec<Name> =
        all.iter().filter(|name| matches!(name, Name::Letter(_))).filter(once).copied().collect();
    letters.sort_unstable();
    (0..unnamed).rev().map(|place| Name::Unnamed(std::cmp::Reverse(place))).chain(letters).collect()
}

/// The extent of each name.
struct Extents(Vec<(Name, usize)>);

impl Extents {
    fn of(&self, name: Name) -> usize {
        self.0.iter().find(|(known, _)| *known == name).map_or(1, |(_, extent)| *extent)
    }
}

impl Parsed {
    /// Equal, or 1, wherever a name occurs.
    fn extents(&self, g: &Graph) -> Result<Extents, String> {
        let mut extents: Vec<(Name, usize, usize)> = Vec::new();
        for (operand, factor) in self.factors.iter().enumerate() {
            for (&name, &extent) in factor.names.iter().zip(g.shape(factor.node).iter()) {
                match extents.iter_mut().find(|(known, ..)| *known == name) {
                    None => extents.push((name, extent, operand)),
                    Some((_, known, _)) if *known == extent || extent == 1 => {}
                    Some((_, known, first)) if *known == 1 => (*known, *first) = (extent, operand),
                    Some((_, known, first)) => {
                        let axis = match name {
                            Name::Letter(letter) => format!("`{letter}`"),
                            Name::Unnamed(place) => format!("{} from the end of `...`", place.0 + 1),
                        };
                        let (a, b) = (format!("{known} in operand {first}"), format!("{extent} in operand {operand}"));
                        return Err(format!("axis {axis} is {a} and {b}; extents are equal or 1"));
                    }
                }
            }
        }
        Ok(Extents(extents.into_iter().map(|(name, extent, _)| (name, extent)).collect()))
    }
}

/// Diagonals taken, and axes dropped that only broadcast.
fn simplified(g: &mut Graph, factor: &Factor, extents: &Extents) -> Factor {
    let mut factor = factor.clone();
    let broadcasts = |g: &Graph, factor: &Factor, axis: usize| {
        g.shape(factor.node)[axis] == 1 && extents.of(factor.names[axis]) != 1
    };
    while let Some(axis) = (0..factor.names.len()).find(|&axis| {
        broadcasts(g, &factor, axis)
            || factor.names[..axis].contains(&factor.names[axis]) && g.shape(factor.node)[axis] == 1
    }) {
        let mut shape = g.shape(factor.node).to_vec();
        shape.remove(axis);
        factor.names.remove(axis);
        factor.node = g.reshape(factor.node, &Shape::new(&shape));
    }
    while let Some(second) = (0..factor.names.len()).find(|&axis| factor.names[..axis].contains(&factor.names[axis])) {
        let name = factor.names[second];
        let first = factor.names.iter().position(|other| *other == name).expect("it occurs before");
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
    let flat_node = g.reshape(moved, &flat);
    let start = flat.iter().map(|_| 0).collect();
    let stride = lead.iter().map(|_| 1).chain([n + 1]).collect();
    let names = others.iter().map(|&axis| factor.names[axis]).chain([factor.names[first]]).collect();
    Factor { node: g.slice(flat_node, &start, &flat, &stride), names }
}

/// The pair whose product is least work; the first of equals.
fn cheapest(factors: &[Factor], extents: &Extents) -> (usize, usize) {
    let work = |i: usize, j: usize| {
        let more = factors[j].names.iter().filter(|name| !factors[i].names.contains(name));
        let all = factors[i].names.iter().chain(more);
        all.fold(1u128, |work, &name| work.saturating_mul(extents.of(name).max(1) as u128))
    };
    let pairs = (0..factors.len()).flat_map(|i| (i + 1..factors.len()).map(move |j| (i, j)));
    pairs.min_by_key(|&(i, j)| work(i, j)).expect("there are two")
}

/// One contraction. Names of one operand that nothing else has are summed before it.
fn contracted(g: &mut Graph, left: Factor, right: Factor, kept: impl Fn(&Name) -> bool) -> Factor {
    let needed = |other: &Factor, name: &Name| kept(name) || other.names.contains(name);
    let (left, right) = (summed(g, &left, |name| needed(&right, name)), summed(g, &right, |name| needed(&left, name)));
    let shared: Vec<Name> = left.names.iter().copied().filter(|name| right.names.contains(name)).collect();
    let (batch, over): (Vec<Name>, Vec<Name>) = shared.into_iter().partition(|name| kept(name));
    let axes = |factor: &Factor, names: &[Name]| -> Axes {
        let place = |name: &Name| factor.names.iter().position(|other| other == name).expect("it is shared");
        names.iter().map(place).collect()
    };
    let spec = DotSpec {
        lhs: axes(&left, &over),
        rhs: axes(&right, &over),
        lhs_batch: axes(&left, &batch),
        rhs_batch: axes(&right, &batch),
    };
    let free = |factor: &Factor| -> Vec<Name> {
        factor.names.iter().copied().filter(|name| !batch.contains(name) && !over.contains(name)).collect()
    };
    let names = [batch.clone(), free(&left), free(&right)].concat();
    Factor { node: g.dot(left.node, right.node, spec), names }
}

/// Summed over the names that are not needed.
fn summed(g: &mut Graph, factor: &Factor, needed: impl Fn(&Name) -> bool) -> Factor {
    let axes: Axes = (0..factor.names.len()).filter(|&axis| !needed(&factor.names[axis])).collect();
    let names = factor.names.iter().copied().filter(|name| needed(name)).collect();
    Factor { node: g.reduce(Reduce::Sum, factor.node, &axes), names }
}

/// Summed over what the result does not have, with its axes in the order of the result.
fn arranged(g: &mut Graph, factor: Factor, result: &[Name]) -> NodeId {
    let factor = summed(g, &factor, |name| result.contains(name));
    let place = |name: &Name| factor.names.iter().position(|other| other == name).expect("some operand has it");
    g.permute(factor.node, &result.iter().map(place).collect())
}
