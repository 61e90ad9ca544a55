//! Expressions that are wrong in one way each: the first mistake is kept in the graph and told when it is used.

use wengert::prelude::*;
use wengert::{ConvSpec, GatherSpec, Slide, Triangle, einsum, same};

type Case = (&'static str, fn() -> Result<(), Error>);

/// Uses what a closure builds from a number, a vector of 3, a matrix of 2 by 3 and an integer vector of 2.
fn used(build: impl FnOnce(Expr, Expr, Expr, Expr) -> Expr) -> Result<(), Error> {
    let g = Graph::new();
    let (s, v, m) = (g.scalar("s"), g.tensor("v", &[3]), g.tensor("m", &[2, 3]));
    let n = g.param("n", Type::tensor(DType::I64, &[2]));
    let y = build(s, v, m, n);
    g.compile(y).map(|_| ())
}

pub const CASES: &[Case] = &[
    ("v + m.at(0) of other extents", || used(|_, v, m, _| v + m.transpose().at(0))),
    ("sine of integers", || used(|_, _, _, n| n.sin())),
    ("sum of kinds", || used(|s, _, _, n| s + n)),
    ("choice by a number", || used(|s, v, _, _| s.select(v, v))),
    ("reshape to another count", || used(|_, v, _, _| v.reshape(&[2, 2]))),
    ("permute of too few axes", || used(|_, _, m, _| m.permute(&[0]))),
    ("permute of an axis twice", || used(|_, _, m, _| m.permute(&[0, 0]))),
    ("reverse along an axis beyond", || used(|_, v, _, _| v.reverse(&[1]))),
    ("slice beyond", || used(|_, v, _, _| v.slice(&[0], &[4], &[1]))),
    ("slice of too few axes", || used(|_, _, m, _| m.slice(&[0], &[1], &[1]))),
    ("element beyond", || used(|_, v, _, _| v.at(3))),
    ("element of a number", || used(|s, _, _, _| s.at(0))),
    ("concat of shapes", || used(|_, v, m, _| concat(&[v, m], 0))),
    ("concat along an axis beyond", || used(|_, v, _, _| concat(&[v, v], 1))),
    ("stack of shapes", || used(|s, v, _, _| stack(&[s, v]))),
    ("part of a tensor", || used(|_, v, _, _| v.get(0))),
    ("part beyond", || used(|s, v, _, _| tuple(&[s, v]).get(2))),
    ("field of a tensor", || used(|_, v, _, _| v.field("a"))),
    ("unknown field", || used(|s, v, _, _| record(&[("a", s), ("b", v)]).field("c"))),
    ("field twice", || used(|s, v, _, _| record(&[("a", s), ("a", v)]))),
    ("sum along an axis beyond", || used(|_, v, _, _| v.mean(&[1]))),
    ("largest of nothing", || used(|_, v, _, _| v.slice(&[0], &[0], &[1]).max_element())),
    ("softmax along an axis beyond", || used(|_, v, _, _| v.softmax(1))),
    ("running sum along an axis beyond", || used(|_, v, _, _| v.cumsum(1))),
    ("sort of a number", || used(|s, _, _, _| s.sort(0))),
    ("largest of more than there are", || used(|_, v, _, _| v.top_k(4, 0).0)),
    ("median along an axis beyond", || used(|_, v, _, _| v.median(1))),
    ("product of extents", || used(|_, v, m, _| v.dot(m))),
    ("product of matrices", || used(|_, _, m, _| m.matmul(m))),
    ("einsum of extents", || used(|_, v, m, _| einsum("i,ij->j", &[v, m]))),
    ("einsum of a diagonal that is none", || used(|_, _, m, _| einsum("ii", &[m]))),
    ("einsum of truth values", || used(|_, v, _, _| einsum("i,i", &[v, v.gt(0.0)]))),
    ("einsum of axes that are not named", || used(|_, v, m, _| einsum("i,i", &[v, m]))),
    ("einsum to an axis that is nowhere", || used(|_, v, _, _| einsum("i->k", &[v]))),
    ("einsum of no axes", || used(|_, v, m, _| einsum("i;ij", &[v, m]))),
    ("losses for classes of another shape", || used(|_, _, m, n| m.class_cross_entropy(n, 0))),
    ("a loss for a class that is not there", || used(|_, v, _, _| v.class_cross_entropy(3.0, 0))),
    ("einsum of a wrong count", || used(|_, v, _, _| einsum("i,j->ij", &[v]))),
    ("convolution of matrices by vectors", || used(|_, v, m, _| m.conv(v, ConvSpec::new([Slide::default()])))),
    ("pooling of too many axes", || used(|_, _, m, _| m.max_pool(&[2, 2, 2], &[1; 3], &[0; 3]))),
    ("factor of a rectangle", || used(|_, _, m, _| m.cholesky())),
    ("inverse of a vector", || used(|_, v, _, _| v.inv())),
    ("determinant of a rectangle", || used(|_, _, m, _| m.det())),
    ("system of other rows", || used(|_, v, m, _| m.matmul(m.transpose()).solve(v))),
    ("triangle of other rows", || used(|_, v, m, _| m.matmul(m.transpose()).triangular_solve(v, Triangle::LOWER))),
    ("eigenvalues of integers", || used(|_, _, _, n| n.reshape(&[1, 2]).eigvalsh())),
    ("take by reals", || used(|_, v, _, _| v.take(0, v))),
    ("take along an axis beyond", || used(|_, v, _, n| v.take(1, n))),
    ("gather of a wrong rank", || used(|_, v, _, n| v.gather(n, GatherSpec::default()))),
    ("scatter of other updates", || used(|_, v, m, n| v.scatter_add(0, n, m))),
    ("dynamic slice of too few starts", || used(|_, _, m, _| m.dynamic_slice(&[], &[1, 1]))),
    ("diagonal of a number", || used(|s, _, _, _| s.diag(0))),
    ("triangle of a vector", || used(|_, v, _, _| v.tril(0))),
    ("bits of truth", || used(|s, _, _, _| s.gt(0.0).bitcast(DType::I64))),
    ("gradient of a vector", || {
        let g = Graph::new();
        let x = g.tensor("x", &[2]);
        grad(x.sin(), [x]).map(|_| ())
    }),
    ("gradient by what it does not depend on", || {
        let g = Graph::new();
        let (x, y) = (g.scalar("x"), g.scalar("y"));
        grad(x.sin(), [y]).map(|_| ())
    }),
    ("gradient by an integer", || {
        let g = Graph::new();
        let n = g.param("n", Type::tensor(DType::I64, &[]));
        grad(n.cast(DType::F64).sin(), [n]).map(|_| ())
    }),
    ("gradient of an integer", || {
        let g = Graph::new();
        let x = g.scalar("x");
        grad(x.cast(DType::I64), [x]).map(|_| ())
    }),
    ("tangent of another shape", || {
        let g = Graph::new();
        let (x, v) = (g.tensor("x", &[2]), g.tensor("v", &[3]));
        jvp(x.sin(), x, v).map(|_| ())
    }),
    ("expressions of two graphs", || {
        let (g, h) = (Graph::new(), Graph::new());
        let y = g.scalar("x") + h.scalar("x");
        g.compile(y).map(|_| ())
    }),
    ("a graph that is gone", || {
        let x = Graph::new().scalar("x");
        grad(x.sin(), [x]).map(|_| ())
    }),
    ("a parameter twice", || {
        let g = Graph::new();
        let (x, y) = (g.scalar("x"), g.scalar("x"));
        assert!(!same(x, y));
        g.compile(x + y).map(|_| ())
    }),
    ("a name with a space", || {
        let g = Graph::new();
        let x = g.scalar("a b");
        g.compile(x).map(|_| ())
    }),
    ("only numbers", || grad(Expr::from(1.0), [Expr::from(2.0)]).map(|_| ())),
];
