from __future__ import annotations

import gc
import time

import numpy as np
import psutil
import pytest

import sparseopt as so
from sparseopt.codegen.workers import Job
from sparseopt.errors import SolverNotInstalledError, UnknownSolverError
from sparseopt.solvers import Start, Status, expect, ipopt_library, solve
from sparseopt.solvers.ipopt_iterations import IterationLog
from sparseopt.solvers.ipopt_library import (
    _loaded,
    ipopt_candidates,
    load_ipopt,
    start_loading,
)
from sparseopt.solvers.ipopt_linear_solvers import working_linear_solvers
from sparseopt.solvers.ipopt_settings import ipopt_settings
from tests.solvers.example_problems import HS071, Chain, Rosenbrock, sabotage, with_native

PATHS = [("ipopt", False), ("ipopt", True), ("cyipopt", False)]
each_path = pytest.mark.parametrize(("solver", "native"), PATHS)


def prepared(problem, native):
    return with_native(problem) if native else problem


def start_from(result):
    return Start(
        result.x,
        result.constraint_multipliers,
        result.lower_multipliers,
        result.upper_multipliers,
    )


@each_path
def test_hs071_is_solved_to_its_published_optimum(solver, native):
    result = solve(prepared(HS071(), native), solver)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(HS071.best, rel=1e-7)
    assert result.x == pytest.approx([1, 4.742999637, 3.821149979, 1.379408293], rel=1e-6)
    assert result.iterations == 8
    assert result.optimality.stationarity < 1e-6
    assert result.x[0] >= 1.0  # the original bound, not one relaxed by 1e-8


@each_path
def test_history_counts_and_times_are_kept(solver, native):
    result = solve(prepared(HS071(), native), solver)
    assert result.history["objective"].size == result.iterations + 1
    assert result.history["infeasibility"][-1] < 1e-6
    assert result.history["line_search_trials"].dtype == np.int64
    assert result.evaluations["hessian"] == result.iterations
    assert 0 < result.timings["jacobian"] < result.timings["total"]


@each_path
def test_a_problem_without_constraints(solver, native):
    result = solve(prepared(Rosenbrock(), native), solver)
    assert result.status is Status.OPTIMAL
    assert result.x == pytest.approx([1, 1])
    assert result.constraint_multipliers.shape == (0,)


@each_path
def test_a_warm_start_takes_fewer_iterations(solver, native):
    cold = solve(prepared(HS071(), native), solver)
    warm = solve(prepared(HS071(), native), solver, start=start_from(cold))
    assert warm.status is Status.OPTIMAL
    assert warm.iterations <= 2 < cold.iterations
    assert warm.objective == pytest.approx(cold.objective)


@each_path
def test_an_iteration_limit_returns_the_best_point(solver, native):
    result = solve(prepared(HS071(), native), solver, options={"max_iter": 2})
    assert result.status is Status.ITERATION_LIMIT
    assert not result.success
    assert result.raw_status == -1
    assert np.isfinite(result.x).all()
    assert result.optimality.feasibility < 5


@each_path
def test_a_time_limit_returns_the_best_point(solver, native):
    problem = sabotage(Chain(40), "objective", lambda value: time.sleep(0.05) or value)
    started = time.perf_counter()
    options = {"mu_strategy": "adaptive", "tol": 1e-14, "acceptable_tol": 1e-15}
    result = solve(prepared(problem, native), solver, options=options, time_limit=0.12)
    assert result.status is Status.TIME_LIMIT
    assert time.perf_counter() - started < 2
    assert np.isfinite(result.objective)


@each_path
def test_a_callback_sees_iterates_and_can_stop(solver, native):
    seen = []

    def watch(iteration):
        seen.append(iteration)
        return iteration.number < 3

    result = solve(prepared(HS071(), native), solver, callback=watch)
    assert result.status is Status.STOPPED
    assert [iteration.number for iteration in seen] == [0, 1, 2, 3]
    assert seen[2].x.shape == (4,)
    assert not np.array_equal(seen[1].x, seen[2].x)


@each_path
def test_an_exception_in_the_progress_callback_comes_back(solver, native):
    error = RuntimeError("mine")

    def fail(iteration):
        raise error

    with pytest.raises(RuntimeError) as caught:
        solve(prepared(HS071(), native), solver, callback=fail)
    assert caught.value is error


@each_path
def test_an_infeasible_problem_is_not_a_success(solver, native):
    problem = HS071()
    problem.constraint_lower[1] = problem.constraint_upper[1] = 400.0  # at most 100 within bounds
    result = solve(prepared(problem, native), solver)
    assert result.status is Status.INFEASIBLE
    assert result.optimality.worst_constraint == 1


