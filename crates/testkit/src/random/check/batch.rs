//! A batch of two is its members, one by one.

use std::sync::Arc;

use graph_core::{Function, Type};

use super::{Check, Checker, Find, transformed};
use crate::random::machine::Machine;

/// Number of elements of each tensor of these types.
fn sizes<'t>(types: impl Iterator<Item = &'t Type>) -> Vec<usize> {
    types.flat_map(|ty| ty.leaves()).map(|t| t.shape.elements()).collect()
}

impl Checker<'_> {
    /// All parameters are batched, but for every other one in every other program.
    pub fn batch(&mut self, f: &Arc<Function>) -> Result<(), Find> {
        let some = f.graph().len().is_multiple_of(2);
        let batched: Vec<bool> = (0..f.params().len()).map(|i| i % 2 == 0 || !some).collect();
        let axes: Vec<Option<usize>> = batched.iter().map(|&batched| batched.then_some(0)).collect();
        let mut image = Machine::new(&transformed(autodiff::vmap(f, &axes, 2))?)?;
        let mut single = Machine::new(f)?;
        let leaves = (0..f.params().len()).flat_map(|i| f.param_type(i).leaves().into_iter().map(move |t| (i, t)));
        let inputs: Vec<(usize, bool)> = leaves.map(|(i, t)| (t.shape.elements(), batched[i])).collect();
        let outputs = sizes(f.results().iter().map(|&y| f.graph().ty(y)));
        let other = |p: &[f64]| -> Vec<f64> {
            let moved = |(at, &x): (usize, &f64)| if x.fract() == 0.0 { x } else { x - 0.01 * (1 + at % 3) as f64 };
            let mut all: Vec<f64> = p.iter().enumerate().map(moved).collect();
            let mut at = 0;
            for &(size, batched) in &inputs {
                if !batched {
                    all[at..at + size].copy_from_slice(&p[at..at + size]);
                }
                at += size;
            }
            all
        };
        let left = &mut |p: &[f64]| {
            let (mut together, other, mut at) = (Vec::new(), other(p), 0);
            for &(size, batched) in &inputs {
                together.extend(&p[at..at + size]);
                if batched {
                    together.extend(&other[at..at + size]);
                }
                at += size;
            }
            image.run(&together)
        };
        let right = &mut |p: &[f64]| {
            let (a, b) = (single.run(p), single.run(&other(p)));
            let (mut together, mut at) = (Vec::new(), 0);
            for &size in &outputs {
                together.extend(&a[at..at + size]);
                together.extend(&b[at..at + size]);
                at += size;
            }
            together
        };
        self.settle(Check::Batch, &self.program.at.clone(), left, right, 1e-3)
    }
}
