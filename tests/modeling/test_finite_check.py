"""NaN and infinity at the start: which row, which operation, which line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sparseopt as so


@pytest.fixture
def model():
    return so.Model("test")


def refuse(model):
    with pytest.raises(so.NonFiniteError) as caught:
        model.solve()
    return str(caught.value)


def test_the_operation_and_its_line_are_named(model):
    x = model.variable("x", shape=(2, 2), start=[[1.0, 1.0], [-1.0, 1.0]])
    inner = np.log(x)  # the line to find
    model.minimize(np.sum(x**2))
    model.subject_to(inner * 2.0 + x <= 3.0, name="entropy")
    text = refuse(model)
    assert "the constraint entropy[1, 0] is not finite" in text
    assert "log(-1) is nan" in text
    found = int(text.partition("test_finite_check.py:")[2].split()[0])
    assert "the line to find" in Path(__file__).read_text().splitlines()[found - 1]


def test_the_objective_is_named(model):
    x = model.variable("x", shape=3, start=[1.0, 0.0, 2.0])
    model.minimize(np.sum(1.0 / x))
    text = refuse(model)
    assert "the objective is not finite" in text
    assert "divide(1, 0) is inf" in text


def test_the_element_is_found_through_sums_and_copies(model):
    x = model.variable("x", shape=4, start=[4.0, 1.0, -9.0, 0.25])
    roots = np.sqrt(x)[::-1]
    model.subject_to(np.cumsum(roots)[1:] >= 0.0, name="sum")
    text = refuse(model)
    assert "the constraint sum[0] is not finite" in text
    assert "sqrt(-9) is nan" in text


def test_an_infinite_derivative_names_row_and_column(model):
    x = model.variable("x", shape=2, start=[1.0, 0.0])
    model.minimize(np.sum(x**2))
    model.subject_to(np.sqrt(x) <= 2.0, name="root")
    text = refuse(model)
    assert "the derivative of the constraint root[1] with respect to x[1] is inf" in text
    assert "x[1] = 0" in text


def test_an_infinite_slope_of_the_objective_is_named(model):
    x = model.variable("x", shape=2, start=[1.0, 0.0])
    model.minimize(np.sum(np.sqrt(x)))
    assert "the derivative of the objective with respect to x[1] is inf" in refuse(model)


def test_a_branch_that_where_does_not_take_may_be_nan(model):
    x = model.variable("x", shape=2, start=[-1.0, 1.0])
    model.minimize(np.sum(np.where(x > 0.5, np.log(x), x**2)))
    model.problem().require_finite()
    bad = so.Model("bad")
    y = bad.variable("y", shape=2, start=[-1.0, 1.0])
    bad.minimize(np.sum(np.where(y > 0.5, y**2, np.log(y))))
    assert "log(-1) is nan" in refuse(bad)


def test_the_start_that_counts_is_the_one_given_to_solve(model):
    x = model.variable("x", start=2.0)
    model.minimize(x - np.log(x))
    assert model.solve()["x"] == pytest.approx(1.0)
    with pytest.raises(so.NonFiniteError, match=r"log\(-1\) is nan"):
        model.solve(start={"x": -1.0})


def test_a_parameter_that_spoils_the_start_is_seen(model):
    x = model.variable("x", start=2.0)
    k = model.parameter("k", 1.0)
    model.minimize((x - np.log(k)) ** 2)
    model.set(k=-3.0)
    assert "log(-3) is nan" in refuse(model)


def test_nan_in_the_data_is_no_matter_of_the_start():
    model = so.Model("gaps")
    x = model.variable("x", 3, start=1.0)
    model.minimize(np.sum((x - np.array([1.0, np.nan, 2.0])) ** 2))
    with pytest.raises(so.NonFiniteError, match=r"instead: leave out what is missing in the data"):
        model.solve()
