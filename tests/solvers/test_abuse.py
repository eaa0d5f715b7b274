"""What callbacks, arrays and people may do wrong, over every adapter.

Bare solvers crash, hang, or report success in many of these cases.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sparseopt.errors import (
    NonFiniteError,
    PatternError,
    ProblemError,
    ShapeError,
    SolverError,
)
from sparseopt.solvers import Start, Status, solve
from tests.solvers.example_problems import HS071, KINDS, sabotage, with_native

ADAPTERS = ["ipopt", "cyipopt", "trust-constr", "SLSQP"]
USES_HESSIAN = {"ipopt", "cyipopt", "trust-constr"}
SIZES = {"gradient": 4, "constraints": 2, "jacobian": 8, "hessian": 10}


def uses(solver, kind):
    return kind != "hessian" or solver in USES_HESSIAN


PATHS = [("ipopt", "native"), *((solver, "python") for solver in ADAPTERS)]
CALLS = [(solver, kind) for solver in ADAPTERS for kind in KINDS if uses(solver, kind)]


class UserError(Exception):
    pass


def raiser(error):
    def act(value):
        raise error

    return act


@pytest.mark.parametrize(("solver", "kind"), CALLS)
@pytest.mark.parametrize("call", [1, 3])
@pytest.mark.parametrize("make", [UserError, ZeroDivisionError, SystemExit, ValueError])
def test_an_exception_comes_back_as_it_was_raised(solver, kind, call, make):
    error = make("mine")
    problem = sabotage(HS071(), kind, raiser(error), call)
    with pytest.raises(make) as caught:
        solve(problem, solver)
    assert caught.value is error
    assert any(entry.name == "act" for entry in caught.traceback)
    assert problem.calls[0] == call  # no function is called again after it raised
    assert error.result.x.shape == (4,)
    assert np.isfinite(error.result.x).all()


@pytest.mark.parametrize(("solver", "kind"), CALLS)
@pytest.mark.parametrize("call", [1, 3])
def test_ctrl_c_in_a_callback_returns_the_best_point(solver, kind, call):
    result = solve(sabotage(HS071(), kind, raiser(KeyboardInterrupt()), call), solver)
    assert result.status is Status.STOPPED
    assert np.isfinite(result.x).all()


@pytest.mark.parametrize(("solver", "kind"), [call for call in CALLS if call[1] in SIZES])
@pytest.mark.parametrize("change", [-1, 1])
def test_an_array_of_a_wrong_length_is_named(solver, kind, change):
    size = SIZES[kind]
    problem = sabotage(HS071(), kind, lambda value: np.ones(size + change))
    with pytest.raises(ShapeError, match=rf"{kind} returned .* {size} numbers"):
        solve(problem, solver)


@pytest.mark.parametrize("solver", ADAPTERS)
@pytest.mark.parametrize("value", [None, "text", np.ones(2), 1j])
def test_an_objective_that_is_no_number_is_named(solver, value):
    with pytest.raises(ShapeError, match="objective"):
        solve(sabotage(HS071(), "objective", lambda _: value), solver)


@pytest.mark.parametrize("solver", ["ipopt", "cyipopt"])
def test_a_solve_after_a_failed_one_is_clean(solver):
    problem = HS071()
    healthy = problem.gradient
    sabotage(problem, "gradient", raiser(UserError()), 2)
    with pytest.raises(UserError):
        solve(problem, solver)
    problem.gradient = healthy
    assert solve(problem, solver).status is Status.OPTIMAL


@pytest.mark.parametrize("solver", ADAPTERS)
@pytest.mark.parametrize(
    "field", ["variable_lower", "variable_upper", "constraint_lower", "constraint_upper"]
)
def test_a_nan_bound_is_named(solver, field):
    problem = HS071()
    getattr(problem, field)[1] = np.nan
    with pytest.raises(ProblemError, match=r"variable x\[1\]|constraint row\[1\]"):
        solve(problem, solver)


@pytest.mark.parametrize("solver", ADAPTERS)
def test_crossed_bounds_are_named(solver):
    problem = HS071()
    problem.variable_lower[2] = 6
    with pytest.raises(ProblemError, match=r"variable x\[2\].*\[6.0, 5.0\]"):
        solve(problem, solver)


@pytest.mark.parametrize("solver", ADAPTERS)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_start_that_is_not_finite_is_named(solver, bad):
    with pytest.raises(NonFiniteError, match=r"x\[3\]"):
        solve(HS071(), solver, start=Start(np.array([1, 5, 5, bad])))


@pytest.mark.parametrize("solver", ADAPTERS)
def test_a_start_of_a_wrong_length_is_refused(solver):
    with pytest.raises(ShapeError):
        solve(HS071(), solver, start=Start(np.ones(3)))


@pytest.mark.parametrize("solver", ADAPTERS)
@pytest.mark.parametrize("pattern", ["jacobian_pattern", "hessian_pattern"])
@pytest.mark.parametrize("index", [4, -1])
def test_a_pattern_out_of_range_is_refused(solver, pattern, index):
    problem = HS071()
    getattr(problem, pattern).rows[-1] = index
    with pytest.raises(PatternError):
        solve(problem, solver)


def test_a_hessian_pattern_above_the_diagonal_is_refused():
    problem = HS071()
    problem.hessian_pattern.cols[1] = 3
    with pytest.raises(PatternError, match="above"):
        solve(problem)


# A bare solver dies of a NaN in the Jacobian, so these run in a process of their own.
_NAN_MATRIX = """
import json, sys
import numpy as np
from sparseopt.errors import NonFiniteError
from sparseopt.solvers import solve
from tests.solvers.example_problems import HS071, KINDS, sabotage, with_native

