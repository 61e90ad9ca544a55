"""Tensor functions differentiated by JAX: `python3 generate.py > witness.txt`.

A function takes one tensor x and gives one number. Element k of x is offset + frac(0.6180339887498949 (k + 1)) and of
the direction v is 2 frac(0.7548776662466927 (k + 1)) - 1. A line is

    name | shape | offset | f(x) | gradient | Hessian times v | third derivative along v

`tests/witness.rs` has the same functions by name. Versions of the file here: JAX 0.10.2, double precision.
"""

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy import linalg as sl
from jax.scipy import special as sp

jax.config.update("jax_enable_x64", True)


def weights(shape):
    n = 1
    for extent in shape:
        n *= extent
    k = jnp.arange(n)
    return (1.0 + (k * 5 % 7) / 7.0).reshape(shape)


def weighted(y):
    return jnp.sum(weights(y.shape) * y)


def spd(x):
    return x @ x.T + jnp.diag(2.0 + jnp.arange(x.shape[0]))


def regular(x):
    return x + jnp.diag(2.0 + jnp.arange(x.shape[0]))


def conv(x, k, stride=(1,), padding=((0, 0),), lhs=(1,), rhs=(1,), groups=1, batch=1):
    return lax.conv_general_dilated(
        x, k, stride, padding, lhs, rhs, ("NCH", "OIH", "NCH"), feature_group_count=groups, batch_group_count=batch
    )


def scan(x):
    h = jnp.zeros(2)
    for row in x:
        h = jnp.tanh(h * 0.5 + row)
    return weighted(h * h)


