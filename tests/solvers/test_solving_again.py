"""A solve looks at what changed since the last one, and computes what it is asked for."""

from __future__ import annotations

import gc
import pickle
import weakref
from collections import Counter

import numpy as np
import pytest

import sparseopt as so
from sparseopt.codegen.compile import CompiledModule
from sparseopt.errors import ProblemError, SolverError
from sparseopt.evaluation import Evaluator
from sparseopt.modeling import declarations, real_arrays
from sparseopt.modeling.checked_problem import Evaluated
from sparseopt.solvers import Status, ipopt_preparation, optimality, solve
from sparseopt.solvers.ipopt_callbacks import CompiledCallbacks
from sparseopt.solvers.ipopt_handles import IpoptHandle
from sparseopt.solvers.optimality import optimality_errors
from tests.solvers.example_problems import HS071

ERRORS = (
    *("stationarity", "feasibility", "complementarity", "relative_stationarity"),
    *("relative_feasibility", "worst_constraint", "worst_variable"),
)


def smallest_box():
    model = so.Model("smallest box")
    side = model.variable("side", shape=3, lower=0.1, upper=10.0, start=1.0)
    volume = model.parameter("volume", 8.0)
    model.minimize(2 * (side[0] * side[1] + side[1] * side[2] + side[2] * side[0]))
    model.subject_to(np.prod(side) == volume, name="content")
    return model


@pytest.fixture
def work(monkeypatch):
    """Count the calls of what a solve prepares, compiles and evaluates besides the callbacks."""
    counts = Counter()

    def counted(owner, name, label):
        function = getattr(owner, name)

        def call(*arguments, **named):
            counts[label] += 1
            return function(*arguments, **named)

        monkeypatch.setattr(owner, name, call)

    ipopt_preparation._kept.clear()
    counted(ipopt_preparation, "check_problem", "problem checked")
    counted(ipopt_preparation, "ipopt_settings", "options checked")
    counted(CompiledCallbacks, "__init__", "callbacks made")
    counted(IpoptHandle, "__init__", "C problem made")
    counted(CompiledModule, "__init__", "module compiled")
    counted(Evaluator, "first_order", "point evaluated")
    return counts


PREPARED = {"problem checked": 1, "options checked": 1, "callbacks made": 1, "C problem made": 1}


def test_solving_again_prepares_and_compiles_nothing(work):
    model = smallest_box()
    first = model.solve()
    work.clear()
    model.set(volume=27.0)
    again = model.solve(start={"side": 2.0})
    assert again.success
    assert again["side"] == pytest.approx([3.0] * 3)
    assert work == {"point evaluated": 2}  # where it starts and where it ends
    work.clear()
    assert model.solve(start={"side": 2.0}).x.tolist() == again.x.tolist()
    assert work == {"point evaluated": 1}
    assert first["side"] == pytest.approx([2.0] * 3)


@pytest.mark.parametrize(
    "other",
    [
        {"options": {"tol": 1e-9}},
        {"time_limit": 50.0},
        {"start": "solution"},
    ],
)
def test_what_is_asked_for_differently_is_prepared_anew(work, other):
    model = smallest_box()
    solution = model.solve()
    work.clear()
    start = solution if other.get("start") else None
    assert model.solve(**{**other, "start": start}).success
    assert {name: work[name] for name in PREPARED} == PREPARED


@pytest.mark.parametrize("name", ["variable_upper", "constraint_lower"])
def test_changed_bounds_are_checked_and_prepared_anew(work, name):
    problem = smallest_box().problem()
    solve(problem)
    work.clear()
    bounds = getattr(problem, name)
    bounds[0] = 1.5 if name == "variable_upper" else -1.0
    assert solve(problem).success
    assert {name: work[name] for name in PREPARED} == PREPARED
    bounds[0] = np.nan
    with pytest.raises(ProblemError, match=r"side\[0\]|content"):
        solve(problem)


def test_a_file_of_ipopt_is_written_when_its_solve_has_ended(tmp_path):
    problem, lengths = smallest_box().problem(), []
    for name in ("first.txt", "second.txt", "second.txt"):
        file = tmp_path / name
        solve(problem, options={"output_file": str(file), "file_print_level": 5})
        lengths.append(len(file.read_text().splitlines()))
        assert "EXIT: Optimal Solution Found." in file.read_text()
    assert lengths[0] == lengths[1] == lengths[2]


def test_an_option_of_another_type_is_not_taken_for_the_one_before():
    problem = smallest_box().problem()
    assert solve(problem, options={"max_iter": 1}).status is Status.ITERATION_LIMIT
    with pytest.raises(SolverError, match="max_iter"):
        solve(problem, options={"max_iter": True})


def test_a_function_that_is_replaced_between_two_solves_is_the_one_that_is_solved():
    problem = smallest_box().problem()
    assert solve(problem).objective == pytest.approx(24.0)
    objective, gradient, hessian = problem.objective, problem.gradient, problem.hessian_values
    # Another problem: the first side is dear.
    problem.objective = lambda x: objective(x) + 100.0 * x[0]
    problem.gradient = lambda x: gradient(x) + np.array([100.0, 0.0, 0.0])
    problem.hessian_values = lambda *arguments: hessian(*arguments)
    found = solve(problem, verify="off")
    assert found.success
    assert found.x[0] < 1.0 < found.x[1]


