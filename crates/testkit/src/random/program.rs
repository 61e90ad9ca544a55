//! From a recipe to a program and a point at which to look at it.

use std::sync::Arc;

use graph_core::{DType, Function, NodeId, Type, walk};

use super::builder::Builder;
use super::domain::Span;
use super::gene::{Dice, Gene, Recipe, World};
use super::step;

/// What a recipe spells.
#[derive(Clone, Debug)]
pub struct Program {
    /// With one real number as its result, to be differentiated.
    pub loss: Arc<Function>,
    /// With everything that the steps made and nothing used as its results, of every type.
    pub whole: Arc<Function>,
    /// Elements of all parameters, leaf by leaf.
    pub at: Vec<f64>,
    /// A tangent for each of them; 0 for integers.
    pub direction: Vec<f64>,
}

impl Program {
    /// Builds the program.
    pub fn of(recipe: &Recipe) -> Program {
        let (first, steps) = recipe.genes.split_first().unwrap_or((&[0; 16], &[]));
        let mut dice = Dice::new(first);
        let offset = dice.roll(64);
        let mut b = Builder::new(recipe.world, 0);
        parameters(&mut b, &mut dice);
        step::all(&mut b, steps);
        let unused = unused(&b);
        let loss = loss(&mut b, &unused);
        let whole: Vec<NodeId> = unused.iter().copied().chain([loss]).collect();
        let close = |results: &[NodeId]| Arc::new(Function::new("random", &b.g, results).expect("a small function"));
        let (loss, whole) = (close(&[loss]), close(&whole));
        let (at, direction) = point(&loss, offset);
        Program { loss, whole, at, direction }
    }
}

/// The parameters: real ones of any shape, sometimes a structure and integers.
fn parameters(b: &mut Builder, dice: &mut Dice<'_>) {
    let world = b.world;
    let mut param = |name: &str, ty: Type| {
        let x = b.g.param(name, ty).expect("distinct names");
        b.push(x, Span::UNIT);
    };
    match world {
        World::Scalar => {
            ["x", "y", "z"][..1 + dice.roll(3)].iter().for_each(|name| param(name, Type::f64()));
            if dice.roll(8) == 7 {
                param("r", Type::record([("a", Type::f64()), ("b", Type::tuple([Type::f64()]))]));
            }
        }
        World::Tensor => {
            let shape = |dice: &mut Dice<'_>| -> Vec<usize> {
                let rank = [1, 2, 2, 3, 0][dice.roll(5)];
                (0..rank).map(|_| [2, 3, 4, 1, 2, 3, 2, 0][dice.roll(8)]).collect()
            };
            param("x", Type::tensor(DType::F64, &shape(dice)));
            if dice.flip() {
                param("y", Type::tensor(DType::F64, &shape(dice)));
            }
            match dice.roll(12) {
                9 => param("r", Type::record([("a", Type::f64()), ("b", Type::tensor(DType::F64, &[2]))])),
                10 => param("n", Type::tensor(DType::I64, &[3])),
                11 => param("w", Type::tensor(DType::F32, &[2, 3])),
                _ => {}
            }
        }
    }
}

/// What nothing uses, in order.
fn unused(b: &Builder) -> Vec<NodeId> {
    let used = walk::use_counts(&b.g);
    b.g.nodes().iter().copied().filter(|&x| used[x] == 0).collect()
}

/// A weighted sum of everything real that nothing uses.
fn loss(b: &mut Builder, unused: &[NodeId]) -> NodeId {
    let mut total = b.g.scalar(0.0);
    for (at, &x) in unused.iter().enumerate() {
        let Some(t) = b.g.ty(x).as_tensor().cloned() else { continue };
        let x = match t.dtype {
            DType::F64 => x,
            DType::F32 => b.g.cast(DType::F64, x),
            DType::I64 | DType::Bool => continue,
        };
        let span = b.reals.iter().find(|(y, _)| *y == x).map_or(Span::ANY, |&(_, span)| span);
        let term = b.weighed((x, span), at);
        total = if at == 0 { term } else { b.g.add(total, term) };
    }
    total
}

/// Different numbers, none of them special; integers are small.
fn point(f: &Function, offset: usize) -> (Vec<f64>, Vec<f64>) {
    let leaves = (0..f.params().len()).flat_map(|i| f.param_type(i).leaves());
    let kinds: Vec<DType> = leaves.flat_map(|t| std::iter::repeat_n(t.dtype, t.shape.elements())).collect();
    let spread = |i: usize, step: f64| 2.0 * ((i + 7 * offset) as f64 * step + 0.37).fract() - 1.0;
    let at = |(i, dtype): (usize, &DType)| match dtype {
        DType::F64 => 0.97 * spread(i, 0.618_033_988_75),
        // a number of single precision, so that the point is the same in both
        DType::F32 => f64::from(spread(i, 0.618_033_988_75) as f32),
        DType::I64 | DType::Bool => (3.0 * spread(i, 0.754_877_666)).trunc(),
    };
    let along = |(i, dtype): (usize, &DType)| match dtype {
        DType::F64 | DType::F32 => f64::from(spread(i + 3, 0.569_840_290_998) as f32),
        DType::I64 | DType::Bool => 0.0,
    };
    (kinds.iter().enumerate().map(at).collect(), kinds.iter().enumerate().map(along).collect())
}

/// The steps of a callee and of the caller that follow.
pub fn split(genes: &[Gene], at: usize) -> (&[Gene], &[Gene]) {
    genes.split_at(at.min(genes.len()))
}
