"""From what a solver found in the parameters to a result of the full problem.

The adjoints are the multipliers of the state equations.  With them all errors in the optimality
conditions of the full problem are computed, which is exact: of a reduced problem nothing is
believed that its full one does not confirm.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import InnerSolveError, SingularMatrixError
from sparseopt.modeling.checked_problem import Evaluated, evaluated
from sparseopt.reduction.counts import ReducedCounts
from sparseopt.reduction.reduced_functions import ReducedFunctions
from sparseopt.reduction.reduced_point import ReducedPoint
from sparseopt.solvers import SolverResult, Status
from sparseopt.solvers.optimality import OptimalityErrors, optimality_errors, violations

__all__ = ["recovered"]

FloatArray = NDArray[np.float64]

_ENDED_EARLY = (Status.STALLED, Status.STEP_ERROR, Status.INVALID_NUMBER)
_FEASIBLE = 1e-6
_STATIONARY = 1e-6  # relative to the gradient, at least 1
_SHARP = 1e-8  # relative to the gradient


def recovered(
    reduced: ReducedFunctions, found: SolverResult, before: ReducedCounts
) -> SolverResult:
    """Return the result in all variables of the full problem, its status judged there.

    ``before`` are the counts when the solve began.
    """
    full = reduced.full
    found = replace(found, evaluations=_evaluations(reduced.counts, before, found))
    try:
        point = reduced.point(found.x)
    except (InnerSolveError, SingularMatrixError) as error:
        return _without_states(reduced, found, error)
    values = evaluated(full, point.x)
    multipliers = _multipliers(reduced, point, found)
    errors = optimality_errors(
        full,
        point.x,
        gradient=values.gradient,
        constraints=values.constraints,
        jacobian_values=values.jacobian,
        constraint_multipliers=multipliers[0],
        lower_multipliers=multipliers[1],
        upper_multipliers=multipliers[2],
    )
    status, message = _judged(reduced, found, errors, values)
    return replace(
        found,
        x=point.x.copy(),
        objective=point.objective,
        status=status,
        message=message,
        constraint_multipliers=multipliers[0],
        lower_multipliers=multipliers[1],
        upper_multipliers=multipliers[2],
        optimality=errors,
        constraint_values=values.constraints,
        evaluated=values,
    )


def _multipliers(
    reduced: ReducedFunctions, point: ReducedPoint, found: SolverResult
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return λ of all rows, z_lower and z_upper of all variables."""
    full = reduced.full
    rows, slopes = reduced.rows.in_full(found.constraint_multipliers)
    multipliers = point.multipliers(1.0, rows, slopes)
    lower, upper = np.maximum(-slopes, 0.0), np.maximum(slopes, 0.0)
    lower[reduced.partition.parameters] = found.lower_multipliers
    upper[reduced.partition.parameters] = found.upper_multipliers
    fixed = full.variable_lower == full.variable_upper
    if fixed.any():
        evaluator = full.evaluator
        slope = evaluator.gradient(point.x) + evaluator.pullback(point.x, multipliers)
        lower[fixed], upper[fixed] = np.maximum(slope, 0.0)[fixed], np.maximum(-slope, 0.0)[fixed]
    return multipliers, lower, upper


def _judged(
    reduced: ReducedFunctions, found: SolverResult, errors: OptimalityErrors, values: Evaluated
) -> tuple[Status, str]:
    is_feasible = errors.relative_feasibility <= _FEASIBLE
    is_stationary = errors.relative_stationarity <= _STATIONARY
    if found.status.success and not is_feasible:
        status = Status.INFEASIBLE
        return status, f"{status.sentence} {_violated(reduced, errors, values.constraints)}"
    if found.status in _ENDED_EARLY and is_feasible and is_stationary:
        # Values of the objective are rounded long before its gradient is.
        is_sharp = errors.stationarity <= _SHARP * np.abs(values.gradient).max()
        status = Status.OPTIMAL if is_sharp else Status.ACCEPTABLE
        return status, (
            f"{status.sentence} The solver could not go on, but the gradient of the Lagrangian is "
            f"only {errors.stationarity:.2g}."
        )
    return found.status, found.message


def _violated(reduced: ReducedFunctions, errors: OptimalityErrors, rows: FloatArray) -> str:
    full = reduced.full
    outside = violations(rows, full.constraint_lower, full.constraint_upper)
    if outside.max(initial=0.0) >= errors.feasibility:
        return f"Constraint {full.constraint_name(errors.worst_constraint)} is violated."
    return (
        f"A bound of {full.variable_name(errors.worst_variable)} is violated by "
        f"{errors.feasibility:.2g}: in reduced space bounds of states are only looked at in the "
        "end; solve in full space, m.solve(), or, with few of them, m.reduce(..., state_bounds="
        '"impose").'
    )


def _without_states(
    reduced: ReducedFunctions, found: SolverResult, error: Exception
) -> SolverResult:
    full = reduced.full
    status = Status.INVALID_NUMBER if found.status.success else found.status
    return replace(
        found,
        x=reduced.completed(full.initial_point, found.x),
        objective=float("nan"),
        status=status,
        message=f"{status.sentence} {error}",
        constraint_multipliers=np.zeros(full.num_constraints),
        lower_multipliers=np.zeros(full.num_variables),
        upper_multipliers=np.zeros(full.num_variables),
        optimality=None,
        constraint_values=None,
        evaluated=None,
    )


def _evaluations(
    after: ReducedCounts, before: ReducedCounts, found: SolverResult
) -> dict[str, int]:
    return {
        **found.evaluations,
        "newton": after.newton_iterations - before.newton_iterations,
        "factorization": after.factorizations - before.factorizations,
        "linear_solve": after.linear_solves - before.linear_solves,
    }
