"""Programs by plain NumPy: values as the interpreter's, slopes by the complex step."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special as special

from sparseopt.external_functions.function import external
from sparseopt.graph.content_hash import content_hash
from sparseopt.graph.formulas import Formulas
from sparseopt.graph.functions import FUNCTIONS, numpy_functions
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Constant, Elementwise, Input
from sparseopt.graph.program import Program
from sparseopt.tracing.trace import trace

CASES = {
    "abs": (np.abs, [-2.0, 3.0], [-1.0, 1.0]),
    "maximum": (lambda x: np.maximum(x, x[::-1]), [1.0, 2.0], [1.0, 1.0]),
    "minimum": (lambda x: np.minimum(x * x, 3.0), [1.0, 2.0], [2.0, 0.0]),
    "fmax": (lambda x: np.fmax(x, x[::-1] * 3.0), [1.0, 2.0], [3.0, 3.0]),
    "fmin": (lambda x: np.fmin(x * x, np.nan), [1.0, 2.0], [2.0, 4.0]),
    "where": (lambda x: np.where(x > 0.0, np.sqrt(x), -3 * x), [4.0, -1.0], [0.25, -3.0]),
    "hypot": (lambda x: np.hypot(3.0 * x, 4.0 * x), [1.0, -1.0], [5.0, -5.0]),
    "arctan2": (lambda x: np.arctan2(x, -1.0), [1.0, 0.0], [-0.5, -1.0]),
    "remainder": (lambda x: np.remainder(x, 0.75), [1.0, -1.0], [1.0, 1.0]),
    "floor": (lambda x: np.floor(x) * x, [2.0, 3.5], [2.0, 3.0]),
    "sign": (lambda x: np.sign(x) + x, [0.0, -1.0], [1.0, 1.0]),
    "power": (lambda x: x**3, [-2.0, 0.0], [12.0, 0.0]),
    "matrix": (lambda x: np.array([[1.0, 2.0], [0.0, 4.0]]) @ x, [1.0, 1.0], [3.0, 4.0]),
    "sums": (lambda x: np.cumsum(x * x), [1.0, 2.0], [2.0, 6.0]),
}


@pytest.mark.parametrize("name", CASES)
def test_values_are_the_interpreters_and_slopes_those_of_the_branch(name):
    function, x, slopes = CASES[name]
    x = np.array(x)
    program, _ = trace(function, (2,), [])
    formulas = Formulas(program, np.zeros(0))
    expected = np.concatenate(interpret(program, x, np.zeros(0)))
    np.testing.assert_array_equal(formulas.values(x), expected)
    values, along = formulas.along(x, np.ones(2))
    np.testing.assert_allclose(values, expected, rtol=1e-15, atol=1e-30)
    np.testing.assert_allclose(along, slopes, rtol=1e-14, atol=1e-30)


def test_a_function_that_is_not_numpy_has_values_and_no_slopes():
    square = external(lambda x: x**2, 2, name="square")
    program, _ = trace(lambda x: square(x) + 1.0, (2,), [])
    formulas = Formulas(program, np.zeros(0))
    assert formulas.external == ("square",)
    np.testing.assert_array_equal(formulas.values(np.array([2.0, 3.0])), [5.0, 10.0])
    assert formulas.along(np.ones(2), np.ones(2)) is None


def test_a_function_without_a_complex_form_has_the_slope_of_its_partials():
    program, _ = trace(lambda x: np.copysign(np.sin(x), -1.0), (2,), [])
    formulas = Formulas(program, np.zeros(0))
    assert formulas.by_partials == ("copysign",)
    values, slopes = formulas.along(np.array([1.0, -1.0]), np.ones(2))
    np.testing.assert_allclose(values, [-np.sin(1.0)] * 2, rtol=1e-15)
    np.testing.assert_allclose(slopes, [-np.cos(1.0), np.cos(1.0)], rtol=1e-15)


def test_an_order_that_is_no_variable_needs_no_partial():
    program, _ = trace(lambda x: special.jv(1.0, x), (1,), [])
    _, slopes = Formulas(program, np.zeros(0)).along(np.array([2.0]), np.ones(1))
    np.testing.assert_allclose(slopes, special.jvp(1.0, [2.0]), rtol=1e-14)


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_function_of_the_table_has_exact_slopes(row):
    if row.table is not None:
        return
    random = np.random.default_rng(3)
    x = np.array([random.uniform(low, high) for low, high in row.domain])
    known = [k for k in range(row.arity) if k not in row.open_arguments]
    nodes = [
        Input("x", 1, "variable") if k in known else Constant(np.array([v]))
        for k, v in enumerate(x)
    ]
    variables = tuple(nodes[k] for k in known)
    program = Program(variables, (), (Elementwise(row, tuple(nodes), 1),))
    value, slope = Formulas(program, np.zeros(0)).along(x[known], np.ones(len(known)))
    np.testing.assert_allclose(value, row.numpy(*x[:, None]), rtol=1e-14)
    if row.select is not None:
        return  # the cases above
    if row.partials is None:
        assert slope == 0.0
        return
    partials = row.partials(numpy_functions, row.numpy(*x), *x)
    np.testing.assert_allclose(slope, sum(partials[k] for k in known), rtol=1e-12, atol=1e-15)


def test_intermediate_values_are_let_go_after_their_last_use():
    def chain(x):
        for _ in range(50):
            x = np.sin(x) + x
        return x

    program, _ = trace(chain, (2,), [])
    steps = Formulas(program, np.zeros(0))._real._steps
    released = [place for step in steps for place in step[3]]
    assert len(released) == len(set(released)) == len(program.nodes()) - 1


def test_parameters_are_read_at_each_evaluation():
    program, _ = trace(lambda x, k: k * x, (2,), [("k", ())])
    parameters = np.array([2.0])
    formulas = Formulas(program, parameters)
    parameters[0] = 5.0
    np.testing.assert_array_equal(formulas.values(np.ones(2)), [5.0, 5.0])


@pytest.mark.parametrize(
    "other",
    [
        lambda x: np.cos(x[1:]) * 2.0,
        lambda x: np.sin(x[1:]) * 3.0,
        lambda x: np.sin(x[:-1]) * 2.0,
        lambda x: np.sin(x[[2, 1]]) * 2.0,
        lambda x: np.eye(2) @ np.sin(x[1:]),
    ],
)
def test_the_hash_depends_on_functions_data_and_indices(other):
    def hashed(function):
        return content_hash(trace(function, (3,), [])[0])

    def original(x):
        return np.sin(x[1:]) * 2.0

    assert hashed(original) == hashed(lambda x: np.sin(x[1:]) * 2.0)
    assert hashed(original) != hashed(other)
