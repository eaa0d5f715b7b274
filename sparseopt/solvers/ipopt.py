"""``solver="ipopt"``: Ipopt through its C interface, with compiled callbacks where there are any.

Ipopt is the interior-point filter method of Wächter and Biegler (2006),
doi:10.1007/s10107-004-0559-y.  Each solve makes a new C problem and frees it.  What is proven about
the problem (linear constraints, a constant Hessian) is told to Ipopt, which then evaluates once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparseopt.evaluation import kept_exceptions
from sparseopt.modeling.problem import Problem
from sparseopt.solvers.guard import GuardedOracle, has_compiled_functions, raise_non_finite
from sparseopt.solvers.ipopt_callbacks import CompiledCallbacks, start_compiling_for_ipopt
from sparseopt.solvers.ipopt_handles import IpoptHandle, ipopt_handle
from sparseopt.solvers.ipopt_iterations import BufferedMonitor, IterationMonitor
from sparseopt.solvers.ipopt_library import IpoptLibrary, load_ipopt
from sparseopt.solvers.ipopt_linear_solvers import require_linear_solver
from sparseopt.solvers.ipopt_python_callbacks import PythonCallbacks
from sparseopt.solvers.ipopt_settings import (
    INVALID_NUMBER,
    IPOPT_STATUSES,
    failure_note,
    feasibility_tolerance,
    ipopt_settings,
)
from sparseopt.solvers.problem_checks import check_problem, starting_arrays
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.result import ProgressCallback, SolverResult, Start
from sparseopt.solvers.status import Status
from sparseopt.solvers.verdict import Outcome, conclude

Callbacks = CompiledCallbacks | PythonCallbacks

MOST_NOTED, MOST_NUMBERS = 64, 8192
"""Iterations noted before Python looks at them, and numbers of their iterates."""


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
    options = dict(options)
    library = load_ipopt(options.pop("library", None))
    check_problem(problem)
    arrays = starting_arrays(problem, start)
    settings = ipopt_settings(problem, options, start, time_limit, verbose=verbose)
    require_linear_solver(settings)
    guard = GuardedOracle(problem, time_limit)
    callbacks = _callbacks(problem, guard)
    with ipopt_handle(library, problem, callbacks, settings) as handle:
        monitor = _monitor(guard, library, handle, callbacks, callback, settings)
        with kept_exceptions(monitor.keep):
            code = handle.solve(monitor.address, arrays, callbacks.user_data, guard)
    monitor.finish(code)
    for holder in (monitor, callbacks):
        holder.release()
    callbacks.report(guard)
    x, rows, lower, upper = arrays
    outcome = Outcome(
        x=x,
        status=IPOPT_STATUSES.get(code, Status.SOLVER_ERROR),
        raw_status=code,
        iterations=monitor.iterations,
        solver=library.description,
        constraint_multipliers=rows,
        lower_multipliers=lower,
        upper_multipliers=upper,
        history=monitor.history(),
        note=failure_note(code, callbacks.non_finite()),
        options=settings,
        linear_systems=settings.note,
    )
    result = conclude(guard, outcome, feasibility_tolerance(settings))
    guard.raise_pending(result)
    non_finite = callbacks.non_finite()
    if non_finite is not None and result.raw_status == INVALID_NUMBER:
        raise_non_finite(problem, non_finite, result)
    return result


def _monitor(
    guard: GuardedOracle,
    library: IpoptLibrary,
    handle: IpoptHandle,
    callbacks: Callbacks,
    progress: ProgressCallback | None,
    settings: Mapping[str, Any],
) -> IterationMonitor:
    # With a constant gradient Ipopt does not ask for it at each iterate.
    latest = None if "grad_f_constant" in settings else callbacks.latest_iterate
    most = min(MOST_NOTED, MOST_NUMBERS // guard.problem.num_variables)
    if isinstance(callbacks, CompiledCallbacks) and latest and progress is None and most > 1:
        return BufferedMonitor(guard, library, handle.address, callbacks, most)
    return IterationMonitor(guard, library, handle.address, callbacks.halt, progress, latest)


def start_compiling(problem: NonlinearProblem, options: Mapping[str, Any]) -> None:
    """Start to compile what a solve with these options will evaluate."""
    is_exact = options.get("hessian_approximation", "exact") == "exact"
    if is_exact and isinstance(problem, Problem) and has_compiled_functions(problem):
        start_compiling_for_ipopt(problem.evaluator)


def _callbacks(problem: NonlinearProblem, guard: GuardedOracle) -> Callbacks:
    evaluator = getattr(problem, "evaluator", None)
    native = getattr(evaluator, "native", None)
    if native is None or (isinstance(problem, Problem) and not has_compiled_functions(problem)):
        return PythonCallbacks(guard)
    return CompiledCallbacks(problem, native)
