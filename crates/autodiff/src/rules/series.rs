//! Series rules: coefficient n of a node from coefficients up to n of its operands.
//!
//! Linear ops take the op itself, products and contractions convolve, quotients, powers and logarithms follow from the
//! equation they solve, and everything else from its partials (or, for reductions, weights) by n·yₙ = Σ k·xₖ·pₙ₋ₖ. Guards
//! travel with the coefficients, as in the sweeps.

use graph_core::op::{Binary, CumulateSpec, Linalg, Nth, Op, Reduce, Scatter, Unary};
use graph_core::{Graph, Id, NodeId, Opcode};
use smallvec::SmallVec;

use super::{Context, LeafValues, attribute, cumulate, elementwise, index, linalg, order, reduce, structure, window};
use crate::leaves;
use crate::masked::Masked;
use crate::taylor::Coefficients;

/// For each operand the node of the partial (or weights) whose series is needed to one order less; empty for ops that
/// need none. For an op whose coefficients follow from its tangent, the tangent of each result.
pub type Partials = SmallVec<[Option<NodeId>; 2]>;

/// The partials of a node, towards those of its operands that have a series; the op if it has no series rule yet.
pub fn partials(cx: &Context, g: &mut Graph, y: NodeId, moves: impl Fn(NodeId) -> bool) -> Result<Partials, Opcode> {
    match g.op(y) {
        Op::Binary(Binary::Pow) if g.operands(y).iter().all(|&x| moves(x)) => Ok(moving_power(cx, g, y)),
        Op::Unary(Unary::Neg) | Op::Binary(Binary::Add | Binary::Sub | Binary::Mul | Binary::Div) => {
            Ok(Partials::new())
        }
        op if exponent(op).is_some() || is_logarithm(op) => Ok(Partials::new()),
        Op::Unary(_) | Op::Nth(..) | Op::Binary(_) => {
            let operands = g.operands(y).len();
            let partial = |operand| {
                attribute(cx, g, y, operand);
                elementwise::partial(g, y, operand)
            };
            Ok((0..operands).map(partial).collect())
        }
        Op::Reduce(op @ (Reduce::Prod | Reduce::Max | Reduce::Min), axes) => {
            attribute(cx, g, y, 0);
            let axes = g[axes].clone();
            Ok(SmallVec::from_elem(Some(reduce::weights(g, y, op, &axes)), 1))
        }
        Op::ReduceWindow(op, spec) => {
            attribute(cx, g, y, 0);
            Ok(window::series_weights(g, y, op, spec).into_iter().map(Some).collect())
        }
        Op::Cumulate(op, spec) => {
            attribute(cx, g, y, 0);
            let partials = cumulate::series_partials(g, y, op, spec);
            Ok(partials.into_iter().flatten().map(Some).collect())
        }
        Op::Scatter(op @ (Scatter::Mul | Scatter::Max | Scatter::Min), spec) => {
            attribute(cx, g, y, 0);
            let [of_x, of_updates] = index::weights(g, y, op, spec);
            Ok([Some(of_x), None, Some(of_updates)].into_iter().collect())
        }
        Op::Call(_) => Err(g.op(y).code()),
        Op::Param(_) | Op::Const(_) | Op::Iota(_) | Op::Compare(_) | Op::Logic(_) => Ok(Partials::new()),
        Op::Integer(_) | Op::Test(_) | Op::Bitcast(_) => Ok(Partials::new()),
        Op::Select | Op::Cast(_) | Op::Broadcast(_) | Op::Reshape(_) | Op::Permute(_) => Ok(Partials::new()),
        Op::Slice(_) | Op::Pad(_) | Op::Concat(_) | Op::Reverse(_) | Op::Dot(_) | Op::Conv(_) => Ok(Partials::new()),
        Op::Gather(_) | Op::Scatter(Scatter::Set | Scatter::Add, _) => Ok(Partials::new()),
        Op::Reduce(Reduce::Sum | Reduce::Any | Reduce::All, _) => Ok(Partials::new()),
        Op::Sort(_) | Op::Tuple | Op::Record(_) | Op::Get(_) => Ok(Partials::new()),
        // The plan has found their tangents, where the coefficients follow from those.
        Op::Linalg(_) | Op::TriangularSolve(_) => Ok(Partials::new()),
    }
}

