"""Arguments that other packages have are refused with the ones that are meant."""

from __future__ import annotations

import doctest
import inspect

import numpy as np
import pytest

import sparseopt as so
from sparseopt.modeling import model as module

HABITS = {
    "a lower bound": (lambda m, x: m.variable("y", lb=0), "lower=0"),
    "an upper bound": (lambda m, x: m.variable("y", 3, ub=[1.0, 2.0]), "upper=[1.0, 2.0]"),
    "two bounds": (lambda m, x: m.variable("y", lb=0, ub=1), "lower=0; upper=1"),
    "a pair": (lambda m, x: m.variable("y", bounds=(0, 1)), "lower=..., upper=..."),
    "a start": (lambda m, x: m.variable("y", initialize=1.0), "start=1.0"),
    "a size": (lambda m, x: m.variable("y", size=3), "shape=3"),
    "nonnegative": (lambda m, x: m.variable("y", nonneg=True), "lower=0"),
    "typing": (lambda m, x: m.variable("y", lowr=2.0), "lower=2.0"),
    "integers": (
        lambda m, x: m.variable("y", integer=True),
        "a variable that is a real number: there is no integer programming here",
    ),
    "an option": (
        lambda m, x: m.solve(max_iter=1),
        'options={"max_iter": 1}, under the solver\'s own names',
    ),
    "two options": (
        lambda m, x: m.solve(tol=1e-08, linear_solver="ma27"),
        'options={"tol": 1e-08, "linear_solver": \'ma27\'}, under the solver\'s own names',
    ),
    "a method and an option": (
        lambda m, x: m.solve(method="SLSQP", maxiter=5),
        "solver='SLSQP'; options={\"maxiter\": 5}, under the solver's own names",
    ),
    "a solve's start": (
        lambda m, x: m.solve(x0=np.ones(3)),
        'start={"x": values}, by the names of the variables',
    ),
    "a limit": (lambda m, x: m.solve(timeout=3.0), "time_limit=3.0"),
    "output": (lambda m, x: m.solve(tee=True), "verbose=True"),
    "a bounded expression": (lambda m, x: m.subject_to(x, lb=0), "lower=0"),
    "a right-hand side": (
        lambda m, x: m.subject_to(x, rhs=0),
        "m.subject_to(expression <= value), or expression == value",
    ),
    "a parameter's shape": (
        lambda m, x: m.parameter("p", shape=3),
        "value=np.zeros(shape): its shape is the parameter's",
    ),
    "a parameter's value": (lambda m, x: m.parameter("p", default=2.0), "value=2.0"),
    "a sense": (
        lambda m, x: m.minimize(x[0], sense="max"),
        "m.minimize(expression) or m.maximize(expression)",
    ),
    "of a fit": (lambda m, x: m.fit(x, weight=2.0), "weights=2.0"),
    "of an intermediate": (lambda m, x: m.intermediate("s", values=x), "value=TracedArray(shape="),
    "unknown": (lambda m, x: m.subject_to(x <= 1, color="red"), ""),
}


def model():
    m = so.Model("habits")
    return m, m.variable("x", 3)


@pytest.mark.parametrize("name", HABITS)
def test_an_argument_of_another_package_is_refused_with_the_line_and_what_to_write(name):
    function, words = HABITS[name]
    with pytest.raises(so.UnknownArgumentError) as raised:
        function(*model())
    assert raised.value.instead.startswith(words)
    assert raised.value.instead == words or "TracedArray" in words
    assert "test_foreign_arguments.py:" in raised.value.where
    assert isinstance(raised.value, TypeError)


def test_the_message_names_all_unknown_arguments_and_all_known_ones():
    with pytest.raises(so.UnknownArgumentError) as raised:
        model()[0].variable("y", lb=0, color="red")
    assert raised.value.what == "m.variable() has no arguments 'lb', 'color'"
    assert raised.value.why == "its arguments are name, shape, lower, upper, start, scale"


def test_other_wrong_calls_end_in_pythons_own_error():
    m, _ = model()
    with pytest.raises(TypeError, match="missing 1 required positional argument") as raised:
        m.parameter("p")
    assert not isinstance(raised.value, so.SparseOptError)
    with pytest.raises(TypeError, match="multiple values for argument 'name'"):
        m.variable("y", name="z")


def test_a_type_error_from_inside_of_a_method_is_left_as_it_is():
    m, x = model()
    m.minimize(np.sum(x**2))

    def callback(iteration):
        raise TypeError("of the user's own")

    with pytest.raises(TypeError, match="of the user's own") as raised:
        m.solve(callback=callback)
    assert not isinstance(raised.value, so.SparseOptError)


def test_signatures_and_documentation_are_those_of_the_methods():
    names = [name for name in dir(so.Model) if not name.startswith("_")]
    assert {"variable", "parameter", "subject_to", "solve", "fit", "intermediate"} <= set(names)
    for name in names:
        method = getattr(so.Model, name)
        if inspect.isfunction(method):
            assert "kwargs" not in inspect.signature(method).parameters, name
            assert method.__qualname__.endswith(f"Model.{name}")
    found = list(inspect.signature(so.Model.variable).parameters)
    assert found == ["self", "name", "shape", "lower", "upper", "start", "scale"]
    examples = {test.name for test in doctest.DocTestFinder(exclude_empty=True).find(module)}
    assert "sparseopt.modeling.model.Model.subject_to" in examples
