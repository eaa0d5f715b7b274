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
from sparseopt.solvers.guard import GuardedOracle, raise_non_finite
from sparseopt.solvers.ipopt_callbacks import CompiledCallbacks
from sparseopt.solvers.ipopt_handles import ipopt_handle
from sparseopt.solvers.ipopt_iterations import IterationMonitor
from sparseopt.solvers.ipopt_library import load_ipopt
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
        # With a constant gradient Ipopt does not ask for it at each iterate.
        latest = None if "grad_f_constant" in settings else callbacks.latest_iterate
        address = handle.address
        monitor = IterationMonitor(guard, library, address, callbacks.halt, callback, latest)
        with kept_exceptions(monitor.keep):
            code = handle.solve(monitor.address, arrays, callbacks.user_data, guard)
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
    )
    result = conclude(guard, outcome, feasibility_tolerance(settings))
    guard.raise_pending(result)
    non_finite = callbacks.non_finite()
    if non_finite is not None and result.raw_status == INVALID_NUMBER:
        raise_non_finite(problem, non_finite, result)
    return result


def _callbacks(problem: NonlinearProblem, guard: GuardedOracle) -> Callbacks:
    evaluator = getattr(problem, "evaluator", None)
    native = getattr(evaluator, "native", None)
    if native is None or _has_own_functions(problem):
        return PythonCallbacks(guard)
    return CompiledCallbacks(problem, native)


def _has_own_functions(problem: NonlinearProblem) -> bool:
    """Whether a caller replaced a compiled problem's function, by a subclass or an assignment."""
    if not isinstance(problem, Problem):
        return False
    return any(
        getattr(getattr(problem, name), "__func__", None) is not getattr(Problem, name)
        for name in ("objective", "gradient", "constraints", "jacobian_values", "hessian_values")
    )
