//! What must hold of every program, and when a difference is explained.
//!
//! The derivatives of the program along one direction are built into one function: by reverse and by forward mode, of
//! order two in both nestings and forward twice, of order three by power series and forward. So everything is planned and
//! evaluated at once, and a central difference costs two more runs.

use std::sync::Arc;

use autodiff::{Derivative, Error};
use graph_core::op::Reduce;
use graph_core::text::{parse, print};
use graph_core::{DType, Function, Graph, NodeId, Type, verify};
use interp::{Program, Tensor, Value};
use opt::Level;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything held.
    Fine,
    /// Nothing to compare, or a difference that says nothing, for this reason.
    Explained(&'static str),
    /// What does not hold.
    Wrong(String),
}

/// Positions in the tower.
const Y: usize = 0;
const REVERSE: usize = 1;
const FORWARD: usize = 2;
const SECOND: [usize; 3] = [3, 4, 5];
const THIRD: [usize; 2] = [6, 7];

/// Checks a program at a point; the third order only if `deep`.
pub fn check(f: &Arc<Function>, at: &[f64], deep: bool) -> Outcome {
    if let Err(what) = text_holds(f) {
        return Outcome::Wrong(what);
    }
    let tower = match tower(f, deep) {
        Ok(tower) => tower,
        Err(e) => return Outcome::Wrong(format!("it has no derivatives: {e}")),
    };
    if let Err(e) = verify(tower.graph()) {
        return Outcome::Wrong(format!("the verifier: {e}"));
    }
    let run = Run::new(&tower);
    let found = run.at(at);
    let reference = interp::evaluate(&tower, &values(&tower, at));
    let same = match &reference {
        Ok(reference) => {
            let reference = reference.iter().map(|y| y.as_scalar().unwrap_or(f64::NAN));
            found.iter().zip(reference).all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()))
        }
        Err(_) => false,
    };
    if !same {
        return Outcome::Wrong(format!("planned {found:?}, by reference {reference:?}"));
    }
    if found.iter().any(|y| !y.is_finite()) {
        return Outcome::Explained("not finite");
    }
    let noise = run.noise(at, &found);
    let wrong = between_modes(&found, &noise).or_else(|| optimised(&tower, at, &found, &noise));
    if let Some(what) = wrong {
        return Outcome::Wrong(what);
    }
    match differences(&run, at, &found) {
        None => Outcome::Fine,
        Some(what) => match run.is_smooth_nearby(at) {
            true => Outcome::Explained("near a kink"),
            false if noise.iter().zip(&found).any(|(noise, y)| *noise > 1e-6 * (1.0 + y.abs())) => {
                Outcome::Explained("ill-conditioned")
            }
            false => Outcome::Wrong(what),
        },
    }
}

fn text_holds(f: &Arc<Function>) -> Result<(), String> {
    let text = print(f);
    let again = parse(&text).map_err(|e| format!("its text does not parse: {e}"))?;
    if again != *f || print(&again) != text {
        return Err("its text is that of another function".to_string());
    }
    Ok(())
}

/// The value and its derivatives along a fixed direction.
fn tower(f: &Function, deep: bool) -> Result<Arc<Function>, Error> {
    let mut g = f.graph().clone();
    let inputs: Vec<NodeId> = f.params().iter().map(|param| param.node).collect();
    let mut seeds = Vec::new();
    let mut k = 0;
    for &x in &inputs {
        let direction = constant(&mut g, &f.graph().ty(x).clone(), &mut k);
        seeds.push((x, direction));
    }
    let y = f.results()[0];
    let reverse = by_reverse(&mut g, y, &seeds)?;
    let forward = by_forward(&mut g, y, &seeds)?;
    let forward_over_reverse = by_forward(&mut g, reverse, &seeds)?;
    let reverse_over_forward = by_reverse(&mut g, forward, &seeds)?;
    let twice_forward = by_forward(&mut g, forward, &seeds)?;
    let mut results = vec![y, reverse, forward, forward_over_reverse, reverse_over_forward, twice_forward];
    if deep {
        results.push(by_forward(&mut g, twice_forward, &seeds)?);
        let series = autodiff::taylor(&mut g, &[y], &seeds, 3)?;
        let third = series[0][2].or_zeros(&mut g, y);
        let six = g.splat_like(6.0, third);
        results.push(g.mul(third, six));
    }
    Ok(Arc::new(Function::new("tower", &g, &results)?))
}

