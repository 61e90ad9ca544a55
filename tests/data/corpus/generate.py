"""Derivatives of orders 0 to 9 of functions of one variable, in high precision. Prints `formula | x | values` for the
points listed and enough between them that the worst of them says something about the formula.

python generate.py > values.txt   (mpmath 1.3)
"""
from mpmath import mp, mpf, taylor, factorial, exp, log, sin, cos, tan, sinh, cosh, tanh, atan, asin, asinh, sqrt
from mpmath import gamma, loggamma, digamma, erf, pi, cbrt, nstr

mp.dps = 80
ORDER = 9
POINTS = 16

sigmoid = lambda x: 1 / (1 + exp(-x))
ndtr = lambda x: (1 + erf(x / sqrt(2))) / 2
half = mpf(1) / 2
TABLE = [
    ("sin(x^2)*exp(-x)/(1+x^2)", [k / 10 for k in range(1, 21)], lambda x: sin(x * x) * exp(-x) / (1 + x * x)),
    ("x*exp(-x^2)", [0.3, 1.1, -2.0], lambda x: x * exp(-x * x)),
    ("exp(-x^2)", [0.3, 1.1, 2.5], lambda x: exp(-x * x)),
    ("exp(-x^2/2)*cos(5*x)", [0.2, 0.9, 1.6], lambda x: exp(-x * x / 2) * cos(5 * x)),
    ("x*exp(-x)*cos(3*x)", [0.5, 1.5, 4.0], lambda x: x * exp(-x) * cos(3 * x)),
    ("exp(sin(x))", [0.5, 2.0, -1.0], lambda x: exp(sin(x))),
    ("sin(sin(x))", [0.6, 1.4, 2.9], lambda x: sin(sin(x))),
    ("exp(exp(x)-1)", [0.3, -1.0, 1.0], lambda x: exp(exp(x) - 1)),
    ("sin(x)/x", [1.0, 4.0, 9.0], lambda x: sin(x) / x),
    ("x/(exp(x)-1)", [1.0, -3.0, 6.0], lambda x: x / (exp(x) - 1)),
    ("tan(x)", [0.5, 1.2, -0.9], tan),
    ("tanh(x)", [0.4, -1.5, 3.0], tanh),
    ("1/(1+exp(-x))", [0.4, -2.0, 5.0], sigmoid),
    ("log(1+exp(x))", [0.4, -3.0, 4.0], lambda x: log(1 + exp(x))),
    ("x*tanh(log(1+exp(x)))", [0.4, -1.0, 2.0], lambda x: x * tanh(log(1 + exp(x)))),
    ("x/(1+exp(-x))", [0.5, -2.0, 3.0], lambda x: x * sigmoid(x)),
    ("x*ndtr(x)", [0.5, -1.0, 2.0], lambda x: x * ndtr(x)),
    ("erf(x)*x", [0.3, 1.0, 2.0], lambda x: erf(x) * x),
    ("1/(1+x^2)", [0.3, 0.8, 3.0], lambda x: 1 / (1 + x * x)),
    ("1/(1+25*x^2)", [0.1, 0.3, 0.9], lambda x: 1 / (1 + 25 * x * x)),
    ("x^2/(1+x^2)", [0.3, 0.8, 3.0], lambda x: x * x / (1 + x * x)),
    ("(1-x)/(1+x)", [0.3, 0.8, 3.0], lambda x: (1 - x) / (1 + x)),
    ("sqrt(1+x^2)", [0.3, 0.8, 3.0], lambda x: sqrt(1 + x * x)),
    ("1/sqrt(1+x^2)", [0.3, 0.8, 3.0], lambda x: 1 / sqrt(1 + x * x)),
    ("sqrt(1+x^4)", [0.7, 1.3, 2.0], lambda x: sqrt(1 + x ** 4)),
    ("log(1+x^2)", [0.3, 0.8, 3.0], lambda x: log(1 + x * x)),
    ("log(x)/x", [0.5, 1.7, 6.0], lambda x: log(x) / x),
    ("log(x)^3/x", [0.5, 1.7, 6.0], lambda x: log(x) ** 3 / x),
    ("x*log(x)", [0.5, 1.7, 6.0], lambda x: x * log(x)),
    ("x^x", [0.5, 1.7, 3.0], lambda x: x ** x),
    ("x^2.5", [0.5, 1.7, 6.0], lambda x: x ** mpf("2.5")),
    ("x^3-2*x+1", [0.5, 1.7, -3.0], lambda x: x ** 3 - 2 * x + 1),
    ("(1-x)^5*exp(x)", [0.2, 1.5, 3.0], lambda x: (1 - x) ** 5 * exp(x)),
    ("(x^2-1)^4", [0.2, 1.5, 3.0], lambda x: (x * x - 1) ** 4),
    ("0.3*sin(x)*x^10", [0.5, 1.2, 2.0], lambda x: mpf(0.3) * sin(x) * x ** 10),
    ("atan(x)", [0.3, 0.9, 3.0], atan),
    ("asin(x)", [0.1, 0.5, 0.8], asin),
    ("asinh(x)", [0.3, 0.9, 3.0], asinh),
    ("atan(x^2)*x", [0.3, 0.9, 2.0], lambda x: atan(x * x) * x),
    ("log(cos(x))", [0.3, 0.9, 1.3], lambda x: log(cos(x))),
    ("sin(x)*tanh(x)", [0.3, 1.0, 2.0], lambda x: sin(x) * tanh(x)),
    ("sin(x)^2*cos(x)", [0.3, 1.0, 2.0], lambda x: sin(x) ** 2 * cos(x)),
    ("cosh(x)*cos(x)", [0.3, 1.0, 2.0], lambda x: cosh(x) * cos(x)),
    ("gamma(x)", [1.3, 2.3, 4.0], gamma),
    ("lgamma(x)", [0.7, 2.3, 6.0], loggamma),
    ("exp(-1/x)", [0.4, 1.0, 3.0], lambda x: exp(-1 / x)),
    ("exp(sin(x)*tanh(x))/(1+x^2)", [0.4, 1.0, 2.0], lambda x: exp(sin(x) * tanh(x)) / (1 + x * x)),
    ("(exp(x)-exp(-x))/(exp(x)+exp(-x))", [0.4, -1.5, 3.0], tanh),
    ("1-1/(1+exp(-x))", [0.4, -2.0, 5.0], lambda x: 1 - sigmoid(x)),
    ("cbrt(1+x^2)", [0.3, 0.8, 3.0], lambda x: cbrt(1 + x * x)),
]
print("# generate.py, mpmath: formula | x | derivatives of orders 0 to 9 at the double nearest x")
for text, points, f in TABLE:
    low, high = min(points), max(points)
    between = [float(f"{low + (high - low) * k / POINTS:.4g}") for k in range(POINTS + 1)]
    for x in sorted(set(points + between)):
        series = taylor(f, mpf(x), ORDER)
        values = " ".join(nstr((c * factorial(k)).real, 18) for k, c in enumerate(series))
        print(text, x, values, sep=" | ")
