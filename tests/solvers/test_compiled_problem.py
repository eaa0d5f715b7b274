"""Adapters on problems of the package itself, whose callbacks are compiled."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so
from sparseopt.errors import NonFiniteError
from sparseopt.solvers import Start, Status, solve
from tests.solvers.example_problems import HS071

SOLVERS = ["ipopt", "cyipopt", "trust-constr", "SLSQP"]


def hs071():
    model = so.Model("hs071")
    x = model.variable("x", shape=4, lower=1, upper=5, start=[1, 5, 5, 1])
    model.minimize(x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2])
    model.subject_to(x[0] * x[1] * x[2] * x[3] >= 25, name="product")
    model.subject_to(np.sum(x**2) == 40, name="sphere")
    return model.problem()


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_takes_the_same_problem(solver):
    result = solve(hs071(), solver)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(HS071.best, rel=1e-5)


def test_compiled_and_python_callbacks_take_the_same_iterations():
    compiled, python = solve(hs071()), solve(HS071())
    assert compiled.evaluations == python.evaluations
    compared = ("objective", "infeasibility", "step_norm")
    for name in compared:
        assert compiled.history[name] == pytest.approx(python.history[name], rel=1e-6, abs=1e-12)


def test_the_best_point_of_a_stopped_solve_is_one_of_the_iterates():
    seen = {}

    def watch(iteration):
        seen[iteration.number] = iteration
        return iteration.number < 4

    result = solve(hs071(), callback=watch)
    best = min(seen.values(), key=lambda iteration: iteration.infeasibility)
    assert result.status is Status.STOPPED
    assert np.array_equal(result.x, best.x)
    assert result.objective == pytest.approx(best.objective)


@pytest.mark.parametrize("solver", ["ipopt", "cyipopt"])
def test_an_infinite_slope_on_the_way_names_constraint_and_variable(solver):
    model = so.Model("edge")
    x = model.variable("x", shape=3, start=2.0)
    model.minimize(np.sum(x))
    model.subject_to(np.sqrt(x - 1) <= 5, name="root")
    with pytest.raises(NonFiniteError, match=r"root\[0\].*x\[0\]") as caught:
        solve(model.problem(), solver)
    assert "test_compiled_problem.py" in caught.value.where
    assert np.isfinite(caught.value.result.x).all()


def test_a_start_on_a_bound_where_the_slope_is_infinite_is_moved_inside():
    model = so.Model("root")
    x = model.variable("x", shape=3, lower=0.0, start=0.0)
    model.minimize(np.sum(x - np.sqrt(x)))
    result = solve(model.problem(), start=Start(np.zeros(3)))
    assert result.x == pytest.approx([0.25] * 3)