/// Numbers without a pattern in the structure of a type.
fn constant(g: &mut Graph, ty: &Type, k: &mut usize) -> NodeId {
    match ty {
        Type::Tensor(t) => {
            let elements = (0..t.shape.elements()).map(|_| {
                *k += 1;
                2.0 * (*k as f64 * 0.754_877_666).fract() - 1.0
            });
            let literal = graph_core::Literal::dense(graph_core::Buffer::F64(elements.collect()), t.shape.clone());
            g.literal_node(literal.expect("as many as the shape has"))
        }
        Type::Tuple(_) | Type::Record(_) => {
            let parts: Vec<NodeId> =
                (0..ty.parts()).filter_map(|i| ty.part(i)).map(|part| constant(g, part, k)).collect();
            match ty {
                Type::Record(fields) => {
                    let names = g.intern_fields(fields.iter().map(|(name, _)| name.clone()).collect());
                    g.node(graph_core::Op::Record(names), &parts)
                }
                _ => g.node(graph_core::Op::Tuple, &parts),
            }
        }
    }
}

fn by_forward(g: &mut Graph, y: NodeId, seeds: &[(NodeId, NodeId)]) -> Result<NodeId, Error> {
    let tangents = autodiff::forward(g, &[y], seeds)?;
    Ok(tangents[0].or_zeros(g, y))
}

/// The gradient times the direction.
fn by_reverse(g: &mut Graph, y: NodeId, seeds: &[(NodeId, NodeId)]) -> Result<NodeId, Error> {
    let inputs: Vec<NodeId> = seeds.iter().map(|&(x, _)| x).collect();
    let adjoints = autodiff::gradient(g, y, &inputs)?;
    let mut total = g.scalar(0.0);
    for (adjoint, &(_, direction)) in adjoints.into_iter().zip(seeds) {
        let Derivative::Node(adjoint) = adjoint else { continue };
        let pairs = leaves(g, adjoint).into_iter().zip(leaves(g, direction)).collect::<Vec<_>>();
        for (a, v) in pairs {
            let product = g.mul(a, v);
            let axes = (0..g.shape(product).rank()).collect();
            let sum = g.reduce(Reduce::Sum, product, &axes);
            total = g.add(total, sum);
        }
    }
    Ok(total)
}

fn leaves(g: &mut Graph, x: NodeId) -> Vec<NodeId> {
    match g.ty(x).parts() {
        0 if g.ty(x).as_tensor().is_some() => vec![x],
        parts => (0..parts)
            .flat_map(|part| {
                let part = g.get(x, part);
                leaves(g, part)
            })
            .collect(),
    }
}

fn values(f: &Function, at: &[f64]) -> Vec<Value> {
    let mut rest = at.iter().copied();
    let value = |index: usize| {
        let ty = f.param_type(index);
        let mut tensors = ty.leaves().into_iter().map(|t| {
            debug_assert_eq!(t.dtype, DType::F64);
            let elements = rest.by_ref().take(t.shape.elements()).collect();
            Tensor::f64(&t.shape, elements).expect("as many as the shape has")
        });
        Value::from_leaves(ty, &mut tensors).expect("a tensor for each leaf")
    };
    (0..f.params().len()).map(value).collect()
}

/// A planned tower.
struct Run {
    program: Program,
}

impl Run {
    fn new(tower: &Arc<Function>) -> Run {
        Run { program: Program::new(tower).expect("a small function") }
    }

    fn at(&self, x: &[f64]) -> Vec<f64> {
        let mut found = vec![f64::NAN; self.program.outputs()];
        // A fault shows in the reference.
        let _ = self.program.run_into(&mut self.program.workspace(), x, &mut found);
        found
    }

