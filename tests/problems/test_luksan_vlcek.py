"""The vectorized Lukšan–Vlček problems against the report's formulas, index by index."""

from math import cos, exp, sin, tan

import numpy as np
import pytest

from problems import registry
from problems.luksan_vlcek.forms import printed


class FromOne:
    """A vector counted from 1 that is zero outside, as the report writes them."""

    def __init__(self, x):
        self.x = x

    def __call__(self, i):
        return float(self.x[i - 1]) if 1 <= i <= len(self.x) else 0.0


def broyden_sum(x, i, n):
    return sum(x(j) * (1 + x(j)) for j in range(max(1, i - 5), min(n, i + 1) + 1))


def tridiagonal(x, k):
    return 8 * x(k) * (x(k) ** 2 - x(k - 1)) - 2 * (1 - x(k)) + 4 * (x(k) - x(k + 1) ** 2)


def rosenbrock(x, n):
    f = sum(100 * (x(i) ** 2 - x(i + 1)) ** 2 + (x(i) - 1) ** 2 for i in range(1, n))
    c = [
        3 * x(k + 1) ** 3 + 2 * x(k + 2) - 5 + sin(x(k + 1) - x(k + 2)) * sin(x(k + 1) + x(k + 2))
        + 4 * x(k + 1) - x(k) * exp(x(k) - x(k + 1)) - 3
        for k in range(1, n - 1)
    ]  # fmt: skip
    return f, c


