//! Which pair of factors is contracted first: greedily the one whose product saves most memory, of equals the one with
//! least work, of equals the first (Smith and Gray, opt_einsum, 2018). Deterministic.
//!
//! Only pairs that share a name are looked at, so a chain of n factors takes n log n steps; factors that share nothing
//! are multiplied at the end, smallest first. A pair keeps the rank that it had when both factors came to be.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How many factors have each name; the result counts as one.
pub(super) fn uses(factors: &[Vec<usize>], result: &[usize], names: usize) -> Vec<usize> {
    let mut uses = vec![0; names];
    for &name in factors.iter().flatten().chain(result) {
        uses[name] += 1;
    }
    uses
}

/// The pairs to contract, by position; products take the positions after those of the factors.
pub(super) fn pairs(factors: Vec<Vec<usize>>, result: &[usize], extents: &[usize]) -> Vec<(usize, usize)> {
    let mut holders = vec![Vec::new(); extents.len()];
    for (at, names) in factors.iter().enumerate() {
        names.iter().for_each(|&name| holders[name].push(at));
    }
    let uses = uses(&factors, result, extents.len());
    let alive = vec![true; factors.len()];
    let mut search = Search { factors, alive, holders, uses, extents, candidates: BinaryHeap::new() };
    for at in 0..search.factors.len() {
        search.pair_up(at, at);
    }
    let mut pairs = Vec::new();
    while let Some(Reverse((_, _, left, right))) = search.candidates.pop() {
        if search.alive[left] && search.alive[right] {
            pairs.push((left, right));
            let product = search.multiply(left, right);
            search.pair_up(product, product);
        }
    }
    search.multiply_rest(&mut pairs);
    pairs
}

/// Memory saved (as growth), work, and the pair.
type Candidate = (i128, i128, usize, usize);

struct Search<'a> {
    /// The names of every factor and product so far.
    factors: Vec<Vec<usize>>,
    /// Which of them are not contracted yet.
    alive: Vec<bool>,
    /// Where each name occurs, also in factors that are gone.
    holders: Vec<Vec<usize>>,
    uses: Vec<usize>,
    extents: &'a [usize],
    candidates: BinaryHeap<Reverse<Candidate>>,
}

impl Search<'_> {
    /// Makes candidates of a factor and all before `limit` that share a name with it.
    fn pair_up(&mut self, at: usize, limit: usize) {
        let sharing = self.factors[at].iter().flat_map(|&name| &self.holders[name]);
        let mut partners: Vec<usize> = sharing.copied().filter(|&other| other < limit && self.alive[other]).collect();
        partners.sort_unstable();
        partners.dedup();
        for other in partners {
            self.candidates.push(Reverse(self.candidate(other, at)));
        }
    }

    fn candidate(&self, left: usize, right: usize) -> Candidate {
        let (a, b) = (&self.factors[left], &self.factors[right]);
        let all = a.iter().chain(b.iter().filter(|name| !a.contains(name)));
        let (work, product) = (self.size(all), self.size(&self.product(left, right)));
        (product.saturating_sub(self.size(a)).saturating_sub(self.size(b)), work, left, right)
    }

    /// The names of a product: those that something else has.
    fn product(&self, left: usize, right: usize) -> Vec<usize> {
        let (a, b) = (&self.factors[left], &self.factors[right]);
        let elsewhere = |name: usize| self.uses[name] > usize::from(a.contains(&name)) + usize::from(b.contains(&name));
        let all = a.iter().chain(b.iter().filter(|name| !a.contains(name)));
        all.copied().filter(|&name| elsewhere(name)).collect()
    }

    /// Number of elements, where an empty axis counts as one.
    fn size<'n>(&self, names: impl IntoIterator<Item = &'n usize>) -> i128 {
        names.into_iter().fold(1, |size: i128, &name| size.saturating_mul(self.extents[name].max(1) as i128))
    }

    fn multiply(&mut self, left: usize, right: usize) -> usize {
        let (names, at) = (self.product(left, right), self.factors.len());
        for gone in [left, right] {
            self.alive[gone] = false;
            self.factors[gone].iter().for_each(|&name| self.uses[name] -= 1);
        }
        for &name in &names {
            self.uses[name] += 1;
            self.holders[name].push(at);
        }
        self.factors.push(names);
        self.alive.push(true);
        at
    }

    /// Multiplies factors that share no name, the two smallest first.
    fn multiply_rest(&mut self, pairs: &mut Vec<(usize, usize)>) {
        let entry = |search: &Self, at: usize| Reverse((search.size(&search.factors[at]), at));
        let alive = (0..self.factors.len()).filter(|&at| self.alive[at]);
        let mut rest: BinaryHeap<_> = alive.map(|at| entry(self, at)).collect();
        while let (Some(Reverse((_, a))), Some(Reverse((_, b)))) = (rest.pop(), rest.pop()) {
            pairs.push((a.min(b), a.max(b)));
            let product = self.multiply(a.min(b), a.max(b));
            rest.push(entry(self, product));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Factors by letters; every extent is 10.
    fn check(factors: &[&str], result: &str, expected: &[(usize, usize)]) {
        let names = |term: &str| -> Vec<usize> { term.bytes().map(|letter| usize::from(letter - b'a')).collect() };
        let found = pairs(factors.iter().map(|term| names(term)).collect(), &names(result), &[10; 26]);
        assert_eq!(found, expected, "{factors:?}");
    }

    #[test]
    fn a_vector_meets_the_matrices_of_a_chain_one_by_one() {
        check(&["ab", "bc", "cd", "d"], "a", &[(2, 3), (1, 4), (0, 5)]);
        check(&["a", "ab", "bc", "cd"], "d", &[(0, 1), (2, 4), (3, 5)]);
    }

    #[test]
    fn an_outer_product_comes_last() {
        check(&["a", "b", "ab"], "", &[(0, 2), (1, 3)]);
        check(&["a", "b", "c"], "cab", &[(0, 1), (2, 3)]);
        check(&["ab", "c", "ab"], "c", &[(0, 2), (1, 3)]);
    }

    #[test]
    fn one_factor_is_left_alone() {
        check(&["ab"], "b", &[]);
    }

    #[test]
    fn of_equal_savings_the_least_work_comes_first() {
        check(&["a", "ab", "a"], "b", &[(0, 2), (1, 3)]);
    }
}