    fn moved(&self, x: &[f64], step: f64) -> Vec<f64> {
        let mut k = 0;
        let moved = x.iter().map(|x| {
            k += 1;
            x + step * (2.0 * (k as f64 * 0.754_877_666).fract() - 1.0)
        });
        self.at(&moved.collect::<Vec<_>>())
    }

    /// How far each result moves if the point moves by some rounding errors.
    fn noise(&self, x: &[f64], found: &[f64]) -> Vec<f64> {
        let near = self.at(&x.iter().map(|x| x * (1.0 + 8.0 * f64::EPSILON)).collect::<Vec<_>>());
        near.iter().zip(found).map(|(a, b)| (a - b).abs()).collect()
    }

    /// Whether differences agree at points a little further on.
    fn is_smooth_nearby(&self, x: &[f64]) -> bool {
        [3e-3, -7e-3, 2e-2].iter().any(|&shift| {
            let there: Vec<f64> = x.iter().enumerate().map(|(i, x)| x + shift * (1.0 + 0.3 * i as f64).sin()).collect();
            let found = self.at(&there);
            found.iter().all(|y| y.is_finite()) && differences(self, &there, &found).is_none()
        })
    }
}

fn close(a: f64, b: f64, noise: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs())) + 1e3 * noise
}

fn between_modes(found: &[f64], noise: &[f64]) -> Option<String> {
    let groups: [&[usize]; 3] = [&[REVERSE, FORWARD], &SECOND, &THIRD];
    let names =
        ["orders one by reverse and forward", "orders two by three nestings", "orders three by forward and series"];
    let apart = |group: &[usize]| {
        let present: Vec<usize> = group.iter().copied().filter(|&at| at < found.len()).collect();
        let noise = present.iter().map(|&at| noise[at]).fold(0.0, f64::max);
        present.windows(2).any(|pair| !close(found[pair[0]], found[pair[1]], noise))
    };
    let wrong = groups.iter().zip(names).find(|(group, _)| apart(group));
    wrong.map(|(group, name)| {
        format!("{name} differ: {:?}", group.iter().filter_map(|&at| found.get(at)).collect::<Vec<_>>())
    })
}

/// Bits at level `exact`, up to rounding at the default level.
fn optimised(tower: &Arc<Function>, at: &[f64], found: &[f64], noise: &[f64]) -> Option<String> {
    let (exact, _) = opt::optimize(tower, Level::Exact);
    let cost = |f: &Function| opt::total_cost(f.graph(), f.results());
    let same = Run::new(&exact).at(at);
    if same.iter().zip(found).any(|(a, b)| a.to_bits() != b.to_bits() && a != b) {
        return Some(format!("{found:?}, at level exact {same:?}"));
    }
    let (safe, _) = opt::optimize(tower, Level::Safe);
    if cost(&exact) > cost(tower) || cost(&safe) > cost(tower) {
        return Some(format!("cost {}, optimised {} and {}", cost(tower), cost(&exact), cost(&safe)));
    }
    let near = Run::new(&safe).at(at);
    let apart = near.iter().zip(found).zip(noise).any(|((&a, &b), &noise)| !close(a, b, noise));
    apart.then(|| format!("{found:?}, at level safe {near:?}"))
}

/// Central differences of the value and of the first derivative, at two steps.
fn differences(run: &Run, at: &[f64], found: &[f64]) -> Option<String> {
    let step = 2e-4;
    let ends = [step, 0.5 * step].map(|h| (h, run.moved(at, h), run.moved(at, -h)));
    let quotients = |what: usize| ends.each_ref().map(|(h, above, below)| (above[what] - below[what]) / (2.0 * h));
    for (lower, upper) in [(Y, REVERSE), (REVERSE, SECOND[0])] {
        let [wide, narrow] = quotients(lower);
        let rounding = 1e-15 * (1.0 + found[lower].abs()) / step;
        let uncertain = (wide - narrow).abs() + 100.0 * rounding + 1e-6 * (1.0 + found[upper].abs());
        if uncertain.is_nan() || (narrow - found[upper]).abs() > 5.0 * uncertain {
            return Some(format!(
                "a derivative is {}, the difference {narrow}, give or take {uncertain:e}",
                found[upper]
            ));
        }
    }
    None
}
