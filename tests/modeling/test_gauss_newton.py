"""Gauss–Newton Hessians: against JᵀDJ written out, with every kind of solver."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
import sparseopt.modeling.gauss_newton as gauss_newton

N = 12


def chain(loss="squared", **fit):
    """Return a fit with nonlinear residuals, a prior and curved constraints.

    Residuals x_i exp(x_{i+1}) - 1 and x_i - 0.6, weights 1..N-1 and 2; x_i² + x_{i+2} = 1.
    """
    m = so.Model("chain")
    x = m.variable("x", shape=N, start=np.linspace(0.2, 0.9, N), lower=0.0, upper=9.0)
    sets = {"chain": x[:-1] * np.exp(x[1:]) - 1.0, "values": x - 0.6}
    m.fit(sets, weights={"chain": np.arange(1.0, N), "values": 2.0}, loss=loss, **fit)
    m.prior(x[0] * x[5], std=0.5)
    m.subject_to(x[:3] ** 2 + x[2:5] == 1.0, name="curved")
    m.subject_to(x[6] + x[7] >= 0.1, name="linear")
    return m


def expected_hessian(problem, x, multipliers, weight):
    """Return σ Jᵀ D J + Σ λ ∇²c with the second derivatives of the constraints by hand."""
    r = problem.residuals
    J, z = r.jacobian(x).toarray(), r.values(x) ** 2
    first, second = r.loss.first(z), r.loss.second(z)
    D = np.maximum(first + 2 * z * second, 0.1 * first)
    D[-1] = 1.0  # the prior
    matrix = weight * J.T @ (D[:, None] * J)
    matrix[range(3), range(3)] += 2.0 * multipliers[:3]
    return matrix


@pytest.mark.parametrize("loss", ["squared", "huber", "cauchy", "tukey"])
def test_hessian_is_that_of_the_formula(loss):
    p = chain(loss, hessian="gauss_newton").problem()
    rng = np.random.default_rng(1)
    x, multipliers, v = rng.uniform(0.2, 2.0, N), rng.normal(size=4), rng.normal(size=N)
    expected = expected_hessian(p, x, multipliers, 1.5)
    np.testing.assert_allclose(p.hessian(x, multipliers, 1.5).toarray(), expected, atol=1e-10)
    np.testing.assert_allclose(
        p.hessian_vector_product(x, multipliers, v, 1.5), expected @ v, atol=1e-9
    )
    np.testing.assert_allclose(
        p.hessian(x, multipliers, 0.0).toarray(), expected_hessian(p, x, multipliers, 0.0)
    )


def test_pattern_is_that_of_pairs_in_rows_and_no_more():
    p = chain(hessian="gauss_newton").problem()
    places = {(i, i) for i in range(N)} | {(i + 1, i) for i in range(N - 1)} | {(5, 0)}
    pattern = p.hessian_pattern
    assert set(zip(pattern.rows.tolist(), pattern.cols.tolist(), strict=True)) == places
    assert pattern.symmetric


def test_matrix_is_positive_semidefinite_far_from_the_data():
    p = chain("cauchy", hessian="gauss_newton").problem()
    x = np.full(N, 3.0)
    gauss = np.linalg.eigvalsh(p.hessian(x).toarray())
    exact = np.linalg.eigvalsh(chain("cauchy").problem().hessian(x).toarray())
    assert gauss.min() > -1e-9
    assert exact.min() < -1.0


def test_values_are_written_into_a_given_array():
    p = chain(hessian="gauss_newton").problem()
    out = np.full(p.hessian_pattern.nnz, np.nan)
    x = p.initial_point
    assert p.hessian_values(x, out=out) is out
    np.testing.assert_array_equal(out, p.hessian_values(x))


@pytest.mark.parametrize("solver", ["ipopt", "trust-constr"])
def test_constrained_solvers_find_the_same_fit(solver):
    exact = chain("huber").solve(options={"tol": 1e-10})
    s = chain("huber", hessian="gauss_newton").solve(solver)
    assert s.status.value in ("optimal", "acceptable")
    np.testing.assert_allclose(s["x"], exact["x"], atol=1e-4)
    assert s.objective == pytest.approx(exact.objective, rel=1e-6)


@pytest.mark.parametrize("solver", ["Newton-CG", "trust-krylov", "trust-ncg"])
def test_unconstrained_solvers_take_matrix_or_products(solver):
    m = so.Model("rosenbrock")
    x = m.variable("x", shape=2, start=[-1.2, 1.0])
    m.fit({"valley": 10.0 * (x[1:] - x[:1] ** 2), "line": 1.0 - x[:1]}, hessian="gauss_newton")
    s = m.solve(solver)
    np.testing.assert_allclose(s["x"], [1.0, 1.0], rtol=1e-3)


def test_two_steps_solve_rosenbrocks_residuals():
    """The residuals' own curvature is what makes Newton's method slow there."""
    m = so.Model("rosenbrock")
    x = m.variable("x", shape=2, start=[-1.2, 1.0])
    m.fit({"valley": 10.0 * (x[1:] - x[:1] ** 2), "line": 1.0 - x[:1]}, hessian="gauss_newton")
    gauss = m.solve().iterations
    m.fit({"valley": 10.0 * (x[1:] - x[:1] ** 2), "line": 1.0 - x[:1]})
    assert gauss < m.solve().iterations


def test_linear_residuals_make_a_constant_hessian():
    m = so.Model("line")
    x = m.variable("x", shape=2)
    m.fit(np.arange(5.0) * x[0] + x[1] - 1.0, hessian="gauss_newton")
    assert m.problem().is_hessian_constant
    m.fit(np.arange(5.0) * x[0] ** 2 + x[1] - 1.0, hessian="gauss_newton")
    assert not m.problem().is_hessian_constant


def test_a_dense_row_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(gauss_newton, "MOST_PRODUCTS", 1000)
    m = so.Model("dense")
    x = m.variable("x", shape=60, start=1.0)
    m.fit({"values": x - 1.0, "total": np.stack([np.sum(x**2)])}, hessian="gauss_newton")
    message = r"(?s)Gauss–Newton matrix needs 1,890 products.*total\[0\] depends on 60 variables"
    with pytest.raises(so.PatternError, match=message):
        m.solve()


def test_numpy_backend_agrees():
    m = chain(hessian="gauss_newton")
    compiled = m.problem().hessian(m.problem().initial_point).toarray()
    m.backend = "numpy"
    np.testing.assert_allclose(m.problem().hessian(m.problem().initial_point).toarray(), compiled)
