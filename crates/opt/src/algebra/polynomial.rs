//! Polynomials over kernels, with real coefficients and powers in halves.

use graph_core::NodeId;
use graph_core::smallvec::SmallVec;
use rustc_hash::FxHashMap;

/// A product of powers of kernels, each in halves and not 0, in the order of the kernels' nodes.
pub type Monomial = SmallVec<[(NodeId, i32); 3]>;

/// A sum of terms: distinct monomials in ascending order, with coefficients that are not 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Polynomial(Vec<(Monomial, f64)>);

impl Polynomial {
    pub fn constant(value: f64) -> Polynomial {
        Polynomial(if value == 0.0 { Vec::new() } else { vec![(Monomial::new(), value)] })
    }

    pub fn kernel(node: NodeId) -> Polynomial {
        Polynomial(vec![(SmallVec::from_slice(&[(node, 2)]), 1.0)])
    }

    pub fn terms(&self) -> &[(Monomial, f64)] {
        &self.0
    }

    pub fn is_finite(&self) -> bool {
        self.0.iter().all(|(_, coefficient)| coefficient.is_finite())
    }

    pub fn scaled(&self, factor: f64) -> Polynomial {
        Polynomial(self.0.iter().map(|(m, c)| (m.clone(), c * factor)).filter(|(_, c)| *c != 0.0).collect())
    }

    /// This and `factor` times the other, by merging.
    pub fn plus(&self, other: &Polynomial, factor: f64) -> Polynomial {
        let mut sum = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        loop {
            let order = match (left.peek(), right.peek()) {
                (Some((a, _)), Some((b, _))) => a.cmp(b),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => break,
            };
            let a = if order.is_le() { left.next() } else { None };
            let b = if order.is_ge() { right.next() } else { None };
            let monomial = a.or(b).expect("one of them is there").0.clone();
            let coefficient = a.map_or(0.0, |(_, c)| *c) + b.map_or(0.0, |(_, c)| c * factor);
            if coefficient != 0.0 {
                sum.push((monomial, coefficient));
            }
        }
        Polynomial(sum)
    }

    /// The product, written out, if that takes no more than `limit` products of terms.
    pub fn times(&self, other: &Polynomial, limit: usize) -> Option<Polynomial> {
        if self.0.len() * other.0.len() > limit {
            return None;
        }
        let mut collected: FxHashMap<Monomial, f64> = FxHashMap::default();
        for (a, x) in &self.0 {
            for (b, y) in &other.0 {
                *collected.entry(multiplied(a, b)).or_default() += x * y;
            }
        }
        let mut terms: Vec<(Monomial, f64)> = collected.into_iter().filter(|(_, c)| *c != 0.0).collect();
        terms.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Some(Polynomial(terms))
    }

    /// To a power of so many halves, if that is a power of one kernel times a constant.
    pub fn power(&self, halves: i32) -> Option<Polynomial> {
        let [(monomial, coefficient)] = &self.0[..] else { return None };
        let whole = halves % 2 == 0;
        let coefficient = match whole {
            true => coefficient.powi(halves / 2),
            false if *coefficient == 1.0 => 1.0,
            false => return None,
        };
        let powers = monomial.iter().map(|&(kernel, power)| match whole {
            true => Some((kernel, power.checked_mul(halves / 2)?)),
            // √(x²) is |x|, so a root is taken of a kernel alone.
            false => (power == 2 && monomial.len() == 1).then_some((kernel, halves)),
        });
        Some(Polynomial(vec![(powers.collect::<Option<Monomial>>()?, coefficient)]))
    }
}

/// By merging: powers of one kernel add up.
fn multiplied(a: &Monomial, b: &Monomial) -> Monomial {
    let mut product = Monomial::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let from_a = j == b.len() || i < a.len() && a[i].0 <= b[j].0;
        let from_b = i == a.len() || j < b.len() && b[j].0 <= a[i].0;
        let kernel = if from_a { a[i].0 } else { b[j].0 };
        let mut power = 0;
        if from_a {
            power += a[i].1;
            i += 1;
        }
        if from_b {
            power += b[j].1;
            j += 1;
        }
        if power != 0 {
            product.push((kernel, power));
        }
    }
    product
}
