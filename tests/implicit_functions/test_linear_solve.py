"""Sparse systems in traced code: against dense ones, differences, counts, singular cases."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import sparseopt as so
from sparseopt.graph.nodes import Call
from sparseopt.tracing.trace import trace
from tests.implicit_functions.counted import Counted, taylor_rates

ROWS, COLS = np.array([0, 0, 1, 1, 1, 2, 2, 0]), np.array([0, 1, 0, 1, 2, 1, 2, 0])


def values_of(x):
    """Entries of a 3 x 3 tridiagonal matrix; (0, 0) is given in two parts."""
    return np.stack(
        [2.0 + x[0] ** 2, x[1], -x[2], 3.0 + x[0] * x[1], np.sin(x[2]), x[0], 4.0 - x[1], x[2] ** 2]
    )


def dense_of(x):
    e = np.eye(3)
    return sum(v * np.outer(e[i], e[j]) for v, i, j in zip(values_of(x), ROWS, COLS, strict=True))


def right_of(x):
    return np.stack([x[0] * x[2], np.cos(x[1]), x[2]])


def sparse_solution(x):
    return so.linear_solve((values_of(x), (ROWS, COLS)), right_of(x))


def dense_solution(x):
    return np.linalg.solve(dense_of(x), right_of(x))


POINT = np.array([0.3, -0.7, 1.1])


def test_values_and_derivatives_are_those_of_the_dense_system():
    J, K = so.jacobian(sparse_solution, POINT), so.jacobian(dense_solution, POINT)
    np.testing.assert_allclose(J(POINT).toarray(), K(POINT).toarray(), rtol=1e-12)
    weights = np.array([1.0, -2.0, 0.5])
    H = so.hessian(lambda x: weights @ sparse_solution(x) ** 2, POINT)
    D = so.hessian(lambda x: weights @ dense_solution(x) ** 2, POINT)
    np.testing.assert_allclose(H(POINT).toarray(), D(POINT).toarray(), rtol=1e-10)
    v = np.array([1.0, 2.0, -1.0])
    product = so.hessian_vector_product(lambda x: weights @ sparse_solution(x) ** 2, POINT)
    np.testing.assert_allclose(product(POINT, v), D(POINT) @ v, rtol=1e-10)
    push = so.pushforward(sparse_solution, POINT)
    np.testing.assert_allclose(push(POINT, v), K(POINT) @ v, rtol=1e-12)


def test_several_right_hand_sides_are_solved_at_once():
    def several(solve):
        def solution(x):
            b = np.stack([right_of(x), x, x**2], axis=1)[:, :2]
            return solve(x, b)

        return solution

    sparse = several(lambda x, b: so.linear_solve((values_of(x), (ROWS, COLS)), b))
    dense = several(lambda x, b: np.linalg.solve(dense_of(x), b))
    J, K = so.jacobian(sparse, POINT), so.jacobian(dense, POINT)
    assert J.shape == (6, 3)
    np.testing.assert_allclose(J(POINT).toarray(), K(POINT).toarray(), rtol=1e-12)
    H = so.hessian(lambda x: np.sum(sparse(x) ** 3), POINT)
    D = so.hessian(lambda x: np.sum(dense(x) ** 3), POINT)
    np.testing.assert_allclose(H(POINT).toarray(), D(POINT).toarray(), rtol=1e-9)


@given(st.integers(1, 8), st.integers(0, 10**6))
@settings(max_examples=12, deadline=None)
def test_random_systems_agree_with_dense_ones(n, seed):
    rng = np.random.default_rng(seed)
    places = np.unique(np.r_[np.arange(n) * (n + 1), rng.integers(0, n * n, 2 * n)])
    rows, cols = np.divmod(places, n)
    base = rng.normal(size=places.size) + (rows == cols) * 6.0
    slope, b = rng.normal(size=(places.size, 2)), rng.normal(size=n)
    weights = rng.normal(size=n)

    def sparse(x):
        return weights @ so.linear_solve((base + slope @ x, (rows, cols)), b * x[0]) ** 2

    def dense(x):
        entries = (np.ones(places.size), (places, np.arange(places.size)))
        spread = sp.csr_array(entries, shape=(n * n, places.size))
        matrix = (spread @ (base + slope @ x)).reshape(n, n)
        return weights @ np.linalg.solve(matrix, b * x[0]) ** 2

    x, v = rng.uniform(-0.5, 0.5, 2), rng.normal(size=2)
    f, g = (so.value_and_gradient(one, x)(x) for one in (sparse, dense))
    assert f[0] == pytest.approx(g[0], rel=1e-9)
    np.testing.assert_allclose(f[1], g[1], rtol=1e-8, atol=1e-10)
    one, other = (so.hessian_vector_product(k, x)(x, v) for k in (sparse, dense))
    np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-9)


def test_a_constant_matrix_is_factored_once_for_all_points():
    matrix = sp.csr_array(dense_of(np.array([0.1234, 0.5, 0.25])))
    f = Counted(lambda x: np.sum(so.linear_solve(matrix, x**2)), 3)
    expected = 2.0 * POINT * np.linalg.solve(matrix.toarray().T, np.ones(3))
    np.testing.assert_allclose(f.gradient(POINT), expected, rtol=1e-13)
    f.gradient(2.0 * POINT)
    assert f.since() == (2, 2, 0)
    assert f.functions[0].num_factorizations == 1, "when it is declared"


def test_a_matrix_that_a_derivative_made_is_taken():
    """A damped Newton step: the matrix is the Hessian at the traced point, both triangles."""
    hessian = so.hessian(lambda y: np.sum(y[1:] * y[:-1] ** 2) + 3.0 * y @ y, np.zeros(3))
    jacobian = so.jacobian(lambda y: y[[1, 2, 0]] * y + y**3, np.zeros(3))

    def sparse(x):
        return so.linear_solve(hessian(x), x) + so.linear_solve(jacobian(x).T, x)

    def dense(x):
        one, other = hessian(x).toarray(), jacobian(x).toarray()
        return np.linalg.solve(one, x) + np.linalg.solve(other.T, x)

    J, K = so.jacobian(sparse, POINT), so.jacobian(dense, POINT)
    np.testing.assert_allclose(J(POINT).toarray(), K(POINT).toarray(), rtol=1e-11)


def test_numbers_are_solved_at_once():
    x = so.linear_solve((values_of(POINT), (ROWS, COLS)), right_of(POINT))
    np.testing.assert_allclose(x, dense_solution(POINT), rtol=1e-13)
    assert so.linear_solve(sp.eye_array(2) * 2.0, np.ones(2)).tolist() == [0.5, 0.5]


def test_complex_steps_pass_through():
    (node,) = (n for n in trace(sparse_solution, (3,))[0].nodes() if isinstance(n, Call))
    function = node.function
    x = np.concatenate([values_of(POINT), right_of(POINT)])
    v = np.linspace(-1.0, 1.0, x.size)
    out, tangent = np.empty(3, complex), np.zeros(3)
    function.evaluate(x + 1e-30j * v, out)
    function.push(x, v, tangent)
    np.testing.assert_allclose(out.imag / 1e-30, tangent, rtol=1e-12)


# ---- cost
def test_a_point_needs_one_factorization_for_all_derivatives():
    point = POINT + 0.37
    f = Counted(lambda x: np.sum(sparse_solution(x) ** 2), 3)
    f.value(point)
    assert f.since() == (1, 0, 1)
    f.gradient(point)
    assert f.since() == (0, 1, 0)
    f.product(point, np.ones(3))
    assert f.since() == (1, 1, 0), "the adjoint is known from the gradient"
    f.product(point + 0.1, np.ones(3))
    assert f.since() == (2, 2, 1)
    f.gradient(point)
    assert f.since() == (0, 0, 0), "the last point but one is kept"


def test_systems_with_the_same_matrix_share_its_factors():
    def f(x):
        values, u = values_of(x), x
        for _ in range(5):
            u = so.linear_solve((values, (ROWS, COLS)), u + right_of(x))
        return np.sum(u)

    five = Counted(f, 3)
    shared = five.functions[0]
    before = shared.num_factorizations
    five.gradient(POINT + 0.01)
    assert shared.num_factorizations - before == 1
    assert sum(k.num_solves["solves"] for k in five.functions) == 5


def test_equal_systems_are_solved_once():
    f = Counted(lambda x: np.sum(sparse_solution(x)) * np.sum(sparse_solution(x) ** 2), 3)
    f.value(POINT - 0.2)
    assert f.since()[0] == 1


def test_taylor_remainders_fall_with_orders_two_and_three():
    f = Counted(lambda x: np.sum(np.exp(sparse_solution(x))), 3)
    first, second = taylor_rates(f, POINT, np.array([0.6, -0.4, 0.7]))
    assert first == pytest.approx(2.0, abs=0.1)
    assert second == pytest.approx(3.0, abs=0.1)


# ---- what is wrong
def test_a_structurally_singular_matrix_is_an_error_when_it_is_declared():
    rows, cols = np.array([0, 1, 2, 2]), np.array([0, 0, 1, 2])
    with pytest.raises(so.SingularMatrixError, match="rows 0, 1 have entries in column 0") as error:
        so.gradient(lambda x: np.sum(so.linear_solve((x, (rows, cols)), np.ones(3))), np.ones(4))
    assert "test_linear_solve.py" in error.value.where
    assert sorted(error.value.rows) == [0, 1]


def test_a_singular_matrix_at_the_start_is_refused_with_its_rows():
    m = so.Model()
    x = m.variable("x", 2, start=1.0)
    u = so.linear_solve((np.stack([x[0], x[1], x[0], x[1]]), ([0, 0, 1, 1], [0, 1, 0, 1])), x)
    m.minimize(np.sum(u**2))
    with pytest.raises(so.InnerSolveError, match="are dependent"):
        m.solve()


def test_a_singular_matrix_on_the_way_is_nan_and_passes():
    slope = so.gradient(
        lambda x: np.sum(so.linear_solve((x, ([0, 1], [0, 1])), np.ones(2))), [1, 1]
    )
    assert np.isnan(slope([0.0, 1.0])).all()
    assert slope([1.0, 2.0]).tolist() == [-1.0, -0.25]


@pytest.mark.parametrize(
    ("matrix", "b", "words"),
    [
        (sp.csr_array((2, 3)), np.ones(2), "not square"),
        (sp.eye_array(3), np.ones(2), "right-hand side of shape"),
        ((np.ones(2), ([0, 1], [0])), np.ones(2), "2 rows|values"),
        ((np.ones(2), ([0, 5], [0, 1])), np.ones(2), "outside of the 2 x 2 matrix"),
        ((np.ones(2), [0, 1]), np.ones(2), "not \\(values"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(matrix, b, words):
    with pytest.raises(so.ShapeError, match=words):
        so.gradient(lambda x: np.sum(so.linear_solve(matrix, b * x[0])), np.ones(2))


def test_a_dense_matrix_is_sent_to_numpy():
    with pytest.raises(so.TracingError, match=r"np\.linalg\.solve"):
        so.gradient(lambda x: np.sum(so.linear_solve(np.eye(2), x)), np.ones(2))


# ---- what is refused
PLACES = np.arange(2), np.arange(2)


@pytest.mark.parametrize(
    ("A", "b", "kind", "match"),
    [
        (sp.eye_array(2), [1.0, np.nan], so.NonFiniteError, r"b\[1\] of linear_solve is nan"),
        (([1.0, np.inf], PLACES), np.ones(2), so.NonFiniteError, r"values\[1\] .* is inf"),
        (([1.0, 1j], PLACES), np.ones(2), so.ProblemError, "A's values is complex"),
        (sp.eye_array(2), [1.0, 1j], so.ProblemError, "b is complex"),
        (sp.eye_array(2), "ab", so.ProblemError, "b is not made of numbers"),
        (sp.csc_array([[1.0, 2.0], [2.0, 4.0]]), np.ones(2), so.SingularMatrixError, "singular"),
    ],
)
def test_numbers_without_a_solution_are_refused_with_their_line(A, b, kind, match):
    with pytest.raises(kind, match=match) as error:
        so.linear_solve(A, b)
    assert "test_linear_solve.py" in error.value.where


def test_a_constant_singular_matrix_is_refused_before_there_is_a_point():
    matrix = sp.csc_array([[1.0, 2.0], [2.0, 4.0]])
    with pytest.raises(so.SingularMatrixError, match="singular") as error:
        so.gradient(lambda b: np.sum(so.linear_solve(matrix, b)), np.ones(2))
    assert sorted(error.value.rows) == [0, 1]


def test_an_unknown_library_is_refused_before_there_is_a_point():
    with pytest.raises(so.UnknownSolverError, match="superlo"):
        so.gradient(lambda b: np.sum(so.linear_solve(sp.eye_array(2), b, backend="superlo")), POINT)
