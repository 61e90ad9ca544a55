//! Derivatives of closed functions, as closed functions: they compose, `grad(grad(f))` included.
//!
//! Each takes the parameters of f first. `wrt` lists the positions of parameters to differentiate by; [`real_params`]
//! gives all that can be. What f does not depend on has zeros here, because it was asked for by name.

use std::sync::Arc;

use graph_core::op::Op;
use graph_core::text::known_as;
use graph_core::{Function, Graph, NodeId, TensorType, Type, walk};

use crate::absent::Derivative;
use crate::ends::{self, not_real};
use crate::error::{Error, Missing};
use crate::leaves;
use crate::mixed::Mixed;
use crate::rules::fresh_param;
use crate::{MAX_SERIES_ORDER, dense, forward, gradient, hessian_product, prefers_reverse, reverse};

/// Most rows or columns, whichever are fewer, that a dense Jacobian or Hessian may have.
pub const MAX_COLUMNS: usize = 4096;

/// Most elements of all blocks of one result in a tensor of derivatives.
pub const MAX_ELEMENTS: usize = 1 << 24;

/// Positions of the parameters that hold real numbers.
pub fn real_params(f: &Function) -> Vec<usize> {
    (0..f.params().len()).filter(|&i| f.param_type(i).has_float()).collect()
}

/// `f.vjp`: parameters, then a cotangent `ct` for each result, to the adjoint of each parameter in `wrt`.
pub fn vjp(f: &Arc<Function>, wrt: &[usize]) -> Result<Arc<Function>, Error> {
    let (mut g, inputs, results) = open(f, wrt)?;
    let mut seeds = Vec::new();
    for &y in &results {
        let ty = g.ty(y).cotangent();
        seeds.push((y, fresh_param(&mut g, "ct", ty)?));
    }
    let adjoints = reverse(&mut g, &seeds, &inputs)?;
    close(f, "vjp", g, adjoints, &inputs)
}

/// `f.jvp`: parameters, then a tangent `dx` for each parameter x in `wrt`, to the tangent of each result.
pub fn jvp(f: &Arc<Function>, wrt: &[usize]) -> Result<Arc<Function>, Error> {
    let (mut g, inputs, results) = open(f, wrt)?;
    let seeds = tangent_params(&mut g, f, wrt, &inputs)?;
    let tangents = forward(&mut g, &results, &seeds)?;
    close(f, "jvp", g, tangents, &results)
}

/// `f.taylor`: parameters, then a tangent `dx` for each parameter x in `wrt`, to the Taylor coefficients 1 to `order` of
/// each result along that direction, result by result. The k-th derivative is k! times the k-th coefficient.
pub fn taylor(f: &Arc<Function>, wrt: &[usize], order: usize) -> Result<Arc<Function>, Error> {
    if order == 0 {
        return Err(Error::Order { order, limit: MAX_SERIES_ORDER });
    }
    let (mut g, inputs, results) = open(f, wrt)?;
    let seeds = tangent_params(&mut g, f, wrt, &inputs)?;
    let series = crate::taylor(&mut g, &results, &seeds, order)?;
    let like: Vec<NodeId> = results.iter().flat_map(|&y| std::iter::repeat_n(y, order)).collect();
    close(f, "taylor", g, series.concat(), &like)
}

/// `f.grad`: parameters to the adjoint of each parameter in `wrt`; f has one real number as its result.
pub fn grad(f: &Arc<Function>, wrt: &[usize]) -> Result<Arc<Function>, Error> {
    let (mut g, inputs, results) = open(f, wrt)?;
    let adjoints = gradient(&mut g, only_result(&results)?, &inputs)?;
    close(f, "grad", g, adjoints, &inputs)
}

/// `f.value_and_grad`: parameters to the result, then the adjoint of each parameter in `wrt`; what both need is there once.
pub fn value_and_grad(f: &Arc<Function>, wrt: &[usize]) -> Result<Arc<Function>, Error> {
    let (mut g, inputs, results) = open(f, wrt)?;
    let y = only_result(&results)?;
    let adjoints = gradient(&mut g, y, &inputs)?;
    let mut whole = vec![y];
    whole.extend(with_zeros(&mut g, adjoints, &inputs));
    finish(f, "value_and_grad", g, &whole)
}

