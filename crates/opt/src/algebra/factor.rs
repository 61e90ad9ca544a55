//! Polynomials built as nodes: factored greedily, every piece once.

use std::cmp::Reverse;

use graph_core::op::{Binary, Nth, Op, Unary};
use graph_core::smallvec::SmallVec;
use graph_core::{Graph, NodeId, TensorType};
use rustc_hash::FxHashMap;

use super::polynomial::Polynomial;
use super::tensor;

/// A product of positive powers of atoms.
type Product = SmallVec<[(NodeId, u32); 3]>;

/// A sum of terms over atoms: nodes whose powers are positive and whole, as a kernel, its root or their reciprocals.
type Sum = Vec<(Product, f64)>;

/// A node, or its negative.
#[derive(Clone, Copy)]
struct Signed {
    node: NodeId,
    negative: bool,
}

/// Builds polynomials in a graph.
pub struct Factory {
    pub g: Graph,
    /// Sums that were built, by type, terms and the bits of coefficients.
    known: FxHashMap<(TensorType, Vec<(Product, u64)>), NodeId>,
}

impl Factory {
    pub fn new(g: Graph) -> Factory {
        Factory { g, known: FxHashMap::default() }
    }

    /// The value of a polynomial of this type.
    pub fn build(&mut self, polynomial: &Polynomial, ty: &TensorType) -> NodeId {
        let sum = self.over_atoms(polynomial);
        let value = self.sum(sum, ty);
        self.plain(value)
    }

    fn plain(&mut self, value: Signed) -> NodeId {
        if value.negative { self.g.neg(value.node) } else { value.node }
    }

    /// Negative powers become positive ones of the reciprocal, halves whole ones of the root.
    fn over_atoms(&mut self, polynomial: &Polynomial) -> Sum {
        let mut halved: FxHashMap<(NodeId, bool), bool> = FxHashMap::default();
        for (kernel, power) in polynomial.terms().iter().flat_map(|(monomial, _)| monomial.iter()) {
            *halved.entry((*kernel, *power < 0)).or_default() |= power % 2 != 0;
        }
        // A kernel may itself be the root or the reciprocal of another: then their powers meet in one atom.
        let mut sum: FxHashMap<Product, f64> = FxHashMap::default();
        for (monomial, coefficient) in polynomial.terms() {
            let mut product = Product::new();
            for &(kernel, power) in monomial {
                let half = halved[&(kernel, power < 0)];
                let atom = match (power < 0, half) {
                    (false, false) => kernel,
                    (false, true) => self.g.unary(Unary::Sqrt, kernel),
                    (true, false) => self.g.unary(Unary::Recip, kernel),
                    (true, true) => self.g.unary(Unary::Rsqrt, kernel),
                };
                let power = if half { power.unsigned_abs() } else { power.unsigned_abs() / 2 };
                product = multiplied(&product, &SmallVec::from_slice(&[(atom, power)]));
            }
            *sum.entry(product).or_default() += coefficient;
        }
        sorted(sum.into_iter().filter(|(_, coefficient)| *coefficient != 0.0).collect())
    }

    /// A sum that starts with a positive coefficient is built once; others are its negatives.
    fn sum(&mut self, mut sum: Sum, ty: &TensorType) -> Signed {
        let negative = sum.first().is_some_and(|(_, c)| *c < 0.0);
        if negative {
            sum.iter_mut().for_each(|(_, c)| *c = -*c);
        }
        let key = (ty.clone(), sum.iter().map(|(product, c)| (product.clone(), c.to_bits())).collect());
        if let Some(&node) = self.known.get(&key) {
            return Signed { node, negative };
        }
        let value = self.factored(&sum, ty);
        let node = self.plain(value);
        self.known.insert(key, node);
        Signed { node, negative }
    }

    /// k·q + r for the atom k in most terms; with further multiples of q taken out of r.
    fn factored(&mut self, sum: &Sum, ty: &TensorType) -> Signed {
        if let [(product, coefficient)] = &sum[..] {
            return self.term(product, *coefficient, ty);
        }
        if sum.is_empty() {
            return Signed { node: self.g.splat(0.0, ty), negative: false };
        }
        let first = sum[0].1.abs();
        if first != 1.0 && sum.iter().all(|(_, c)| c.abs() == first) {
            let signs = sum.iter().map(|(product, c)| (product.clone(), c.signum())).collect();
            let signs = self.sum(signs, ty);
            let factor = self.g.splat(first, ty);
            return Signed { node: self.g.mul(signs.node, factor), ..signs };
        }
        let Some((atom, power)) = commonest(sum) else { return self.terms(sum, ty) };
        let (with, mut rest): (Sum, Sum) =
            sum.iter().cloned().partition(|(product, _)| exponent(product, atom) >= power);
        let quotient: Sum =
            with.into_iter().map(|(product, c)| (divided(&product, &[(atom, power)]).expect("it has it"), c)).collect();
        let mut factors: Sum = vec![(SmallVec::from_slice(&[(atom, power)]), 1.0)];
        while let Some(factor) = multiple(&rest, &quotient) {
            rest = without(rest, &quotient, &factor);
            factors.push(factor);
        }
        let (factors, quotient) = (self.sum(sorted(factors), ty), self.sum(sorted(quotient), ty));
        let product =
            Signed { node: self.g.mul(quotient.node, factors.node), negative: factors.negative != quotient.negative };
        if rest.is_empty() {
            return product;
        }
        let rest = self.sum(rest, ty);
        self.added(product, rest)
    }

