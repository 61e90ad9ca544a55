//! Dense derivatives: one sweep with an opaque seed, batched over the unit tensors. The number of nodes is that of one
//! sweep, whatever the number of rows or columns.

use std::sync::Arc;

use graph_core::op::{Op, Reduce};
use graph_core::{DType, Function, Graph, NodeId, Shape, TensorType};

use crate::absent::Derivative;
use crate::batch::batch_all;
use crate::error::Error;
use crate::units::units;
use crate::{forward, reverse};

/// ∂y/∂x for each x, of the shape of y followed by that of x, by one reverse sweep for all elements of y.
pub fn by_rows(g: &mut Graph, y: NodeId, xs: &[NodeId]) -> Result<Vec<Derivative>, Error> {
    let ty = real_tensor(g, y);
    if ty.shape.rank() == 0 {
        let one = g.splat(1.0, &ty);
        return reverse(g, &[(y, one)], xs);
    }
    let seed = seed(g, &ty, 0)?;
    let adjoints = reverse(g, &[(y, seed)], xs)?;
    each(g, adjoints, xs, seed, &ty, |g, block, x| {
        let shape = ty.shape.iter().chain(x.iter()).copied().collect();
        g.reshape(block, &shape)
    })
}

/// ∂y/∂x for each y, of the shape of y followed by that of x, by one forward sweep for all elements of x.
pub fn by_columns(g: &mut Graph, ys: &[NodeId], x: NodeId) -> Result<Vec<Derivative>, Error> {
    let ty = real_tensor(g, x);
    if ty.shape.rank() == 0 {
        let one = g.splat(1.0, &ty);
        return forward(g, ys, &[(x, one)]);
    }
    let seed = seed(g, &ty, 0)?;
    let tangents = forward(g, ys, &[(x, seed)])?;
    each(g, tangents, ys, seed, &ty, |g, block, y| {
        let behind = (1..=y.rank()).chain([0]).collect();
        let block = g.permute(block, &behind);
        let shape = y.iter().chain(ty.shape.iter()).copied().collect();
        g.reshape(block, &shape)
    })
}

/// The tangents of each y along `count` directions of x, side by side along a first axis of both, by one forward sweep.
pub fn along(
    g: &mut Graph,
    ys: &[NodeId],
    x: NodeId,
    directions: NodeId,
    count: usize,
) -> Result<Vec<Derivative>, Error> {
    let ty = real_tensor(g, x);
    let seed = seed(g, &ty, 0)?;
    let tangents = forward(g, ys, &[(x, seed)])?;
    batched(g, tangents, &[(seed, directions)], count)
}

/// The adjoints of each x for `count` cotangents of y, side by side along a first axis of both, by one reverse sweep.
pub fn against(
    g: &mut Graph,
    y: NodeId,
    xs: &[NodeId],
    cotangents: NodeId,
    count: usize,
) -> Result<Vec<Derivative>, Error> {
    let ty = real_tensor(g, y);
    let seed = seed(g, &ty, 0)?;
    let adjoints = reverse(g, &[(y, seed)], xs)?;
    batched(g, adjoints, &[(seed, cotangents)], count)
}

/// For each y, the coefficients 1 to `order` of the power series along `count` directions, side by side along a first axis
/// of them and of the directions of each x, by one sweep.
pub fn series_along(
    g: &mut Graph,
    ys: &[NodeId],
    directions: &[(NodeId, NodeId)],
    count: usize,
    order: usize,
) -> Result<Vec<Vec<Derivative>>, Error> {
    let (mut along, mut seeds) = (Vec::new(), Vec::new());
    for (at, &(x, directions)) in directions.iter().enumerate() {
        let ty = real_tensor(g, x);
        let seed = seed(g, &ty, at)?;
        along.push((x, seed));
        seeds.push((seed, directions));
    }
    let series = crate::taylor(g, ys, &along, order)?.concat();
    let series = batched(g, series, &seeds, count)?;
    Ok(series.chunks(order).map(<[Derivative]>::to_vec).collect())
}

/// The derivatives of a sweep with many seeds in place of each one.
fn batched(
    g: &mut Graph,
    derivatives: Vec<Derivative>,
    seeds: &[(NodeId, NodeId)],
    count: usize,
) -> Result<Vec<Derivative>, Error> {
    let nodes: Vec<NodeId> = derivatives.iter().filter_map(|d| d.node()).collect();
    let mut images = batch_all(g, &nodes, seeds, count)?.into_iter();
    let image = |derivative| match derivative {
        Derivative::Node(_) => Derivative::Node(images.next().expect("one for each node")),
        absent => absent,
    };
    Ok(derivatives.into_iter().map(image).collect())
}

/// Σ ∂²y/∂xᵢ² over the elements of x, for each y: twice the second coefficients of the series along all axes.
pub fn second_along_axes(g: &mut Graph, ys: &[NodeId], x: NodeId) -> Result<Vec<Derivative>, Error> {
    let ty = real_tensor(g, x);
    let seed = seed(g, &ty, 0)?;
    let series = crate::taylor(g, ys, &[(x, seed)], 2)?;
    let second = series.into_iter().map(|coefficients| coefficients[1]).collect();
    each(g, second, ys, seed, &ty, |g, block, _| {
        let sum = g.reduce(Reduce::Sum, block, &[0].into_iter().collect());
        let two = g.splat_like(2.0, sum);
        g.mul(two, sum)
    })
}

/// The type of a node that a dense derivative is taken of or by; the sweeps refuse what is not real.
fn real_tensor(g: &Graph, node: NodeId) -> TensorType {
    let scalar = TensorType { dtype: DType::F64, shape: Shape::scalar() };
    g.ty(node).as_tensor().filter(|t| t.dtype.is_float()).cloned().unwrap_or(scalar)
}

/// A node that no rule can look into, to be replaced by all unit tensors or directions at once; `at` tells several apart.
fn seed(g: &mut Graph, ty: &TensorType, at: usize) -> Result<NodeId, Error> {
    let mut body = Graph::new();
    let one = body.splat(1.0, ty);
    let seed = Arc::new(Function::new(&format!("dense.seed{at}"), &body, &[one])?);
    let seed = g.add_function(&seed);
    Ok(g.make(Op::Call(seed), &[])?)
}

/// The derivatives of a sweep for all unit seeds, each arranged as a block; `like` are the nodes whose shapes they have.
fn each(
    g: &mut Graph,
    derivatives: Vec<Derivative>,
    like: &[NodeId],
    seed: NodeId,
    ty: &TensorType,
    arrange: impl Fn(&mut Graph, NodeId, &Shape) -> NodeId,
) -> Result<Vec<Derivative>, Error> {
    let units = units(g, ty);
    let blocks = batched(g, derivatives, &[(seed, units)], ty.shape.elements())?;
    let block = |(block, like): (Derivative, &NodeId)| match block {
        Derivative::Node(block) => {
            let shape = g.shape(*like).clone();
            Derivative::Node(arrange(g, block, &shape))
        }
        absent => absent,
    };
    Ok(blocks.into_iter().zip(like).map(block).collect())
}