/// `f.vhp`: as [`hvp`], by a second reverse sweep: an adjoint of the gradient.
pub fn vhp(f: &Arc<Function>, wrt: &[usize]) -> Result<Arc<Function>, Error> {
    let (mut g, inputs, results) = open(f, wrt)?;
    let directions = tangent_params(&mut g, f, wrt, &inputs)?;
    let adjoints = gradient(&mut g, only_result(&results)?, &inputs)?;
    let pairs = adjoints.iter().zip(&directions);
    let seeds: Vec<(NodeId, NodeId)> = pairs.filter_map(|(adjoint, &(_, dx))| Some((adjoint.node()?, dx))).collect();
    let products = reverse(&mut g, &seeds, &inputs)?;
    close(f, "vhp", g, products, &inputs)
}

/// `f.directional`: parameters, then a direction `dx` for each parameter x in `wrt`, to the derivative of order `order` of
/// each result along it, Dᵏf(x)[ẋ, …, ẋ], by power series; order 0 is the result itself.
pub fn directional(f: &Arc<Function>, wrt: &[usize], order: usize) -> Result<Arc<Function>, Error> {
    let (mut g, inputs, results) = open(f, wrt)?;
    let seeds = tangent_params(&mut g, f, wrt, &inputs)?;
    if order == 0 {
        return finish(f, "directional", g, &results);
    }
    let series = crate::taylor(&mut g, &results, &seeds, order)?;
    let last = series.into_iter().map(|mut of_y| of_y.pop().expect("as many as the order")).collect();
    let coefficients = with_zeros(&mut g, last, &results);
    let factorial: f64 = (1..=order).map(|k| k as f64).product();
    let scaled: Vec<NodeId> = coefficients.iter().map(|&y| leaves::scaled(&mut g, y, factorial)).collect();
    finish(f, "directional", g, &scaled)
}

/// `f.laplacian`: parameters to Σ ∂²y/∂xᵢ² of each result y, over all elements xᵢ of the parameters in `wrt`; of the shape
/// of y. By power series of order two along all axes at once: one sweep, batched, and no Hessian.
pub fn laplacian(f: &Arc<Function>, wrt: &[usize]) -> Result<Arc<Function>, Error> {
    let (mut g, inputs, results) = open(f, wrt)?;
    tensors(&g, &results)?;
    tensors(&g, &inputs)?;
    check_distinct(&g, &inputs)?;
    let mut sums: Vec<Option<NodeId>> = vec![None; results.len()];
    for &x in &inputs {
        for (sum, term) in sums.iter_mut().zip(dense::second_along_axes(&mut g, &results, x)?) {
            *sum = match (*sum, term.node()) {
                (Some(sum), Some(term)) => Some(g.add(sum, term)),
                (one, other) => one.or(other),
            };
        }
    }
    let sums = sums.into_iter().zip(&results).map(|(sum, &y)| sum.unwrap_or_else(|| leaves::zeros(&mut g, y)));
    let sums: Vec<NodeId> = sums.collect();
    finish(f, "laplacian", g, &sums)
}

/// `f.hvp`: parameters, then a direction `dx` for each parameter x in `wrt`, to the Hessian times the direction, with
/// the structure of `wrt` ([`hessian_product`]).
pub fn hvp(f: &Arc<Function>, wrt: &[usize]) -> Result<Arc<Function>, Error> {
    let (mut g, inputs, results) = open(f, wrt)?;
    let seeds = tangent_params(&mut g, f, wrt, &inputs)?;
    let products = hessian_product(&mut g, only_result(&results)?, &seeds)?;
    close(f, "hvp", g, products, &inputs)
}

/// `f.jacobian`: parameters to one block for each result y and each parameter x in `wrt`, row by row; a block has the
/// shape of y followed by that of x. By columns or by rows, whichever are fewer, unless [`prefers_reverse`].
pub fn jacobian(f: &Arc<Function>, wrt: &[usize]) -> Result<Arc<Function>, Error> {
    Ok(jacobians(f, wrt)?.swap_remove(0))
}

/// [`jacobian`] and, where its shape does not decide (there are less than twice as many rows as columns, or the other
/// way round), the same by the other sweep, for the caller to compare.
pub fn jacobians(f: &Arc<Function>, wrt: &[usize]) -> Result<Vec<Arc<Function>>, Error> {
    let (g, inputs, results) = open(f, wrt)?;
    let (rows, columns) = (elements(&tensors(&g, &results)?), elements(&tensors(&g, &inputs)?));
    let side = shorter_side(&g, &results, rows, columns);
    let open_to_question = rows.max(columns) < 2 * rows.min(columns) && !prefers_reverse(&g, &results);
    let sides = [side].into_iter().chain(open_to_question.then(|| side.other()));
    let by = |side| {
        let mut g = g.clone();
        let blocks = blocks(&mut g, "the Jacobian", &results, &inputs, side)?;
        finish(f, "jacobian", g, &blocks)
    };
    sides.map(by).collect()
}

