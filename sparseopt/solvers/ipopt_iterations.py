"""Ipopt's intermediate callback: history, best point, progress, and the way to stop.

It is the only Python that runs during a solve with compiled callbacks, once in an iteration; so
this is also where Ctrl-C and the clock are noticed.
"""

from __future__ import annotations

import ctypes
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sparseopt.solvers.guard import GuardedOracle, HaltSolve, Point
from sparseopt.solvers.ipopt_library import IpoptLibrary
from sparseopt.solvers.ipopt_python_callbacks import callback_address
from sparseopt.solvers.result import Iteration, ProgressCallback
from sparseopt.solvers.status import Status

_INTERMEDIATE = ctypes.CFUNCTYPE(
    ctypes.c_bool,
    ctypes.c_int,
    ctypes.c_int,
    *[ctypes.c_double] * 8,
    ctypes.c_int,
    ctypes.c_void_p,
)

HISTORY = (
    "restoration",
    "iteration",
    "objective",
    "infeasibility",
    "dual_infeasibility",
    "barrier_parameter",
    "step_norm",
    "regularization",
    "dual_step_length",
    "step_length",
    "line_search_trials",
)
_KINDS = {"iteration": np.int64, "line_search_trials": np.int64, "restoration": np.bool_}


class Haltable(Protocol):
    """Callbacks that can be told to refuse."""

    def halt(self) -> None:
        """Refuse every further evaluation."""


class IterationMonitor:
    """Watch a solve from inside.

    Parameters
    ----------
    guard : GuardedOracle
    library : IpoptLibrary
    handle : int
        Address of the C problem.
    callbacks : Haltable
    progress : callable or None
        The caller's own callback, given an `Iteration`.
    """

    def __init__(
        self,
        guard: GuardedOracle,
        library: IpoptLibrary,
        handle: int,
        callbacks: Haltable,
        progress: ProgressCallback | None = None,
    ) -> None:
        self._guard = guard
        self._handle = handle
        self._callbacks = callbacks
        self._progress = progress
        self._current_iterate = (
            library.functions.GetIpoptCurrentIterate if library.has_current_iterate else None
        )
        problem = guard.problem
        n, m = problem.num_variables, problem.num_constraints
        self._sizes = n, m
        self._buffer = np.zeros(3 * n + m)  # x, z_lower, z_upper, λ
        x = self._buffer.ctypes.data
        lower, upper, rows = x + 8 * n, x + 16 * n, x + 24 * n
        # Ipopt removes fixed variables and would evaluate again to give their multipliers.
        if (problem.variable_lower == problem.variable_upper).any():
            lower = upper = None
        self._places = (n, x, lower, upper, m, None, rows)
        self._rows: list[tuple[Any, ...]] = []
        self._function = _INTERMEDIATE(self._intermediate)
        self.address = callback_address(self._function)

    @property
    def iterations(self) -> int:
        """Number of iterations, the starting point not counted."""
        return int(self._rows[-1][1]) if self._rows else 0

    def history(self) -> dict[str, NDArray[Any]]:
        """Return one array for each quantity Ipopt reports."""
        table = np.array(self._rows, np.float64).reshape(-1, len(HISTORY) + 1).T.copy()
        columns = zip(HISTORY, table, strict=False)  # the last column is the user data
        return {name: column.astype(_KINDS.get(name, np.float64)) for name, column in columns}

    def _intermediate(self, *values: Any) -> bool:
        try:
            self._rows.append(values)
            self._guard.check_running()
            self._remember(*values[:4])
            if self._progress is not None:
                self._report(values)
        except HaltSolve:
            pass
        except KeyboardInterrupt:
            self._guard.interrupt()
        except BaseException as error:  # a fault of ours must not be lost in C either
            self._guard.error = self._guard.error or error
        if self._guard.halted:
            self._callbacks.halt()
            return False
        return True

    def _remember(
        self, restoration: int, iteration: int, objective: float, infeasibility: float
    ) -> None:
        """Fetch the iterate if it is the best so far."""
        if restoration or self._current_iterate is None:
            return
        if self._guard.would_be_best(objective, infeasibility):
            x, lower, upper, rows = self._fetch()
            self._guard.best = Point(x, objective, infeasibility, (rows, lower, upper))

    def _fetch(self) -> list[NDArray[np.float64]]:
        """Return x, z_lower, z_upper, λ of the current iterate."""
        assert self._current_iterate is not None
        self._current_iterate(self._handle, False, *self._places)
        arrays, n = self._buffer.copy(), self._sizes[0]
        return [arrays[:n], arrays[n : 2 * n], arrays[2 * n : 3 * n], arrays[3 * n :]]

    def _report(self, values: tuple[Any, ...]) -> None:
        number, objective, infeasibility, dual, barrier, step = values[1:7]
        x = self._fetch()[0] if self._current_iterate is not None else _NOWHERE
        iteration = Iteration(number, objective, infeasibility, dual, barrier, step, x)
        started = perf_counter()
        try:
            keep_on = self._guard.call(self._progress, iteration)  # type: ignore[arg-type]
        finally:
            seconds = self._guard.seconds
            seconds["callback"] = seconds.get("callback", 0.0) + perf_counter() - started
        if keep_on is False:
            self._guard.stop = Status.STOPPED


_NOWHERE: NDArray[np.float64] = np.empty(0)
