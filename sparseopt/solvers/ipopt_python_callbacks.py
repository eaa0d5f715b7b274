"""Ipopt's five callbacks as guarded Python functions, for problems without compiled ones.

Nothing may escape from a ctypes callback: an exception there would be printed and lost.  So each
one answers true or false, and the guard keeps the reason.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.errors import NonFiniteError
from sparseopt.solvers.guard import GuardedOracle, HaltSolve
from sparseopt.solvers.protocol import NonlinearProblem, Pattern

# The callback types of IpStdCInterface.h.
_BOOL, _INT, _ADDRESS = ctypes.c_bool, ctypes.c_int, ctypes.c_void_p
EVAL_F = ctypes.CFUNCTYPE(_BOOL, _INT, _ADDRESS, _BOOL, _ADDRESS, _ADDRESS)
EVAL_G = ctypes.CFUNCTYPE(_BOOL, _INT, _ADDRESS, _BOOL, _INT, _ADDRESS, _ADDRESS)
EVAL_JAC_G = ctypes.CFUNCTYPE(_BOOL, _INT, _ADDRESS, _BOOL, _INT, _INT, *[_ADDRESS] * 4)
EVAL_H = ctypes.CFUNCTYPE(
    _BOOL, _INT, _ADDRESS, _BOOL, ctypes.c_double, _INT, _ADDRESS, _BOOL, _INT, *[_ADDRESS] * 4
)


class PythonCallbacks:
    """Ipopt's callbacks for a problem of Python functions; see `CompiledCallbacks`."""

    def __init__(self, guard: GuardedOracle) -> None:
        self._guard = guard
        self._functions = (  # kept alive: Ipopt holds only their addresses
            EVAL_F(self._eval_f),
            EVAL_F(self._eval_grad_f),
            EVAL_G(self._eval_g),
            EVAL_JAC_G(self._eval_jac_g),
            EVAL_H(self._eval_h),
        )
        self.addresses = tuple(callback_address(function) for function in self._functions)
        self.user_data: int | None = None

    def end(self) -> None:
        """Drop the C callbacks, so that nothing refers to itself."""
        del self._functions

    def begin(self, look: None = None) -> None:
        """Do nothing: each solve has callbacks of its own."""

    # The guard does not know which points Ipopt accepts, and nothing is noted.
    latest_iterate, most_noted = None, 0

    def halt(self) -> None:
        """Refuse every further evaluation: the guard does already."""

    def report(self, guard: GuardedOracle) -> None:
        """Add counts and times to the guard's: they are there already."""

    def non_finite(self, problem: NonlinearProblem) -> NonFiniteError | None:
        """Return an error naming the latest non-finite entry, or None if there was none."""
        return self._guard.non_finite

    def _eval_f(self, n: int, x: int, new_x: bool, out: int, user_data: int) -> bool:
        return self._answer(out, 1, lambda: self._guard.objective(_copy(x, n)))

    def _eval_grad_f(self, n: int, x: int, new_x: bool, out: int, user_data: int) -> bool:
        return self._answer(out, n, lambda: self._guard.gradient(_copy(x, n)))

    def _eval_g(self, n: int, x: int, new_x: bool, m: int, out: int, user_data: int) -> bool:
        return self._answer(out, m, lambda: self._guard.constraints(_copy(x, n)))

    def _eval_jac_g(
        self, n: int, x: int, new_x: bool, m: int, size: int, rows: int, cols: int, *rest: int
    ) -> bool:
        if not rest[0]:
            return _copy_structure(self._guard.problem.jacobian_pattern, rows, cols, size)
        return self._answer(rest[0], size, lambda: self._guard.jacobian_values(_copy(x, n)))

    def _eval_h(
        self, n: int, x: int, new_x: bool, weight: float, m: int, multipliers: int, *rest: int
    ) -> bool:
        _, size, rows, cols, values, _ = rest
        if not values:
            return _copy_structure(self._guard.problem.hessian_pattern, rows, cols, size)
        return self._answer(
            values,
            size,
            lambda: self._guard.hessian_values(_copy(x, n), _copy(multipliers, m), weight),
        )

    def _answer(self, out: int, size: int, compute: Callable[[], Any]) -> bool:
        if not size:
            return True
        try:
            _view(out, size)[:] = compute()
        except (HaltSolve, NonFiniteError):
            return False
        except BaseException as error:  # a fault of ours must not be lost in C either
            self._guard.keep(error)
            return False
        return True


def callback_address(function: Any) -> int:
    """Return the address of a ctypes callback."""
    # Not by ctypes.cast, which leaves a reference cycle behind.
    return int(ctypes.c_size_t.from_buffer(function).value)


@lru_cache(maxsize=64)  # a new type each time would be left to the garbage collector
def _array_type(kind: Any, size: int) -> Any:
    return kind * size


def _view(address: int, size: int) -> NDArray[np.float64]:
    memory: Any = _array_type(ctypes.c_double, size).from_address(address)
    view: NDArray[np.float64] = np.frombuffer(memory, np.float64)
    return view


def _copy(address: int, size: int) -> NDArray[np.float64]:
    return _view(address, size).copy() if size else np.empty(0)


def _copy_structure(pattern: Pattern, rows: int, cols: int, size: int) -> bool:
    for address, indices in ((rows, pattern.rows), (cols, pattern.cols)):
        if size:
            memory: Any = _array_type(ctypes.c_int, size).from_address(address)
            np.frombuffer(memory, np.int32)[:] = indices
    return True
