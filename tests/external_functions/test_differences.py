"""Complex steps where they are right, differences elsewhere, and never a lost imaginary part."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.external_functions.differences import Stepper, central
from sparseopt.external_functions.memory import Memory
from tests.external_functions.formulas import Counted

X = np.array([0.4, -0.7, 1.3])
UNIT = list(np.eye(3))


class Fixed(Stepper):
    """A stepper of one function."""

    def __init__(self, function, method):
        super().__init__(method, 6e-6, 1.0)
        self.function = function

    def along(self, x, directions):
        return super().along(self.function, x, directions)


def stepper(function, method="auto"):
    return Fixed(function, method)


def test_analytic_functions_get_complex_steps():
    found = stepper(np.exp).along(X, UNIT)
    np.testing.assert_allclose(np.stack(found, 1), np.diag(np.exp(X)), rtol=1e-15)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.abs(x) * np.array([1.0, 2.0, 3.0]),
        lambda x: np.conj(x) * x,
        lambda x: np.real(x) ** 2 + 0j,
        lambda x: np.array([float(v) for v in x]),
        lambda x: np.array(x, float) ** 2,
        lambda x: np.sqrt((x * np.conj(x)).real),
    ],
)
def test_functions_that_lose_imaginary_parts_are_differenced(function):
    along = stepper(function)
    found = np.stack(along.along(X, UNIT), 1)
    assert along.is_complex is False
    expected = np.stack([central(function, X, v, 1e-5, 1.0) for v in UNIT], 1)
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_an_imaginary_part_that_is_lost_at_a_later_point_is_noticed():
    def function(x):
        return np.where(x.real > 0, x**2, np.abs(x) ** 2)

    along = stepper(function)
    np.testing.assert_allclose(along.along(np.abs(X), UNIT), np.diag(2 * np.abs(X)), rtol=1e-14)
    assert along.is_complex
    np.testing.assert_allclose(along.along(X, UNIT), np.diag(2 * X), atol=1e-8)
    assert along.num_refused == 1
    np.testing.assert_allclose(along.along(np.abs(X), UNIT), np.diag(2 * np.abs(X)), rtol=1e-14)


def test_a_complex_step_that_fails_at_a_later_point_is_replaced():
    def function(x):
        if x.dtype.kind == "c" and x[0].real > 1.0:
            raise TypeError("no complex numbers here")
        return x**3

    along = stepper(function)
    along.along(X, UNIT)
    np.testing.assert_allclose(along.along(X + 1.0, UNIT), np.diag(3 * (X + 1) ** 2), rtol=1e-8)


def test_central_differences_are_taken_where_they_are_asked_for():
    counted = Counted(np.exp)
    stepper(counted, "central").along(X, UNIT)
    assert counted.calls == 6


def test_a_complex_step_costs_one_evaluation_each_and_one_to_compare():
    counted = Counted(np.exp)
    along = stepper(counted)
    along.along(X, UNIT)
    counted.calls = 0
    along.along(X + 1.0, UNIT)
    assert counted.calls == 4


def test_a_direction_of_zeros_gives_zeros():
    np.testing.assert_array_equal(central(np.exp, X, np.zeros(3), 1e-5, 1.0), np.zeros(3))


def test_memory_forgets_the_oldest_first(monkeypatch):
    monkeypatch.setattr("sparseopt.external_functions.memory.MOST_BYTES", 100)
    memory = Memory()
    points = [np.array([float(k)]) for k in range(4)]
    for point in points:
        memory.put("value", point, np.zeros(4))
    assert [memory.get("value", p) is None for p in points] == [True, True, False, False]
    assert memory.get("jacobian", points[3]) is None


def test_a_function_that_is_not_defined_beside_a_point_keeps_its_complex_steps():
    def function(x):
        if x.dtype.kind != "c" and x[0] != X[0]:
            raise ArithmeticError("outside")
        return x**2

    along = stepper(function, "complex")
    np.testing.assert_allclose(along.along(X, UNIT), np.diag(2 * X), rtol=1e-15)