    /// One after the other.
    fn terms(&mut self, sum: &Sum, ty: &TensorType) -> Signed {
        let mut terms = sum.iter().rev();
        let (product, coefficient) = terms.next().expect("at least two");
        let mut total = self.term(product, *coefficient, ty);
        for (product, coefficient) in terms {
            let term = self.term(product, *coefficient, ty);
            total = self.added(total, term);
        }
        total
    }

    fn added(&mut self, a: Signed, b: Signed) -> Signed {
        let node = match (a.negative, b.negative) {
            (false, false) | (true, true) => self.g.add(a.node, b.node),
            (false, true) => self.g.node(Op::Binary(Binary::Sub), &[a.node, b.node]),
            (true, false) => self.g.node(Op::Binary(Binary::Sub), &[b.node, a.node]),
        };
        Signed { node, negative: a.negative && b.negative }
    }

    fn term(&mut self, product: &Product, coefficient: f64, ty: &TensorType) -> Signed {
        let mut node: Option<NodeId> = None;
        for &(atom, power) in product {
            let power = self.power(atom, power);
            node = Some(node.map_or(power, |node| self.g.mul(node, power)));
        }
        let size = coefficient.abs();
        let node = match node {
            Some(node) if size == 1.0 => node,
            Some(node) => {
                let size = self.g.splat(size, ty);
                self.g.mul(node, size)
            }
            None => self.g.splat(size, ty),
        };
        Signed { node, negative: coefficient < 0.0 }
    }

    /// By squares, so that no power is a call of a library.
    fn power(&mut self, atom: NodeId, power: u32) -> NodeId {
        debug_assert!(tensor(&self.g, atom).dtype.is_float());
        match power {
            1 => atom,
            2 => self.g.unary(Unary::Square, atom),
            3 | 4 => self.g.nth(Nth::Powi, power as i32, atom),
            _ => {
                let half = self.power(atom, power / 2);
                let square = self.g.unary(Unary::Square, half);
                if power.is_multiple_of(2) { square } else { self.g.mul(square, atom) }
            }
        }
    }
}

fn sorted(mut sum: Sum) -> Sum {
    sum.sort_by(|(a, _), (b, _)| a.cmp(b));
    sum
}

fn exponent(product: &Product, atom: NodeId) -> u32 {
    product.iter().find(|(a, _)| *a == atom).map_or(0, |(_, power)| *power)
}

/// The atom in most terms, if in at least two, and its least power there; of several, the oldest.
fn commonest(sum: &Sum) -> Option<(NodeId, u32)> {
    let mut counts: FxHashMap<NodeId, (usize, u32)> = FxHashMap::default();
    for &(atom, power) in sum.iter().flat_map(|(product, _)| product) {
        let (count, least) = counts.entry(atom).or_insert((0, power));
        *count += 1;
        *least = (*least).min(power);
    }
    let most = counts.into_iter().max_by_key(|(atom, (count, _))| (*count, Reverse(atom.index())))?;
    let (atom, (count, least)) = most;
    (count >= 2).then_some((atom, least))
}

/// a/b, if it is a product.
fn divided(a: &Product, b: &[(NodeId, u32)]) -> Option<Product> {
    let mut quotient = a.clone();
    for &(atom, power) in b {
        let at = quotient.iter().position(|(a, p)| *a == atom && *p >= power)?;
        quotient[at].1 -= power;
        if quotient[at].1 == 0 {
            quotient.remove(at);
        }
    }
    Some(quotient)
}

fn multiplied(a: &Product, b: &Product) -> Product {
    let mut product = a.clone();
    for &(atom, power) in b {
        match product.iter_mut().find(|(a, _)| *a == atom) {
            Some((_, p)) => *p += power,
            None => product.push((atom, power)),
        }
    }
    product.sort_unstable();
    product
}

/// A term m such that m·quotient is part of `rest`.
fn multiple(rest: &Sum, quotient: &Sum) -> Option<(Product, f64)> {
    if quotient.len() < 2 || rest.len() < quotient.len() {
        return None;
    }
    let coefficients: FxHashMap<&Product, f64> = rest.iter().map(|(product, c)| (product, *c)).collect();
    let (head, leading) = &quotient[0];
    rest.iter().find_map(|(product, c)| {
        let (factor, scale) = (divided(product, head)?, c / leading);
        let is_there = |(q, c): &(Product, f64)| coefficients.get(&multiplied(q, &factor)) == Some(&(c * scale));
        quotient.iter().all(is_there).then_some((factor, scale))
    })
}

fn without(rest: Sum, quotient: &Sum, (factor, _): &(Product, f64)) -> Sum {
    let gone: Vec<Product> = quotient.iter().map(|(q, _)| multiplied(q, factor)).collect();
    rest.into_iter().filter(|(product, _)| !gone.contains(product)).collect()
}
