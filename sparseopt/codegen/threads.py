"""How many threads one evaluation may use: ``SPARSEOPT_THREADS``, or what is set here."""

from __future__ import annotations

import operator
import os
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sparseopt.codegen.schedule_source import MAX_THREADS
from sparseopt.errors import SparseOptError

__all__ = ["get_num_threads", "set_num_threads", "thread_cell"]

VARIABLE = "SPARSEOPT_THREADS"


@cache
def thread_cell() -> NDArray[np.int64]:
    """Return the number of threads as an array of one element, which compiled code reads."""
    return np.array([_from_environment()], np.int64)


def get_num_threads() -> int:
    """Return how many threads one evaluation may use.

    By default ``SPARSEOPT_THREADS``, and without it the number of processors that this process may
    run on, at most 16.

    Examples
    --------
    >>> 1 <= get_num_threads() <= 16
    True
    """
    return int(thread_cell()[0])


def set_num_threads(number: int) -> None:
    """Set how many threads one evaluation may use, from now on and for all problems.

    Only evaluations of half a millisecond and more are split.  Results do not depend on the number:
    they are equal to the last bit.

    Parameters
    ----------
    number : int
        1 to 16; the operating system may give fewer.

    Raises
    ------
    SparseOptError
        For any other number.

    Examples
    --------
    >>> before = get_num_threads()
    >>> set_num_threads(1)
    >>> get_num_threads()
    1
    >>> set_num_threads(before)
    """
    thread_cell()[0] = _validated(number, "set_num_threads")


def _validated(number: object, where: str) -> int:
    try:
        count = operator.index(number)  # type: ignore[arg-type]
    except TypeError:
        count = 0
    if not 1 <= count <= MAX_THREADS:
        raise SparseOptError(
            f"the number of threads cannot be {number!r}",
            where=where,
            instead=f"use a whole number from 1 to {MAX_THREADS}",
        )
    return count


def _from_environment() -> int:
    chosen = os.environ.get(VARIABLE, "").strip()
    if chosen:
        return _validated(int(chosen) if chosen.isdecimal() else chosen, VARIABLE)
    available = getattr(os, "sched_getaffinity", None)
    count = len(available(0)) if available else os.cpu_count() or 1
    return min(count, MAX_THREADS)
