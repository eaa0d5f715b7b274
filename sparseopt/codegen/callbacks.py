"""Python called in the middle of a compiled schedule.

Nothing may escape from a C callback: an exception there would be printed and lost.  So it is kept,
the output is filled with NaN, the schedule's other callbacks do nothing more, and whoever ran the
schedule raises the exception again.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseopt.elements.tasks import Callback, Span

__all__ = ["Failure", "PythonTask"]

# What the driver calls: first and last unit, memory bases, and two tables that are not used here.
_TASK_TYPE = ctypes.CFUNCTYPE(
    None, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p
)


class Failure:
    """The first exception of a run."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def keep(self, error: BaseException) -> None:
        """Keep an exception unless there is one."""
        self.error = self.error or error

    def raise_again(self) -> None:
        """Raise what was kept, if anything, and forget it."""
        error, self.error = self.error, None
        if error is not None:
            raise error


class PythonTask:
    """A C function that runs a callback; it must be kept alive as long as it may be called.

    Attributes
    ----------
    address : int
    """

    def __init__(self, task: Callback, bases: NDArray[np.int64], failure: Failure) -> None:
        def run(start: int, stop: int, *tables: int) -> None:
            try:
                if failure.error is None:
                    reads = [_view(bases, span) for span in task.reads]
                    task.function(*reads, _view(bases, task.out))
                    return
            except BaseException as error:  # Ctrl-C too
                failure.error = error
            _view(bases, task.out)[:] = np.nan

        self._function = _TASK_TYPE(run)
        self.address = int(ctypes.cast(self._function, ctypes.c_void_p).value or 0)


@lru_cache(maxsize=64)
def _array_type(size: int) -> Any:
    # ctypes keeps every array type for ever; making one takes longer than using it.
    return ctypes.c_double * size


def _view(bases: NDArray[np.int64], span: Span) -> NDArray[np.float64]:
    if not span.size:
        return np.empty(0)
    memory = _array_type(span.size).from_address(int(bases[span.base]) + 8 * span.offset)
    return np.frombuffer(memory, np.float64)
