"""The one sign rule, against finite differences of optimal values, for every solver."""

from __future__ import annotations

import numpy as np
import pytest

from sparseopt.solvers import solve
from tests.solvers.example_problems import HS071, Chain, Rosenbrock

STEP = 1e-4
SOLVERS = ["ipopt", "cyipopt", "trust-constr", "SLSQP"]
TIGHT = {
    "ipopt": {"tol": 1e-10},
    "cyipopt": {"tol": 1e-10},
    "trust-constr": {"xtol": 1e-12, "gtol": 1e-10, "barrier_tol": 1e-10, "maxiter": 3000},
    "SLSQP": {"ftol": 1e-14},
    "L-BFGS-B": {"ftol": 1e-15, "gtol": 1e-10},
    "TNC": {"ftol": 1e-15, "gtol": 1e-10},
}


def optimum(make, change, solver):
    problem = make()
    change(problem)
    return solve(problem, solver, options=TIGHT[solver]).objective


def slope(make, change, solver):
    """Return the derivative of the optimal value by the amount given to `change`."""
    ends = [optimum(make, lambda problem, h=h: change(problem, h), solver) for h in (STEP, -STEP)]
    return (ends[0] - ends[1]) / (2 * STEP)


def shift(field, index):
    def change(problem, amount):
        for name in field.split():
            getattr(problem, name)[index] += amount

    return change


@pytest.mark.parametrize("solver", SOLVERS)
def test_an_equality_multiplier_is_minus_the_slope_of_the_optimal_value(solver):
    result = solve(HS071(), solver, options=TIGHT[solver])
    moved = slope(HS071, shift("constraint_lower constraint_upper", 1), solver)
    assert result.constraint_multipliers[1] == pytest.approx(-moved, rel=1e-3)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_multiplier_of_a_lower_limit_is_negative(solver):
    result = solve(HS071(), solver, options=TIGHT[solver])
    moved = slope(HS071, shift("constraint_lower", 0), solver)
    assert result.constraint_multipliers[0] == pytest.approx(-moved, rel=1e-3)
    assert result.constraint_multipliers[0] < 0


def upside_down():
    """HS071 with its first constraint negated: −x₀x₁x₂x₃ ≤ −25."""
    problem = HS071()
    constraints, jacobian, hessian = (
        problem.constraints,
        problem.jacobian_values,
        problem.hessian_values,
    )
    rows = np.array([-1.0, 1.0])
    problem.constraint_lower, problem.constraint_upper = np.array([[-np.inf, 40], [-25, 40]])
    problem.constraints = lambda x: rows * constraints(x)
    problem.jacobian_values = lambda x: rows.repeat(4) * jacobian(x)
    problem.hessian_values = lambda x, multipliers, weight=1.0: hessian(
        x, rows * multipliers, weight
    )
    return problem


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_multiplier_of_an_upper_limit_is_positive(solver):
    result = solve(upside_down(), solver, options=TIGHT[solver])
    moved = slope(upside_down, shift("constraint_upper", 0), solver)
    assert result.constraint_multipliers[0] == pytest.approx(-moved, rel=1e-3)
    assert result.constraint_multipliers[0] > 0


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_lower_bound_multiplier_is_the_slope_of_the_optimal_value(solver):
    result = solve(HS071(), solver, options=TIGHT[solver])
    moved = slope(HS071, shift("variable_lower", 0), solver)
    assert result.lower_multipliers[0] == pytest.approx(moved, rel=1e-3)
    assert result.upper_multipliers == pytest.approx(np.zeros(4), abs=1e-4)


@pytest.mark.parametrize("solver", [*SOLVERS, "L-BFGS-B", "TNC"])
def test_an_upper_bound_multiplier_is_minus_the_slope_of_the_optimal_value(solver):
    def bounded():
        return Rosenbrock(lower=-2, upper=0.8)

    result = solve(bounded(), solver, options=TIGHT[solver])
    assert result.upper_multipliers[0] == pytest.approx(0.4, rel=2e-3)
    moved = slope(bounded, shift("variable_upper", 0), solver)
    assert result.upper_multipliers[0] == pytest.approx(-moved, rel=2e-3)


@pytest.mark.parametrize("solver", SOLVERS)
def test_multipliers_of_many_equalities_agree(solver):
    result = solve(Chain(8), solver, options=TIGHT[solver])
    reference = solve(Chain(8), "ipopt", options=TIGHT["ipopt"])
    expected = reference.constraint_multipliers
    assert result.constraint_multipliers == pytest.approx(expected, rel=1e-4)
