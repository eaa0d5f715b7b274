"""Functions put together from pieces: values as NumPy's, derivatives those of the piece."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt.errors import TracingError, UnsupportedFunctionError
from sparseopt.tracing.trace import trace
from tests.tracing.recorded import assert_same, sample

KNOTS = np.array([0.0, 0.5, 0.6, 1.5, 2.0])
VALUES = np.array([1.0, -1.0, 3.0, 3.0, 0.5])
X = np.concatenate([np.linspace(-1.0, 3.0, 23), KNOTS])

INTERPOLATIONS = {
    "plain": lambda x: np.interp(x, KNOTS, VALUES),
    "left": lambda x: np.interp(x, KNOTS, VALUES, left=-7.0),
    "right": lambda x: np.interp(x, KNOTS, VALUES, right=9.0),
    "period": lambda x: np.interp(x, KNOTS, VALUES, period=1.3),
    "jump": lambda x: np.interp(x, [0.0, 0.5, 0.5, 1.0], [0.0, 1.0, 5.0, 6.0]),
    "one knot": lambda x: np.interp(x, [0.5], [4.0]),
    "scalar": lambda x: np.interp(x[3], KNOTS, VALUES),
    "matrix": lambda x: np.interp(x[:6].reshape(2, 3), KNOTS, VALUES),
}


@pytest.mark.parametrize("name", INTERPOLATIONS)
def test_interp_of_traced_points_equals_numpy(name):
    assert_same(INTERPOLATIONS[name], X)


def test_interp_lets_nan_pass():
    f = so.value_and_gradient(lambda x: np.sum(np.interp(x, KNOTS, VALUES)), np.zeros(1))
    assert np.isnan(f(np.array([np.nan]))[0])


def test_the_derivative_of_interp_is_the_slope_of_the_piece_and_zero_outside():
    points = np.array([-1.0, 0.25, 0.55, 1.0, 1.9, 2.5])
    jacobian = so.jacobian(lambda x: np.interp(x, KNOTS, VALUES), points)(points)
    expected = np.diag([0.0, -4.0, 40.0, 0.0, -5.0, 0.0])
    np.testing.assert_allclose(jacobian.toarray(), expected, rtol=1e-12)


def test_at_a_knot_the_slope_is_that_of_the_piece_on_the_right():
    jacobian = so.jacobian(lambda x: np.interp(x, KNOTS, VALUES), np.array([0.5]))
    np.testing.assert_allclose(jacobian(np.array([0.5])).toarray(), [[40.0]], rtol=1e-12)


def test_curvature_around_interp_is_exact():
    points = np.array([0.25, 1.9])
    hessian = so.hessian(lambda x: np.sum(x * np.interp(x, KNOTS, VALUES) ** 2), points)(points)
    slope, value = np.array([-4.0, -5.0]), np.interp(points, KNOTS, VALUES)
    expected = np.diag(4 * value * slope + 2 * points * slope**2)
    np.testing.assert_allclose(hessian.toarray(), expected, rtol=1e-12)


def test_interp_of_traced_values_at_constant_points_is_linear_with_two_entries_a_row():
    points = np.array([-1.0, 0.3, 0.55, 1.75, 2.5])
    assert_same(lambda y: np.interp(points, KNOTS, y), VALUES, 1e-14)
    jacobian = so.jacobian(lambda y: np.interp(points, KNOTS, y), VALUES)
    assert jacobian(VALUES).nnz <= 8


def test_interp_of_traced_values_at_traced_points_may_need_any_of_them():
    def both(z):
        return np.interp(z[5:], KNOTS, z[:5], left=0.0)

    for points in ([-1.0, 0.3], [0.5, 1.75], [2.0, 2.5]):
        assert_same(both, np.concatenate([VALUES, points]), 1e-14)
    z = np.concatenate([VALUES, [0.3, 1.75]])
    expected = np.zeros((2, 7))
    expected[0, [0, 1, 5]] = [0.4, 0.6, -4.0]
    expected[1, [3, 4, 6]] = [0.5, 0.5, -5.0]
    found = so.jacobian(both, z)(z)
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-12, atol=1e-15)
    assert found.nnz == 12


def test_two_tables_in_one_program_stay_apart():
    def f(x):
        parts = [np.interp(x[k], KNOTS, VALUES + k) * x[k] for k in range(6)]
        return np.stack(parts)

    assert_same(f, X[2:8])
    points = np.linspace(0.05, 1.9, 6)
    compiled = so.value_and_gradient(lambda x: np.sum(f(x)), points)(points)[0]
    expected = np.sum(points * (np.interp(points, KNOTS, VALUES) + np.arange(6)))
    assert compiled == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("side", ["left", "right"])
def test_searchsorted_and_digitize_are_steps(side):
    assert_same(lambda x: np.searchsorted(KNOTS, x, side) * x, X)
    assert_same(lambda x: np.digitize(x, KNOTS, right=side == "left") + x, X)
    assert_same(lambda x: np.digitize(x, KNOTS[::-1], right=side == "left") + x, X)
    assert_same(lambda x: np.searchsorted(VALUES, x, sorter=np.argsort(VALUES)) + x, X)
    jacobian = so.jacobian(lambda x: np.searchsorted(KNOTS, x, side) + x, X)
    np.testing.assert_array_equal(jacobian(X).toarray(), np.eye(X.size))


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (lambda x: np.arange(9.0)[np.searchsorted(KNOTS, x[0])], TracingError),
        (lambda x: np.searchsorted(x, 0.3), UnsupportedFunctionError),
        (lambda x: np.interp(0.3, x, x), UnsupportedFunctionError),
        (lambda x: np.interp(x, KNOTS[::-1], VALUES), TracingError),
        (lambda x: np.digitize(x, [0.0, 2.0, 1.0]), ValueError),
    ],
)
def test_what_is_not_a_table_is_refused(function, error):
    with pytest.raises(error):
        trace(function, (5,))


PIECEWISE = {
    "functions": lambda x: np.piecewise(x, [x < 0.8, x >= 1.1], [np.sin, lambda v: v**2]),
    "default": lambda x: np.piecewise(x, [x < 0.8, x > 1.2], [np.sin, 3.0, np.exp]),
    "overlap": lambda x: np.piecewise(x, [x < 1.2, x > 0.8], [np.sin, np.cos]),
    "one": lambda x: np.piecewise(x, x < 0.9, [np.sin, np.cos]),
    "arguments": lambda x: np.piecewise(x, [x < 0.9], [lambda v, a, b: a * v + b], 2.0, b=1.0),
    "constant": lambda x: np.piecewise(x, [np.arange(6) < 3], [np.sin, np.cos]),
}


@pytest.mark.parametrize("name", PIECEWISE)
def test_piecewise_equals_numpy(name):
    assert_same(PIECEWISE[name], sample(6))


def test_a_piece_that_is_not_taken_leaves_no_nan():
    f = lambda x: np.sum(np.piecewise(x, [x > 0], [np.log, lambda v: v**2]))  # noqa: E731
    gradient = so.gradient(f, np.zeros(2))
    np.testing.assert_allclose(gradient(np.array([-2.0, 4.0])), [-4.0, 0.25])
