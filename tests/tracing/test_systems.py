"""Linear systems, inverses, determinants, Cholesky factors: values of NumPy, exact derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt.errors import ShapeError, UnsupportedFunctionError
from sparseopt.tracing.dense_systems import determinant, system
from sparseopt.tracing.trace import trace
from tests.tracing.recorded import assert_same

SIZES = [1, 2, 3, 4, 6]


def matrix(n, batch=(), seed=0):
    return np.random.default_rng(seed).normal(size=(*batch, n, n)) + 2.0 * np.eye(n)


def positive(x):
    return x @ x.swapaxes(-1, -2) + np.eye(x.shape[-1])


FUNCTIONS = {
    "det": np.linalg.det,
    "inv": np.linalg.inv,
    "logabsdet": lambda a: np.linalg.slogdet(a).logabsdet,
    "sign": lambda a: np.linalg.slogdet(a)[0] * np.linalg.det(a),
    "solve vector": lambda a: np.linalg.solve(a, a[..., 0, :] if a.ndim == 2 else a[..., :1]),
    "solve matrix": lambda a: np.linalg.solve(a, np.ones((a.shape[-1], 2))),
    "solve both": lambda a: np.linalg.solve(a, a.swapaxes(-1, -2)),
    "cholesky": lambda a: np.linalg.cholesky(positive(a)),
    "cholesky upper": lambda a: np.linalg.cholesky(positive(a), upper=True),
    "matrix power": lambda a: np.linalg.matrix_power(a, -2),
}


@pytest.mark.parametrize("batch", [(), (3,), (2, 1)], ids=str)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_equal_numpy(name, n, batch):
    assert_same(FUNCTIONS[name], matrix(n, batch), 1e-10)


def complex_slopes(function, x):
    """Return the Jacobian by complex steps."""
    columns = []
    for k in range(x.size):
        moved = x.astype(complex)
        moved.flat[k] += 1e-25j
        columns.append(np.ravel(function(moved)).imag / 1e-25)
    return np.stack(columns, axis=1)


SMOOTH = ["det", "inv", "solve vector", "solve matrix", "solve both"]
CALLED = ["logabsdet", "cholesky", "cholesky upper"]


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("name", SMOOTH)
def test_jacobians_are_those_of_complex_steps(name, n):
    function, x = FUNCTIONS[name], matrix(n, seed=1)
    found = so.jacobian(lambda x: np.ravel(function(x.reshape(n, n))), x.ravel())(x.ravel())
    np.testing.assert_allclose(found.toarray(), complex_slopes(function, x), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("name", [*SMOOTH, *CALLED])
def test_hessians_are_differences_of_gradients(name, n):
    function, x = FUNCTIONS[name], matrix(n, seed=2).ravel()

    def merit(x):
        values = np.ravel(function(x.reshape(n, n)))
        return np.sum(np.sin(values) * np.arange(1.0, values.size + 1.0)) + x[0] ** 3

    gradient, hessian = so.gradient(merit, x), so.hessian(merit, x)(x).toarray()
    step = 1e-5
    for k in range(0, x.size, 3):
        ahead, behind = x.copy(), x.copy()
        ahead[k] += step
        behind[k] -= step
        expected = (gradient(ahead) - gradient(behind)) / (2 * step)
        np.testing.assert_allclose(hessian[:, k], expected, rtol=1e-5, atol=1e-6)
    weights = np.linspace(-1.0, 1.0, x.size)
    product = so.hessian_vector_product(merit, x)(x, weights)
    np.testing.assert_allclose(product, hessian @ weights, rtol=1e-9, atol=1e-9)
    slope = so.pushforward(merit, x)(x, weights)
    value = slope[1] if isinstance(slope, tuple) else slope
    np.testing.assert_allclose(value, gradient(x) @ weights, rtol=1e-9)


def test_logarithms_of_determinants_have_the_inverse_for_a_gradient():
    a = matrix(4, seed=3)
    found = so.gradient(lambda x: np.linalg.slogdet(x.reshape(4, 4))[1], a.ravel())(a.ravel())
    np.testing.assert_allclose(found.reshape(4, 4), np.linalg.inv(a).T, rtol=1e-10)


def test_a_stack_has_blocks_of_derivatives():
    a = matrix(4, (3,), seed=4)
    function = lambda x: np.ravel(np.linalg.solve(x.reshape(3, 4, 4), np.ones((4, 1))))  # noqa: E731
    jacobian = so.jacobian(function, a.ravel())
    assert jacobian.pattern.nnz == 3 * 4 * 16
    expected = complex_slopes(lambda x: np.linalg.solve(x, np.ones((4, 1))), a)
    np.testing.assert_allclose(jacobian(a.ravel()).toarray(), expected, rtol=1e-9, atol=1e-10)


def test_a_constant_matrix_gives_a_linear_function():
    a = matrix(6)
    jacobian = so.jacobian(lambda b: np.linalg.solve(a, b), np.zeros(6))
    np.testing.assert_allclose(jacobian(np.ones(6)).toarray(), np.linalg.inv(a), rtol=1e-12)
    assert_same(lambda b: np.linalg.solve(a, b), np.arange(6.0), 1e-12)
    assert_same(lambda b: np.linalg.solve(a, b), np.ones((6, 2)), 1e-12)
    assert_same(lambda b: np.linalg.solve(matrix(3, (2,)), b), np.ones(3), 1e-12)


@pytest.mark.parametrize("n", [3, 5])
def test_parameters_may_be_part_of_a_system(n):
    m = so.Model("system")
    a = m.parameter("a", matrix(n))
    b = m.variable("b", n, start=1.0)
    x = np.linalg.solve(a, b)
    m.minimize(np.sum((x - 1.0) ** 2) + np.linalg.det(a) * b[0] * 0.0)
    solution = m.solve()
    np.testing.assert_allclose(solution["b"], matrix(n).sum(axis=1), rtol=1e-6)


@pytest.mark.parametrize("n", [2, 4])
def test_a_system_inside_an_operator_keeps_its_derivatives(n):
    def outer(z):
        def inner(y):
            return np.sum(np.linalg.solve(z.reshape(n, n), y) ** 2)

        return so.gradient(inner, np.ones(n))(np.zeros_like(z[:n]) + np.ones(n))

    z = matrix(n, seed=5)

    def plain(z):
        inverse = np.linalg.inv(z)
        return 2.0 * inverse.T @ (inverse @ np.ones(n))

    found = so.jacobian(outer, z.ravel())(z.ravel()).toarray()
    np.testing.assert_allclose(found, complex_slopes(plain, z), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("n", [2, 4])
def test_a_singular_matrix_gives_no_finite_number(n):
    f = so.value_and_gradient(lambda x: np.sum(np.linalg.inv(x.reshape(n, n))), np.ones(n * n))
    value, gradient = f(np.ones(n * n))
    assert not np.isfinite(value)
    assert not np.isfinite(gradient).any()


def test_one_singular_matrix_of_a_stack_leaves_the_others():
    a = np.concatenate([np.ones((1, 4, 4)), matrix(4)[None]])
    f = so.jacobian(lambda x: np.linalg.inv(x.reshape(2, 4, 4)).reshape(-1) * x[0], a.ravel())
    values = so.gradient(lambda x: np.sum(np.linalg.inv(x.reshape(2, 4, 4))[1]), a.ravel())
    assert np.isnan(f(a.ravel()).toarray()[:16]).any()
    gradient = values(a.ravel()).reshape(2, 4, 4)
    inverse = np.linalg.inv(a[1])
    expected = -np.outer(inverse.sum(axis=0), inverse.sum(axis=1))
    np.testing.assert_allclose(gradient[1], expected, rtol=1e-9)


REFUSED = [
    (lambda x: np.linalg.det(x.reshape(2, 3)), ShapeError, 6),
    (lambda x: np.linalg.solve(x[:4].reshape(2, 2), x[4:]), ValueError, 7),
    (lambda x: np.linalg.lstsq(x.reshape(2, 2), np.ones(2)), UnsupportedFunctionError, 4),
    (lambda x: np.linalg.eigh(x.reshape(2, 2)), UnsupportedFunctionError, 4),
    (lambda x: np.linalg.cond(x.reshape(2, 2)), UnsupportedFunctionError, 4),
]


@pytest.mark.parametrize(("function", "error", "size"), REFUSED)
def test_what_is_not_square_or_has_no_rule_is_refused(function, error, size):
    with pytest.raises(error):
        trace(function, (size,))


def test_equal_functions_are_made_once():
    assert system(1, 4, 2, (True, False)) is system(1, 4, 2, (True, False))
    assert determinant(1, 4, True) is not determinant(1, 4, False)
    assert "exact" in system(1, 4, 2, (True, False)).describe()
