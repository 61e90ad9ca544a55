#!/usr/bin/env python3
"""Writes values.tsv, the witnesses of crates/graph-core/src/math, with mpmath.

    pip install mpmath && python3 generate.py                 # the table, about a minute
    python3 generate.py coefficients                          # the fitted coefficient tables and the constants of the code

Every argument is an exact f64. Every value is computed at rising precision until 30 digits agree, and printed to 25.
"""
import pathlib
import random
import struct
import sys

from mpmath import asinh, acosh, atanh
from mpmath import mp, mpf, inf, exp, expm1, log, log1p, sqrt, pi, cosh, sinh, tanh, erf, erfc, erfinv, gamma, loggamma, psi
from mpmath import atan, atan2, cbrt, cos, factorial, fsum, hypot, nint, nstr, power, rgamma, sign, sin, tan

# ---- the functions, written so that extra digits are all they need ------------------------------------------------


def sinc_n(n, x):
    y = pi * x
    if abs(y) < 1:  # sum of cos((n+k) pi/2) y^k / (k! (n+k+1))
        term, total, k = mpf(1), mpf(0), 0
        while k < n + 4 or abs(term) > mpf(10) ** -(mp.dps + 10) * abs(total):
            total += (1, 0, -1, 0)[(n + k) % 4] * term / (n + k + 1)
            k += 1
            term *= y / k
            if term == 0:
                break
        return pi**n * total
    wave = [sin_pi(x), cos_pi(x)]
    g = wave[0] / y
    for k in range(1, n + 1):
        g = ((wave[k % 2] if k % 4 < 2 else -wave[k % 2]) - k * g) / y
    return pi**n * g


def sin_pi(x):
    return mp.sinpi(x)


def cos_pi(x):
    return mp.cospi(x)


def erfcx_n(n, x):
    """d^n/dx^n exp(x^2) erfc(x): the recurrence DLMF 7.18.7, or the asymptotic series 7.18.14."""
    if x > 10**5:
        total = fsum((-1) ** k * factorial(n + 2 * k) / factorial(k) / (2 * x) ** (2 * k) for k in range(9))
        return (-1) ** n * total / sqrt(pi) / x ** (n + 1)
    a, b = 2 / sqrt(pi), exp(x * x) * erfc(x)
    for k in range(n):
        a, b = b, (2 * k * a if k else a) - 2 * x * b
    return (-1) ** n * b


def ndtr(x):
    return erfc(-x / sqrt(2)) / 2


def log_ndtr(x):
    if x > 0:
        return log1p(-ndtr(-x))
    if x < -(10**5):
        r = 1 / (x * x)
        return -x * x / 2 - log(-x * sqrt(2 * pi)) + log1p(-r + 3 * r**2 - 15 * r**3 + 105 * r**4 - 945 * r**5)
    return log(ndtr(x))


def sigmoid(x):
    return 1 / (1 + exp(-x))


def softplus(x):
    return log1p(exp(x))


def mish(x):
    e = exp(x)
    return x * e * (e + 2) / (e * e + 2 * e + 2)


def gelu_tanh(x):
    return x * sigmoid(2 * sqrt(2 / pi) * (x + mpf("0.044715") * x**3))


def log_cosh(x):
    return log1p(2 * sinh(x / 2) ** 2)


def logit(p):
    return log1p((2 * p - 1) / (1 - p)) if mpf("0.25") < p < mpf("0.75") else log(p) - log1p(-p)


def lgamma(x):
    return loggamma(x) if x > 0 else log(abs(gamma(x)))


def lbeta(x, y):
    return lgamma(x) + lgamma(y) - lgamma(x + y)


def polygamma(n, x):
    """(-1)^(n+1) n! sum of (x+k)^-(n+1): shifted to x + k > 60 and closed by Euler and Maclaurin; reflection for digamma."""
    if n == 0:
        return psi(0, x) if x > 0 else psi(0, 1 - x) - pi * cos_pi(x) / sin_pi(x)
    s = n + 1
    shift = max(0, int(mp.floor(60 + mp.dps - x)) + 1) if x < 60 + mp.dps else 0
    total = fsum((x + k) ** -s for k in range(shift))
    a = x + shift
    total += a ** (1 - s) / (s - 1) + a**-s / 2
    rising = mpf(s) / a ** (s + 1)
    for k in range(1, 200):
        term = mp.bernoulli(2 * k) / factorial(2 * k) * rising
        total += term
        if abs(term) < abs(total) * mpf(10) ** -(mp.dps + 5):
            break
        rising *= (s + 2 * k - 1) * (s + 2 * k) / a**2
    return (-1) ** s * factorial(n) * total


