"""Matrices that a solver factors, and that a line of code makes dense, are named first."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt.solvers import dense_matrices


@pytest.mark.parametrize("solver", ["ipopt", "cyipopt"])
def test_a_sum_that_makes_the_hessian_dense_is_named_before_the_solve(monkeypatch, solver):
    monkeypatch.setattr(dense_matrices, "DENSE", 1000)
    m = so.Model("coupled")
    x = m.variable("x", 50, lower=0.0, upper=1.0, start=0.5)
    m.minimize(np.sum((x - 0.3) ** 2))
    m.subject_to(np.log(np.sum(np.exp(x))) <= 4.3, name="total")
    with pytest.warns(so.DenseHessianWarning, match="1,275 nonzeros") as caught:
        assert m.solve(solver).success
    assert "test_dense_matrices.py" in str(caught[0].message)
    assert caught[0].filename == __file__


def storage():
    m = so.Model("storage")
    u = m.variable("u", 300, lower=-1.0, upper=1.0)
    m.minimize(np.sum((u - np.sin(np.arange(300.0))) ** 2))
    m.subject_to(0.5 + np.cumsum(u) <= 1.0, name="level")
    return m


ONCE = [
    ("ipopt", {"max_iter": 1}),
    ("ipopt", {"max_iter": 1, "hessian_approximation": "limited-memory"}),
    ("cyipopt", {"max_iter": 1}),
    ("trust-constr", {"maxiter": 1}),
]


@pytest.mark.parametrize(("solver", "options"), ONCE)
def test_running_sums_that_make_the_jacobian_dense_are_named_before_the_solve(
    monkeypatch, solver, options
):
    monkeypatch.setattr(dense_matrices, "DENSE_ROWS", 20_000)
    m = storage()
    with pytest.warns(so.DenseJacobianWarning, match="45,149 nonzeros, for 300 var") as caught:
        m.solve(solver, options=options)
    assert "test_dense_matrices.py" in str(caught[0].message)
    assert caught[0].filename == __file__
    m.solve(solver, options=options, lift="auto")  # without a warning


def test_a_method_that_makes_every_jacobian_dense_is_asked_without_a_word(monkeypatch):
    monkeypatch.setattr(dense_matrices, "DENSE_ROWS", 20_000)
    storage().solve("SLSQP", options={"maxiter": 1})


def test_a_fit_that_is_not_lifted_is_not_advised_to_be_lifted(monkeypatch):
    monkeypatch.setattr(dense_matrices, "DENSE_ROWS", 20_000)
    m = so.Model("calibration")
    u = m.variable("u", 300)
    m.fit(u - np.sin(np.arange(300.0)), hessian="gauss_newton")
    m.subject_to(np.cumsum(u) <= 1.0, name="level")
    with pytest.warns(so.DenseJacobianWarning, match=r"s\[1:\] - s\[:-1\]") as caught:
        m.solve(options={"max_iter": 1})
    assert "lift=" not in str(caught[0].message)
