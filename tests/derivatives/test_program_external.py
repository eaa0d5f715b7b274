"""Derivatives of functions that are not NumPy inside traced code, against the same in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so

POINT = np.array([0.4, 0.3, 0.9])
ZERO = np.zeros(3)
V, W = np.array([1.0, 2.0, -1.0]), np.array([0.5, -1.0, 2.0])


def f(x):
    return np.stack([x[0] * x[1] ** 2, np.exp(x[1]), x[2] * 2.0 + x[0]])


def jacobian(x):
    return np.array([[x[1] ** 2, 2 * x[0] * x[1], 0], [0, np.exp(x[1]), 0], [1, 0, 2.0]])


def hessian(x, w):
    curved = 2 * x[0] * w[0] + np.exp(x[1]) * w[1]
    return np.array([[0, 2 * x[1] * w[0], 0], [2 * x[1] * w[0], curved, 0], [0, 0, 0]])


PATTERN = np.array([[1, 1, 0], [0, 1, 0], [1, 0, 1]], bool)
OPAQUE = so.external(f, 3, jacobian=jacobian, hessian=hessian, pattern=PATTERN, name="F")


def external(x):
    return OPAQUE(np.sin(x)) * x


def plain(x):
    return f(np.sin(x)) * x


DERIVED = {
    "gradient": lambda h: lambda x: so.gradient(lambda y: np.sum(h(y) ** 2), x)(x),
    "pushforward": lambda h: lambda x: so.pushforward(h, x)(x, V * x),
    "pullback": lambda h: lambda x: so.pullback(h, x)(x, W * x),
    "jacobian": lambda h: lambda x: so.jacobian(h, x)(x) @ V,
}
ASKED = {
    "values": lambda g: so.jacobian(g, ZERO).function(POINT),
    "jacobian": lambda g: so.jacobian(g, ZERO)(POINT).toarray(),
    "pushforward": lambda g: so.pushforward(g, ZERO)(POINT, V),
    "pullback": lambda g: so.pullback(g, ZERO)(POINT, W),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("derived", DERIVED)
def test_second_derivatives_are_those_of_the_same_function_in_numpy(derived, asked):
    found = ASKED[asked](DERIVED[derived](external))
    np.testing.assert_allclose(found, ASKED[asked](DERIVED[derived](plain)), atol=1e-13)


def test_a_hessian_vector_product_has_values():
    def product(h):
        of_sum = so.hessian_vector_product(lambda y: np.sum(h(y)), ZERO)
        return so.jacobian(lambda x: of_sum(x, V), ZERO).function(POINT)

    np.testing.assert_allclose(product(external), product(plain), atol=1e-13)


def test_third_derivatives_are_refused_by_name():
    of_sum = so.hessian_vector_product(lambda y: np.sum(external(y)), ZERO)
    with pytest.raises(so.TracingError, match="third derivatives of F"):
        so.jacobian(lambda x: of_sum(x, V), ZERO)(POINT)


def test_a_taylor_series_is_refused_by_name():
    with pytest.raises(so.TracingError, match="goes through F"):
        so.taylor(external, ZERO, 2)(POINT, V)


def test_a_traced_parameter_is_refused_where_derivatives_by_it_would_be_missing():
    def outer(x):
        return so.jacobian(lambda y, k: OPAQUE(k) * y, ZERO, parameters={"k": x})(x) @ V

    with pytest.raises(so.TracingError, match="parameter 'k'"):
        so.jacobian(outer, ZERO)
