"""Tensor functions differentiated by JAX: `python3 generate.py > witness.txt`.

A function takes one tensor x and gives a tensor; f is the sum of its elements with the weights of `weights`. Element k
of x is offset + frac(0.6180339887498949 (k + 1)) and of the direction v is 2 frac(0.7548776662466927 (k + 1)) - 1. A
line is

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
    return x + jnp.diag(2.0 + jnp.arange(x.shape[-1]))


def conv(x, k, stride=(1,), padding=((0, 0),), lhs=(1,), rhs=(1,), groups=1, batch=1):
    return lax.conv_general_dilated(
        x, k, stride, padding, lhs, rhs, ("NCH", "OIH", "NCH"), feature_group_count=groups, batch_group_count=batch
    )


def summed(x, window, stride, padding):
    return lax.reduce_window(x, 0.0, lax.add, (1, window), (1, stride), ((0, 0), padding))


def scan(x):
    h = jnp.zeros(2)
    for row in x:
        h = jnp.tanh(h * 0.5 + row)
    return h * h


def newton(x):
    y = x
    for _ in range(5):
        y = y - (y * y * y - x) / (3 * y * y)
    return y


def pendulum(x):
    """Three steps of Runge and Kutta."""
    slope = lambda x: jnp.stack([x[1], -jnp.sin(x[0])])
    for _ in range(3):
        a = slope(x)
        b = slope(x + 0.1 * a)
        c = slope(x + 0.1 * b)
        d = slope(x + 0.2 * c)
        x = x + 0.2 / 6 * (a + 2 * b + 2 * c + d)
    return x


def gated(x):
    h = jnp.zeros(2)
    for row in x:
        z = jax.nn.sigmoid(row + 0.5 * h)
        h = (1 - z) * h + z * jnp.tanh(2 * row - h)
    return h


def power(x):
    a = x @ x.T
    v = jnp.ones(2)
    for _ in range(3):
        v = a @ v
        v = v / jnp.linalg.norm(v)
    return v @ a @ v


def transfer(x):
    """The logarithm of the partition function of a ring of spins."""
    product = jnp.eye(2)
    for field, coupling in x:
        product = product @ jnp.exp(I([[1.0, -1.0], [-1.0, 1.0]]) * coupling + I([[1.0, 0.0], [0.0, -1.0]]) * field)
    return jnp.log(jnp.trace(product))


I = jnp.array
FUNCTIONS = [
    ("sum of squares", [5], 0.0, lambda x: jnp.sum(x * x)),
    ("rosenbrock", [4], 0.2, lambda x: jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)),
    ("exp sin mix", [2, 3], 0.0, lambda x: jnp.exp(jnp.sin(x)) / (1 + x * x)),
    ("log1p expm1", [4], 0.0, lambda x: jnp.log1p(x) * jnp.expm1(-x)),
    ("tanh sigmoid", [4], -0.5, lambda x: jnp.tanh(x) * jax.nn.sigmoid(2 * x)),
    ("softplus gelu silu", [4], -0.5, lambda x: jax.nn.softplus(x) + jax.nn.gelu(x, approximate=False) * jax.nn.silu(x)),
    ("erf erfc", [4], -0.5, lambda x: sp.erf(x) * sp.erfc(0.5 * x)),
    ("lgamma digamma", [4], 1.2, lambda x: sp.gammaln(x) + sp.digamma(x)),
    ("ndtr log_ndtr", [4], -0.5, lambda x: sp.ndtr(x) + sp.log_ndtr(x)),
    ("erfinv", [3], -0.6, lambda x: sp.erfinv(0.7 * x)),
    ("polygamma", [3], 1.1, lambda x: sp.polygamma(1, x)),
    ("trigonometry", [4], 0.1, lambda x: jnp.sin(x) * jnp.cos(2 * x) + jnp.tan(0.4 * x)),
    ("inverse trigonometry", [4], -0.4, lambda x: jnp.arcsin(0.6 * x) + jnp.arccos(0.5 * x) * jnp.arctan(x)),
    ("hyperbolic", [4], 0.1, lambda x: jnp.sinh(x) * jnp.cosh(x) + jnp.arcsinh(x) + jnp.arctanh(0.5 * x)),
    ("power", [3], 0.5, lambda x: x**x + x**3 + x**-2 + x**0.3),
    ("roots", [3], 0.5, lambda x: jnp.sqrt(x) + jnp.cbrt(x) + lax.rsqrt(x)),
    ("atan2 hypot logaddexp", [4], 0.3, lambda x: jnp.arctan2(x, x[::-1]) + jnp.hypot(x, x[::-1]) + jnp.logaddexp(x, 2 * x[::-1])),
    ("xlogy", [3], 0.4, lambda x: sp.xlogy(x, x[::-1]) + sp.xlog1py(x, x[::-1])),
    ("broadcast", [3, 2], 0.1, lambda x: x * x[:, :1] + x[0] / (1 + x[:, 1:])),
    ("reduce prod", [2, 3], -0.4, lambda x: jnp.prod(x, axis=1)),
    ("reduce max min", [2, 3], 0.0, lambda x: jnp.max(x * x, axis=1) * jnp.min(x, axis=1)),
    ("logsumexp", [2, 3], 0.0, lambda x: sp.logsumexp(3 * x, axis=1)),
    ("mean var std", [2, 4], 0.0, lambda x: jnp.mean(x, 1) * jnp.var(x, 1) + jnp.std(x, 1)),
    ("norm", [5], 0.1, lambda x: jnp.sqrt(jnp.sum(x * x))),
    ("softmax", [2, 3], 0.0, lambda x: jax.nn.softmax(2 * x, axis=1)),
    ("log softmax", [2, 3], 0.0, lambda x: jax.nn.log_softmax(2 * x, axis=1)),
    ("layer norm", [2, 4], 0.0, lambda x: (x - x.mean(1, keepdims=True)) / jnp.sqrt(x.var(1, keepdims=True) + 1e-5)),
    ("cross entropy", [2, 3], 0.0, lambda x: -jnp.sum(I([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]) * jax.nn.log_softmax(3 * x, axis=1))),
    ("cumsum", [2, 3], 0.0, lambda x: jnp.cumsum(x * x, axis=1)),
    ("cumprod", [2, 3], 0.2, lambda x: jnp.cumprod(x, axis=1)),
    ("cummax", [6], 0.0, lambda x: lax.cummax(x * x)),
    ("cumlogsumexp", [2, 3], 0.0, lambda x: lax.cumlogsumexp(2 * x, axis=1)),
    ("sort", [5], 0.0, lambda x: jnp.sort(x * x)),
    ("top k", [6], 0.0, lambda x: lax.top_k(x * x, 3)[0]),
    ("median", [5], 0.0, lambda x: jnp.median(x * x) ** 2),
    ("argsort carries", [5], 0.0, lambda x: jnp.sin(x)[jnp.argsort(x)]),
    ("matmul", [2, 3], 0.0, lambda x: jnp.sin(x @ x.T)),
    ("batched matmul", [2, 2, 2], 0.0, lambda x: jnp.einsum("bij,bjk->bik", x, jnp.sin(x))),
    ("einsum three", [2, 2], 0.0, lambda x: jnp.einsum("ij,jk,ki->", x, jnp.sin(x), x * x)),
    ("einsum diagonal", [3, 3], 0.0, lambda x: jnp.einsum("ii->i", x * x * x)),
    ("outer", [3], 0.1, lambda x: jnp.log1p(jnp.outer(x, x * x))),
    ("conv", [2, 1, 5], 0.0, lambda x: conv(x, jnp.sin(x[:, :, :3]))),
    ("conv stride dilation", [1, 2, 6], 0.0, lambda x: conv(x, jnp.sin(x[:, :, :2]), (2,), ((1, 2),), (2,), (2,))),
    ("conv negative padding", [1, 1, 7], 0.0, lambda x: conv(x, jnp.cos(x[:, :, :2]), (1,), ((-1, -2),))),
    ("conv groups", [1, 4, 3], 0.0, lambda x: conv(x, jnp.sin(x.reshape(4, 1, 3)[:, :, :2]).repeat(2, 1).reshape(4, 2, 2), groups=2)),
    ("conv batch groups", [2, 2, 3], 0.0, lambda x: conv(x, jnp.sin(x)[:, :, :2], batch=2)),
    ("conv plane", [1, 1, 3, 3], 0.0, lambda x: lax.conv_general_dilated(x, jnp.sin(x[:, :, :2, :2]), (1, 1), "VALID")),
    ("max pool", [1, 6], 0.0, lambda x: lax.reduce_window(x * x, -jnp.inf, lax.max, (1, 3), (1, 1), "VALID")),
    ("sum pool", [1, 6], 0.0, lambda x: lax.reduce_window(x * x * x, 0.0, lax.add, (1, 2), (1, 2), "VALID")),
    ("gather", [3, 2], 0.0, lambda x: jnp.sin(x[I([2, 0, 2, 1])]) * x[I([0, 0, 1, 2])]),
    ("take along axis", [2, 3], 0.0, lambda x: jnp.take_along_axis(x * x, I([[2, 0], [1, 1]]), axis=1)),
    ("scatter add", [4], 0.0, lambda x: jnp.zeros(3).at[I([0, 2, 0, 2])].add(x * x) ** 2),
    ("scatter set", [4], 0.0, lambda x: (x * x).at[I([1, 3])].set(jnp.sin(x[:2])) ** 2),
    ("dynamic slice", [5], 0.0, lambda x: lax.dynamic_slice(x * x * x, (2,), (2,)) * x[:2]),
    ("pad reverse", [3], 0.0, lambda x: lax.pad(x * x, 0.5, [(1, 2, 1)])[::-1] ** 2),
    ("concat slices", [5], 0.0, lambda x: jnp.concatenate([x[1:4] ** 2, jnp.sin(x[::2])]) ** 2),
    ("transpose reshape", [2, 3], 0.0, lambda x: jnp.sin(x.T.reshape(2, 3)) * x),
    ("where", [6], -0.5, lambda x: jnp.where(x > 0, jnp.sin(x), jnp.exp(x)) * x),
    ("clip relu abs", [6], -0.5, lambda x: jnp.clip(x, -0.2, 0.3) ** 2 + jax.nn.relu(x) ** 3 + jnp.abs(x) * x),
    ("steps", [4], 0.3, lambda x: x * jnp.floor(3 * x) + x * jnp.trunc(x).astype(jnp.int64)),
    ("triangles", [3, 3], 0.0, lambda x: jnp.tril(x * x) @ jnp.triu(jnp.sin(x), 1)),
    ("diag", [3], 0.0, lambda x: jnp.diag(x * x) @ jnp.outer(x, x)),
    ("cholesky", [3, 3], 0.0, lambda x: jnp.linalg.cholesky(spd(x))),
    ("solve", [3, 3], 0.0, lambda x: jnp.linalg.solve(regular(x), jnp.sin(x))),
    ("triangular solve", [3, 3], 0.0, lambda x: sl.solve_triangular(regular(x), x * x, lower=True)),
    ("inverse", [2, 2], 0.0, lambda x: jnp.linalg.inv(regular(x))),
    ("determinant", [3, 3], 0.0, lambda x: jnp.linalg.det(regular(x))),
    ("log determinant", [3, 3], 0.0, lambda x: jnp.linalg.slogdet(regular(x))[1] ** 2),
    ("eigenvalues", [3, 3], 0.0, lambda x: jnp.linalg.eigvalsh(spd(x)) ** 1.5),
    ("singular values", [3, 2], 0.0, lambda x: jnp.linalg.svd(x, compute_uv=False) ** 3),
    ("qr", [3, 2], 0.1, lambda x: jnp.abs(jnp.diag(jnp.linalg.qr(x)[1])) ** 2),
    ("expm", [2, 2], 0.0, lambda x: sl.expm(x)),
    ("recurrence", [4, 2], -0.3, scan),
    ("gaussian log density", [3], 0.0, lambda x: -0.5 * x @ jnp.linalg.solve(spd(jnp.outer(jnp.sin(x), x)), x)),
    ("mlp", [4, 3], -0.4, lambda x: jnp.sum(jnp.tanh(jnp.tanh(I([[0.3, -0.2, 0.5], [0.1, 0.4, -0.6]]) @ x.T) @ x) ** 2)),
    ("activations", [4], -0.5, lambda x: jax.nn.mish(x) + jax.nn.elu(x) * jax.nn.soft_sign(x) + jax.nn.log_sigmoid(2 * x)),
    ("gelu tanh", [4], -0.5, lambda x: jax.nn.gelu(1.5 * x, approximate=True)),
    ("logit log_cosh", [3], 0.02, lambda x: sp.logit(0.9 * x) + jnp.logaddexp(x, -x)),
    ("bases", [4], 0.0, lambda x: jnp.exp2(x) + jnp.log2(x + 1) * jnp.log10(x + 2) + 10.0**x),
    ("sinc", [3], 0.1, lambda x: jnp.sinc(x)),
    ("tails", [3], -8.0, lambda x: sp.log_ndtr(x) + jax.nn.log_sigmoid(5 * x) + jax.nn.softplus(3 * x)),
    ("gamma beta", [3], 0.5, lambda x: jnp.exp(sp.gammaln(x)) + sp.betaln(x, x * x + 1)),
    ("remainder copysign", [4], 0.0, lambda x: jnp.fmod(3 * x, 0.7) * x + jnp.copysign(x * x, x - 0.5)),
    ("guarded where", [4], -0.5, lambda x: jnp.where(x > 0, jnp.log(jnp.where(x > 0, x, 1.0)) * x, x**3)),
    ("huber", [6], -0.5, lambda x: jnp.where(jnp.abs(x) < 0.25, 0.5 * x * x, 0.25 * (jnp.abs(x) - 0.125))),
    ("largest of three", [5], 0.0, lambda x: jnp.maximum(jnp.maximum(jnp.sin(3 * x), x * x), 0.3)),
    ("polygamma orders", [3], 1.1, lambda x: sp.polygamma(2, x) + 0.1 * sp.polygamma(3, x)),
    ("means of several axes", [2, 2, 3], 0.0, lambda x: jnp.sin(x).mean((0, 2)) ** 2),
    ("norm of rows", [3, 2], 0.1, lambda x: jnp.linalg.norm(x, axis=1)),
    ("layer norm of planes", [2, 2, 2], 0.0, lambda x: (x - x.mean((1, 2), keepdims=True)) / jnp.sqrt(x.var((1, 2), keepdims=True) + 1e-3) * jnp.sin(x)),
    ("rms norm", [2, 3], 0.0, lambda x: x * lax.rsqrt(jnp.mean(x * x, 1, keepdims=True) + 1e-5)),
    ("masked softmax", [2, 3], 0.0, lambda x: jax.nn.softmax(jnp.where(x > 0.3, 2 * x, -jnp.inf), axis=1)),
    ("masked logsumexp", [2, 3], 0.0, lambda x: sp.logsumexp(jnp.where(x > 0.3, 3 * x, -jnp.inf), axis=1)),
    ("class cross entropy", [2, 3], 0.0, lambda x: -jax.nn.log_softmax(3 * x, axis=1)[jnp.arange(2), I([2, 0])]),
    ("prod with a zero", [4], 0.0, lambda x: jnp.prod(x - x[1])),
    ("cumprod reverse", [4], 0.1, lambda x: lax.cumprod(x, reverse=True)),
    ("cummin reverse", [6], 0.0, lambda x: lax.cummin(x * x, reverse=True)),
    ("sort descending", [2, 3], 0.0, lambda x: -jnp.sort(-x * x, axis=1)),
    ("sort carries", [5], 0.0, lambda x: lax.sort((x * x, jnp.sin(3 * x)), num_keys=1)[1]),
    ("median of even many", [6], 0.0, lambda x: jnp.median(x * x) ** 2),
    ("top k places", [5], 0.0, lambda x: jnp.sin(x)[lax.top_k(x * x, 2)[1]] * x[:2]),
    ("argmax", [5], 0.0, lambda x: x[jnp.argmax(jnp.sin(3 * x))] ** 3),
    ("one hot", [4], 0.0, lambda x: jax.nn.one_hot(jnp.floor(3 * x).astype(jnp.int64), 3, dtype=x.dtype) * (x * x)[:, None]),
    ("einsum batch", [2, 2, 2], 0.0, lambda x: jnp.einsum("bij,bjk->kbi", x, jnp.cos(x))),
    ("einsum ellipsis", [2, 2, 2], 0.0, lambda x: jnp.einsum("...i,ji->...j", x, jnp.exp(x[0]))),
    ("tensordot", [2, 3, 2], 0.0, lambda x: jnp.tensordot(x, jnp.sin(x), axes=([0, 2], [0, 2]))),
    ("attention", [3, 2], 0.0, lambda x: jax.nn.softmax(x @ x.T / 2**0.5, axis=1) @ jnp.tanh(x)),
    ("avg pool", [1, 6], 0.0, lambda x: summed(x * x, 3, 2, (1, 1)) / summed(jnp.ones([1, 6]), 3, 2, (1, 1))),
    ("min pool dilated", [1, 6], 0.0, lambda x: jnp.minimum((x * x)[:, :5], jnp.pad((x * x)[:, 2:], ((0, 0), (0, 1)), constant_values=jnp.inf))),
    ("max pool plane", [1, 1, 4, 4], 0.0, lambda x: lax.reduce_window(x * x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")),
    ("conv transposed plane", [1, 1, 2, 2], 0.0, lambda x: lax.conv_general_dilated(x, jnp.sin(x), (1, 1), ((1, 1), (1, 1)), (2, 2))),
    ("conv depthwise plane", [1, 2, 3, 3], 0.0, lambda x: lax.conv_general_dilated(x, jnp.sin(x.reshape(2, 1, 3, 3)[:, :, :2, :2]), (1, 1), "VALID", feature_group_count=2)),
    ("scatter mul", [4], 0.0, lambda x: (x * x).at[I([1, 3])].mul(jnp.sin(x[:2]), unique_indices=True) ** 2),
    ("scatter max", [4], 0.0, lambda x: jnp.zeros(3).at[I([0, 2, 0, 2])].max(x * x) ** 2),
    ("dynamic update", [5], 0.0, lambda x: lax.dynamic_update_slice(x * x, jnp.sin(x[:2]), (2,)) ** 2),
    ("windows by indices", [4], 0.0, lambda x: (x * x)[I([[2, 3], [0, 1], [1, 2]])] ** 2),
    ("roll", [4], 0.0, lambda x: jnp.roll(x * x, 1) * jnp.sin(x)),
    ("diagonal above", [3, 3], 0.0, lambda x: jnp.diagonal(x * x, offset=1) * jnp.diagonal(x, offset=-1)),
    ("permute", [2, 3, 2], 0.0, lambda x: jnp.sin(jnp.transpose(x, (2, 0, 1)).reshape(2, 3, 2)) * x),
    ("batched solve", [2, 2, 2], 0.0, lambda x: jnp.linalg.solve(regular(x), jnp.cos(x))),
    ("batched determinant", [2, 2, 2], 0.0, lambda x: jnp.linalg.det(x)),
    ("sign of the determinant", [2, 2], 0.0, lambda x: jnp.prod(jnp.stack(jnp.linalg.slogdet(x - 2 * jnp.eye(2)[::-1])))),
    ("orthogonal factor", [3, 2], 0.1, lambda x: (lambda q, r: q * jnp.sign(jnp.diag(r)))(*jnp.linalg.qr(x))),
    ("function of a symmetric matrix", [3, 3], 0.0, lambda x: (lambda w, v: (v * jnp.exp(0.3 * w)) @ v.T)(*jnp.linalg.eigh(spd(x)))),
    ("eigenvectors squared", [3, 3], 0.0, lambda x: jnp.linalg.eigh(spd(x))[1] ** 2),
    ("polar factor", [3, 2], 0.0, lambda x: (lambda u, s, vt: u @ vt)(*jnp.linalg.svd(x, full_matrices=False))),
    ("nuclear and spectral norm", [2, 3], 0.0, lambda x: jnp.linalg.norm(x, "nuc") * jnp.linalg.norm(x, 2)),
    ("gaussian by cholesky", [2, 2], 0.0, lambda x: (lambda l: 2 * jnp.sum(jnp.log(jnp.diag(l))) + jnp.sum(sl.solve_triangular(l, x, lower=True) ** 2))(jnp.linalg.cholesky(spd(x)))),
    ("transposed triangular solve", [2, 2], 0.0, lambda x: sl.solve_triangular(regular(x), jnp.sin(x), trans=1, lower=False)),
    ("unit triangular solve", [3, 3], 0.0, lambda x: sl.solve_triangular(x, x * x, lower=True, unit_diagonal=True)),
    ("lu", [3, 3], 0.0, lambda x: lax.linalg.lu(regular(x))[0]),
    ("expm of three rows", [3, 3], -0.5, lambda x: sl.expm(2 * x)),
    ("newton", [3], 0.5, newton),
    ("pendulum", [2], 0.3, pendulum),
    ("gaussian mixture", [4, 2], 0.0, lambda x: -jnp.sum(sp.logsumexp(-0.5 * jnp.sum((x[:2, None] - x[None, 2:]) ** 2, axis=2) / 0.1, axis=1))),
    ("gated cell", [3, 2], -0.3, gated),
    ("power iteration", [2, 2], 0.2, power),
    ("transfer matrices", [3, 2], -0.2, transfer),
    ("softmax regression", [3, 2], -0.3, lambda x: -jnp.sum(jax.nn.log_softmax(I([[1.0, 2.0, -1.0], [0.5, -0.3, 0.8]]) @ x, axis=1)[jnp.arange(2), I([1, 0])]) + 0.1 * jnp.sum(x * x)),
]


def frac(x):
    return x - jnp.floor(x)


def numbers(x):
    return " ".join(repr(float(e)) for e in jnp.ravel(x))


for name, shape, offset, tensor in FUNCTIONS:
    f = lambda x: weighted(tensor(x))
    n = int(jnp.prod(jnp.array(shape)))
    k = jnp.arange(1, n + 1)
    x = (offset + frac(0.6180339887498949 * k)).reshape(shape)
    v = (2 * frac(0.7548776662466927 * k) - 1).reshape(shape)
    along = lambda f: lambda x: jax.jvp(f, (x,), (v,))[1]
    hvp = jax.jvp(jax.grad(f), (x,), (v,))[1]
    third = along(along(along(f)))(x)
    print(f"{name} | {'x'.join(map(str, shape))} | {offset} | {float(f(x))!r} | {numbers(jax.grad(f)(x))} | {numbers(hvp)} | {float(third)!r}")
