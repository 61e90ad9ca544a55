//! Matrices of six elements: square ones made regular by a diagonal, definite ones as products, batches, wide and tall.

use graph_core::op::{Compare, Linalg, Triangle, Unary};
use graph_core::{Graph, NodeId, Shape};

type Build = Box<dyn FnOnce(&mut Graph, NodeId) -> NodeId>;

/// The op on matrices of several extents.
pub fn linalg(op: Linalg) -> Vec<Build> {
    let square: &[&[usize]] = &[&[1, 1], &[2, 2], &[2, 1, 1]];
    let any: &[&[usize]] = &[&[2, 2], &[3, 2], &[2, 3], &[1, 4], &[2, 1, 3]];
    let build = |shape: &[usize]| -> Build {
        let shape = Shape::new(shape);
        Box::new(move |g, x| applied(g, x, op, &shape))
    };
    let shapes = if op.is_square() { square } else { any };
    let empty: [&[usize]; 2] = [&[0, 0], &[0, 2, 2]];
    shapes.iter().chain(&empty).map(|shape| build(shape)).chain([three(op)]).collect()
}

/// Three by three, from products of the six elements.
fn three(op: Linalg) -> Build {
    Box::new(move |g, x| {
        let left = fitted(g, x, &Shape::new(&[3, 2]));
        let right = g.unary(Unary::Sin, left);
        let right = g.transpose(right);
        let product = g.matmul(left, right);
        let matrix = shifted(g, product);
        results(g, op, matrix)
    })
}

fn applied(g: &mut Graph, x: NodeId, op: Linalg, shape: &Shape) -> NodeId {
    let x = fitted(g, x, shape);
    let matrix = if op.is_square() { shifted(g, x) } else { x };
    results(g, op, matrix)
}

/// The first elements of a vector in this shape.
fn fitted(g: &mut Graph, x: NodeId, shape: &Shape) -> NodeId {
    let one = Shape::new(&[1]);
    let first = g.slice(x, &Shape::new(&[0]), &Shape::new(&[shape.elements()]), &one);
    g.reshape(first, shape)
}

/// Different numbers added to the diagonal: regular and, of symmetric parts, definite, with eigenvalues apart.
fn shifted(g: &mut Graph, x: NodeId) -> NodeId {
    let shape = g.shape(x).clone();
    let steps = g.iota(graph_core::DType::F64, &shape, shape.rank() - 1);
    let two = g.splat_like(2.5, x);
    let numbers = g.add(steps, two);
    let (zero, diagonal) = (g.splat_like(0.0, x), g.triangle_mask(x, Compare::Eq));
    let diagonal = g.select(diagonal, numbers, zero);
    g.add(x, diagonal)
}

/// All results in one vector.
fn results(g: &mut Graph, op: Linalg, matrix: NodeId) -> NodeId {
    let operands = match op {
        Linalg::Solve => vec![matrix, g.unary(Unary::Sin, matrix)],
        // An exponential of moderate size, so that differences say something.
        Linalg::Expm => {
            let quarter = g.splat_like(0.25, matrix);
            vec![g.mul(matrix, quarter)]
        }
        _ => vec![matrix],
    };
    let y = g.linalg(op, &operands);
    joined(g, y)
}

fn joined(g: &mut Graph, y: NodeId) -> NodeId {
    let parts: Vec<NodeId> = match g.ty(y).parts() {
        0 => vec![y],
        parts => (0..parts).map(|index| g.get(y, index)).collect(),
    };
    let real = parts.into_iter().filter(|&part| g.ty(part).has_float()).collect::<Vec<_>>();
    let flat: Vec<NodeId> = real
        .into_iter()
        .map(|part| {
            let shape = Shape::new(&[g.shape(part).elements()]);
            g.reshape(part, &shape)
        })
        .collect();
    g.concat(&flat, 0)
}

/// Every triangle, of two by two and of batches.
pub fn triangles() -> Vec<Build> {
    let choices = (0..8).map(|bits| Triangle { upper: bits & 1 > 0, transposed: bits & 2 > 0, unit: bits & 4 > 0 });
    let shapes: [&[usize]; 3] = [&[2, 2], &[2, 1, 1], &[0, 0]];
    let pairs = choices.flat_map(|triangle| shapes.map(move |shape| (triangle, Shape::new(shape))));
    let build = |(triangle, shape): (Triangle, Shape)| -> Build {
        Box::new(move |g, x| {
            let matrix = fitted(g, x, &shape);
            let matrix = shifted(g, matrix);
            let right = g.unary(Unary::Sin, matrix);
            g.triangular_solve(matrix, right, triangle)
        })
    };
    pairs.map(build).collect()
}
