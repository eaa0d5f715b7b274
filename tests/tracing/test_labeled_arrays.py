"""Data with labels, as of pandas and xarray: numbers in their order; neither is needed here."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so


class Series:
    """What pandas' Series does in arithmetic, and its method whose name NumPy's masks have."""

    __array_priority__ = 1000
    __pandas_priority__ = 3000

    def __init__(self, numbers):
        self.numbers = np.asarray(numbers, dtype=float)

    def __array__(self, dtype=None, copy=None):
        return self.numbers

    def __mul__(self, other):
        if getattr(other, "__pandas_priority__", 0) > self.__pandas_priority__:
            return NotImplemented
        return Series(self.numbers * np.asarray(other))

    def mask(self, condition):
        return Series(np.where(condition, np.nan, self.numbers))


class DataArray:
    """What xarray's DataArray does: it keeps what NumPy's functions take as its data."""

    def __init__(self, data):
        self.data = data

    def __mul__(self, other):
        return DataArray(self.data * other)

    def __le__(self, other):
        return DataArray(self.data <= other)


PRICES = [1.0, 2.0, 3.0]


@pytest.fixture
def model():
    return so.Model("labels")


def test_a_series_is_data_on_both_sides_and_in_bounds(model):
    x = model.variable("x", 3, lower=Series(PRICES), start=Series(PRICES))
    p = model.parameter("p", Series(PRICES))
    model.minimize(np.sum((x * Series(PRICES) - 2.0 * p) ** 2) + np.sum(Series(PRICES) * x))
    model.subject_to(x, upper=Series([9.0, 8.0, 7.0]), name="most")
    problem = model.problem()
    assert problem.variable_lower.tolist() == PRICES
    assert problem.variable_upper.tolist() == [9.0, 8.0, 7.0]
    assert problem.objective([1.0, 1.0, 1.0]) == 1.0 + 4.0 + 9.0 + 6.0


def test_a_series_meets_complex_values():
    real = so.jacobian(lambda x: (Series(PRICES) * (x + 1j)).real, np.zeros(3))
    assert real(np.zeros(3)).toarray().tolist() == [
        [1.0, 0.0, 0.0],
        [0.0, 2.0, 0.0],
        [0.0, 0.0, 3.0],
    ]


def test_an_array_with_a_traced_array_inside_is_that_array(model):
    x = model.variable("x", 3, start=1.0)
    model.minimize(np.sum((DataArray(np.array(PRICES)) * x).data) + 0.0)
    model.subject_to(DataArray(np.array(PRICES)) <= x, name="least")
    model.subject_to(DataArray(np.array(PRICES)) * x, upper=9.0, name="most")
    problem = model.problem()
    assert problem.objective([1.0, 1.0, 1.0]) == 6.0
    assert problem.variable_lower.tolist() == PRICES
    assert problem.variable_upper.tolist() == [9.0, 4.5, 3.0]


def through_pandas(x):
    inside = compile("asarray(x)", "/opt/pandas/core/frame.py", "exec")
    exec(inside, {"asarray": np.asarray, "x": x})


def test_the_users_line_is_not_that_of_pandas():
    with pytest.raises(so.ArrayConversionError, match=r"test_labeled_arrays\.py"):
        so.jacobian(through_pandas, np.zeros(3))
