"""``scipy.optimize.minimize`` with exact sparse derivatives, for each of its methods.

trust-constr gets sparse Jacobians and Hessians, the methods that take Hessian-vector products get
those (they refuse sparse Hessians), SLSQP gets dense Jacobians because it makes them dense anyway.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
import scipy.optimize
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError
from sparseopt.solvers.guard import GuardedOracle, HaltSolve, raise_non_finite
from sparseopt.solvers.ipopt_settings import user_scaling
from sparseopt.solvers.options import checked_options
from sparseopt.solvers.problem_checks import check_problem, starting_arrays
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.result import ProgressCallback, SolverResult, Start
from sparseopt.solvers.scipy_functions import ScipyFunctions, bounds_of
from sparseopt.solvers.scipy_iterations import ScipyLog
from sparseopt.solvers.scipy_methods import (
    SCIPY_METHODS,
    require_suitable,
    scipy_option_rules,
)
from sparseopt.solvers.scipy_multipliers import multipliers_of
from sparseopt.solvers.status import Status
from sparseopt.solvers.verdict import Outcome, conclude

FloatArray = NDArray[np.float64]

FEASIBILITY_TOLERANCE = 1e-6
STATIONARITY_TOLERANCE = 1e-2  # relative to the gradient; SciPy's own tests are loose
MANY_INEQUALITIES = 2000
_ADVICE_ON_THE_WAY = (
    "{method} went to this point by itself and cannot step back from it: use solver='ipopt', which"
    " shortens such steps, or bounds that keep the variables inside the domain of the formula"
)


def solve_with_scipy(
    problem: NonlinearProblem,
    *,
    method: str,
    options: Mapping[str, Any],
    start: Start | None = None,
    time_limit: float | None = None,
    callback: ProgressCallback | None = None,
    verbose: bool = False,
) -> SolverResult:
    """Solve `problem` with a method of SciPy; see `sparseopt.solvers.solve`.

    Multipliers in `start` are not used: no method of SciPy can start from them.
    """
    check_problem(problem, reads_hessian=False)
    require_suitable(problem, method)  # before a Hessian that is too large is formed
    check_problem(problem, reads_hessian=SCIPY_METHODS[method].derivatives == "hessian")
    _warn_of_weakness(problem, method)
    x, rows, _, _ = starting_arrays(problem, start)
    chosen = checked_options(options, scipy_option_rules(method), method)
    guard = GuardedOracle(problem, time_limit)
    log = ScipyLog(guard, callback)
    x = np.clip(x, problem.variable_lower, problem.variable_upper)
    arguments = ScipyFunctions(guard, method).arguments(x)
    arguments["options"] = {"disp": True, **chosen} if verbose else chosen
    end = _run(guard, arguments, log, method)
    if method == "trust-constr" and _left_bounds(problem, end.failure):
        # Not from the beginning: kept bounds cost iterations, and some problems accuracy.
        arguments["bounds"] = bounds_of(problem, keep_feasible=True)
        end = _run(guard, arguments, log, method)
    outcome = Outcome(
        x=end.x,
        status=end.status,
        raw_status=end.raw_status,
        iterations=log.iterations,
        solver=f"SciPy {scipy.__version__} ({method})",
        constraint_multipliers=end.multipliers[0] if end.multipliers else rows,
        lower_multipliers=end.multipliers[1] if end.multipliers else None,
        upper_multipliers=end.multipliers[2] if end.multipliers else None,
        history=log.history(),
        note=end.message,
        options=chosen,
        stationarity_tolerance=STATIONARITY_TOLERANCE,
    )
    result = conclude(guard, outcome, FEASIBILITY_TOLERANCE)
    guard.raise_pending(result)
    if end.failure is not None:
        at_start = np.array_equal(_point_of(end.failure), x)
        advice = "" if at_start else _ADVICE_ON_THE_WAY.format(method=method)
        raise_non_finite(problem, end.failure, result, advice)
    return result


def scipy_arguments(problem: NonlinearProblem, method: str) -> dict[str, Any]:
    """Return the keyword arguments for ``scipy.optimize.minimize``, start and method included.

    The functions are guarded: they check their own arrays, and raise what the problem raises.
    """
    check_problem(problem, reads_hessian=False)
    require_suitable(problem, method)  # before a Hessian that is too large is formed
    check_problem(problem, reads_hessian=SCIPY_METHODS[method].derivatives == "hessian")
    guard = GuardedOracle(problem)
    return ScipyFunctions(guard, method, raise_original=True).arguments(problem.initial_point)


@dataclass(frozen=True)
class _End:
    """How SciPy's method ended; without a result of its own, at the start."""

    x: FloatArray
    status: Status
    raw_status: int = -1
    message: str = ""
    multipliers: tuple[FloatArray, FloatArray | None, FloatArray | None] | None = None
    failure: NonFiniteError | None = None


