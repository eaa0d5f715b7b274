"""From what a solver says to what is reported: the best point, verified.

Success is granted only to a point that is feasible when recomputed here; a solver's own word for it
is kept as `raw_status`.  The point reported is the solver's, or after a failed solve the best one
seen, if that is better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError
from sparseopt.modeling.checked_problem import Evaluated
from sparseopt.solvers.guard import GuardedOracle, HaltSolve, Point, has_compiled_functions
from sparseopt.solvers.optimality import (
    OptimalityErrors,
    bound_multipliers,
    constraint_pullback,
    infeasibility,
    optimality_errors,
)
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.result import SolverResult
from sparseopt.solvers.status import Status

FloatArray = NDArray[np.float64]


@dataclass
class Outcome:
    """What a solver returned, in our vocabulary but in the solver's words.

    Bound multipliers that a solver does not have are None; they follow from stationarity.
    """

    x: FloatArray
    status: Status
    raw_status: int
    iterations: int
    solver: str
    constraint_multipliers: FloatArray
    lower_multipliers: FloatArray | None = None
    upper_multipliers: FloatArray | None = None
    history: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    note: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    linear_systems: str = ""
    stationarity_tolerance: float = math.inf  # relative to the gradient; for solvers that are loose


def conclude(guard: GuardedOracle, outcome: Outcome, tolerance: float) -> SolverResult:
    """Return the result: best point, recomputed errors, and a status that they support.

    Parameters
    ----------
    tolerance : float
        The largest violation, relative to each bound's size, that still counts as feasible.
    """
    outcome = _stopped(guard, outcome)
    values = _evaluate(guard, outcome.x)
    if not outcome.status.success and guard.best is not None:
        outcome, values = _better_point(guard, outcome, values)
    outcome = _with_bound_multipliers(guard.problem, outcome, values)
    errors = _errors(guard.problem, outcome, values)
    outcome = _judged(guard, outcome, errors, tolerance)
    return _result(guard, outcome, values, errors)


def _stopped(guard: GuardedOracle, outcome: Outcome) -> Outcome:
    if guard.stop is None or outcome.status.success:
        return outcome
    return replace(outcome, status=guard.stop)


def _evaluate(guard: GuardedOracle, x: FloatArray) -> Evaluated | None:
    """Evaluate everything at `x`, or nothing after an exception in one of the functions."""
    if guard.error is not None:
        return None
    problem, fresh = guard.problem, GuardedOracle(guard.problem)
    try:
        if has_compiled_functions(problem):
            found = problem.first_order(x)
            if found.is_finite:
                return found
        return fresh.first_order(x)
    except NonFiniteError:
        return None
    except HaltSolve:  # the point is still worth returning, with the exception
        guard.error, guard.stop = fresh.error, guard.stop or fresh.stop
    except BaseException as error:
        guard.keep(error)
    return None


def _better_point(
    guard: GuardedOracle, outcome: Outcome, values: Evaluated | None
) -> tuple[Outcome, Evaluated | None]:
    """Return the outcome at the best point seen, if that is better when both are recomputed."""
    best = guard.best
    if best is None or np.array_equal(best.x, outcome.x):
        return outcome, values
    best_values = _evaluate(guard, best.x)
    if values is not None:
        if best_values is None:
            return outcome, values
        guard.best = Point(outcome.x, values.objective, _violation(guard, outcome.x, values))
        violation = _violation(guard, best.x, best_values)
        if not guard.would_be_best(best_values.objective, violation):
            return outcome, values
        guard.best = best
    if best.multipliers is None:
        return replace(outcome, x=best.x), best_values
    rows, lower, upper = best.multipliers
    moved = replace(
        outcome,
        x=best.x,
        constraint_multipliers=rows,
        lower_multipliers=lower,
        upper_multipliers=upper,
    )
    return moved, best_values


def _violation(guard: GuardedOracle, x: FloatArray, values: Evaluated) -> float:
    return infeasibility(guard.problem, x, values.constraints)


def _with_bound_multipliers(
    problem: NonlinearProblem, outcome: Outcome, values: Evaluated | None
) -> Outcome:
    if outcome.lower_multipliers is not None:
        return outcome
    lower = upper = np.zeros(problem.num_variables)
    if values is not None:
        pull = constraint_pullback(problem, values.jacobian, outcome.constraint_multipliers)
        lower, upper = bound_multipliers(problem, outcome.x, values.gradient + pull)
    return replace(outcome, lower_multipliers=lower, upper_multipliers=upper)


def _errors(
    problem: NonlinearProblem, outcome: Outcome, values: Evaluated | None
) -> OptimalityErrors | None:
    lower, upper = outcome.lower_multipliers, outcome.upper_multipliers
    if values is None or lower is None or upper is None:
        return None
    return optimality_errors(
        problem,
        outcome.x,
        gradient=values.gradient,
        constraints=values.constraints,
        jacobian_values=values.jacobian,
        constraint_multipliers=outcome.constraint_multipliers,
        lower_multipliers=lower,
        upper_multipliers=upper,
    )


def _judged(
    guard: GuardedOracle,
    outcome: Outcome,
    errors: OptimalityErrors | None,
    tolerance: float,
) -> Outcome:
    if not outcome.status.success:
        return outcome
    if errors is None:
        note = "The solver reports success at a point where the functions cannot be evaluated."
        return replace(outcome, status=guard.stop or Status.SOLVER_ERROR, note=note)
    # What is computed on demand is asked for where it can decide.
    if errors.feasibility > tolerance and errors.relative_feasibility > tolerance:
        note = f"The solver reports success, but {_worst_name(guard.problem, errors)} is violated."
        return replace(outcome, status=Status.STALLED, note=note)
    is_checked = outcome.stationarity_tolerance < math.inf
    if is_checked and errors.relative_stationarity > outcome.stationarity_tolerance:
        note = (
            "The solver reports success, but the gradient of the Lagrangian is still "
            f"{errors.stationarity:.2g}."
        )
        return replace(outcome, status=Status.STALLED, note=note)
    return outcome


def _worst_name(problem: NonlinearProblem, errors: OptimalityErrors) -> str:
    if errors.worst_constraint >= 0:
        name = problem.constraint_name(errors.worst_constraint)
        return f"constraint {name} (largest violation {errors.feasibility:.2g})"
    name = problem.variable_name(errors.worst_variable)
    return f"a bound of {name} (by {errors.feasibility:.2g})"


def _result(
    guard: GuardedOracle,
    outcome: Outcome,
    values: Evaluated | None,
    errors: OptimalityErrors | None,
) -> SolverResult:
    lower, upper = outcome.lower_multipliers, outcome.upper_multipliers
    assert lower is not None
    assert upper is not None
    status, note = outcome.status, outcome.note
    return SolverResult(
        x=outcome.x,
        objective=values.objective if values else _known_objective(guard, outcome.x),
        status=status,
        message=f"{status.sentence} {note}" if note else status.sentence,
        iterations=outcome.iterations,
        constraint_multipliers=outcome.constraint_multipliers,
        lower_multipliers=lower,
        upper_multipliers=upper,
        evaluations=dict(guard.counts),
        timings={**guard.seconds, "total": perf_counter() - guard.started},
        history=outcome.history,
        raw_status=outcome.raw_status,
        optimality=errors,
        solver=outcome.solver,
        options=outcome.options,
        linear_systems=outcome.linear_systems,
        constraint_values=None if values is None else values.constraints,
        evaluated=values,
    )


def _known_objective(guard: GuardedOracle, x: FloatArray) -> float:
    best = guard.best
    return best.objective if best is not None and np.array_equal(best.x, x) else float("nan")
