//! The functions of `tests/data/jax/generate.py`, by name, written with expressions.

use wengert::prelude::*;
use wengert::{ConvSpec, Reduce, ReduceWindow, Slide, Triangle, WindowSpec, einsum};

type Build = fn(Expr) -> Expr;

/// Numbers from 1 to 2 in the shape of y.
fn weights(shape: &[usize]) -> Vec<f64> {
    (0..shape.iter().product()).map(|k: usize| 1.0 + (k * 5 % 7) as f64 / 7.0).collect()
}

/// A constant beside an expression, in its graph.
fn constant(like: Expr, shape: &[usize], elements: &[f64]) -> Expr {
    let number = |&element: &f64| like.sum() * 0.0 + element;
    if shape.is_empty() {
        return number(&elements[0]);
    }
    stack(&elements.iter().map(number).collect::<Vec<_>>()).reshape(shape)
}

fn integers(like: Expr, shape: &[usize], elements: &[i64]) -> Expr {
    let elements: Vec<f64> = elements.iter().map(|&n| n as f64).collect();
    constant(like, shape, &elements).cast(DType::I64)
}

fn weighted(y: Expr) -> Expr {
    let shape = y.shape().expect("a tensor");
    (constant(y, &shape, &weights(&shape)) * y).sum()
}

/// x plus 2, 3, 4, … on the diagonal.
fn regular(x: Expr) -> Expr {
    let n = x.shape().expect("a matrix")[0];
    let diagonal: Vec<f64> = (0..n * n).map(|at| if at / n == at % n { 2.0 + (at / n) as f64 } else { 0.0 }).collect();
    x + constant(x, &[n, n], &diagonal)
}

fn spd(x: Expr) -> Expr {
    regular(x.matmul(x.transpose()))
}

fn part(x: Expr, start: &[usize], limit: &[usize]) -> Expr {
    x.slice(start, limit, &vec![1; start.len()])
}

fn along(low: i64, high: i64, stride: usize, base: usize, window: usize) -> Slide {
    Slide { stride, low, high, base_dilation: base, window_dilation: window }
}

fn gelu_silu(x: Expr) -> Expr {
    x.softplus() + x.gelu() * x.silu()
}

fn recurrence(x: Expr) -> Expr {
    let mut h = x.at(0) * 0.0;
    for row in 0..4 {
        h = (h * 0.5 + x.at(row)).tanh();
    }
    weighted(h * h)
}

fn mlp(x: Expr) -> Expr {
    let w = constant(x, &[2, 3], &[0.3, -0.2, 0.5, 0.1, 0.4, -0.6]);
    w.matmul(x.transpose()).tanh().matmul(x).tanh().square().sum()
}

fn layer_norm(x: Expr) -> Expr {
    weighted(x.layer_norm(&[1], 1e-5))
}

fn reversed(x: Expr) -> Expr {
    x.reverse(&[0])
}

/// The function of this name.
pub fn named(name: &str) -> Build {
    let found = TABLE.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no function `{name}` here")).1
}

