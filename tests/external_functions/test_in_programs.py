"""External functions as parts of larger programs: every evaluation, plan and backend."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt.evaluation import Evaluator
from sparseopt.patterns.index_sets import hessian_pattern_of, jacobian_pattern_of
from tests.external_functions.formulas import (
    BAND,
    Counted,
    f,
    hessian,
    hvp,
    jacobian,
    jvp,
    vjp,
)
from tests.references import Reference, dense_hessian, dense_jacobian, make_evaluator, make_program

PLANS = [("direct", "direct"), ("forward", "star"), ("reverse", "acyclic")]
X = np.random.default_rng(0).uniform(0.5, 1.5, 8)
GIVEN = {
    "matrices": {"jacobian": jacobian, "hessian": hessian, "pattern": BAND},
    "products": {"jvp": jvp, "vjp": vjp, "hvp": hvp, "pattern": BAND},
    "steps": {"jvp": jvp, "pattern": BAND},
}


def functions(F):
    """Return an objective and constraints with several calls, overlapping, one inside another."""

    def constraints(x):
        y = F(x[:6])
        z = F(np.concatenate([y, x[6:7] * x[0]]))
        return np.concatenate([np.sin(z) * x[1:6], y, F(x[1:7]), 2.0 * F(x[2:])])

    def objective(x):
        y = F(x[:6])
        return np.sum(y**2) * x[0] + np.exp(0.1 * F(x[1:7])[0]) / F(x[::-1][:6])[3]

    return objective, constraints


@pytest.fixture(scope="module")
def reference():
    return Reference(make_program(*functions(f), 8), X)


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("backend", ["numpy", "llvm"])
@pytest.mark.parametrize("plans", PLANS)
def test_all_evaluations_agree_with_the_formula_written_out(given, backend, plans, reference):
    program = make_program(*functions(so.external(f, 5, **GIVEN[given])), 8)
    reference.check(Evaluator(program, backend, *plans))


@pytest.mark.parametrize("given", GIVEN)
def test_patterns_are_those_of_the_formula_written_out(given):
    inside = make_program(*functions(so.external(f, 5, **GIVEN[given])), 8)
    outside = make_evaluator(*functions(f), 8)
    evaluator = Evaluator(inside, "numpy", "direct", "direct")
    assert evaluator.jacobian_pattern == outside.jacobian_pattern
    assert evaluator.hessian_pattern == outside.hessian_pattern
    assert jacobian_pattern_of(inside, 1) == outside.jacobian_pattern
    assert hessian_pattern_of(inside) == outside.hessian_pattern


def test_without_a_pattern_derivatives_are_dense_and_right():
    program = make_program(*functions(so.external(f, 5)), 8)
    evaluator, written = Evaluator(program, "llvm"), make_evaluator(*functions(f), 8)
    multipliers = np.linspace(-1.0, 1.0, 20)
    np.testing.assert_allclose(dense_jacobian(evaluator, X), dense_jacobian(written, X), atol=1e-11)
    found = dense_hessian(evaluator, X, multipliers)
    np.testing.assert_allclose(found, dense_hessian(written, X, multipliers), atol=1e-7)


@pytest.mark.parametrize("backend", ["numpy", "llvm"])
def test_a_problem_may_be_a_call_alone(backend):
    F = so.external(
        lambda x: x @ x, jacobian=lambda x: 2 * x, hessian=lambda x, w: 2 * w * np.eye(2)
    )
    G = so.external(lambda x: x**2, 2, jacobian=lambda x: np.diag(2 * x))
    evaluator = Evaluator(make_program(F, G, 2), backend)
    x = np.array([1.0, 3.0])
    assert evaluator.objective(x) == 10.0
    np.testing.assert_array_equal(evaluator.gradient(x), [2.0, 6.0])
    np.testing.assert_array_equal(evaluator.constraints(x), [1.0, 9.0])
    np.testing.assert_array_equal(dense_jacobian(evaluator, x), np.diag([2.0, 6.0]))
    found = dense_hessian(evaluator, x, np.array([1.0, 0.5]))
    np.testing.assert_allclose(found, np.diag([4.0, 3.0]), atol=1e-8)
    assert not evaluator.is_linear_row.any()
    assert not evaluator.is_hessian_constant


@pytest.mark.parametrize("backend", ["numpy", "llvm"])
def test_the_function_runs_once_at_a_point_whatever_is_evaluated(backend):
    counted, matrix = Counted(f), Counted(jacobian)
    F = so.external(counted, 5, jacobian=matrix, pattern=BAND, hessian=hessian, check=False)
    program = make_program(lambda x: np.sum(F(x[:6]) ** 2), lambda x: F(x[:6]) * x[1:6], 8)
    evaluator = Evaluator(program, backend, "direct", "direct")
    for x in (X, 2.0 * X):
        evaluator.objective(x)
        evaluator.gradient(x)
        evaluator.constraints(x)
        evaluator.jacobian_values(x)
        evaluator.hessian_values(x, np.ones(5))
        evaluator.hessian_vector_product(x, np.ones(5), x)
    assert (counted.calls, matrix.calls) == (2, 2)


def test_one_schedule_evaluates_a_call_once_although_nothing_is_kept():
    counted = Counted(f)
    F = so.external(counted, 5, jacobian=jacobian, pattern=BAND, check=False, remember=False)
    evaluator = make_evaluator(lambda x: F(x) @ F(x), lambda x: F(x) * 2.0 + F(x), 6)
    evaluator.objective(X[:6])
    assert counted.calls == 1
    evaluator.constraints(X[:6])
    assert counted.calls == 2


def test_parameters_and_data_are_arguments_without_derivatives():
    product = Counted(lambda x, p, d, *tangents: tangents[0] * p * d)
    F = so.external(lambda x, p, d: x * p * d, 2, jvp=product, name="F")
    data = np.array([2.0, 3.0])
    program = make_program(lambda x, p: 0.0 * x[0], lambda x, p: F(x, p, data), 2, 2)
    evaluator = Evaluator(program, "llvm", "direct", "direct")
    evaluator.parameters[:] = [5.0, 7.0]
    x = np.array([1.0, -1.0])
    np.testing.assert_array_equal(dense_jacobian(evaluator, x), np.diag([10.0, 21.0]))
    assert F.explain().splitlines()[1].strip().startswith("Jacobian: jvp=, 2 column colors")
    evaluator.parameters[:] = [1.0, 1.0]
    np.testing.assert_array_equal(dense_jacobian(evaluator, x), np.diag([2.0, 3.0]))


def test_a_call_with_nothing_but_parameters_is_constant():
    F = so.external(lambda p: p**2, 2)
    program = make_program(lambda x, p: x @ F(p), lambda x, p: x * F(p), 2, 2)
    evaluator = Evaluator(program, "llvm")
    evaluator.parameters[:] = [2.0, 3.0]
    np.testing.assert_array_equal(evaluator.gradient(np.ones(2)), [4.0, 9.0])
    np.testing.assert_array_equal(dense_jacobian(evaluator, np.ones(2)), np.diag([4.0, 9.0]))
    assert evaluator.hessian_pattern.nnz == 0


def test_operators_take_external_functions():
    F = so.external(f, 5, jvp=jvp, pattern=BAND)
    x = X[:6]
    J = so.jacobian(lambda x: F(x) * x[:5], x)(x).toarray()
    expected = x[:5, None] * jacobian(x) + np.diag(f(x)) @ np.eye(5, 6)
    np.testing.assert_allclose(J, expected, rtol=1e-14)
    H = so.hessian(lambda x: F(x) @ F(x), x)(x).toarray()
    exact = 2 * jacobian(x).T @ jacobian(x) + hessian(x, 2 * f(x))
    np.testing.assert_allclose(H, exact, atol=1e-12)


def test_an_entry_is_explained_by_the_functions_name():
    F = so.external(f, 5, jacobian=jacobian, pattern=BAND, name="wave")
    program = make_program(lambda x: 0.0 * x[0], lambda x: np.sin(F(x)), 6)
    evaluator = Evaluator(program, "numpy", "direct", "direct")
    text = evaluator.explain(2, 3)
    assert "constraints by the external function wave[2]" in text
    assert "test_in_programs.py" in text
    assert evaluator.external_functions() == [
        "wave: Jacobian by jacobian=; Hessian by complex steps or differences of jacobian=, "
        "3 symmetric colors, error about 4e-10 relative"
    ]


def test_large_calls_keep_their_sparsity():
    n = 3000

    def matrix(x):
        return np.concatenate([2 * x[:-1], x[1:] ** 0])

    rows = np.arange(n - 1)
    pattern = np.concatenate([rows, rows]), np.concatenate([rows, rows + 1])
    F = so.external(
        lambda x: x[:-1] ** 2 + x[1:], n - 1, jacobian=matrix, pattern=pattern,
        hessian=lambda x, w: 2 * np.append(w, 0.0), hessian_pattern=(np.arange(n), np.arange(n)),
    )  # fmt: skip
    program = make_program(lambda x: x[0], lambda x: np.sin(F(x)), n)
    evaluator = Evaluator(program, "llvm")
    written = make_evaluator(lambda x: x[0], lambda x: np.sin(x[:-1] ** 2 + x[1:]), n)
    assert evaluator.jacobian_pattern == written.jacobian_pattern
    assert evaluator.hessian_pattern.nnz <= 2 * n
    x, w = np.linspace(0.1, 1.0, n), np.ones(n - 1)
    gap = evaluator.hessian_vector_product(x, w, x) - written.hessian_vector_product(x, w, x)
    assert abs(gap).max() < 1e-12


@pytest.mark.parametrize("backend", ["numpy", "llvm"])
def test_empty_arguments_and_results_are_possible(backend):
    nothing = so.external(lambda x: x[:0], 0)
    constant = so.external(lambda x: np.array([2.0, 3.0]), 2)

    def constraints(x):
        return np.concatenate([nothing(x), constant(x[:0]) * x[:2], constant(x) * x[:2]])

    evaluator = Evaluator(
        make_program(lambda x: np.sum(constraints(x) ** 2), constraints, 3), backend
    )
    x = np.array([1.0, -1.0, 4.0])
    np.testing.assert_array_equal(evaluator.constraints(x), [2.0, -3.0, 2.0, -3.0])
    scale = np.array([[2.0, 0.0, 0.0], [0.0, 3.0, 0.0]])
    np.testing.assert_allclose(dense_jacobian(evaluator, x), np.vstack([scale, scale]))
    np.testing.assert_allclose(evaluator.gradient(x), [16.0, -36.0, 0.0])
    found = dense_hessian(evaluator, x, np.zeros(4))
    np.testing.assert_allclose(found, np.diag([16.0, 36.0, 0.0]), atol=1e-6)


def test_operators_explain_how_external_derivatives_are_found():
    F = so.external(f, 5, jvp=jvp, pattern=BAND, name="wave")
    text = so.jacobian(lambda x: np.sin(F(x)), X[:6]).explain()
    assert text.splitlines()[-1].startswith("external function wave: Jacobian by jvp=, 2 column")
