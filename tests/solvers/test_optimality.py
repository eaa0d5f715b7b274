from __future__ import annotations

import numpy as np
import pytest

from sparseopt.patterns.sparsity_pattern import SparsityPattern
from sparseopt.solvers.optimality import bound_multipliers, optimality_errors
from tests.solvers.example_problems import HS071, Rosenbrock

SOLUTION = np.array([1.0, 4.742999637, 3.821149979, 1.379408293])


def errors_at(x, rows=(-0.552293660, 0.161468564), lower=(1.087871213, 0, 0, 0)):
    problem = HS071()
    return optimality_errors(
        problem,
        x,
        gradient=problem.gradient(x),
        constraints=problem.constraints(x),
        jacobian_values=problem.jacobian_values(x),
        constraint_multipliers=np.array(rows, float),
        lower_multipliers=np.array(lower, float),
        upper_multipliers=np.zeros(4),
    )


def test_errors_vanish_at_the_known_solution():
    errors = errors_at(SOLUTION)
    assert errors.stationarity < 1e-7
    assert errors.feasibility < 1e-7
    assert errors.complementarity < 1e-6


def test_the_most_violated_constraint_and_bound_are_named():
    errors = errors_at(SOLUTION + np.array([0, 0.2, 0, 0]))
    assert errors.worst_constraint == 1
    assert errors.worst_variable == -1
    violation = HS071().constraints(SOLUTION + np.array([0, 0.2, 0, 0]))[1] - 40
    assert errors.feasibility == pytest.approx(violation)
    assert errors.relative_feasibility == pytest.approx(violation / 40)
    assert errors_at(SOLUTION - np.array([0.25, 0, 0, 0])).worst_variable == 0


def test_what_moving_onto_a_bound_makes_of_a_steep_row_is_no_violation():
    problem, row = Rosenbrock(lower=-2.0, upper=252.0), 1e5 * np.array([1.0, -1.0])
    problem.num_constraints = 1
    problem.constraint_lower = problem.constraint_upper = np.zeros(1)
    problem.jacobian_pattern = SparsityPattern(np.array([0, 0]), np.array([0, 1]), (1, 2))

    def relative(x):
        return optimality_errors(
            problem, x, gradient=np.zeros(2), constraints=np.array([row @ x]), jacobian_values=row,
            constraint_multipliers=np.zeros(1), lower_multipliers=np.zeros(2),
            upper_multipliers=np.zeros(2),
        ).relative_feasibility  # fmt: skip

    assert relative(np.array([252.0, 252.0 - 2e-6])) == 0.0
    assert relative(np.array([252.0, 252.0 - 2e-5])) == pytest.approx(2.0 - 0.252, rel=1e-3)
    assert relative(np.array([200.0, 200.0 - 2e-6])) == pytest.approx(0.2, rel=1e-3)


def test_a_wrong_sign_shows_in_stationarity():
    assert errors_at(SOLUTION, rows=(0.552293660, -0.161468564)).stationarity > 1


def test_a_multiplier_away_from_its_bound_shows_in_complementarity():
    errors = errors_at(SOLUTION, lower=(1.087871213, 2.0, 0, 0))
    assert errors.complementarity == pytest.approx(2.0 * (SOLUTION[1] - 1))


def test_errors_of_a_problem_without_constraints():
    problem, x = Rosenbrock(), np.array([1.0, 1.0])
    nothing = np.empty(0)
    errors = optimality_errors(
        problem,
        x,
        gradient=problem.gradient(x),
        constraints=nothing,
        jacobian_values=nothing,
        constraint_multipliers=nothing,
        lower_multipliers=np.zeros(2),
        upper_multipliers=np.zeros(2),
    )
    assert (errors.stationarity, errors.feasibility, errors.complementarity) == (0, 0, 0)


def test_bound_multipliers_follow_from_the_gradient_at_the_bound():
    problem = Rosenbrock(lower=-2, upper=0.8)
    x = np.array([0.8, 0.64])
    lower, upper = bound_multipliers(problem, x, problem.gradient(x))
    assert lower.tolist() == [0, 0]
    assert upper == pytest.approx([0.4, 0])
