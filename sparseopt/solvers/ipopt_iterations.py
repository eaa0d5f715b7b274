"""Ipopt's intermediate callback: history, best point, progress, and the way to stop.

It is the only Python that runs during a solve with compiled callbacks, once in an iteration; so
this is also where Ctrl-C and the clock are noticed.  `IterationLog` serves both Ipopt adapters,
`IterationMonitor` ties it to the C interface.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.solvers.guard import GuardedOracle, HaltSolve, Point
from sparseopt.solvers.ipopt_library import IpoptLibrary
from sparseopt.solvers.ipopt_python_callbacks import callback_address
from sparseopt.solvers.result import Iteration, ProgressCallback

FloatArray = NDArray[np.float64]

# The current x, z_lower, z_upper, λ.
Iterate = tuple[FloatArray, FloatArray, FloatArray, FloatArray]

_INTERMEDIATE = ctypes.CFUNCTYPE(
    ctypes.c_bool,
    ctypes.c_int,
    ctypes.c_int,
    *[ctypes.c_double] * 8,
    ctypes.c_int,
    ctypes.c_void_p,
)

SOLVED = (0, 1, 6)
"""Ipopt's codes of success."""

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


class IterationHistory(Mapping[str, NDArray[Any]]):
    """One array for each quantity of `HISTORY`, made when one is asked for.

    Parameters
    ----------
    rows : sequence
        The quantities of an iteration, or an array of those of several, one after another.
    """

    def __init__(self, rows: Sequence[tuple[Any, ...] | FloatArray]) -> None:
        self._rows = rows

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        table = np.vstack([np.empty((0, len(HISTORY))), *self._rows]).T.copy()
        arrays: dict[str, NDArray[Any]] = dict(zip(HISTORY, table, strict=True))
        return arrays | {name: arrays[name].astype(kind) for name, kind in _KINDS.items()}

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(HISTORY)

    def __len__(self) -> int:
        return len(HISTORY)


class IterationLog:
    """What happened in each iteration, and whether the solve should go on.

    Parameters
    ----------
    guard : GuardedOracle
    fetch : callable or None
        Returns fresh arrays of the current iterate; None where Ipopt is too old to tell.
    progress : callable or None
        The caller's own callback, given an `Iteration`.
    latest : callable or None
        Returns a copy of the current x alone, where that is cheaper than `fetch`.
    """

    def __init__(
        self,
        guard: GuardedOracle,
        fetch: Callable[[], Iterate] | None,
        progress: ProgressCallback | None = None,
        latest: Callable[[], FloatArray] | None = None,
    ) -> None:
        self._latest = latest
        self._guard = guard
        self._fetch = fetch
        self._progress = progress
        self._rows: list[tuple[Any, ...] | FloatArray] = []
        self.iterations = 0
        """Number of iterations, the starting point not counted."""

    def history(self) -> IterationHistory:
        """Return one array for each quantity Ipopt reports."""
        return IterationHistory(self._rows)

    def release(self) -> None:
        """Let go of the solver, so that nothing refers to itself and memory is freed at once."""
        self._fetch = self._latest = None

    def record(self, *values: Any) -> bool:
        """Note the quantities of `HISTORY`; return whether to go on.  Nothing is ever raised."""
        try:
            self._rows.append(values)
            self.iterations = int(values[1])
            self._guard.check_running()
            if not values[0]:  # not while restoring feasibility, which changes the objective
                self._remember(values[2], values[3])
            if self._progress is not None:
                self._report(values)
        except HaltSolve:
            pass
        except BaseException as error:  # a fault of ours must not be lost in C either
            self._guard.keep(error)
        return not self._guard.halted

    def _remember(self, objective: float, infeasibility: float) -> None:
        """Fetch the iterate if it is the best so far."""
        if not self._guard.would_be_best(objective, infeasibility):
            return
        if self._latest is not None:
            self._guard.best = Point(self._latest(), objective, infeasibility)
        elif self._fetch is not None:
            x, lower, upper, rows = self._fetch()
            self._guard.best = Point(x, objective, infeasibility, (rows, lower, upper))

    def _report(self, values: tuple[Any, ...]) -> None:
        assert self._progress is not None
        x, multipliers = np.empty(0), None
        if self._fetch is not None:
            x, lower, upper, rows = self._fetch()
            # While restoring feasibility they are those of another problem.
            multipliers = None if values[0] else (rows, lower, upper)
        number, objective, infeasibility, dual, barrier, step = values[1:7]
        iteration = Iteration(number, objective, infeasibility, dual, barrier, step, x, multipliers)
        self._guard.report(self._progress, iteration)


