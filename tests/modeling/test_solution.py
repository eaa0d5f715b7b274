"""What comes back from a solve: values by name, the sign rule, warm starts, the report."""

from __future__ import annotations

import numpy as np
import pytest

import sparseopt as so

TIGHT = {"tol": 1e-10}
STEP = 1e-3


def parametric(sense, moved=None):
    """A problem with every kind of row, whose right-hand sides may be moved by name."""
    shift = dict.fromkeys(("equal", "above", "below", "bound", "box"), 0.0) | (moved or {})
    model = so.Model("parametric")
    x = model.variable("x", shape=4, upper=[np.inf, np.inf, np.inf, 0.2 + shift["box"]], start=0.1)
    value = np.sum((x - np.array([2.0, -1.0, 3.0, 1.0])) ** 2) + x[0] * x[1] + np.exp(x[3])
    if sense == "minimize":
        model.minimize(value)
    else:
        model.maximize(-value)
    model.subject_to(x[0] ** 2 + x[1] == 1.0 + shift["equal"], name="equal")
    model.subject_to(x[2] ** 2 + x[0] <= 2.0 + shift["above"], name="above")
    model.subject_to(x[1] * 2 + np.sin(x[0]) >= 0.3 + shift["below"], name="below")
    model.subject_to(-2 * x[2] >= -1.5 + shift["bound"], name="bound")
    return model


def optimal_value(sense, name, amount):
    solution = parametric(sense, {name: amount}).solve(options=TIGHT)
    assert solution.success
    return solution.objective


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
@pytest.mark.parametrize("name", ["equal", "above", "below", "bound"])
def test_multipliers_are_derivatives_of_the_optimal_value(sense, name):
    solution = parametric(sense).solve(options=TIGHT)
    difference = optimal_value(sense, name, STEP) - optimal_value(sense, name, -STEP)
    expected = difference / (2 * STEP)
    sign = -1.0 if sense == "minimize" else 1.0
    assert solution.sensitivity(name) == pytest.approx(expected, abs=2e-5)
    assert solution.dual(name) == pytest.approx(sign * expected, abs=2e-5)


@pytest.mark.parametrize("sense", ["minimize", "maximize"])
def test_bound_multipliers_are_derivatives_of_the_optimal_value(sense):
    solution = parametric(sense).solve(options=TIGHT)
    expected = (optimal_value(sense, "box", STEP) - optimal_value(sense, "box", -STEP)) / (2 * STEP)
    lower, upper = solution.bound_duals("x")
    sign = -1.0 if sense == "minimize" else 1.0
    assert sign * expected == pytest.approx(upper[3], abs=2e-5)
    assert upper[3] > 0.1
    assert np.abs(lower).max() < 1e-6


def test_signs_follow_the_active_side():
    solution = parametric("minimize").solve(options=TIGHT)
    assert solution.dual("above") >= 0.0
    assert solution.dual("below") <= 0.0
    assert solution.dual("bound") <= 0.0


def test_multipliers_of_lifted_rows_satisfy_the_stationarity_condition():
    model = parametric("minimize")
    solution = model.solve(options=TIGHT)
    plain = parametric("minimize")
    plain.lift_bounds = False
    problem = plain.problem()
    assert problem.num_constraints == model.problem().num_constraints + 1
    duals = np.array([solution.dual(name) for name in ("equal", "above", "below", "bound")])
    lower, upper = solution.bound_duals("x")
    slope = problem.gradient(solution.x) + problem.pullback(solution.x, duals) - lower + upper
    assert np.abs(slope).max() < 1e-6


def shaped_model():
    model = so.Model("shaped")
    x = model.variable("x", shape=(2, 3), start=1.0)
    t = model.variable("t", start=2.0)
    k = model.parameter("k", [1.0, 2.0, 3.0])
    model.minimize(np.sum((x - k) ** 2) + (t - 4.0) ** 2)
    model.subject_to(x[0] * x[1] == 6.0, name="product")
    return model, x, t


def test_values_and_multipliers_have_the_declared_shapes():
    model, x, t = shaped_model()
    solution = model.solve()
    assert solution["x"].shape == (2, 3)
    assert np.shape(solution["t"]) == ()
    assert solution["t"] == pytest.approx(4.0)
    assert solution.dual("product").shape == (3,)
    assert solution.bound_duals("x")[0].shape == (2, 3)
    assert solution.value(x[0] * x[1] + t) == pytest.approx([10.0, 10.0, 10.0])
    with pytest.raises(so.ProblemError, match="nothing is called 'y'"):
        solution["y"]