def logaddexp(x, y):
    return max(x, y) + log1p(exp(-abs(x - y)))


def fmod(x, y):
    with mp.workdps(700):
        return sign(x) * (abs(x) - abs(y) * mp.floor(abs(x) / abs(y)))


# ---- the arguments ------------------------------------------------------------------------------------------------

random.seed(20)
TINY = [5e-324, 1e-310, 1e-300, 1e-160, 1e-20, 1e-10, 1e-5]
HUGE = [1e5, 1e10, 1e20, 1e100, 1e150, 1e300, 1.7976931348623157e308]
BODY = [0.001, 0.01, 0.1, 0.2, 0.3, 0.4, 0.49, 0.5, 0.51, 0.6, 0.7, 0.75, 0.8, 0.9, 0.99, 1.0, 1.01, 1.2, 1.4, 1.5, 1.7,
        1.9, 1.99, 2.0, 2.01, 2.3, 2.5, 3.0, 3.7, 4.5, 5.5, 7.3, 9.0, 12.0, 17.0, 20.5, 25.0]
TAILS = [30.0, 36.0, 37.5, 40.0, 60.0, 100.0, 300.0, 350.0, 372.0, 372.5, 600.0, 699.0, 700.0, 701.0, 708.0, 710.0, 740.0, 745.0]


def both(xs):
    return [-x for x in reversed(xs)] + xs


def spread(n, lo, hi):
    """n arguments log-uniform in [lo, hi]."""
    return [lo * (hi / lo) ** random.random() for _ in range(n)]


def near(x, n=3):
    """x with its n neighbours on either side."""
    (bits,) = struct.unpack("<q", struct.pack("<d", x))
    return [struct.unpack("<d", struct.pack("<q", bits + d))[0] for d in range(-n, n + 1)]


def pairs(xs, ys):
    return [(x, y) for x in xs for y in ys]


REAL = both(TINY + BODY + TAILS + spread(20, 1e-3, 30))
RAMP = REAL + both(HUGE)
POSITIVE = TINY + BODY + TAILS + HUGE + spread(20, 1e-3, 100)
UNIT = TINY + [x for x in BODY if x < 1] + near(0.5) + near(0.25, 1) + near(0.75, 1) + [1 - 1e-5, 1 - 1e-10, 1 - 2**-53] + spread(20, 1e-2, 1)
ANGLES = both(TINY + BODY + [100.25, 1e5 + 0.125, 1e10 + 0.375, 2.0**52 - 0.5, 2.0**53 + 2, 1e300] + near(0.25, 1) + spread(20, 1e-2, 1e4))
NOT_INTEGER = [-1e-300, -1e-20, -1e-10, -0.001, -0.1, -0.24, -0.26, -0.3, -0.49, -0.51, -0.75, -0.9, -0.999, -1.001, -1.2, -1.4, -1.6,
               -2.1, -2.3, -2.7, -2.9, -3.3, -3.75, -5.1, -7.8, -10.3, -20.6, -50.2, -100.7, -1000.3, -12345.6]
GAMMA = TINY + BODY + [30.5, 60.0, 100.3, 150.1, 170.6, 171.5, 171.6243769563027] + near(1.0) + near(2.0) + [1 + 1e-5, 2 - 1e-5] + NOT_INTEGER + spread(15, 0.1, 170)
PSI = [1e-300, 1e-150, 1e-40, 1e-20, 1e-10, 1e-5] + BODY + near(1.4616321449683623) + [1.461, 1.4617, 8.999, 9.001, 15.0, 40.0, 1e3, 1e5, 1e10, 1e100, 1e300]
MIXED = both([1e-310, 1e-20, 0.3, 1.0, 2.5, 17.0, 1e10, 1e300])