const TABLE: [(&str, Build); 75] = [
    ("sum of squares", |x| x.square().sum()),
    ("rosenbrock", |x| {
        let (low, high) = (part(x, &[0], &[3]), part(x, &[1], &[4]));
        ((high - low.square()).square() * 100.0 + (1.0 - low).square()).sum()
    }),
    ("exp sin mix", |x| weighted(x.sin().exp() / (x * x + 1.0))),
    ("log1p expm1", |x| weighted(x.log1p() * (-x).expm1())),
    ("tanh sigmoid", |x| weighted(x.tanh() * (x * 2.0).sigmoid())),
    ("softplus gelu silu", |x| weighted(gelu_silu(x))),
    ("erf erfc", |x| weighted(x.erf() * (x * 0.5).erfc())),
    ("lgamma digamma", |x| weighted(x.lgamma() + x.polygamma(0))),
    ("ndtr log_ndtr", |x| weighted(x.ndtr() + x.log_ndtr())),
    ("erfinv", |x| weighted((x * 0.7).erfinv())),
    ("polygamma", |x| weighted(x.polygamma(1))),
    ("trigonometry", |x| weighted(x.sin() * (x * 2.0).cos() + (x * 0.4).tan())),
    ("inverse trigonometry", |x| weighted((x * 0.6).asin() + (x * 0.5).acos() * x.atan())),
    ("hyperbolic", |x| weighted(x.sinh() * x.cosh() + x.asinh() + (x * 0.5).atanh())),
    ("power", |x| weighted(x.pow(x) + x.powi(3) + x.powi(-2) + x.powf(0.3))),
    ("roots", |x| weighted(x.sqrt() + x.cbrt() + x.rsqrt())),
    ("atan2 hypot logaddexp", |x| {
        let y = reversed(x);
        weighted(x.atan2(y) + x.hypot(y) + x.logaddexp(y * 2.0))
    }),
    ("xlogy", |x| weighted(x.xlogy(reversed(x)) + x.xlog1py(reversed(x)))),
    ("broadcast", |x| weighted(x * part(x, &[0, 0], &[3, 1]) + x.at(0) / (part(x, &[0, 1], &[3, 2]) + 1.0))),
    ("reduce prod", |x| weighted(x.reduce(Reduce::Prod, &[1]))),
    ("reduce max min", |x| weighted(x.square().reduce(Reduce::Max, &[1]) * x.reduce(Reduce::Min, &[1]))),
    ("logsumexp", |x| weighted((x * 3.0).logsumexp(&[1]))),
    ("mean var std", |x| weighted(x.mean(&[1]) * x.var(&[1]) + x.std(&[1]))),
    ("norm", |x| x.norm(&[0])),
    ("softmax", |x| weighted((x * 2.0).softmax(1))),
    ("log softmax", |x| weighted((x * 2.0).log_softmax(1))),
    ("layer norm", layer_norm),
    ("cross entropy", |x| {
        let target = constant(x, &[2, 3], &[0.2, 0.3, 0.5, 1.0, 0.0, 0.0]);
        (x * 3.0).cross_entropy(target, 1).sum()
    }),
    ("cumsum", |x| weighted(x.square().cumsum(1))),
    ("cumprod", |x| weighted(x.cumprod(1))),
    ("cummax", |x| weighted(x.square().cummax(0))),
    ("cumlogsumexp", |x| weighted((x * 2.0).cumlogsumexp(1))),
    ("sort", |x| weighted(x.square().sort(0))),
    ("top k", |x| weighted(x.square().top_k(3, 0).0)),
    ("median", |x| x.square().median(0).square()),
    ("argsort carries", |x| weighted(x.sin().take(0, x.argsort(0)))),
    ("matmul", |x| weighted(x.matmul(x.transpose()).sin())),
    ("batched matmul", |x| weighted(x.matmul(x.sin()))),
    ("einsum three", |x| einsum("ij,jk,ki->", &[x, x.sin(), x * x])),
    ("einsum diagonal", |x| weighted(einsum("ii->i", &[x * x * x]))),
    ("outer", |x| weighted(einsum("i,j->ij", &[x, x * x]).log1p())),
    ("conv", |x| weighted(x.conv(part(x, &[0, 0, 0], &[2, 1, 3]).sin(), ConvSpec::new([Slide::default()])))),
    ("conv stride dilation", |x| {
        weighted(x.conv(part(x, &[0, 0, 0], &[1, 2, 2]).sin(), ConvSpec::new([along(1, 2, 2, 2, 2)])))
    }),
    ("conv negative padding", |x| {
        weighted(x.conv(part(x, &[0, 0, 0], &[1, 1, 2]).cos(), ConvSpec::new([along(-1, -2, 1, 1, 1)])))
    }),
    ("conv groups", |x| {
        let kernel = part(x.reshape(&[4, 1, 3]), &[0, 0, 0], &[4, 1, 2]);
        let kernel = concat(&[kernel, kernel], 1).sin();
        weighted(x.conv(kernel, ConvSpec { feature_groups: 2, ..ConvSpec::new([Slide::default()]) }))
    }),
    ("conv batch groups", |x| {
        let kernel = part(x.sin(), &[0, 0, 0], &[2, 2, 2]);
        weighted(x.conv(kernel, ConvSpec { batch_groups: 2, ..ConvSpec::new([Slide::default()]) }))
    }),
    ("conv plane", |x| {
        weighted(x.conv(part(x, &[0, 0, 0, 0], &[1, 1, 2, 2]).sin(), ConvSpec::new([Slide::default(); 2])))
    }),
    ("max pool", |x| weighted(pooled(x.square(), ReduceWindow::Max, 3, 1))),
    ("sum pool", |x| weighted(pooled(x * x * x, ReduceWindow::Sum, 2, 2))),
    ("gather", |x| {
        let rows = |list: &[i64; 4]| x.take(0, integers(x, &[4], list));
        weighted(rows(&[2, 0, 2, 1]).sin() * rows(&[0, 0, 1, 2]))
    }),
    ("take along axis", |x| weighted(x.square().take_along_axis(1, integers(x, &[2, 2], &[2, 0, 1, 1])))),
    ("scatter add", |x| {
        let zeros = constant(x, &[3], &[0.0; 3]);
        weighted(zeros.scatter_add(0, integers(x, &[4], &[0, 2, 0, 2]), x.square()).square())
    }),
    ("scatter set", |x| {
        let updates = part(x, &[0], &[2]).sin();
        weighted(x.square().scatter_set(0, integers(x, &[2], &[1, 3]), updates).square())
    }),
    ("dynamic slice", |x| {
        let start = integers(x, &[], &[2]);
        weighted((x * x * x).dynamic_slice(&[start], &[2]) * part(x, &[0], &[2]))
    }),
    ("pad reverse", |x| {
        let half = constant(x, &[1], &[0.5]);
        let square = x.square();
        let one = |i: usize| part(square, &[i], &[i + 1]);
        let padded = concat(&[half, one(0), half, one(1), half, one(2), half, half], 0);
        weighted(reversed(padded).square())
    }),
    ("concat slices", |x| {
        let every_second = x.slice(&[0], &[5], &[2]).sin();
        weighted(concat(&[part(x, &[1], &[4]).square(), every_second], 0).square())
    }),
    ("transpose reshape", |x| weighted(x.transpose().reshape(&[2, 3]).sin() * x)),
    ("where", |x| weighted(x.gt(0.0).select(x.sin(), x.exp()) * x)),
    ("clip relu abs", |x| weighted(x.max(-0.2).min(0.3).square() + x.relu().powi(3) + x.abs() * x)),
    ("steps", |x| weighted(x * (x * 3.0).floor() + x * x.cast(DType::I64).cast(DType::F64))),
    ("triangles", |x| weighted(x.square().tril(0).matmul(x.sin().triu(1)))),
    ("diag", |x| weighted(x.square().diag(0).matmul(einsum("i,j->ij", &[x, x])))),
    ("cholesky", |x| weighted(spd(x).cholesky())),
    ("solve", |x| weighted(regular(x).solve(x.sin()))),
    ("triangular solve", |x| weighted(regular(x).triangular_solve(x.square(), Triangle::LOWER))),
    ("inverse", |x| weighted(regular(x).inv())),
    ("determinant", |x| regular(x).det()),
    ("log determinant", |x| regular(x).logdet().square()),
    ("eigenvalues", |x| weighted(spd(x).eigvalsh().powf(1.5))),
    ("singular values", |x| weighted(x.svdvals().powi(3))),
    ("qr", |x| weighted(x.qr().1.diag_part(0).abs().square())),
    ("expm", |x| weighted(x.expm())),
    ("recurrence", recurrence),
    ("gaussian log density", |x| {
        let covariance = spd(einsum("i,j->ij", &[x.sin(), x]));
        x.dot(covariance.solve(x)) * -0.5
    }),
    ("mlp", mlp),
];

fn pooled(x: Expr, op: ReduceWindow, window: usize, stride: usize) -> Expr {
    let spec = WindowSpec {
        window: [1, window].into_iter().collect(),
        slides: vec![Slide::default(), along(0, 0, stride, 1, 1)],
    };
    x.reduce_window(op, spec)
}
