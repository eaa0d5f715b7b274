"""A solve in reduced space: the solver moves the parameters, the result is in all variables."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError
from sparseopt.modeling.checked_problem import Verify, check_choice
from sparseopt.modeling.progress import progress_callback
from sparseopt.modeling.solution import Solution
from sparseopt.modeling.starting_point import StartingPoint, starting_arrays
from sparseopt.reduction.dense_hessian import DenseHessian
from sparseopt.reduction.methods import Usage, usage
from sparseopt.reduction.recovery import recovered
from sparseopt.reduction.reduced_functions import ReducedFunctions
from sparseopt.reduction.stepping_back import SteppingBack
from sparseopt.solvers import Iteration, SolverResult, Start, solve
from sparseopt.solvers.verification import check_start, verified

__all__ = ["solve_reduced"]

FloatArray = NDArray[np.float64]
Progress = Callable[[Any], bool | None]

_COMPLEMENTARY = 1e-9  # relative to the objective
_MOST_RESTARTS = 2


def solve_reduced(
    reduced: ReducedFunctions,
    solver: str,
    *,
    options: Mapping[str, Any],
    start: StartingPoint | None,
    time_limit: float | None,
    verbose: bool,
    callback: Progress | None,
    verify: Verify,
) -> Solution:
    """Return the solution; see `ReducedProblem.solve`."""
    check_choice(verify)
    full, before = reduced.full, replace(reduced.counts)
    with full.evaluator.turns.solve():
        arrays = starting_arrays(full, start)
        reduced.begin_at(arrays["x"])
        p = arrays["x"][reduced.partition.parameters]
        p = np.clip(p, reduced.variable_lower, reduced.variable_upper)
        reduced.require_finite(p)
        if verify == "start":
            check_start(full, Start(reduced.state(p)))
        used = usage(reduced, solver, options, p)
        progress = progress_callback(callback, verbose, full.is_maximized)
        found, failure = _found(reduced, used, p, time_limit, progress)
        result = recovered(reduced, found, before)
        if failure is not None and not result.success:
            raise failure
        return Solution(full, result if verify == "off" else verified(full, result))


def _found(
    reduced: ReducedFunctions,
    used: Usage,
    p: FloatArray,
    time_limit: float | None,
    progress: Progress | None,
) -> tuple[SolverResult, NonFiniteError | None]:
    """Return what a solver found, and the error that ended it if there was one.

    SciPy's trust-constr is done when any multipliers make the gradient small, complementary or not;
    then it goes on with a smaller barrier until its steps are small.
    """
    deadline = None if time_limit is None else time.perf_counter() + float(time_limit)
    found, failure = _once(reduced, used, p, time_limit, progress)
    for _ in range(_MOST_RESTARTS if used.has_free_barrier else 0):
        gap = 0.0 if found.optimality is None else found.optimality.complementarity
        wanted = _COMPLEMENTARY * max(abs(found.objective), 1e-300)
        if not found.success or gap <= wanted:
            break
        barrier = min(1e-2 * gap, 1e-2)
        options = {"initial_barrier_parameter": barrier, "initial_barrier_tolerance": barrier}
        options["gtol"] = 0.0
        again = replace(used, options={**used.options, **options})
        left = None if deadline is None else max(deadline - time.perf_counter(), 0.0)
        more, failure = _once(reduced, again, found.x, left, progress)
        if not more.success:
            break
        found = _joined(found, more)
    return found, failure


def _once(
    reduced: ReducedFunctions,
    used: Usage,
    p: FloatArray,
    time_limit: float | None,
    progress: Progress | None,
) -> tuple[SolverResult, NonFiniteError | None]:
    problem = _as_asked_for(reduced, p, used)
    report = None if progress is None else _in_all_variables(reduced, progress, used.factor)
    try:
        found = solve(
            problem, used.solver, used.options, Start(p), time_limit, report, verify="off"
        )
    except NonFiniteError as error:
        # The best point may be a solution all the same: trlib divides zero by zero at one.
        best: SolverResult | None = getattr(error, "result", None)
        if best is None or best.optimality is None:
            raise
        return best, error
    if used.factor != 1.0:
        objectives = found.history["objective"] / used.factor
        found = replace(found, history={**found.history, "objective": objectives})
    return found, None


def _as_asked_for(reduced: ReducedFunctions, p: FloatArray, used: Usage) -> Any:
    if used.takes_matrix:
        return DenseHessian(reduced)
    return reduced if used.steps_back else SteppingBack(reduced, p, used.factor)


def _in_all_variables(
    reduced: ReducedFunctions, progress: Progress, factor: float
) -> Callable[[Iteration], bool | None]:
    def report(iteration: Iteration) -> bool | None:
        objective = iteration.objective / factor
        return progress(replace(iteration, x=reduced.state(iteration.x), objective=objective))

    return report


def _joined(first: SolverResult, second: SolverResult) -> SolverResult:
    """Return the second of two results that are one solve to the caller."""
    history = {
        name: np.concatenate([first.history[name], values])
        for name, values in second.history.items()
    }
    if "iteration" in history:
        history["iteration"] = np.arange(1, history["iteration"].size + 1)
    return replace(
        second,
        iterations=first.iterations + second.iterations,
        evaluations=dict(Counter(first.evaluations) + Counter(second.evaluations)),
        timings={k: first.timings.get(k, 0.0) + v for k, v in second.timings.items()},
        history=history,
    )