/// `f.hessian`: parameters to one block for each pair (x, y) of parameters in `wrt`, row by row; a block has the shape
/// of x followed by that of y. f has one real number as its result.
pub fn hessian(f: &Arc<Function>, wrt: &[usize]) -> Result<Arc<Function>, Error> {
    let (mut g, inputs, results) = open(f, wrt)?;
    let adjoints = gradient(&mut g, only_result(&results)?, &inputs)?;
    let adjoints = with_zeros(&mut g, adjoints, &inputs);
    let n = elements(&tensors(&g, &inputs)?);
    let side = shorter_side(&g, &adjoints, n, n);
    let blocks = blocks(&mut g, "the Hessian", &adjoints, &inputs, side)?;
    finish(f, "hessian", g, &blocks)
}

/// `f.derivative_tensor`: parameters to one block for each result y and each `order` of the parameters in `wrt`, row by row;
/// a block has the shape of y followed by those of the parameters. By power series along several directions ([`Mixed`]).
pub fn derivative_tensor(f: &Arc<Function>, wrt: &[usize], order: usize) -> Result<Arc<Function>, Error> {
    if order == 0 {
        return Err(Error::Order { order, limit: MAX_SERIES_ORDER });
    }
    let (mut g, inputs, results) = open(f, wrt)?;
    let (of_results, of_inputs) = (tensors(&g, &results)?, tensors(&g, &inputs)?);
    let elements: usize = of_inputs.iter().map(|ty| ty.shape.elements()).sum();
    if elements.max(wrt.len()).saturating_pow(u32::try_from(order).unwrap_or(u32::MAX)) > MAX_ELEMENTS {
        return Err(Error::Partials { order, elements, what: "elements", limit: MAX_ELEMENTS });
    }
    let mixed = Mixed::new(&mut g, &results, &inputs, order)?;
    let mut tuples = vec![Vec::new()];
    for _ in 0..order {
        tuples =
            tuples.iter().flat_map(|t: &Vec<usize>| (0..inputs.len()).map(move |x| [&t[..], &[x]].concat())).collect();
    }
    let mut blocks = Vec::new();
    for (y, of_y) in of_results.iter().enumerate() {
        for tuple in &tuples {
            let of_x = tuple.iter().flat_map(|&x| of_inputs[x].shape.iter());
            let shape = of_y.shape.iter().chain(of_x).copied().collect();
            let zeros = TensorType { dtype: of_y.dtype, shape };
            let block = mixed.block(&mut g, y, tuple).node();
            blocks.push(block.unwrap_or_else(|| g.splat(0.0, &zeros)));
        }
    }
    finish(f, "derivative_tensor", g, &blocks)
}

/// A graph of the function, the nodes of the parameters in `wrt`, and its results: a copy of its body, or a call of it if
/// it has a derivative of its own.
pub fn open(f: &Arc<Function>, wrt: &[usize]) -> Result<(Graph, Vec<NodeId>, Vec<NodeId>), Error> {
    let (g, results) = match f.rule() {
        None => (f.graph().clone(), f.results().to_vec()),
        Some(_) => called(f),
    };
    let param = |&index: &usize| match g.params().get(index) {
        Some(param) => Ok(param.node),
        None => Err(Error::Parameter { index, count: f.params().len() }),
    };
    let inputs = wrt.iter().map(param).collect::<Result<_, _>>()?;
    Ok((g, inputs, results))
}

/// A graph that calls the function on parameters of the same names.
pub fn called(f: &Arc<Function>) -> (Graph, Vec<NodeId>) {
    let (mut g, given) = walk::with_params(f.graph());
    let arguments: Vec<NodeId> = given.into_iter().map(|(_, param)| param).collect();
    let callee = g.add_function(f);
    let call = g.node(Op::Call(callee), &arguments);
    let results = match f.results().len() {
        1 => vec![call],
        count => (0..count).map(|i| g.get(call, i)).collect(),
    };
    (g, results)
}

fn only_result(results: &[NodeId]) -> Result<NodeId, Error> {
    match results {
        [y] => Ok(*y),
        many => Err(Error::NotScalar { found: format!("{} results", many.len()) }),
    }
}

