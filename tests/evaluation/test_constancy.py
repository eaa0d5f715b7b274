"""Rows proven linear and Hessians proven constant."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt.elements.tasks import Base
from tests.references import make_evaluator, nothing, zero

A = np.random.default_rng(0).standard_normal((20, 30))


def rows(constraints, n):
    return make_evaluator(zero, constraints, n).is_linear_row.tolist()


def test_linear_rows_are_told_from_nonlinear_ones():
    def constraints(x):
        return np.stack(
            [
                x[0] + 2 * x[1],
                x[0] * x[1],
                x[2] / 3.0,
                3.0 / x[2],
                x[3] ** 1,
                x[3] ** 2,
                x[0] * 0.0 + 4.0,
                np.abs(x[1]),
                np.where(x[0] > 0, x[1], x[2]),
                np.sum(x) - x[0],
                np.sin(x[0]) * 0.0 + x[1],
            ]
        )

    assert rows(constraints, 4) == [
        True, False, True, False, True, False, True, False, False, True, True,
    ]  # fmt: skip


def test_linear_rows_through_large_matrices():
    assert rows(lambda x: A @ x, 30) == [True] * 20
    assert rows(lambda x: A @ (2.0 * x - 1.0) + A @ x[::-1], 30) == [True] * 20
    assert rows(lambda x: A @ np.exp(x), 30) == [False] * 20


def test_rows_that_read_a_nonlinear_intermediate_are_not_linear():
    def constraints(x):
        s = np.log(np.sum(np.exp(x)))
        return np.stack([s, s + x[0], x[1] + x[2]])

    assert rows(constraints, 40) == [False, False, True]


def test_a_parameter_as_coefficient_keeps_a_row_linear():
    evaluator = make_evaluator(lambda x, p: x[0], lambda x, p: p * x[:2], 3, num_parameters=2)
    assert evaluator.is_linear_row.tolist() == [True, True]


@pytest.mark.parametrize(
    ("objective", "constraints", "constant"),
    [
        (lambda x: np.sum(x**2) + x[0] * x[1], nothing, True),
        (lambda x: np.sum((A @ x) ** 2), lambda x: A @ x, True),
        (lambda x: np.sum(x), lambda x: x[1:] - x[:-1], True),
        (lambda x: np.sum(x**3), nothing, False),
        (lambda x: np.sum(x**2), lambda x: x[:1] * x[1:2], False),
        (lambda x: np.log(np.sum(np.exp(x))), nothing, False),
        (lambda x: np.sum(np.abs(x)), nothing, True),
    ],
)
def test_constant_hessians(objective, constraints, constant):
    assert make_evaluator(objective, constraints, 30).is_hessian_constant is constant


def test_a_quadratic_of_a_long_linear_sum_is_recognized_or_at_least_not_claimed_wrongly():
    evaluator = make_evaluator(lambda x: np.sum(x) ** 2, nothing, 30)
    one = evaluator.hessian_values(np.zeros(30), np.zeros(0))
    other = evaluator.hessian_values(np.ones(30), np.zeros(0))
    np.testing.assert_array_equal(one, other)


def test_the_hessian_of_a_quadratic_program_is_constants_times_the_weight():
    model = so.Model("quadratic")
    n = 300
    x = model.variable("x", shape=n, start=1.0)
    model.minimize(np.sum((x[1:] - 2.0 * x[:-1]) ** 2) + 3.0 * x[0] * x[4])
    model.subject_to(x[0] + x[1] + x[2] >= 1.0)
    evaluator = model.problem().evaluator
    program = evaluator._program("hessian")
    (phase,) = program.schedule.phases
    (kernel,) = phase
    assert {o.base for o in kernel.operands.values()} == {None, Base.WEIGHT}
    point, multipliers = np.arange(float(n)), np.array([7.0])
    values = evaluator.hessian_values(point, multipliers, 0.5)
    found = evaluator.hessian_pattern.to_symmetric(values).toarray()
    D = np.eye(n - 1, n, 1) - 2.0 * np.eye(n - 1, n)
    expected = D.T @ D * 2.0
    expected[0, 4] = expected[4, 0] = expected[0, 4] + 3.0
    np.testing.assert_allclose(found, 0.5 * expected, atol=1e-15)


def test_of_a_short_program_everything_is_one_module():
    model = so.Model("short")
    x = model.variable("x", shape=4, lower=1.0, upper=5.0, start=2.0)
    model.minimize(x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2])
    model.subject_to(x[0] * x[1] * x[2] * x[3] >= 25.0)
    model.subject_to(np.sum(x**2) == 40.0)
    evaluator = model.problem().evaluator
    kinds = ("objective", "gradient", "constraints", "jacobian", "hessian")
    evaluator.start_compiling(*kinds)
    modules = {evaluator._program(kind)._module for kind in kinds}
    assert len(modules) == 1


def test_a_hessian_that_parameters_change_is_computed_anew():
    model = so.Model("weighted")
    x = model.variable("x", shape=3, start=1.0)
    price = model.parameter("price", 2.0)
    model.minimize(price * np.sum(x**2))
    problem = model.problem()
    assert problem.hessian(np.zeros(3)).diagonal().tolist() == [4.0, 4.0, 4.0]
    problem.evaluator.parameters[:] = 5.0
    assert problem.hessian(np.zeros(3)).diagonal().tolist() == [10.0, 10.0, 10.0]
