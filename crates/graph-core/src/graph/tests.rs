//! Graphs that the constructors cannot make: the verifier names every violation.

use super::*;
use crate::op::{Compare, Unary};
use crate::ty::DType;
use crate::verify;

/// A graph of two scalars, broken by `damage`, has exactly these violations.
fn check(damage: impl FnOnce(&mut Graph, [NodeId; 2]), violations: &[&str]) {
    let mut g = Graph::new();
    let operands = ["x", "y"].map(|name| g.param(name, Type::f64()).expect("a name"));
    damage(&mut g, operands);
    let Err(Error::Invalid(found)) = verify(&g) else { panic!("no violation found") };
    assert_eq!(found, violations);
}

/// Adds a node that nobody has checked.
fn push(g: &mut Graph, op: Op, ty: TypeId, operands: &[NodeId]) -> NodeId {
    g.push(identity(op, operands), op, ty, operands)
}

#[test]
fn a_wrong_type_is_a_violation() {
    let damage = |g: &mut Graph, [x, y]: [NodeId; 2]| {
        let ty = g.intern_type(Type::f64());
        push(g, Op::Compare(Compare::Lt), ty, &[x, y]);
    };
    check(damage, &["%0 = lt %x: f64, %y: f64: has type f64, inference gives bool"]);
}

#[test]
fn a_node_that_cannot_be_is_a_violation() {
    let damage = |g: &mut Graph, [x, _]: [NodeId; 2]| {
        let ty = g.type_id(x);
        push(g, Op::Unary(Unary::Sin), ty, &[x, x]);
    };
    check(damage, &["%0 = sin %x: f64, %x: f64: `sin %x: f64, %x: f64` takes 1 operand, got 2"]);
}

#[test]
fn a_twin_and_an_operand_that_is_not_older_are_both_reported() {
    let damage = |g: &mut Graph, [x, _]: [NodeId; 2]| {
        let ty = g.type_id(x);
        let sin = push(g, Op::Unary(Unary::Sin), ty, &[x]);
        push(g, Op::Unary(Unary::Sin), ty, &[x]);
        let mut other = g.clone();
        let next = push(&mut other, Op::Unary(Unary::Cos), ty, &[sin]);
        push(g, Op::Unary(Unary::Cos), ty, &[next]);
    };
    let twin = "%1 = sin %x: f64: the same op on the same operands is another node";
    check(damage, &[twin, "%2 = cos %2: f64: operand 0 is not older"]);
}

#[test]
fn parameters_that_are_not_theirs_are_violations() {
    let damage = |g: &mut Graph, [x, _]: [NodeId; 2]| g.params[1] = Param { name: "x".into(), node: x };
    let expect = ["parameter 1 `x` is another node", "two parameters are named `x`"];
    check(damage, &[expect[0], expect[1]]);
}

#[test]
fn attributes_of_another_graph_are_violations() {
    let damage = |g: &mut Graph, [x, _]: [NodeId; 2]| {
        let ty = g.type_id(x);
        push(g, Op::Reshape(Id::new(7)), ty, &[x]);
    };
    check(damage, &["%0 = reshape %x: f64: bad attribute in `reshape`: its attribute is of another graph"]);
}

#[test]
fn violations_in_callees_say_where() {
    let mut inner = Graph::new();
    let x = inner.param("x", Type::f64()).expect("a name");
    let mut f = Function::new("inner", &inner, &[x]).expect("a name");
    let ty = f.graph_mut().intern_type(Type::tensor(DType::Bool, &[]));
    push(f.graph_mut(), Op::Unary(Unary::Sin), ty, &[x]);
    let damage = |g: &mut Graph, [x, _]: [NodeId; 2]| {
        let id = g.add_function(&Arc::new(f));
        g.node(Op::Call(id), &[x]);
    };
    check(damage, &["in @inner: %0 = sin %x: f64: has type bool, inference gives f64"]);
}
