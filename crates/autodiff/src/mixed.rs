//! All mixed partial derivatives of an order from power series along several directions.
//!
//! Along the C(n + d − 1, d) directions whose entries are non-negative whole numbers of sum d, one batched sweep of power
//! series holds what every partial derivative of order up to d is a fixed combination of. Source: Griewank, Utke, Walther
//! 2000, "Evaluating higher derivative tensors by forward propagation of univariate Taylor series". The combinations
//! cancel: about a digit is lost for every two orders.

use graph_core::op::{DotSpec, GatherSpec, Op};
use graph_core::{Buffer, DType, Graph, Literal, NodeId, Shape, TensorType};

use crate::absent::Derivative;
use crate::dense;
use crate::error::Error;

/// Most directions of one sweep.
pub const MAX_DIRECTIONS: usize = 4096;

/// The partial derivatives of some results by all elements of some inputs, to some order.
pub struct Mixed {
    /// For each result and each order from 1: all partials of that order, in the order of [`multisets`], along a new
    /// first axis.
    partials: Vec<Vec<Derivative>>,
    /// Where the elements of each input start, and the number of all.
    starts: Vec<usize>,
    shapes: Vec<Shape>,
}

impl Mixed {
    /// Of tensors `ys` by tensors `xs`.
    ///
    /// # Errors
    /// Those of [`crate::taylor`]; more than [`MAX_DIRECTIONS`].
    pub fn new(g: &mut Graph, ys: &[NodeId], xs: &[NodeId], order: usize) -> Result<Mixed, Error> {
        let shapes: Vec<Shape> = xs.iter().map(|&x| g.shape(x).clone()).collect();
        let mut starts = vec![0];
        starts.extend(shapes.iter().scan(0, |sum, shape| {
            *sum += shape.elements();
            Some(*sum)
        }));
        let n = starts[xs.len()];
        let count = count_multisets(n, order).filter(|&count| count <= MAX_DIRECTIONS);
        let Some(count) = count else {
            return Err(Error::Partials { order, elements: n, what: "directions", limit: MAX_DIRECTIONS });
        };
        let directions: Vec<Vec<usize>> = multisets(n, order);
        let mut seeds = Vec::new();
        for (&x, start) in xs.iter().zip(&starts) {
            let ty = g.ty(x).as_tensor().expect("a tensor").clone();
            let places = *start..start + ty.shape.elements();
            let entries = directions
                .iter()
                .flat_map(|direction| places.clone().map(|i| direction.iter().filter(|&&j| j == i).count() as f64));
            let shape: Shape = std::iter::once(count).chain(ty.shape.iter().copied()).collect();
            let entries = constant(g, entries.collect(), &TensorType { dtype: ty.dtype, shape });
            seeds.push((x, entries));
        }
        let series = dense::series_along(g, ys, &seeds, count, order)?;
        let partials = series.into_iter().zip(ys).map(|(coefficients, &y)| {
            let coefficients = coefficients.into_iter().enumerate();
            let combined = |(below, coefficient): (usize, Derivative)| match coefficient {
                Derivative::Node(c) => Derivative::Node(combined(g, y, c, n, order, below + 1)),
                absent => absent,
            };
            coefficients.map(combined).collect()
        });
        Ok(Mixed { partials: partials.collect(), starts, shapes })
    }

    /// The block of result `y` by the inputs at these positions, one for each order: of the shape of the result, then of
    /// each input.
    pub fn block(&self, g: &mut Graph, y: usize, inputs: &[usize]) -> Derivative {
        let Derivative::Node(all) = self.partials[y][inputs.len() - 1] else {
            return self.partials[y][inputs.len() - 1];
        };
        let n = self.starts[self.shapes.len()];
        let order = inputs.len();
        let rank_of: rustc_hash::FxHashMap<Vec<usize>, i64> =
            multisets(n, order).into_iter().enumerate().map(|(at, set)| (set, at as i64)).collect();
        let mut places: Vec<Vec<usize>> = vec![Vec::new()];
        for &input in inputs {
            let elements = self.starts[input]..self.starts[input + 1];
            places = places.iter().flat_map(|p| elements.clone().map(|i| [&p[..], &[i]].concat())).collect();
        }
        let rows: Vec<i64> = places
            .into_iter()
            .map(|mut place| {
                place.sort_unstable();
                rank_of[&place]
            })
            .collect();
        let count = rows.len();
        let rows = Literal::dense(Buffer::I64(rows), Shape::new(&[count])).expect("as many as the shape has");
        let rows = g.literal_node(rows);
        let spec = GatherSpec::take(g.shape(all), 0, 1);
        let spec = g.intern_gather(spec);
        let taken = g.node(Op::Gather(spec), &[all, rows]);
        let rank = g.shape(taken).rank();
        let behind = g.permute(taken, &(1..rank).chain([0]).collect());
        let of_y: Vec<usize> = g.shape(behind).iter().take(rank - 1).copied().collect();
        let of_x = inputs.iter().flat_map(|&input| self.shapes[input].iter().copied());
        let shape: Shape = of_y.into_iter().chain(of_x).collect();
        Derivative::Node(g.reshape(behind, &shape))
    }
}

