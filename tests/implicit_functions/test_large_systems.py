"""A hundred thousand unknowns: nothing dense is formed where no matrix is asked for."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so

N = 100_000
ROWS = np.concatenate([np.arange(N), np.arange(N - 1), np.arange(1, N)])
COLS = np.concatenate([np.arange(N), np.arange(1, N), np.arange(N - 1)])


def misfit(k):
    """A chain with springs to the ground: a tridiagonal system of 10^5 unknowns."""
    side = np.zeros(N - 1) - 1.0
    values = np.concatenate([3.0 + k**2, side, side])
    return np.sum((so.linear_solve((values, (ROWS, COLS)), np.ones(N)) - 0.5) ** 2)


def reference(k, v):
    """Gradient and Hessian times v by hand."""
    matrix = sp.diags_array([3.0 + k**2, -np.ones(N - 1), -np.ones(N - 1)], offsets=[0, 1, -1])
    solve = sp.linalg.factorized(matrix.tocsc())
    u = solve(np.ones(N))
    dual = solve(2.0 * (u - 0.5))
    du = -solve(2.0 * k * v * u)
    moved = solve(2.0 * du - 2.0 * k * v * dual)
    return -dual * u * 2.0 * k, -2.0 * (k * (moved * u + dual * du) + v * dual * u)


def test_gradient_and_product_of_a_hundred_thousand_unknowns():
    rng = np.random.default_rng(0)
    k, v = rng.uniform(0.5, 1.0, N), rng.normal(size=N)
    slope, curved = reference(k, v)
    np.testing.assert_allclose(so.gradient(misfit, k)(k), slope, rtol=1e-10, atol=1e-14)
    product = so.hessian_vector_product(misfit, k)(k, v)
    np.testing.assert_allclose(product, curved, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("solver", ["L-BFGS-B", "trust-krylov"])
def test_methods_without_a_matrix_solve_such_a_model(solver):
    m = so.Model()
    k = m.variable("k", N, start=1.0)
    m.minimize(misfit(k) + 1e-3 * np.sum((k - 1.0) ** 2))
    solution = m.solve(solver=solver, options={"maxiter": 2})
    assert solution.objective < 200.0


def test_methods_with_a_matrix_are_refused_with_what_to_do():
    m = so.Model()
    k = m.variable("k", N, start=1.0)
    m.minimize(misfit(k))
    with pytest.raises(so.PatternError, match="dense matrix of 100,000 x") as error:
        m.solve(solver="ipopt")
    assert "L-BFGS-B" in error.value.instead