ONE = {  # name: (function, arguments)
    "exp10": (lambda x: power(10, x), both(TINY + BODY[::2] + [22.0, 30.7, 100.1, 307.6, 308.2]) + [-320.5]),
    "sinpi": (sin_pi, ANGLES),
    "cospi": (cos_pi, ANGLES),
    "sech2": (lambda x: 1 / cosh(x) ** 2, REAL),
    "sigmoid": (sigmoid, REAL),
    "softplus": (softplus, RAMP),
    "log_sigmoid": (lambda x: -softplus(-x), RAMP),
    "silu": (lambda x: x * sigmoid(x), RAMP),
    "gelu": (lambda x: x * ndtr(x), [x for x in RAMP if x > -50] + [-38.5, -38.0, -37.0, -33.3] + [-x for x in spread(20, 1, 37)]),
    "gelu_tanh": (gelu_tanh, [x for x in RAMP if x > -50] + [-21.5, -21.0, -20.8, -20.0, -18.1] + [-x for x in spread(20, 1, 21)]),
    "mish": (mish, RAMP),
    "elu": (lambda x: x if x > 0 else expm1(x), RAMP),
    "relu": (lambda x: max(x, mpf(0)), RAMP),
    "softsign": (lambda x: x / (1 + abs(x)), RAMP),
    "logit": (logit, UNIT),
    "log_cosh": (log_cosh, RAMP + both(spread(20, 0.3, 2))),
    "log1mexp": (lambda x: log(-expm1(x)) if x > -1 else log1p(-exp(x)), [-x for x in TINY + BODY + TAILS + near(0.6931471805599453)] + [-x for x in spread(20, 1e-2, 40)]),
    "xlogx": (lambda x: x * log(x), [x for x in POSITIVE if x < 1e300] + near(1.0)),
    "erf": (erf, REAL),
    "erfc": (erfc, both(TINY + BODY) + [26.0, 26.5, 27.0, 27.2] + spread(20, 0.1, 26)),
    "erfinv": (erfinv, both(UNIT)),
    "ndtr": (ndtr, both(TINY + BODY + [33.3, 36.0, 37.5, 38.0, 38.4]) + [-x for x in spread(20, 0.5, 37)]),
    "log_ndtr": (log_ndtr, [x for x in REAL if x < 39] + [-1e5, -1e10, -1e100, -1e150] + both(spread(20, 0.5, 37))),
    "gamma": (gamma, GAMMA),
    "lgamma": (lgamma, GAMMA + HUGE[:-2]),
    "sign": (sign, RAMP),
    "round_half_even": (nint, both([0.25, 0.5, 0.75, 1.5, 2.5, 3.5, 4.5, 2.0**51 + 0.5, 2.0**52 + 1, 0.49999999999999994, 1e300, 5e-324]) + REAL[::4]),
    "rsqrt": (lambda x: 1 / sqrt(x), POSITIVE),
    "recip": (lambda x: 1 / x, RAMP),
    "square": (lambda x: x * x, RAMP),
    "cbrt": (lambda x: sign(x) * cbrt(abs(x)), RAMP),
}
TWO = {
    "logaddexp": (logaddexp, pairs([-800.5, -30.0, -0.3, 0.0, 1e-20, 2.5, 700.0, 1e10], [-750.0, -3.3, 0.0, 1e-10, 0.7, 36.5, 1e300])),
    "xlogy": (lambda x, y: x * log(y), pairs([-1e10, -0.3, 1e-300, 1.0, 2.7, 1e10], [5e-324, 1e-20, 0.3, 0.999, 1.0000001, 7.3, 1e20, 1e300])),
    "xlog1py": (lambda x, y: x * log1p(y), pairs([-1e10, -0.3, 1e-200, 1.0, 2.7, 1e10], [-0.999999, -0.5, -1e-20, 1e-80, 1e-5, 0.3, 7.3, 1e20, 1e300])),
    "lbeta": (lbeta, pairs([1e-300, 1e-20, 1e-5, 0.3, 0.5, 1.0, 2.5, 7.3, 9.99, 10.0, 33.3, 1e5, 1e10], [1e-20, 0.01, 0.5, 1.5, 4.0, 9.5, 12.0, 100.0, 1e6, 1e10, 1e20, 1e100])),
    "fmod": (fmod, pairs(MIXED, [-7.0, 0.3, 1e-10, 5.5, 1e300])),
    "max": (max, pairs(MIXED, [-2.0, 1.0, 1e299])),
    "min": (min, pairs(MIXED, [-2.0, 1.0, 1e299])),
    "atan2": (atan2, pairs(MIXED, [-1e300, -1.0, 1e-20, 0.7, 1e10])),
    "hypot": (hypot, pairs(MIXED, [1e-310, 0.3, 1.0, 7e299])),
    "pow": (power, pairs([1e-310, 1e-20, 0.3, 0.999, 1.0001, 2.5, 17.0, 1e10], [-20.3, -1.0, -1e-10, 0.5, 1.7, 15.0, 30.1])
            + [(-2.5, 3.0), (-0.3, -4.0)]),
}
INDEXED = {  # name: (function, orders and arguments)
    "powi": (lambda n, x: x**n, [(n, x) for n in (0, 1, 2, 3, 4, 5, 17, 100, -1, -2, -3, -20) for x in (-7.3, -0.9, 1e-20, 0.3, 1.001, 1.7, 33.0, 1e150)]),
    "sinc_n": (sinc_n, [(n, x) for n in (*range(9), 20, 60) for x in
                        (0.0, 5e-324, 1e-300, 1e-20, -1e-10, 1e-5, 0.01, 0.1, 0.25, 0.4, -0.5, 0.7, 1.0, -1.3, 1.5, 2.0, 2.4, 2.6, -3.3, 5.25, 8.0, 19.2, 100.7, -1234.5, 1e5 + 0.3, 1e10 + 0.25, 1e20)]),
    "erfcx_n": (erfcx_n, [(n, x) for n in (*range(9), 12, 13, 40, 170) for x in
                          (0.0, 1e-300, 1e-10, 0.01, 0.3, 0.5, 1.0, 1.5, 1.99, 2.0, 2.2, 3.0, 4.1, 5.5, 7.3, 10.0, 16.0, 28.0, 100.0, 1e4, 1e10, 1e100, -1e-10, -0.3, -1.7, -3.0, -10.0, -25.0)]),
    "polygamma": (polygamma, [(n, x) for n in range(7) for x in (PSI if n < 2 else PSI[::2]) + (NOT_INTEGER if n < 3 else NOT_INTEGER[::2])]
                  + [(n, x) for n in (20, 60, 200) for x in (1e-3, 0.5, 1.7, 10.0, 80.5, 1e4, -0.3, -3.75)]),
}

