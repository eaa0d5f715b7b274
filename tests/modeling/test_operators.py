"""Derivatives of plain functions: matrices, products, patterns, parameters, shapes."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

import sparseopt as so

X = np.array([0.3, -0.7, 1.2, 0.5])
STEP = 1e-30


def residual(x):
    return np.stack([x[1:] * np.sin(x[:-1]), np.exp(x[:-1]) - x[1:] ** 2])


def energy(x):
    return np.sum(x[1:] ** 2 * x[:-1]) + np.exp(x[0] * x[3])


def complex_jacobian(f, x):
    columns = [np.imag(f(x + 1j * STEP * e)).reshape(-1) / STEP for e in np.eye(x.size)]
    return np.stack(columns, axis=1)


def test_the_jacobian_flattens_results_in_c_order():
    J = so.jacobian(residual, X)
    assert J.shape == (6, 4)
    assert isinstance(J(X), sp.csr_array)
    assert J(X).toarray() == pytest.approx(complex_jacobian(residual, X), abs=1e-15)
    assert J.pattern.nnz == 12
    assert J.coloring is None
    assert J.function(X) == pytest.approx(residual(X))


def test_values_follow_the_pattern_and_fill_a_given_array():
    J = so.jacobian(residual, X)
    out = np.empty(J.pattern.nnz)
    assert J.values(X, out=out) is out
    assert J.pattern.to_csr(out).toarray().tolist() == J(X).toarray().tolist()


def test_an_argument_may_have_any_shape():
    def rows(x):
        return x[0] * x[1] ** 2

    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    J = so.jacobian(rows, x)
    expected = [[9.0, 0.0, 6.0, 0.0], [0.0, 16.0, 0.0, 16.0]]
    assert J(x).toarray().tolist() == expected
    assert J(x.reshape(-1)).toarray().tolist() == expected
    assert so.gradient(lambda x: np.sum(x**2), x)(x).tolist() == [[2.0, 4.0], [6.0, 8.0]]


def test_a_scalar_has_a_jacobian_of_one_row():
    assert so.jacobian(energy, X).shape == (1, 4)
    J = so.jacobian(lambda t: t**3, 2.0)
    assert J(2.0).toarray().tolist() == [[12.0]]


def test_the_hessian_is_full_and_symmetric():
    H = so.hessian(energy, X)
    gradient = so.gradient(energy, X)
    step = 1e-6
    columns = [(gradient(X + step * e) - gradient(X - step * e)) / (2 * step) for e in np.eye(4)]
    assert H(X).toarray() == pytest.approx(np.stack(columns, axis=1), abs=1e-8)
    assert H.shape == (4, 4)
    assert H.pattern.nnz == H.values(X).size == so.hessian_pattern(energy, X).nnz
    assert np.all(H.pattern.rows >= H.pattern.cols)
    assert H.coloring is None


def test_gradient_and_value():
    expected = complex_jacobian(energy, X)[0]
    assert so.gradient(energy, X)(X) == pytest.approx(expected)
    value, slope = so.value_and_gradient(energy, X)(X)
    assert value == pytest.approx(energy(X))
    assert slope == pytest.approx(expected)


def test_products_agree_with_matrices():
    v, w = np.array([1.0, -2.0, 0.5, 3.0]), np.arange(6.0).reshape(2, 3)
    J, H = complex_jacobian(residual, X), so.hessian(energy, X)(X)
    assert so.pushforward(residual, X)(X, v) == pytest.approx((J @ v).reshape(2, 3))
    assert so.pullback(residual, X)(X, w) == pytest.approx(J.T @ w.reshape(-1))
    assert so.hessian_vector_product(energy, X)(X, v) == pytest.approx(H @ v)


def test_patterns_hold_at_every_point():
    def branches(x):
        return np.where(x > 0, x[::-1], x**2)

    assert so.jacobian_pattern(branches, np.zeros(4)).nnz == 8
    assert so.hessian_pattern(lambda x: np.sum(np.diff(x) ** 2), np.zeros(4)).nnz == 7


def test_the_example_may_hold_nan():
    J = so.jacobian(residual, np.full(4, np.nan))
    assert J(X).toarray() == pytest.approx(complex_jacobian(residual, X), abs=1e-15)


def test_the_function_is_called_twice_to_see_that_it_does_the_same_and_never_again():
    calls = []

    def counted(x):
        calls.append(x)
        return x**2

    J = so.jacobian(counted, X)
    for _ in range(3):
        J(X)
    assert len(calls) == 2


def test_parameters_change_without_a_new_trace():
    def spring(x, stiffness, rest):
        return stiffness * (np.diff(x) - rest) ** 2

    J = so.jacobian(spring, X, parameters={"stiffness": 1.0, "rest": np.zeros(3)})
    J.set(stiffness=4.0, rest=[0.1, 0.2, 0.3])
    expected = complex_jacobian(lambda x: spring(x, 4.0, np.array([0.1, 0.2, 0.3])), X)
    assert J(X).toarray() == pytest.approx(expected, abs=1e-14)
    with pytest.raises(so.ProblemError, match="did you mean 'stiffness'"):
        J.set(stifness=1.0)
    with pytest.raises(so.ShapeError, match="'rest'"):
        J.set(rest=[1.0, 2.0])


def test_a_given_pattern_sets_the_order():
    full = sp.csr_array(np.ones((6, 4)))
    J = so.jacobian(residual, X, pattern=full)
    assert J.pattern.nnz == 24
    assert J(X).toarray() == pytest.approx(complex_jacobian(residual, X), abs=1e-15)
    H = so.hessian(energy, X, pattern=np.ones((4, 4)))
    assert H.pattern.nnz == 10
    assert H(X).toarray() == pytest.approx(so.hessian(energy, X)(X).toarray())


def test_a_given_pattern_may_leave_out_what_cancels():
    def cancels(x):
        return x * np.cos(x[::-1]) ** 2 + x * np.sin(x[::-1]) ** 2

    proven = so.jacobian_pattern(cancels, np.zeros(2))
    assert proven.nnz == 4
    with pytest.raises(so.PatternError):  # it cancels up to rounding only
        so.jacobian(cancels, np.zeros(2), pattern=np.diag([0.0, 1.0]))


def test_a_given_pattern_that_lacks_an_entry_is_refused():
    pattern = so.jacobian_pattern(residual, X).to_csr(np.ones(12)).tolil()
    pattern[4, 2] = 0.0
    with pytest.raises(so.PatternError, match=r"lacks the entry \(4, 2\)(.|\n)*residual\[1, 1\]"):
        so.jacobian(residual, X, pattern=sp.csr_array(pattern))
    with pytest.raises(so.PatternError, match="the given pattern is"):
        so.jacobian(residual, X, pattern=np.ones((2, 2)))


def test_plans_are_named_where_a_wrong_one_is_asked_for():
    with pytest.raises(so.SparseOptError, match=r"has no plan 'forward'(.|\n)*star, acyclic"):
        so.hessian(energy, X, plan="forward")
    with pytest.raises(so.SparseOptError, match="did you mean 'direct'"):
        so.jacobian(residual, X, plan="diret")
    assert so.jacobian(residual, X, plan="direct").pattern.nnz == 12


def test_a_hessian_of_an_array_is_refused():
    for operator in (so.hessian, so.gradient, so.value_and_gradient):
        with pytest.raises(so.ShapeError, match=r"residual returns an array of shape \(2, 3\)"):
            operator(residual, X)


def test_a_point_of_another_shape_is_refused():
    J = so.jacobian(residual, X)
    with pytest.raises(so.ShapeError, match=r"an array of shape \(5,\) is given"):
        J(np.zeros(5))
    with pytest.raises(so.ShapeError, match=r"its result has shape \(2, 3\)"):
        so.pullback(residual, X)(X, np.zeros(4))


def test_functions_that_cannot_be_recorded_name_the_line():
    def branching(x):
        return x if x[0] > 0 else -x

    with pytest.raises(so.BranchError, match=r"test_operators\.py:\d+"):
        so.jacobian(branching, X)


def test_explanations_name_the_plan_and_the_entry():
    J = so.jacobian(residual, X)
    assert "plan direct" in J.explain()
    assert "d residual[1, 0] / d x[1]" in J.explain(3, 1)
    assert "Hessian" in so.hessian(energy, X).explain()
    assert repr(J) == "jacobian of residual: SparsityPattern(6 x 4, nnz=12)"


def test_a_function_that_returns_a_list_is_stacked():
    J = so.jacobian(lambda x: [x[0] * x[1], np.sin(x[2]), x[3]], X)
    assert J(X).toarray() == pytest.approx(
        np.array([[-0.7, 0.3, 0, 0], [0, 0, np.cos(1.2), 0], [0, 0, 0, 1]])
    )