@each_path
def test_more_equalities_than_variables(solver, native):
    problem = prepared(Rosenbrock(), native)
    problem.variable_lower[:] = problem.variable_upper[:] = [1.0, 1.0]
    assert solve(problem, solver).x == pytest.approx([1, 1])


@each_path
def test_fixed_variables_keep_their_values(solver, native):
    problem = HS071()
    problem.variable_lower[0] = problem.variable_upper[0] = 1.5
    result = solve(prepared(problem, native), solver)
    assert result.status is Status.OPTIMAL
    assert result.x[0] == 1.5


@each_path
def test_an_unbounded_problem_diverges(solver, native):
    problem = Rosenbrock(start=(0.0, 0.0))
    problem.objective = lambda x: -float(x @ x)
    problem.gradient = lambda x: -2 * x
    problem.hessian_values = lambda x, multipliers, weight=1.0: weight * np.array([-2.0, 0, -2])
    problem.initial_point[:] = 1.0
    result = solve(prepared(problem, native), solver)
    assert result.status in (Status.DIVERGING, Status.ITERATION_LIMIT, Status.STEP_ERROR)


def test_what_is_proven_is_told_to_ipopt():
    problem = HS071()
    assert "hessian_constant" not in ipopt_settings(problem, {})
    problem.is_linear_row = np.array([False, True])
    settings = ipopt_settings(problem, {})
    assert settings["jac_c_constant"] == "yes"
    assert "jac_d_constant" not in settings
    problem.is_linear_row[:], problem.is_hessian_constant = True, True
    settings = ipopt_settings(problem, {})
    assert (settings["jac_d_constant"], settings["hessian_constant"]) == ("yes", "yes")
    assert ipopt_settings(problem, {"hessian_constant": False})["hessian_constant"] == "no"
    assert "jac_c_constant" not in ipopt_settings(Rosenbrock(), {})


def test_a_constant_hessian_is_evaluated_once():
    problem = Chain(4)
    problem.objective = lambda x: float(np.sum((x - 2) ** 2))
    problem.gradient = lambda x: 2 * (x - 2)
    problem.constraints = lambda x: x[::2] + x[1::2]
    problem.jacobian_values = lambda x: np.ones(4)
    problem.hessian_values = lambda x, multipliers, weight=1.0: weight * np.repeat([2.0, 0], [4, 3])
    problem.is_linear_row, problem.is_hessian_constant = np.ones(2, bool), True
    problem.variable_upper[:] = 0.4, 1, 1, 0.3
    result = solve(problem)
    assert result.x == pytest.approx([0.4, 0.6, 0.7, 0.3], abs=1e-6)
    assert result.iterations > 3
    assert result.evaluations["jacobian"] <= 2  # once more for the scaling
    assert result.evaluations["hessian"] == 1


def test_ipopt_is_silent_by_default_and_verbose_on_request(capfd):
    solve(HS071())
    assert capfd.readouterr().out == ""
    solve(HS071(), verbose=True)
    assert "EXIT: Optimal Solution Found" in capfd.readouterr().out


def test_an_option_file_in_the_working_directory_changes_nothing(tmp_path, monkeypatch):
    (tmp_path / "ipopt.opt").write_text("max_iter 1\n")
    monkeypatch.chdir(tmp_path)
    assert solve(HS071()).status is Status.OPTIMAL


def test_a_kept_problem_is_not_used_for_other_bounds():
    first, second = with_native(HS071()), with_native(HS071())
    second.variable_upper[1] = 4.5
    assert solve(first).x[1] > 4.6
    assert solve(second).x[1] <= 4.5
    assert solve(first).x[1] > 4.6


def test_a_solve_inside_a_progress_callback_works():
    inner = []

    def nest(iteration):
        if iteration.number == 1:
            inner.append(solve(with_native(HS071())))

    outer = solve(with_native(HS071()), callback=nest)
    assert outer.objective == pytest.approx(inner[0].objective)


@each_path
def test_a_solve_leaves_nothing_for_the_garbage_collector(solver, native):
    problem = prepared(HS071(), native)
    solve(problem, solver)
    gc.collect()
    gc.disable()
    try:
        solve(problem, solver)
        assert gc.collect() == 0
    finally:
        gc.enable()


@each_path
def test_hundreds_of_solves_leak_nothing(solver, native):
    problem = prepared(HS071(), native)
    process = psutil.Process()
    for _ in range(20):
        solve(problem, solver, options={"max_iter": 3})
    before = process.memory_info().rss
    for _ in range(300):
        solve(problem, solver, options={"max_iter": 3})
    assert process.memory_info().rss - before < 4 * 2**20


