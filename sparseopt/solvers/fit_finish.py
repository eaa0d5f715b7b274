"""The last digits of a fit: least-squares steps from where a solver has ended.

A solver's tolerances are in units of the objective.  A sum of squares of 1e-8 satisfies them long
before the parameters have their digits, and is flat at its minimum besides.  A fit of a few
parameters within bounds is known to be a least-squares problem; so it goes on from there by
Levenberg–Marquardt or trust-region steps with the residuals' exact Jacobian, whose accuracy is
relative, as `sparseopt.curve_fit` does (`sparseopt.modeling.curve_solve`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import SparseOptError
from sparseopt.modeling.curve_solve import CurveResiduals, solve_curve
from sparseopt.modeling.residuals import Residuals
from sparseopt.solvers.optimality import bound_multipliers, optimality_errors
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.result import SolverResult

__all__ = ["finished_fit"]

FloatArray = NDArray[np.float64]

_MOST_VARIABLES = 100
_MOST_ENTRIES = 500_000
"""Of the dense Jacobian: its decompositions are to take a fraction of a second."""
_ROUNDING = 1e-10
_TOLERANCES = {"tol", "ftol", "gtol", "xtol", "xatol", "fatol", "acceptable_tol", "dual_inf_tol"}


def finished_fit(
    problem: NonlinearProblem, result: SolverResult, options: Mapping[str, Any] | None
) -> SolverResult:
    """Return the result with all digits of a small fit; the same one for other problems.

    Nothing is done where the caller has given a tolerance, where there are constraints, for robust
    losses, and after a solve that failed.

    Parameters
    ----------
    problem : NonlinearProblem
    result : SolverResult
        Of a solver.
    options : mapping, optional
        That the caller gave.
    """
    residuals = getattr(problem, "residuals", None)
    if not (isinstance(residuals, Residuals) and result.success and _is_small(problem, residuals)):
        return result
    if residuals.loss.name != "squared" or _TOLERANCES & set(options or ()):
        return result
    started = perf_counter()
    x = _least_squares(residuals, problem, _at_bounds(problem, result))
    if x is None or not problem.objective(x) <= (1.0 + _ROUNDING) * result.objective:
        return result
    finished = _moved(problem, result, x)
    seconds = perf_counter() - started
    total = result.timings.get("total", 0.0) + seconds
    return replace(finished, timings={**result.timings, "last digits": seconds, "total": total})


def _is_small(problem: NonlinearProblem, residuals: Residuals) -> bool:
    n = problem.num_variables
    return not problem.num_constraints and n <= min(
        _MOST_VARIABLES, _MOST_ENTRIES // residuals.size
    )


def _at_bounds(problem: NonlinearProblem, result: SolverResult) -> FloatArray:
    """Return the solution with variables on the bounds that hold them."""
    lower, upper = problem.variable_lower, problem.variable_upper
    at_lower = result.lower_multipliers > result.x - lower
    x = np.where(at_lower, lower, np.clip(result.x, lower, upper))
    held: FloatArray = np.where(result.upper_multipliers > upper - result.x, upper, x)
    return held


def _least_squares(
    residuals: Residuals, problem: NonlinearProblem, x: FloatArray
) -> FloatArray | None:
    """Return the minimum near ``x`` with variables on bounds held there; None if none is found."""
    lower, upper = problem.variable_lower, problem.variable_upper
    free = (lower < x) & (x < upper)

    def whole(part: FloatArray) -> FloatArray:
        point = x.copy()
        point[free] = part
        return point

    curve = CurveResiduals(
        lambda part: residuals.values(whole(part)),
        lambda part: residuals.jacobian(whole(part)).toarray()[:, free],
        lower[free],
        upper[free],
    )
    if not 0 < int(free.sum()) <= residuals.size:
        return None
    try:
        found = solve_curve(curve, x[free], None, {})
    except (SparseOptError, ValueError, np.linalg.LinAlgError):  # steps to where nothing is finite
        return None
    return whole(found.x) if found.success else None


def _moved(problem: NonlinearProblem, result: SolverResult, x: FloatArray) -> SolverResult:
    """Return the result at another point, with its multipliers and errors."""
    gradient, none = problem.gradient(x), np.zeros(0)
    lower, upper = bound_multipliers(problem, x, gradient)
    errors = optimality_errors(
        problem,
        x,
        gradient=gradient,
        constraints=none,
        jacobian_values=none,
        constraint_multipliers=none,
        lower_multipliers=lower,
        upper_multipliers=upper,
    )
    return replace(
        result,
        x=x,
        objective=float(problem.objective(x)),
        lower_multipliers=lower,
        upper_multipliers=upper,
        optimality=errors,
        evaluated=None,
    )
