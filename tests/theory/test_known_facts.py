"""Proven facts about derivatives: symmetry, exactness on quadratics, homogeneous functions."""

from __future__ import annotations

import numpy as np
import pytest

from tests.evaluation.hand_made_cases import CASES, start
from tests.references import dense_hessian, make_evaluator, nothing


@pytest.mark.parametrize("name", CASES)
def test_bilinear_form_of_the_hessian_is_symmetric(name):
    objective, constraints, n = CASES[name]
    evaluator = make_evaluator(objective, constraints, n)
    rng = np.random.default_rng(0)
    x, u, v = start(n), rng.standard_normal(n), rng.standard_normal(n)
    w = rng.standard_normal(evaluator.num_constraints)
    one = u @ evaluator.hessian_vector_product(x, w, v, 0.5)
    other = v @ evaluator.hessian_vector_product(x, w, u, 0.5)
    assert one == pytest.approx(other, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_pullback_is_the_transpose_of_the_pushforward(name):
    objective, constraints, n = CASES[name]
    evaluator = make_evaluator(objective, constraints, n)
    rng = np.random.default_rng(1)
    x, v = start(n), rng.standard_normal(n)
    w = rng.standard_normal(evaluator.num_constraints)
    left, right = w @ evaluator.pushforward(x, v), evaluator.pullback(x, w) @ v
    assert left == pytest.approx(right, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_remainder_of_the_second_taylor_polynomial_is_of_third_order(name):
    objective, constraints, n = CASES[name]
    evaluator = make_evaluator(objective, constraints, n, "llvm")
    x, v = start(n, 2), np.random.default_rng(3).uniform(-0.1, 0.1, n)
    f, slope = evaluator.objective(x), evaluator.gradient(x) @ v
    zero = np.zeros(evaluator.num_constraints)
    bend = v @ evaluator.hessian_vector_product(x, zero, v, 1.0)

    def remainder(h):
        return abs(evaluator.objective(x + h * v) - f - h * slope - h * h / 2 * bend)

    scale = 1e-11 * max(1.0, abs(f))
    coarse, fine = remainder(0.1), remainder(0.025)
    assert fine <= coarse / 30 + scale  # 64 for a third order, less where the fourth joins


@pytest.mark.parametrize("backend", ["numpy", "llvm"])
def test_quadratics_are_exact(backend):
    rng = np.random.default_rng(0)
    A = rng.integers(-3, 4, (9, 9)).astype(float)
    evaluator = make_evaluator(lambda x: x @ (A @ x), nothing, 9, backend)
    np.testing.assert_array_equal(dense_hessian(evaluator, rng.random(9), np.zeros(0)), A + A.T)
    x = rng.integers(-5, 6, 9).astype(float)
    np.testing.assert_array_equal(evaluator.gradient(x), (A + A.T) @ x)


def test_euler_identity_of_homogeneous_functions():
    # degree 3: x . g = 3 f and H x = 2 g
    evaluator = make_evaluator(lambda x: np.sum(x[1:] ** 2 * x[:-1]) + x[0] ** 3, nothing, 12)
    x = start(12)
    gradient = evaluator.gradient(x)
    assert x @ gradient == pytest.approx(3 * evaluator.objective(x))
    np.testing.assert_allclose(
        evaluator.hessian_vector_product(x, np.zeros(0), x), 2 * gradient, rtol=1e-13
    )