def test_a_solution_keeps_its_parameters():
    model, x, _ = shaped_model()
    first = model.solve()
    model.set(k=0.0)
    second = model.solve(start=first)
    assert first["k"].tolist() == [1.0, 2.0, 3.0]
    assert second["k"].tolist() == [0.0, 0.0, 0.0]
    assert first.value(x[0, 0]) == first["x"][0, 0]


def test_a_warm_start_needs_few_iterations():
    model = parametric("minimize")
    first = model.solve()
    second = model.solve(start=first)
    assert second.success
    assert second.iterations < first.iterations
    assert second.iterations <= 3
    assert second.objective == pytest.approx(first.objective)


def test_a_solution_starts_another_model_by_names():
    small = so.Model("small")
    x = small.variable("x", shape=2, start=1.0)
    small.minimize(np.sum((x - 3.0) ** 2))
    large = so.Model("large")
    y = large.variable("y", shape=2, start=7.0)
    x = large.variable("x", shape=2, start=1.0)
    large.minimize(np.sum((x - 3.0) ** 2) + np.sum(y**2))
    seen = []
    large.solve(start=small.solve(), callback=lambda iteration: seen.append(iteration.x.copy()))
    assert seen[0] == pytest.approx([7.0, 7.0, 3.0, 3.0])


def test_a_start_may_name_some_variables():
    model, _, _ = shaped_model()
    seen = []
    start = {"x": [[1.0], [2.0]]}
    model.solve(start=start, callback=lambda iteration: seen.append(iteration.x.copy()))
    assert seen[0] == pytest.approx([1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0])


def test_a_failed_solve_returns_and_raises_on_request():
    model = so.Model("impossible")
    x = model.variable("x", shape=2, start=1.0)
    model.minimize(np.sum(x))
    model.subject_to(x[0] ** 2 + x[1] ** 2 <= -1.0, name="negative")
    solution = model.solve()
    assert not solution.success
    assert solution.status is so.Status.INFEASIBLE
    with pytest.raises(so.SolveFailedError, match="'impossible' was not solved") as caught:
        solution.raise_for_status()
    assert caught.value.status is so.Status.INFEASIBLE
    assert "negative" in solution.report()
    assert "test_solution.py" in solution.report()


def test_success_does_not_raise():
    parametric("minimize").solve().raise_for_status()


def test_the_report_holds_what_people_look_for():
    solution = parametric("maximize").solve()
    text = solution.report()
    for part in (
        *("parametric: optimal", "(maximized)", "iterations", "rows made bounds  1 (bound)"),
        *("Jacobian", "Hessian", "stationarity", "feasibility", "complementarity"),
        *("trace", "elements", "patterns", "compile", "solver", "objective"),
    ):
        assert part in text, part
    assert repr(solution).startswith("Solution('parametric', optimal, objective -")


def test_timings_and_counts_by_kind():
    solution = parametric("minimize").solve()
    assert {"trace", "elements", "patterns", "compile", "solver"} <= set(solution.timings)
    assert all(seconds >= 0.0 for seconds in solution.timings.values())
    assert solution.evaluations["objective"] >= solution.iterations
    assert set(solution.evaluations) <= set(solution.timings)


def test_verbose_prints_a_line_for_each_iteration(capsys):
    solution = parametric("maximize").solve(verbose=True)
    lines = capsys.readouterr().out.splitlines()
    numbers = [line for line in lines if line[:9].strip().isdigit()]
    assert len(numbers) == solution.iterations + 1
    last = float(numbers[-1].split()[1])
    assert last == pytest.approx(solution.objective, rel=1e-4)


@pytest.mark.parametrize("solver", ["ipopt", "trust-constr", "SLSQP"])
def test_solvers_agree_on_values_and_multipliers(solver):
    model = parametric("minimize")
    reference = model.solve(options=TIGHT)
    solution = model.solve(solver=solver)
    assert solution.success
    assert solution.objective == pytest.approx(reference.objective, rel=1e-4)
    for name in ("equal", "above", "bound"):
        assert solution.dual(name) == pytest.approx(reference.dual(name), abs=5e-3)


def test_the_report_of_a_failed_solve_says_what_names_the_causes():
    m = so.Model("failed")
    x = m.variable("x", 2, lower=0.0, start=1.0)
    m.minimize(np.sum(x**2))
    m.subject_to(np.sum(x) <= -1.0, name="negative")
    failed = m.solve()
    assert "next: solution.diagnose()" in failed.report()
    with pytest.raises(so.SolveFailedError, match=r"solution\.diagnose\(\)"):
        failed.raise_for_status()
