"""Large dense matrices inside formulas: exact derivatives, of which no n² x n² matrix is formed."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize

import sparseopt as so
from sparseopt.errors import PatternError
from sparseopt.tracing.dense_factors import DenseCholesky
from sparseopt.tracing.dense_systems import DenseFunction

N = 40
RNG = np.random.default_rng(0)
BASE, FIRST, SECOND = (RNG.normal(size=(N, N)) / 4.0 for _ in range(3))
WEIGHTS = RNG.normal(size=(N, N))


@pytest.fixture(autouse=True)
def _no_matrices(monkeypatch):
    """Refuse the structures and values that matrix-free functions must never form."""

    def refuse(self, *args):
        assert not self.is_matrix_free, "a matrix of derivatives is formed"
        return original(self, *args)

    original = DenseFunction._first.func
    monkeypatch.setattr(DenseFunction, "_first", property(refuse))


def general(t):
    return 2.0 * np.eye(N) + BASE + t[0] * FIRST + t[1] ** 2 * SECOND


def positive(t):
    return general(t) @ general(t).T + t[2] ** 2 * np.eye(N)


SCALARS = {
    "det": lambda t: np.log(np.linalg.det(positive(t) / 4.0)),
    "slogdet": lambda t: np.linalg.slogdet(general(t))[1] * t[0],
    "inv": lambda t: np.sum(np.sin(np.linalg.inv(general(t))) * WEIGHTS),
    "solve both": lambda t: np.sum(np.linalg.solve(general(t), WEIGHTS[:, 0] * t[1]) ** 3),
    "solve matrix": lambda t: np.sum(np.linalg.solve(general(t), WEIGHTS[:, :3]) ** 2),
    "cholesky": lambda t: np.sum(np.linalg.cholesky(positive(t)) ** 2 * WEIGHTS),
    "cholesky upper": lambda t: np.sum(np.linalg.cholesky(positive(t), upper=True) ** 3 * WEIGHTS),
    "two of a stack": lambda t: np.sum(
        np.linalg.cholesky(np.stack([positive(t), positive(t[::-1])])) ** 3
        * np.stack([WEIGHTS, WEIGHTS.T])
    ),
    "one after another": lambda t: np.sum(
        np.linalg.solve(np.linalg.cholesky(positive(t)), WEIGHTS[:, 0]) ** 2
    ),
}
POINT = np.array([0.3, -0.4, 1.1])


def derivative(function, step=2e-3):
    """Return the derivatives by each variable: central differences of order 8, of NumPy."""
    weights = np.array([1 / 280, -4 / 105, 1 / 5, -4 / 5, 0, 4 / 5, -1 / 5, 4 / 105, -1 / 280])
    return [
        sum(
            w * function(POINT + k * step * e)
            for k, w in zip(range(-4, 5), weights, strict=True)
            if k
        )
        / step
        for e in np.eye(POINT.size)
    ]


@pytest.mark.parametrize("name", SCALARS)
def test_derivatives_of_two_orders_are_those_of_numpy(name):
    function = SCALARS[name]
    value, gradient = so.value_and_gradient(function, POINT)(POINT)
    np.testing.assert_allclose(value, function(POINT), rtol=1e-11)
    np.testing.assert_allclose(gradient, derivative(function), rtol=1e-8, atol=1e-8)
    hessian = so.hessian(function, POINT)
    assert hessian.pattern.nnz <= 6
    slopes = derivative(so.gradient(function, POINT))
    np.testing.assert_allclose(hessian(POINT).toarray(), slopes, rtol=1e-7, atol=1e-7)
    product = so.hessian_vector_product(function, POINT)(POINT, np.ones(3))
    np.testing.assert_allclose(product, np.sum(slopes, axis=0), rtol=1e-7, atol=1e-7)
    slope = so.pushforward(function, POINT)(POINT, np.arange(3.0))
    np.testing.assert_allclose(slope, gradient @ np.arange(3.0), rtol=1e-10)


def test_jacobians_by_few_variables_are_those_of_differences():
    function = lambda t: np.diag(np.linalg.cholesky(positive(t)))  # noqa: E731
    jacobian = so.jacobian(function, POINT)
    assert jacobian.shape == (N, 3)
    expected = np.transpose(derivative(function))
    np.testing.assert_allclose(jacobian(POINT).toarray(), expected, rtol=1e-8, atol=1e-9)


def test_patterns_have_what_the_matrix_depends_on_and_no_other_variable():
    def function(t):
        return np.sum(np.log(np.diag(np.linalg.cholesky(positive(t))))) + t[3] ** 2

    point = np.append(POINT, 0.5)
    expected = np.tril(np.pad(np.ones((3, 3)), (0, 1)) + np.diag([0, 0, 0, 1.0])) > 0
    for pattern in (so.hessian(function, point).pattern, so.hessian_pattern(function, point)):
        found = np.zeros((4, 4), bool)
        found[pattern.rows, pattern.cols] = True
        np.testing.assert_array_equal(found, expected)
    assert so.jacobian_pattern(lambda t: np.array([function(t)]), point).nnz == 4


DATA = RNG.uniform(0.0, 3.0, size=(80, 2))
OBSERVED = np.sin(DATA.sum(axis=1)) + 0.1 * RNG.normal(size=80)
SQUARES = (DATA[:, None, :] - DATA[None, :, :]) ** 2


def covariance(t):
    smooth = np.exp(t[0]) * np.exp(-0.5 * SQUARES @ np.exp(-2.0 * t[2:]))
    return smooth + np.exp(t[1]) * np.eye(80)


def likelihood(t):
    factor = np.linalg.cholesky(covariance(t))
    white = np.linalg.solve(factor, OBSERVED)
    return 0.5 * white @ white + np.sum(np.log(np.diag(factor)))


def likelihood_gradient(t):
    """By hand: tr((K⁻¹ - α αᵀ) dK) / 2 with α = K⁻¹ y (Rasmussen and Williams 2006, 5.9)."""
    inverse = np.linalg.inv(covariance(t))
    alpha = inverse @ OBSERVED
    noise = np.exp(t[1]) * np.eye(80)
    smooth = covariance(t) - noise
    slopes = [smooth, noise, *(smooth * SQUARES[..., k] * np.exp(-2.0 * t[2 + k]) for k in (0, 1))]
    return np.array([0.5 * np.sum((inverse - np.outer(alpha, alpha)) * s) for s in slopes])


@pytest.mark.parametrize("method", ["ipopt", "L-BFGS-B", "trust-constr"])
def test_a_gaussian_process_has_the_hyperparameters_of_derivatives_by_hand(method):
    start = np.array([0.0, -2.0, 0.0, 0.0])
    expected = scipy.optimize.minimize(
        likelihood, start, jac=likelihood_gradient, method="BFGS", options={"gtol": 1e-6}
    )
    found = so.minimize(likelihood, start, method=method)
    np.testing.assert_allclose(found.fun, expected.fun, rtol=1e-9)
    np.testing.assert_allclose(found.x, expected.x, rtol=1e-3, atol=1e-3)


def test_the_factors_at_a_point_are_found_once(monkeypatch):
    calls = []
    factor = DenseCholesky._factor
    monkeypatch.setattr(
        DenseCholesky, "_factor", lambda self, x: calls.append(1) or factor(self, x)
    )
    hessian = so.hessian(likelihood, np.zeros(4))
    hessian(np.full(4, 0.25))
    assert len(calls) == 1  # gradient and four directions share them


def test_a_matrix_that_is_not_positive_definite_gives_nan():
    function = lambda t: np.sum(np.linalg.cholesky(t[0] * np.eye(N)))  # noqa: E731
    value, gradient = so.value_and_gradient(function, np.ones(1))(-np.ones(1))
    assert np.isnan(value)
    assert np.isnan(gradient).all()


def test_a_hessian_by_every_element_of_a_large_matrix_is_refused_by_name():
    x = np.eye(150).ravel()
    function = lambda x: np.linalg.slogdet(x.reshape(150, 150))[1]  # noqa: E731
    np.testing.assert_allclose(so.gradient(function, x)(2.0 * x), 0.5 * x)
    with pytest.raises(PatternError, match="limited-memory"):
        so.hessian(function, x).pattern  # noqa: B018
    with pytest.raises(PatternError, match="forms no matrix"):
        so.jacobian(lambda x: np.ravel(np.linalg.inv(x.reshape(150, 150))), x).pattern  # noqa: B018


def test_a_direct_plan_is_refused_by_name():
    with pytest.raises(PatternError, match="cholesky of 80 x 80"):
        so.hessian(likelihood, np.zeros(4), plan="direct").pattern  # noqa: B018
