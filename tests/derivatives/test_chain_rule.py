"""The chain rule over stages against dense NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.evaluation import Evaluator
from tests.references import BACKENDS, dense_hessian, dense_jacobian, make_program

RNG = np.random.default_rng(4)
A = RNG.standard_normal((5, 20))
B = RNG.standard_normal((4, 20))


def inner(x):
    return np.sin(A @ (x * x))


def outer_product(x):
    return B @ x * 1.0 + np.exp(B @ x)


@pytest.mark.parametrize("backend", BACKENDS)
def test_jacobian_of_one_stage_is_the_product_of_the_factors(backend):
    x = RNG.uniform(-1, 1, 20)
    evaluator = Evaluator(make_program(lambda x: x[0], inner, 20), backend)
    expected = np.cos(A @ (x * x))[:, None] * A * (2 * x)
    np.testing.assert_allclose(dense_jacobian(evaluator, x), expected, rtol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_hessian_of_a_function_of_one_sum(backend):
    # phi(s), s = sum(x**3):  H = phi'(s) diag(6 x) + phi''(s) g g^T with g = 3 x**2
    x = RNG.uniform(0.2, 1, 30)
    evaluator = Evaluator(
        make_program(lambda x: np.log(np.sum(x**3)), lambda x: x[:0], 30), backend
    )
    s, g = np.sum(x**3), 3 * x**2
    expected = np.diag(6 * x) / s - np.outer(g, g) / s**2
    actual = dense_hessian(evaluator, x, np.zeros(0))
    np.testing.assert_allclose(actual, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("backend", BACKENDS)
def test_hessian_where_stages_multiply_each_other(backend):
    # f = s t u with s = a.x, t = b.(x*x), u = s*t itself read again
    a, b, n = A[0], A[1], 20
    x = RNG.uniform(-1, 1, n)

    def objective(x):
        s, t = np.sum(a * x), np.sum(b * x * x)
        return s * t * np.sin(s) + t * t

    evaluator = Evaluator(make_program(objective, lambda x: x[:0], n), backend)
    s, t = a @ x, b @ (x * x)
    ds, dt = a, 2 * b * x
    f_s, f_t = t * (np.sin(s) + s * np.cos(s)), s * np.sin(s) + 2 * t
    f_ss = t * (2 * np.cos(s) - s * np.sin(s))
    f_st, f_tt = np.sin(s) + s * np.cos(s), 2.0
    expected = (
        f_ss * np.outer(ds, ds)
        + f_st * (np.outer(ds, dt) + np.outer(dt, ds))
        + f_tt * np.outer(dt, dt)
        + f_t * np.diag(2 * b)
    )
    np.testing.assert_allclose(evaluator.gradient(x), f_s * ds + f_t * dt, rtol=1e-11)
    actual = dense_hessian(evaluator, x, np.zeros(0))
    np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_three_stages_deep(backend):
    C = RNG.standard_normal((20, 20)) / 5
    x = RNG.uniform(-1, 1, 20)

    def network(x):
        return B @ np.tanh(C @ np.tanh(C @ np.tanh(C @ x)))

    evaluator = Evaluator(make_program(lambda x: np.sum(network(x) ** 2), network, 20), backend)
    assert len(evaluator.form.intermediates) >= 3
    jacobian, z = np.eye(20), x
    for _ in range(3):
        z = np.tanh(C @ z)
        jacobian = (1 - z * z)[:, None] * (C @ jacobian)
    np.testing.assert_allclose(dense_jacobian(evaluator, x), B @ jacobian, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(evaluator.gradient(x), 2 * (B @ z) @ B @ jacobian, rtol=1e-11)
    hessian = dense_hessian(evaluator, x, np.ones(4), 0.3)
    v = RNG.standard_normal(20)
    np.testing.assert_allclose(
        evaluator.hessian_vector_product(x, np.ones(4), v, 0.3), hessian @ v, rtol=1e-10, atol=1e-12
    )


def test_square_of_a_sum_is_dense_and_sum_of_squares_diagonal():
    dense = Evaluator(make_program(lambda x: np.sum(x) ** 2, lambda x: x[:0], 20), "numpy")
    diagonal = Evaluator(make_program(lambda x: np.sum(x**2), lambda x: x[:0], 20), "numpy")
    assert dense.hessian_pattern.nnz == 20 * 21 // 2
    assert diagonal.hessian_pattern.nnz == 20
    assert (diagonal.hessian_pattern.rows == diagonal.hessian_pattern.cols).all()


def test_stages_that_a_matrix_does_not_need_are_not_evaluated():
    # the objective needs a stage, the constraints none
    evaluator = Evaluator(
        make_program(lambda x: np.log(np.sum(np.exp(x))), lambda x: x[1:] * x[:-1], 30), "numpy"
    )
    assert evaluator.schedule("jacobian").work_size == 0
    assert not evaluator.jacobian_plan.is_chained
    assert evaluator.hessian_plan.is_chained