/// Of z = xʸ where both move: zy/x, which is a power of x by no other exponent, whose own series would need another. Not
/// for x = 0, where there is no derivative by y.
fn moving_power(cx: &Context, g: &mut Graph, z: NodeId) -> Partials {
    let (x, y) = (g.operands(z)[0], g.operands(z)[1]);
    attribute(cx, g, z, 0);
    let product = g.mul(z, y);
    let by_x = g.binary(Binary::Div, product, x);
    attribute(cx, g, z, 1);
    let by_y = elementwise::partial(g, z, 1);
    [Some(by_x), by_y].into_iter().collect()
}

/// Coefficient n ≥ 1 of a node, leaf by leaf.
pub fn coefficient(
    cx: &mut Context,
    g: &mut Graph,
    y: NodeId,
    n: usize,
    partials: &Partials,
    known: &Coefficients<'_>,
) -> LeafValues {
    attribute(cx, g, y, 0);
    let operands = g.operands_vec(y);
    let zero = |g: &Graph, x: NodeId| -> LeafValues { SmallVec::from_elem(None, leaves::count(g.ty(x))) };
    match g.op(y) {
        Op::Tuple | Op::Record(_) => {
            let parts = operands.iter().flat_map(|&x| match known.leaves(x, n) {
                Some(leaves) => LeafValues::from_slice(leaves),
                None => zero(g, x),
            });
            parts.collect()
        }
        Op::Sort(spec) => {
            let dx: SmallVec<[&[Option<Masked>]; 2]> =
                operands.iter().map(|&x| known.leaves(x, n).unwrap_or(&[None])).collect();
            order::push(cx, g, y, spec, &dx)
        }
        op if linalg::follows_tangent(op.code()) || matches!(op, Op::Call(_)) => {
            partials.iter().map(|tangent| integrated(g, (*tangent)?, n, known)).collect()
        }
        Op::Get(index) => match known.leaves(operands[0], n) {
            Some(leaves) => structure::push_get(cx, g, y, index as usize, &[leaves]),
            None => zero(g, y),
        },
        _ => SmallVec::from_elem(tensor(cx, g, y, n, partials, known), 1),
    }
}

/// Coefficient n of an op on tensors.
fn tensor(
    cx: &mut Context,
    g: &mut Graph,
    y: NodeId,
    n: usize,
    partials: &Partials,
    known: &Coefficients<'_>,
) -> Option<Masked> {
    let operands = g.operands_vec(y);
    match (g.op(y), &operands[..]) {
        (Op::Binary(Binary::Mul), &[a, b]) => convolution(g, known, a, b, n, product),
        (Op::Dot(spec), &[a, b]) => {
            let spec = g[spec].clone();
            convolution(g, known, a, b, n, |g, a, b| {
                let (a, b) = (a.settle(g), b.settle(g));
                Some(g.dot(a, b, spec.clone()).into())
            })
        }
        (Op::Conv(_), &[a, b]) => {
            let op = g.op(y);
            convolution(g, known, a, b, n, |g, a, b| {
                let operands = [a.settle(g), b.settle(g)];
                Some(g.node(op, &operands).into())
            })
        }
        (Op::Linalg(Linalg::Expm), _) => linalg::expm_coefficient(g, y, n, known),
        (Op::Linalg(_) | Op::TriangularSolve(_), _) => linalg::solution_coefficient(g, y, n, known),
        (Op::Binary(Binary::Div), &[a, b]) => quotient(g, known, y, a, b, n),
        (Op::Reduce(Reduce::Prod | Reduce::Max | Reduce::Min, axes), &[x]) => {
            let axes = g[axes].clone();
            let total = by_partial(g, known, x, partials[0]?, n)?;
            Some(total.summed(g, &axes))
        }
        (Op::ReduceWindow(_, spec), &[x]) if !partials.is_empty() => {
            let total = by_weights(g, known, x, partials[0]?, n, |g, x| window::unfolded(g, y, spec, x))?;
            let taps = window::taps(g, y, spec);
            Some(total.summed(g, &taps))
        }
        (Op::Scatter(_, spec), &[x, _, updates]) if !partials.is_empty() => {
            let of = |g: &mut Graph, x, partial: Option<NodeId>| by_partial(g, known, x, partial?, n);
            let terms = [of(g, x, partials[0]), of(g, updates, partials[2])];
            index::total(g, y, spec, terms)
        }
        (op, &[_]) if exponent(op).is_some() => power(g, known, y, n),
        (op, &[x]) if is_logarithm(op) => logarithm(g, known, y, x, n),
        _ if partials.is_empty() => linear(cx, g, y, n, known),
        (Op::Cumulate(_, spec), &[x]) => recurrence(g, known, y, spec, x, partials, n),
        _ => {
            let with_partials = operands.iter().zip(partials);
            let terms: Vec<Masked> =
                with_partials.filter_map(|(&x, partial)| by_partial(g, known, x, (*partial)?, n)).collect();
            sum(g, terms)
        }
    }
}

