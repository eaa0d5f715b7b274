"""Polynomials of traced points, of traced coefficients, and of both: values as NumPy's."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial import Chebyshev, Legendre, Polynomial
from numpy.polynomial import chebyshev as cheb
from numpy.polynomial import polynomial as poly

import sparseopt as so
from sparseopt.errors import UnsupportedFunctionError
from sparseopt.tracing.trace import trace
from tests.tracing.recorded import assert_same, sample

C = np.array([2.0, -1.0, 0.5, 3.0])

POLYNOMIALS = {
    "polyval": lambda x: np.polyval(C, x),
    "polyval of coefficients": lambda x: np.polyval(x, 0.3),
    "polyval of both": lambda x: np.polyval(x[:3], x[3:]),
    "poly1d": lambda x: np.poly1d(C)(x),
    "polyadd": lambda x: np.polyadd(x, [1.0, 2.0]),
    "polyadd longer": lambda x: np.polyadd(x[:2], np.poly1d(C)),
    "polysub": lambda x: np.polysub([1.0, 2.0], x),
    "polymul": lambda x: np.polymul(x, x[:2]),
    "polymul poly1d": lambda x: np.polymul(x, np.poly1d(C)),
    "polyder": lambda x: np.polyder(x),
    "polyder 2": lambda x: np.polyder(x, 2),
    "polyint": lambda x: np.polyint(x),
    "polyint constants": lambda x: np.polyint(x, 2, k=[1.0, 2.0]),
    "vander": lambda x: np.vander(x, 3),
    "vander increasing": lambda x: np.vander(x, increasing=True),
    "polyfit": lambda x: np.polyfit(np.arange(5.0), x, 2),
    "polyfit weights": lambda x: np.polyfit(np.arange(5.0), x, 1, w=[1.0, 2.0, 1.0, 3.0, 1.0]),
    "polyfit columns": lambda x: np.polyfit(np.arange(5.0), np.stack([x, x * x], axis=1), 2),
    "Polynomial": lambda x: Polynomial(C)(x),
    "Polynomial domain": lambda x: Polynomial(C, domain=[0.0, 3.0])(x),
    "Polynomial scalar": lambda x: Polynomial(C)(x[0]),
    "Polynomial of coefficients": lambda x: Polynomial(x)(0.7),
    "Chebyshev": lambda x: Chebyshev(C, domain=[0.0, 2.0])(x),
    "Legendre": lambda x: Legendre(C)(x),
    "polyval ascending": lambda x: poly.polyval(x, C),
    "polyval ascending, coefficients": lambda x: poly.polyval(0.3, x),
    "polyval ascending, matrix": lambda x: poly.polyval(np.array([0.3, 0.4]), x),
    "polyder ascending": lambda x: poly.polyder(x),
    "polyvander": lambda x: poly.polyvander(x, 3),
    "chebval": lambda x: cheb.chebval(x, C),
}  # fmt: skip


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_polynomial_equals_numpy(name):
    assert_same(POLYNOMIALS[name], sample(5), 1e-12)


def test_derivatives_by_points_and_coefficients_are_those_of_the_polynomial():
    z = np.array([2.0, -1.0, 0.5, 1.5])
    hessian = so.hessian(lambda z: np.polyval(z[:3], z[3]), z)(z).toarray()
    expected = np.zeros((4, 4))
    expected[3, :2] = expected[:2, 3] = [2 * 1.5, 1.0]
    expected[3, 3] = 2 * 2.0
    np.testing.assert_allclose(hessian, expected, rtol=1e-15)


@pytest.mark.parametrize("function", [np.roots, np.trim_zeros])
def test_what_depends_on_roots_or_zeros_is_refused(function):
    with pytest.raises(UnsupportedFunctionError) as raised:
        trace(lambda x: function(x), (3,))
    assert raised.value.instead


def test_division_and_fits_through_traced_points_are_refused():
    with pytest.raises(UnsupportedFunctionError):
        trace(lambda x: np.polydiv(x, x)[0], (3,))
    with pytest.raises(UnsupportedFunctionError, match="traced points"):
        trace(lambda x: np.polyfit(x, x, 1), (3,))
