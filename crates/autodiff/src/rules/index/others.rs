//! For each update of a scatter the product of the other updates of the same element: a polynomial, zeros included.
//!
//! The updates are sorted by the element they go to, so those that meet are neighbours. A running product that doubles
//! its reach at each step (Hillis and Steele, 1986) stops where the element changes; one from each side gives all others.

use graph_core::op::{Axes, Binary, Compare, PadSpec};
use graph_core::{Graph, Literal, NodeId, Scalar, Shape};

use super::Windows;

/// The products, of the shape of the updates.
pub fn products(g: &mut Graph, windows: &Windows) -> NodeId {
    let shape = g.shape(windows.like).clone();
    let n = shape.elements();
    if n == 0 || windows.spec.positions(g.shape(windows.indices)).elements() <= 1 {
        return g.splat_like(1.0, windows.like);
    }
    let x_shape = g.shape(windows.x).clone();
    let numbers = Windows::numbers(g, &x_shape);
    let targets = windows.gather(g, numbers);
    let line = Shape::new(&[n]);
    let operands = [targets, windows.like].map(|x| g.reshape(x, &line));
    let sorted = g.sort(&operands, 0, false);
    let [targets, factors, permutation] = [0, 1, 2].map(|part| g.get(sorted, part));
    let before = product_before(g, targets, factors, n);
    let turned = [targets, factors].map(|x| g.reverse(x, &Axes::new(&[0])));
    let behind = product_before(g, turned[0], turned[1], n);
    let behind = g.reverse(behind, &Axes::new(&[0]));
    let products = g.mul(before, behind);
    let back = g.sort(&[permutation, products], 0, false);
    let products = g.get(back, 1);
    g.reshape(products, &shape)
}

/// For each factor the product of those before it that have the same target.
fn product_before(g: &mut Graph, targets: NodeId, factors: NodeId, n: usize) -> NodeId {
    let mut product = factors;
    let mut reach = 1;
    while reach < n {
        let earlier = earlier(g, targets, product, reach);
        product = g.binary(Binary::Mul, earlier, product);
        reach *= 2;
    }
    earlier(g, targets, product, 1)
}

/// The element so many places before, if its target is the same; else 1.
fn earlier(g: &mut Graph, targets: NodeId, x: NodeId, distance: usize) -> NodeId {
    let (nothing, one) = (Scalar::I64(-1), g.splat_like(1.0, x));
    let before = shifted(g, targets, nothing, distance);
    let same = g.compare(Compare::Eq, before, targets);
    let dtype = g.ty(x).as_tensor().expect("factors are a tensor").dtype;
    let moved = shifted(g, x, Scalar::F64(1.0).cast(dtype), distance);
    g.select(same, moved, one)
}

/// Elements moved towards the end by less than their number.
fn shifted(g: &mut Graph, x: NodeId, fill: Scalar, distance: usize) -> NodeId {
    let one = |n: usize| Shape::new(&[n]);
    let kept = g.shape(x)[0] - distance;
    let start = g.slice(x, &one(0), &one(kept), &one(1));
    let fill = g.literal_node(Literal::splat(fill, Shape::scalar()));
    g.pad(start, fill, PadSpec { low: one(distance), high: one(0), interior: one(0) })
}
