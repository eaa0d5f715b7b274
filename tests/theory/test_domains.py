"""docs/domains.md: derivatives at edges of domains and at kinks, the same by all ways."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special as special

import sparseopt as so
from benchmarks import domains
from benchmarks.domain_points import WAYS, derivatives_at, patterns_of
from sparseopt.errors import NonFiniteError

inf, nan = math.inf, math.nan
BY_NAME = {case.name: case for case in domains.CASES}


@pytest.mark.parametrize("case", domains.CASES, ids=lambda case: case.name)
def test_all_ways_to_evaluate_agree_at_the_edges(case):
    for point in case.points:
        expected = derivatives_at(case.function, point, "NumPy")
        for way in WAYS:
            np.testing.assert_allclose(
                derivatives_at(case.function, point, way), expected, 1e-11, 1e-300, err_msg=way
            )


def test_the_page_shows_what_is_evaluated():
    page = domains.PAGE.read_text()
    assert domains.page_with(domains.table()) == page, "run `python -m benchmarks.domains`"
    assert domains.NOTES.keys() <= BY_NAME.keys()


CONVENTIONS = [
    ("abs(x)", (0.0,), [0.0, 0.0, 0.0]),
    ("abs(x)", (-0.0,), [0.0, 0.0, 0.0]),
    ("sqrt(x)", (0.0,), [0.0, inf, -inf]),
    ("cbrt(x)", (0.0,), [0.0, inf, nan]),
    ("log(x)", (0.0,), [-inf, inf, -inf]),
    ("1 / x", (0.0,), [inf, -inf, inf]),
    ("norm([x, y])", (0.0, 0.0), [0.0, nan, nan, nan, nan, nan]),
    ("arctan2(y, x)", (0.0, 0.0), [0.0, nan, nan, nan, nan, nan]),
    ("maximum(x, y)", (1.0, 1.0), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
    ("minimum(x, y)", (1.0, 1.0), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
    ("clip(x, 0, 1)", (0.0,), [0.0, 1.0, 0.0]),
    ("clip(x, 0, 1)", (1.0,), [1.0, 1.0, 0.0]),
    ("sign(x)", (0.0,), [0.0, 0.0, 0.0]),
    ("floor(x)", (1.0,), [1.0, 0.0, 0.0]),
    ("heaviside(x, y)", (0.0, 0.5), [0.5, 0.0, 0.0, 0.0, 0.0, 0.0]),
    ("x**y", (0.0, 0.0), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
    ("x**y", (0.0, 2.0), [0.0, 0.0, 0.0, 2.0, 0.0, 0.0]),
    ("x**1.5", (0.0,), [0.0, 0.0, inf]),
    ("xlogy(x, y)", (0.0, 0.0), [0.0, -inf, 0.0, 0.0, 0.0, 0.0]),
    ("xlogy(x, y)", (0.0, 1.0), [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
    ("arcsin(x)", (1.0,), [math.pi / 2, inf, inf]),
    ("arccosh(x)", (1.0,), [0.0, inf, -inf]),
    ("sinc(x)", (0.0,), [1.0, 0.0, -(math.pi**2) / 3]),
    ("logaddexp(x, y)", (-inf, 0.0), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
    ("exp(x)", (1000.0,), [inf, inf, inf]),
    ("where(x > 0, log(x), 0)", (0.0,), [0.0, 0.0, 0.0]),
]


@pytest.mark.parametrize(("name", "point", "expected"), CONVENTIONS)
def test_conventions_are_those_of_the_documentation(name, point, expected):
    assert point in BY_NAME[name].points
    found = derivatives_at(BY_NAME[name].function, point, "compiled, lanes")
    np.testing.assert_allclose(found, expected, 1e-14)


EXACT = [  # NumPy's values, where a formula is on the other side of a jump or cancels
    (np.remainder, (1.0, 0.1), 0.09999999999999995),
    (np.fmod, (1.0, 0.1), 0.09999999999999995),
    (np.floor_divide, (1.0, 0.1), 9.0),
    (np.remainder, (-1e-20, 1.0), 1.0),
]


@pytest.mark.parametrize(("function", "point", "expected"), EXACT)
@pytest.mark.parametrize("way", WAYS)
def test_remainders_are_on_numpys_side_of_the_jump(function, point, expected, way):
    assert derivatives_at(function, point, way)[0] == expected == function(*point)


def test_compiled_remainders_equal_numpys_at_multiples_and_beside_them():
    rng = np.random.default_rng(0)
    y = rng.uniform(0.05, 3.0, 300) * rng.choice([-1.0, 1.0], 300)
    x = y * rng.integers(-20, 20, 300) + rng.choice([0.0, 1e-16, -1e-16, 0.3], 300)
    for function in (np.remainder, np.fmod, np.floor_divide):
        f = so.jacobian(lambda x, f=function: f(x[:300], x[300:]), np.concatenate([x, y]))
        slopes = f(np.concatenate([x, y])).toarray()
        quotient = {np.fmod: np.trunc((x - np.fmod(x, y)) / y + 0.5 * np.sign(x * y))}.get(
            function, np.floor_divide(x, y)
        )
        expected = 0.0 if function is np.floor_divide else -quotient
        np.testing.assert_array_equal(np.diag(slopes[:, 300:]), expected)


@pytest.mark.parametrize("x", [-20.5, -3.25, -0.5, 0.25, 3.0])
@pytest.mark.parametrize("way", WAYS)
def test_curvature_of_the_logarithm_of_gamma_is_right_between_its_poles(x, way):
    """By the recurrence to positive arguments, DLMF 5.15.5."""
    steps = np.arange(25)
    expected = special.polygamma(1, x + steps.size) + np.sum(1.0 / (x + steps) ** 2)
    found = derivatives_at(BY_NAME["gammaln(x)"].function, (x,), way)[2]
    assert found == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("way", WAYS)
def test_sinc_has_its_derivatives_everywhere(way):
    for x in (0.0, 1e-9, -1e-4, 0.1, 0.3, 0.35, -2.5, 7.0):
        s = math.pi * x
        first, second = -s / 3 + s**3 / 30, -1 / 3 + s**2 / 10 - s**4 / 168
        if abs(s) > 0.02:
            first = (s * math.cos(s) - math.sin(s)) / s**2
            second = ((2 - s * s) * math.sin(s) - 2 * s * math.cos(s)) / s**3
        expected = [np.sinc(x), math.pi * first, math.pi**2 * second]
        found = derivatives_at(np.sinc, (x,), way)
        np.testing.assert_allclose(found, expected, 1e-9, 1e-15)


@pytest.mark.parametrize("case", domains.CASES, ids=lambda case: case.name)
def test_patterns_hold_what_is_not_zero_at_any_point(case):
    arity = len(case.points[0])
    first, second = patterns_of(case.function, arity)
    for point in case.points:
        found = derivatives_at(case.function, point, "NumPy")
        assert {k for k in range(arity) if found[1 + k] != 0.0} <= set(first)
        assert {k for k, v in enumerate(found[1 + arity :]) if v != 0.0} <= set(second)


@pytest.mark.parametrize(
    "function", [np.abs, np.sqrt, lambda x: np.maximum(x, 0.0), lambda x: x**2, np.log]
)
def test_a_matrix_has_the_same_entries_at_every_point(function):
    jacobian = so.jacobian(function, np.ones(3))
    for x in (-1.0, -0.0, 0.0, 1.0, inf, nan):
        matrix = jacobian(np.array([x, 0.0, 2.0])).tocsr()
        assert matrix.indices.tolist() == [0, 1, 2]
        assert matrix.indptr.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        (lambda x: np.sum(np.sqrt(x)), r"derivative of the objective"),
        (lambda x: np.sum(np.log(x - 1.0)), r"log\(-1\) is nan"),
        (lambda x: np.sum(1.0 / x), r"divide\(1, 0\) is inf"),
        (lambda x: np.linalg.norm(x), r"derivative of the objective"),
    ],
)
def test_what_is_not_finite_is_named_before_a_solve(objective, words):
    model = so.Model("edges")
    x = model.variable("x", shape=2, start=0.0)
    model.minimize(objective(x))
    with pytest.raises(NonFiniteError, match=words) as raised:
        model.solve()
    assert "test_domains.py" in str(raised.value)
