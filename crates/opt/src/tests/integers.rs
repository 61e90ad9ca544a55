//! Equations that also match integers hold for all of them: the witness of `eval.rs` holds integers as reals, this one
//! does not.

use graph_core::op::Integer;
use graph_core::{DType, Graph, Literal, NodeId, Op, Scalar, Shape, Type};

use crate::level::Class;
use crate::pattern::{A, B, Pattern, W, X, Y, Z};
use crate::rule::{Law, Rule};
use crate::{Level, rules, simplify};

const AWKWARD: [i64; 10] = [0, 1, -1, 2, -7, 63, (1 << 53) + 1, i64::MAX, i64::MIN, i64::MIN + 1];
const COEFFICIENTS: [(i64, i64); 6] =
    [(3, 5), (-3, -7), (2, -1), (-1, 2), (i64::MAX, i64::MAX), (i64::MIN, (1 << 53) + 1)];

/// The left side over integers, if its ops have integer meanings.
fn left_side(pattern: &Pattern, g: &mut Graph, (a, b): (i64, i64)) -> Option<NodeId> {
    let mut constant = |value: i64| g.literal_node(Literal::splat(Scalar::I64(value), Shape::scalar()));
    match pattern {
        Pattern::Any(_) => {
            let at = [X, Y, Z, W].iter().position(|v| v == pattern).expect("one of the variables");
            Some(g.params()[at].node)
        }
        Pattern::Constant(_) if *pattern == A => Some(constant(a)),
        Pattern::Constant(_) => (*pattern == B).then(|| constant(b)),
        Pattern::Number(value) => Some(constant(*value as i64)).filter(|_| value.fract() == 0.0),
        Pattern::Node(op, parts) => {
            let operands: Option<Vec<_>> = parts.iter().map(|part| left_side(part, g, (a, b))).collect();
            g.make(*op, &operands?).ok()
        }
    }
}

/// A node that computes an integer or a truth value, on integers x, y.
fn value(g: &Graph, id: NodeId, [x, y]: [i64; 2]) -> i64 {
    let operand = |i: usize| value(g, g.operands(id)[i], [x, y]);
    match (g.op(id), g.operands(id).len()) {
        (Op::Param(index), _) => [x, y, 3, 5][index as usize],
        (Op::Const(_), _) => g.literal(id).expect("it is one").get(0).as_i64(),
        (Op::Unary(op), _) => op.eval_i64(operand(0)).expect("inference admits the integer ops only"),
        (Op::Binary(op), _) => op.eval_i64(operand(0), operand(1)).expect("inference admits the integer ops only"),
        (Op::Integer(op), 1) => op.eval(operand(0), 0),
        (Op::Integer(op), _) => op.eval(operand(0), operand(1)),
        (Op::Compare(op), _) => i64::from(op.eval(operand(0), operand(1))),
        (Op::Logic(op), 1) => i64::from(op.eval(operand(0) != 0, false)),
        (Op::Logic(op), _) => i64::from(op.eval(operand(0) != 0, operand(1) != 0)),
        (Op::Select, _) => operand(if operand(0) != 0 { 1 } else { 2 }),
        (op, _) => panic!("{op:?} has no integer meaning"),
    }
}

/// Where both sides differ, for the first coefficients to which the rule applies on integers.
fn disagreements(rule: &Rule) -> (usize, Vec<String>) {
    let Law::Equation { left: pattern, .. } = &rule.law else { return (0, Vec::new()) };
    let mut found = (0, Vec::new());
    for coefficients in COEFFICIENTS {
        let mut g = Graph::new();
        for name in ["x", "y", "z", "w"] {
            g.param(name, Type::tensor(DType::I64, &[])).expect("names are distinct");
        }
        let Some(left) = left_side(pattern, &mut g, coefficients) else { continue };
        let Some(right) = rule.attempt(None, &mut g, left) else { continue };
        found.0 += 1;
        for at in AWKWARD.iter().flat_map(|&x| AWKWARD.map(|y| [x, y])) {
            let (l, r) = (value(&g, left, at), value(&g, right, at));
            if l != r {
                found.1.push(format!("{rule:?} with {coefficients:?} at {at:?}: {l} became {r}"));
            }
        }
    }
    found
}

#[test]
fn equations_hold_for_integers_that_wrap() {
    let outcomes: Vec<_> = rules().filter(|rule| rule.class() != Class::Relaxed).map(disagreements).collect();
    let failures: Vec<_> = outcomes.iter().flat_map(|(_, failures)| failures.first()).cloned().collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let tried = outcomes.iter().filter(|(applied, _)| *applied > 0).count();
    assert!(tried > 50, "{tried} rules apply to integers");
}

/// As the executors compute them.
#[test]
fn integer_ops_on_constants_fold_exactly() {
    for (&op, x) in Integer::ALL.iter().flat_map(|op| AWKWARD.map(|x| (op, x))) {
        for y in AWKWARD {
            let mut g = Graph::new();
            let operands = [x, y].map(|n| g.literal_node(Literal::splat(Scalar::I64(n), Shape::scalar())));
            let z = g.node(Op::Integer(op), &operands[..op.arity()]);
            let simplified = simplify(&g, &[z], Level::Exact);
            let folded = simplified.graph.literal(simplified.roots[0]).map(|literal| literal.get(0).as_i64());
            assert_eq!(folded, Some(op.eval(x, y)), "{op:?} of {x}, {y}");
        }
    }
}