def _run(guard: GuardedOracle, arguments: dict[str, Any], log: ScipyLog, method: str) -> _End:
    start = arguments["x0"]
    equalities = guard.problem.constraint_lower == guard.problem.constraint_upper
    if np.count_nonzero(equalities) > start.size:
        return _End(start, Status.TOO_FEW_DEGREES_OF_FREEDOM)
    try:
        # Methods that step back compare infinite values on the way.
        with np.errstate(invalid="ignore" if SCIPY_METHODS[method].steps_back else None):
            found = scipy.optimize.minimize(**arguments, callback=log.callback(method))
    except NonFiniteError as error:
        return _End(start, Status.INVALID_NUMBER, failure=error)
    except HaltSolve:
        return _End(start, guard.stop or Status.SOLVER_ERROR)
    except BaseException as error:
        if _is_of_scipy(error):
            return _End(start, Status.SOLVER_ERROR, message=f"SciPy says: {error}.")
        guard.keep(error)  # a signal came while no function of ours was running
        return _End(start, guard.stop or Status.SOLVER_ERROR)
    # Where every variable is fixed, SciPy answers without solving and without a code.
    code = int(found.get("status", 0 if found.success else -1))
    return _End(
        np.asarray(found.x, np.float64),
        SCIPY_METHODS[method].codes.get(code, Status.SOLVER_ERROR),
        code,
        f"SciPy says: {str(found.message).strip().rstrip('.')}.",
        multipliers_of(guard.problem, found),
    )


def _left_bounds(problem: NonlinearProblem, failure: NonFiniteError | None) -> bool:
    """Whether a function was asked for at a point outside the bounds, and had no finite value."""
    if failure is None:
        return False
    x = _point_of(failure)
    return bool(((x < problem.variable_lower) | (x > problem.variable_upper)).any())


def _point_of(failure: NonFiniteError) -> FloatArray:
    return np.asarray(failure.x, np.float64)  # type: ignore[attr-defined]


def _is_of_scipy(error: BaseException) -> bool:
    """Whether an exception was raised in SciPy or NumPy, and not in the handler of a signal."""
    line = error.__traceback__
    while line is not None and line.tb_next is not None:
        line = line.tb_next
    module = "" if line is None else str(line.tb_frame.f_globals.get("__name__"))
    return isinstance(error, Exception) and module.startswith(("scipy.", "numpy."))


def _warn_of_weakness(problem: NonlinearProblem, method: str) -> None:
    if user_scaling(problem) is not None:
        warnings.warn(
            f"{method} takes no typical sizes: scale= of variables and constraints is not used; "
            "ipopt and cyipopt use it",
            RuntimeWarning,
            stacklevel=4,
        )
    if method != "trust-constr":
        return
    rows = np.count_nonzero(problem.constraint_lower < problem.constraint_upper)
    bounded = np.isfinite(problem.variable_lower) | np.isfinite(problem.variable_upper)
    inequalities = rows + np.count_nonzero(bounded)
    if inequalities > MANY_INEQUALITIES:
        warnings.warn(
            f"trust-constr is slow and inexact with {inequalities} inequalities and bounds; "
            "ipopt is made for them",
            RuntimeWarning,
            stacklevel=4,
        )
