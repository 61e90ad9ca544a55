//! Programs that read arrays element by element: their gradients are put together in linear work, whatever the pattern of
//! reading, and are those of the same program on whole arrays.

use graph_core::walk;
use wengert::prelude::*;

/// Elements of all values on the way.
fn work(f: &Function) -> usize {
    let g = f.core().graph();
    walk::ancestors(g, f.core().results()).into_iter().map(|id| g.shape(id).elements()).sum()
}

/// Σ wᵢⱼ log xᵢⱼ over these entries, twice: by elements, and by a matrix of weights.
fn both(shape: [usize; 2], entries: &[(usize, usize)]) -> [Function; 2] {
    let weight = |i: usize, j: usize| (1 + (3 * i + 5 * j) % 7) as f64;
    let g = Graph::new();
    let x = g.tensor("x", &shape);
    let entry = |&(i, j): &(usize, usize)| x.slice(&[i, j], &[i + 1, j + 1], &[1, 1]).reshape(&[]).log() * weight(i, j);
    let by_elements = g.function("elements", entries.iter().map(entry).sum::<Expr>());
    let g = Graph::new();
    let x = g.tensor("x", &shape);
    let mut weights = vec![0.0; shape[0] * shape[1]];
    entries.iter().for_each(|&(i, j)| weights[i * shape[1] + j] += weight(i, j));
    let by_arrays = g.function("arrays", (x.log() * g.constant(&shape, &weights)).sum());
    [by_elements, by_arrays].map(|f| f.expect("a program"))
}

fn gradients_agree(name: &str, shape: [usize; 2], entries: &[(usize, usize)], most: usize) {
    let at: Vec<f64> = (0..shape[0] * shape[1]).map(|i| (0.37 * i as f64).sin() + 1.5).collect();
    let gradients = both(shape, entries).map(|f| f.grad("x").expect("a number"));
    let [found, expected] = gradients.each_ref().map(|f| f.compile().and_then(|p| p.run(&at)).expect("finite"));
    for (i, (a, b)) in found.iter().zip(&expected).enumerate() {
        assert!((a - b).abs() <= 1e-14 * b.abs(), "{name}, element {i}: {a}, by arrays {b}");
    }
    let (done, size) = (work(&gradients[0]), entries.len() + shape[0] * shape[1]);
    assert!(done <= most * size, "{name}: {done} elements for {size}");
}

#[test]
fn gradients_of_elements_are_put_together_in_linear_work() {
    for n in [3, 20, 40] {
        let all = |read: fn(usize, usize) -> bool| -> Vec<(usize, usize)> {
            (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).filter(|&(i, j)| read(i, j)).collect()
        };
        for (name, read) in [
            ("all", (|_, _| true) as fn(usize, usize) -> bool),
            ("triangle", |i, j| j <= i),
            ("diagonal", |i, j| i == j),
            ("column", |_, j| j == 1),
            ("row", |i, _| i == 2),
            ("checkered", |i, j| (i + j) % 2 == 1),
        ] {
            let mut entries = all(read);
            gradients_agree(name, [n, n], &entries, 16);
            entries.reverse();
            gradients_agree(name, [n, n], &[&entries[..], &entries[..1]].concat(), 16);
        }
    }
}

/// A chain of neighbours, once by elements: the gradient, and its gradient along a direction.
#[test]
fn a_chain_by_elements_is_linear_at_every_order() {
    let chain = |n: usize| {
        let g = Graph::new();
        let x = g.tensor("x", &[n]);
        let link = |i: usize| (x.at(i) * x.at(i + 1)).sin();
        g.function("chain", (0..n - 1).map(link).sum::<Expr>()).expect("a program")
    };
    let sizes = |order: usize| {
        let size = |n: usize| {
            let f = (1..order).fold(chain(n).grad("x"), |f, _| f?.directional("x", 1)).expect("a program");
            work(&f)
        };
        (size(100), size(400))
    };
    for order in 1..=3 {
        let (small, large) = sizes(order);
        assert!(large < 5 * small, "order {order}: {small} elements for 100, {large} for 400");
    }
}

/// What is not read has no part in the gradient, whatever its slope: the zero in the gap does not count.
#[test]
fn gaps_are_zeros_behind_which_slopes_are_not_looked_at() {
    let g = Graph::new();
    let x = g.tensor("x", &[4]);
    let root = x.sqrt();
    let f = g.function("f", root.at(1) + root.at(3) + root.at(1)).expect("a program");
    let found = f.grad("x").and_then(|f| f.compile()).and_then(|p| p.run(&[0.0, 4.0, 0.0, 1.0])).expect("finite");
    assert_eq!(found, [0.0, 0.5, 0.0, 0.5]);
}