/// Coefficient n of a node from its tangent's series: n·yₙ is coefficient n − 1 of y'.
fn integrated(g: &mut Graph, tangent: NodeId, n: usize, known: &Coefficients<'_>) -> Option<Masked> {
    if n == 1 {
        return Some(tangent.into());
    }
    let share = g.splat_like(1.0 / n as f64, tangent);
    known.tensor(tangent, n - 1)?.times(g, share)
}

/// A linear op of the coefficients: its tangent rule.
fn linear(cx: &mut Context, g: &mut Graph, y: NodeId, n: usize, known: &Coefficients<'_>) -> Option<Masked> {
    let operands = g.operands_vec(y);
    let dx: SmallVec<[Option<Masked>; 3]> = operands.iter().map(|&x| known.tensor(x, n)).collect();
    if dx.iter().all(Option::is_none) {
        return None;
    }
    super::push_tensor(cx, g, y, &dx)
}

/// Σ aₖ·bₙ₋ₖ
fn convolution(
    g: &mut Graph,
    known: &Coefficients<'_>,
    a: NodeId,
    b: NodeId,
    n: usize,
    product: impl Fn(&mut Graph, Masked, Masked) -> Option<Masked>,
) -> Option<Masked> {
    let coefficient = |x: NodeId, k: usize| if k == 0 { Some(x.into()) } else { known.tensor(x, k) };
    let pairs = (0..=n).filter_map(|k| Some((coefficient(a, k)?, coefficient(b, n - k)?)));
    let terms: Vec<Masked> = pairs.filter_map(|(a, b)| product(g, a, b)).collect();
    sum(g, terms)
}

/// y = a/b: yₙ = (aₙ − Σ yₙ₋ₖ·bₖ)/b; all orders but the first multiply by the one reciprocal.
fn quotient(g: &mut Graph, known: &Coefficients<'_>, y: NodeId, a: NodeId, b: NodeId, n: usize) -> Option<Masked> {
    let earlier = |k: usize| if k == n { Some(y.into()) } else { known.tensor(y, n - k) };
    let pairs = (1..=n).filter_map(|k| Some((earlier(k)?, known.tensor(b, k)?)));
    let mut terms: Vec<Masked> = pairs.filter_map(|(y, b)| scaled_product(g, -1.0, y, b)).collect();
    terms.extend(known.tensor(a, n));
    let numerator = sum(g, terms)?;
    if n == 1 {
        return Some(numerator.through(g, Binary::Div, 0, b));
    }
    let recip = g.unary(Unary::Recip, b);
    Some(numerator.through(g, Binary::Mul, 0, recip))
}