@pytest.mark.parametrize("solver", ["ipopt", "cyipopt"])
def test_a_linear_solver_without_its_library_is_refused_before_it_crashes(solver):
    with pytest.raises(SolverNotInstalledError, match=r"ma97.*cannot be loaded"):
        solve(HS071(), solver, options={"linear_solver": "ma97"})


def test_every_library_found_solves_the_problem():
    candidates = list(ipopt_candidates())
    assert candidates
    for _, path in candidates:
        result = solve(with_native(HS071()), options={"library": path})
        assert result.status is Status.OPTIMAL


def test_a_path_without_a_library_says_how_to_install(monkeypatch):
    with pytest.raises(SolverNotInstalledError, match="pip install casadi"):
        solve(HS071(), options={"library": "/nowhere/libipopt.so"})
    _loaded.cache_clear()
    monkeypatch.setenv("SPARSEOPT_IPOPT_LIBRARY", "/nowhere/libipopt.so")
    with pytest.raises(SolverNotInstalledError, match="/nowhere"):
        solve(HS071())
    _loaded.cache_clear()


def test_the_probe_finds_what_really_loads():
    reasons = working_linear_solvers(load_ipopt())
    assert reasons["mumps"] == ""
    assert reasons["wsmp"] != ""


@pytest.mark.parametrize("most", [3, 64])
@pytest.mark.parametrize("limit", [500, 12])
def test_iterations_noted_by_compiled_code_are_those_that_python_sees(monkeypatch, most, limit):
    def solved(number):
        monkeypatch.setattr("sparseopt.solvers.ipopt_callbacks.MOST_NOTED", number)
        m = so.Model("rosenbrock")
        x = m.variable("x", shape=6, start=-1.2)
        m.minimize(np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2))
        return m.solve(options={"max_iter": limit})

    seen, noted = solved(1), solved(most)
    assert noted.iterations == seen.iterations > 3
    assert noted.success == seen.success == (limit == 500)
    assert noted.x.tolist() == seen.x.tolist()  # of a failed solve the best point
    assert noted.history.keys() == seen.history.keys()
    for name, values in seen.history.items():
        assert noted.history[name].tolist() == values.tolist()
        assert noted.history[name].dtype == values.dtype


def test_a_short_solve_enters_python_after_its_end_alone(monkeypatch):
    calls = []
    record = IterationLog.record
    monkeypatch.setattr(
        IterationLog, "record", lambda self, *row: calls.append(row) or record(self, *row)
    )
    monkeypatch.setattr("sparseopt.solvers.ipopt_callbacks.PATIENCE", 10**12)
    m = so.Model("bowl")
    x = m.variable("x", shape=2, start=1.0)
    m.minimize(np.sum(np.cosh(x)))
    assert m.solve().iterations > 1
    assert calls == []


def test_the_library_is_loaded_while_the_model_is_compiled(monkeypatch):
    order = []

    def compiled(self, lift, reason=""):
        assert order == ["load"]
        raise KeyboardInterrupt

    monkeypatch.setattr(ipopt_library, "_dlopen", lambda path: order.append("load"))
    monkeypatch.setattr(ipopt_library, "submit", lambda work: work())
    monkeypatch.setattr(so.Model, "_compiled", compiled)
    start_loading.cache_clear()
    with pytest.raises(KeyboardInterrupt):
        so.Model().solve()


def test_a_model_starts_to_load_the_solver_that_most_are_solved_with(monkeypatch):
    loaded = []
    monkeypatch.setattr(ipopt_library, "_dlopen", loaded.append)
    monkeypatch.setattr(ipopt_library, "submit", lambda work: work())
    start_loading.cache_clear()
    so.Model()
    so.Model()
    assert len(loaded) == 1
    assert "ipopt" in loaded[0]
    start_loading.cache_clear()


def test_a_library_that_did_not_load_in_the_background_is_tried_again(monkeypatch):
    tried = []

    def fail(path):
        tried.append(path)
        raise OSError("not now")

    monkeypatch.setattr(ipopt_library, "_dlopen", fail)
    monkeypatch.setattr(ipopt_library, "submit", lambda work: Job(work).run())
    expect("ipopt", {"library": "/some/libipopt.so"})
    with pytest.raises(SolverNotInstalledError, match="not now"):
        load_ipopt("/some/libipopt.so")
    assert tried == ["/some/libipopt.so"] * 2


def test_what_is_no_solver_is_refused_before_anything_is_compiled(monkeypatch):
    monkeypatch.setattr(so.Model, "_compiled", lambda *_: pytest.fail("compiled"))
    with pytest.raises(UnknownSolverError, match="'ipopt'"):
        so.Model().solve("ipotp")