class IterationMonitor(IterationLog):
    """The log as a C callback at `address`.

    Parameters
    ----------
    guard : GuardedOracle
    library : IpoptLibrary
    handle : int
        Address of the C problem.
    halt : callable
        Called when the solve is to stop, so that compiled callbacks refuse at once.
    progress, latest : callable or None
    """

    def __init__(
        self,
        guard: GuardedOracle,
        library: IpoptLibrary,
        handle: int,
        halt: Callable[[], None],
        progress: ProgressCallback | None = None,
        latest: Callable[[], FloatArray] | None = None,
    ) -> None:
        fetch = self._current_iterate if library.has_current_iterate else None
        super().__init__(guard, fetch, progress, latest)
        self._functions = library.functions
        self._handle = handle
        self._halt = halt
        self._function: Any = _INTERMEDIATE(self._intermediate)
        self.address = callback_address(self._function)

    def finish(self, code: int) -> None:
        """Take note of the end of the solve, and drop the C callback."""
        self.release()
        self._function = None

    def keep(self, error: BaseException) -> None:
        """Note an exception that no callback saw, and end the solve."""
        self._guard.keep(error)
        self._halt()

    def _intermediate(self, *values: Any) -> bool:
        if self.record(*values[:-1]):  # the last one is user_data
            return True
        self._halt()
        return False

    @cached_property
    def _places(self) -> tuple[FloatArray, tuple[Any, ...]]:
        """A buffer in the order of `Iterate`, and its addresses as Ipopt takes them."""
        problem = self._guard.problem
        n, m = problem.num_variables, problem.num_constraints
        buffer = np.zeros(3 * n + m)
        x = buffer.ctypes.data
        # Ipopt removes fixed variables and would evaluate again to give their multipliers.
        has_fixed = bool((problem.variable_lower == problem.variable_upper).any())
        lower, upper = (None, None) if has_fixed else (x + 8 * n, x + 16 * n)
        return buffer, (n, x, lower, upper, m, None, x + 24 * n)

    def _current_iterate(self) -> Iterate:
        buffer, places = self._places
        self._functions.GetIpoptCurrentIterate(self._handle, False, *places)
        arrays, n = buffer.copy(), places[0]
        return arrays[:n], arrays[n : 2 * n], arrays[2 * n : 3 * n], arrays[3 * n :]


class BufferedMonitor(IterationMonitor):
    """The log of iterations that compiled code notes, looked at now and then.

    Many short iterations make one call of Python, which costs more than a small one of them.  The
    iterates of a solve that succeeds are of no interest.

    Parameters
    ----------
    guard : GuardedOracle
    callbacks : CompiledCallbacks
    """

    def __init__(self, guard: GuardedOracle, callbacks: Any) -> None:
        IterationLog.__init__(self, guard, None, None, self._iterate_of_row)
        self._callbacks = callbacks
        self._iterate: FloatArray = np.empty(0)
        self._halt = callbacks.halt
        callbacks.begin(self.look)
        self.address = callbacks.intermediate

    def finish(self, code: int) -> None:
        """Take note of the iterations since the last look; of their points if the solve failed."""
        if code not in SOLVED:
            self.look()
        elif (rows := self._callbacks.noted()[0]).size:
            self._rows.append(rows.copy())
            self.iterations = int(rows[-1, 1])
        self.release()

    def look(self) -> bool:
        """Look at what was noted; return whether to go on."""
        going = True
        rows, iterates = self._callbacks.noted()
        for row, self._iterate in zip(rows.tolist(), iterates, strict=True):
            going = self.record(*row)
        if not going:
            self._halt()
        return going

    def _iterate_of_row(self) -> FloatArray:
        return self._iterate.copy()
