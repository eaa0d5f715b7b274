"""Interpolants: values of SciPy's own, derivatives of every order, what stands outside the data."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.interpolate as si

import sparseopt as so
from sparseopt.errors import ProblemError, ShapeError
from tests.tracing.recorded import assert_same

RNG = np.random.default_rng(3)
X = np.sort(RNG.uniform(0.0, 5.0, 14))
Y = np.sin(X) + 0.2 * RNG.normal(size=14)
MIDDLES = (X[1:] + X[:-1]) / 2.0
INSIDE = np.concatenate([RNG.uniform(X[0], X[-1], 40), X, MIDDLES])

SCIPY = {
    "linear": si.interp1d,
    "cubic": si.CubicSpline,
    "quintic": lambda x, y: si.make_interp_spline(x, y, k=5),
    "pchip": si.PchipInterpolator,
    "akima": si.Akima1DInterpolator,
    "previous": lambda x, y: si.interp1d(x, y, kind="previous"),
    "next": lambda x, y: si.interp1d(x, y, kind="next"),
    "nearest": lambda x, y: si.interp1d(x, y, kind="nearest"),
}


def compiled(function, x):
    """Return the compiled value of a function of a vector, element by element."""
    return so.jacobian(lambda z: z[-1] * function(z[:-1]), np.ones(x.size + 1))(
        np.append(x, 1.0)
    ).toarray()[:, -1]


@pytest.mark.parametrize("kind", SCIPY)
def test_values_are_those_of_scipy(kind):
    f, expected = so.interpolant(X, Y, kind), SCIPY[kind](X, Y)(INSIDE)
    np.testing.assert_allclose(f(INSIDE), expected, rtol=1e-10, atol=1e-10)
    assert_same(f, INSIDE)
    np.testing.assert_allclose(compiled(f, INSIDE), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("kind", ["linear", "cubic", "quintic", "pchip", "akima"])
def test_first_and_second_derivatives_are_those_of_the_pieces(kind):
    f = so.interpolant(X, Y, kind)
    points = np.concatenate([MIDDLES, X[:1] - 0.3, X[-1:] + 0.3])
    jacobian = so.jacobian(f, points)(points)
    assert jacobian.nnz == points.size
    first, second = f.derivative(1)(points), f.derivative(2)(points)
    np.testing.assert_allclose(jacobian.diagonal(), first, rtol=1e-12, atol=1e-13)
    hessian = so.hessian(lambda x: np.sum(f(x)), points)(points)
    np.testing.assert_allclose(hessian.diagonal(), second, rtol=1e-12, atol=1e-12)
    steps = (f(points + 1e-6) - f(points - 1e-6)) / 2e-6
    np.testing.assert_allclose(first, steps, rtol=1e-6, atol=1e-6)


def test_a_cubic_spline_has_two_continuous_derivatives():
    spline, f = si.CubicSpline(X, Y), so.interpolant(X, Y)
    for order in (0, 1, 2):
        np.testing.assert_allclose(f.derivative(order)(X), spline(X, order), rtol=1e-9, atol=1e-9)
        below = np.nextafter(X[1:-1], -np.inf)
        np.testing.assert_allclose(
            f.derivative(order)(below), f.derivative(order)(X[1:-1]), rtol=1e-9, atol=1e-9
        )


def test_a_third_derivative_by_composition_is_exact():
    f = so.interpolant(X, Y)
    third = so.hessian(lambda x: np.sum(so.gradient(lambda y: np.sum(f(y)), x)(x)), MIDDLES)
    np.testing.assert_allclose(
        third(MIDDLES).diagonal(), f.derivative(3)(MIDDLES), rtol=1e-10, atol=1e-9
    )


OUTSIDE = np.array([X[0] - 1.0, X[-1] + 2.0])


def test_outside_the_data_the_chosen_continuation_holds():
    spline = si.CubicSpline(X, Y)
    ends = Y[[0, -1]]
    tangent = ends + spline(X[[0, -1]], 1) * (OUTSIDE - X[[0, -1]])
    expected = {"continue": spline(OUTSIDE), "constant": ends, "linear": tangent}
    expected["nan"] = np.full(2, np.nan)
    expected["periodic"] = spline([X[-1] - 1.0, X[0] + 2.0])
    for how, values in expected.items():
        f = so.interpolant(X, Y, extrapolate=how)
        np.testing.assert_allclose(f(OUTSIDE), values, rtol=1e-10)
        assert_same(f, OUTSIDE)
        np.testing.assert_allclose(f(INSIDE[:40]), spline(INSIDE[:40]), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("how", ["continue", "constant", "linear", "nan"])
def test_the_ends_of_the_data_are_inside(how):
    f = so.interpolant(X, Y, extrapolate=how)
    np.testing.assert_allclose(f(X[[0, -1]]), Y[[0, -1]], rtol=1e-12)
    slopes = si.CubicSpline(X, Y)(X[[0, -1]], 1)
    np.testing.assert_allclose(f.derivative(1)(X[[0, -1]]), slopes, rtol=1e-10)


def test_a_periodic_boundary_repeats_the_data():
    angle = np.linspace(0.0, 2.0 * np.pi, 30)
    wave = so.interpolant(angle, np.append(np.sin(angle[:-1]), 0.0), boundary="periodic")
    points = np.array([-7.0, 0.3, 14.0])
    np.testing.assert_allclose(wave(points), np.sin(points), atol=2e-5)
    assert_same(wave, points, 1e-14)


@pytest.mark.parametrize("boundary", ["natural", "clamped", ((1, 0.5), (2, 0.0))])
def test_boundary_conditions_are_those_of_scipy(boundary):
    f = so.interpolant(X, Y, boundary=boundary)
    expected = si.CubicSpline(X, Y, bc_type=boundary)(INSIDE)
    np.testing.assert_allclose(f(INSIDE), expected, rtol=1e-10, atol=1e-12)


SPLINES = {
    "cubic": si.CubicSpline(X, Y),
    "not outside": si.CubicSpline(X, Y, extrapolate=False),
    "pchip": si.PchipInterpolator(X, Y),
    "b-spline": si.make_interp_spline(X, Y, k=4),
    "smoothing": si.make_smoothing_spline(X, Y, lam=0.1),
}


@pytest.mark.parametrize("name", SPLINES)
def test_a_spline_of_scipy_is_taken_as_it_is(name):
    spline, f = SPLINES[name], so.interpolant(SPLINES[name])
    points = np.concatenate([INSIDE, OUTSIDE])
    np.testing.assert_allclose(f(points), spline(points), rtol=1e-9, atol=1e-9)
    assert_same(f, points)


# ---- values that are arrays, and grids

XG, YG = np.linspace(0.0, 1.0, 9) ** 1.5, np.linspace(-1.0, 2.0, 7)
TABLE = RNG.normal(size=(9, 7))
POINTS = np.stack([RNG.uniform(0.0, 1.0, 25), RNG.uniform(-1.0, 2.0, 25)])


def test_values_may_be_arrays():
    values = RNG.normal(size=(14, 2, 3))
    f = so.interpolant(X, values)
    np.testing.assert_allclose(f(INSIDE), si.CubicSpline(X, values)(INSIDE), rtol=1e-10, atol=1e-12)
    assert f(1.0).shape == (2, 3)
    assert_same(f, INSIDE)
    assert_same(lambda x: f(x[0]), INSIDE)
    points = MIDDLES[:4]
    jacobian = so.jacobian(lambda x: f(x).reshape(-1), points)(points).toarray()
    slopes = f.derivative(1)(points)
    for k in range(4):
        np.testing.assert_allclose(jacobian[6 * k : 6 * k + 6, k], slopes[k].ravel(), rtol=1e-12)
    assert np.count_nonzero(jacobian) == 24


def test_a_bicubic_table_is_the_tensor_product_spline():
    f = so.interpolant((XG, YG), TABLE)
    expected = si.RectBivariateSpline(XG, YG, TABLE, s=0)
    np.testing.assert_allclose(f(*POINTS), expected(*POINTS, grid=False), rtol=1e-10, atol=1e-12)
    assert_same(lambda x: f(x[0], x[1]), POINTS)
    for orders in ((1, 0), (0, 1), (1, 1), (2, 0), (0, 2)):
        found = f.derivative(*orders)(*POINTS)
        scipy = expected(*POINTS, dx=orders[0], dy=orders[1], grid=False)
        np.testing.assert_allclose(found, scipy, rtol=1e-8, atol=1e-8)


def test_first_and_second_derivatives_of_a_table_are_exact():
    f = so.interpolant((XG, YG), TABLE)
    flat = POINTS.ravel()
    hessian = so.hessian(lambda z: np.sum(f(z[:25], z[25:])), flat)(flat).toarray()
    for orders, block in (((2, 0), (0, 0)), ((1, 1), (0, 25)), ((0, 2), (25, 25))):
        i, j = block
        np.testing.assert_allclose(
            np.diag(hessian[i : i + 25, j : j + 25]),
            f.derivative(*orders)(*POINTS),
            rtol=1e-11,
            atol=1e-11,
        )
    gradient = so.gradient(lambda z: np.sum(f(z[:25], z[25:])), flat)(flat)
    np.testing.assert_allclose(gradient[:25], f.derivative(1, 0)(*POINTS), rtol=1e-11, atol=1e-12)


def test_a_table_continues_as_told_on_every_side():
    linear = so.interpolant((XG, YG), TABLE, "linear", extrapolate="constant")
    corners = np.array([[-1.0, 2.0, -1.0, 0.0], [-3.0, 5.0, 2.0, -9.0]])
    np.testing.assert_allclose(linear(*corners), TABLE[[0, -1, 0, 0], [0, -1, -1, 0]])
    scipy = si.RegularGridInterpolator((XG, YG), TABLE)
    np.testing.assert_allclose(linear(*POINTS), scipy(POINTS.T), rtol=1e-12)
    outside = so.interpolant((XG, YG), TABLE, extrapolate="nan")
    assert np.isnan(outside(*corners[:, :3])).all()
    assert np.isfinite(outside(*POINTS)).all()


def test_coordinates_of_a_table_are_broadcast():
    f = so.interpolant((XG, YG), TABLE)
    assert_same(lambda x: f(x[:, None], np.array([0.5, 1.5])), POINTS[0])
    assert_same(lambda x: f(0.25, x), POINTS[1])


def test_three_coordinates_interpolate_a_product():
    grid = [np.linspace(0.0, 1.0, n) for n in (4, 5, 6)]
    a, b, c = np.meshgrid(*grid, indexing="ij")
    f = so.interpolant(tuple(grid), a**3 * b**2 * c)
    point = np.array([0.3, 0.7, 0.9])
    gradient = so.gradient(lambda x: f(x[0], x[1], x[2]), point)(point)
    p, q, r = point
    np.testing.assert_allclose(
        gradient, [3 * p**2 * q**2 * r, 2 * p**3 * q * r, p**3 * q**2], rtol=1e-11
    )


def test_a_fitted_model_is_solved_to_the_minimum_of_the_spline():
    f = so.interpolant(np.linspace(0.0, 6.0, 61), np.cos(np.linspace(0.0, 6.0, 61)))
    m = so.Model("table")
    x = m.variable("x", start=2.0, lower=0.0, upper=6.0)
    m.minimize(f(x))
    assert float(m.solve()["x"]) == pytest.approx(np.pi, abs=1e-5)


REFUSED = [
    (lambda: so.interpolant([0.0, 0.0, 1.0], [1.0, 2.0, 3.0]), ProblemError, "ascending"),
    (lambda: so.interpolant([0.0, 1.0], [1.0, np.nan]), ProblemError, "not finite"),
    (lambda: so.interpolant([0.0, 1.0], [1.0, 2.0, 3.0]), ShapeError, "coordinates of shape"),
    (lambda: so.interpolant([0.0], [1.0]), ShapeError, "2 or more"),
    (lambda: so.interpolant([0.0, 1.0]), ProblemError, "needs values"),
    (lambda: so.interpolant(X, Y, "kubic"), ProblemError, "no kind"),
    (lambda: so.interpolant(X, Y, extrapolate="nothing"), ProblemError, "no extrapolate"),
    (lambda: so.interpolant(X, Y, "nearest", extrapolate="nan"), ProblemError, "nearest"),
    (lambda: so.interpolant((XG, YG), TABLE, "pchip"), ProblemError, "not linear"),
    (lambda: so.interpolant(X, Y, boundary="periodic"), ProblemError, "cannot be made"),
    (lambda: so.interpolant(X, Y)(1.0, 2.0), ShapeError, "called with 2"),
    (lambda: so.interpolant(X, Y).derivative(1, 1), ProblemError, "order of derivative"),
    (
        lambda: so.jacobian(lambda y: so.interpolant(X, y)(1.0), Y),
        ProblemError,
        "data of an interpolant are traced",
    ),
]


@pytest.mark.parametrize(("make", "error", "words"), REFUSED)
def test_what_cannot_be_interpolated_is_refused_by_name(make, error, words):
    with pytest.raises(error, match=words):
        make()