solver, native = sys.argv[1], sys.argv[2] == "native"
answers = {}
for kind in KINDS:
    for bad in (np.nan, np.inf):
        for call in (1, 3):
            def act(value):
                value = np.array(value, float)
                value.reshape(-1)[-1] = bad
                return value
            problem = sabotage(HS071(), kind, act, call)
            if native:
                with_native(problem)
            try:
                answers[f"{kind} {bad} {call}"] = solve(problem, solver).status.name
            except NonFiniteError as error:
                assert np.isfinite(error.result.x).all()
                answers[f"{kind} {bad} {call}"] = error.what
print(json.dumps(answers))
"""

_NAMES = {
    "objective": "the objective",
    "gradient": "the derivative of the objective by x[3]",
    "constraints": "constraint row[1]",
    "jacobian": "the derivative of row[1] by x[3]",
    "hessian": "the second derivative of the Lagrangian by x[3] and x[3]",
}


def isolated(code, *arguments):
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    root = Path(__file__).parents[2]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.parametrize(("solver", "path"), PATHS)
def test_nan_and_infinity_are_named_or_stepped_back_from(solver, path):
    answers = isolated(_NAN_MATRIX, solver, path)
    for case, answer in answers.items():
        kind, bad, call = case.split()
        if not uses(solver, kind):
            assert answer == "OPTIMAL"
            continue
        named = answer == f"{_NAMES[kind]} is {'NaN' if bad == 'nan' else 'infinite'}"
        # From the third call on, values may be stepped back from, but not to a success.
        status = answer in Status.__members__ and not Status[answer].success
        late = call == "3" and kind in ("objective", "constraints")
        assert named or (late and status), (case, answer)


@pytest.mark.parametrize("native", [False, True])
def test_ipopt_steps_back_from_a_point_outside_the_domain(native):
    problem = HS071()
    calls = sabotage(problem, "objective", lambda value: value).calls
    original = problem.objective

    def objective(x):
        value = original(x)
        return np.nan if calls[0] == 3 else value

    problem.objective = objective
    result = solve(with_native(problem) if native else problem)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(HS071.best, rel=1e-6)


@pytest.mark.parametrize(("solver", "path"), PATHS)
def test_a_signal_between_iterations_returns_the_best_point(solver, path):
    def press(iteration):
        if iteration.number == 2:
            signal.raise_signal(signal.SIGINT)

    problem = with_native(HS071()) if path == "native" else HS071()
    result = solve(problem, solver, callback=press)
    assert result.status is Status.STOPPED
    assert result.iterations == 2


@pytest.mark.parametrize("solver", ADAPTERS)
def test_a_signal_during_a_callback_returns_the_best_point(solver):
    problem = sabotage(HS071(), "gradient", lambda value: signal.raise_signal(2) or value, 3)
    assert solve(problem, solver).status is Status.STOPPED


@pytest.mark.parametrize("solver", ADAPTERS)
def test_stop_iteration_ends_a_solve_from_the_callback_alone(solver):
    stop = raiser(StopIteration())
    assert solve(HS071(), solver, callback=stop).status is Status.STOPPED
    with pytest.raises(StopIteration):
        solve(sabotage(HS071(), "gradient", stop, 3), solver)


@pytest.mark.parametrize("limit", ["soon", np.nan, [1.0]])
def test_a_time_limit_that_is_no_number_is_refused(limit):
    with pytest.raises(SolverError, match="number of seconds"):
        solve(HS071(), time_limit=limit)


def test_constraints_without_variables_are_refused_by_name():
    problem = HS071()
    problem.jacobian_pattern.rows = problem.jacobian_pattern.cols = np.zeros(0, np.int32)
    with pytest.raises(ProblemError, match=r"row\[0\] does not depend on the variables"):
        solve(problem)
