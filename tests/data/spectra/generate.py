"""Writes values.txt: functions of matrices, computed by mpmath to 60 digits and more and printed to 25.

    pip install mpmath && python3 generate.py > values.txt

A line has the function, the extent n and after a colon its numbers. `expm`: the elements of a matrix, a bar, those of its
exponential. `singular`: a bar and the singular values, descending, of the matrix of the f64 nearest to 1/(i + j + 1).
`eigen`: the elements of a symmetric matrix, a bar, its eigenvalues, ascending. All elements are exact f64.
"""

import random

from mpmath import eigsy, expm, matrix, mp, mpf, nstr, svd_r

draw = random.Random(5)


def words(values):
    return " ".join(nstr(mpf(v), 25, min_fixed=-5, max_fixed=5) for v in values)


def line(function, n, elements, values):
    print(f"{function} {n}: {' '.join(map(repr, elements))} | {words(values)}")


def exponential(n, elements):
    line("expm", n, elements, expm(matrix([elements[i * n : i * n + n] for i in range(n)]), method="taylor"))


def numbers(n, size):
    return [float(f"{size * draw.uniform(-1, 1):.3g}") for _ in range(n * n)]


mp.dps = 80
for size in [0.001, 0.02, 0.1, 0.2, 0.5, 0.7, 1.0, 3.0, 10.0]:
    for n in [2, 3, 5]:
        exponential(n, numbers(n, size))
exponential(2, [1.0, 1000.0, 0.0, -1.0])
exponential(2, [-49.0, 24.0, -64.0, 31.0])
exponential(3, [-131.0, 19.0, 18.0, -390.0, 56.0, 54.0, -387.0, 57.0, 52.0])

for n in [3, 6, 10]:
    hilbert = matrix(n, n)
    for i in range(n):
        for j in range(n):
            hilbert[i, j] = mpf(1.0 / (i + j + 1))
    line("singular", n, [], svd_r(hilbert, compute_uv=False))

for n, grade in [(4, 0), (6, 0), (4, 20), (5, 60)]:
    upper = numbers(n, 0.2)
    elements = [0.0] * (n * n)
    for i in range(n):
        for j in range(i, n):
            elements[i * n + j] = elements[j * n + i] = (1.0 if i == j else upper[i * n + j]) * 2.0 ** -(grade * (i + j))
    mp.dps = 80 + grade * n
    line("eigen", n, elements, eigsy(matrix([elements[i * n : i * n + n] for i in range(n)]), eigvals_only=True))
