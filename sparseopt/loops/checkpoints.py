"""Which carries reverse mode keeps: binomial checkpointing.

A loop of m steps is reversed with s stored carries, the first one among them, by going forward to
a well chosen carry, storing it, reversing what lies behind it with one place less, and then what
lies before it.  With β(s, r) = C(s + r, s), and r the number with β(s, r-1) < m ≤ β(s, r), no step
is repeated more than r times, and the number of forward steps,

    r m - β(s + 1, r - 1),

is the least possible (Griewank and Walther 2000, Algorithm 799: revolve,
doi:10.1145/347837.347846, equation 3 and proposition 1).
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["CheckpointPlan", "binomial", "default_checkpoints", "fewest_forward_steps"]

MOST_BYTES = 64 * 10**6
"""Carries that take no more memory are stored instead of computed again."""

_WORDS = 6  # time, repetitions, and a row of the table of a schedule that repeats steps twice

_LARGE = 2**62


def binomial(stored: int, repeated: int) -> int:
    """Return β(s, r): how many steps s carries reverse with r forward sweeps at most.

    Examples
    --------
    >>> binomial(3, 2), binomial(5, -1)
    (10, 0)
    """
    return math.comb(stored + repeated, stored) if repeated >= 0 else 0


def repetitions(length: int, stored: int) -> int:
    """Return the least r with ``length <= binomial(stored, r)``."""
    low, high = -1, 1
    while binomial(stored, high) < length:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if binomial(stored, middle) >= length else (middle, high)
    return high


def fewest_forward_steps(length: int, stored: int) -> int:
    """Return how many forward steps reverse a loop, the reversed steps themselves aside.

    Examples
    --------
    >>> fewest_forward_steps(10, 3)
    15
    """
    r = repetitions(length, stored)
    return r * length - binomial(stored + 1, r - 1)


def default_checkpoints(length: int, size: int) -> int:
    """Return how many carries of ``size`` numbers are stored where nobody says.

    As many as 64 MB hold, with the table of the schedule; and in any case so many that no step is
    repeated more than twice, about the square root of 2 · ``length``.

    Examples
    --------
    >>> default_checkpoints(1_000, 10), default_checkpoints(100_000_000, 10_000)
    (1000, 14141)
    """
    stored = max(1, math.isqrt(2 * length) - 3)
    while binomial(stored, 2) < length:
        stored += 1
    return max(stored, min(length, MOST_BYTES // (8 * (size + _WORDS))))


class CheckpointPlan:
    """The schedule of one loop.

    Parameters
    ----------
    length : int
        Number of steps.
    stored : int
        Number of carries that may be kept at a time, the first one among them.

    Examples
    --------
    >>> plan = CheckpointPlan(10, 3)
    >>> plan.split(10, 0)
    4
    """

    def __init__(self, length: int, stored: int) -> None:
        self.length = length
        self.stored = min(stored, length)
        self.repetitions = repetitions(length, self.stored)

    @property
    def table_width(self) -> int:
        """Columns of `table`."""
        return self.repetitions + 2

    @cached_property
    def table(self) -> NDArray[np.int64]:
        """β(s, r) in row s, column r + 1."""
        table = np.zeros((self.stored + 1, self.table_width), np.int64)
        table[:, 1] = 1
        for r in range(1, self.repetitions + 1):
            # β(s, r) = β(s - 1, r) + β(s, r - 1)
            column = table[:, r]
            is_large = np.cumsum(column, dtype=np.float64) >= _LARGE
            table[:, r + 1] = np.where(is_large, _LARGE, np.cumsum(column))
        return table

    def split(self, steps: int, depth: int) -> int:
        """Return how far to go forward before the next carry is stored.

        Parameters
        ----------
        steps : int
            To be reversed, at least two.
        depth : int
            How many carries are stored before the one at the start of these steps.
        """
        s = self.stored - depth
        r = repetitions(steps, s)
        return max(binomial(s, r - 2), steps - binomial(s - 1, r), 1)
