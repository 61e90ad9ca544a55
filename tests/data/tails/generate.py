"""Elementwise functions and their derivatives of orders 0 to 4, tails included: `python3 generate.py > witness.txt`.

By mpmath 1.3 with 120 digits. A line is `name | x | f f' f'' f''' f''''  | c0 c1 c2 c3 c4` with ck = |x f^(k+1)(x)|, by how
much rounding of x moves the k-th derivative, relative to the rounding. Of two arguments: `name | x y | partials | c`, the
partials by total order and then by the number of y: f, fx, fy, fxx, fxy, fyy, ...
"""

from mpmath import *

mp.dps = 120
R2 = sqrt(mpf(2))
gelu_tanh = lambda x: x / 2 * (1 + tanh(sqrt(2 / pi) * (x + mpf("0.044715") * x**3)))
sig = lambda x: 1 / (1 + exp(-x))
ndtr = lambda x: erfc(-x / R2) / 2
sinc = lambda x: mpf(1) if x == 0 else sin(pi * x) / (pi * x)
WIDE = [-40, -8.5, -1.25, -0.1, 1e-20, 0.3, 2.5, 12, 40]
SMALL = [-0.99, -0.3, -1e-20, 1e-9, 0.25, 0.999]
POSITIVE = [1e-300, 1e-10, 0.3, 1.0, 1.5, 30, 1e10, 1e300]

UNARY = {
    "sqrt": (sqrt, POSITIVE),
    "rsqrt": (lambda x: 1 / sqrt(x), [1e-60, 0.3, 1.5, 30, 1e60]),
    "cbrt": (lambda x: sign(x) * cbrt(abs(x)), [-1e10, -8.0, -0.3, 1e-30, 0.3, 27.5, 1e30]),
    "recip": (lambda x: 1 / x, [-3.0, -1e-50, 0.3, 7.5, 1e50]),
    "exp": (exp, [-700, -40, -1.25, 1e-20, 0.3, 2.5, 40, 700]),
    "exp2": (lambda x: mpf(2) ** x, [-1000, -1.25, 0.3, 2.5, 1000]),
    "exp10": (lambda x: mpf(10) ** x, [-300, -1.25, 0.3, 2.5, 300]),
    "expm1": (expm1, [-50, -1.25, -1e-20, 1e-20, 1e-9, 0.3, 2.5, 40, 700]),
    "log": (log, POSITIVE),
    "log2": (lambda x: log(x) / log(mpf(2)), POSITIVE),
    "log10": (lambda x: log(x) / log(mpf(10)), POSITIVE),
    "log1p": (log1p, [-0.999999, -0.3, -1e-20, 1e-20, 1e-9, 0.3, 2.5, 1e10]),
    "sin": (sin, [-30.0, -1.25, 1e-20, 0.3, 3.141592653589793, 22.0, 1e6]),
    "cos": (cos, [-30.0, -1.25, 1e-20, 0.3, 1.5707963267948966, 11.0, 1e6]),
    "tan": (tan, [-1.25, 1e-20, 0.3, 1.5, 3.0]),
    "asin": (asin, SMALL),
    "acos": (acos, SMALL),
    "atan": (atan, [-1e10, -40, -1.25, 1e-20, 0.3, 2.5, 1e10]),
    "sinh": (sinh, [-40, -1.25, 1e-20, 0.3, 2.5, 700]),
    "cosh": (cosh, [-40, -1.25, 1e-20, 0.3, 2.5, 700]),
    "tanh": (tanh, WIDE),
    "sech2": (lambda x: sech(x) ** 2, WIDE),
    "asinh": (asinh, [-1e10, -1.25, 1e-20, 0.3, 2.5, 1e10]),
    "acosh": (acosh, [1.0000001, 1.25, 2.5, 40, 1e10]),
    "atanh": (atanh, SMALL),
    "sinpi": (lambda x: sin(pi * x), [-2.25, 1e-20, 0.3, 1.0, 1.0000001, 1000.3]),
    "cospi": (lambda x: cos(pi * x), [-2.25, 1e-20, 0.3, 0.5, 0.5000001, 1000.3]),
    "one_minus_square": (lambda x: 1 - x * x, SMALL + [3.0]),
    "sigmoid": (sig, WIDE + [-700]),
    "softplus": (lambda x: log1p(exp(x)), WIDE + [-700, 700]),
    "log_sigmoid": (lambda x: -log1p(exp(-x)), WIDE + [-700, 700]),
    "silu": (lambda x: x * sig(x), WIDE),
    "gelu": (lambda x: x * ndtr(x), [-8.5, -1.25, -0.1, 1e-20, 0.3, 2.5, 8.5]),
    "mish": (lambda x: x * tanh(log1p(exp(x))), [-40, -8.5, -1.25, 1e-20, 0.3, 2.5, 12]),
    "softsign": (lambda x: x / (1 + abs(x)), [-40, -1.25, 0.3, 2.5, 1e10]),
    "logit": (lambda x: log(x / (1 - x)), [1e-20, 0.1, 0.4, 0.75, 0.999999]),
    "log_cosh": (lambda x: log(cosh(x)), WIDE),
    "log1mexp": (lambda x: log(-expm1(x)), [-40, -1.25, -0.1, -1e-9]),
    "xlogx": (lambda x: x * log(x), [1e-20, 0.3, 1.0, 2.5, 1e10]),
    "erf": (erf, [-6, -1.25, 1e-20, 0.3, 2.5, 5.5]),
    "erfc": (erfc, [-6, -1.25, 1e-20, 0.3, 2.5, 8.0, 26.0, 27.0]),
    "erfinv": (erfinv, [-0.9999999, -0.5, 1e-20, 0.3, 0.9, 0.999999999999]),
    "ndtr": (ndtr, [-37.0, -8.5, -1.25, 1e-20, 0.3, 2.5, 8.5]),
    "log_ndtr": (lambda x: log(ndtr(x)), [-1e5, -300.0, -40.0, -8.5, -3.0, -1.25, -0.1, 0.3, 2.5, 8.5, 30.0]),
    "gamma": (gamma, [-170.5, -2.5, -0.5, 1e-10, 0.3, 1.0, 2.5, 20.25, 170.0]),
    "lgamma": (lambda x: log(abs(gamma(x))), [-2.5, -0.5, 1e-10, 0.3, 0.9999999, 1.0, 1.25, 2.0, 2.0000001, 20.25, 1e10]),
}
NTH = {
    ("powi", 3): (lambda x: x**3, [-2.5, 1e-20, 0.3, 1e20]),
    ("powi", -2): (lambda x: x**-2, [-2.5, 1e-20, 0.3, 1e20]),
    ("powi", 40): (lambda x: x**40, [-2.5, 0.3, 1.0001]),
    ("polygamma", 0): (lambda x: psi(0, x), [-2.5, -0.5, 1e-8, 0.3, 1.0, 1.4616321449683622, 2.5, 30.5, 1e10]),
    ("polygamma", 1): (lambda x: psi(1, x), [-0.5, 1e-8, 0.3, 1.0, 2.5, 30.5, 1e10]),
    ("polygamma", 3): (lambda x: psi(3, x), [0.3, 1.0, 2.5, 30.5]),
    ("sinc", 0): (sinc, [-7.25, -0.5, 1e-5, 0.3, 1.0, 2.5, 100.25]),
    ("erfcx", 0): (lambda x: exp(x * x) * erfc(x), [-5.0, -1.25, 1e-20, 0.3, 2.5, 10.0, 50.0, 1e5, 1e100]),
}
BINARY = {
    "pow": (lambda x, y: x**y, [(0.3, 2.5), (2.5, -1.5), (1.0000001, 1e5), (40.0, 0.0001), (10.0, 200.0)]),
    "atan2": (atan2, [(0.3, 2.5), (-0.3, 2.5), (0.3, -2.5), (-3.0, -2.5), (3.0, 1e-10), (1e-20, 5.0)]),
    "hypot": (hypot, [(0.3, 2.5), (-3.0, 4.0), (1e-10, 1.0), (1e100, 1e100), (1e-100, 3e-100)]),
    "logaddexp": (lambda x, y: log(exp(x) + exp(y)), [(0.3, 2.5), (-40.0, 1.0), (0.5, 40.0), (1000.0, 1000.5), (700.0, -10.0)]),
    "xlogy": (lambda x, y: x * log(y), [(0.3, 2.5), (2.5, 1.0000001), (1e-20, 1e-20)]),
    "xlog1py": (lambda x, y: x * log1p(y), [(0.3, 2.5), (2.5, 1e-20), (2.5, -0.999)]),
    "lbeta": (lambda x, y: loggamma(x) + loggamma(y) - loggamma(x + y), [(0.3, 2.5), (2.5, 30.5), (1e-5, 2.0), (1000.0, 0.5), (1e8, 3.0)]),
    "div": (lambda x, y: x / y, [(0.3, 2.5), (1e10, -3.0)]),
}