def wood(x, n):
    f = sum(
        100 * (x(2 * i - 1) ** 2 - x(2 * i)) ** 2 + (x(2 * i - 1) - 1) ** 2
        + 90 * (x(2 * i + 1) ** 2 - x(2 * i + 2)) ** 2 + (x(2 * i + 1) - 1) ** 2
        + 10 * (x(2 * i) + x(2 * i + 2) - 2) ** 2 + (x(2 * i) - x(2 * i + 2)) ** 2 / 10
        for i in range(1, n // 2)
    )  # fmt: skip
    return f, [
        (2 + 5 * x(k + 5) ** 2) * x(k + 5) + 1 + broyden_sum(x, k, n) for k in range(1, n - 6)
    ]


def powell(x, n):
    f = sum(
        (x(2 * i - 1) + 10 * x(2 * i)) ** 2 + 5 * (x(2 * i + 1) - x(2 * i + 2)) ** 2
        + (x(2 * i) - 2 * x(2 * i + 1)) ** 4 + 10 * (x(2 * i - 1) - x(2 * i + 2)) ** 4
        for i in range(1, n // 2)
    )  # fmt: skip
    return f, [
        3 * x(1) ** 3 + 2 * x(2) - 5 + sin(x(1) - x(2)) * sin(x(1) + x(2)),
        4 * x(n) - x(n - 1) * exp(x(n - 1) - x(n)) - 3,
    ]


def cragg_levy(x, n):
    f = sum(
        (exp(x(2 * i - 1)) - x(2 * i)) ** 4 + 100 * (x(2 * i) - x(2 * i + 1)) ** 6
        + tan(x(2 * i + 1) - x(2 * i + 2)) ** 4 + x(2 * i - 1) ** 8 + (x(2 * i + 2) - 1) ** 2
        for i in range(1, n // 2)
    )  # fmt: skip
    return f, [tridiagonal(x, k) for k in range(2, n)]


def broyden_tridiagonal(x, n):
    f = sum(
        abs((3 - 2 * x(i)) * x(i) + 1 - x(i - 1) - x(i + 1)) ** (7 / 3) for i in range(1, n + 1)
    )
    return f, [
        tridiagonal(x, k + 2) + x(k + 1) ** 2 - x(k) + x(k + 3) - x(k + 4) ** 2
        for k in range(1, n - 3)
    ]


def broyden_banded(x, n):
    f = sum(
        abs((2 + 5 * x(i) ** 2) * x(i) + 1 + broyden_sum(x, i, n)) ** (7 / 3)
        for i in range(1, n + 1)
    )
    return f, [
        4 * x(2 * k)
        - (x(2 * k - 1) - x(2 * k + 1)) * exp(x(2 * k - 1) - x(2 * k) - x(2 * k + 1))
        - 3
        for k in range(1, n // 2 + 1)
    ]


def trigonometric(x, n):
    f = sum(i * (1 - cos(x(i)) + sin(x(i - 1)) - sin(x(i + 1))) for i in range(1, n + 1))
    return f, [
        4 * (x(1) - x(2) ** 2) + x(2) - x(3) ** 2,
        tridiagonal(x, 2) + x(3) - x(4) ** 2,
        tridiagonal(x, n - 1) + x(n - 2) ** 2 - x(n - 3),
        8 * x(n) * (x(n) ** 2 - x(n - 1)) - 2 * (1 - x(n)) + x(n - 1) ** 2 - x(n - 2),
    ]


def augmented_lagrangian(x, n):
    f = sum(
        exp(x(k - 4) * x(k - 3) * x(k - 2) * x(k - 1) * x(k))
        + 10 * (sum(x(k - j) ** 2 for j in range(5)) - 10 + 0.002008) ** 2
        + 10 * (x(k - 3) * x(k - 2) - 5 * x(k - 1) * x(k) + 0.001900) ** 2
        + 10 * (x(k - 4) ** 3 + x(k - 3) ** 3 + 1 + 0.000261) ** 2
        for k in range(5, n + 1, 5)
    )
    h = 1 / (n + 1)
    return f, [
        2 * x(k + 1) + h**2 * (x(k + 1) + h * (k + 1) + 1) ** 3 / 2 - x(k) - x(k + 2)
        for k in range(1, n - 1)
    ]


def modified_brown(x, n):
    f = 0.0
    for i in range(1, n // 2 + 1):
        d = x(2 * i - 1) - x(2 * i)
        f += (x(2 * i - 1) - 3) ** 2 / 1000 - d + exp(20 * d)
    return f, [
        4 * (x(1) - x(2) ** 2) + x(2) - x(3) ** 2 + x(3) - x(4) ** 2,
        tridiagonal(x, 2) + x(1) ** 2 + x(3) - x(4) ** 2 + x(4) - x(5) ** 2,
        tridiagonal(x, 3) + x(2) ** 2 - x(1) + x(4) - x(5) ** 2 + x(1) ** 2 + x(5) - x(6) ** 2,
        tridiagonal(x, n - 2) + x(n - 3) ** 2 - x(n - 4) + x(n - 1) - x(n) ** 2
        + x(n - 4) ** 2 - x(n - 5) + x(n),
        tridiagonal(x, n - 1) + x(n - 2) ** 2 - x(n - 3) + x(n) + x(n - 3) ** 2 - x(n - 4),
        8 * x(n) * (x(n) ** 2 - x(n - 1)) - 2 * (1 - x(n))
        + x(n - 1) ** 2 - x(n - 2) + x(n - 2) ** 2 - x(n - 3),
    ]  # fmt: skip


def generalized_brown(x, n):
    f = sum(
        (x(i) ** 2) ** (x(i + 1) ** 2 + 1) + (x(i + 1) ** 2) ** (x(i) ** 2 + 1)
        for i in range(1, n, 2)
    )
    return f, [(3 - 2 * x(k + 1)) * x(k + 1) + 1 - x(k) - 2 * x(k + 2) for k in range(1, n - 1)]


def chained(per_block, rows_per_block, objective, row):
    """Return f and c of a chained problem; row(l, r) is the r-th of those that start after l."""

    def functions(x, n):
        blocks = n // per_block
        f = sum(objective(x, per_block * (j - 1)) for j in range(1, blocks + 1))
        c = [
            row(x, per_block * ((k - 1) // rows_per_block), (k - 1) % rows_per_block)
            for k in range(1, rows_per_block * blocks + 1)
        ]
        return f, c

    return functions


def powers(x, i):
    return (
        (x(i + 1) - x(i + 2)) ** 2 + (x(i + 3) - 1) ** 2 + (x(i + 4) - 1) ** 4 + (x(i + 5) - 1) ** 6
    )


def differences(x, i):
    return (
        (x(i + 1) - x(i + 2)) ** 2
        + (x(i + 2) - x(i + 3)) ** 2
        + (x(i + 3) - x(i + 4)) ** 4
        + (x(i + 4) - x(i + 5)) ** 4
    )


def hs48(x, i):
    return (x(i + 1) - 1) ** 2 + (x(i + 2) - x(i + 3)) ** 2 + (x(i + 4) - x(i + 5)) ** 4


def hs51(x, i):
    return (
        (x(i + 1) - x(i + 2)) ** 4
        + (x(i + 2) + x(i + 3) - 2) ** 2
        + (x(i + 4) - 1) ** 2
        + (x(i + 5) - 1) ** 2
    )


def hs52(x, i):
    return (
        (4 * x(i + 1) - x(i + 2)) ** 2
        + (x(i + 2) + x(i + 3) - 2) ** 4
        + (x(i + 4) - 1) ** 2
        + (x(i + 5) - 1) ** 2
    )


def row46(x, i, r):
    if r == 0:
        return x(i + 1) ** 2 * x(i + 4) + sin(x(i + 4) - x(i + 5)) - 1
    return x(i + 2) + x(i + 3) ** 4 * x(i + 4) ** 2 - 2


def row47(x, i, r):
    if r == 0:
        return x(i + 1) + x(i + 2) ** 2 + x(i + 3) ** 2 - 3
    return x(i + 2) + x(i + 3) ** 2 + x(i + 4) - 1 if r == 1 else x(i + 1) * x(i + 5) - 1


def row48(x, i, r):
    if r == 0:
        return x(i + 1) + x(i + 2) ** 2 + x(i + 3) + x(i + 4) + x(i + 5) - 5
    return x(i + 3) ** 2 - 2 * (x(i + 4) + x(i + 5)) - 3


def row49(x, i, r):
    if r == 0:
        return x(i + 1) ** 2 + x(i + 2) + x(i + 3) + 4 * x(i + 4) - 7
    return x(i + 3) ** 2 - 5 * x(i + 5) - 6


def row50(x, i, r):
    return x(i + r + 1) ** 2 + 2 * x(i + r + 2) + 3 * x(i + r + 3) - 6


def row52(x, i, r):
    if r == 0:
        return x(i + 1) ** 2 + 3 * x(i + 2)
    if r == 1:
        return x(i + 3) ** 2 + x(i + 4) - 2 * x(i + 5)
    return x(i + 2) ** 2 - x(i + 5)


def row51(x, i, r):
    return row52(x, i, r) - (4 if r == 0 else 0)


REPORT = {
    1: (12, rosenbrock),
    2: (18, wood),
    3: (12, powell),
    4: (12, cragg_levy),
    5: (12, broyden_tridiagonal),
    6: (15, broyden_banded),
    7: (12, trigonometric),
    8: (15, augmented_lagrangian),
    9: (14, modified_brown),
    10: (12, generalized_brown),
    11: (14, chained(3, 2, powers, row46)),
    12: (17, chained(4, 3, differences, row47)),
    13: (14, chained(3, 2, hs48, row48)),
    14: (14, chained(3, 2, powers, row49)),
    15: (17, chained(4, 3, differences, row50)),
    16: (17, chained(4, 3, hs51, row51)),
    17: (17, chained(4, 3, hs52, row52)),
    18: (17, chained(4, 3, hs51, row52)),
}


@pytest.mark.parametrize("number", REPORT)
def test_functions_are_the_reports_index_by_index(number):
    """Rows are compared sorted: the models keep rows of a kind together."""
    n, functions = REPORT[number]
    problem = registry.get(f"luksan_vlcek_{number}").build(n).problem()
    x = problem.initial_point + np.random.default_rng(number).uniform(-0.3, 0.3, n)
    objective, rows = functions(FromOne(x), n)
    residuals = problem.constraints(x) - problem.constraint_lower
    np.testing.assert_allclose(problem.objective(x), objective, rtol=1e-13)
    np.testing.assert_allclose(np.sort(residuals), np.sort(rows), rtol=1e-12, atol=1e-12)


def cutest_row46(x, i, r):
    return row46(x, i, 0) if r == 0 else x(i + 2) + x(i + 3) ** 2 * x(i + 4) - 2


def cutest_row48(x, i, r):
    return row48(x, i, r) + (3 * x(i + 5) if r == 0 else 0)


CUTEST = {
    11: (14, 3, 2, cutest_row46),
    12: (17, 4, 3, row47),
    13: (14, 3, 2, cutest_row48),
    14: (14, 3, 2, row49),
    15: (17, 4, 3, row50),
    16: (17, 4, 3, row51),
    17: (17, 4, 3, row52),
    18: (17, 4, 3, row52),
}


@pytest.mark.parametrize("number", CUTEST)
def test_constraints_of_version_cutest_are_those_of_its_files(number):
    """Blocks of rows begin as many variables apart as they have rows (LUKVLE11 … 18.SIF)."""
    n, block, count, row = CUTEST[number]
    problem = registry.get(f"luksan_vlcek_{number}").build(n, version="cutest").problem()
    x = problem.initial_point + np.random.default_rng(number).uniform(-0.3, 0.3, n)
    starts = range(0, count * (n // block), count)
    rows = [row(FromOne(x), start, r) for start in starts for r in range(count)]
    residuals = problem.constraints(x) - problem.constraint_lower
    np.testing.assert_allclose(np.sort(residuals), np.sort(rows), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("number", REPORT)
def test_inequality_form_relaxes_every_row_of_the_equality_form(number):
    n, _ = REPORT[number]
    record = registry.get(f"luksan_vlcek_{number}")
    equality = record.build(n).problem()
    inequality = record.build(n, form="inequality").problem()
    one_sided = np.isinf(inequality.constraint_lower) != np.isinf(inequality.constraint_upper)
    assert one_sided.all()
    bound = np.where(
        np.isinf(inequality.constraint_lower),
        inequality.constraint_upper,
        inequality.constraint_lower,
    )
    assert bound.tolist() == equality.constraint_lower.tolist()


@pytest.mark.parametrize(
    ("digits", "half_unit"), [("27.58658", 5e-6), ("62638.2", 0.05), ("8.25936E4", 0.05)]
)
def test_printed_optima_hold_to_half_a_unit_of_the_last_digit(digits, half_unit):
    known = printed("LUKVLE3", digits, num_variables=1000)
    assert known.relative_tolerance * known.value == pytest.approx(half_unit)