fn tangent_params(
    g: &mut Graph,
    f: &Arc<Function>,
    wrt: &[usize],
    inputs: &[NodeId],
) -> Result<Vec<(NodeId, NodeId)>, Error> {
    let mut seeds = Vec::new();
    for (&index, &x) in wrt.iter().zip(inputs) {
        let ty = g.ty(x).cotangent();
        seeds.push((x, fresh_param(g, &format!("d{}", f.params()[index].name), ty)?));
    }
    Ok(seeds)
}

pub(crate) fn with_zeros(g: &mut Graph, derivatives: Vec<Derivative>, like: &[NodeId]) -> Vec<NodeId> {
    derivatives.into_iter().zip(like).map(|(d, &like)| d.or_zeros(g, like)).collect()
}

fn close(
    f: &Function,
    suffix: &str,
    mut g: Graph,
    derivatives: Vec<Derivative>,
    like: &[NodeId],
) -> Result<Arc<Function>, Error> {
    let results = with_zeros(&mut g, derivatives, like);
    finish(f, suffix, g, &results)
}

fn finish(f: &Function, suffix: &str, g: Graph, results: &[NodeId]) -> Result<Arc<Function>, Error> {
    Ok(Arc::new(Function::of(&format!("{}.{suffix}", f.name()), g, results)?))
}

/// What one sweep of a dense derivative computes many of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Adjoints.
    Rows,
    /// Tangents.
    Columns,
}

impl Side {
    fn other(self) -> Side {
        if self == Side::Rows { Side::Columns } else { Side::Rows }
    }
}

fn shorter_side(g: &Graph, ys: &[NodeId], rows: usize, columns: usize) -> Side {
    if rows < columns || prefers_reverse(g, ys) { Side::Rows } else { Side::Columns }
}

fn elements(types: &[TensorType]) -> usize {
    types.iter().map(|t| t.shape.elements()).sum()
}

/// All blocks ∂y/∂x, y by y.
fn blocks(g: &mut Graph, what: &'static str, ys: &[NodeId], xs: &[NodeId], side: Side) -> Result<Vec<NodeId>, Error> {
    let (rows, columns) = (tensors(g, ys)?, tensors(g, xs)?);
    let elements = elements(&rows).min(elements(&columns));
    if elements > MAX_COLUMNS {
        return Err(Error::Dense { what, elements, limit: MAX_COLUMNS });
    }
    let mut found = vec![None; ys.len() * xs.len()];
    if side == Side::Rows {
        for (i, &y) in ys.iter().enumerate() {
            let row = dense::by_rows(g, y, xs)?;
            row.iter().enumerate().for_each(|(j, block)| found[i * xs.len() + j] = block.node());
        }
    } else {
        for (j, &x) in xs.iter().enumerate() {
            let column = dense::by_columns(g, ys, x)?;
            column.iter().enumerate().for_each(|(i, block)| found[i * xs.len() + j] = block.node());
        }
    }
    let zeros = |g: &mut Graph, at: usize| {
        let (row, column) = (&rows[at / xs.len()], &columns[at % xs.len()]);
        let shape = row.shape.iter().chain(column.shape.iter()).copied().collect();
        g.splat(0.0, &TensorType { dtype: row.dtype, shape })
    };
    Ok(found.into_iter().enumerate().map(|(at, block)| block.unwrap_or_else(|| zeros(g, at))).collect())
}

/// All nodes are tensors of reals, or those that are not are told.
pub fn check_tensors(g: &Graph, nodes: &[NodeId]) -> Result<(), Error> {
    tensors(g, nodes).map(|_| ())
}

/// Each input is listed once, or the first that is not is told.
pub fn check_distinct(g: &Graph, inputs: &[NodeId]) -> Result<(), Error> {
    let pairs: Vec<(NodeId, NodeId)> = inputs.iter().map(|&x| (x, x)).collect();
    ends::check_distinct(g, &pairs)
}

/// The types of nodes that must be real tensors.
fn tensors(g: &Graph, nodes: &[NodeId]) -> Result<Vec<TensorType>, Error> {
    let mut missing = Vec::new();
    let mut types = Vec::new();
    for &node in nodes {
        match g.ty(node) {
            Type::Tensor(t) if t.dtype.is_float() => types.push(t.clone()),
            ty => {
                let structure = || {
                    format!(
                        "a dense derivative needs tensors, not {ty}; take products (`vjp`, `jvp`, `hvp`), or the function of one vector (`flattened`)"
                    )
                };
                let reason = if ty.has_float() { structure() } else { not_real(ty) };
                missing.push(Missing::Undefined { node, shown: known_as(g, node), reason });
            }
        }
    }
    if missing.is_empty() { Ok(types) } else { Err(Error::Missing(missing)) }
}
