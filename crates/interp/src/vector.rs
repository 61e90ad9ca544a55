//! Loops compiled for the widest vectors that the machine has.
//!
//! The same code is compiled three times, and the machine is asked once which of them it can run. Only what is written as
//! `mul_add` is fused, and nothing is reordered in any of them, so they give the same bits; only the number of lanes differs
//! (and the speed of `mul_add`, which is a function of the library where the processor has no such instruction). This module holds the only
//! `unsafe` of the workspace: calling a function that needs features of the processor.
#![expect(unsafe_code, reason = "a function with target features may only be called where they are")]

use std::sync::atomic::{AtomicU8, Ordering};

/// What stands for no [`Width`].
const UNASKED: u8 = u8::MAX;

/// Sets of instructions, from the widest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 512 bits, the same.
    Avx512,
    /// 256 bits, and fused multiplication and addition.
    Avx2,
    /// What every processor of the target has.
    Portable,
}

impl Width {
    /// The widest of this machine.
    #[inline(always)]
    pub fn widest() -> Width {
        static WIDEST: AtomicU8 = AtomicU8::new(UNASKED);
        match WIDEST.load(Ordering::Relaxed) {
            0 => Width::Avx512,
            1 => Width::Avx2,
            2 => Width::Portable,
            _ => {
                let found = Width::found();
                WIDEST.store(found as u8, Ordering::Relaxed);
                found
            }
        }
    }

    /// Asks the machine.
    #[cold]
    #[cfg(target_arch = "x86_64")]
    fn found() -> Width {
        if !is_x86_feature_detected!("avx2") || !is_x86_feature_detected!("fma") {
            Width::Portable
        } else if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
        {
            Width::Avx512
        } else {
            Width::Avx2
        }
    }

    #[cold]
    #[cfg(not(target_arch = "x86_64"))]
    fn found() -> Width {
        Width::Portable
    }
}

#[cfg(test)]
impl Width {
    /// Those of this machine.
    pub fn all() -> Vec<Width> {
        let all = [Width::Avx512, Width::Avx2, Width::Portable];
        let widest = all.iter().position(|&width| width == Width::widest()).expect("it is one of them");
        all[widest..].to_vec()
    }
}

/// A loop, as a value: what it captures are its fields. `run` is to be inlined always.
pub trait Work {
    /// Does it.
    fn run(self);
}

/// Runs a loop compiled for the widest vectors.
#[inline(always)]
pub fn widest(work: impl Work) {
    at(Width::widest(), work);
}

/// Runs a loop compiled for vectors of this width, which the machine must have.
#[inline(always)]
#[cfg(target_arch = "x86_64")]
fn at(width: Width, work: impl Work) {
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
    fn avx512(work: impl Work) {
        work.run();
    }
    #[target_feature(enable = "avx2,fma")]
    fn avx2(work: impl Work) {
        work.run();
    }
    match width {
        // SAFETY: `Width::widest` has found the features that the function is compiled for.
        Width::Avx512 => unsafe { avx512(work) },
        // SAFETY: as above.
        Width::Avx2 => unsafe { avx2(work) },
        Width::Portable => work.run(),
    }
}

#[inline(always)]
#[cfg(not(target_arch = "x86_64"))]
fn at(_: Width, work: impl Work) {
    work.run();
}

/// Runs a loop compiled for vectors of this width, one of [`Width::all`].
#[cfg(test)]
pub fn checked_at(width: Width, work: impl Work) {
    assert!(Width::all().contains(&width), "the machine has no {width:?}");
    at(width, work);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A recurrence of products and sums, which fused operations would round otherwise.
    struct Recurrence<'r>(&'r mut [f64]);

    impl Work for Recurrence<'_> {
        #[inline(always)]
        fn run(self) {
            for _ in 0..50 {
                self.0.iter_mut().for_each(|x| *x = *x * 3.3 * (1.0 - *x) + 1e-3);
            }
        }
    }

    /// Every width that the machine has is called, and gives the same bits.
    #[test]
    fn all_widths_give_the_same_bits() {
        let start: Vec<f64> = (0..100).map(|i| f64::from(i) / 101.0).collect();
        let run = |width| {
            let mut x = start.clone();
            at(width, Recurrence(&mut x));
            x.into_iter().map(f64::to_bits).collect::<Vec<u64>>()
        };
        for width in Width::all() {
            assert_eq!(run(width), run(Width::Portable), "{width:?}");
        }
    }
}
