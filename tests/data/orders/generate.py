"""Twentieth derivatives of functions of one variable, in high precision. Prints `formula | x | value | condition`.

python generate.py > values.txt   (mpmath 1.3; the condition is |x f'(x)/f(x)| of the twentieth derivative f)
"""
from mpmath import mp, mpf, taylor, factorial, exp, log, sin, cos, tan, sinh, cosh, tanh, atan, asin, asinh, sqrt
from mpmath import gamma, loggamma, digamma, erf, pi, cbrt

mp.dps = 120
ORDER = 20

sigmoid = lambda x: 1 / (1 + exp(-x))
ndtr = lambda x: (1 + erf(x / sqrt(2))) / 2
TABLE = [
    ("sin(x)", "0.7", sin),
    ("cos(x)", "0.7", cos),
    ("tan(x)", "0.5", tan),
    ("exp(x)", "1.3", exp),
    ("log(x)", "1.7", log),
    ("sqrt(x)", "1.7", sqrt),
    ("cbrt(x)", "1.7", cbrt),
    ("1/x", "1.7", lambda x: 1 / x),
    ("x^x", "1.7", lambda x: x ** x),
    ("x^2.5", "1.7", lambda x: x ** mpf("2.5")),
    ("asin(x)", "0.3", asin),
    ("atan(x)", "0.6", atan),
    ("sinh(x)", "0.7", sinh),
    ("cosh(x)", "0.7", cosh),
    ("tanh(x)", "0.4", tanh),
    ("asinh(x)", "0.6", asinh),
    ("exp(exp(x)-1)", "0.3", lambda x: exp(exp(x) - 1)),
    ("x/(exp(x)-1)", "-9", lambda x: x / (exp(x) - 1)),
    ("exp(-x^2)", "0.6", lambda x: exp(-x * x)),
    ("erf(x)", "0.6", erf),
    ("1/(1+x^2)", "0.6", lambda x: 1 / (1 + x * x)),
    ("1/(1+25*x^2)", "0.3", lambda x: 1 / (1 + 25 * x * x)),
    ("sin(x)/x", "9", lambda x: sin(x) / x),
    ("sin(x^2)*exp(-x)/(1+x^2)", "0.6", lambda x: sin(x * x) * exp(-x) / (1 + x * x)),
    ("log(1+exp(x))", "0.4", lambda x: log(1 + exp(x))),
    ("1/(1+exp(-x))", "0.4", sigmoid),
    ("x*exp(-x)*cos(3*x)", "0.5", lambda x: x * exp(-x) * cos(3 * x)),
    ("exp(sin(x))", "0.5", lambda x: exp(sin(x))),
    ("log(cos(x))", "0.5", lambda x: log(cos(x))),
    ("sqrt(1+x^4)", "0.7", lambda x: sqrt(1 + x ** 4)),
    ("gamma(x)", "2.3", gamma),
    ("lgamma(x)", "2.3", loggamma),
    ("digamma(x)", "2.3", digamma),
    ("gelu(x)", "0.5", lambda x: x * ndtr(x)),
    ("exp(sin(x)*tanh(x))/(1+x^2)", "0.4", lambda x: exp(sin(x) * tanh(x)) / (1 + x * x)),
    ("sin(sin(sin(x)))", "0.6", lambda x: sin(sin(sin(x)))),
]

print("# generate.py, mpmath: formula | x | twentieth derivative | its condition at x")
for text, at, f in TABLE:
    x = mpf(float(at))
    series = taylor(f, x, ORDER + 1, method="quad", radius=mpf("0.05")) if text in ("gamma(x)", "lgamma(x)", "digamma(x)") else taylor(f, x, ORDER + 1)
    value, slope = series[ORDER] * factorial(ORDER), series[ORDER + 1] * factorial(ORDER + 1)
    print(f"{text} | {at} | {mp.nstr(value.real, 25)} | {mp.nstr(abs(x * slope / value), 4)}")