/// Of y = xᵃ, for powers that a division by x does not spoil: those that are no number at 0, nor have a derivative there.
fn exponent(op: Op) -> Option<f64> {
    match op {
        Op::Unary(Unary::Recip) => Some(-1.0),
        Op::Unary(Unary::Sqrt) => Some(0.5),
        Op::Unary(Unary::Rsqrt) => Some(-0.5),
        Op::Unary(Unary::Cbrt) => Some(1.0 / 3.0),
        Op::Nth(Nth::Powi, n) if n < 0 => Some(f64::from(n)),
        _ => None,
    }
}

/// The base and exponent of a power; a reciprocal of a power is one of its base.
fn base(g: &Graph, y: NodeId) -> Option<(NodeId, f64)> {
    let (x, a) = (g.operands(y)[0], exponent(g.op(y))?);
    let inner = match g.op(x) {
        Op::Unary(Unary::Square) => Some(2.0),
        Op::Nth(Nth::Powi, n) if n > 0 => Some(f64::from(n)),
        Op::Unary(Unary::Sqrt | Unary::Cbrt) => exponent(g.op(x)),
        _ => None,
    };
    Some(match inner {
        Some(inner) if g.op(y) == Op::Unary(Unary::Recip) => (g.operands(x)[0], -inner),
        _ => (x, a),
    })
}

/// y = xᵃ solves x·y' = a·x'·y: yₙ = Σ (a·k − (n − k))/n·xₖ·yₙ₋ₖ / x, a sum over the terms of x, of which a polynomial has
/// few. A root of many terms solves y² = x instead, which has half as many products.
fn power(g: &mut Graph, known: &Coefficients<'_>, y: NodeId, n: usize) -> Option<Masked> {
    if n == 1 {
        let dx = known.tensor(g.operands(y)[0], 1)?;
        return elementwise::pull(g, y, 0, dx);
    }
    let (x, a) = base(g, y)?;
    let terms = (1..=n).filter(|&k| known.tensor(x, k).is_some()).count();
    if g.op(y) == Op::Unary(Unary::Sqrt) && 3 * terms > n + 1 {
        return root(g, known, y, x, n);
    }
    let share = |k: usize| (a * k as f64 - (n - k) as f64) / n as f64;
    let earlier = |k: usize| if k == n { Some(y.into()) } else { known.tensor(y, n - k) };
    let pairs = (1..=n).filter_map(|k| Some((share(k), known.tensor(x, k)?, earlier(k)?)));
    let terms: Vec<Masked> = pairs.filter_map(|(share, x, y)| scaled_product(g, share, x, y)).collect();
    let numerator = sum(g, terms)?;
    match g.op(y) {
        Op::Unary(Unary::Recip) if a == -1.0 => numerator.times(g, y),
        // At 0 the limits from the two sides differ, and y/x is no number.
        Op::Unary(Unary::Cbrt) => {
            let slope = g.binary(Binary::Div, y, x);
            Some(numerator.times(g, slope)?.through(g, Binary::Div, 0, y))
        }
        _ => Some(numerator.through(g, Binary::Div, 0, x)),
    }
}

/// y = √x: yₙ = (xₙ − Σ yₖ·yₙ₋ₖ)/2y, of which products pairs are equal.
fn root(g: &mut Graph, known: &Coefficients<'_>, y: NodeId, x: NodeId, n: usize) -> Option<Masked> {
    let pairs = (1..=n / 2).filter_map(|k| Some((k, known.tensor(y, k)?, known.tensor(y, n - k)?)));
    let mut terms: Vec<Masked> =
        pairs.filter_map(|(k, a, b)| scaled_product(g, if 2 * k == n { -1.0 } else { -2.0 }, a, b)).collect();
    terms.extend(known.tensor(x, n));
    let numerator = sum(g, terms)?;
    elementwise::pull(g, y, 0, numerator)
}

fn is_logarithm(op: Op) -> bool {
    matches!(op, Op::Unary(Unary::Log | Unary::Log2 | Unary::Log10 | Unary::Log1p))
}

