"""Scalar functions of a table of data: rows of the function table that are made while recording.

Both are constant between jumps, so all their derivatives vanish.  What is piecewise is written
with them as ordinary arithmetic: the polynomial of piece i is ``c0[i] + t (c1[i] + ...)`` with
``t = x - origin[i]`` and ``i = search(x)``; its derivatives follow by the rules of other rows.

Rows are named by the content of their table and kept as long as the process lives; equal tables
share one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sparseopt.graph.functions import FUNCTIONS, ScalarFunction

__all__ = ["Side", "lookup_in", "search_in"]

Side = Literal["left", "right"]


def search_in(knots: NDArray[np.float64], side: Side = "right") -> ScalarFunction:
    """Return the function that counts the knots below its argument, as `numpy.searchsorted` does.

    Parameters
    ----------
    knots : float64 array, ascending
    side : "left" or "right"
        Whether knots equal to the argument are counted: "right" counts them.

    Examples
    --------
    >>> search_in(np.array([0.0, 1.0])).numpy(np.array([-1.0, 0.0, 0.5, 2.0]))
    array([0., 1., 1., 2.])
    """

    def count(x: Any) -> Any:
        return np.searchsorted(table, np.real(x), side).astype(np.float64)

    table = _own(knots)
    return _row(f"search {side}", table, count)


def lookup_in(values: NDArray[np.float64]) -> ScalarFunction:
    """Return the function that takes an element of a table: the one at its argument, a float.

    Arguments outside the table, and NaN, take an element at an end.

    Examples
    --------
    >>> lookup_in(np.array([5.0, 7.0])).numpy(np.array([0.0, 1.0, 9.0]))
    array([5., 7., 7.])
    """

    def take(place: Any) -> Any:
        inside = np.fmin(np.fmax(np.real(place), 0.0), table.size - 1.0)
        return table[inside.astype(np.intp)]

    table = _own(values)
    return _row("lookup", table, take)


def _own(values: NDArray[np.float64]) -> NDArray[np.float64]:
    table = np.array(values, np.float64).reshape(-1)
    table.flags.writeable = False
    return table


def _row(kind: str, table: NDArray[np.float64], numpy: Callable[..., Any]) -> ScalarFunction:
    digest = hashlib.blake2b(table.data, digest_size=16).hexdigest()
    name = f"{kind.replace(' ', '_')}_{digest}"
    if name not in FUNCTIONS:
        domain = ((-1.0, table.size + 1.0),)
        FUNCTIONS[name] = ScalarFunction(name, numpy, 1, None, "", domain, kind, table=table)
    return FUNCTIONS[name]
