//! Linear algebra, Einstein sums, losses, batches and rules of one's own, in text, on expressions and in formulas.

use wengert::prelude::*;
use wengert::{Triangle, einsum};

use super::Case;
use super::facade::case;
use super::formula::{arrays, text};
use super::text::{line, node, source};

pub fn cases() -> Vec<Case> {
    [texts(), rules(), matrices(), sums(), batches(), formulas()].into_iter().flatten().collect()
}

fn texts() -> Vec<Case> {
    vec![
        node("factor of a vector", "%x: f64[3]", "cholesky %x"),
        node("factor of a rectangle", "%x: f64[2,3]", "cholesky %x"),
        node("determinant of integers", "%x: i64[2,2]", "det %x"),
        node("system of other rows", "%a: f64[2,2], %b: f64[3,1]", "solve %a, %b"),
        node("system of other batches", "%a: f64[4,2,2], %b: f64[2,1]", "solve %a, %b"),
        node("triangle that is no truth", "%a: f64[2,2]", "triangular_solve %a, %a {upper=1}"),
        node("exponential of a rectangle", "%x: f64[2,3]", "expm %x"),
    ]
}

/// Rules of a function of a number, in text.
fn rules() -> Vec<Case> {
    let ruled = |name, params: &str, result: &str, rule: &str| {
        let body = "  %0 = mul %x, %x\n  return %0\n";
        source(
            name,
            &format!(
                "graph @d({params}) -> {result} {{\n  return %x\n}}\ngraph @f(%x: f64) -> f64 {rule} {{\n{body}}}"
            ),
        )
    };
    vec![
        line("rule that is no word", "%x: f64", "%0 = jvp %x"),
        ruled("rule that is not there", "%x: f64", "f64", "jvp @e"),
        ruled("rule without a name", "%x: f64", "f64", "vjp"),
        ruled("tangent of too few parameters", "%x: f64", "f64", "jvp @d"),
        ruled("tangent of another type", "%x: f64, %d: f64[2]", "f64", "jvp @d"),
        ruled("adjoint without the result", "%x: f64, %ct: f64", "f64", "vjp @d"),
        ruled("transpose by no parameter", "%x: f64", "f64", "transpose @d []"),
        ruled("transpose by a parameter beyond", "%x: f64", "f64", "transpose @d [1]"),
        ruled("transpose by a parameter that is no number", "%x: f64", "f64", "transpose @d [x]"),
    ]
}

fn matrices() -> Vec<Case> {
    let vector = |g: &Graph| g.tensor("v", &[3]);
    let rectangle = |g: &Graph| g.tensor("m", &[2, 3]);
    let square = |g: &Graph| g.tensor("a", &[2, 2]);
    vec![
        case("factor of a matrix that is not square", |g| rectangle(g).cholesky()),
        case("inverse of a vector", |g| vector(g).inv()),
        case("determinant of a matrix that is not square", |g| rectangle(g).det()),
        case("logarithm of the determinant of a number", |g| g.scalar("x").slogdet().1),
        case("system with other rows", |g| square(g).solve(vector(g))),
        case("triangle with other rows", |g| square(g).triangular_solve(vector(g), Triangle::LOWER)),
        case("eigenvalues of integers", |g| g.param("n", Type::tensor(DType::I64, &[2, 2])).eigvalsh()),
        case("exponential of a vector", |g| vector(g).expm()),
        case("trace of a vector", |g| vector(g).trace()),
    ]
}

fn sums() -> Vec<Case> {
    let vector = |g: &Graph| g.tensor("v", &[3]);
    let rectangle = |g: &Graph| g.tensor("m", &[2, 3]);
    let integers = |g: &Graph| g.param("n", Type::tensor(DType::I64, &[2]));
    vec![
        case("einsum of extents", |g| einsum("i,ij->j", &[vector(g), rectangle(g)])),
        case("einsum of a diagonal that is none", |g| einsum("ii", &[rectangle(g)])),
        case("einsum of truth values", |g| einsum("i,i", &[vector(g), g.tensor("w", &[3]).gt(0.0)])),
        case("einsum of axes that are not named", |g| einsum("i,i", &[vector(g), rectangle(g)])),
        case("einsum to an axis that is nowhere", |g| einsum("i->k", &[vector(g)])),
        case("einsum of no axes", |g| einsum("i;ij", &[vector(g), rectangle(g)])),
        case("einsum of a wrong count", |g| einsum("i,j->ij", &[vector(g)])),
        case("losses for classes of another shape", |g| rectangle(g).class_cross_entropy(integers(g), 0)),
        case("a loss for a class that is no integer", |g| vector(g).class_cross_entropy(3.0, 0)),
    ]
}

fn batches() -> Vec<Case> {
    let f = Function::parse("graph @f(%x: f64[2], %n: i64) -> f64 { %0 = reduce_sum %x {axes=[0]} return %0 }");
    let f = f.expect("a graph");
    let body = f.clone();
    vec![
        case("batch axes for some", |_| f.vmap(&[Some(0)], 2)),
        case("batch axis beyond", |_| f.vmap(&[Some(2), None], 2)),
        case("batch of too many", |_| f.vmap(&[Some(0), None], usize::MAX)),
        case("transpose of a square", |_| {
            Function::parse("graph @s(%x: f64) -> f64 { %0 = square %x return %0 }")?.transpose(0)
        }),
        case("transpose of an affine function", |_| {
            Function::parse("graph @s(%x: f64) -> f64 { %0 = const 1.0 : f64 %1 = add %x, %0 return %1 }")?.transpose(0)
        }),
        case("tangent that is not linear", |_| body.with_jvp(|_, dx| dx[0].square().sum())),
        case("adjoint of another shape", |_| body.with_vjp(|_, _, ct| ct[0])),
        case("laplacian of an integer", |_| f.laplacian(1)),
    ]
}

fn formulas() -> Vec<Case> {
    vec![
        arrays("determinant of a formula", "det(a)"),
        arrays("logarithm of a determinant of a formula", "logdet(a)"),
        arrays("factor of a formula", "cholesky(a)"),
        arrays("system of a formula", "solve(a @ b, v)"),
        text("system of one", "solve(a)"),
    ]
}
