"""Taylor series along a line: closed forms, and directional derivatives one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sparseopt as so
from sparseopt.derivatives.programs.derived import DerivedPrograms
from sparseopt.evaluation import Evaluator
from sparseopt.graph.functions import FUNCTIONS
from sparseopt.graph.index import StridedIndex
from sparseopt.graph.nodes import Constant, Gather
from sparseopt.graph.program import Program
from sparseopt.testing.programs import random_programs
from sparseopt.tracing.elementwise import record
from sparseopt.tracing.trace import trace
from tests.references import assert_close

ORDER = 8
K = np.arange(ORDER + 1)
FACTORIAL = np.array([math.factorial(int(k)) for k in K], float)


def series(function, shape, order, x, v):
    """Return the coefficients by the NumPy backend."""
    program, _ = trace(function, shape)
    made = DerivedPrograms(program).taylor(order)
    total = sum(output.size for output in made.outputs)
    rows = Gather(made.outputs, StridedIndex.of(0, (total,), (1,)))
    evaluator = Evaluator(
        Program(made.variables, made.parameters, (Constant(np.zeros(1)), rows)), "numpy"
    )
    return evaluator.constraints(np.concatenate([np.ravel(x), np.ravel(v)])).reshape(order + 1, -1)


def shifted(values):
    """Return what a pattern of four derivatives gives to all orders."""
    return np.array([values[k % 4] for k in K]) / FACTORIAL


A = 0.3
CLOSED_FORMS = {
    "sine": (np.sin, shifted([np.sin(A), np.cos(A), -np.sin(A), -np.cos(A)])),
    "cosine": (np.cos, shifted([np.cos(A), -np.sin(A), -np.cos(A), np.sin(A)])),
    "exponential": (np.exp, math.exp(A) / FACTORIAL),
    "geometric": (lambda x: 1.0 / (1.0 - x), (1.0 - A) ** -(K + 1.0)),
    "logarithm": (
        np.log,
        np.concatenate([[math.log(A)], -((-1.0 / A) ** K[1:]) / K[1:]]),
    ),
    "square root": (
        np.sqrt,
        np.array([math.gamma(1.5) / math.gamma(1.5 - k) for k in K]) / FACTORIAL * A ** (0.5 - K),
    ),
    "polynomial": (
        lambda x: (1.0 + x) ** 5,
        np.array([math.comb(5, int(k)) * (1.0 + A) ** (5 - k) if k <= 5 else 0.0 for k in K]),
    ),
    "power": (
        lambda x: x**2.5,
        np.array([math.gamma(3.5) / math.gamma(3.5 - k) for k in K]) / FACTORIAL * A ** (2.5 - K),
    ),
    "choice": (lambda x: np.where(x > 0.2, np.exp(x), np.log(x - 5.0)), math.exp(A) / FACTORIAL),
    "step": (np.floor, np.zeros(ORDER + 1)),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_series_known_in_closed_form(name):
    function, expected = CLOSED_FORMS[name]
    found = series(function, (1,), ORDER, [A], [1.0])[:, 0]
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)


def test_a_direction_scales_the_powers():
    found = so.taylor(np.exp, np.zeros(2), 3)([0.0, 0.0], [2.0, -1.0])
    np.testing.assert_allclose(found, [[1, 1], [2, -1], [2, 0.5], [4 / 3, -1 / 6]], rtol=1e-14)


def test_the_coefficients_of_a_multivariate_polynomial():
    # (x + t) (y + 2 t)^2 = x y^2 + (y^2 + 4 x y) t + (4 y + 4 x) t^2 + 4 t^3
    found = so.taylor(lambda z: z[0] * z[1] ** 2, np.zeros(2), 4)([3.0, 5.0], [1.0, 2.0])
    np.testing.assert_allclose(found, [75.0, 85.0, 32.0, 4.0, 0.0], atol=1e-13)


def test_arrays_keep_their_shapes_and_parameters_their_values():
    coefficients = so.taylor(lambda x, k: k * x**2, np.zeros((2, 1)), 2, parameters={"k": 3.0})(
        [[1.0], [2.0]], [[1.0], [1.0]]
    )
    np.testing.assert_allclose(coefficients, [[[3.0], [12.0]], [[6.0], [12.0]], [[3.0], [3.0]]])


def by_cauchy(row, args, number, radius=0.02, count=16, order=3):
    """Return coefficients in one argument as Fourier coefficients on a circle (needs complex)."""
    circle = radius * np.exp(2j * np.pi * np.arange(count) / count)
    values = np.array(
        [row.numpy(*(a + (k == number) * t for k, a in enumerate(args))) for t in circle]
    )
    waves = np.exp(-2j * np.pi * np.outer(np.arange(order + 1), np.arange(count)) / count)
    return (waves @ values / count).real / radius ** np.arange(order + 1.0)[:, None]


ANALYTIC = [
    "divide", "reciprocal", "exp2", "expm1", "log2", "log10", "log1p", "tan", "arcsin", "arccos",
    "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "erf", "power", "square",
    "gamma", "psi",
]  # fmt: skip


@pytest.mark.parametrize("name", ANALYTIC)
def test_series_of_analytic_functions_by_cauchys_formula(name):
    row = FUNCTIONS[name]
    random = np.random.default_rng(1)
    args = [
        random.uniform(0.8 * low + 0.2 * high, 0.2 * low + 0.8 * high, 3)
        for low, high in row.domain
    ]
    for number in range(row.arity):

        def function(x, number=number):
            return record(row, tuple(x if k == number else a for k, a in enumerate(args)))

        found = series(function, (3,), 3, args[number], np.ones(3))
        assert_close(found, by_cauchy(row, args, number), 1e-8, name)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True, most_steps=5), seed=st.integers(0, 3))
def test_coefficients_are_directional_derivatives(program, seed):
    x = program.point(seed)
    v = np.random.default_rng(seed + 7).standard_normal(program.shape)
    found = series(program, program.shape, 3, x, v)
    program_of, scale = program, 1.0
    for order in range(1, 4):
        before = program_of
        program_of = lambda x, before=before: so.pushforward(before, x)(x, v)  # noqa: E731
        scale *= order
        once, _ = trace(program_of, program.shape)
        evaluator = Evaluator(once.with_outputs((Constant(np.zeros(1)), *once.outputs)), "numpy")
        expected = evaluator.constraints(np.ravel(x)) / scale
        assert_close(found[order], expected, 1e-9, f"order {order}")


def test_operations_grow_with_the_square_of_the_order_not_exponentially():
    def operations(order):
        program, _ = trace(lambda x: np.exp(np.sin(x) * x) / (1.0 + x * x), (1,))
        return len(DerivedPrograms(program).taylor(order).nodes())

    assert operations(20) < 5 * operations(10)


def test_taylor_is_recorded_in_traced_code():
    x = np.array([0.2, 0.7])
    third = so.gradient(lambda x: so.taylor(lambda y: np.sum(np.sin(y)), x, 3)(x, np.ones(2))[3], x)
    np.testing.assert_allclose(third(x), np.sin(x) / 6.0, rtol=1e-13)


@pytest.mark.parametrize("order", [-1, 1.5, True, "two"])
def test_an_order_that_is_no_whole_number_is_refused(order):
    with pytest.raises(so.ProblemError, match="order of a Taylor series"):
        so.taylor(np.sin, np.zeros(2), order)


def test_a_direction_of_another_shape_is_refused():
    with pytest.raises(so.ShapeError, match=r"shape \(3,\)"):
        so.taylor(np.sin, np.zeros(2), 1)(np.zeros(2), np.zeros(3))