/// The partials of order `below` from the coefficients of that order along all directions of sum `order`.
fn combined(g: &mut Graph, y: NodeId, coefficients: NodeId, n: usize, order: usize, below: usize) -> NodeId {
    let (rows, columns) = (multisets(n, below), multisets(n, order));
    let weights = rows.iter().flat_map(|i| {
        let subsets = subsets(i);
        columns.iter().map(move |j| weight(&subsets, i, j)).collect::<Vec<f64>>()
    });
    let dtype = g.ty(y).as_tensor().expect("a tensor").dtype;
    let ty = TensorType { dtype, shape: Shape::new(&[rows.len(), columns.len()]) };
    let weights = constant(g, weights.collect(), &ty);
    g.dot(weights, coefficients, DotSpec { lhs: Shape::new(&[1]), rhs: Shape::new(&[0]), ..DotSpec::default() })
}

/// γᵢⱼ = Σ over 0 < k ≤ i of (−1)^|i−k| C(i, k) C(d·k/|k|, j) (|k|/d)^|i|, with d = |j|.
fn weight(subsets: &[(Vec<(usize, usize)>, f64)], i: &[usize], j: &[usize]) -> f64 {
    let d = j.len() as f64;
    let term = |(k, ways): &(Vec<(usize, usize)>, f64)| {
        let size: usize = k.iter().map(|&(_, times)| times).sum();
        let scale = d / size as f64;
        let mut product = ways * (1.0 / scale).powi(i.len() as i32);
        let mut met = 0;
        for &(element, times) in k {
            let wanted = j.iter().filter(|&&e| e == element).count();
            met += wanted;
            product *= binomial(scale * times as f64, wanted);
        }
        // An element that is in j and not in k gives C(0, jₑ) = 0.
        match met == j.len() {
            true if (i.len() - size) % 2 == 1 => -product,
            true => product,
            false => 0.0,
        }
    };
    subsets.iter().map(term).sum()
}

/// The multisets k with 0 < k ≤ i, as elements with multiplicities, and C(i, k).
fn subsets(i: &[usize]) -> Vec<(Vec<(usize, usize)>, f64)> {
    let mut all: Vec<(Vec<(usize, usize)>, f64)> = vec![(Vec::new(), 1.0)];
    let mut rest = i;
    while let Some(&element) = rest.first() {
        let times = rest.iter().take_while(|&&e| e == element).count();
        rest = &rest[times..];
        all = all
            .into_iter()
            .flat_map(|(k, ways)| {
                (0..=times).map(move |take| {
                    let mut k = k.clone();
                    if take > 0 {
                        k.push((element, take));
                    }
                    (k, ways * binomial(times as f64, take))
                })
            })
            .collect();
    }
    all.retain(|(k, _)| !k.is_empty());
    all
}

/// x·(x − 1)⋯(x − k + 1)/k!
fn binomial(x: f64, k: usize) -> f64 {
    (0..k).map(|i| (x - i as f64) / (i + 1) as f64).product()
}

/// All multisets of this many of 0 … n − 1, each ascending, in lexicographic order.
pub fn multisets(n: usize, size: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..size {
        let further = |set: Vec<usize>| (set.last().copied().unwrap_or(0)..n).map(move |i| [&set[..], &[i]].concat());
        all = all.into_iter().flat_map(further).collect();
    }
    all
}

/// C(n + size − 1, size), if it is not huge.
fn count_multisets(n: usize, size: usize) -> Option<usize> {
    (0..size).try_fold(1usize, |count, i| Some(count.checked_mul(n + i)? / (i + 1)))
}

fn constant(g: &mut Graph, elements: Vec<f64>, ty: &TensorType) -> NodeId {
    let doubles = Literal::dense(Buffer::F64(elements), ty.shape.clone()).expect("as many as the shape has");
    let doubles = g.literal_node(doubles);
    if ty.dtype == DType::F64 { doubles } else { g.cast(ty.dtype, doubles) }
}
