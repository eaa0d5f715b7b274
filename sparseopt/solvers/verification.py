"""Success is granted only to a point whose values and derivatives stand an independent check."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

from sparseopt.errors import DerivativeError
from sparseopt.modeling.checked_problem import Verify, check_choice
from sparseopt.modeling.solution_check import Verification, check_point
from sparseopt.solvers.guard import with_result
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.result import SolverResult, Start
from sparseopt.solvers.status import Status

__all__ = ["Verify", "check_choice", "check_start", "verified"]

_ENDED_FROM_OUTSIDE = (Status.STOPPED, Status.TIME_LIMIT)


def check_start(problem: NonlinearProblem, start: Start | None) -> None:
    """Raise `DerivativeError` for a derivative that is wrong where the solve starts."""
    found = check_point(problem, problem.initial_point if start is None else start.x)
    if not found.ok:
        worst = found.wrong[0]
        raise DerivativeError(
            f"the {worst.kind} is wrong at the start",
            where=worst.where,
            why=str(worst),
            instead=found.advice,
        )


def verified(problem: NonlinearProblem, result: SolverResult) -> SolverResult:
    """Return the result with its check, and without success if that fails.

    A failed solve is checked too, since a wrong derivative may be why it failed; but not one that
    was ended from outside, or has no finite values to compare.
    """
    if result.optimality is None or result.status in _ENDED_FROM_OUTSIDE:
        return result.unverified()
    started = perf_counter()
    try:
        found = check_point(problem, result.x, found=result.evaluated)
    except KeyboardInterrupt:
        message = f"{Status.STOPPED.sentence} The check of the solution was interrupted."
        return replace(result, status=Status.STOPPED, message=message, evaluated=None)
    except BaseException as error:
        raise with_result(error, result.unverified())  # noqa: B904 - the same exception
    seconds = perf_counter() - started
    total = result.timings.get("total", 0.0) + seconds
    timings = {**result.timings, "verification": seconds, "total": total}
    checked = result.with_check(found, timings)
    return checked if found.ok else _refused(checked, found)


def _refused(result: SolverResult, found: Verification) -> SolverResult:
    is_value = found.wrong[0].kind == "value"
    status = Status.WRONG_VALUE if is_value else Status.WRONG_DERIVATIVE
    return replace(result, status=status, message=f"{status.sentence} {found}.")
