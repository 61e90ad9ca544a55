//! What a gradient costs, on this machine, now.

use std::hint::black_box;
use std::time::Instant;

use wengert::prelude::*;

use crate::density::{Density, potential};

/// Chains that are run side by side by `vmap`.
pub const CHAINS: usize = 64;

/// Nanoseconds for U and ∇U at one point.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// By the program.
    pub traced: f64,
    /// By hand.
    pub by_hand: f64,
    /// By a program for [`CHAINS`] points at once.
    pub batched: f64,
}

/// Measures.
///
/// # Errors
/// None, unless the engine is broken.
pub fn costs(density: &Density) -> Result<Costs, Error> {
    let traced = density.traced()?;
    let batched = density.potential.value_and_grad(0)?.vmap(&[Some(0)], CHAINS)?.compile()?;
    let many: Vec<f64> = (0..batched.inputs()).map(|i| (i as f64 * 0.618_033_988_749_894_9).fract() - 0.5).collect();
    let one = &many[..traced.inputs()];
    Ok(Costs {
        traced: nanoseconds(potential(&traced), one, traced.outputs()),
        by_hand: nanoseconds(&density.by_hand, one, traced.outputs()),
        batched: nanoseconds(potential(&batched), &many, batched.outputs()) / CHAINS as f64,
    })
}

/// The fastest of several rounds, as others only slow it down.
fn nanoseconds(f: impl Fn(&[f64], &mut [f64]), q: &[f64], outputs: usize) -> f64 {
    let mut out = vec![0.0; outputs];
    let calls = 2_000_000 / (outputs + 100);
    let mut round = || {
        let clock = Instant::now();
        for _ in 0..calls {
            f(black_box(q), black_box(&mut out));
        }
        clock.elapsed().as_secs_f64() * 1e9 / calls as f64
    };
    (0..7).map(|_| round()).fold(f64::INFINITY, f64::min)
}
