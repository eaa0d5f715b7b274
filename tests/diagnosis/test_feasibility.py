"""Failed solves: what is violated, what is in conflict, and the relaxed problems behind it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import sparseopt as so
from sparseopt.diagnosis import conflict
from sparseopt.diagnosis.elastic_problem import ElasticProblem
from sparseopt.modeling.solver_registry import run_solver

CONFLICT = """
x = m.variable("x", 4, lower=0.0, start=1.0)
m.minimize(np.sum(x**2))
m.subject_to(x[0] + x[1] <= 1.0, name="budget")
m.subject_to(x[0] ** 2 >= 4.0, name="reach")
m.subject_to(x[2] * x[3] == 1.0, name="area")
m.subject_to(x[2] + x[1] <= 9.0, name="roof")
m.subject_to(x[1] >= 0.2, name="floor")
"""


def test_the_conflicting_set_is_named_with_the_whole_message(model):
    solution = model(CONFLICT).solve()
    (finding,) = solution.diagnose().of("conflicting constraints")
    assert (
        str(finding)
        == """\
error: these constraints cannot hold together: budget, reach, with floor (x[1] >= 0.2)
  where:   model.py:3, model.py:4
  why:     where they are violated least, relative to their slopes, 3.36 is left in all; without \
any one of them the others can hold (found with 4 relaxed problems)
  instead: correct or drop one of them; a constraint that may be violated at a price belongs into \
