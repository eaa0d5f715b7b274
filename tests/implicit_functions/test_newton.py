"""Damped Newton: rates, damping, reuse of factors, and the ways it ends."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from sparseopt.factorizations import factorization
from sparseopt.implicit_functions.newton import newton


def run(residual, jacobian, start, tolerance=1e-12, max_iterations=50):
    calls = []

    def factored(u):
        calls.append(1)
        return factorization(sp.csc_array(jacobian(u)))

    found = newton(residual, factored, np.array(start, float), tolerance, max_iterations)
    return found, len(calls)


def test_a_linear_system_needs_one_factorization():
    matrix = np.array([[4.0, 1.0], [2.0, 3.0]])
    found, count = run(lambda u: matrix @ u - [1.0, 2.0], lambda u: matrix, [0.0, 0.0])
    assert found.reason == ""
    assert count == 1
    np.testing.assert_allclose(found.u, np.linalg.solve(matrix, [1.0, 2.0]), rtol=1e-15)


def test_an_arctangent_far_out_needs_damping():
    """Undamped Newton diverges from |u| > 1.39."""
    found, _ = run(np.arctan, lambda u: np.diag(1.0 / (1.0 + u**2)), [20.0])
    assert found.reason == ""
    assert abs(found.u[0]) < 1e-12


def test_the_scale_of_equations_does_not_matter():
    def residual(u):
        return np.array([1e12 * (u[0] ** 2 - 2.0), 1e-12 * (np.exp(u[1]) - 3.0)])

    def jacobian(u):
        return np.diag([2e12 * u[0], 1e-12 * np.exp(u[1])])

    found, _ = run(residual, jacobian, [1.0, 0.0])
    np.testing.assert_allclose(found.u, [np.sqrt(2.0), np.log(3.0)], rtol=1e-12)


def test_a_point_outside_of_the_domain_shortens_the_step():
    with np.errstate(invalid="ignore"):
        found, _ = run(lambda u: np.sqrt(u) - 0.1, lambda u: np.diag(0.5 / np.sqrt(u)), [4.0])
    np.testing.assert_allclose(found.u, 0.01, rtol=1e-12)


@pytest.mark.parametrize(
    ("residual", "jacobian", "start", "words"),
    [
        (lambda u: u**2 + 1.0, lambda u: np.diag(2.0 * u), [3.0], "singular|short enough|converge"),
        (lambda u: np.full(1, np.nan), lambda u: np.eye(1), [0.0], "nan at the start"),
        (lambda u: u**2 - 2.0, lambda u: np.zeros((1, 1)), [1.0], "singular"),
    ],
)
def test_why_there_is_no_solution_is_said(residual, jacobian, start, words):
    found, _ = run(residual, jacobian, start)
    assert any(word in found.reason for word in words.split("|"))


def test_too_few_iterations_are_said():
    found, _ = run(np.arctan, lambda u: np.diag(1.0 / (1.0 + u**2)), [20.0], max_iterations=1)
    assert found.reason == "it did not converge in 1 steps"
