"""Code of SciPy that makes arrays of its arguments: run on elements, or refused with advice."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.integrate as integrate
import scipy.interpolate
import scipy.linalg
import scipy.sparse as sp
import scipy.sparse.linalg
import scipy.special as special

import sparseopt as so
from sparseopt.errors import ArrayConversionError
from sparseopt.tracing.trace import trace
from tests.tracing.recorded import assert_same, sample

GRID = np.array([0.0, 0.1, 0.3, 0.6, 0.7])

INTEGRALS = {
    "trapezoid": lambda y: integrate.trapezoid(y, GRID),
    "trapezoid step": lambda y: integrate.trapezoid(y, dx=0.1),
    "simpson": lambda y: integrate.simpson(y, dx=0.1),
    "simpson grid": lambda y: integrate.simpson(y, x=GRID),
    "simpson even": lambda y: integrate.simpson(y[:4], x=GRID[:4]),
    "simpson axis": lambda y: integrate.simpson(np.outer(y, y), dx=0.1, axis=0),
    "cumulative trapezoid": lambda y: integrate.cumulative_trapezoid(y, GRID, initial=0),
    "romb": lambda y: integrate.romb(y, dx=0.1),
}


@pytest.mark.parametrize("name", INTEGRALS)
def test_integrals_of_samples_equal_scipy(name):
    assert_same(INTEGRALS[name], sample(5), 1e-13)


def test_an_integral_is_linear_in_the_samples():
    weights = so.gradient(lambda y: integrate.simpson(y, dx=0.5), np.zeros(5))(np.zeros(5))
    np.testing.assert_allclose(weights, np.array([1.0, 4.0, 2.0, 4.0, 1.0]) / 6.0, rtol=1e-14)


def test_sparse_matrices_still_meet_traced_arrays():
    assert_same(lambda x: sp.eye_array(5).tocsr() @ x, sample(5))


REFUSED = [
    (lambda x: special.logsumexp(x), "np.logaddexp.reduce"),
    (lambda x: special.softmax(x), "np.exp"),
    (lambda x: special.log_softmax(x), "np.logaddexp.reduce"),
    (lambda x: special.polygamma(1, x), "zeta"),
    (lambda x: scipy.interpolate.CubicSpline(GRID, GRID)(x), "so.interpolant"),
    (lambda x: scipy.interpolate.make_interp_spline(GRID, GRID)(x), "so.interpolant"),
    (lambda x: scipy.linalg.solve(np.outer(x, x), x), "np.linalg.solve"),
    (lambda x: np.asarray(x), "np.stack"),
]


@pytest.mark.parametrize(("function", "words"), REFUSED)
def test_what_cannot_work_on_elements_is_refused_with_what_to_write(function, words):
    with pytest.raises(ArrayConversionError) as raised:
        trace(function, (5,))
    assert words in raised.value.instead
    assert "test_foreign_callers.py:" in raised.value.where


def test_the_advised_formulas_equal_scipy():
    x = sample((3, 5), seed=4) * 30.0
    for axis in (0, 1):
        expected = special.logsumexp(x, axis=axis)
        np.testing.assert_allclose(np.logaddexp.reduce(x, axis=axis), expected, rtol=1e-14)
        assert_same(lambda x, axis=axis: np.logaddexp.reduce(x, axis=axis), x, 1e-14)
    assert_same(lambda x: np.hypot.reduce(x, axis=1) + np.logaddexp2.reduce(x, axis=1), x, 1e-14)
    probability = so.gradient(lambda x: np.logaddexp.reduce(x), x[0])(x[0])
    np.testing.assert_allclose(probability, special.softmax(x[0]), rtol=1e-13)


def test_special_functions_record_their_row():
    for function in (special.i0, special.j1, special.erfinv, special.log_ndtr, special.psi):
        assert_same(lambda x, f=function: f(x / 2.0), sample(4), 1e-15)
    assert_same(lambda x: np.i0(x), sample(4), 1e-14)
    assert_same(lambda x: np.ldexp(x, [1, 2, 3, -1]), sample(4))
    assert_same(
        lambda x: special.log1p(x) + special.jv(2, x) + special.beta(x, 2.0), sample(4), 1e-15
    )
    second = so.hessian(lambda x: np.sum(special.jv(3, x)), np.ones(1))(np.array([2.0]))
    np.testing.assert_allclose(second.toarray(), [[special.jvp(3, 2.0, 2)]], rtol=1e-13)


@pytest.mark.parametrize(
    "make",
    [
        lambda x: sp.csr_array((x, ([0, 1, 2], [0, 1, 2]))),
        lambda x: scipy.sparse.linalg.spsolve(sp.csc_array(np.eye(3)), x),
    ],
)
def test_a_sparse_matrix_of_traced_values_is_refused_with_what_to_write(make):
    with pytest.raises(so.ArrayConversionError, match=r"so\.linear_solve") as caught:
        so.jacobian(make, np.ones(3))
    assert "test_foreign_callers.py" in caught.value.where