I = jnp.array
FUNCTIONS = [
    ("sum of squares", [5], 0.0, lambda x: jnp.sum(x * x)),
    ("rosenbrock", [4], 0.2, lambda x: jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)),
    ("exp sin mix", [2, 3], 0.0, lambda x: weighted(jnp.exp(jnp.sin(x)) / (1 + x * x))),
    ("log1p expm1", [4], 0.0, lambda x: weighted(jnp.log1p(x) * jnp.expm1(-x))),
    ("tanh sigmoid", [4], -0.5, lambda x: weighted(jnp.tanh(x) * jax.nn.sigmoid(2 * x))),
    ("softplus gelu silu", [4], -0.5, lambda x: weighted(jax.nn.softplus(x) + jax.nn.gelu(x, approximate=False) * jax.nn.silu(x))),
    ("erf erfc", [4], -0.5, lambda x: weighted(sp.erf(x) * sp.erfc(0.5 * x))),
    ("lgamma digamma", [4], 1.2, lambda x: weighted(sp.gammaln(x) + sp.digamma(x))),
    ("ndtr log_ndtr", [4], -0.5, lambda x: weighted(sp.ndtr(x) + sp.log_ndtr(x))),
    ("erfinv", [3], -0.6, lambda x: weighted(sp.erfinv(0.7 * x))),
    ("polygamma", [3], 1.1, lambda x: weighted(sp.polygamma(1, x))),
    ("trigonometry", [4], 0.1, lambda x: weighted(jnp.sin(x) * jnp.cos(2 * x) + jnp.tan(0.4 * x))),
    ("inverse trigonometry", [4], -0.4, lambda x: weighted(jnp.arcsin(0.6 * x) + jnp.arccos(0.5 * x) * jnp.arctan(x))),
    ("hyperbolic", [4], 0.1, lambda x: weighted(jnp.sinh(x) * jnp.cosh(x) + jnp.arcsinh(x) + jnp.arctanh(0.5 * x))),
    ("power", [3], 0.5, lambda x: weighted(x**x + x**3 + x**-2 + x**0.3)),
    ("roots", [3], 0.5, lambda x: weighted(jnp.sqrt(x) + jnp.cbrt(x) + lax.rsqrt(x))),
    ("atan2 hypot logaddexp", [4], 0.3, lambda x: weighted(jnp.arctan2(x, x[::-1]) + jnp.hypot(x, x[::-1]) + jnp.logaddexp(x, 2 * x[::-1]))),
    ("xlogy", [3], 0.4, lambda x: weighted(sp.xlogy(x, x[::-1]) + sp.xlog1py(x, x[::-1]))),
    ("broadcast", [3, 2], 0.1, lambda x: weighted(x * x[:, :1] + x[0] / (1 + x[:, 1:]))),
    ("reduce prod", [2, 3], -0.4, lambda x: weighted(jnp.prod(x, axis=1))),
    ("reduce max min", [2, 3], 0.0, lambda x: weighted(jnp.max(x * x, axis=1) * jnp.min(x, axis=1))),
    ("logsumexp", [2, 3], 0.0, lambda x: weighted(sp.logsumexp(3 * x, axis=1))),
    ("mean var std", [2, 4], 0.0, lambda x: weighted(jnp.mean(x, 1) * jnp.var(x, 1) + jnp.std(x, 1))),
    ("norm", [5], 0.1, lambda x: jnp.sqrt(jnp.sum(x * x))),
    ("softmax", [2, 3], 0.0, lambda x: weighted(jax.nn.softmax(2 * x, axis=1))),
    ("log softmax", [2, 3], 0.0, lambda x: weighted(jax.nn.log_softmax(2 * x, axis=1))),
    ("layer norm", [2, 4], 0.0, lambda x: weighted((x - x.mean(1, keepdims=True)) / jnp.sqrt(x.var(1, keepdims=True) + 1e-5))),
    ("cross entropy", [2, 3], 0.0, lambda x: -jnp.sum(I([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]) * jax.nn.log_softmax(3 * x, axis=1))),
    ("cumsum", [2, 3], 0.0, lambda x: weighted(jnp.cumsum(x * x, axis=1))),
    ("cumprod", [2, 3], 0.2, lambda x: weighted(jnp.cumprod(x, axis=1))),
    ("cummax", [6], 0.0, lambda x: weighted(lax.cummax(x * x))),
    ("cumlogsumexp", [2, 3], 0.0, lambda x: weighted(lax.cumlogsumexp(2 * x, axis=1))),
    ("sort", [5], 0.0, lambda x: weighted(jnp.sort(x * x))),
    ("top k", [6], 0.0, lambda x: weighted(lax.top_k(x * x, 3)[0])),
    ("median", [5], 0.0, lambda x: jnp.median(x * x) ** 2),
    ("argsort carries", [5], 0.0, lambda x: weighted(jnp.sin(x)[jnp.argsort(x)])),
    ("matmul", [2, 3], 0.0, lambda x: weighted(jnp.sin(x @ x.T))),
    ("batched matmul", [2, 2, 2], 0.0, lambda x: weighted(jnp.einsum("bij,bjk->bik", x, jnp.sin(x)))),
    ("einsum three", [2, 2], 0.0, lambda x: jnp.einsum("ij,jk,ki->", x, jnp.sin(x), x * x)),
    ("einsum diagonal", [3, 3], 0.0, lambda x: weighted(jnp.einsum("ii->i", x * x * x))),
    ("outer", [3], 0.1, lambda x: weighted(jnp.log1p(jnp.outer(x, x * x)))),
    ("conv", [2, 1, 5], 0.0, lambda x: weighted(conv(x, jnp.sin(x[:, :, :3])))),
    ("conv stride dilation", [1, 2, 6], 0.0, lambda x: weighted(conv(x, jnp.sin(x[:, :, :2]), (2,), ((1, 2),), (2,), (2,)))),
    ("conv negative padding", [1, 1, 7], 0.0, lambda x: weighted(conv(x, jnp.cos(x[:, :, :2]), (1,), ((-1, -2),)))),
    ("conv groups", [1, 4, 3], 0.0, lambda x: weighted(conv(x, jnp.sin(x.reshape(4, 1, 3)[:, :, :2]).repeat(2, 1).reshape(4, 2, 2), groups=2))),
    ("conv batch groups", [2, 2, 3], 0.0, lambda x: weighted(conv(x, jnp.sin(x)[:, :, :2], batch=2))),
    ("conv plane", [1, 1, 3, 3], 0.0, lambda x: weighted(lax.conv_general_dilated(x, jnp.sin(x[:, :, :2, :2]), (1, 1), "VALID"))),
    ("max pool", [1, 6], 0.0, lambda x: weighted(lax.reduce_window(x * x, -jnp.inf, lax.max, (1, 3), (1, 1), "VALID"))),
    ("sum pool", [1, 6], 0.0, lambda x: weighted(lax.reduce_window(x * x * x, 0.0, lax.add, (1, 2), (1, 2), "VALID"))),
    ("gather", [3, 2], 0.0, lambda x: weighted(jnp.sin(x[I([2, 0, 2, 1])]) * x[I([0, 0, 1, 2])])),
    ("take along axis", [2, 3], 0.0, lambda x: weighted(jnp.take_along_axis(x * x, I([[2, 0], [1, 1]]), axis=1))),
    ("scatter add", [4], 0.0, lambda x: weighted(jnp.zeros(3).at[I([0, 2, 0, 2])].add(x * x) ** 2)),
    ("scatter set", [4], 0.0, lambda x: weighted((x * x).at[I([1, 3])].set(jnp.sin(x[:2])) ** 2)),
    ("dynamic slice", [5], 0.0, lambda x: weighted(lax.dynamic_slice(x * x * x, (2,), (2,)) * x[:2])),
    ("pad reverse", [3], 0.0, lambda x: weighted(lax.pad(x * x, 0.5, [(1, 2, 1)])[::-1] ** 2)),
    ("concat slices", [5], 0.0, lambda x: weighted(jnp.concatenate([x[1:4] ** 2, jnp.sin(x[::2])]) ** 2)),
    ("transpose reshape", [2, 3], 0.0, lambda x: weighted(jnp.sin(x.T.reshape(2, 3)) * x)),
    ("where", [6], -0.5, lambda x: weighted(jnp.where(x > 0, jnp.sin(x), jnp.exp(x)) * x)),
    ("clip relu abs", [6], -0.5, lambda x: weighted(jnp.clip(x, -0.2, 0.3) ** 2 + jax.nn.relu(x) ** 3 + jnp.abs(x) * x)),
    ("steps", [4], 0.3, lambda x: weighted(x * jnp.floor(3 * x) + x * jnp.trunc(x).astype(jnp.int64))),
    ("triangles", [3, 3], 0.0, lambda x: weighted(jnp.tril(x * x) @ jnp.triu(jnp.sin(x), 1))),
    ("diag", [3], 0.0, lambda x: weighted(jnp.diag(x * x) @ jnp.outer(x, x))),
    ("cholesky", [3, 3], 0.0, lambda x: weighted(jnp.linalg.cholesky(spd(x)))),
    ("solve", [3, 3], 0.0, lambda x: weighted(jnp.linalg.solve(regular(x), jnp.sin(x)))),
    ("triangular solve", [3, 3], 0.0, lambda x: weighted(sl.solve_triangular(regular(x), x * x, lower=True))),
    ("inverse", [2, 2], 0.0, lambda x: weighted(jnp.linalg.inv(regular(x)))),
    ("determinant", [3, 3], 0.0, lambda x: jnp.linalg.det(regular(x))),
    ("log determinant", [3, 3], 0.0, lambda x: jnp.linalg.slogdet(regular(x))[1] ** 2),
    ("eigenvalues", [3, 3], 0.0, lambda x: weighted(jnp.linalg.eigvalsh(spd(x)) ** 1.5)),
    ("singular values", [3, 2], 0.0, lambda x: weighted(jnp.linalg.svd(x, compute_uv=False) ** 3)),
    ("qr", [3, 2], 0.1, lambda x: weighted(jnp.abs(jnp.diag(jnp.linalg.qr(x)[1])) ** 2)),
    ("expm", [2, 2], 0.0, lambda x: weighted(sl.expm(x))),
    ("recurrence", [4, 2], -0.3, scan),
    ("gaussian log density", [3], 0.0, lambda x: -0.5 * x @ jnp.linalg.solve(spd(jnp.outer(jnp.sin(x), x)), x)),
    ("mlp", [4, 3], -0.4, lambda x: jnp.sum(jnp.tanh(jnp.tanh(I([[0.3, -0.2, 0.5], [0.1, 0.4, -0.6]]) @ x.T) @ x) ** 2)),
]


def frac(x):
    return x - jnp.floor(x)


def numbers(x):
    return " ".join(repr(float(e)) for e in jnp.ravel(x))


for name, shape, offset, f in FUNCTIONS:
    n = int(jnp.prod(jnp.array(shape)))
    k = jnp.arange(1, n + 1)
    x = (offset + frac(0.6180339887498949 * k)).reshape(shape)
    v = (2 * frac(0.7548776662466927 * k) - 1).reshape(shape)
    along = lambda f: lambda x: jax.jvp(f, (x,), (v,))[1]
    hvp = jax.jvp(jax.grad(f), (x,), (v,))[1]
    third = along(along(along(f)))(x)
    print(f"{name} | {'x'.join(map(str, shape))} | {offset} | {float(f(x))!r} | {numbers(jax.grad(f)(x))} | {numbers(hvp)} | {float(third)!r}")
