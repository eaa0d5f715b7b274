"""Writing checkpoints while a solver runs: a progress callback, and a last word at the end."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import ProblemError, SolverError
from sparseopt.modeling.compiled_problem import CompiledProblem
from sparseopt.modeling.solver_registry import SolverOutcome
from sparseopt.on_demand import on_demand

if TYPE_CHECKING:
    from sparseopt.modeling import checkpoint
    from sparseopt.modeling.checkpoint import Multipliers
else:
    checkpoint = on_demand("sparseopt.modeling.checkpoint")

__all__ = ["CheckpointWriter"]

FloatArray = NDArray[np.float64]
Callback = Callable[[Any], "bool | None"]


class CheckpointWriter:
    """Writes the current iterate to one file, again and again.

    Parameters
    ----------
    problem : CompiledProblem
    path : path-like
    every : int or timedelta
        Iterations, or time, from one checkpoint to the next.

    Raises
    ------
    ProblemError
        For an interval that is not positive, or a folder that is not there.
    """

    def __init__(
        self, problem: CompiledProblem, path: str | os.PathLike[str], every: int | timedelta
    ) -> None:
        self._problem = problem
        self._path = Path(path).absolute()
        self._every = _checked(every)
        if not self._path.parent.is_dir():
            raise ProblemError(
                f"the checkpoint {os.fspath(path)} has no folder {self._path.parent} to be in"
            )
        self._header = checkpoint.problem_header(problem)
        self._last: tuple[int, float] | None = None

    def then(self, callback: Callback | None) -> Callback:
        """Return a progress callback that writes when it is time, and then calls the user's."""

        def written(iteration: Any) -> bool | None:
            self._note(iteration)
            return None if callback is None else callback(iteration)

        return written

    def around(self, solve: Callable[[], SolverOutcome]) -> SolverOutcome:
        """Return a solve's outcome after writing it; also that of a solve that raises."""
        try:
            outcome = solve()
        except BaseException as error:
            found = getattr(error, "result", None)
            if found is not None:
                self._finish(found)
            raise
        self._finish(outcome)
        return outcome

    def _note(self, iteration: Any) -> None:
        if not self._is_due(iteration.number):
            return
        if not iteration.x.size:
            raise SolverError(
                "this solver does not tell its iterates, and checkpoints are made of them",
                why="Ipopt does so from version 3.14 on",
            )
        barrier = float(iteration.barrier_parameter)
        multipliers = self._with_bounds(iteration.x, iteration.multipliers, barrier)
        self._save(iteration.x, multipliers, iteration.objective, iteration.number, barrier)

    def _is_due(self, number: int) -> bool:
        if self._last is None:
            return True
        if isinstance(self._every, timedelta):
            return monotonic() - self._last[1] >= self._every.total_seconds()
        return number - self._last[0] >= self._every

    def _with_bounds(
        self, x: FloatArray, given: Multipliers | None, barrier: float
    ) -> Multipliers | None:
        """Return the multipliers; those of bounds from μ / slack where Ipopt does not tell them."""
        if given is None or given[1].any() or given[2].any() or not barrier > 0.0:
            return given
        below, above = x - self._problem.variable_lower, self._problem.variable_upper - x
        lower, upper = (barrier / np.maximum(slack, barrier) for slack in (below, above))
        return given[0], lower, upper

    def _finish(self, outcome: SolverOutcome) -> None:
        barriers: Any = outcome.history.get("barrier_parameter", ())
        multipliers = (
            outcome.constraint_multipliers,
            outcome.lower_multipliers,
            outcome.upper_multipliers,
        )
        self._save(
            outcome.x,
            multipliers,
            outcome.objective,
            outcome.iterations,
            float(barriers[-1]) if len(barriers) else None,
            outcome.status.value,
        )

    def _save(
        self,
        x: FloatArray,
        multipliers: Multipliers | None,
        objective: float,
        iteration: int,
        barrier: float | None,
        status: str = "running",
    ) -> None:
        try:
            checkpoint.save_checkpoint(
                self._path,
                self._header,
                x=x,
                multipliers=multipliers,
                objective=-objective if self._problem.is_maximized else objective,
                iteration=iteration,
                barrier_parameter=barrier,
                status=status,
            )
        except OSError as error:
            # What cannot be written at first is a mistake; later, it must not cost the solve.
            if self._last is None and status == "running":
                raise
            warnings.warn(
                f"the checkpoint {self._path} was not written: {error}",
                RuntimeWarning,
                stacklevel=2,
            )
        self._last = (iteration, monotonic())


def _checked(every: int | timedelta) -> int | timedelta:
    zero = timedelta() if isinstance(every, timedelta) else 0
    kinds = (int, np.integer, timedelta)
    if isinstance(every, kinds) and not isinstance(every, bool) and every > zero:  # type: ignore[operator]
        return every
    raise ProblemError(
        f"checkpoints every {every!r} cannot be written",
        instead="every=10 (iterations), or every=datetime.timedelta(minutes=5)",
    )
