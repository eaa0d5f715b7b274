"""SciPy's callback: history, progress, and the way to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.solvers.guard import GuardedOracle
from sparseopt.solvers.result import Iteration, ProgressCallback

_UNKNOWN = float("nan")


class ScipyLog:
    """One row for each iteration of a method of SciPy.

    Parameters
    ----------
    guard : GuardedOracle
    progress : callable or None
        The caller's own callback, given an `Iteration`.
    """

    def __init__(self, guard: GuardedOracle, progress: ProgressCallback | None) -> None:
        self._guard = guard
        self._progress = progress
        self._rows: list[tuple[float, ...]] = []

    @property
    def iterations(self) -> int:
        """Number of iterations."""
        return len(self._rows)

    def history(self) -> dict[str, NDArray[Any]]:
        """Return one array for each quantity; NaN where the method does not say."""
        table = np.array(self._rows, np.float64).reshape(-1, 5).T
        names = ("objective", "infeasibility", "dual_infeasibility", "barrier_parameter")
        columns = {name: row.copy() for name, row in zip(names, table[1:], strict=True)}
        return {"iteration": table[0].astype(np.int64), **columns}

    def callback(self, method: str) -> Callable[..., None]:
        """Return the callback in the form that the method takes."""
        return self._at_point if method == "TNC" else self._at_result

    def _at_point(self, x: NDArray[np.float64]) -> None:
        self._record(x, {})

    def _at_result(self, intermediate_result: Any) -> None:
        if isinstance(intermediate_result, np.ndarray):  # SLSQP before SciPy 1.16
            self._record(intermediate_result, {})
        else:
            self._record(intermediate_result.x, intermediate_result)

    def _record(self, x: NDArray[np.float64], said: Any) -> None:
        self._guard.check_running()
        objective, infeasibility = self._guard.known_values(x)
        row = (
            len(self._rows) + 1,
            float(said.get("fun", objective)),
            float(said.get("constr_violation", infeasibility)),
            float(said.get("optimality", _UNKNOWN)),
            float(said.get("barrier_parameter", _UNKNOWN)),
        )
        self._rows.append(row)
        if self._progress is not None:
            self._guard.report(self._progress, Iteration(*row, _UNKNOWN, x.copy()))
