"""The same problem solved by CasADi and IPOPT; prints `witness.txt`. Needs `pip install casadi`.

python witness.py > witness.txt
"""
import casadi as ca

M1, M2, L, G, T = 1.0, 0.3, 0.5, 9.81, 2.0


def rates(x, u):
    s, c = ca.sin(x[1]), ca.cos(x[1])
    d = M1 + M2 * s * s
    a1 = (L * M2 * s * x[3] ** 2 + u + M2 * G * c * s) / d
    a2 = -(L * M2 * c * s * x[3] ** 2 + u * c + (M1 + M2) * G * s) / (L * d)
    return ca.vertcat(x[2], x[3], a1, a2)


def solve(n):
    opti, h = ca.Opti(), T / n
    X, U, M = opti.variable(4, n + 1), opti.variable(n + 1), opti.variable(n)
    cost = 0
    for k in range(n):
        a, b = rates(X[:, k], U[k]), rates(X[:, k + 1], U[k + 1])
        middle = (X[:, k] + X[:, k + 1]) / 2 + h / 8 * (a - b)
        m = rates(middle, M[k])
        opti.subject_to(X[:, k + 1] - X[:, k] == h / 6 * (a + 4 * m + b))
        cost += h / 6 * (U[k] ** 2 + 4 * M[k] ** 2 + U[k + 1] ** 2)
    opti.subject_to(X[:, 0] == ca.DM([0, 0, 0, 0]))
    opti.subject_to(X[:, n] == ca.DM([1, ca.pi, 0, 0]))
    for k in range(n + 1):
        opti.set_initial(X[:, k], ca.DM([1, ca.pi, 0, 0]) * k / n)
    opti.minimize(cost)
    opti.solver("ipopt", {"print_time": False}, {"tol": 1e-12, "print_level": 0, "sb": "yes"})
    s = opti.solve()
    return s.value(cost), s.value(X[:, n // 2]), s.value(U[0])


print("# intervals, least cost, state in the middle, first force: CasADi", ca.__version__, "with IPOPT")
for n in (10, 20, 40, 80):
    cost, middle, force = solve(n)
    print(n, *(f"{v:.15g}" for v in [cost, *middle, force]))
