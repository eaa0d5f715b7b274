"""What users of other packages write by habit is refused with what to write here."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt.errors import SparseOptError


@pytest.fixture(scope="module")
def solution():
    m = so.Model("habits")
    x = m.variable("x", 3, lower=0.0, start=1.0)
    p = m.parameter("p", [1.0, 2.0, 3.0])
    m.minimize(np.sum((x - p) ** 2))
    m.subject_to(np.sum(x) <= 5.0, name="total")
    return m.solve()


def model():
    m = so.Model("habits")
    x = m.variable("x", 3, lower=0.0, start=1.0)
    p = m.parameter("p", [1.0, 2.0, 3.0])
    m.minimize(np.sum((x - p) ** 2))
    m.subject_to(np.sum(x) <= 5.0, name="total")
    return m, x


def assign(m, name, value):
    setattr(m, name, value)


OF_MODELS = {
    "set a variable": (lambda m, x: m.set(x=1.0), 'm.solve(start={"x": values})'),
    "set a constraint": (lambda m, x: m.set(total=1.0), 'm.parameter("b", values)'),
    "set what is not there": (lambda m, x: m.set(q=1.0), "known names: p"),
    "a variable of the model": (lambda m, x: m.x, 'm.variable("x", ...) returned'),
    "a parameter of the model": (lambda m, x: m.p, 'm.parameter("p", ...) returned'),
    "Gurobi's variables": (lambda m, x: m.addVar(), "x = m.variable("),
    "Pyomo's constraints": (lambda m, x: m.Constraint(), "m.subject_to(expression <= bound"),
    "CasADi's start": (lambda m, x: m.set_initial(x, 1.0), "m.solve(start="),
    "CasADi's parameters": (lambda m, x: m.set_value(x, 1.0), "m.set(name=values)"),
    "Gurobi's solve": (lambda m, x: m.optimize(), "solution = m.solve()"),
    "JuMP's value": (lambda m, x: m.value(x), 'solution["x"]'),
    "an assigned objective": (lambda m, x: assign(m, "objective", x[0]), "m.minimize(expression)"),
    "an assigned method": (lambda m, x: assign(m, "minimize", x[0]), "m.minimize(...)"),
    "a start without names": (lambda m, x: m.solve(start=[1.0, 1.0, 1.0]), '{"x": values}'),
    "an array as start": (lambda m, x: m.solve(start=np.ones(3)), '{"x": values}'),
    "a bound that is a variable": (
        lambda m, x: m.variable("y", upper=x[0]),
        "m.subject_to(x <= expression)",
    ),
    "bounds that are variables": (
        lambda m, x: m.variable("y", 3, lower=x),
        "m.subject_to(x >= expression)",
    ),
    "a start that is a variable": (lambda m, x: m.variable("y", 3, start=x), 'solution["x"]'),
    "a parameter set to a variable": (lambda m, x: m.set(p=x), 'solution["x"]'),
    "the value of a variable": (lambda m, x: x.value, 'solution["x"]'),
    "the bounds of a variable": (lambda m, x: x.setub(1.0), 'm.variable("x", shape, lower='),
    "a fixed variable": (lambda m, x: x.fix(1.0), "m.subject_to(x == value)"),
    "JAX's writing": (lambda m, x: x.at[0].set(1.0), "y[0] = value"),
    "a written element": (lambda m, x: x.__setitem__(0, 1.0), "m.subject_to(x[0] == 1)"),
    "a chain": (lambda m, x: m.subject_to(0.0 <= x <= 1.0), "m.subject_to(x, lower=0, upper=1)"),
    "the largest": (lambda m, x: max(x), "np.max(x) for max(x)"),
    "None": (lambda m, x: x == None, "`x is None`"),  # noqa: E711
    "a name": (lambda m, x: m.minimize("x"), "m.variable('x', ...) returned"),
}


@pytest.mark.parametrize("name", OF_MODELS)
def test_a_habit_is_refused_with_the_line_and_what_to_write(name):
    function, words = OF_MODELS[name]
    with pytest.raises(SparseOptError) as raised:
        function(*model())
    assert words in raised.value.instead
    assert "test_foreign_habits.py:" in raised.value.where


OF_SOLUTIONS = {
    "value of a name": (lambda s: s.value("x"), 'solution["x"]'),
    "element of an array": (lambda s: s[model()[1]], "solution.value(expression)"),
    "dual of a variable": (lambda s: s.dual("x"), 'solution.bound_duals("x")'),
}


@pytest.mark.parametrize("name", OF_SOLUTIONS)
def test_a_solution_is_asked_in_its_own_way(solution, name):
    function, words = OF_SOLUTIONS[name]
    with pytest.raises(so.ProblemError) as raised:
        function(solution)
    assert words in raised.value.instead
    assert "test_foreign_habits.py:" in raised.value.where


def test_what_a_model_does_not_have_is_an_attribute_error_as_ever():
    m, x = model()
    assert not hasattr(m, "optimize")
    assert not hasattr(x, "value")
    with pytest.raises(AttributeError, match="'Model' object has no attribute 'zzz'"):
        _ = m.zzz
    with pytest.raises(so.UnknownNameError):
        _ = m.addVar


def test_a_model_may_hold_what_its_user_likes():
    m, x = model()
    m.x = x
    m.note = "of mine"
    assert m.x is x
    assert m.note == "of mine"