def number(x):
    return repr(float(x)) if abs(x) < mpf(2) ** 1024 else ("inf" if x > 0 else "-inf")


def clean(derivative, value):
    """What is nothing but the error of a difference is zero."""
    return derivative if abs(derivative) > mpf(10) ** -95 * abs(value) else mpf(0)


def derivatives(f, x, order):
    """By differences of f(x (1 + t)), whose steps are relative to x."""
    scaled = taylor(lambda t: f(x * (1 + t)), 0, order)
    return [clean(c, f(x)) * factorial(k) / x**k for k, c in enumerate(scaled)]


def one(name, f, points):
    for point in points:
        x = mpf(point)
        d = derivatives(f, x, 5)
        c = [abs(x * d[k + 1]) for k in range(5)]
        print(f"{name} | {number(x)} | {' '.join(map(number, d[:5]))} | {' '.join(map(number, c))}")


for name, (f, points) in UNARY.items():
    one(name, f, points)
for (name, n), (f, points) in NTH.items():
    one(f"{name} {n}", f, points)
for name, (f, points) in BINARY.items():
    for px, py in points:
        x, y = mpf(px), mpf(py)
        scaled = lambda s, t: f(x * (1 + s), y * (1 + t))
        partial = lambda i, j: clean(diff(scaled, (mpf(0), mpf(0)), (i, j)), f(x, y)) / x**i / y**j
        orders = [(n - j, j) for n in range(5) for j in range(n + 1)]
        values = [partial(i, j) for i, j in orders]
        moved = [abs(x * partial(i + 1, j)) + abs(y * partial(i, j + 1)) for i, j in orders]
        print(f"{name} | {number(x)} {number(y)} | {' '.join(map(number, values))} | {' '.join(map(number, moved))}")