# The elementary functions: both sides of the ends of what their vector code takes, all reductions, the doubles next to zeros.
EXPONENTS = REAL + [k * 0.6931471805599453 for k in (-1074, -1022, -1021, -2, -1, 1, 2, 3, 700)] + both(
    [0.34657359027997264, 1.0397207708399179, 2.0**-54, 2.0**-53, 2.0**-30, 708.0000000000001, 709.7] + spread(60, 0.01, 708))
QUARTERS = [1, 2, 3, 4, 5, 6, 7, 8, 11, 22, 33, 44, 710, 52174, 131071, 208696, 262144, 416646, 524286, 524287]
TURNS = both(TINY + BODY + HUGE + [x for k in QUARTERS for x in near(k * 1.5707963267948966, 1)] + near(823549.0, 1) + [0.9e-8, 1.1e-8]
             + spread(60, 0.01, 8e5)) + [6381956970095103 * 2.0**797]
ABOVE_0 = POSITIVE + [2.2250738585072014e-308] + [1 + s * 2.0**-j for j in range(1, 53, 3) for s in (1, -1)] + [
    x for y in (0.7071067811865476, 1.4142135623730951, 1.0, 2.718281828459045) for x in near(y, 2) if x != 1] + spread(60, 1e-300, 1e300)
ABOVE_1 = both(TINY + [x for x in BODY if x < 1] + near(0.41421356237309515, 1) + near(0.2928932188134524, 1) + [2.0**-54, 2.0**-53]
               + spread(60, 1e-3, 0.999)) + BODY + TAILS + HUGE + spread(30, 1, 1e300) + [-0.9991, -0.9999999999, -1 + 2.0**-53, 1.1e300]
