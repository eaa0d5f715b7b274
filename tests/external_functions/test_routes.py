"""Every way to a Jacobian and a Hessian gives the one that is written by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.external_functions import formulas
from tests.external_functions.formulas import (
    BAND,
    TRIDIAGONAL,
    Counted,
    V,
    W,
    X,
    bound,
    bound_f,
    curved,
    dense_hessian,
    dense_jacobian,
    f,
    f_real_only,
    hessian,
    hvp,
    jacobian,
    jvp,
    pulled,
    pushed,
    vjp,
)

EXACT, FIRST, SECOND = 1e-12, 1e-8, 1e-6

# What is given, and the accuracy of the Jacobian and of the Hessian.
EVERYTHING = {"jacobian": jacobian, "jvp": jvp, "vjp": vjp, "hessian": hessian, "hvp": hvp}
ROUTES = {
    "everything": (EVERYTHING, 0, 0),
    "jacobian": ({"jacobian": jacobian}, EXACT, EXACT),
    "jacobian and pattern": ({"jacobian": jacobian, "pattern": BAND}, EXACT, EXACT),
    "sparse jacobian": ({"jacobian": formulas.sparse_jacobian}, EXACT, EXACT),
    "jacobian and hessian": ({"jacobian": jacobian, "hessian": hessian}, 0, 0),
    "hessian and pattern": (
        {"jacobian": jacobian, "hessian": hessian, "hessian_pattern": TRIDIAGONAL},
        0,
        0,
    ),
    "jvp": ({"jvp": jvp}, EXACT, EXACT),
    "jvp and pattern": ({"jvp": jvp, "pattern": BAND}, EXACT, EXACT),
    "vjp and pattern": ({"vjp": vjp, "pattern": BAND}, EXACT, EXACT),
    "hvp": ({"vjp": vjp, "hvp": hvp, "pattern": BAND}, EXACT, EXACT),
    "nothing": ({}, EXACT, FIRST),
    "pattern": ({"pattern": BAND}, EXACT, FIRST),
    "central": ({"pattern": BAND, "method": "central"}, FIRST, SECOND),
    "central of vjp": ({"vjp": vjp, "method": "central"}, EXACT, FIRST),
}


@pytest.mark.parametrize("route", ROUTES)
def test_derivatives_are_those_written_by_hand(route):
    given, first, second = ROUTES[route]
    F = bound_f(**given)
    J, H = jacobian(X), hessian(X, W)
    np.testing.assert_allclose(dense_jacobian(F, X), J, atol=max(first, 1e-14))
    np.testing.assert_allclose(dense_hessian(F, X, W), H, atol=max(second, 1e-14))
    np.testing.assert_allclose(pushed(F, X, V), J @ V, atol=max(first, 1e-14))
    np.testing.assert_allclose(pulled(F, X, W), W @ J, atol=max(first, 1e-14))
    np.testing.assert_allclose(curved(F, X, W, V), H @ V, atol=max(second, 1e-13))


@pytest.mark.parametrize("route", ROUTES)
def test_the_stated_error_is_no_smaller_than_the_error(route):
    given, _, _ = ROUTES[route]
    F = bound_f(**given)
    J, H = dense_jacobian(F, X), dense_hessian(F, X, W)
    assert abs(J - jacobian(X)).max() <= F.first.error * abs(J).max() + 1e-14
    assert abs(H - hessian(X, W)).max() <= F.second.error * abs(H).max() + 1e-12


def test_a_function_of_real_numbers_is_differenced():
    F = bound_f(f_real_only, pattern=BAND)
    np.testing.assert_allclose(dense_jacobian(F, X), jacobian(X), atol=FIRST)
    np.testing.assert_allclose(dense_hessian(F, X, W), hessian(X, W), atol=SECOND)
    assert F.first.method == "central differences, 2 column colors"
    assert F.second.method == "second differences, 3 symmetric colors"
    assert F.first.error == pytest.approx(3.7e-10, rel=0.01)
    assert F.second.error == pytest.approx(1.5e-7, rel=0.01)


def test_a_pattern_makes_as_many_products_as_it_has_colors():
    product = Counted(jvp)
    F = bound_f(jvp=product, pattern=BAND, check=False)
    dense_jacobian(F, X)
    assert product.calls == 2
    without = Counted(jvp)
    dense_jacobian(bound_f(jvp=without, check=False), X)
    assert without.calls == 6


def test_a_star_coloring_makes_three_products_for_a_tridiagonal_hessian():
    product = Counted(hvp)
    F = bound_f(vjp=vjp, hvp=product, pattern=BAND, check=False)
    dense_hessian(F, X, W)
    assert product.calls == 3


def test_a_row_of_columns_and_a_column_of_rows_need_two_products():
    """An arrowhead is dense by columns and by rows; together two products do."""
    n = 8

    def arrow(x):
        return np.concatenate([[x @ x], x[0] * x[1:]])

    def matrix(x):
        J = np.zeros((n, n))
        J[0] = 2 * x
        J[1:, 0] = x[1:]
        J[np.arange(1, n), np.arange(1, n)] = x[0]
        return J

    forward, reverse = Counted(lambda x, v: matrix(x) @ v), Counted(lambda x, w: w @ matrix(x))
    pattern = matrix(np.ones(n)) != 0
    F = bound(arrow, n, [(n,)], jvp=forward, vjp=reverse, pattern=pattern, check=False)
    x = np.linspace(0.5, 1.5, n)
    np.testing.assert_allclose(dense_jacobian(F, x), matrix(x))
    assert forward.calls + reverse.calls <= 4


@pytest.mark.parametrize("given", [{"jvp": jvp}, {"vjp": vjp}, {"hvp": hvp, "jacobian": jacobian}])
def test_products_with_one_vector_call_the_users_product_once(given):
    counted = {name: Counted(function) for name, function in given.items()}
    F = bound_f(check=False, **counted)
    if "jvp" in counted:
        pushed(F, X, V)
        assert counted["jvp"].calls == 1
    elif "vjp" in counted:
        pulled(F, X, W)
        assert counted["vjp"].calls == 1
    else:
        curved(F, X, W, V)
        assert counted["hvp"].calls == 1


def test_the_function_runs_once_at_a_point():
    counted, matrix = Counted(f), Counted(jacobian)
    F = bound_f(counted, jacobian=matrix, check=False)
    out = np.empty(5)
    for _ in range(3):
        F.evaluate(X, out)
        dense_jacobian(F, X)
        pushed(F, X, V)
        pulled(F, X, W)
    assert counted.calls == 1
    assert matrix.calls == 2  # one of them looks whether it is sparse


def test_nothing_is_kept_if_the_function_is_not_pure():
    counted = Counted(f)
    F = bound_f(counted, remember=False)
    out = np.empty(5)
    F.evaluate(X, out)
    F.evaluate(X, out)
    assert counted.calls == 2


def test_fixed_arguments_get_no_columns_and_no_products():
    def g(x, table):
        return x * table.sum()

    product = Counted(lambda x, table, v, w: v * table.sum() + x * w.sum())
    F = bound(g, 2, [(2,), (100,)], fixed=[False, True], jvp=product, check=False)
    point = np.concatenate([[2.0, 3.0], np.ones(100)])
    J = dense_jacobian(F, point)
    assert product.calls == 2
    np.testing.assert_array_equal(J[:, :2], 100 * np.eye(2))
    assert F.jacobian_cols.max() == 1


def test_several_arguments_and_results_with_axes_keep_their_shapes():
    shapes = []

    def g(a, b):
        shapes.append((a.shape, b.shape))
        return np.stack([a @ b, a @ b**2])

    F = bound(g, (2, 2), [(2, 3), (3,)], method="central")
    x = np.arange(1.0, 10.0) / 5
    a, b = x[:6].reshape(2, 3), x[6:]
    J = np.zeros((4, 9))
    J[0, :3] = J[1, 3:6] = b
    J[:2, 6:] = a
    J[2, :3] = J[3, 3:6] = b**2
    J[2:, 6:] = 2 * a * b
    np.testing.assert_allclose(dense_jacobian(F, x), J, atol=1e-8)
    assert set(shapes) == {((2, 3), (3,))}


def test_tuples_with_a_derivative_for_each_argument_are_accepted():
    def g(a, b):
        return np.array([a * b[0], b[1] ** 2])

    def parts(a, b):
        return np.array([b[0], 0.0]), np.array([[a, 0.0], [0.0, 2 * b[1]]])

    def back(a, b, w):
        return w[0] * b[0], np.array([w[0] * a, 2 * w[1] * b[1]])

    x, expected = np.array([2.0, 3.0, 5.0]), [[3.0, 2.0, 0.0], [0.0, 0.0, 10.0]]
    for given in ({"jacobian": parts}, {"vjp": back}):
        F = bound(g, 2, [(), (2,)], **given)
        np.testing.assert_array_equal(dense_jacobian(F, x), expected)


def test_scalar_results_may_have_a_gradient_for_a_jacobian():
    F = bound(lambda x: x @ x, (), [(3,)], jacobian=lambda x: 2 * x)
    np.testing.assert_array_equal(dense_jacobian(F, np.arange(3.0)), [[0.0, 2.0, 4.0]])


def test_arguments_are_copies():
    def g(x):
        x[:] = 0.0
        return x[:1] + 1.0

    F = bound(g, 1, [(2,)])
    x = np.array([3.0, 4.0])
    F.evaluate(x, np.empty(1))
    np.testing.assert_array_equal(x, [3.0, 4.0])


def test_weights_of_zero_cost_nothing():
    matrix, second = Counted(jacobian), Counted(hessian)
    F = bound_f(jacobian=matrix, hessian=second, pattern=BAND)
    zero = np.zeros(5)
    assert not dense_hessian(F, X, zero).any()
    assert not pulled(F, X, zero).any()
    assert not curved(F, X, zero, V).any()
    assert (matrix.calls, second.calls) == (0, 0)


def test_a_dense_jacobian_takes_the_fewer_products():
    A = np.arange(1.0, 9.0).reshape(2, 4)
    forward, reverse = Counted(lambda x, v: A @ v), Counted(lambda x, w: w @ A)
    F = bound(lambda x: A @ x, 2, [(4,)], jvp=forward, vjp=reverse, check=False)
    np.testing.assert_array_equal(dense_jacobian(F, np.ones(4)), A)
    assert (forward.calls, reverse.calls) == (0, 2)
    F = bound(lambda x: A.T @ x, 4, [(2,)], jvp=lambda x, v: A.T @ v, vjp=lambda x, w: A @ w)
    np.testing.assert_array_equal(dense_jacobian(F, np.ones(2)), A.T)
    assert str(F.first.method) == "jvp=, 2 column colors"
