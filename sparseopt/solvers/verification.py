"""Success is granted only to a point whose values and derivatives stand an independent check."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Literal, get_args

from sparseopt.errors import DerivativeError, SolverError, did_you_mean
from sparseopt.modeling.solution_check import Verification, check_point
from sparseopt.solvers.protocol import NonlinearProblem
from sparseopt.solvers.result import SolverResult, Start
from sparseopt.solvers.status import Status

__all__ = ["Verify", "check_choice", "check_start", "verified"]

Verify = Literal["final", "start", "off"]
"""When values and derivatives are checked: at the solution, at the start too, or never."""


def check_choice(verify: str) -> None:
    """Raise `SolverError` for a word that is no choice."""
    if verify not in get_args(Verify):
        raise SolverError(
            f"verify={verify!r} is no choice",
            instead=did_you_mean(str(verify), get_args(Verify)),
        )


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
    """Return the result with its check, and without success if that fails."""
    if not result.success:
        return result
    started = perf_counter()
    try:
        found = check_point(problem, result.x)
    except KeyboardInterrupt:
        message = f"{Status.STOPPED.sentence} The check of the solution was interrupted."
        return replace(result, status=Status.STOPPED, message=message)
    seconds = perf_counter() - started
    total = result.timings.get("total", 0.0) + seconds
    timings = {**result.timings, "verification": seconds, "total": total}
    if found.ok:
        return replace(result, timings=timings, verification=found)
    return _refused(replace(result, timings=timings, verification=found), found)


def _refused(result: SolverResult, found: Verification) -> SolverResult:
    is_value = found.wrong[0].kind == "value"
    status = Status.WRONG_VALUE if is_value else Status.WRONG_DERIVATIVE
    return replace(result, status=status, message=f"{status.sentence} {found}.")
