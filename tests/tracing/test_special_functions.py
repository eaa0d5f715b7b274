"""Special functions by an argument that has no derivative in closed form."""

import numpy as np
import pytest
from scipy import special

import sparseopt as so


@pytest.mark.parametrize(
    "function",
    [
        lambda x: special.jv(x[0], 1.5),
        lambda x: special.jv(x, np.array([1.0, 2.0])),
        lambda x: special.gammainc(x[0] ** 2, x[1]),
        lambda x: special.betainc(2.0, x[1], 0.5),
    ],
)
def test_a_variable_as_order_is_refused(function):
    with pytest.raises(so.UnsupportedFunctionError, match=r"no closed form(.|\n)*so\.external"):
        so.gradient(lambda x: np.sum(function(x)), np.ones(2))


def test_orders_may_be_constants_and_parameters():
    J = so.jacobian(lambda x, n: special.jv(n, x), np.ones(2), parameters={"n": 1.0})
    J.set(n=0.0)
    assert J([1.0, 2.0]).diagonal() == pytest.approx(-special.j1([1.0, 2.0]))
    slope = so.gradient(lambda x: np.sum(special.gammainc(1.0, x)), np.ones(2))([0.5, 2.0])
    assert slope == pytest.approx(np.exp([-0.5, -2.0]))