@pytest.mark.parametrize("backend", ["llvm", "numpy"])
def test_a_problem_whose_functions_call_python_is_prepared_for_each_solve(work, backend):
    model = so.Model("called back", backend=backend)
    x = model.variable("x", shape=2, start=1.0)
    target = model.parameter("target", 2.0)
    square = np.square if backend == "numpy" else so.external(lambda z: z * z, 2, name="square")
    model.minimize(np.sum(square(x - target)))
    for value in (2.0, 3.0, 3.0):
        work.clear()
        model.set(target=value)
        assert model.solve()["x"] == pytest.approx([value] * 2, abs=1e-5)
        assert work["C problem made"] == 1


def test_a_solve_inside_another_of_the_same_problem_leaves_it_what_it_prepared(work):
    problem, found = smallest_box().problem(), []
    solve(problem)

    def nest(iteration):
        if iteration.number == 1:
            found.append(solve(problem))

    outer = solve(problem, callback=nest)
    assert outer.x == pytest.approx(found[0].x)
    assert outer.evaluations == found[0].evaluations


def test_what_is_kept_for_the_next_solve_keeps_no_problem_alive():
    problem = smallest_box().problem()
    solve(problem)
    seen = weakref.ref(problem)
    del problem
    gc.collect()
    assert seen() is None


def test_a_solve_that_was_stopped_leaves_nothing_to_the_next_one(work):
    problem = smallest_box().problem()
    assert solve(problem, callback=lambda i: i.number < 2).status is Status.STOPPED
    work.clear()
    assert solve(problem).status is Status.OPTIMAL
    assert {name: work[name] for name in PREPARED} == PREPARED


def test_errors_history_and_times_are_computed_when_asked_for():
    solution = smallest_box().solve()
    errors = solution.outcome.optimality
    assert set(vars(errors)) & set(ERRORS) == {"feasibility"}
    assert not {"history", "timings"} & set(vars(solution))
    assert "_arrays" not in vars(solution.outcome.history)
    assert solution.history["objective"].size == solution.iterations + 1
    assert solution.timings["solver"] > 0.0


def eager_errors(problem, outcome):
    found = Evaluated(*problem.evaluator.first_order(outcome.x))
    errors = optimality_errors(
        problem,
        outcome.x,
        gradient=found.gradient,
        constraints=found.constraints,
        jacobian_values=found.jacobian,
        constraint_multipliers=outcome.constraint_multipliers,
        lower_multipliers=outcome.lower_multipliers,
        upper_multipliers=outcome.upper_multipliers,
    )
    return {name: getattr(errors, name) for name in ERRORS}


def test_what_is_asked_for_late_is_what_it_was_at_the_end_of_the_solve():
    model = smallest_box()
    solution = model.solve(options={"tol": 1e-4})
    problem, outcome = solution.problem, solution.outcome
    expected = eager_errors(problem, outcome)
    history = {name: values.tolist() for name, values in model.solve(
        options={"tol": 1e-4}).history.items()}  # fmt: skip
    model.set(volume=27.0)
    other = model.solve()
    assert other["side"] == pytest.approx([3.0] * 3)
    problem.variable_lower[:] = 2.5
    outcome.x[:] = 0.0
    outcome.constraint_multipliers[:] = 0.0
    errors = outcome.optimality
    assert {name: getattr(errors, name) for name in ERRORS} == expected
    assert {name: values.tolist() for name, values in solution.history.items()} == history
    assert solution.constraint_values == pytest.approx([0.0], abs=1e-3)  # it would be -19 now


def test_errors_of_large_problems_are_computed_at_once_and_keep_no_matrix(monkeypatch):
    monkeypatch.setattr(optimality, "_MOST_KEPT", 0)
    solution = smallest_box().solve()
    errors = solution.outcome.optimality
    assert set(ERRORS) <= set(vars(errors))
    assert all(np.ndim(value) == 0 for value in vars(errors).values())
    assert {name: getattr(errors, name) for name in ERRORS} == eager_errors(
        solution.problem, solution.outcome
    )


def test_an_outcome_can_be_pickled_with_what_nobody_asked_for():
    outcome = smallest_box().solve().outcome
    copied = pickle.loads(pickle.dumps(outcome))
    assert repr(copied.optimality) == repr(outcome.optimality)
    assert copied.optimality.stationarity == outcome.optimality.stationarity < 1e-6
    assert copied.history["objective"].tolist() == outcome.history["objective"].tolist()


def test_functions_that_write_into_one_array_do_not_change_the_errors_of_a_point():
    problem, shared = HS071(), np.zeros(4)
    gradient = problem.gradient

    def overwritten(x):
        shared[:] = gradient(x)
        return shared

    problem.gradient = overwritten
    result = solve(problem, verify="off")
    shared[:] = 1e6
    assert result.optimality.stationarity < 1e-6


def test_no_line_is_described_where_parameters_are_good(monkeypatch):
    model = smallest_box()
    described = []
    for module in (declarations, real_arrays):
        monkeypatch.setattr(module, "describe_where", lambda where: described.append(where) or "")
    model.set(volume=1)
    model.set(volume=np.array(2.0))
    assert described == []
    with pytest.raises(ProblemError, match="complex"):
        model.set(volume=1j)
    assert [where[0] for where in described] == [__file__]
