"""``solver="ipopt"``: Ipopt through its C interface, with compiled callbacks where there are any.

Ipopt is the interior-point filter method of Wächter and Biegler (2006),
doi:10.1007/s10107-004-0559-y.  What is proven about the problem (linear constraints, a constant
Hessian) is told to Ipopt, which then evaluates once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparseopt.evaluation import kept_exceptions
from sparseopt.modeling.problem import Problem
from sparseopt.solvers.guard import GuardedOracle, has_compiled_functions, raise_non_finite
from sparseopt.solvers.ipopt_callbacks import start_compiling_for_ipopt
from sparseopt.solvers.ipopt_iterations import BufferedMonitor, IterationMonitor
from sparseopt.solvers.ipopt_library import start_loading
from sparseopt.solvers.ipopt_options import has_exact_hessian
from sparseopt.solvers.ipopt_preparation import Preparation, prepared
from sparseopt.solvers.ipopt_settings import INVALID_NUMBER, IPOPT_STATUSES, failure_note
from sparseopt.solvers.problem_checks import starting_arrays
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.result import ProgressCallback, SolverResult, Start
from sparseopt.solvers.status import Status
from sparseopt.solvers.verdict import Outcome, conclude


def solve_with_ipopt(
    problem: NonlinearProblem,
    *,
    options: Mapping[str, Any],
    start: Start | None = None,
    time_limit: float | None = None,
    callback: ProgressCallback | None = None,
    verbose: bool = False,
) -> SolverResult:
    """Solve `problem` with libipopt; see `sparseopt.solvers.solve`.

    The option ``library`` is the path of the libipopt to use.
    """
    guard = GuardedOracle(problem, time_limit)
    with prepared(guard, options, start, time_limit, verbose=verbose) as preparation:
        arrays = starting_arrays(problem, start)
        monitor = _monitor(guard, preparation, callback)
        with kept_exceptions(monitor.keep):
            user_data = preparation.callbacks.user_data
            code = preparation.handle.solve(monitor.address, arrays, user_data, guard)
        monitor.finish(code)
        preparation.callbacks.report(guard)
        status = IPOPT_STATUSES.get(code, Status.SOLVER_ERROR)
        non_finite = None if status.success else preparation.callbacks.non_finite(problem)
    x, rows, lower, upper = arrays
    outcome = Outcome(
        x=x,
        status=status,
        raw_status=code,
        iterations=monitor.iterations,
        solver=preparation.library.description,
        constraint_multipliers=rows,
        lower_multipliers=lower,
        upper_multipliers=upper,
        history=monitor.history(),
        note=failure_note(code, non_finite),
        options=dict(preparation.settings),
        linear_systems=preparation.settings.note,
    )
    result = conclude(guard, outcome, preparation.tolerance)
    guard.raise_pending(result)
    if non_finite is not None and code == INVALID_NUMBER:
        raise_non_finite(problem, non_finite, result)
    return result


def _monitor(
    guard: GuardedOracle, preparation: Preparation, progress: ProgressCallback | None
) -> IterationMonitor:
    callbacks, settings = preparation.callbacks, preparation.settings
    # With a constant gradient Ipopt does not ask for it at each iterate.
    latest = None if "grad_f_constant" in settings else callbacks.latest_iterate
    if latest is not None and progress is None and callbacks.most_noted > 1:
        return BufferedMonitor(guard, callbacks)
    callbacks.begin()
    handle, library = preparation.handle.address, preparation.library
    return IterationMonitor(guard, library, handle, callbacks.halt, progress, latest)


def expect(options: Mapping[str, Any]) -> None:
    """Start to load the libipopt that a solve with these options needs."""
    start_loading(options.get("library"))


def start_compiling(problem: NonlinearProblem, options: Mapping[str, Any]) -> None:
    """Start to compile what a solve with these options will evaluate."""
    is_exact = has_exact_hessian(options)
    if is_exact and isinstance(problem, Problem) and has_compiled_functions(problem):
        start_compiling_for_ipopt(problem.evaluator)