/// y = s·log(x + c) solves (x + c)·y' = s·x': yₙ = (s·xₙ − Σ (k/n)·yₖ·xₙ₋ₖ)/(x + c)
fn logarithm(g: &mut Graph, known: &Coefficients<'_>, y: NodeId, x: NodeId, n: usize) -> Option<Masked> {
    let (scale, below) = match g.op(y) {
        Op::Unary(Unary::Log2) => (std::f64::consts::LOG2_E, x),
        Op::Unary(Unary::Log10) => (std::f64::consts::LOG10_E, x),
        Op::Unary(Unary::Log1p) => {
            let one = g.splat_like(1.0, x);
            (1.0, g.add(x, one))
        }
        _ => (1.0, x),
    };
    let share = |k: usize| -(k as f64) / n as f64;
    let pairs = (1..n).filter_map(|k| Some((share(k), known.tensor(y, k)?, known.tensor(x, n - k)?)));
    let mut terms: Vec<Masked> = pairs.filter_map(|(share, y, x)| scaled_product(g, share, y, x)).collect();
    let scale = g.splat_like(scale, y);
    terms.extend(known.tensor(x, n).and_then(|x| x.times(g, scale)));
    let numerator = sum(g, terms)?;
    Some(numerator.through(g, Binary::Div, 0, below))
}

/// c·a·b
fn scaled_product(g: &mut Graph, factor: f64, a: Masked, b: Masked) -> Option<Masked> {
    let factor = g.splat_like(factor, a.value);
    product(g, a, b)?.times(g, factor)
}

/// Σ (k/n)·xₖ·pₙ₋ₖ
fn by_partial(g: &mut Graph, known: &Coefficients<'_>, x: NodeId, partial: NodeId, n: usize) -> Option<Masked> {
    by_weights(g, known, x, partial, n, |_, x| x)
}

/// The same, where the partial is of what `seen` makes of x.
fn by_weights(
    g: &mut Graph,
    known: &Coefficients<'_>,
    x: NodeId,
    partial: NodeId,
    n: usize,
    seen: impl Fn(&mut Graph, Masked) -> Masked,
) -> Option<Masked> {
    let coefficient = |k: usize| if k == 0 { Some(partial.into()) } else { known.tensor(partial, k) };
    let pairs = (1..=n).filter_map(|k| Some((k, known.tensor(x, k)?, coefficient(n - k)?)));
    let terms: Vec<Masked> = pairs
        .filter_map(|(k, x, p)| {
            let x = seen(g, x);
            scaled_product(g, k as f64 / n as f64, x, p)
        })
        .collect();
    sum(g, terms)
}

/// y = f(y before, x) with partials a and w: n·yₙ = Σ k·(aₙ₋ₖ·yₖ before + wₙ₋ₖ·xₖ), where yₙ itself stands on the right.
fn recurrence(
    g: &mut Graph,
    known: &Coefficients<'_>,
    y: NodeId,
    spec: Id<CumulateSpec>,
    x: NodeId,
    partials: &Partials,
    n: usize,
) -> Option<Masked> {
    let (a, w) = (partials[0]?, partials[1]?);
    let mut terms: Vec<Masked> = by_partial(g, known, x, w, n).into_iter().collect();
    for k in 1..n {
        let (Some(a), Some(earlier)) = (known.tensor(a, n - k), known.tensor(y, k)) else { continue };
        let carried = cumulate::carried(g, y, spec, a, earlier);
        let share = g.splat_like(k as f64 / n as f64, y);
        terms.extend(carried.times(g, share));
    }
    let b = sum(g, terms)?;
    Some(cumulate::solve(g, y, spec, a, b))
}

/// The product of two coefficients: it counts where both do.
fn product(g: &mut Graph, a: Masked, b: Masked) -> Option<Masked> {
    let product = a.times(g, b.value)?;
    Some(match b.guard {
        Some(guard) => product.only(g, guard.mask),
        None => product,
    })
}

fn sum(g: &mut Graph, terms: Vec<Masked>) -> Option<Masked> {
    terms.into_iter().reduce(|a, b| a.plus(g, b))
}