ONE |= {
    "exp": (exp, EXPONENTS),
    "expm1": (expm1, EXPONENTS),
    "log": (log, ABOVE_0),
    "log1p": (log1p, ABOVE_1),
    "sin": (sin, TURNS),
    "cos": (cos, TURNS),
    "tan": (tan, TURNS),
    "atan": (atan, RAMP + both(near(0.41421356237309503) + near(2.414213562373095) + near(1.0) + spread(60, 0.01, 100))),
    "tanh": (tanh, EXPONENTS + [18.9, 19.0, 19.1, 20.0, 22.0, 1e300]),
}
INSIDE = both(UNIT + near(0.999999) + [2.0**-54, 2.0**-30, 0.9e-9, 1.1e-9] + spread(60, 1e-3, 1))
ONE |= {
    "sinh": (sinh, [x for x in EXPONENTS if abs(x) < 710]),
    "cosh": (cosh, [x for x in EXPONENTS if abs(x) < 710]),
    "asinh": (asinh, RAMP + both(spread(60, 1e-3, 100) + [0.9e-9, 1.1e-9, 0.9e150, 1.1e150])),
    "acosh": (acosh, [1 + x for x in BODY + HUGE[:-1] + spread(60, 1e-10, 100)] + [1.1e150, 1e300]),
    "atanh": (atanh, INSIDE),
}


# ---- the table ----------------------------------------------------------------------------------------------------


def stable(f, what):
    """f() at rising precision until 30 digits agree."""
    before = None
    for dps in (60, 120, 240, 480, 960, 1920, 3840):
        with mp.workdps(dps):
            now = f()
        if before is not None and (now == before or abs(now - before) <= abs(now) * mpf(10) ** -30):
            return now
        before = now
    raise ArithmeticError(f"no two precisions agree on {what}")


def main():
    lines = []

    def row(name, f, n, x, y):
        args = [mpf(v) for v in (x, y) if v is not None]
        call = (lambda: f(n, *args)) if n is not None else (lambda: f(*args))
        cells = [name, "-" if n is None else str(n), repr(x), "-" if y is None else repr(y)]
        lines.append("\t".join([*cells, nstr(stable(call, cells), 25, min_fixed=-4, max_fixed=16)]))

    for name, (f, xs) in ONE.items():
        for x in dict.fromkeys(xs):
            row(name, f, None, x, None)
    for name, (f, xys) in TWO.items():
        for x, y in xys:
            row(name, f, None, x, y)
    for name, (f, nxs) in INDEXED.items():
        for n, x in dict.fromkeys(nxs):
            row(name, f, n, x, None)
    pathlib.Path(__file__).with_name("values.tsv").write_text("\n".join(lines) + "\n")


# ---- the coefficients of the code -----------------------------------------------------------------------------------


def chebyshev(f, n):
    """The first n Chebyshev coefficients of f on [-1, 1]."""
    m = 2 * n + 40
    nodes = [cos(pi * (k + mpf(1) / 2) / m) for k in range(m)]
    values = [f(t) for t in nodes]
    return [(2 if j else 1) * fsum(v * cos(j * mp.acos(t)) for v, t in zip(values, nodes)) / m for j in range(n)]


def coefficients():
    mp.dps = 60

    def scaled(t):
        x = 3 * (1 + t) / (1 - t)
        return (1 + 2 * x) * exp(x * x) * erfc(x)

    zero = mp.findroot(lambda x: psi(0, x), 1.4616)
    print("ERFCX", *map(float, chebyshev(scaled, 27)), sep="\n    ")
    print("DIGAMMA", *map(float, chebyshev(lambda t: psi(0, (3 + t) / 2) / ((3 + t) / 2 - zero), 22)), sep="\n    ")
    print("RECIPROCAL_GAMMA", *map(float, chebyshev(lambda t: rgamma(1 + t / 2), 18)), sep="\n    ")
    print("BERNOULLI", *(float(mp.bernoulli(2 * k) / factorial(2 * k)) for k in range(1, 15)), sep="\n    ")
    constants = {"zero of digamma - 1": zero - 1, "pi": pi, "1/e": exp(-1), "2/sqrt(pi)": 2 / sqrt(pi), "ln 2": log(2),
                 "2 sqrt(2/pi)": 2 * sqrt(2 / pi), "0.044715": mpf("0.044715"), "ln(2 pi)/2": log(2 * pi) / 2}
    for name, value in constants.items():
        high = float(value)
        print(f"{name} = {high!r} + {float(value - mpf(high))!r}")


if __name__ == "__main__":
    coefficients() if "coefficients" in sys.argv[1:] else main()
