//! Acyclic colourings of symmetric patterns: fewer colours than star colourings, for entries that are not read off but found
//! one after the other.
//!
//! Neighbours differ, and no cycle has two colours only, so that the entries between two colours are the edges of a
//! forest. At a leaf one entry stands alone; taken away from what its neighbour's row holds, it leaves a smaller forest.
//! Source: Gebremedhin, Tarafdar, Manne, Pothen 2007, "New acyclic and star coloring algorithms with application to
//! computing Hessians".

use graph_core::op::{GatherSpec, Scatter};
use graph_core::{Graph, NodeId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::colour::Colouring;
use super::pattern::Pattern;
use super::{places, taken};

/// Greedy, the columns with most entries first. Takes time in the order of entries times colours.
pub fn acyclic(pattern: &Pattern) -> Colouring {
    let n = pattern.columns();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by_key(|&v| std::cmp::Reverse(pattern.column(v).len()));
    let mut colours = vec![usize::MAX; n];
    let mut count = 0;
    let mut forests = Forests::default();
    for v in order {
        let coloured: Vec<(usize, usize)> =
            neighbours(pattern, v).map(|w| (w, colours[w])).filter(|&(_, colour)| colour != usize::MAX).collect();
        let of_neighbours: FxHashSet<usize> = coloured.iter().map(|&(_, colour)| colour).collect();
        let free = |&colour: &usize| {
            let mut trees = FxHashSet::default();
            !of_neighbours.contains(&colour)
                && coloured.iter().all(|&(w, of_w)| trees.insert(forests.tree(w, colour, of_w)))
        };
        let colour = (0..).find(free).expect("a new colour is free");
        colours[v] = colour;
        count = count.max(colour + 1);
        coloured.iter().for_each(|&(w, of_w)| forests.join(v, w, colour, of_w));
    }
    Colouring { colours, count }
}

fn neighbours(pattern: &Pattern, v: usize) -> impl Iterator<Item = usize> {
    pattern.column(v).iter().copied().filter(move |&w| w != v)
}

/// A vertex in the forest of two colours, the smaller first.
type Place = (usize, usize, usize);

/// The trees of all forests, as disjoint sets.
#[derive(Default)]
struct Forests(FxHashMap<Place, Place>);

impl Forests {
    /// One place that stands for the tree of `v`.
    fn tree(&mut self, v: usize, one: usize, other: usize) -> Place {
        let mut place = (v, one.min(other), one.max(other));
        while let Some(&above) = self.0.get(&place) {
            if let Some(&next) = self.0.get(&above) {
                self.0.insert(place, next);
            }
            place = above;
        }
        place
    }

    fn join(&mut self, v: usize, w: usize, one: usize, other: usize) {
        let (of_v, of_w) = (self.tree(v, one, other), self.tree(w, one, other));
        if of_v != of_w {
            self.0.insert(of_w, of_v);
        }
    }
}

/// The order in which the entries off the diagonal are found: the (leaf, neighbour) pairs of one round do not depend on
/// each other.
pub fn rounds(pattern: &Pattern, colouring: &Colouring) -> Vec<Vec<(usize, usize)>> {
    let colours = &colouring.colours;
    // For each vertex and colour, how many neighbours of that colour there are, and all of them together by exclusive or,
    // so that the last one is known without a search.
    let mut left: FxHashMap<(usize, usize), (usize, usize)> = FxHashMap::default();
    for (v, w) in pattern.coordinates().filter(|(v, w)| v != w) {
        let (count, all) = left.entry((v, colours[w])).or_default();
        (*count, *all) = (*count + 1, *all ^ w);
    }
    let mut leaves: Vec<(usize, usize)> =
        left.iter().filter(|(_, (count, _))| *count == 1).map(|(&at, _)| at).collect();
    leaves.sort_unstable();
    let mut rounds = Vec::new();
    while !leaves.is_empty() {
        let mut round = Vec::new();
        let mut next = Vec::new();
        for (v, colour) in leaves {
            let (count @ 1, w) = left[&(v, colour)] else { continue };
            left.insert((v, colour), (count - 1, 0));
            round.push((v, w));
            let (count, all) = left.get_mut(&(w, colours[v])).expect("an entry has one across the diagonal");
            (*count, *all) = (*count - 1, *all ^ v);
            if *count == 1 {
                next.push((w, colours[v]));
            }
        }
        rounds.push(round);
        leaves = next;
    }
    rounds
}

/// The entries of a pattern, in its order, from the products for each colour, one after the other.
pub fn substituted(
    g: &mut Graph,
    products: NodeId,
    pattern: &Pattern,
    colouring: &Colouring,
    rounds: &[Vec<(usize, usize)>],
) -> NodeId {
    let (n, colours) = (pattern.columns(), &colouring.colours);
    let place = |row: usize, column: usize| colours[column] * n + row;
    let (mut rest, mut found) = (products, vec![products]);
    let mut next = g.shape(products).elements();
    let mut of_entry: FxHashMap<(usize, usize), usize> = FxHashMap::default();
    for round in rounds {
        let entries = taken(g, rest, round.iter().map(|&(leaf, other)| place(leaf, other)));
        found.push(entries);
        for &(leaf, other) in round {
            of_entry.extend([((leaf, other), next), ((other, leaf), next)]);
            next += 1;
        }
        let from = places(g, round.iter().map(|&(leaf, other)| place(other, leaf)));
        let less = g.neg(entries);
        let spec = GatherSpec::take(g.shape(rest), 0, 1);
        rest = g.scatter(Scatter::Add, rest, from, less, spec);
    }
    let all = g.concat(&found, 0);
    let at = |(i, j)| if i == j { place(i, j) } else { of_entry[&(i, j)] };
    taken(g, all, pattern.coordinates().map(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That leaves can be taken away until nothing is left is what makes the forests forests.
    #[test]
    fn every_entry_is_found_once_and_neighbours_differ() {
        let mut random = fastrand::Rng::with_seed(7);
        for entries in 0..60 {
            let half: Vec<_> = (0..entries).map(|_| (random.usize(..20), random.usize(..20))).collect();
            let pattern = Pattern::new(20, 20, half).symmetric();
            let colouring = acyclic(&pattern);
            let mut found: Vec<_> = rounds(&pattern, &colouring).concat();
            assert!(found.iter().all(|&(v, w)| colouring.colours[v] != colouring.colours[w]));
            found.iter_mut().for_each(|pair| *pair = (pair.0.max(pair.1), pair.0.min(pair.1)));
            found.sort_unstable();
            let mut lower: Vec<_> = pattern.coordinates().filter(|(i, j)| i > j).collect();
            lower.sort_unstable();
            assert_eq!(found, lower);
        }
    }

    #[test]
    fn colours_are_few() {
        let path: Vec<_> = (0..100).flat_map(|i| [(i, i), (i, i + 1)]).filter(|&(_, j)| j < 100).collect();
        assert_eq!(acyclic(&Pattern::new(100, 100, path).symmetric()).count, 2);
        let grid = (0..30).flat_map(|i| (0..30).map(move |j| (i, j)));
        let edges =
            grid.flat_map(|(i, j)| [(i, j, i + 1, j), (i, j, i, j + 1)]).filter(|&(_, _, i, j)| i < 30 && j < 30);
        let grid = Pattern::new(900, 900, edges.map(|(i, j, k, l)| (30 * i + j, 30 * k + l)).collect()).symmetric();
        assert!(acyclic(&grid).count <= 4 && super::super::colour::star(&grid).count >= 5);
    }
}
