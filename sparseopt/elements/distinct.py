"""Numbering what is distinct among integers, and among rows of a table, mostly without sorting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["distinct", "distinct_rows"]

Integers = NDArray[np.integer]


def distinct(keys: Integers) -> tuple[Integers, NDArray[np.int32]]:
    """Return the distinct keys, ascending, and the number of each key among them.

    Examples
    --------
    >>> values, labels = distinct(np.array([7, 5, 7]))
    >>> values.tolist(), labels.tolist()
    ([5, 7], [1, 0, 1])
    """
    low = int(keys.min(initial=0))
    span = int(keys.max(initial=0)) - low + 1
    if span <= max(4 * keys.size, 1024):
        present = np.zeros(span, bool)
        present[keys - low] = True
        place = np.cumsum(present, dtype=np.int32) - 1
        return np.flatnonzero(present) + low, place[keys - low].astype(np.int32)
    values, labels = np.unique(keys, return_inverse=True)
    return values, labels.reshape(-1).astype(np.int32)


def distinct_rows(table: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the distinct rows in lexicographic order, and the number of each row among them.

    Columns join one after another to numbers that tell rows apart so far.  Numbers are labeled in
    a fraction of the time that sorting rows takes, unless there are few rows.

    Examples
    --------
    >>> rows, labels = distinct_rows(np.array([[1, 2], [0, 9], [1, 2]], np.int32))
    >>> rows.tolist(), labels.tolist()
    ([[0, 9], [1, 2]], [1, 0, 1])
    """
    if table.shape[0] <= table.shape[1]:
        rows, inverse = np.unique(table, axis=0, return_inverse=True)
        return rows, inverse.reshape(-1).astype(np.int32)
    labels = np.zeros(table.shape[0], np.int32)
    for column in table.T:
        values, numbers = distinct(column)
        if values.size > 1:
            labels = distinct(labels.astype(np.int64) * values.size + numbers)[1]
    places = np.empty(int(labels.max()) + 1, np.intp)
    places[labels] = np.arange(labels.size)
    return table[places], labels
