"""The lifted program: what is left of it when the new variables are eliminated."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import sparseopt as so
from sparseopt.evaluation import compile_program
from sparseopt.graph.interpret import interpret
from sparseopt.graph.nodes import Constant, Elementwise, Linear, RowSum
from sparseopt.lifting import describe_value, lift_values
from sparseopt.lifting.matrix_forms import recurrence
from sparseopt.testing.programs import random_programs
from sparseopt.tracing.trace import trace


def with_objective(program):
    rows = program.outputs[0]
    return program.with_outputs((Linear(RowSum(1, rows.size), rows), Constant(np.zeros(0))))


def some_values(program, choice):
    """Return every so many-th value that may be lifted."""
    kinds = (Elementwise, Linear)
    values = [n for n in program.nodes() if isinstance(n, kinds) and n not in program.outputs]
    return {node: f"z{k}" for k, node in enumerate(values[:: choice + 1])}


def eliminated_gradient(lifted, x, names):
    """Return the gradient by x of the objective with z eliminated, from the lifted program."""
    z = np.concatenate([np.zeros(0), *interpret(lifted.values(), x)])
    point = np.concatenate([x, z])
    evaluator = compile_program(lifted.program, backend="numpy")
    gradient = evaluator.gradient(point)
    if not z.size:
        return evaluator.objective(point), gradient
    np.testing.assert_allclose(evaluator.constraints(point), 0.0, atol=1e-8)
    jacobian = evaluator.jacobian_pattern.to_csr(evaluator.jacobian_values(point)).toarray()
    by_x, by_z = jacobian[:, : x.size], jacobian[:, x.size :]
    multipliers = np.linalg.solve(by_z.T, -gradient[x.size :])
    return evaluator.objective(point), gradient[: x.size] + by_x.T @ multipliers


@settings(max_examples=30, deadline=None, derandomize=True)
@given(program=random_programs(smooth=True), choice=st.integers(0, 3))
def test_values_and_gradients_are_those_of_the_direct_program(program, choice):
    direct = with_objective(trace(program, program.shape)[0])
    x = np.ravel(program.point())
    lifted = lift_values(direct, some_values(direct, choice))
    value, gradient = eliminated_gradient(lifted, x, lifted)
    evaluator = compile_program(direct, backend="numpy")
    expected = evaluator.gradient(x)
    np.testing.assert_allclose(value, evaluator.objective(x), rtol=1e-10)
    scale = 1.0 + np.abs(expected).max(initial=0.0)
    np.testing.assert_allclose(gradient, expected, atol=1e-7 * scale)


def test_without_values_a_program_stays_itself():
    program = with_objective(trace(lambda x: np.exp(x), (3,))[0])
    lifted = lift_values(program, {})
    assert lifted.program.outputs == program.outputs
    assert lifted.num_lifted == 0


@pytest.mark.parametrize("offset", [0, 1, -1])
def test_triangles_are_recurrences(offset):
    matrix = sp.csr_array(np.tri(30, k=offset))
    read, own = recurrence(matrix)
    u = np.arange(30.0) ** 2
    z = matrix @ u
    np.testing.assert_array_equal(read @ u + own @ z, np.zeros(30))
    assert read.nnz + own.nnz < 100


def test_moving_sums_are_recurrences_and_random_matrices_are_not():
    window = sp.csr_array(sp.diags_array(np.ones(9), offsets=range(9), shape=(50, 58)))
    read, own = recurrence(window)
    assert read.nnz <= 2 * 50 + 9
    assert own.nnz == 50 + 49
    assert recurrence(sp.csr_array(np.random.default_rng(0).random((20, 20)))) is None
    assert recurrence(sp.csr_array(np.eye(5))) is None


def test_values_are_described():
    texts = []

    def code(x):
        values = [np.sum(x), np.cumsum(x), x @ np.random.default_rng(0).random((40, 3)), np.exp(x)]
        texts.extend(describe_value(value.node) for value in values)
        return values[0]

    trace(code, (40,))
    assert texts == [
        "a sum of 40 terms",
        "40 sums, each from the one before",
        "a product with a constant 3 × 40 matrix",
        "40 × exp",
    ]


def test_long_running_sums_are_recorded_in_blocks():
    x = np.random.default_rng(1).random((2, 4500))
    program = trace(lambda x: np.cumsum(x, axis=1), x.shape)[0]
    (values,) = interpret(program, x.ravel())
    np.testing.assert_allclose(values.reshape(x.shape), np.cumsum(x, axis=1), rtol=1e-13)
    entries = [n.matrix.nnz for n in program.nodes() if isinstance(n, Linear)]
    assert sum(entries) < 20 * x.size + 2 * 300**2


def test_a_jacobian_that_fits_no_memory_is_refused():
    m = so.Model()
    x = m.variable("x", 100_000, start=0.1)
    m.minimize(np.sum(np.exp(np.cumsum(x) / 1e5)))
    with pytest.raises(
        so.PatternError, match=r"about \d,\d00,000,000 structural entries"
    ) as caught:
        m.problem().hessian_pattern  # noqa: B018
    assert 'lift="auto"' in caught.value.instead