the objective"""
    )


@pytest.mark.parametrize("solver", ["ipopt", "SLSQP"])
def test_any_solver_finds_the_same_set(model, solver):
    solution = model(CONFLICT).solve(solver=solver)
    (finding,) = solution.diagnose(solver=solver).of("conflicting constraints")
    assert finding.names == ("budget", "reach", "floor (x[1] >= 0.2)")


def test_violated_constraints_are_named_with_values_and_variables(model):
    m = model(
        """
        x = m.variable("x", 3, lower=0.0, upper=1.0, start=0.5)
        m.minimize(x[2])
        m.subject_to(3.0 * x[0] + x[1] >= 6.0, name="need")
        """
    )
    diagnosis = m.solve().diagnose()
    assert diagnosis.at == "the best point of the solve"
    assert [f.kind for f in diagnosis] == [
        "failed solve",
        "violated constraint",
        "conflicting constraints",
    ]
    failed, violated, conflicting = diagnosis
    assert failed.what == "the solve ended as infeasible"
    assert violated.what == "need is violated by 2"
    assert violated.why == (
        "its value is 4, and it must be at least 6; "
        "by slope: x[0] = 1 (slope 3), x[1] = 1 (slope 1)"
    )
    assert conflicting.what == (
        "these constraints cannot hold together: need, with the upper bound x[0] <= 1, "
        "the upper bound x[1] <= 1"
    )


def test_a_budget_of_solves_ends_the_search_and_says_so(model):
    solution = model(CONFLICT).solve()
    (finding,) = solution.diagnose(most_solves=1).of("conflicting constraints")
    assert "a smaller set may do (found with 1 relaxed problem)" in finding.why
    assert solution.diagnose(most_solves=0).skipped == ("which constraints are in conflict",)


def test_a_solve_that_is_stopped_ends_the_search(model, monkeypatch):
    solution, solved = model(CONFLICT).solve(), []

    def stopped_after_the_first(problem, *arguments, **options):
        solved.append(problem)
        outcome = run_solver(problem, *arguments, **options)
        return replace(outcome, status=so.Status.STOPPED) if len(solved) > 1 else outcome

    monkeypatch.setattr(conflict, "run_solver", stopped_after_the_first)
    (finding,) = solution.diagnose().of("conflicting constraints")
    assert len(solved) == 2
    assert "a smaller set may do (found with 2 relaxed problems)" in finding.why


def test_a_conflict_of_many_constraints_is_named_without_the_filter(model):
    m = model(
        """
        x = m.variable("x", 31, start=0.0)
        m.minimize(np.sum(x**2))
        m.subject_to(x[1:] - x[:-1] >= 1.0, name="climb")
        m.subject_to(x[-1] - x[0] <= 20.0, name="total")
        m.subject_to(x[3] + x[4] <= 100.0, name="other")
        """
    )
    (finding,) = m.solve().diagnose().of("conflicting constraints")
    assert finding.count == 31
    assert finding.what == ("these constraints cannot hold together: climb (30 of 30), total")
    assert "a smaller set may do (found with 2 relaxed problems)" in finding.why


def test_constraints_that_can_hold_are_no_conflict(model):
    m = model(
        """
        x = m.variable("x", 2, start=[3.0, 4.0])
        m.minimize(x[0] ** 4 + x[1] ** 2)
        m.subject_to(x[0] * x[1] + x[0] ** 3 == 1.0, name="curve")
        """
    )
    diagnosis = m.solve(options={"max_iter": 0}).diagnose()
    assert diagnosis.of("violated constraint")
    assert diagnosis.of("conflicting constraints") == []
    assert diagnosis.skipped == (
        "which constraints are in conflict: the constraints can hold: start from the point that a "
        "relaxed problem finds",
    )


def test_variables_that_run_away_are_named(model):
    m = model(
        """
        x = m.variable("x", 2, start=1.0)
        m.minimize(x[0] + x[1] ** 2)
        m.subject_to(x[1] - x[0] >= 0.0)
        """
    )
    solution = m.solve()
    assert solution.status is so.Status.DIVERGING
    (finding,) = solution.diagnose().of("runaway variables")
    assert finding.names == ("x[0]",)
    assert finding.where == "model.py:1"


def test_the_parameters_of_the_solve_count_and_not_those_set_later(model):
    m = model(
        """
        x = m.variable("x", 2, upper=1.0, start=0.0)
        k = m.parameter("k", 5.0)
        m.minimize(np.sum(x**2))
        m.subject_to(x[0] + x[1] >= k, name="need")
        """
    )
    solution = m.solve()
    m.set(k=1.0)
    assert solution.diagnose().of("violated constraint")[0].names == ("need",)
    assert m.problem().evaluator.parameters.tolist() == [1.0]
    assert len(m.solve().diagnose()) == 0


# ---- the relaxed problem
@pytest.fixture
def elastic(model):
    m = model(
        """
        x = m.variable("x", 3, lower=-2.0, start=[1.0, 2.0, 3.0])
        m.minimize(np.sum(x**2))
        m.subject_to(x[0] * x[1] ** 2 == 7.0, name="one")
        m.subject_to(np.exp(x[0]) + x[2] <= 2.0, name="two")
        m.subject_to(x[1] * x[2], lower=1.0, upper=5.0, name="three")
        """
    )
    problem = m.problem()
    rows, sizes = np.array([0, 2]), np.array([2.0, 5.0])
    return ElasticProblem(problem, rows, problem.initial_point, sizes)


def test_the_start_of_the_relaxed_problem_is_feasible(elastic):
    start = elastic.initial_point
    values = elastic.constraints(start)
    assert (values >= elastic.constraint_lower - 1e-12).all()
    assert (values <= elastic.constraint_upper + 1e-12).all()
    # Of x0 x1² = 4 < 7 and x1 x2 = 6 > 5 the gaps are 3 and 1, in units of 2 and 5.
    assert elastic.objective(start) == pytest.approx(3.0 / 2.0 + 1.0 / 5.0)
    assert elastic.violations(start).tolist() == [3.0, 1.0]
    assert [elastic.variable_name(k) for k in (2, 3, 6)] == [
        "x[2]",
        "slack of one",
        "slack of three",
    ]


def test_derivatives_of_the_relaxed_problem_agree_with_differences(elastic):
    random = np.random.default_rng(4)
    x, direction = random.uniform(0.5, 1.5, (2, elastic.num_variables))
    weights, step = np.array([0.7, -1.3]), 1e-6

    def slope(function):
        return (function(x + step * direction) - function(x - step * direction)) / (2 * step)

    assert elastic.gradient(x) @ direction == pytest.approx(slope(elastic.objective))
    assert np.allclose(elastic.jacobian(x) @ direction, slope(elastic.constraints), rtol=1e-7)
    curved = slope(lambda y: elastic.jacobian(y).T @ weights)
    assert np.allclose(elastic.hessian(x, weights) @ direction, curved, rtol=1e-6, atol=1e-8)
    product = elastic.hessian_vector_product(x, weights, direction)
    assert np.allclose(product, curved, rtol=1e-6, atol=1e-8)
