//! Elements that move: by indices, by slices, by shape.

use wengert::einsum;
use wengert::prelude::*;

use super::{Table, part, reversed};

pub const TABLE: Table = &[
    ("gather", |g, x| {
        let rows = |list: &[i64; 4]| x.take(0, g.integers(&[4], list));
        rows(&[2, 0, 2, 1]).sin() * rows(&[0, 0, 1, 2])
    }),
    ("take along axis", |g, x| x.square().take_along_axis(1, g.integers(&[2, 2], &[2, 0, 1, 1]))),
    ("scatter add", |g, x| {
        let zeros = g.constant(&[3], &[0.0; 3]);
        zeros.scatter_add(0, g.integers(&[4], &[0, 2, 0, 2]), x.square()).square()
    }),
    ("scatter set", |g, x| {
        let updates = part(x, &[0], &[2]).sin();
        x.square().scatter_set(0, g.integers(&[2], &[1, 3]), updates).square()
    }),
    ("dynamic slice", |g, x| {
        let start = g.integers(&[], &[2]);
        (x * x * x).dynamic_slice(&[start], &[2]) * part(x, &[0], &[2])
    }),
    ("pad reverse", |g, x| {
        let half = g.constant(&[1], &[0.5]);
        let square = x.square();
        let one = |i: usize| part(square, &[i], &[i + 1]);
        let padded = concat(&[half, one(0), half, one(1), half, one(2), half, half], 0);
        reversed(padded).square()
    }),
    ("concat slices", |_, x| {
        let every_second = x.slice(&[0], &[5], &[2]).sin();
        concat(&[part(x, &[1], &[4]).square(), every_second], 0).square()
    }),
    ("transpose reshape", |_, x| x.transpose().reshape(&[2, 3]).sin() * x),
    ("triangles", |_, x| x.square().tril(0).matmul(x.sin().triu(1))),
    ("diag", |_, x| x.square().diag(0).matmul(einsum("i,j->ij", &[x, x]))),
    ("scatter mul", |g, x| {
        let updates = part(x, &[0], &[2]).sin();
        x.square().scatter_mul(0, g.integers(&[2], &[1, 3]), updates).square()
    }),
    ("scatter max", |g, x| {
        let zeros = g.constant(&[3], &[0.0; 3]);
        zeros.scatter_max(0, g.integers(&[4], &[0, 2, 0, 2]), x.square()).square()
    }),
    ("dynamic update", |g, x| {
        let patch = part(x, &[0], &[2]).sin();
        x.square().dynamic_update(&[g.integers(&[], &[2])], patch).square()
    }),
    ("windows by indices", |g, x| x.square().take(0, g.integers(&[3, 2], &[2, 3, 0, 1, 1, 2])).square()),
    ("roll", |_, x| concat(&[part(x, &[3], &[4]), part(x, &[0], &[3])], 0).square() * x.sin()),
    ("diagonal above", |_, x| x.square().diag_part(1) * x.diag_part(-1)),
    ("permute", |_, x| x.permute(&[2, 0, 1]).reshape(&[2, 3, 2]).sin() * x),
];
