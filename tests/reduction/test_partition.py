"""Wrong states and rows are named errors."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt.errors import ProblemError, ShapeError, SingularMatrixError


def chain():
    model = so.Model("chain")
    x = model.variable("x", shape=4, start=1.0)
    rate = model.variable("rate", start=0.5)
    model.minimize(np.sum(x**2))
    model.subject_to(x[1:] == rate * x[:-1], name="steps")
    model.subject_to(np.sum(x) + rate <= 9.0, name="total")
    return model, x, rate


def test_unknown_names_are_refused_with_the_nearest_one():
    model, _, _ = chain()
    with pytest.raises(ProblemError, match="did you mean 'rate'"):
        model.reduce("rat", by="steps")
    with pytest.raises(ProblemError, match="did you mean 'steps'"):
        model.reduce("x", by="step")
    with pytest.raises(ProblemError, match="did you mean 'check'"):
        model.reduce("x", by="steps", state_bounds="chek")


def test_another_number_of_rows_than_of_states_is_refused_with_both_numbers():
    model, x, _ = chain()
    with pytest.raises(ShapeError, match="3 rows are to determine 4 states"):
        model.reduce("x", by="steps")
    assert model.reduce(x[1:], by="steps").num_variables == 2


def test_a_part_is_named_by_an_index_as_it_is_declared_by_one():
    model = so.Model("parts")
    x = model.variable("x", shape=(3, 4), start=1.0)
    model.minimize(np.sum(x**2))
    model.subject_to(x[1:, :-1] == 0.5 * x[:-1, :-1] + 1.0, name="steps")
    by_name, by_part = model.reduce("x[1:, :-1]", by="steps"), model.reduce(x[1:, :-1], by="steps")
    assert by_name.partition.states.tolist() == by_part.partition.states.tolist()
    assert by_name.partition.states.tolist() == [4, 5, 6, 8, 9, 10]


@pytest.mark.parametrize("index", ["[4]", "[1:, 2]", "[1", "[x]", "[1.5]", "[::0]", "[None]"])
def test_an_index_that_does_not_fit_is_refused(index):
    model, _, _ = chain()
    with pytest.raises(ProblemError, match=r"is no part of 'x', of shape \(4,\)"):
        model.reduce(f"x{index}", by="steps")


def test_an_inequality_does_not_determine_states():
    model, x, _ = chain()
    with pytest.raises(ProblemError, match=r"total is no equality(.|\n)*test_partition.py"):
        model.reduce(x, by=["steps", "total"])


def test_states_are_variables_each_of_them_once():
    model, x, rate = chain()
    with pytest.raises(ProblemError, match="a state is computed"):
        model.reduce([x[1:] + rate], by="steps")
    with pytest.raises(ProblemError, match=r"x\[1\], x\[2\] is given twice"):
        model.reduce([x[1:], x[1:3]], by="steps")
    with pytest.raises(ProblemError, match="no states are given"):
        model.reduce([], by="steps")


def test_a_variable_of_another_model_is_no_state():
    model, _, _ = chain()
    _, other, _ = chain()
    with pytest.raises(ProblemError, match="a state is computed"):
        model.reduce(other[1:], by="steps")


def test_something_must_remain_to_be_optimized():
    model = so.Model("square")
    u = model.variable("u", shape=2)
    model.subject_to(u**2 == 4.0, name="pde")
    with pytest.raises(ProblemError, match="nothing remains to be optimized"):
        model.reduce("u", by="pde")


def test_rows_that_cannot_determine_the_states_are_named_before_anything_is_solved():
    model = so.Model("forgotten")
    u, p = model.variable("u", shape=3), model.variable("p")
    model.minimize(np.sum(u**2))
    model.subject_to(u[0] + u[1] == p, name="one")
    model.subject_to(u[0] - u[1] == p**2, name="two")
    model.subject_to(u[0] * u[1] == p + 1.0, name="three")
    with pytest.raises(SingularMatrixError, match=r"too few rows determine u\[2\]") as caught:
        model.reduce("u")
    assert "one, two, three are too many" in str(caught.value)
    assert caught.value.columns.tolist() == [2]


def test_many_rows_that_see_states_are_refused_with_the_advice_to_solve_in_full_space():
    model = so.Model("many")
    u, p = model.variable("u", shape=500), model.variable("p", shape=500)
    model.minimize(np.sum(u**2 + p**2))
    model.subject_to(u**3 + u == p, name="pde")
    model.subject_to(u + p**2 <= 9.0, name="limit")
    with pytest.raises(ProblemError, match=r"500 rows besides(.|\n)*limit\[0\](.|\n)*full space"):
        model.reduce("u", by="pde")


def test_a_fixed_end_of_states_is_a_row_where_bounds_are_imposed():
    model, x, _ = chain()
    model.subject_to(x[3] == 8.0, name="end")
    with pytest.raises(ShapeError, match=r"without 1 that are fixed(.|\n)*state_bounds=\"impose\""):
        model.reduce("x[1:]", by="steps")
    reduced = model.reduce("x[1:]", by="steps", state_bounds="impose")
    rows = [reduced.constraint_name(k) for k in range(reduced.num_constraints)]
    assert rows == ["total", "x[3]"]
    assert (reduced.constraint_lower[1], reduced.constraint_upper[1]) == (8.0, 8.0)
    assert reduced.state([1.0, 2.0]).tolist() == [1.0, 2.0, 4.0, 8.0, 2.0]
