"""Dense rows and columns, set aside before they make a linear algorithm quadratic.

A net of n vertices has n² pairs, and a hub with n neighbors n² walks of two edges.  Without such
rows the work is small; with one of them a coloring of 10⁵ vertices takes minutes.  Nothing is set
aside while the work is moderate, so ordinary matrices get exactly the greedy coloring.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparseopt.coloring.compiled import IntArray

__all__ = ["hubs", "long_nets"]


def long_nets(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the longest nets, longest first, without which the squared sizes sum to little."""
    moderate = _moderate(int(sizes.sum()))
    total = int(np.dot(sizes, sizes))
    if total <= moderate:
        return np.empty(0, np.int64)
    longest = np.argsort(-sizes, kind="stable")
    squares = sizes[longest] ** 2
    remaining = total - np.cumsum(squares) + squares
    return longest[: np.count_nonzero(remaining > moderate)]


def hubs(degrees: IntArray) -> NDArray[np.int64]:
    """Return the vertices to be colored apart, of largest degree first; mostly none.

    If the walks of two edges are too many, the number d of hubs is the one that minimizes d plus
    the next largest degree plus one: a bound of the colors used if each hub has its own.

    Examples
    --------
    >>> hubs(np.array([2, 2, 99_999, 2], np.int32))
    array([2])
    """
    squares = degrees.astype(np.int64) ** 2
    if int(squares.sum()) <= _moderate(int(degrees.sum(dtype=np.int64))):
        return np.empty(0, np.int64)
    largest = np.argsort(-degrees.astype(np.int64), kind="stable")
    bounds = np.arange(degrees.size) + degrees[largest] + 1
    number = int(np.argmin(bounds))
    # Vertices that merely have more neighbors than others are no hubs.
    return largest[: number if 2 * int(squares[largest[:number]].sum()) > squares.sum() else 0]


def _moderate(entries: int) -> int:
    return 4_000_000 + 64 * entries
