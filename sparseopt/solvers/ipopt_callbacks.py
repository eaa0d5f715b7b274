"""Ipopt's callbacks as compiled code, so that no Python runs inside an iteration.

NumPy owns the table that they work on, so Python reads counts, times and what went wrong without
any C struct; `ipopt_callback_source` says what stands where.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError
from sparseopt.evaluation import Evaluator, start_compiling
from sparseopt.solvers import ipopt_callback_source as words
from sparseopt.solvers.guard import KINDS, GuardedOracle, non_finite_error
from sparseopt.solvers.ipopt_python_callbacks import callback_address
from sparseopt.solvers.protocol import NativeFunctions, NonlinearProblem

FloatArray = NDArray[np.float64]

MOST_NOTED, MOST_NUMBERS = 64, 8192
"""Iterations noted before Python looks at them, and numbers of their iterates."""

PATIENCE = 5_000_000
"""Nanoseconds of iterations after which Python looks at the clock, and for Ctrl-C, in any case."""

_EMPTY = ctypes.CFUNCTYPE(ctypes.c_bool)


def _go_on() -> bool:
    return True


@cache
def _callback_module() -> Any:
    return start_compiling(words.callback_ir(), optimize=0)


@cache
def _compiled_callbacks() -> tuple[int, ...]:
    module = _callback_module()
    return tuple(module.address(name) for name in words.CALLBACK_NAMES)


def start_compiling_for_ipopt(evaluator: Evaluator) -> None:
    """Start to compile Ipopt's callbacks and all that they evaluate, side by side."""
    if evaluator not in _begun:
        _callback_module()
        evaluator.start_compiling("hessian", "jacobian", "constraints", "gradient", "objective")
        _begun.add(evaluator)


_begun: WeakSet[Evaluator] = WeakSet()


def _address(array: NDArray[Any]) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


class _Table:
    """The words that are the same in every solve of a problem, and the arrays they point to."""

    def __init__(self, problem: NonlinearProblem, native: NativeFunctions) -> None:
        self.structures = [
            np.ascontiguousarray(indices, np.int32)
            for pattern in (problem.jacobian_pattern, problem.hessian_pattern)
            for indices in (pattern.rows, pattern.cols)
        ]
        rows, _, hessian_rows, _ = self.structures
        sizes = (1, 1, problem.num_constraints, rows.size, hessian_rows.size)
        self.words: NDArray[np.int64] = np.zeros(words.NUM_WORDS, np.int64)
        self.words[words.RUN] = native.run_address
        self.words[words.STRUCTURES : words.STRUCTURES + 4] = [_address(a) for a in self.structures]
        for position, (kind, size) in enumerate(zip(KINDS, sizes, strict=True)):
            if size:
                self.words[words.SCHEDULES + position] = native.schedule(kind)


_tables: WeakKeyDictionary[NativeFunctions, _Table] = WeakKeyDictionary()


class CompiledCallbacks:
    """Ipopt's callbacks for a problem with compiled functions; they serve many solves.

    Attributes
    ----------
    addresses : tuple of int
        Of the five evaluations, in the order of `words.CALLBACK_NAMES`.
    intermediate : int
        Address of the callback that notes iterations.
    user_data : int
        Address of the table, for ``IpoptSolve``.
    """

    def __init__(self, problem: NonlinearProblem, native: NativeFunctions) -> None:
        *evaluations, self.intermediate = _compiled_callbacks()
        self.addresses = tuple(evaluations)
        if native not in _tables:
            _tables[native] = _Table(problem, native)
        self._kept = _tables[native]  # the arrays that the table points to
        n = problem.num_variables
        self.most_noted = min(MOST_NOTED, MOST_NUMBERS // n)
        self._rows = np.empty((max(self.most_noted, 1), words.ROW_LENGTH))
        self._iterates = np.empty((max(self.most_noted, 1), n))
        self._point, self._iterate = np.empty(n), np.empty(n)
        self._look = look = [_go_on]
        self._function: Any = _EMPTY(lambda: look[0]())  # which does not refer to this object
        self._start = self._kept.words.copy()
        for word, value in (
            (words.BAD_POINT, _address(self._point)),
            (words.ITERATE, _address(self._iterate)),
            (words.ROWS, _address(self._rows)),
            (words.ITERATES, _address(self._iterates)),
            (words.NUM_VARIABLES, n),
            (words.MOST_ROWS, self.most_noted),
            (words.EMPTY, callback_address(self._function)),
            (words.PATIENCE, PATIENCE),
        ):
            self._start[word] = value
        self._table = self._start.copy()
        self.user_data = _address(self._table)

    def begin(self, look: Callable[[], bool] | None = None) -> None:
        """Forget the last solve; `look` is called where noted iterations are to be looked at."""
        self._table[:] = self._start
        self._look[0] = look or _go_on

    def noted(self) -> tuple[FloatArray, FloatArray]:
        """Return the rows noted since the last call, and the iterates beside them: views."""
        count = int(self._table[words.NUM_ROWS])
        self._table[words.NUM_ROWS] = 0
        return self._rows[:count], self._iterates[:count]

    def latest_iterate(self) -> NDArray[np.float64]:
        """Return a copy of the point of the latest gradient: the iterate, once it is accepted."""
        return self._iterate.copy()

    def end(self) -> None:
        """Let go of the solve, but not of what serves the next one."""
        self._look[0] = _go_on

    def halt(self) -> None:
        """Refuse every further evaluation."""
        self._table[words.HALT] = 1

    def report(self, guard: GuardedOracle) -> None:
        """Tell the guard counts and times."""
        counts = self._table[words.COUNTS : words.COUNTS + len(KINDS)].tolist()
        times = self._table[words.NANOSECONDS : words.NANOSECONDS + len(KINDS)].tolist()
        guard.counts.update(zip(KINDS, counts, strict=True))
        guard.seconds.update(zip(KINDS, [1e-9 * time for time in times], strict=True))

    def non_finite(self, problem: NonlinearProblem) -> NonFiniteError | None:
        """Return an error naming the latest non-finite entry, or None if there was none."""
        kind = int(self._table[words.BAD_KIND]) - 1
        if kind < 0:
            return None
        value = float(self._table[words.BAD_BITS : words.BAD_BITS + 1].view(np.float64)[0])
        index = int(self._table[words.BAD_INDEX])
        return non_finite_error(problem, KINDS[kind], index, value, self._point)
