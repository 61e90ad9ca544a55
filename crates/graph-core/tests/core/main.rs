//! Facts about graphs, their text and their ops, through the public interface.

mod chain;
mod docs;
mod elementwise;
mod fuzz;
mod graph;
mod index;
mod infer;
mod malformed;
mod math;
mod mistakes;
mod round_trip;
mod samples;

use std::sync::Arc;

use graph_core::Function;
use graph_core::text::parse;

/// A text that must be a graph.
fn function(source: &str) -> Arc<Function> {
    parse(source).unwrap_or_else(|e| panic!("{e}\n{source}"))
}

/// Numbers without a pattern (SplitMix64), the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Between 0 and 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}
