"""Rows proven linear and Hessians proven constant."""

from __future__ import annotations

import numpy as np
import pytest

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
