"""NaN and infinity of a branch that is not taken reach neither value nor derivative."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt.evaluation import Evaluator
from tests.references import BACKENDS, make_program

X = np.array([-1.0, 0.0, 2.0, -0.5, 0.0, 3.0])


def log_part(x):
    return np.where(x > 0, np.log(x) * x, x * x)


def root_part(x):
    return np.where(x > 0, np.sqrt(x), 0.0)


def quotient(x):
    return np.where(x != 0, 1.0 / x, 5.0)


def nested(x):
    inner = np.where(x > 1, np.log(x - 1), np.where(x > 0, 1 / x, x))
    return np.where(x > 1.5, np.sqrt(x - 1.5) * x, np.exp(np.where(x > 0, 0.0, inner)))


def branch_inside_a_product(x):
    return x * np.where(x > 0, x ** (x - 1), 1.0) * np.exp(x)


def maximum_with_minus_infinity(x):
    return np.maximum(x * x, -np.inf) + np.minimum(x, np.inf)


def sinc(x):
    return np.where(x == 0, 1.0, np.sin(x) / x)


def guarded_logarithm_of_maximum(x):
    return np.log(np.maximum(x, 1e-3))


CASES = [
    log_part,
    root_part,
    quotient,
    nested,
    branch_inside_a_product,
    maximum_with_minus_infinity,
    sinc,
    guarded_logarithm_of_maximum,
]


def taken(function, x):
    """Return value, first and second derivative by scalar differences on the taken side."""
    h = 1e-3
    with np.errstate(all="ignore"):
        f = [np.array([function(np.array([t + k * h]))[0] for t in x]) for k in range(-2, 3)]
    first = (8 * (f[3] - f[1]) - (f[4] - f[0])) / (12 * h)
    second = (16 * (f[3] + f[1]) - (f[4] + f[0]) - 30 * f[2]) / (12 * h * h)
    return f[2], first, second


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("function", CASES)
def test_everything_is_finite_where_the_taken_branch_is(function, backend):
    program = make_program(lambda x: np.sum(function(x)), function, X.size)
    evaluator = Evaluator(program, backend)
    ones = np.ones(X.size)
    results = {
        "value": evaluator.objective(X),
        "constraints": evaluator.constraints(X),
        "gradient": evaluator.gradient(X),
        "jacobian": evaluator.jacobian_values(X),
        "hessian": evaluator.hessian_values(X, ones),
        "pushforward": evaluator.pushforward(X, ones),
        "pullback": evaluator.pullback(X, ones),
        "product": evaluator.hessian_vector_product(X, ones, ones),
    }
    for name, values in results.items():
        assert np.isfinite(values).all(), name


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("function", CASES)
def test_derivatives_away_from_the_switch_are_those_of_the_taken_branch(function, backend):
    x = X[X != 0.0]
    program = make_program(lambda x: np.sum(function(x)), function, x.size)
    evaluator = Evaluator(program, backend)
    value, first, second = taken(function, x)
    np.testing.assert_allclose(evaluator.constraints(x), value, rtol=1e-14)
    np.testing.assert_allclose(evaluator.gradient(x), first, rtol=1e-7, atol=1e-8)
    hessian = evaluator.hessian_pattern.to_symmetric(
        evaluator.hessian_values(x, np.zeros(x.size), 1.0)
    ).toarray()
    np.testing.assert_allclose(np.diag(hessian), second, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("backend", BACKENDS)
def test_nan_of_the_taken_branch_does_reach_the_output(backend):
    program = make_program(lambda x: np.sum(x), lambda x: np.where(x < 0, np.log(x), x * x), X.size)
    evaluator = Evaluator(program, backend)
    assert np.isnan(evaluator.constraints(X)[0])
    assert np.isnan(evaluator.constraints(np.full(X.size, np.nan))).all()


def test_pattern_is_the_union_of_the_branches_and_nothing_of_the_condition():
    program = make_program(
        lambda x: 0.0 * x[0],
        lambda x: np.stack([np.where(x[0] > 0, x[1] * x[2], x[3] ** 2)]),
        4,
    )
    evaluator = Evaluator(program, "numpy")
    assert sorted(evaluator.jacobian_pattern.cols.tolist()) == [1, 2, 3]
    pattern = evaluator.hessian_pattern
    entries = sorted(zip(pattern.rows.tolist(), pattern.cols.tolist(), strict=True))
    assert entries == [(2, 1), (3, 3)]


def test_constant_masks_are_resolved_element_by_element():
    mask = np.array([True, False, True, False])
    program = make_program(
        lambda x: 0.0 * x[0], lambda x: np.where(mask, x[:4] * x[4:], 3.0 * x[:4]), 8
    )
    evaluator = Evaluator(program, "numpy")
    assert evaluator.jacobian_pattern.nnz == 2 * 2 + 2
    assert evaluator.hessian_pattern.nnz == 2
    assert evaluator.is_linear_row.tolist() == [False, True, False, True]


@pytest.mark.parametrize("backend", BACKENDS)
def test_kinks_take_the_documented_side(backend):
    program = make_program(
        lambda x: 0.0 * x[0],
        lambda x: np.stack([np.abs(x[0]), np.maximum(x[0], 2 * x[0]), np.minimum(3 * x[0], x[0])]),
        1,
    )
    values = Evaluator(program, backend).jacobian_values(np.zeros(1))
    assert values.tolist() == [0.0, 1.0, 3.0]  # sign(0); the first argument at a tie


# ---- stages behind a branch: their values are computed whether the branch is taken or not
def behind_a_branch(x):
    """Return a sum with infinite derivatives at zero, used in a branch not taken at X_BEHIND."""
    roots = np.sum(np.sqrt(x[:20]))
    return np.where(x[20] > 0, roots**2, x[20] ** 2 * x[0])


X_BEHIND = np.append(np.zeros(20), -1.0)


def test_a_stage_of_the_branch_not_taken_adds_no_nan_to_products():
    expected = np.zeros(21)
    expected[0] = 1.0
    assert so.gradient(behind_a_branch, X_BEHIND)(X_BEHIND) == pytest.approx(expected)
    product = so.hessian_vector_product(behind_a_branch, X_BEHIND)(X_BEHIND, np.ones(21))
    expected = np.zeros(21)
    expected[0], expected[20] = -2.0, -2.0
    assert product == pytest.approx(expected)


@pytest.mark.parametrize("plan", ["direct", "star", "acyclic"])
def test_a_stage_of_the_branch_not_taken_adds_no_nan_to_hessians(plan):
    H = so.hessian(behind_a_branch, X_BEHIND, plan=plan)(X_BEHIND).toarray()
    expected = np.zeros((21, 21))
    expected[0, 20] = expected[20, 0] = -2.0
    assert pytest.approx(expected) == H


@pytest.mark.parametrize("plan", ["direct", "forward", "reverse", "bidirectional"])
def test_a_stage_of_the_branch_not_taken_adds_no_nan_to_jacobians(plan):
    J = so.jacobian(lambda x: np.stack([behind_a_branch(x), x[1]]), X_BEHIND, plan=plan)
    expected = np.zeros((2, 21))
    expected[0, 0] = expected[1, 1] = 1.0
    assert J(X_BEHIND).toarray() == pytest.approx(expected)


def test_a_stage_of_the_branch_taken_keeps_its_infinite_derivatives():
    x = np.append(np.zeros(20), 1.0)
    assert np.isnan(so.gradient(behind_a_branch, x)(x)[:20]).all()  # 2 · 0 · ∞, as written
    linear = so.gradient(lambda x: np.where(x[20] > 0, np.exp(np.sum(np.sqrt(x[:20]))), 0.0), x)
    assert np.isposinf(linear(x)[:20]).all()


def test_branches_nested_through_stages():
    def nested(x):
        first = np.where(x[0] > 0, np.sum(np.log(x[1:21])), 1.0)
        second = np.sum(np.sqrt(x[1:21] * first))
        return np.where(x[0] > 1, second * first, x[0] ** 2)

    x = np.zeros(21)
    x[0] = 0.5
    assert so.gradient(nested, x)(x).tolist() == [1.0] + 20 * [0.0]
    assert so.hessian(nested, x)(x).toarray()[0, 0] == 2.0
    assert np.isfinite(so.hessian(nested, x)(x).toarray()).all()
