//! Linear algebra.

use wengert::Triangle;

use super::{Table, regular, spd};

pub const TABLE: Table = &[
    ("cholesky", |g, x| spd(g, x).cholesky()),
    ("solve", |g, x| regular(g, x).solve(x.sin())),
    ("triangular solve", |g, x| regular(g, x).triangular_solve(x.square(), Triangle::LOWER)),
    ("inverse", |g, x| regular(g, x).inv()),
    ("determinant", |g, x| regular(g, x).det()),
    ("log determinant", |g, x| regular(g, x).logdet().square()),
    ("eigenvalues", |g, x| spd(g, x).eigvalsh().powf(1.5)),
    ("singular values", |_, x| x.svdvals().powi(3)),
    ("qr", |_, x| x.qr().1.diag_part(0).abs().square()),
    ("expm", |_, x| x.expm()),
    ("batched solve", |g, x| regular(g, x).solve(x.cos())),
    ("batched determinant", |_, x| x.det()),
    ("sign of the determinant", |g, x| {
        let (sign, log) = (x - g.constant(&[2, 2], &[0.0, 2.0, 2.0, 0.0])).slogdet();
        sign * log
    }),
    ("orthogonal factor", |_, x| {
        let (q, r) = x.qr();
        q * r.diag_part(0).sign()
    }),
    ("function of a symmetric matrix", |g, x| {
        let (w, v) = spd(g, x).eigh();
        (v * (w * 0.3).exp()).matmul(v.transpose())
    }),
    ("eigenvectors squared", |g, x| spd(g, x).eigh().1.square()),
    ("polar factor", |_, x| {
        let (u, _, vt) = x.svd();
        u.matmul(vt)
    }),
    ("nuclear and spectral norm", |_, x| x.norm_nuclear() * x.norm_spectral()),
    ("gaussian by cholesky", |g, x| {
        let l = spd(g, x).cholesky();
        l.diag_part(0).ln().sum() * 2.0 + l.triangular_solve(x, Triangle::LOWER).square().sum()
    }),
    ("transposed triangular solve", |g, x| {
        let triangle = Triangle { upper: true, transposed: true, unit: false };
        regular(g, x).triangular_solve(x.sin(), triangle)
    }),
    ("unit triangular solve", |_, x| x.triangular_solve(x * x, Triangle { unit: true, ..Triangle::LOWER })),
    ("lu", |g, x| regular(g, x).lu().0),
    ("expm of three rows", |_, x| (x * 2.0).expm()),
];
