//! Colourings: columns of one colour are computed by one product, and each entry can be read off.
//!
//! Source: Gebremedhin, Manne, Pothen 2005, "What color is your Jacobian? Graph coloring for computing derivatives".
//! Greedy, the columns with most entries first, so that nothing depends on chance.

use rustc_hash::{FxHashMap, FxHashSet};

use super::pattern::Pattern;

/// A colour for each column (or row), from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colouring {
    /// The colour of each.
    pub colours: Vec<usize>,
    /// How many there are.
    pub count: usize,
}

/// Columns of one colour share no row.
pub fn columns(pattern: &Pattern) -> Colouring {
    let rows = pattern.transposed();
    greedy(
        pattern.columns(),
        |j| pattern.column(j).len(),
        |j, forbid| {
            for &i in pattern.column(j) {
                rows.column(i).iter().for_each(|&other| forbid(other));
            }
        },
    )
}

/// For a symmetric pattern: no path of four has two colours only, so that each entry stands alone in one of two places,
/// and direct neighbours differ.
///
/// Takes time in the order of entries times colours: instead of walking to all neighbours of neighbours, each vertex
/// remembers which of its neighbours has which colour, and which colours would close a path over it.
pub fn star(pattern: &Pattern) -> Colouring {
    let n = pattern.columns();
    let neighbours = |v: usize| pattern.column(v).iter().copied().filter(move |&w| w != v);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by_key(|&v| std::cmp::Reverse(pattern.column(v).len()));
    let mut colours = vec![usize::MAX; n];
    let mut forbidden = vec![usize::MAX; n + 1];
    // The first neighbour of a colour.
    let mut first: FxHashMap<(usize, usize), usize> = FxHashMap::default();
    // Colours c such that some v - w - x - y with x of colour c and y coloured as w waits for a v.
    let mut closing: Vec<FxHashSet<usize>> = vec![FxHashSet::default(); n];
    let mut count = 0;
    for v in order {
        for w in neighbours(v) {
            match colours[w] {
                // Both neighbours of one that has no colour yet would close a path over it later.
                usize::MAX => neighbours(w).map(|x| colours[x]).filter(|&c| c != usize::MAX).for_each(|c| {
                    forbidden[c] = v;
                }),
                of_w => {
                    forbidden[of_w] = v;
                    closing[w].iter().for_each(|&c| forbidden[c] = v);
                }
            }
        }
        let colour = (0..).find(|&colour| forbidden[colour] != v).expect("some colour is free");
        colours[v] = colour;
        count = count.max(colour + 1);
        for x in neighbours(v) {
            let one = *first.entry((x, colour)).or_insert(v);
            if one != v {
                closing[one].insert(colours[x]);
                closing[v].insert(colours[x]);
            }
        }
    }
    Colouring { colours, count }
}

fn greedy(n: usize, entries: impl Fn(usize) -> usize, conflicts: impl Fn(usize, &mut dyn FnMut(usize))) -> Colouring {
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by_key(|&j| std::cmp::Reverse(entries(j)));
    let mut colours = vec![usize::MAX; n];
    let mut forbidden = vec![usize::MAX; n + 1];
    let mut count = 0;
    for j in order {
        conflicts(j, &mut |other| {
            if colours[other] != usize::MAX {
                forbidden[colours[other]] = j;
            }
        });
        colours[j] = (0..).find(|&colour| forbidden[colour] != j).expect("some colour is free");
        count = count.max(colours[j] + 1);
    }
    Colouring { colours, count }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(rows: usize, columns: usize, entries: usize, seed: u64) -> Vec<(usize, usize)> {
        let mut random = fastrand::Rng::with_seed(seed);
        (0..entries).map(|_| (random.usize(..rows), random.usize(..columns))).collect()
    }

    #[test]
    fn columns_of_one_colour_share_no_row() {
        for seed in 0..50 {
            let pattern = Pattern::new(20, 30, random(20, 30, 60, seed));
            let Colouring { colours, count } = columns(&pattern);
            for i in 0..20 {
                let row: Vec<usize> = (0..30).filter(|&j| pattern.column(j).contains(&i)).map(|j| colours[j]).collect();
                let mut distinct = row.clone();
                distinct.sort_unstable();
                distinct.dedup();
                assert!(distinct.len() == row.len() && row.iter().all(|&c| c < count), "row {i}: {row:?}");
            }
        }
    }

    /// By the definition: neighbours differ, and no path of four vertices has two colours.
    #[test]
    fn star_colourings_are_star_colourings() {
        for seed in 0..50 {
            let half = random(16, 16, 30, seed);
            let both = half.iter().flat_map(|&(i, j)| [(i, j), (j, i)]).collect();
            let pattern = Pattern::new(16, 16, both);
            let c = star(&pattern).colours;
            let edge = |a: usize, b: usize| a != b && pattern.column(a).contains(&b);
            for (a, b) in (0..16).flat_map(|a| (0..16).map(move |b| (a, b))).filter(|&(a, b)| edge(a, b)) {
                assert_ne!(c[a], c[b]);
                for (x, y) in (0..16).flat_map(|x| (0..16).map(move |y| (x, y))) {
                    let path = edge(b, x) && edge(x, y) && x != a && y != b && y != a;
                    assert!(!(path && c[a] == c[x] && c[b] == c[y]), "{a} {b} {x} {y}");
                }
            }
        }
    }
}
