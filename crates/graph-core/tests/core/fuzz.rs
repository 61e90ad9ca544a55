//! Damaged texts: whatever comes in, parsing returns, and what it accepts is a valid graph that prints and parses back.

use graph_core::text::{parse, print};
use graph_core::{Opcode, verify};

use crate::Random;
use crate::samples::sample;

const ROUNDS: usize = 10_000;

/// Pieces of the grammar, to be put where they do not belong.
const PIECES: [&str; 24] = [
    "%0",
    "%x",
    "@f",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "=",
    "->",
    "f64",
    "bool",
    "graph",
    "return",
    "-1",
    "0",
    "18446744073709551615",
    "nan(0x",
    "nan",
    "//",
    "é",
];

/// Deletes, doubles, swaps or inserts at a random place.
fn damage(text: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(chars.len() + 1);
        let end = (at + random.below(6)).min(chars.len());
        match random.below(5) {
            0 => drop(chars.drain(at..end)),
            1 => {
                let piece = chars[at..end].to_vec();
                chars.splice(at..at, piece);
            }
            2 => chars[at..end].reverse(),
            3 => drop(chars.splice(at..at, PIECES[random.below(PIECES.len())].chars())),
            _ => drop(chars.splice(at..end, PIECES[random.below(PIECES.len())].chars())),
        }
    }
    chars.into_iter().collect()
}

#[test]
fn damaged_texts_are_refused_or_valid() {
    let samples: Vec<String> = Opcode::all().iter().map(|&code| sample(code)).collect();
    let mut random = Random(2);
    let mut accepted = 0;
    for round in 0..ROUNDS {
        let text = damage(&samples[round % samples.len()], &mut random);
        let Ok(f) = parse(&text) else { continue };
        accepted += 1;
        verify(f.graph()).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let printed = print(&f);
        let again = parse(&printed).unwrap_or_else(|e| panic!("{e}\n{text}\n{printed}"));
        assert_eq!(again, f, "{text}\n{printed}");
    }
    assert!(accepted > ROUNDS / 20, "only {accepted} of {ROUNDS} damaged texts still parse: the damage is too coarse");
}
