//! Bits: neutral and absorbing elements, idempotence, and reinterpretation there and back.
//!
//! Integers wrap and have no NaN, so every law here is exact.

use graph_core::{DType, Graph, NodeId, Op, Opcode};

use crate::level::Class::Exact;
use crate::pattern::ops::*;
use crate::pattern::{Pattern, X};
use crate::rule::{Rule, law, rule};

/// No bit set.
const ZEROS: Pattern = Pattern::Number(0.0);
/// Every bit set.
const ONES: Pattern = Pattern::Number(-1.0);
const ONE: Pattern = Pattern::Number(1.0);

pub fn rules() -> Vec<Rule> {
    vec![
        rule("bit-not-not", Exact, bit_not(bit_not(X)), X),
        rule("bit-and-zeros", Exact, bit_and(X, ZEROS), ZEROS),
        rule("bit-and-ones", Exact, bit_and(X, ONES), X),
        rule("bit-and-self", Exact, bit_and(X, X), X),
        rule("bit-and-not", Exact, bit_and(X, bit_not(X)), ZEROS),
        rule("bit-or-zeros", Exact, bit_or(X, ZEROS), X),
        rule("bit-or-ones", Exact, bit_or(X, ONES), ONES),
        rule("bit-or-self", Exact, bit_or(X, X), X),
        rule("bit-or-not", Exact, bit_or(X, bit_not(X)), ONES),
        rule("bit-xor-zeros", Exact, bit_xor(X, ZEROS), X),
        rule("bit-xor-ones", Exact, bit_xor(X, ONES), bit_not(X)),
        rule("bit-xor-self", Exact, bit_xor(X, X), ZEROS),
        rule("bit-xor-not", Exact, bit_xor(X, bit_not(X)), ONES),
        rule("shift-left-zero", Exact, shift_left(X, ZEROS), X),
        rule("shift-right-zero", Exact, shift_right(X, ZEROS), X),
        rule("shift-right-logical-zero", Exact, shift_right_logical(X, ZEROS), X),
        rule("zero-shift-left", Exact, shift_left(ZEROS, X), ZEROS),
        rule("zero-shift-right", Exact, shift_right(ZEROS, X), ZEROS),
        rule("zero-shift-right-logical", Exact, shift_right_logical(ZEROS, X), ZEROS),
        rule("int-div-one", Exact, int_div(X, ONE), X),
        rule("int-rem-one", Exact, int_rem(X, ONE), ZEROS),
        rule("mul-high-zero", Exact, mul_high(X, ZEROS), ZEROS),
        rule("mul-high-one", Exact, mul_high(X, ONE), ZEROS),
        law("bitcast-bitcast", Exact, [Opcode::Bitcast], "bitcast(bitcast(n)) = n, for integers n", bitcast_bitcast)
            .of(Opcode::Bitcast),
    ]
}

/// Reals stay as they are: to integers and back is flat to a differentiator, and the operand is not.
fn bitcast_bitcast(g: &mut Graph, id: NodeId) -> Option<NodeId> {
    let inner = g.operands(id)[0];
    (g.op(id) == Op::Bitcast(DType::I64)).then(|| g.operands(inner)[0])
}
