//! The rules, one family a file. [`families`] fixes the order in which they are tried.
//!
//! To add a law, add a line to its family and, if it is given by a function, an instance to `tests/laws.txt`; the
//! tests check its values by its class, its cost, and that the driver reaches it. Left sides must be in normal form:
//! the driver works bottom-up, so a left side meets operands to which every other rule has been applied.

pub mod commute;
pub mod constants;
mod identities;
mod inverse;
mod stability;
mod strength;

mod contract;
mod cumulate;
mod index;
mod integer;
mod known;
mod logic;
mod order;
mod reduce;
mod shape;
mod structure;
mod window;

use graph_core::Opcode;

use crate::rule::Rule;

/// All rules, in order.
pub fn families() -> Vec<Rule> {
    let families: [(&'static str, Vec<Rule>); 17] = [
        ("commute", commute::rules()),
        ("constants", constants::rules()),
        ("known", known::rules()),
        ("identities", identities::rules()),
        ("stability", stability::rules()),
        ("inverse", inverse::rules()),
        ("strength", strength::rules()),
        ("logic", logic::rules()),
        ("integer", integer::rules()),
        ("shape", shape::rules()),
        ("reduce", reduce::rules()),
        ("cumulate", cumulate::rules()),
        ("order", order::rules()),
        ("index", index::rules()),
        ("contract", contract::rules()),
        ("window", window::rules()),
        ("structure", structure::rules()),
    ];
    families.into_iter().flat_map(|(family, rules)| rules.into_iter().map(|rule| rule.in_family(family))).collect()
}

/// Ops whose result at a place depends on the operands at that place alone.
fn elementwise() -> impl Iterator<Item = Opcode> {
    Opcode::all().iter().copied().filter(|code| match code {
        Opcode::Unary(_) | Opcode::Nth(_) | Opcode::Binary(_) | Opcode::Compare(_) | Opcode::Logic(_) => true,
        Opcode::Integer(_) | Opcode::Test(_) | Opcode::Bitcast => true,
        Opcode::Select | Opcode::Cast => true,
        Opcode::Param | Opcode::Const | Opcode::Iota | Opcode::Broadcast | Opcode::Reshape | Opcode::Permute => false,
        Opcode::Slice | Opcode::Pad | Opcode::Concat | Opcode::Reverse | Opcode::Reduce(_) | Opcode::Dot => false,
        Opcode::Gather | Opcode::Scatter(_) => false,
        Opcode::Cumulate(_) | Opcode::Sort => false,
        Opcode::Linalg(_) | Opcode::TriangularSolve => false,
        Opcode::Conv | Opcode::ReduceWindow(_) => false,
        Opcode::Tuple | Opcode::Record | Opcode::Get | Opcode::Call => false,
    })
}
