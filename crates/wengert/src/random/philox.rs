//! Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011) as integer nodes:
//! a keyed bijection of blocks of four 32-bit words, which passes the statistical tests of TestU01.
//!
//! Words are `i64` elements from 0 to 2^32 − 1. Products of two fit 64 bits, whose sign does not matter to a logical
//! shift. The tests hold the known answers of the authors' library, Random123.

use graph_core::op::{Axes, Binary, Integer, Op};
use graph_core::{Graph, NodeId};

const ROUNDS: usize = 10;
/// The multipliers of words 0 and 2.
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// What the two words of the key grow by from round to round: the golden ratio and √3 − 1.
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// Four words of the shape of the counter's, from its words and the two words of a scalar key.
pub fn philox(g: &mut Graph, mut counter: [NodeId; 4], mut key: [NodeId; 2]) -> [NodeId; 4] {
    for round in 0..ROUNDS {
        if round > 0 {
            key = [bump(g, key[0], WEYL[0]), bump(g, key[1], WEYL[1])];
        }
        counter = mix(g, counter, key);
    }
    counter
}

fn bump(g: &mut Graph, word: NodeId, by: u32) -> NodeId {
    let by = g.splat_like(f64::from(by), word);
    let sum = g.add(word, by);
    low(g, sum)
}

/// One round: both products, their halves crossed, the high ones mixed with counter and key.
fn mix(g: &mut Graph, [a, b, c, d]: [NodeId; 4], [k, l]: [NodeId; 2]) -> [NodeId; 4] {
    let (high0, low0) = product(g, a, MULTIPLIERS[0]);
    let (high1, low1) = product(g, c, MULTIPLIERS[1]);
    let (k, l) = (spread(g, k, a), spread(g, l, a));
    let (x, y) = (xor(g, high1, b), xor(g, high0, d));
    [xor(g, x, k), low1, xor(g, y, l), low0]
}

fn product(g: &mut Graph, x: NodeId, by: u32) -> (NodeId, NodeId) {
    let by = g.splat_like(f64::from(by), x);
    let product = g.binary(Binary::Mul, x, by);
    (high(g, product), low(g, product))
}

fn spread(g: &mut Graph, word: NodeId, like: NodeId) -> NodeId {
    let shape = g.shape(like).clone();
    g.broadcast(word, &shape, &Axes::new(&[]))
}

fn xor(g: &mut Graph, x: NodeId, y: NodeId) -> NodeId {
    g.node(Op::Integer(Integer::BitXor), &[x, y])
}

/// The low and the high word of 64 bits.
pub fn split(g: &mut Graph, bits: NodeId) -> [NodeId; 2] {
    [low(g, bits), high(g, bits)]
}

/// 64 bits of two words, the low one first.
pub fn join(g: &mut Graph, low: NodeId, high: NodeId) -> NodeId {
    let places = g.splat_like(32.0, high);
    let high = g.node(Op::Integer(Integer::ShiftLeft), &[high, places]);
    g.node(Op::Integer(Integer::BitOr), &[high, low])
}

fn low(g: &mut Graph, bits: NodeId) -> NodeId {
    let mask = g.splat_like(f64::from(u32::MAX), bits);
    g.node(Op::Integer(Integer::BitAnd), &[bits, mask])
}

fn high(g: &mut Graph, bits: NodeId) -> NodeId {
    let places = g.splat_like(32.0, bits);
    g.node(Op::Integer(Integer::ShiftRightLogical), &[bits, places])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use graph_core::{Buffer, DType, Function, Shape, Type};
    use interp::{Program, Tensor, Value, evaluate};

    use super::*;

    /// Counter, key, answer: Random123 1.14, `tests/kat_vectors`, `philox4x32 10`.
    const KNOWN_ANSWERS: [([i64; 4], [i64; 2], [i64; 4]); 3] = [
        ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([0xffff_ffff; 4], [0xffff_ffff; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];

    fn word(x: i64) -> Value {
        Value::Tensor(Tensor::new(Shape::scalar(), Buffer::I64(vec![x])).expect("one element"))
    }

    fn word_of(value: &Value) -> i64 {
        value.as_tensor().expect("a tensor").data.get(0).as_i64()
    }

    #[test]
    fn answers_are_the_published_ones_in_both_executors() {
        let mut g = Graph::new();
        let words =
            ["a", "b", "c", "d", "k", "l"].map(|name| g.param(name, Type::tensor(DType::I64, &[])).expect("new"));
        let [a, b, c, d, k, l] = words;
        let answer = philox(&mut g, [a, b, c, d], [k, l]);
        let f = Arc::new(Function::new("philox", &g, &answer).expect("a small function"));
        let program = Program::new(&f).expect("a small function");
        for (counter, key, answer) in KNOWN_ANSWERS {
            let args: Vec<_> = counter.into_iter().chain(key).map(word).collect();
            let reference = evaluate(&f, &args).expect("arguments that fit");
            let planned = program.run(&mut program.workspace(), &args).expect("arguments that fit");
            assert_eq!(reference.iter().map(word_of).collect::<Vec<_>>(), answer);
            assert_eq!(planned.iter().map(word_of).collect::<Vec<_>>(), answer);
        }
    }
}
